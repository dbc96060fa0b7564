/* The codec's own header, before the codec runs: a lying one costs gigabytes or gives half a picture (integration B.2,
   21, 24 to 26). */
#include <string.h>

#include "image.h"
#include "j2k.h"
#include "restage/limits.h"

#define LOSSLESS_LS "1.2.840.10008.1.2.4.80"
enum { SCANS_OF_ONE_PASS = 4 };

/* What the walk over a JPEG stream found. */
typedef struct jpeg_walk {
    size_t frame; /* position of the start-of-frame marker, 0: none before the first scan */
    size_t scan;  /* of the first start-of-scan marker; 0: none */
    int n_scans;
    bool odd;   /* a marker that no picture needs, and that DCMTK does not survive (TEM) */
    bool ended; /* by the marker that ends a picture: without it DCMTK makes up the rest */
} jpeg_walk;

/* Behind a scan's header: the next marker in entropy-coded bytes, n where there is none. */
static size_t skip_entropy(const uint8_t *s, size_t n, size_t pos)
{
    while (pos + 1 < n) {
        const uint8_t *ff = memchr(s + pos, 0xff, n - pos - 1);
        if (!ff) break;
        pos = (size_t)(ff - s);
        if (ff[1] != 0x00 && ff[1] != 0xff && !(ff[1] >= 0xd0 && ff[1] <= 0xd7)) return pos;
        pos += ff[1] == 0xff ? 1 : 2;
    }
    return n;
}

/* Segment by segment to the end of the image; entropy-coded bytes of JPEG-LS are not looked into (other stuffing). */
static jpeg_walk walk_jpeg(const uint8_t *s, size_t n, bool is_ls)
{
    jpeg_walk w = {0};
    size_t pos = 2;
    while (pos + 4 <= n && s[pos] == 0xff) {
        const uint8_t marker = s[pos + 1];
        if (marker == 0xff) {
            pos++;
            continue;
        }
        if (marker == 0x01) w.odd = true;
        if (marker == 0xd9 || w.odd) break;
        const bool frame =
            (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc) || marker == 0xf7;
        if (frame && !w.frame && !w.n_scans) w.frame = pos;
        if (marker >= 0xd0 && marker <= 0xd8) {
            pos += 2;
            continue;
        }
        if (marker == 0xda && !w.scan) w.scan = pos;
        pos += 2 + (size_t)rs_scan_u16(s + pos + 2, true);
        if (marker != 0xda) continue;
        w.n_scans++;
        if (is_ls) break;
        pos = skip_entropy(s, n, pos);
    }
    w.ended = is_ls || (pos + 2 <= n && s[pos] == 0xff && s[pos + 1] == 0xd9); /* CharLS looks itself */
    return w;
}

/* The scan header of JPEG-LS (ISO/IEC 14495-1 C.2.3): one component, and the error that its values may have. */
static rs_status check_near(rs_context *ctx, const rs_scan *scan, const uint8_t *s, size_t n, int precision)
{
    if (n < 10 || rs_scan_u16(s + 2, true) != 8 || s[4] != 1 || s[8] != 0)
        return rs_fail(ctx, RS_DATA, "its compressed pixels have no usable scan header");
    const int near = s[7], half = ((1 << precision) - 1) / 2, most = half < 255 ? half : 255;
    if (near > most) return rs_fail(ctx, RS_DATA, "its codestream has NEAR = %d, more than %d", near, most);
    if (near > 0 && strcmp(scan->syntax->uid, LOSSLESS_LS) == 0)
        return rs_fail(ctx, RS_DATA, "its codestream has NEAR = %d, but its transfer syntax says %s", near,
                       scan->syntax->name);
    return RS_OK;
}

