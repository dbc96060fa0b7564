/* Relation of a mark to the bed against closed forms (contract 7). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "builder.h"

enum { N = 60 };

/* Voxels of 1.3 x 0.9 x 2.5 mm; left lung in columns below 30, right lung from there on. */
typedef struct scene {
    uint8_t labels[N * N * N];
    rs_volume volume;
    rs_regions regions;
    rs_report_run run;
    rs_given_region bed;
    rs_report_case from;
    rs_lesion lesion;
    rs_report_run own;
    rs_report_mark mark;
} scene;

static int setup(void **state)
{
    static scene s;
    s = (scene){0};
    s.volume.geometry = (rs_geometry){.n = {N, N, N},
                                      .spacing_mm = {1.3, 0.9, 2.5},
                                      .origin_lps_mm = {-20, 30, -40},
                                      .axis = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    for (int v = 0; v < N * N * N; v++)
        s.labels[v] = v % N < 30 ? 1 : 2;
    s.regions = (rs_regions){.geometry = s.volume.geometry, .labels = s.labels, .n = 2};
    s.regions.region[0] = (rs_region){.name = "lung", .role = RS_ROLE_SEARCH, .side = RS_SIDE_LEFT};
    s.regions.region[1] = (rs_region){.name = "lung", .role = RS_ROLE_SEARCH, .side = RS_SIDE_RIGHT};
    s.run = (rs_report_run){10, 20, 20, 5}; /* columns 10 to 14 */
    s.bed = (rs_given_region){.name = "A", .kind = "SEG", .voxels = 5, .runs = &s.run, .n_runs = 1};
    s.from = (rs_report_case){.volume = &s.volume, .regions = &s.regions, .bed = &s.bed};
    s.mark = (rs_report_mark){.organ = "lung", .side = "left", .runs = &s.own, .n_runs = 1};
    *state = &s;
    return 0;
}

static void expect(scene *s, rs_report_run own, const char *relation, double distance_mm)
{
    s->own = own;
    rs_build_bed(&s->from, &s->lesion, &s->mark);
    assert_string_equal(s->mark.bed.relation, relation);
    assert_true(fabs(s->mark.bed.distance_mm - distance_mm) < 1e-9);
    assert_null(s->mark.bed.treatment);
    assert_non_null(s->mark.bed.reason);
}

static void test_distances(void **state)
{
    scene *s = *state;
    expect(s, (rs_report_run){12, 20, 20, 1}, "in_bed", 0);
    expect(s, (rs_report_run){2, 20, 20, 9}, "in_bed", 0);     /* shares column 10 */
    expect(s, (rs_report_run){15, 20, 20, 3}, "in_bed", 1.3);  /* next to the last */
    expect(s, (rs_report_run){0, 20, 20, 8}, "in_bed", 3.9);   /* column 7 to column 10 */
    expect(s, (rs_report_run){11, 20, 24, 2}, "in_bed", 10);   /* 4 slices: just in */
    expect(s, (rs_report_run){11, 32, 20, 2}, "margin", 10.8); /* 12 rows */
    expect(s, (rs_report_run){11, 20, 28, 2}, "margin", 20);   /* 8 slices: just in the margin */
    expect(s, (rs_report_run){18, 28, 14, 2}, "margin", 17.4); /* 4 columns, 8 rows, 6 slices: 17.39 */
    expect(s, (rs_report_run){11, 43, 20, 2}, "same_organ", 20.7);
    s->mark.side = "right";
    expect(s, (rs_report_run){31, 20, 20, 2}, "elsewhere", 22.1); /* the other lung */
    s->mark.side = "left";
    s->mark.organ = NULL;
    expect(s, (rs_report_run){11, 43, 20, 2}, "elsewhere", 20.7);
}

/* The nearest of many, whatever their order. */
static void test_nearest_of_many(void **state)
{
    scene *s = *state;
    const rs_report_run runs[] = {{0, 0, 50, 3}, {10, 20, 20, 5}, {40, 40, 31, 6}, {5, 59, 2, 1}};
    s->bed.runs = runs;
    s->bed.n_runs = 4;
    expect(s, (rs_report_run){46, 40, 31, 1}, "in_bed", 1.3);
    expect(s, (rs_report_run){0, 0, 48, 2}, "in_bed", 5);
    const rs_report_run back[] = {runs[3], runs[2], runs[1], runs[0]};
    s->bed.runs = back;
    expect(s, (rs_report_run){0, 0, 48, 2}, "in_bed", 5);
}

/* Without a mask the centre counts. */
static void test_without_mask(void **state)
{
    scene *s = *state;
    s->mark.n_runs = 0;
    rs_geometry_to_lps(&s->volume.geometry, (const double[3]){12.2, 19.8, 24.1}, s->lesion.lps_mm);
    expect(s, (rs_report_run){0, 0, 0, 0}, "in_bed", 10);
}

static void test_nothing_given(void **state)
{
    scene *s = *state;
    s->bed.n_runs = 0;
    rs_build_bed(&s->from, &s->lesion, &s->mark);
    assert_string_equal(s->mark.bed.relation, "unknown");
    assert_true(isnan(s->mark.bed.distance_mm));
    s->from.bed = NULL;
    rs_build_bed(&s->from, &s->lesion, &s->mark);
    assert_string_equal(s->mark.bed.relation, "unknown");
    assert_string_equal(s->mark.bed.reason, "no bed was given");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_distances, setup),
        cmocka_unit_test_setup(test_nearest_of_many, setup),
        cmocka_unit_test_setup(test_without_mask, setup),
        cmocka_unit_test_setup(test_nothing_given, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
