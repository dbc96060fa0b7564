/* Stored values to voxels: wide and floating values, lookup tables, padding; against the formula itself. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "convert.h"
#include "padding.h"

enum { N = 300 }; /* more than a block, no multiple of one */

static convert_args plain(const void *data, int bytes, int bits, bool is_signed, int16_t *out)
{
    convert_args a = {.slope = 1, .volume_slope = 1, .n = N, .out = out};
    a.pixels = (rs_dicom_pixels){.data = data, .n = N, .bytes = bytes, .bits_stored = bits, .is_signed = is_signed};
    return a;
}

/* 12 bits in 16 with rubbish above them, the sign at bit 11. */
static void test_masked_and_signed(void **state)
{
    (void)state;
    uint16_t words[N];
    int16_t out[N];
    convert_result r;
    for (int i = 0; i < N; i++)
        words[i] = (uint16_t)((i * 13 & 0xfff) | (i * 7 & 0xf) << 12);
    for (int is_signed = 0; is_signed < 2; is_signed++) {
        convert_args a = plain(words, 2, 12, is_signed, out);
        for (int by_table = 0; by_table < 2; by_table++) {
            a.slope = by_table ? 0.5 : 1;
            a.volume_slope = by_table ? 0.5 : 1;
            a.volume_offset = a.offset = by_table ? 0.25 : -1024;
            if (!by_table) a.volume_offset = 0;
            convert_slice(&a, &r);
            for (int i = 0; i < N; i++) {
                int want = i * 13 & 0xfff;
                if (is_signed && want >= 2048) want -= 4096;
                assert_int_equal(out[i], by_table ? want : want - 1024);
            }
            assert_true(r.rounding == 0 && r.n_bad == 0 && r.n_padded == 0);
        }
    }
}

static void test_lookup(void **state)
{
    (void)state;
    static const int32_t value[4] = {-1000, 7, 40, 3000};
    const rs_lookup lookup = {.first = 5, .n = 4, .value = value};
    uint16_t words[N];
    int16_t out[N];
    convert_result r;
    for (int i = 0; i < N; i++)
        words[i] = (uint16_t)(i % 12);
    convert_args a = plain(words, 2, 16, false, out);
    a.lookup = &lookup;
    a.slope = 99; /* not used */
    convert_slice(&a, &r);
    for (int i = 0; i < N; i++) {
        const int at = i % 12 < 5 ? 0 : i % 12 > 8 ? 3 : i % 12 - 5;
        assert_int_equal(out[i], value[at]);
    }
    assert_true(r.low == -1000 && r.high == 3000);
}

static void test_wide_whole(void **state)
{
    (void)state;
    uint32_t words[N];
    int16_t out[N];
    convert_result r;
    for (int i = 0; i < N; i++)
        words[i] = (uint32_t)(i * 100000);
    convert_args a = plain(words, 4, 32, false, out);
    a.slope = 0.001;
    a.offset = -1024;
    a.padding_low[0] = a.padding_high[0] = 200000;
    a.padding_voxel = -7;
    a.n_paddings = 1;
    convert_slice(&a, &r);
    for (int i = 0; i < N; i++)
        assert_int_equal(out[i], i == 2 ? -7 : i * 100 - 1024);
    assert_int_equal(r.n_padded, 1);
    assert_true(r.rounding == 0 && r.low == -1024 && fabs(r.high - (299.0 * 100 - 1024)) < 1e-6);
    for (int i = 0; i < N; i++)
        words[i] = (uint32_t)(i % 2 ? -250 : 250) & 0xfffff; /* 20 bits, signed */
    a = plain(words, 4, 20, true, out);
    a.slope = 0.1;
    convert_slice(&a, &r);
    for (int i = 0; i < N; i++)
        assert_int_equal(out[i], i % 2 ? -25 : 25);
}

/* PixelPaddingValue of pixels of 32 bits; the corners of such are not asked. */
static void test_wide_padding(void **state)
{
    (void)state;
    int32_t words[N];
    int16_t out[N];
    convert_result r;
    const rs_volume volume = {.slope = 1, .offset = 0};
    const rs_dicom_image image = {.has_padding = true, .padding_value = -2000};
    for (int i = 0; i < N; i++)
        words[i] = i % 3 ? i : -2000;
    convert_args a = plain(words, 4, 32, true, out);
    assert_false(padding_find(&volume, &image, N / 4, 4, &a));
    convert_slice(&a, &r);
    for (int i = 0; i < N; i++)
        assert_int_equal(out[i], i % 3 ? i : -1024);
    assert_int_equal(r.n_padded, (N + 2) / 3);
    a.n_paddings = 0;
    a.pixels.number = RS_DICOM_FLOAT;
    assert_false(padding_find(&volume, &image, N / 4, 4, &a));
    assert_int_equal(a.n_paddings, 0);
}

static void test_floating(void **state)
{
    (void)state;
    float singles[N];
    double doubles[N];
    int16_t out[N];
    convert_result r;
    for (int i = 0; i < N; i++)
        doubles[i] = singles[i] = (float)(i * 0.25 - 20);
    for (int kind = 0; kind < 2; kind++) {
        convert_args a = plain(kind ? (const void *)doubles : singles, kind ? 8 : 4, kind ? 64 : 32, true, out);
        a.pixels.number = kind ? RS_DICOM_DOUBLE : RS_DICOM_FLOAT;
        convert_slice(&a, &r);
        for (int i = 0; i < N; i++)
            assert_int_equal(out[i], lround(i * 0.25 - 20));
        assert_true(r.rounding == 0.5 && r.n_bad == 0);
        a.volume_slope = 0.25;
        a.volume_offset = -20;
        convert_slice(&a, &r);
        for (int i = 0; i < N; i++)
            assert_int_equal(out[i], i);
        assert_true(r.rounding == 0);
    }
    doubles[3] = NAN;
    doubles[4] = INFINITY;
    convert_args a = plain(doubles, 8, 64, true, out);
    a.pixels.number = RS_DICOM_DOUBLE;
    convert_slice(&a, &r);
    assert_int_equal(r.n_bad, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_masked_and_signed), cmocka_unit_test(test_lookup),   cmocka_unit_test(test_wide_whole),
        cmocka_unit_test(test_wide_padding),      cmocka_unit_test(test_floating),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
