/* Stored values of every encoding against what other programs decoded: SHA-256, least, greatest and mean value as the
   INDEX.md of the data states them (sections 2, 3). Without RESTAGE_SHARED everything is skipped. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dicom/dicom.h"
#include "digest/digest.h"
#include "restage/files.h"

static rs_context *ctx;
static rs_arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = rs_arena_new();
    return arena && rs_context_new(NULL, &ctx) == RS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    rs_arena_free(arena);
    rs_context_free(ctx);
    return 0;
}

static rs_dicom_file *open_file(const char *below)
{
    const char *root = getenv("RESTAGE_SHARED");
    if (!root || !root[0]) skip();
    uint8_t *bytes = NULL;
    size_t n_bytes = 0;
    rs_dicom_file *file = NULL;
    const char *path = rs_arena_printf(arena, "%s/conformance/%s", root, below);
    if (rs_file_read(ctx, arena, path, 1 << 30, true, &bytes, &n_bytes) != RS_OK ||
        rs_dicom_file_open(ctx, arena, bytes, n_bytes, &file) != RS_OK)
        fail_msg("%s: %s", below, rs_context_message(ctx));
    return file;
}

static int32_t stored_value(const rs_dicom_pixels *p, int64_t i)
{
    uint32_t word = p->data[i * p->bytes + (p->bytes == 2 && p->big_endian ? 1 : 0)];
    if (p->bytes == 2) word |= (uint32_t)p->data[i * 2 + (p->big_endian ? 0 : 1)] << 8;
    word &= (1u << p->bits_stored) - 1;
    const uint32_t sign = 1u << (p->bits_stored - 1);
    return p->is_signed && (word & sign) ? (int32_t)word - (int32_t)(sign << 1) : (int32_t)word;
}

typedef struct summary {
    char sha[65];
    int32_t least, greatest;
    double mean;
} summary;

/* Of n values; order[i] is the place of the i-th in the file, NULL: as they stand. */
static summary summarise(const rs_dicom_pixels *p, int64_t n, const int64_t *order)
{
    summary s = {.least = INT32_MAX, .greatest = INT32_MIN};
    double sum = 0;
    uint8_t *bytes = rs_arena_alloc(arena, (size_t)n, (size_t)p->bytes);
    for (int64_t i = 0; i < n; i++) {
        const int32_t value = stored_value(p, order ? order[i] : i);
        s.least = value < s.least ? value : s.least;
        s.greatest = value > s.greatest ? value : s.greatest;
        sum += value;
        bytes[i * p->bytes] = (uint8_t)(value & 0xff);
        if (p->bytes == 2) bytes[2 * i + 1] = (uint8_t)(value >> 8 & 0xff);
    }
    s.mean = sum / (double)n;
    assert_int_equal(rs_sha256_hex(ctx, bytes, (size_t)n * (size_t)p->bytes, s.sha), RS_OK);
    return s;
}

/* --- every encoding ----------------------------------------------------------------------------------------------- */

typedef struct pixel_case {
    const char *file, *sha; /* first hex digits, over the stored values */
    int32_t least, greatest;
    double mean;
} pixel_case;

