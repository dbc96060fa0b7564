/* The codec's own header, before the codec runs: a lying one costs gigabytes or gives half a picture (integration B.2,
   21, 24 to 26). */
#include <string.h>

#include "image.h"

enum { HEAD_BYTES = 65536 };

/* Position of the start-of-frame marker, 0 where there is none before the first scan. */
static size_t find_frame(const uint8_t *s, size_t n)
{
    size_t pos = 2;
    while (pos + 4 <= n && s[pos] == 0xff) {
        const uint8_t marker = s[pos + 1];
        if (marker == 0xff) {
            pos++;
            continue;
        }
        const bool frame =
            (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc) || marker == 0xf7;
        if (frame) return pos;
        if (marker == 0xda || marker == 0xd9) return 0;
        if (marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8))
            pos += 2;
        else
            pos += 2 + (size_t)rs_scan_u16(s + pos + 2, true);
    }
    return 0;
}

static rs_status check_jpeg(rs_context *ctx, const rs_scan *scan, const rs_dicom_image *image, const uint8_t *s,
                            size_t n)
{
    const size_t at = n >= 4 && s[0] == 0xff && s[1] == 0xd8 ? find_frame(s, n) : 0;
    if (!at || n - at < 10) return rs_fail(ctx, RS_DATA, "its compressed pixels have no usable frame header");
    const uint8_t *frame = s + at;
    if (frame[1] != scan->syntax->process[0] && frame[1] != scan->syntax->process[1]) {
        return rs_fail(ctx, RS_DATA, "its compressed pixels are of another process (marker %02X) than %s", frame[1],
                       scan->syntax->name);
    }
    const int precision = frame[4], rows = rs_scan_u16(frame + 5, true), columns = rs_scan_u16(frame + 7, true);
    if (rows != image->rows || columns != image->columns || frame[9] != image->samples_per_pixel) {
        return rs_fail(ctx, RS_DATA,
                       "its compressed picture has %d x %d pixels of %d components, its header says %d x %d of %d",
                       columns, rows, frame[9], image->columns, image->rows, image->samples_per_pixel);
    }
    if (precision < 2 || precision > image->bits_allocated ||
        (image->bits_allocated == 16 && precision <= 8 && scan->syntax->codec == RS_CODEC_JPEG)) {
        return rs_fail(ctx, RS_DATA, "its compressed pixels have %d bits, its header allocates %d", precision,
                       image->bits_allocated);
    }
    return RS_OK;
}

static rs_status check_rle(rs_context *ctx, const rs_dicom_image *image, const uint8_t *s, size_t n, size_t total)
{
    const uint32_t segments = n >= 64 ? rs_scan_u32(s, false) : 0;
    const uint32_t due = (uint32_t)(image->samples_per_pixel * image->bits_allocated / 8);
    bool good = n >= 64 && segments == due && segments <= 15;
    uint32_t previous = 63;
    for (uint32_t i = 0; good && i < segments; i++) {
        const uint32_t offset = rs_scan_u32(s + 4 + 4 * (size_t)i, false);
        good = offset > previous && offset < total;
        previous = offset;
    }
    return good ? RS_OK : rs_fail(ctx, RS_DATA, "its RLE header is impossible");
}

rs_status rs_image_check_codestream(rs_context *ctx, const rs_scan *scan, const rs_dicom_image *image)
{
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "a compressed picture");
    const rs_arena_mark mark = rs_arena_where(scratch);
    uint8_t *head = RS_ARENA_RAW(scratch, uint8_t, HEAD_BYTES);
    if (!head) return rs_fail_memory(ctx, "a compressed picture");
    const size_t n = rs_scan_codestream(scan, head, HEAD_BYTES);
    const rs_status status = scan->syntax->codec == RS_CODEC_RLE ? check_rle(ctx, image, head, n, scan->n_pixels)
                                                                 : check_jpeg(ctx, scan, image, head, n);
    rs_arena_rewind(scratch, mark);
    return status;
}
