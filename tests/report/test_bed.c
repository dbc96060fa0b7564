/* Relation of a mark to the bed against closed forms (contract 7). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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
    rs_report_input input;
    rs_report_context told;
    rs_report_treatment treatment[3];
    rs_builder b;
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
    s.b = (rs_builder){.input = &s.input, .arena = rs_arena_new()};
    *state = &s;
    return s.b.arena ? 0 : -1;
}

static int teardown(void **state)
{
    rs_arena_free(((scene *)*state)->b.arena);
    return 0;
}

static void place(scene *s)
{
    assert_int_equal(rs_build_bed(&s->b, &s->from, &s->lesion, &s->mark), RS_OK);
}

static void expect(scene *s, rs_report_run own, const char *relation, double distance_mm)
{
    s->own = own;
    place(s);
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

static uint32_t draw_number(uint32_t *state, uint32_t below)
{
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 8) % below;
}

static int by_row(const void *a, const void *b)
{
    const rs_report_run *x = a, *y = b;
    if (x->k != y->k) return x->k < y->k ? -1 : 1;
    if (x->j != y->j) return x->j < y->j ? -1 : 1;
    return x->i < y->i ? -1 : x->i > y->i;
}

/* Voxel against voxel. */
static double plain_distance(const scene *s, const rs_report_run *a, int n_a)
{
    double least = (double)INFINITY;
    const double *mm = s->volume.geometry.spacing_mm;
    for (int x = 0; x < n_a; x++)
        for (int y = 0; y < s->bed.n_runs; y++)
            for (int i = a[x].i; i < a[x].i + a[x].count; i++)
                for (int o = s->bed.runs[y].i; o < s->bed.runs[y].i + s->bed.runs[y].count; o++) {
                    double di = (i - o) * mm[0], dj = (a[x].j - s->bed.runs[y].j) * mm[1],
                           dk = (a[x].k - s->bed.runs[y].k) * mm[2];
                    least = fmin(least, sqrt(di * di + dj * dj + dk * dk));
                }
    return least;
}

/* Marks and beds of many runs, strewn and in order, near and far. */
static void test_against_voxels(void **state)
{
    scene *s = *state;
    static rs_report_run bed[40], mark[30];
    uint32_t seed = 7;
    for (int turn = 0; turn < 400; turn++) {
        const uint32_t reach = 1 + (uint32_t)turn % 20;
        const int32_t far = (int32_t)draw_number(&seed, 35);
        for (int r = 0; r < 40; r++)
            bed[r] = (rs_report_run){(int32_t)draw_number(&seed, reach), (int32_t)draw_number(&seed, reach),
                                     (int32_t)draw_number(&seed, reach), 1 + (int32_t)draw_number(&seed, 5)};
        for (int r = 0; r < 30; r++)
            mark[r] = (rs_report_run){far + (int32_t)draw_number(&seed, reach), (int32_t)draw_number(&seed, reach),
                                      far / 2 + (int32_t)draw_number(&seed, reach), 1 + (int32_t)draw_number(&seed, 3)};
        if (turn % 3 > 0) qsort(mark, 30, sizeof *mark, by_row);
        s->bed.runs = bed;
        s->bed.n_runs = 40;
        s->mark.runs = mark;
        s->mark.n_runs = 30;
        place(s);
        assert_true(fabs(s->mark.bed.distance_mm - plain_distance(s, mark, 30)) <= 0.05 + 1e-9);
    }
}

/* A million runs against ten thousand, the nearest two columns apart: pair by pair that is 10^10. */
static void test_ragged_bed(void **state)
{
    scene *s = *state;
    enum { SIDE = 100, BED = 1000000, MARK = SIDE * SIDE };
    rs_report_run *bed = malloc(BED * sizeof *bed), *mark = malloc(MARK * sizeof *mark);
    assert_non_null(bed);
    assert_non_null(mark);
    for (int r = 0; r < BED; r++)
        bed[r] = (rs_report_run){4 * (r % SIDE), r / SIDE % SIDE, r / SIDE / SIDE, 1};
    for (int r = 0; r < MARK; r++)
        mark[r] = (rs_report_run){4 * (r % 97) + 2, r % SIDE, r / SIDE, 1};
    s->bed.runs = bed;
    s->bed.n_runs = BED;
    s->mark.runs = mark;
    s->mark.n_runs = MARK;
    const clock_t begin = clock();
    place(s);
    assert_true(clock() - begin < 3 * CLOCKS_PER_SEC);
    assert_true(fabs(s->mark.bed.distance_mm - 2.6) < 1e-9);
    free(bed);
    free(mark);
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
    place(s);
    assert_string_equal(s->mark.bed.relation, "unknown");
    assert_true(isnan(s->mark.bed.distance_mm));
    s->from.bed = NULL;
    place(s);
    assert_string_equal(s->mark.bed.relation, "unknown");
    assert_string_equal(s->mark.bed.reason, "no bed was given");
}

