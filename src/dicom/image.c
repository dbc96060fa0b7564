/* Image attributes: DCMTK takes nearly everything for normal (integration A.2.7), so all of it is checked here. */
#include "image.h"

#include <math.h>
#include <string.h>

#include "restage/limits.h"
#include "restage/text.h"

enum { FRAGMENTS_ALWAYS = 4096 };

static rs_status read_word(rs_context *ctx, const rs_scan *scan, rs_scan_name name, const char *what, int32_t *out)
{
    uint16_t word;
    if (!rs_scan_word(scan, name, &word)) return rs_fail(ctx, RS_DATA, "its header has no usable %s", what);
    *out = word;
    return RS_OK;
}

static rs_status read_frames(rs_context *ctx, const rs_scan *scan, int32_t *out)
{
    const rs_scan_value *v = &scan->value[RS_SCAN_FRAMES];
    char text[16];
    int64_t frames = 1;
    *out = 1;
    if (!v->at || v->n_bytes == 0) return RS_OK;
    if (v->n_bytes >= sizeof(text)) return rs_fail(ctx, RS_DATA, "its NumberOfFrames is no number");
    memcpy(text, scan->bytes + v->at, v->n_bytes);
    text[v->n_bytes] = 0;
    if (strspn(text, " ") == v->n_bytes) return RS_OK; /* blank is empty */
    if (!rs_text_integer(text, &frames)) return rs_fail(ctx, RS_DATA, "its NumberOfFrames is no number");
    if (frames < 1) return rs_fail(ctx, RS_DATA, "its NumberOfFrames is %lld", (long long)frames);
    const int64_t most = rs_limit(ctx, RS_LIMIT_FRAMES);
    if (frames > most || frames > INT32_MAX) {
        return rs_fail(ctx, RS_DATA, "its NumberOfFrames is %lld, more than the limit frames = %lld", (long long)frames,
                       (long long)most);
    }
    *out = (int32_t)frames;
    return RS_OK;
}

static rs_status check_bits(rs_context *ctx, const rs_dicom_image *image)
{
    const int32_t allocated = image->bits_allocated, stored = image->bits_stored;
    const bool sane = (allocated == 1 || (allocated % 8 == 0 && allocated >= 8 && allocated <= 64)) && stored >= 1 &&
                      stored <= allocated && image->high_bit == stored - 1 && image->pixel_representation <= 1;
    if (sane) return RS_OK;
    return rs_fail(ctx, RS_DATA,
                   "its bits are impossible: %d allocated, %d stored, high bit %d, pixel representation %d", allocated,
                   stored, image->high_bit, image->pixel_representation);
}

/* The sign of a padding value follows the pixels, whatever VR it was written with. */
static bool read_padding(const rs_scan *scan, rs_scan_name name, int32_t pixel_representation, int32_t *out)
{
    uint16_t word;
    if (!rs_scan_word(scan, name, &word)) return false;
    *out = pixel_representation == 1 ? (int16_t)word : word;
    return true;
}

static rs_status check_fragments(rs_context *ctx, const rs_scan *scan, const rs_dicom_image *image)
{
    if (scan->n_fragments < image->frames) {
        return rs_fail(ctx, RS_DATA, "its header promises %d frames, but there are %lld fragments", image->frames,
                       (long long)scan->n_fragments);
    }
    const int64_t a_frame = rs_limit(ctx, RS_LIMIT_FRAGMENTS);
    if (scan->n_fragments > FRAGMENTS_ALWAYS && scan->n_fragments / image->frames >= a_frame) {
        return rs_fail(ctx, RS_DATA, "it has %lld fragments for %d frames, more than the limit fragments = %lld",
                       (long long)scan->n_fragments, image->frames, (long long)a_frame);
    }
    return RS_OK;
}

