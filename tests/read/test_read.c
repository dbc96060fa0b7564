/* Stored values to voxels: the fast way against the plain formula, the choice of slope, and whole made series. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "convert.h"
#include "restage/read.h"

enum { COLUMNS = 19, ROWS = 14, PIXELS = COLUMNS * ROWS };

static rs_context *ctx;
static rs_arena *arena;
static char folder[256];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "%s/restage-read-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    arena = rs_arena_new();
    return arena && mkdtemp(folder) && rs_context_new(NULL, &ctx) == RS_OK ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[300];
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    rs_arena_free(arena);
    rs_context_free(ctx);
    return system(command);
}

static uint64_t seed;

static uint32_t draw(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33);
}

/* Every encoding and padding against value = slope * stored + offset, one by one. */
static void prop_convert(void **state)
{
    (void)state;
    seed = 42;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (int trial = 0; trial < 400; trial++) {
        uint8_t data[2 * 700];
        int16_t out[700];
        for (size_t i = 0; i < sizeof(data); i++)
            data[i] = (uint8_t)draw();
        const int bytes = 1 + (int)(draw() % 4 != 0), n = 1 + (int)(draw() % 700);
        convert_args a = {
            .pixels = {.data = data, .n = n, .bytes = bytes, .big_endian = draw() % 2, .is_signed = draw() % 2},
            .n = n,
            .out = out,
            .volume_slope = 1,
            .exact = true,
            .padding_voxel = -1024};
        a.pixels.bits_stored = 1 + (int)(draw() % (8u * (unsigned)bytes));
        a.slope = draw() % 2 ? 1 : 0.25 * (1 + draw() % 7);
        a.offset = (double)(draw() % 3000) - 1500;
        a.n_paddings = (int)(draw() % 3);
        for (int p = 0; p < a.n_paddings; p++) {
            a.padding_low[p] = (int32_t)(draw() % 4096) - 2048;
            a.padding_high[p] = a.padding_low[p] + (int32_t)(draw() % 200);
        }
        convert_result r;
        double low = INFINITY, high = -INFINITY;
        int64_t n_padded = 0;
        convert_slice(&a, &r);
        for (int i = 0; i < n; i++) {
            const int32_t stored = convert_stored(&a.pixels, i);
            bool padded = false;
            for (int p = 0; p < a.n_paddings; p++)
                padded = padded || (stored >= a.padding_low[p] && stored <= a.padding_high[p]);
            const double value = round(a.slope * stored + a.offset);
            if (padded) {
                n_padded++;
                assert_int_equal(out[i], -1024);
                continue;
            }
            low = fmin(low, value);
            high = fmax(high, value);
            assert_int_equal(out[i], (int)fmin(fmax(value, -32768), 32767));
        }
        assert_int_equal(r.n_padded, n_padded);
        if (n_padded == n)
            assert_true(r.low > r.high);
        else
            assert_true(r.low == low && r.high == high);
    }
}

static void test_stored_values(void **state)
{
    (void)state;
    /* 12 bits with garbage above: 0xF801 is 0x801 = 2049 or, signed, -2047 (INDEX, 12-bit-mr). */
    static const uint8_t data[4] = {0x01, 0xf8, 0xf8, 0x01};
    rs_dicom_pixels p = {.data = data, .n = 2, .bytes = 2, .bits_stored = 12};
    assert_int_equal(convert_stored(&p, 0), 2049);
    p.is_signed = true;
    assert_int_equal(convert_stored(&p, 0), -2047);
    p.big_endian = true;
    assert_int_equal(convert_stored(&p, 1), -2047);
    p = (rs_dicom_pixels){.data = data, .n = 4, .bytes = 1, .bits_stored = 8};
    assert_int_equal(convert_stored(&p, 1), 248);
}

/* --- made series ----------------------------------------------------------------------------------------------------
 */

typedef struct made {
    int k;
    const char *slope, *intercept, *modality;
    bool is_signed, has_padding;
    int padding;
    const uint16_t *words;
} made;

