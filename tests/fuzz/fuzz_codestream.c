/* The codecs' own headers (SOF, SIZ, RLE) against an image: 12 bytes pick syntax, sizes and bits, the rest is one
   frame. And how fragments become frames. */
#include <string.h>

#include "frames.h"
#include "fuzz.h"
#include "image.h"

static const char *const syntaxes[] = {"1.2.840.10008.1.2.5",    "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51",
                                       "1.2.840.10008.1.2.4.55", "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70",
                                       "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81", "1.2.840.10008.1.2.4.90",
                                       "1.2.840.10008.1.2.4.91", "1.2.840.10008.1.2.4.201"};
enum { N_SYNTAXES = sizeof(syntaxes) / sizeof(syntaxes[0]) };

static void check(rs_context *ctx, const rs_scan *scan, const rs_dicom_image *image, const uint8_t *bytes, size_t n)
{
    const rs_status status = rs_image_check_codestream(ctx, scan, image, bytes, n);
    if (status == RS_OK && scan->syntax->codec == RS_CODEC_RLE)
        (void)(rs_image_check_rle(ctx, image, bytes, n) == RS_OK);
    fuzz_expect(status == RS_OK || status == RS_DATA || status == RS_NO_MEMORY, "an answer of another kind");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
    fuzz_bytes bytes = {data, n_bytes};
    rs_context *ctx = fuzz_context();
    rs_scan scan = {.syntax = rs_syntax_find(syntaxes[fuzz_byte(&bytes) % N_SYNTAXES]), .encapsulated = true};
    rs_dicom_image image = {.has_pixels = true, .frames = 1};
    static const int allocated[] = {8, 16, 32, 64};
    image.bits_allocated = allocated[fuzz_byte(&bytes) % 4];
    image.bits_stored = 1 + fuzz_byte(&bytes) % image.bits_allocated;
    image.high_bit = image.bits_stored - 1;
    image.pixel_representation = fuzz_byte(&bytes) & 1;
    const uint32_t size = fuzz_u32(&bytes);
    image.rows = 1 + (int32_t)(size & 0xffff) % 8192;
    image.columns = 1 + (int32_t)(size >> 16) % 8192;
    image.samples_per_pixel = 1 + fuzz_byte(&bytes) % 4;
    image.frames = 1 + fuzz_byte(&bytes) % 8;
    check(ctx, &scan, &image, bytes.at, bytes.n);

    /* The same bytes as fragments, as far as they are such. */
    scan.bytes = bytes.at;
    scan.n_bytes = bytes.n;
    size_t pos = 0;
    for (int64_t n = 0; bytes.n - pos >= 8; n++) {
        const uint32_t tag =
            (uint32_t)rs_scan_u16(bytes.at + pos, false) << 16 | rs_scan_u16(bytes.at + pos + 2, false);
        const uint32_t length = rs_scan_u32(bytes.at + pos + 4, false);
        pos += 8;
        if (tag != 0xfffee000 || length > bytes.n - pos) {
            scan.n_pixels = tag == 0xfffee0dd ? pos : 0;
            break;
        }
        scan.n_fragments = n;
        pos += length;
    }
    if (scan.n_pixels == 0 || scan.n_fragments < image.frames) return 0;
    rs_arena *arena = fuzz_arena();
    rs_frames frames;
    if (rs_frames_find(ctx, arena, &scan, &image, &frames) != RS_OK) return 0;
    for (int32_t f = 0; f < image.frames; f++) {
        const uint8_t *frame = NULL;
        size_t n = 0;
        if (rs_frame_bytes(ctx, arena, &scan, &frames, f, &frame, &n) == RS_OK) {
            fuzz_expect(n <= bytes.n, "a frame is longer than its fragments");
            check(ctx, &scan, &image, frame, n);
        }
    }
    return 0;
}
