/* Grids and voxels against closed forms. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "restage/context.h"
#include "restage/regions.h"
#include "restage/volume.h"

/* A doubly oblique right-handed grid: columns of a rotation matrix. */
static rs_geometry oblique(void)
{
    double a = 0.3, b = -0.7;
    return (rs_geometry){.n = {5, 4, 3},
                         .spacing_mm = {0.7, 0.8, 2.5},
                         .origin_lps_mm = {-100, 50, 1234.5},
                         .axis = {{cos(a), sin(a), 0},
                                  {-sin(a) * cos(b), cos(a) * cos(b), sin(b)},
                                  {sin(a) * sin(b), -cos(a) * sin(b), cos(b)}}};
}

static void test_there_and_back(void **state)
{
    (void)state;
    rs_geometry g = oblique();
    assert_true(rs_geometry_is_regular(&g));
    double ijk[3] = {1.25, 3.5, -0.75}, lps[3], back[3];
    rs_geometry_to_lps(&g, ijk, lps);
    rs_geometry_to_index(&g, lps, back);
    for (int a = 0; a < 3; a++)
        assert_true(fabs(back[a] - ijk[a]) < 1e-12);
    double origin[3] = {0, 0, 0};
    rs_geometry_to_lps(&g, origin, lps);
    assert_memory_equal(lps, g.origin_lps_mm, sizeof(lps));
    double next[3] = {1, 0, 0}, step[3];
    rs_geometry_to_lps(&g, next, step);
    double length = sqrt(pow(step[0] - lps[0], 2) + pow(step[1] - lps[1], 2) + pow(step[2] - lps[2], 2));
    assert_true(fabs(length - 0.7) < 1e-12);
    assert_true(fabs(rs_geometry_voxel_mm3(&g) - 1.4) < 1e-12);
    assert_int_equal(rs_geometry_voxels(&g), 60);
}

static void test_holds(void **state)
{
    (void)state;
    rs_geometry g = oblique();
    const double inside[][3] = {{0, 0, 0}, {-0.5, -0.5, -0.5}, {4.5, 3.5, 2.5}, {2, 1, 1.25}};
    const double outside[][3] = {{-0.51, 0, 0}, {0, 3.51, 0}, {0, 0, 2.51}, {(double)NAN, 0, 0}, {0, 0, 1e300}};
    for (int n = 0; n < 4; n++)
        assert_true(rs_geometry_holds(&g, inside[n]));
    for (int n = 0; n < 5; n++)
        assert_false(rs_geometry_holds(&g, outside[n]));
}

static void test_axis_along(void **state)
{
    (void)state;
    rs_geometry sagittal = {.n = {2, 2, 2}, .spacing_mm = {1, 1, 1}, .axis = {{0, 1, 0}, {0, 0, -1}, {-1, 0, 0}}};
    int sign;
    assert_int_equal(rs_geometry_axis_along(&sagittal, 0, &sign), 2);
    assert_int_equal(sign, -1);
    assert_int_equal(rs_geometry_axis_along(&sagittal, 1, &sign), 0);
    assert_int_equal(sign, 1);
    assert_int_equal(rs_geometry_axis_along(&sagittal, 2, &sign), 1);
    assert_int_equal(sign, -1);
}

static void test_irregular_grids(void **state)
{
    (void)state;
    rs_geometry g = oblique();
    g.spacing_mm[2] = 0;
    assert_false(rs_geometry_is_regular(&g));
    g = oblique();
    g.spacing_mm[1] = NAN;
    assert_false(rs_geometry_is_regular(&g));
    g = oblique();
    g.axis[0][2] = 0.01;
    assert_false(rs_geometry_is_regular(&g));
    g = oblique();
    g.n[0] = 0;
    assert_false(rs_geometry_is_regular(&g));
}