static rs_status check_jpeg(rs_context *ctx, const rs_scan *scan, const rs_dicom_image *image, const uint8_t *s,
                            size_t n)
{
    const bool is_ls = scan->syntax->codec == RS_CODEC_JPEG_LS;
    const jpeg_walk w = n >= 4 && s[0] == 0xff && s[1] == 0xd8 ? walk_jpeg(s, n, is_ls) : (jpeg_walk){0};
    if (w.odd) return rs_fail(ctx, RS_DATA, "its compressed pixels hold a marker (TEM) that no picture has");
    if (!w.frame || n - w.frame < 10 || !w.n_scans) {
        return rs_fail(ctx, RS_DATA, "its compressed pixels have no usable frame header");
    }
    if (!w.ended) return rs_fail(ctx, RS_DATA, "its compressed pixels are cut short: copy the file again");
    const int64_t limit = rs_limit(ctx, RS_LIMIT_SCANS);
    if (w.n_scans > (scan->syntax->process[0] == 0xc2 || limit < SCANS_OF_ONE_PASS ? limit : SCANS_OF_ONE_PASS)) {
        return rs_fail(
            ctx, RS_DATA,
            "its compressed picture has %d scans, more than the limit scans = %lld (%d where it is not progressive)",
            w.n_scans, (long long)limit, SCANS_OF_ONE_PASS);
    }
    const uint8_t *frame = s + w.frame;
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
    if (precision < 2 || precision > 16 || precision > image->bits_allocated ||
        (image->bits_allocated == 16 && precision <= 8 && scan->syntax->codec == RS_CODEC_JPEG)) {
        return rs_fail(ctx, RS_DATA, "its compressed pixels have %d bits, its header allocates %d", precision,
                       image->bits_allocated);
    }
    return is_ls && image->samples_per_pixel == 1 ? check_near(ctx, scan, s + w.scan, n - w.scan, precision) : RS_OK;
}

static rs_status check_rle(rs_context *ctx, const rs_dicom_image *image, const uint8_t *s, size_t n)
{
    const uint32_t segments = n >= 64 ? rs_scan_u32(s, false) : 0;
    const uint32_t due = (uint32_t)(image->samples_per_pixel * image->bits_allocated / 8);
    bool good = n >= 64 && segments == due && segments <= 15;
    uint32_t previous = 63;
    for (uint32_t i = 0; good && i < segments; i++) {
        const uint32_t offset = rs_scan_u32(s + 4 + 4 * (size_t)i, false);
        good = offset > previous && offset < n;
        previous = offset;
    }
    return good ? RS_OK : rs_fail(ctx, RS_DATA, "its RLE header is impossible");
}

/* Values that a segment of PackBits gives (PS3.5 G.3.1), at most `most`; -1 where a packet goes beyond. */
static int64_t unpacked(const uint8_t *s, size_t n, int64_t most)
{
    int64_t values = 0;
    size_t pos = 0;
    while (pos < n && values < most) {
        const int head = s[pos++];
        if (head == 128) continue;
        const size_t takes = head < 128 ? (size_t)head + 1 : 1;
        if (takes > n - pos) break;
        values += head < 128 ? head + 1 : 257 - head;
        pos += takes;
    }
    return values <= most ? values : -1;
}

rs_status rs_image_check_rle(rs_context *ctx, const rs_dicom_image *image, const uint8_t *bytes, size_t n_bytes)
{
    RS_TRY(check_rle(ctx, image, bytes, n_bytes));
    const uint32_t segments = rs_scan_u32(bytes, false);
    const int64_t due = (int64_t)image->rows * image->columns;
    for (uint32_t i = 0; i < segments; i++) {
        const size_t begin = rs_scan_u32(bytes + 4 + 4 * (size_t)i, false);
        const size_t end = i + 1 < segments ? rs_scan_u32(bytes + 8 + 4 * (size_t)i, false) : n_bytes;
        if (unpacked(bytes + begin, end - begin, due) == due) continue;
        return rs_fail(ctx, RS_DATA, "segment %u of its RLE pixels is damaged or cut short: copy the file again",
                       i + 1);
    }
    return RS_OK;
}

rs_status rs_image_check_codestream(rs_context *ctx, const rs_scan *scan, const rs_dicom_image *image,
                                    const uint8_t *bytes, size_t n_bytes)
{
    rs_j2k j2k;
    switch (scan->syntax->codec) {
    case RS_CODEC_RLE:
        return check_rle(ctx, image, bytes, n_bytes);
    case RS_CODEC_JPEG:
    case RS_CODEC_JPEG_LS:
        return check_jpeg(ctx, scan, image, bytes, n_bytes);
    case RS_CODEC_J2K:
    case RS_CODEC_HTJ2K:
        return rs_j2k_check(ctx, image, bytes, n_bytes, &j2k);
    default:
        return RS_OK;
    }
}