#define ONE "transfer-syntax/ct-one-slice/CTImage_"
#define CT1 "transfer-syntax/nema-ct1/CT1_"
#define FRAGS "transfer-syntax/fragments/"
#define EMRI "multiframe/enhanced-mr-10-frames/emri_small"
#define TRUE_ONE "1bee432808f49770", -2000, 2402, 74.9236
#define TRUE_CT1 "1add6ede29758c6f", -2000, 2278, 152.6963
#define TRUE_TWO "b6b202c4af4494a2", 0, 1196, 380.0381
#define TRUE_EMRI "9719c5d0", 0, 467, 109.6991
#define JPEG_12 "85e3b617e00dc755", 497, 2708, 1548.2567
// clang-format off
static const pixel_case pixel_cases[] = {
    {ONE "BigEndianExplicit_1.2.840.10008.1.2.2.dcm", TRUE_ONE},
    {ONE "DeflatedExplicitVRLittleEndian_1.2.840.10008.1.2.1.99.dcm", TRUE_ONE},
    {ONE "JPEG2000LosslessOnly_1.2.840.10008.1.2.4.90.dcm", TRUE_ONE},
    {ONE "JPEG2000_1.2.840.10008.1.2.4.91.dcm", "ca3472c2d32b272f", -2003, 2401, 74.8687},
    {ONE "JPEGLSLossless_1.2.840.10008.1.2.4.80.dcm", TRUE_ONE},
    {ONE "JPEGLSLossy_1.2.840.10008.1.2.4.81.dcm", "9595c2a8a59647d6", -2001, 2401, 75.0493},
    {ONE "JPEGProcess10_12_1.2.840.10008.1.2.4.55.dcm", JPEG_12},
    {ONE "JPEGProcess14SV1_1.2.840.10008.1.2.4.70.dcm", TRUE_ONE},
    {ONE "JPEGProcess14_1.2.840.10008.1.2.4.57.dcm", TRUE_ONE},
    {ONE "JPEGProcess1_1.2.840.10008.1.2.4.50.dcm", "61a9117dd2cb9f8a", 30, 168, 95.8586},
    {ONE "JPEGProcess2_4_1.2.840.10008.1.2.4.51.dcm", JPEG_12},
    {ONE "JPEGProcess6_8_1.2.840.10008.1.2.4.53.dcm", JPEG_12},
    {ONE "LittleEndianExplicit_1.2.840.10008.1.2.1.dcm", TRUE_ONE},
    {ONE "LittleEndianImplicit_1.2.840.10008.1.2.dcm", TRUE_ONE},
    {ONE "RLELossless_1.2.840.10008.1.2.5.dcm", TRUE_ONE},
    {CT1 "HTJ2K.dcm", TRUE_CT1},
    {CT1 "J2KI.dcm", "69fd32cca92f641a", -2315, 2409, 152.8024},
    {CT1 "J2KR.dcm", TRUE_CT1},
    {CT1 "JLSL.dcm", TRUE_CT1},
    {CT1 "JLSN.dcm", "259364e338e50866", -2004, 2278, 152.8849},
    {CT1 "JPLL.dcm", TRUE_CT1},
    {FRAGS "enhanced-ct-2-frames/CT0012.fragmented_no_bot_jpeg_lossless.70.dcm", TRUE_TWO},
    {FRAGS "enhanced-ct-2-frames/CT0012.fragmented_no_bot_jpeg_ls.80.dcm", TRUE_TWO},
    {FRAGS "enhanced-ct-2-frames/CT0012.not_fragmented_bot_jpeg_ls.80.dcm", TRUE_TWO},
    {FRAGS "enhanced-ct-2-frames/CT0012.not_fragmented_bot_rle.dcm", TRUE_TWO},
    {FRAGS "siemens-mr/5001001.dcm", "073047d01780932f", 0, 15, 2.6147},
    {FRAGS "single-frame/CT1_UNC.fragmented_no_bot_jpeg_ls.80.dcm", TRUE_CT1},
    {FRAGS "single-frame/D_CLUNIE_CT1_RLE_FRAGS.dcm", TRUE_CT1},
    {"bits/modality-lut/mlut_18.jpll.dcm", "9195d8833fb4ec4f", -2048, 2047, 25.1118},
    {"bits/decimal_rescale.dcm", "de676bae28a48001", 0, 0, 0},
    {EMRI ".dcm", TRUE_EMRI},
    {EMRI "_jpeg_2k_lossless.dcm", TRUE_EMRI},
    {EMRI "_jpeg_ls_lossless.dcm", TRUE_EMRI},
};
// clang-format on

static void test_decoded_pixels(void **state)
{
    (void)state;
    int n_wrong = 0;
    for (size_t i = 0; i < sizeof(pixel_cases) / sizeof(pixel_cases[0]); i++) {
        const pixel_case *c = &pixel_cases[i];
        const rs_arena_mark mark = rs_arena_where(arena);
        rs_dicom_image image;
        rs_dicom_pixels pixels;
        rs_dicom_file *file = open_file(c->file);
        if (rs_dicom_file_image(ctx, file, &image) != RS_OK ||
            rs_dicom_file_pixels(ctx, file, 0, image.frames, &pixels) != RS_OK)
            fail_msg("%s: %s", c->file, rs_context_message(ctx));
        const summary s = summarise(&pixels, pixels.n, NULL);
        if (strncmp(s.sha, c->sha, strlen(c->sha)) != 0 || s.least != c->least || s.greatest != c->greatest ||
            fabs(s.mean - c->mean) > 6e-5) {
            print_error("%s: %.16s %d %d %.4f\n", c->file, s.sha, s.least, s.greatest, s.mean);
            n_wrong++;
        }
        rs_dicom_file_close(file);
        rs_arena_rewind(arena, mark);
    }
    assert_int_equal(n_wrong, 0);
}