static void test_values(void **state)
{
    (void)state;
    rs_context *ctx;
    assert_int_equal(rs_context_new(NULL, &ctx), RS_OK);
    rs_geometry g = oblique();
    rs_volume volume;
    assert_int_equal(rs_volume_new(ctx, &g, &volume), RS_OK);
    volume.slope = 0.5;
    volume.offset = -1000;
    for (int k = 0; k < 3; k++) {
        for (int j = 0; j < 4; j++) {
            for (int i = 0; i < 5; i++)
                volume.voxels[(k * 4 + j) * 5 + i] = (int16_t)(i + 10 * j + 100 * k);
        }
    }
    assert_true(rs_volume_value(&volume, 2, 3, 1) == -1000 + 0.5 * 132);
    assert_int_equal(rs_volume_stored(&volume, -934), 132);
    assert_int_equal(rs_volume_stored(&volume, 1e9), INT16_MAX);
    assert_int_equal(rs_volume_stored(&volume, -1e9), INT16_MIN);

    double value, inside[3] = {1.5, 2.25, 0.5}, last[3] = {4, 3, 2}, outside[3] = {4.01, 3, 2};
    assert_true(rs_volume_sample(&volume, inside, &value));
    assert_true(fabs(value - (-1000 + 0.5 * (1.5 + 22.5 + 50))) < 1e-9); /* linear data: trilinear is exact */
    assert_true(rs_volume_sample(&volume, last, &value));
    assert_true(value == -1000 + 0.5 * 234);
    assert_false(rs_volume_sample(&volume, outside, &value));

    float box[7 * 6 * 5];
    const int32_t begin[3] = {-1, -1, -1}, end[3] = {6, 5, 4};
    rs_volume_box(&volume, begin, end, -990, -900, box);
    for (int k = -1; k < 4; k++) {
        for (int j = -1; j < 5; j++) {
            for (int i = -1; i < 6; i++) {
                int ci = i < 0 ? 0 : i > 4 ? 4 : i, cj = j < 0 ? 0 : j > 3 ? 3 : j, ck = k < 0 ? 0 : k > 2 ? 2 : k;
                double expected = rs_volume_value(&volume, ci, cj, ck);
                expected = expected < -990 ? -990 : expected > -900 ? -900 : expected;
                assert_true(box[((k + 1) * 6 + j + 1) * 7 + i + 1] == (float)expected);
            }
        }
    }
    float far[2];
    rs_volume_box(&volume, (const int32_t[3]){9, 0, 0}, (const int32_t[3]){11, 1, 1}, -1e6f, 1e6f, far);
    assert_true(far[0] == -998 && far[1] == -998);
    rs_volume_free(ctx, &volume);
    rs_volume_free(ctx, &volume);
    g.n[0] = g.n[1] = g.n[2] = 2000;
    assert_int_equal(rs_volume_new(ctx, &g, &volume), RS_DATA);
    rs_context_free(ctx);
}

static void test_regions(void **state)
{
    (void)state;
    rs_context *ctx;
    assert_int_equal(rs_context_new(NULL, &ctx), RS_OK);
    rs_geometry g = oblique();
    rs_regions regions;
    assert_int_equal(rs_regions_new(ctx, &g, &regions), RS_OK);
    regions.n = 3;
    regions.region[0] = (rs_region){.name = "body", .role = RS_ROLE_BODY, .end = {5, 4, 3}};
    regions.region[1] =
        (rs_region){.name = "lung", .role = RS_ROLE_SEARCH, .state = RS_ASSESSED, .begin = {1, 1, 0}, .end = {2, 3, 1}};
    regions.region[2] = (rs_region){
        .name = "lung", .role = RS_ROLE_SEARCH, .state = RS_ASSESSED_PARTLY, .begin = {3, 0, 1}, .end = {4, 2, 3}};
    regions.labels[0] = 2;
    assert_int_equal(rs_regions_at(&regions, 0, 0, 0), 1);
    assert_int_equal(rs_regions_at(&regions, 1, 0, 0), -1);
    assert_int_equal(rs_regions_at(&regions, -1, 0, 0), -1);
    assert_int_equal(rs_regions_at(&regions, 5, 0, 0), -1);
    uint8_t table[256];
    rs_regions_search_table(&regions, table);
    assert_int_equal(table[0] + table[1], 0);
    assert_int_equal(table[2] + table[3], 2);
    int32_t begin[3], end[3];
    assert_true(rs_regions_search_box(&regions, begin, end));
    assert_memory_equal(begin, ((int32_t[3]){1, 0, 0}), sizeof(begin));
    assert_memory_equal(end, ((int32_t[3]){4, 3, 3}), sizeof(end));
    regions.region[1].state = regions.region[2].state = RS_NOT_ASSESSED;
    assert_false(rs_regions_search_box(&regions, begin, end));
    rs_regions_free(ctx, &regions);
    rs_context_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),  cmocka_unit_test(test_holds),  cmocka_unit_test(test_axis_along),
        cmocka_unit_test(test_irregular_grids), cmocka_unit_test(test_values), cmocka_unit_test(test_regions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