static rs_status check_size(rs_context *ctx, const rs_scan *scan, const rs_dicom_image *image)
{
    if (scan->encapsulated) return check_fragments(ctx, scan, image);
    const uint64_t row_bits =
        (uint64_t)image->columns * (uint64_t)image->samples_per_pixel * (uint64_t)image->bits_allocated;
    const uint64_t frame_bits = row_bits * (uint64_t)image->rows, have = scan->n_pixels;
    if ((have * 8) / frame_bits < (uint64_t)image->frames) {
        return rs_fail(ctx, RS_DATA,
                       "its header promises %.0f bytes of pixels, but there are %llu: copy the file again",
                       ceil((double)frame_bits * image->frames / 8), (unsigned long long)have);
    }
    const uint64_t need = (frame_bits * (uint64_t)image->frames + 7) / 8;
    if (have - need >= (row_bits + 7) / 8 && have - need > 1) {
        return rs_fail(ctx, RS_DATA, "it has %llu bytes of pixels, but its header describes only %llu",
                       (unsigned long long)have, (unsigned long long)need);
    }
    return RS_OK;
}

static void read_photometric(const rs_scan *scan, char out[20])
{
    const rs_scan_value *v = &scan->value[RS_SCAN_PHOTOMETRIC];
    size_t n = v->at && v->n_bytes < 20 ? v->n_bytes : 0;
    memcpy(out, scan->bytes + v->at, n);
    while (n > 0 && (out[n - 1] == ' ' || out[n - 1] == 0))
        n--;
    out[n] = 0;
}

/* Bits of whole numbers, by four attributes; floating point has but the first of them (PS3.3 C.7.6.24). */
static rs_status read_bits(rs_context *ctx, const rs_scan *scan, rs_dicom_image *image)
{
    RS_TRY(read_word(ctx, scan, RS_SCAN_BITS_ALLOCATED, "BitsAllocated", &image->bits_allocated));
    image->number = scan->number;
    if (scan->number != RS_DICOM_WHOLE) {
        const int32_t due = scan->number == RS_DICOM_FLOAT ? 32 : 64;
        image->bits_stored = due;
        image->high_bit = due - 1;
        image->pixel_representation = 1;
        if (image->bits_allocated == due) return RS_OK;
        return rs_fail(ctx, RS_DATA, "its bits are impossible: %d allocated for floating point of %d",
                       image->bits_allocated, due);
    }
    RS_TRY(read_word(ctx, scan, RS_SCAN_BITS_STORED, "BitsStored", &image->bits_stored));
    RS_TRY(read_word(ctx, scan, RS_SCAN_PIXEL_REPRESENTATION, "PixelRepresentation", &image->pixel_representation));
    image->high_bit = image->bits_stored - 1;
    uint16_t high_bit;
    if (rs_scan_word(scan, RS_SCAN_HIGH_BIT, &high_bit)) image->high_bit = high_bit;
    return check_bits(ctx, image);
}

rs_status rs_image_read(rs_context *ctx, const rs_scan *scan, rs_dicom_image *out)
{
    rs_dicom_image image = {.has_pixels = scan->has_pixels, .samples_per_pixel = 1};
    if (!scan->has_pixels) {
        *out = image;
        return RS_OK;
    }
    RS_TRY(read_word(ctx, scan, RS_SCAN_ROWS, "Rows", &image.rows));
    RS_TRY(read_word(ctx, scan, RS_SCAN_COLUMNS, "Columns", &image.columns));
    if (image.rows < 1 || image.columns < 1)
        return rs_fail(ctx, RS_DATA, "its picture has %d rows and %d columns", image.rows, image.columns);
    uint16_t samples;
    if (rs_scan_word(scan, RS_SCAN_SAMPLES, &samples)) image.samples_per_pixel = samples;
    if (image.samples_per_pixel < 1 || image.samples_per_pixel > 4) {
        return rs_fail(ctx, RS_DATA, "its pixels have %d samples, not 1 to 4", image.samples_per_pixel);
    }
    RS_TRY(read_frames(ctx, scan, &image.frames));
    RS_TRY(read_bits(ctx, scan, &image));
    RS_TRY(check_size(ctx, scan, &image));
    const int64_t side = rs_limit(ctx, RS_LIMIT_SIDE);
    if (image.rows > side || image.columns > side) {
        return rs_fail(ctx, RS_DATA, "its picture has %d rows and %d columns, more than the limit side = %lld",
                       image.rows, image.columns, (long long)side);
    }
    read_photometric(scan, image.photometric);
    image.has_padding = read_padding(scan, RS_SCAN_PADDING_VALUE, image.pixel_representation, &image.padding_value);
    image.has_padding_limit =
        read_padding(scan, RS_SCAN_PADDING_LIMIT, image.pixel_representation, &image.padding_range_limit);
    *out = image;
    return RS_OK;
}
