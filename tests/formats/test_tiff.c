/* TIFF read back by libtiff: pages, values, the grid in the description; the same bytes twice; the memory file itself.
   Other programs read it in tests/cli/test_export.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "formats/tiff.h"
#include "restage/context.h"
#include "restage/files.h"
#include "restage/formats.h"
#include "tiff_sink.h"
#include <tiffio.h>

enum { N_I = 5, N_J = 4, N_K = 600 };

static char folder[] = "/tmp/restage-tiff-XXXXXX";
static rs_context *ctx;
static rs_arena *arena;

static const char *in_folder(const char *name)
{
    return rs_arena_printf(arena, "%s/%s", folder, name);
}

static rs_volume volume(void)
{
    const rs_geometry g = {
        {N_I, N_J, N_K}, {0.625, 0.8, 2.5}, {-101.5, 33.25, -812.125}, {{1, 0, 0}, {0, -1, 0}, {0, 0, -1}}};
    rs_volume v;
    assert_int_equal(rs_volume_new(ctx, &g, &v), RS_OK);
    for (int n = 0; n < N_I * N_J * N_K; n++)
        v.voxels[n] = (int16_t)(n * 7 - 1024);
    return v;
}

static void check_head(TIFF *file, int bits, int format)
{
    uint32_t columns = 0, rows = 0;
    uint16_t n = 0, unit = 0, kind = 0;
    float x = 0, y = 0;
    const char *text = NULL;
    assert_int_equal(TIFFNumberOfDirectories(file), N_K);
    assert_true(TIFFGetField(file, TIFFTAG_IMAGEWIDTH, &columns) && TIFFGetField(file, TIFFTAG_IMAGELENGTH, &rows));
    assert_true(columns == N_I && rows == N_J);
    assert_true(TIFFGetField(file, TIFFTAG_BITSPERSAMPLE, &n) && TIFFGetField(file, TIFFTAG_SAMPLEFORMAT, &kind));
    assert_true(n == bits && kind == format);
    assert_true(TIFFGetField(file, TIFFTAG_XRESOLUTION, &x) && TIFFGetField(file, TIFFTAG_YRESOLUTION, &y));
    assert_true(x == 16 && y == 12.5F);
    assert_true(TIFFGetField(file, TIFFTAG_RESOLUTIONUNIT, &unit) && unit == RESUNIT_CENTIMETER);
    assert_true(TIFFGetField(file, TIFFTAG_IMAGEDESCRIPTION, &text));
    assert_string_equal(text, "ImageJ=1.11a\nimages=600\nslices=600\nunit=cm\nspacing=0.25\nloop=false\n"
                              "spacing_mm=0.625 0.8 2.5\norigin_lps_mm=-101.5 33.25 -812.125\naxis_i_lps=1 0 0\n"
                              "axis_j_lps=0 -1 0\naxis_k_lps=0 0 -1\n");
    assert_false(TIFFGetField(file, TIFFTAG_DATETIME, &text) || TIFFGetField(file, TIFFTAG_SOFTWARE, &text));
}

static void holds_stored_numbers(void **state)
{
    (void)state;
    rs_volume v = volume();
    const char *path = in_folder("v.tif");
    assert_int_equal(rs_format_write(ctx, &v, 1, path, NULL), RS_OK);
    TIFF *file = TIFFOpen(path, "r");
    assert_non_null(file);
    check_head(file, 16, SAMPLEFORMAT_INT);
    for (int k = 0; k < N_K; k++) {
        int16_t page[N_I * N_J];
        assert_true(TIFFSetDirectory(file, (tdir_t)k));
        assert_int_equal(TIFFReadEncodedStrip(file, 0, page, sizeof page), sizeof page);
        assert_memory_equal(page, v.voxels + k * N_I * N_J, sizeof page);
    }
    TIFFClose(file);
    rs_volume_free(ctx, &v);
}

static void holds_values(void **state)
{
    (void)state;
    rs_volume v = volume();
    v.slope = 0.25;
    v.offset = 3;
    const char *path = in_folder("v.TIFF");
    assert_int_equal(rs_format_write(ctx, &v, 1, path, NULL), RS_OK);
    TIFF *file = TIFFOpen(path, "r");
    assert_non_null(file);
    check_head(file, 32, SAMPLEFORMAT_IEEEFP);
    float page[N_I * N_J];
    assert_true(TIFFSetDirectory(file, 17));
    assert_int_equal(TIFFReadEncodedStrip(file, 0, page, sizeof page), sizeof page);
    for (int n = 0; n < N_I * N_J; n++)
        assert_true(page[n] == 0.25F * ((float)(17 * N_I * N_J + n) * 7 - 1024) + 3);
    TIFFClose(file);
    rs_volume_free(ctx, &v);
}

static rs_tiff_parts packed(const rs_volume *v)
{
    rs_tiff *tiff = NULL;
    rs_tiff_parts parts;
    const rs_tiff_form form = {&v->geometry, RS_TIFF_INT16, true, "label_1=x\n"};
    assert_int_equal(rs_tiff_begin(ctx, arena, &form, &tiff), RS_OK);
    for (int k = 0; k < N_K; k++)
        assert_int_equal(rs_tiff_page(ctx, tiff, v->voxels + k * N_I * N_J), RS_OK);
    assert_int_equal(rs_tiff_finish(ctx, tiff, &parts), RS_OK);
    rs_tiff_end(tiff);
    return parts;
}

static void packs_to_the_same_bytes(void **state)
{
    (void)state;
    rs_volume v = volume();
    rs_tiff_parts a = packed(&v), b = packed(&v);
    const char *path = in_folder("packed.tif");
    assert_int_equal(a.n, b.n);
    for (int p = 0; p < a.n; p++) {
        assert_int_equal(a.bytes[p], b.bytes[p]);
        assert_memory_equal(a.data[p], b.data[p], a.bytes[p]);
    }
    assert_int_equal(rs_file_write(ctx, path, false, a.data, a.bytes, a.n), RS_OK);
    TIFF *file = TIFFOpen(path, "r");
    assert_non_null(file);
    int16_t page[N_I * N_J];
    assert_true(TIFFSetDirectory(file, N_K - 1));
    assert_int_equal(TIFFReadEncodedStrip(file, 0, page, sizeof page), sizeof page);
    assert_memory_equal(page, v.voxels + (N_K - 1) * N_I * N_J, sizeof page);
    TIFFClose(file);
    rs_volume_free(ctx, &v);
}

/* Random writes, seeks and reads against a plain array. */
static void sink_is_a_file(void **state)
{
    (void)state;
    enum { MOST = 1 << 20 };
    static char plain[MOST], back[MOST], data[90000];
    size_t end = 0;
    uint32_t random = 1;
    sink s = {.arena = arena};
    for (int turn = 0; turn < 400; turn++) {
        random = random * 1664525 + 1013904223;
        size_t at = turn % 3 ? end + turn % 2 : random % (end + 1), bytes = (random >> 8) % (turn % 7 ? 500 : 90000);
        if (at + bytes > MOST) at = 0;
        memset(data, 'a' + turn % 26, bytes);
        s.position = at;
        sink_write(&s, data, bytes);
        memcpy(plain + at, data, bytes);
        if (bytes && at + bytes > end) end = at + bytes;
        assert_false(s.failed);
        assert_int_equal(s.end, end);
    }
    s.position = 0;
    assert_int_equal(sink_read(&s, back, MOST), end);
    assert_memory_equal(back, plain, end);
    assert_int_equal(sink_read(&s, back, 1), 0);
}

static int set_up(void **state)
{
    (void)state;
    arena = rs_arena_new();
    if (!arena || !mkdtemp(folder)) return -1;
    return rs_context_new(NULL, &ctx);
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const names[] = {"v.tif", "v.TIFF", "packed.tif"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unlink(in_folder(names[i]));
    rs_context_free(ctx);
    int left = rmdir(folder); /* fails where anything else was left behind */
    rs_arena_free(arena);
    return left;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_stored_numbers),
        cmocka_unit_test(holds_values),
        cmocka_unit_test(packs_to_the_same_bytes),
        cmocka_unit_test(sink_is_a_file),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
