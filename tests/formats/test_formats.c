/* NIfTI and MetaImage headers against their definitions, on straight, oblique and left-handed grids. Other programs
   read what is written in tests/cli/test_export.sh. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "restage/arena.h"
#include "restage/context.h"
#include "restage/files.h"
#include "restage/formats.h"

static char folder[] = "/tmp/restage-formats-XXXXXX";
static rs_context *ctx;
static rs_arena *arena;

static const char *in_folder(const char *name)
{
    return rs_arena_printf(arena, "%s/%s", folder, name);
}

/* An orthonormal grid turned by three angles; mirrored: its third axis runs against the normal. */
static rs_geometry turned(double a, double b, double c, bool mirrored)
{
    rs_geometry g = {.n = {5, 4, 3}, .spacing_mm = {0.7, 0.8, 2.5}, .origin_lps_mm = {-101.5, 33.25, -812.125}};
    double rows[3][3] = {
        {cos(a) * cos(b), sin(a) * cos(b), -sin(b)},
        {cos(a) * sin(b) * sin(c) - sin(a) * cos(c), sin(a) * sin(b) * sin(c) + cos(a) * cos(c), cos(b) * sin(c)},
        {cos(a) * sin(b) * cos(c) + sin(a) * sin(c), sin(a) * sin(b) * cos(c) - cos(a) * sin(c), cos(b) * cos(c)}};
    memcpy(g.axis, rows, sizeof rows);
    for (int d = 0; mirrored && d < 3; d++)
        g.axis[2][d] = -g.axis[2][d];
    return g;
}

static rs_volume volume_of(const rs_geometry *g)
{
    rs_volume v;
    assert_int_equal(rs_volume_new(ctx, g, &v), RS_OK);
    for (int64_t i = 0; i < rs_geometry_voxels(g); i++)
        v.voxels[i] = (int16_t)(100 * i - 3000);
    return v;
}

static const uint8_t *file_of(const char *path, size_t *bytes)
{
    uint8_t *data;
    assert_int_equal(rs_file_read(ctx, arena, path, 1 << 20, false, &data, bytes), RS_OK);
    return data;
}

static double real_at(const uint8_t *data, size_t at)
{
    float value;
    memcpy(&value, data + at, sizeof value);
    return (double)value;
}

static int int16_at(const uint8_t *data, size_t at)
{
    int16_t value;
    memcpy(&value, data + at, sizeof value);
    return value;
}

/* Position of a voxel by method 3 (srow) and by method 2 (quaternion) of nifti1.h, in RAS. */
static void by_sform(const uint8_t *h, const double ijk[3], double ras[3])
{
    for (size_t d = 0; d < 3; d++) {
        ras[d] = real_at(h, 280 + 16 * d + 12);
        for (size_t a = 0; a < 3; a++)
            ras[d] += real_at(h, 280 + 16 * d + 4 * a) * ijk[a];
    }
}

static void by_qform(const uint8_t *h, const double ijk[3], double ras[3])
{
    double b = real_at(h, 256), c = real_at(h, 260), d = real_at(h, 264);
    double a = sqrt(fmax(0, 1 - b * b - c * c - d * d));
    double r[3][3] = {{a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)},
                      {2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)},
                      {2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c}};
    double scaled[3] = {ijk[0] * real_at(h, 80), ijk[1] * real_at(h, 84), ijk[2] * real_at(h, 88) * real_at(h, 76)};
    for (size_t x = 0; x < 3; x++)
        ras[x] = real_at(h, 268 + 4 * x) + r[x][0] * scaled[0] + r[x][1] * scaled[1] + r[x][2] * scaled[2];
}

static void check_nifti(const rs_geometry *g)
{
    rs_volume v = volume_of(g);
    v.slope = 0.5;
    v.offset = -10;
    const char *path = in_folder("v.nii");
    assert_int_equal(rs_format_write(ctx, &v, 1, path, &(rs_format_options){.force = true}), RS_OK);
    size_t bytes, voxels = (size_t)rs_geometry_voxels(g);
    const uint8_t *h = file_of(path, &bytes);
    assert_int_equal(bytes, 352 + 2 * voxels);
    assert_memory_equal(h + 352, v.voxels, 2 * voxels);
    assert_memory_equal(h + 344, "n+1", 4);
    assert_int_equal(int16_at(h, 0), 348);
    assert_int_equal(int16_at(h, 40), 3);
    assert_int_equal(int16_at(h, 42), 5);
    assert_int_equal(int16_at(h, 46), 3);
    assert_int_equal(int16_at(h, 70), 4);
    assert_true(real_at(h, 112) == 0.5 && real_at(h, 116) == -10);
    const double corners[3][3] = {{0, 0, 0}, {4, 3, 2}, {1, 3, 0}};
    for (int p = 0; p < 3; p++) {
        double lps[3], s[3], q[3];
        rs_geometry_to_lps(g, corners[p], lps);
        by_sform(h, corners[p], s);
        by_qform(h, corners[p], q);
        for (int d = 0; d < 3; d++) {
            double ras = d < 2 ? -lps[d] : lps[d];
            assert_true(fabs(s[d] - ras) < 1e-4);
            assert_true(fabs(q[d] - ras) < 1e-3);
        }
    }
    rs_volume_free(ctx, &v);
}