static void write_slice(const made *m)
{
    rs_dicom_out *out = NULL;
    uint8_t *bytes = NULL;
    size_t n = 0;
    char text[64], path[512];
    const bool mr = m->modality && strcmp(m->modality, "MR") == 0;
    const struct {
        uint32_t tag;
        int value;
    } numbers[] = {{0x00280002, 1},  {0x00280010, ROWS}, {0x00280011, COLUMNS},     {0x00280100, 16},
                   {0x00280101, 16}, {0x00280102, 15},   {0x00280103, m->is_signed}};
    snprintf(text, sizeof(text), "2.25.9%d", m->k);
    snprintf(path, sizeof(path), "%s/%d", folder, m->k);
    const struct {
        uint32_t tag;
        const char *text;
    } texts[] = {{0x00080016, mr ? "1.2.840.10008.5.1.4.1.1.4" : "1.2.840.10008.5.1.4.1.1.2"},
                 {0x00080018, text},
                 {0x00080060, mr ? "MR" : "CT"},
                 {0x0020000d, "2.25.1"},
                 {0x0020000e, "2.25.2"},
                 {0x00200037, "1\\0\\0\\0\\1\\0"},
                 {0x00280030, "1\\1"},
                 {0x00281052, m->intercept ? m->intercept : "-1024"},
                 {0x00281053, m->slope ? m->slope : "1"},
                 {0x00280004, "MONOCHROME2"}};
    assert_int_equal(rs_dicom_out_new(ctx, &out), RS_OK);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        assert_int_equal(rs_dicom_out_number(ctx, out, numbers[i].tag, numbers[i].value), RS_OK);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_int_equal(rs_dicom_out_text(ctx, out, texts[i].tag, texts[i].text), RS_OK);
    if (m->has_padding) assert_int_equal(rs_dicom_out_number(ctx, out, 0x00280120, m->padding), RS_OK);
    snprintf(text, sizeof(text), "0\\0\\%d", 2 * m->k);
    assert_int_equal(rs_dicom_out_text(ctx, out, 0x00200032, text), RS_OK);
    assert_int_equal(rs_dicom_out_pixels(ctx, out, m->words, PIXELS), RS_OK);
    assert_int_equal(rs_dicom_out_encode(ctx, out, arena, &bytes, &n), RS_OK);
    rs_dicom_out_free(out);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

static rs_status read_folder(rs_context *with, rs_volume *volume, rs_read_facts *facts)
{
    rs_study *study = NULL;
    assert_int_equal(rs_study_open(with, folder, NULL, &study), RS_OK);
    const rs_status status = rs_read_volume(with, rs_study_series(study, 0), arena, volume, facts);
    rs_study_close(study);
    return status;
}

static void fill(uint16_t words[PIXELS], int k)
{
    for (int i = 0; i < PIXELS; i++)
        words[i] = (uint16_t)(1000 + 7 * i + k);
}

/* Slopes 1 and 2, other intercepts: whole HU, kept exactly. */
static void test_whole_rescale(void **state)
{
    (void)state;
    uint16_t words[PIXELS];
    rs_volume v;
    rs_read_facts facts;
    for (int k = 0; k < 9; k++) {
        fill(words, k);
        write_slice(&(made){.k = k, .slope = k % 2 ? "2" : "1", .intercept = k % 2 ? "-24" : "-1024", .words = words});
    }
    assert_int_equal(read_folder(ctx, &v, &facts), RS_OK);
    assert_true(v.slope == 1 && v.offset == 0 && facts.rounding == 0);
    assert_int_equal(facts.padded_voxels, 0);
    for (int k = 0; k < 9; k++) {
        for (int i = 0; i < PIXELS; i++)
            assert_int_equal(v.voxels[k * PIXELS + i], k % 2 ? 2 * (1000 + 7 * i + k) - 24 : 7 * i + k - 24);
    }
    rs_volume_free(ctx, &v);
}

/* One broken slope for all: the stored values, exactly. Two: the smaller one, rounded by half a step at most. */
static void test_broken_rescale(void **state)
{
    (void)state;
    uint16_t words[PIXELS];
    rs_volume v;
    rs_read_facts facts;
    for (int k = 0; k < 9; k++) {
        fill(words, k);
        write_slice(&(made){.k = k, .slope = "0.3", .intercept = "-900.5", .words = words});
    }
    assert_int_equal(read_folder(ctx, &v, &facts), RS_OK);
    assert_true(v.slope == 0.3 && v.offset == -900.5 && facts.rounding == 0);
    assert_int_equal(v.voxels[5], 1035);
    rs_volume_free(ctx, &v);
    fill(words, 4);
    write_slice(&(made){.k = 4, .slope = "0.4", .intercept = "-900.5", .words = words});
    assert_int_equal(read_folder(ctx, &v, &facts), RS_OK);
    assert_true(v.slope == 0.3 && facts.rounding > 0 && facts.rounding <= 0.15);
    assert_int_equal(facts.notes.n, 1);
    for (int i = 0; i < PIXELS; i++) {
        const double value = v.slope * v.voxels[4 * PIXELS + i] + v.offset;
        assert_true(fabs(value - (0.4 * words[i] - 900.5)) <= 0.15 + 1e-9);
    }
    rs_volume_free(ctx, &v);
}

/* 0 … 65535 fits with another offset; a range of more than 65,535 does not. */
static void test_range(void **state)
{
    (void)state;
    uint16_t words[PIXELS] = {0, 65535, 7};
    rs_volume v;
    for (int k = 0; k < 9; k++)
        write_slice(&(made){.k = k, .slope = "1", .intercept = "0", .modality = "MR", .words = words});
    assert_int_equal(read_folder(ctx, &v, NULL), RS_OK);
    assert_true(v.slope == 1 && v.offset == 32768);
    assert_int_equal(v.voxels[0], -32768);
    assert_int_equal(v.voxels[1], 32767);
    assert_int_equal(v.voxels[2], 7 - 32768);
    rs_volume_free(ctx, &v);
    write_slice(&(made){.k = 3, .slope = "3", .intercept = "0", .modality = "MR", .words = words});
    assert_int_equal(read_folder(ctx, &v, NULL), RS_DATA);
    assert_non_null(strstr(rs_context_message(ctx), "16 bits do not hold"));
}

/* Padding as 63536 in signed pixels; corners below air without any padding; padding that is tissue is not believed. */
static void test_padding(void **state)
{
    (void)state;
    uint16_t words[PIXELS];
    rs_volume v;
    rs_read_facts facts;
    fill(words, 0);
    words[40] = words[41] = 63536;
    for (int k = 0; k < 9; k++)
        write_slice(&(made){
            .k = k, .intercept = "0", .is_signed = true, .has_padding = true, .padding = 63536, .words = words});
    assert_int_equal(read_folder(ctx, &v, &facts), RS_OK);
    assert_int_equal(facts.padded_voxels, 18);
    assert_int_equal(v.voxels[40], -1024);
    assert_int_equal(v.voxels[39], 1000 + 7 * 39);
    rs_volume_free(ctx, &v);

    words[0] = words[COLUMNS - 1] = words[PIXELS - 1] = words[40] = (uint16_t)-1100;
    words[41] = (uint16_t)-1101;
    for (int k = 0; k < 9; k++)
        write_slice(
            &(made){.k = k, .intercept = "0", .is_signed = true, .has_padding = true, .padding = 1014, .words = words});
    assert_int_equal(read_folder(ctx, &v, &facts), RS_OK);
    assert_int_equal(facts.padded_voxels, 4 * 9);
    assert_int_equal(v.voxels[40], -1024);
    assert_int_equal(v.voxels[41], -1101);
    assert_int_equal(v.voxels[2], 1014);
    assert_int_equal(facts.notes.n, 1);
    assert_string_equal(facts.notes.items[0].code, "padding_ignored");
    rs_volume_free(ctx, &v);
}

static void test_same_bits_on_any_threads(void **state)
{
    (void)state;
    static const int threads[3] = {1, 2, 7};
    uint16_t words[PIXELS];
    int16_t first[9 * PIXELS];
    for (int k = 0; k < 9; k++) {
        fill(words, k);
        write_slice(&(made){.k = k, .slope = k % 2 ? "0.7" : "0.5", .words = words});
    }
    for (int t = 0; t < 3; t++) {
        rs_context *own = NULL;
        rs_volume v;
        assert_int_equal(rs_context_new(&(rs_context_options){.threads = threads[t]}, &own), RS_OK);
        assert_int_equal(read_folder(own, &v, NULL), RS_OK);
        if (t == 0) memcpy(first, v.voxels, sizeof(first));
        assert_memory_equal(v.voxels, first, sizeof(first));
        rs_volume_free(own, &v);
        rs_context_free(own);
    }
}

int main(void)
{
#define IN_FOLDER(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prop_convert),
        cmocka_unit_test(test_stored_values),
        IN_FOLDER(test_whole_rescale),
        IN_FOLDER(test_broken_rescale),
        IN_FOLDER(test_range),
        IN_FOLDER(test_padding),
        IN_FOLDER(test_same_bits_on_any_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