/* The mark's nearest voxel against points and a mask; the nearest bed names its treatment. */
static void test_treatments(void **state)
{
    scene *s = *state;
    double index[3] = {20.4, 20, 20};
    s->told = (rs_report_context){.treatments = s->treatment, .n_treatments = 3};
    s->treatment[0] = (rs_report_treatment){.kind = "systemic", .date = "2024"};
    s->treatment[1] =
        (rs_report_treatment){.kind = "SBRT", .site = "left apex", .date = "2024-03-01", .has_point = true};
    s->treatment[2] = (rs_report_treatment){.kind = "surgery", .mask = "m.mha"};
    rs_geometry_to_lps(&s->volume.geometry, index, s->treatment[1].point_lps_mm);
    s->b.told = &s->told;
    s->from.bed = NULL;
    s->own = (rs_report_run){10, 20, 20, 5};
    place(s);
    assert_string_equal(s->mark.bed.relation, "in_bed");
    assert_true(fabs(s->mark.bed.distance_mm - 8.3) < 1e-9); /* column 14 to 20.4: 6.4 x 1.3 mm */
    assert_string_equal(s->mark.bed.treatment, "SBRT, left apex, 2024-03-01");
    assert_null(s->mark.bed.reason);
    s->own = (rs_report_run){18, 20, 20, 5}; /* column 20 */
    place(s);
    assert_true(fabs(s->mark.bed.distance_mm - 0.5) < 1e-9);
    /* The mask of the third, columns 10 to 14, is nearer to column 13. */
    const rs_given_region *treated[3] = {NULL, NULL, &s->bed};
    s->from.treated = treated;
    s->own = (rs_report_run){15, 20, 20, 1};
    place(s);
    assert_true(fabs(s->mark.bed.distance_mm - 1.3) < 1e-9);
    assert_string_equal(s->mark.bed.treatment, "surgery");
    /* --region is one more bed; of two as near the treatment is named. */
    s->from.bed = &s->bed;
    place(s);
    assert_string_equal(s->mark.bed.treatment, "surgery");
    s->from.treated = NULL;
    place(s);
    assert_null(s->mark.bed.treatment);
    assert_non_null(s->mark.bed.reason);
    /* Nobody is named: the kind alone. */
    s->from.bed = NULL;
    s->input.identity = "none";
    place(s);
    assert_string_equal(s->mark.bed.treatment, "SBRT");
    s->treatment[1].has_point = false;
    s->treatment[2].mask = NULL;
    place(s);
    assert_string_equal(s->mark.bed.relation, "unknown");
    assert_string_equal(s->mark.bed.reason, "a treatment was given, but no position with it");
}

/* A point has the organ of its voxel; outside the image it has none. */
static void test_organ_of_a_point(void **state)
{
    scene *s = *state;
    s->told = (rs_report_context){.treatments = s->treatment, .n_treatments = 1};
    s->treatment[0] = (rs_report_treatment){.kind = "RT", .has_point = true};
    s->b.told = &s->told;
    s->from.bed = NULL;
    s->own = (rs_report_run){2, 2, 2, 1};
    const struct {
        double index[3];
        const char *side, *relation;
    } tries[] = {{{10, 40, 20}, "left", "same_organ"},
                 {{29.4, 40, 20}, "left", "same_organ"},
                 {{29.6, 40, 20}, "left", "elsewhere"},
                 {{29.6, 40, 20}, "right", "same_organ"},
                 {{-9, 40, 20}, "left", "elsewhere"}};
    for (size_t t = 0; t < sizeof tries / sizeof tries[0]; t++) {
        rs_geometry_to_lps(&s->volume.geometry, tries[t].index, s->treatment[0].point_lps_mm);
        s->mark.side = tries[t].side;
        place(s);
        assert_string_equal(s->mark.bed.relation, tries[t].relation);
    }
}

static rs_status lobe_of(rs_context *ctx, const rs_volume *volume, const rs_regions *regions, const double lps_mm[3],
                         rs_arena *arena, rs_place *out)
{
    (void)ctx, (void)volume, (void)regions, (void)arena;
    *out = (rs_place){.lobe = lps_mm[2] > 0 ? "LUL" : "LLL"};
    return RS_OK;
}

/* Lobes are asked of the centre of the bed, beyond its margin only. */
static void test_lobes(void **state)
{
    scene *s = *state;
    const rs_organ organ = {.place = lobe_of};
    s->from.organ = &organ;
    s->mark.lobe = "LUL";
    expect(s, (rs_report_run){11, 43, 20, 2}, "same_lobe", 20.7);
    expect(s, (rs_report_run){11, 20, 28, 2}, "margin", 20);
    s->mark.lobe = "LLL";
    expect(s, (rs_report_run){11, 43, 20, 2}, "same_organ", 20.7);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_distances),  TEST(test_nearest_of_many),  TEST(test_against_voxels),
        TEST(test_ragged_bed), TEST(test_without_mask),     TEST(test_nothing_given),
        TEST(test_treatments), TEST(test_organ_of_a_point), TEST(test_lobes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