static void nifti_geometry(void **state)
{
    (void)state;
    for (int m = 0; m < 2; m++) {
        for (int t = 0; t < 40; t++) {
            rs_geometry g = turned(0.5 * t, 0.11 * t, -0.31 * t, m == 1);
            check_nifti(&g);
        }
        /* half turns: the scalar part of the quaternion is 0 */
        for (int t = 0; t < 8; t++) {
            double pi = acos(-1.0);
            rs_geometry g = turned(t & 1 ? pi : 0, t & 2 ? pi : 0, t & 4 ? pi : 0, m == 1);
            check_nifti(&g);
        }
    }
}

static void metaimage_one_file(void **state)
{
    (void)state;
    rs_geometry g = turned(0, 0, 0, false);
    rs_volume v = volume_of(&g);
    const char *path = in_folder("v.mha");
    assert_int_equal(rs_format_write(ctx, &v, 1, path, NULL), RS_OK);
    size_t bytes;
    const uint8_t *h = file_of(path, &bytes);
    const char expected[] =
        "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\nCompressedData = False\n"
        "TransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = -101.5 33.25 -812.125\nCenterOfRotation = 0 0 0\n"
        "AnatomicalOrientation = RAI\nElementSpacing = 0.7 0.8 2.5\nDimSize = 5 4 3\nElementType = MET_SHORT\n"
        "ElementDataFile = LOCAL\n";
    assert_int_equal(bytes, sizeof expected - 1 + 120);
    assert_memory_equal(h, expected, sizeof expected - 1);
    assert_memory_equal(h + sizeof expected - 1, v.voxels, 120);
    rs_volume_free(ctx, &v);
}

static void metaimage_holds_values(void **state)
{
    (void)state;
    rs_geometry g = turned(0, 0, 0, false);
    rs_volume v = volume_of(&g);
    v.slope = 0.25;
    v.offset = 3;
    assert_int_equal(rs_format_write(ctx, &v, 1, in_folder("s.mhd"), NULL), RS_OK);
    size_t bytes;
    const uint8_t *h = file_of(in_folder("s.mhd"), &bytes);
    assert_non_null(strstr((const char *)h, "ElementType = MET_FLOAT\nElementDataFile = s.raw\n"));
    h = file_of(in_folder("s.raw"), &bytes);
    assert_int_equal(bytes, 240);
    assert_true(real_at(h, 4 * 17) == 0.25 * (1700 - 3000) + 3);
    rs_volume_free(ctx, &v);
}

static void refusals(void **state)
{
    (void)state;
    rs_geometry g = turned(0, 0, 0, false);
    rs_volume v = volume_of(&g);
    assert_int_equal(rs_format_write(ctx, &v, 1, in_folder("v.xyz"), NULL), RS_USAGE);
    assert_non_null(strstr(rs_context_message(ctx), ".nii .nii.gz .mha .mhd .nrrd .tif .tiff"));
    assert_int_equal(rs_format_write(ctx, &v, 1, in_folder(".nii"), NULL), RS_OK);
    assert_int_equal(rs_format_write(ctx, &v, 1, in_folder(".nii"), NULL), RS_CANT_CREATE);
    assert_int_equal(rs_format_write(ctx, &v, 1, in_folder(".nii"), &(rs_format_options){.force = true}), RS_OK);
    assert_int_equal(rs_format_write(ctx, &v, 1, in_folder("none/v.nii"), NULL), RS_CANT_CREATE);
    assert_int_equal(rs_format_check(ctx, in_folder("new.NII"), false), RS_OK);
    rs_volume_free(ctx, &v);
}

/* A header that cannot be written takes its voxels away again. */
static void two_files_or_none(void **state)
{
    (void)state;
    rs_geometry g = turned(0, 0, 0, false);
    rs_volume v = volume_of(&g);
    const char *raw = in_folder("two.raw");
    FILE *existing = fopen(raw, "w");
    assert_non_null(existing);
    fclose(existing);
    assert_int_equal(rs_format_write(ctx, &v, 1, in_folder("two.mhd"), NULL), RS_CANT_CREATE);
    assert_int_not_equal(access(in_folder("two.mhd"), F_OK), 0);
    size_t bytes;
    file_of(raw, &bytes);
    assert_int_equal(bytes, 0);
    rs_volume_free(ctx, &v);
}

static int set_up(void **state)
{
    (void)state;
    arena = rs_arena_new();
    if (arena == NULL || mkdtemp(folder) == NULL) return -1;
    return rs_context_new(NULL, &ctx);
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const names[] = {"v.nii", "v.mha", "s.mhd", "s.raw", ".nii", "two.raw"};
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
        cmocka_unit_test(nifti_geometry),         cmocka_unit_test(metaimage_one_file),
        cmocka_unit_test(metaimage_holds_values), cmocka_unit_test(refusals),
        cmocka_unit_test(two_files_or_none),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