/* A frame alone, in any order, is the same as among all. */
static void test_frame_ranges(void **state)
{
    (void)state;
    static const char *const files[] = {FRAGS "enhanced-ct-2-frames/CT0012.fragmented_no_bot_jpeg_lossless.70.dcm",
                                        FRAGS "enhanced-ct-2-frames/CT0012.fragmented_no_bot_jpeg_ls.80.dcm",
                                        FRAGS "enhanced-ct-2-frames/CT0012.not_fragmented_bot_rle.dcm",
                                        EMRI "_jpeg_2k_lossless.dcm", EMRI ".dcm"};
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        const rs_arena_mark mark = rs_arena_where(arena);
        rs_dicom_image image;
        rs_dicom_pixels all, one;
        rs_dicom_file *file = open_file(files[i]), *again = open_file(files[i]);
        assert_int_equal(rs_dicom_file_image(ctx, file, &image), RS_OK);
        assert_int_equal(rs_dicom_file_pixels(ctx, file, 0, image.frames, &all), RS_OK);
        const size_t frame_bytes = (size_t)all.n / (size_t)image.frames * (size_t)all.bytes;
        for (int32_t f = image.frames - 1; f >= 0; f--) {
            assert_int_equal(rs_dicom_file_pixels(ctx, again, f, 1, &one), RS_OK);
            assert_int_equal(one.n, all.n / image.frames);
            assert_memory_equal(one.data, all.data + (size_t)f * frame_bytes, frame_bytes);
        }
        assert_int_equal(rs_dicom_file_pixels(ctx, again, image.frames, 1, &one), RS_DATA);
        assert_int_equal(rs_dicom_file_pixels(ctx, again, 0, image.frames + 1, &one), RS_DATA);
        assert_int_equal(rs_dicom_file_pixels(ctx, again, -1, 1, &one), RS_DATA);
        rs_dicom_file_close(file);
        rs_dicom_file_close(again);
        rs_arena_rewind(arena, mark);
    }
}

/* --- mosaics ------------------------------------------------------------------------------------------------------ */

enum { MOSAIC = 384, TILE = 64, N_TILES = 35 };

/* The places of the tiles' pixels in the order of the reference volumes: tile by tile, each from its last row. */
static int64_t *mosaic_order(void)
{
    int64_t *order = rs_arena_alloc(arena, (size_t)TILE * TILE * N_TILES, sizeof(int64_t)), n = 0;
    for (int k = 0; k < N_TILES; k++) {
        for (int j = TILE - 1; j >= 0; j--) {
            for (int i = 0; i < TILE; i++)
                order[n++] = (int64_t)(k / (MOSAIC / TILE) * TILE + j) * MOSAIC + k % (MOSAIC / TILE) * TILE + i;
        }
    }
    return order;
}

#define NINE "transfer-syntax/mr-9-encodings/In/"
static const pixel_case mosaic_cases[] = {
    {NINE "1.dcm", "ddf559df", 0, 0, 0},
    {NINE "2.dcm", "ddf559df", 0, 0, 0},
    {NINE "3.dcm", "ddf559df", 0, 0, 0},
    {NINE "4.dcm", "ddf559df", 0, 0, 0},
    {NINE "5.dcm", "ddf559df", 0, 0, 0},
    {NINE "6.dcm", "ddf559df", 0, 0, 0},
    {NINE "7.dcm", "ddf559df", 0, 0, 0},
    {NINE "8.dcm", "ddf559df", 0, 0, 0},
    {NINE "9.dcm", "ddf559df", 0, 0, 0},
    {"bits/12-bit-mr/12bitUnsigned.dcm", "687ce09265e8e642", 0, 2908, 272.8551},
    {"bits/12-bit-mr/12bitUnsigned_0x0F0F.dcm", "639d3147a355734d", 0, 4095, 282.3412},
    {"bits/12-bit-mr/12bitSigned_0x0F0F.dcm", "ee7227f9a7255143", -2048, 2047, 265.9412},
};

static void test_mosaics(void **state)
{
    (void)state;
    int n_wrong = 0;
    for (size_t i = 0; i < sizeof(mosaic_cases) / sizeof(mosaic_cases[0]); i++) {
        const pixel_case *c = &mosaic_cases[i];
        const rs_arena_mark mark = rs_arena_where(arena);
        rs_dicom_pixels pixels;
        rs_dicom_file *file = open_file(c->file);
        if (rs_dicom_file_pixels(ctx, file, 0, 1, &pixels) != RS_OK)
            fail_msg("%s: %s", c->file, rs_context_message(ctx));
        const summary s = summarise(&pixels, (int64_t)TILE * TILE * N_TILES, mosaic_order());
        const bool stated = c->greatest > 0;
        if (strncmp(s.sha, c->sha, strlen(c->sha)) != 0 ||
            (stated && (s.least != c->least || s.greatest != c->greatest || fabs(s.mean - c->mean) > 6e-5))) {
            print_error("%s: %.16s %d %d %.4f\n", c->file, s.sha, s.least, s.greatest, s.mean);
            n_wrong++;
        }
        rs_dicom_file_close(file);
        rs_arena_rewind(arena, mark);
    }
    assert_int_equal(n_wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decoded_pixels),
        cmocka_unit_test(test_frame_ranges),
        cmocka_unit_test(test_mosaics),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
