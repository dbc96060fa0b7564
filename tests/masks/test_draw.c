/* Contours on grids against closed forms and counts of centres. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "room.h"

enum { N = 64, SLICES = 12, CORNERS = 720 };
static const double pi = 3.14159265358979323846;

typedef struct bench {
    rs_context *ctx;
    rs_masks masks;
} bench;

static int setup(void **state)
{
    static bench b;
    b = (bench){0};
    if (rs_context_new(NULL, &b.ctx) != RS_OK) return -1;
    b.masks = (rs_masks){.ctx = b.ctx, .arena = rs_arena_new(), .kind = RS_MASKS_RTSTRUCT};
    *state = &b;
    return b.masks.arena ? 0 : -1;
}

static int teardown(void **state)
{
    bench *b = *state;
    rs_arena_free(b->masks.arena);
    rs_context_free(b->ctx);
    return 0;
}

static rs_geometry plain(void)
{
    return (rs_geometry){.n = {N, N, SLICES},
                         .spacing_mm = {1, 1, 3},
                         .origin_lps_mm = {-10, 20, 300},
                         .axis = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
}

/* A contour given in (fractional) columns and rows of a grid, at slice k. */
static void add(bench *b, rs_outline *o, const rs_geometry *g, double k, const double (*ij)[2], int n)
{
    double(*corner)[3] = rs_arena_alloc(b->masks.arena, (size_t)n, sizeof *corner);
    rs_contour *all = RS_ARENA_NEW(b->masks.arena, rs_contour, o->n_contours + 1);
    assert_non_null(corner);
    assert_non_null(all);
    if (o->n_contours > 0) memcpy(all, o->contours, (size_t)o->n_contours * sizeof *all);
    for (int c = 0; c < n; c++)
        rs_geometry_to_lps(g, (const double[3]){ij[c][0], ij[c][1], k}, corner[c]);
    rs_contour *added = &all[o->n_contours++];
    *added = (rs_contour){.corner_lps_mm = (const double(*)[3])corner, .n = n};
    rs_contour_normal(added->corner_lps_mm, n, added->normal);
    o->contours = all;
}

static void add_square(bench *b, rs_outline *o, const rs_geometry *g, double k, double begin, double end)
{
    const double ij[][2] = {{begin, begin}, {end, begin}, {end, end}, {begin, end}};
    add(b, o, g, k, ij, 4);
}

static void add_circle(bench *b, rs_outline *o, const rs_geometry *g, double k, double ci, double cj, double radius)
{
    static double ij[CORNERS][2];
    for (int c = 0; c < CORNERS; c++) {
        ij[c][0] = ci + radius * cos(2 * pi * c / CORNERS) / g->spacing_mm[0];
        ij[c][1] = cj + radius * sin(2 * pi * c / CORNERS) / g->spacing_mm[1];
    }
    add(b, o, g, k, (const double(*)[2])ij, CORNERS);
}

static rs_mask draw(bench *b, rs_outline *o, const rs_geometry *g)
{
    rs_mask_region region = {.name = "A", .n_contours = o->n_contours};
    rs_mask mask = {0};
    assert_int_equal(rs_outline_measure(&b->masks, o, "A", &region.volume_mm3), RS_OK);
    b->masks.regions = &region;
    b->masks.outlines = o;
    b->masks.n_regions = 1;
    assert_int_equal(rs_masks_draw(b->ctx, &b->masks, 0, g, b->masks.arena, &mask), RS_OK);
    b->masks.n_regions = 0;
    return mask;
}

static int64_t in_slice(const rs_mask *mask, int k)
{
    int64_t n = 0, area = (int64_t)mask->geometry.n[0] * mask->geometry.n[1];
    for (int64_t v = 0; v < area; v++)
        n += mask->inside[k * area + v];
    return n;
}

static bool has_note(const rs_mask *mask, const char *code)
{
    for (int i = 0; i < mask->notes.n; i++)
        if (strcmp(mask->notes.items[i].code, code) == 0) return true;
    return false;
}

static void test_circle(void **state)
{
    bench *b = *state;
    rs_geometry g = plain();
    rs_outline o = {0};
    const double ci = 30.2, cj = 29.7, r = 22;
    for (int k = 2; k < 7; k++)
        add_circle(b, &o, &g, k, ci, cj, r);
    double volume_mm3;
    assert_int_equal(rs_outline_measure(&b->masks, &o, "A", &volume_mm3), RS_OK);
    assert_true(fabs(o.plane_distance_mm - 3) < 1e-9);
    double polygon_mm2 = CORNERS / 2.0 * sin(2 * pi / CORNERS) * r * r;
    assert_true(fabs(volume_mm3 / (5 * 3 * polygon_mm2) - 1) < 1e-9);
    rs_mask mask = draw(b, &o, &g);
    int64_t centres = 0;
    for (int j = 0; j < N; j++)
        for (int i = 0; i < N; i++)
            centres += (i - ci) * (i - ci) + (j - cj) * (j - cj) < r * r * cos(pi / CORNERS) * cos(pi / CORNERS);
    assert_int_equal(in_slice(&mask, 1), 0);
    for (int k = 2; k < 7; k++)
        assert_in_range(in_slice(&mask, k), centres, centres + 1); /* a centre between chord and arc at most */
    assert_int_equal(in_slice(&mask, 7), 0);
    assert_int_equal(mask.voxels, 5 * in_slice(&mask, 2));
    assert_true(fabs(mask.volume_mm3 / volume_mm3 - 1) < 0.005);
    rs_mask_free(b->ctx, &mask);
}

/* Edges on voxel centres: left and upper ones belong to the region, right and lower ones to its neighbour. */
static void test_half_open(void **state)
{
    bench *b = *state;
    rs_geometry g = plain();
    rs_outline left = {0}, right = {0}, below = {0};
    add(b, &left, &g, 5, (const double[][2]){{10, 10}, {20, 10}, {20, 20}, {10, 20}}, 4);
    add(b, &right, &g, 5, (const double[][2]){{20, 20}, {30, 20}, {30, 10}, {20, 10}}, 4); /* the other way round */
    add(b, &below, &g, 5, (const double[][2]){{10, 20}, {30, 20}, {30, 30}, {10, 30}}, 4);
    rs_mask l = draw(b, &left, &g), r = draw(b, &right, &g), u = draw(b, &below, &g);
    assert_int_equal(l.voxels, 100);
    assert_int_equal(r.voxels, 100);
    assert_int_equal(u.voxels, 200);
    const size_t slice = 5 * N * N;
    assert_int_equal(l.inside[slice + 10 * N + 10], 1);
    assert_int_equal(l.inside[slice + 10 * N + 20], 0);
    assert_int_equal(l.inside[slice + 20 * N + 10], 0);
    for (int64_t v = 0; v < (int64_t)N * N * SLICES; v++)
        assert_true(l.inside[v] + r.inside[v] + u.inside[v] <= 1);
    rs_mask_free(b->ctx, &l);
    rs_mask_free(b->ctx, &r);
    rs_mask_free(b->ctx, &u);
}

/* A polygon cut along slanting lines: the parts make the whole, without a voxel in common or lost. */
static void test_parts_make_the_whole(void **state)
{
    bench *b = *state;
    rs_geometry g = plain();
    static const double corner[][2] = {{3.25, 5}, {31, 1.5}, {60.125, 17}, {50, 48}, {22, 60.5}};
    for (int turn = 0; turn < 40; turn++) {
        const double centre[2] = {20 + 0.61 * turn, 30 - 0.37 * turn};
        rs_outline whole = {0};
        add(b, &whole, &g, 4, corner, 5);
        rs_mask all = draw(b, &whole, &g);
        int64_t sum = 0;
        for (int p = 0; p < 5; p++) {
            rs_outline part = {0};
            const double *a = corner[p], *c = corner[(p + 1) % 5];
            add(b, &part, &g, 4, (const double[][2]){{centre[0], centre[1]}, {a[0], a[1]}, {c[0], c[1]}}, 3);
            rs_mask one = draw(b, &part, &g);
            sum += one.voxels;
            for (int64_t v = 0; v < (int64_t)N * N * SLICES; v++)
                assert_true(one.inside[v] <= all.inside[v]);
            rs_mask_free(b->ctx, &one);
        }
        assert_int_equal(sum, all.voxels);
        rs_mask_free(b->ctx, &all);
    }
}

static void test_holes_and_keyholes(void **state)
{
    bench *b = *state;
    rs_geometry g = plain();
    rs_outline nested = {0}, keyhole = {0};
    for (int k = 3; k < 5; k++) {
        add_square(b, &nested, &g, k, 4.5, 40.5);
        add_square(b, &nested, &g, k, 10.5, 30.5);
        add_square(b, &nested, &g, k, 14.5, 20.5); /* an island in the hole */
        add(b, &keyhole, &g, k,
            (const double[][2]){{4.5, 4.5},
                                {40.5, 4.5},
                                {40.5, 40.5},
                                {4.5, 40.5},
                                {4.5, 4.5},
                                {10.5, 10.5},
                                {10.5, 30.5},
                                {30.5, 30.5},
                                {30.5, 10.5},
                                {10.5, 10.5}},
            10);
    }
    double volume_mm3;
    assert_int_equal(rs_outline_measure(&b->masks, &nested, "A", &volume_mm3), RS_OK);
    assert_true(fabs(volume_mm3 - 2 * 3 * (1296.0 - 400 + 36)) < 1e-6);
    rs_mask holes = draw(b, &nested, &g), key = draw(b, &keyhole, &g);
    assert_int_equal(holes.voxels, 2 * (1296 - 400 + 36));
    assert_int_equal(key.voxels, 2 * (1296 - 400));
    assert_int_equal(key.inside[(3 * N + 20) * N + 20], 0);
    assert_int_equal(key.inside[(3 * N + 7) * N + 7], 1);
    rs_mask_free(b->ctx, &holes);
    rs_mask_free(b->ctx, &key);
}

/* Even-odd alone would make nothing of a contour that is drawn twice: the second goes before. */
static void test_drawn_twice(void **state)
{
    bench *b = *state;
    rs_geometry g = plain();
    rs_outline o = {0};
    for (int k = 3; k < 6; k++) {
        add_square(b, &o, &g, k, 4.5, 14.5);
        if (k == 4) add_square(b, &o, &g, k, 4.5, 14.5);
    }
    rs_outline once = o;
    double volume_mm3;
    assert_int_equal(rs_outline_measure(&b->masks, &o, "A", &volume_mm3), RS_OK);
    assert_true(fabs(volume_mm3 - 2 * 3 * 100) < 1e-6);
    rs_mask mask = draw(b, &o, &g);
    assert_int_equal(mask.voxels, 200);
    assert_int_equal(in_slice(&mask, 4), 0);
    rs_mask_free(b->ctx, &mask);
    int32_t n_dropped;
    assert_int_equal(rs_outline_drop_twins(&b->masks, &once, &n_dropped), RS_OK);
    assert_int_equal(n_dropped, 1);
    mask = draw(b, &once, &g);
    assert_int_equal(mask.voxels, 300);
    assert_int_equal(in_slice(&mask, 4), 100);
    rs_mask_free(b->ctx, &mask);
}

static void test_planes(void **state)
{
    bench *b = *state;
    rs_geometry g = plain();
    rs_outline every_second = {0}, apart = {0}, one = {0}, between = {0};
    for (int k = 1; k < 10; k += 2)
        add_square(b, &every_second, &g, k, 4.5, 5.5);
    rs_mask mask = draw(b, &every_second, &g); /* planes 6 mm apart serve 6 mm: a slice midway goes to that above */
    for (int k = 0; k < SLICES; k++)
        assert_int_equal(in_slice(&mask, k), k <= 9);
    rs_mask_free(b->ctx, &mask);
    for (int k = 1; k < 11; k++)
        if (k < 4 || k > 7) add_square(b, &apart, &g, k, 4.5, 5.5);
    mask = draw(b, &apart, &g);
    for (int k = 0; k < SLICES; k++)
        assert_int_equal(in_slice(&mask, k), (k >= 1 && k < 4) || (k > 7 && k < 11));
    assert_true(has_note(&mask, "region_gaps"));
    rs_mask_free(b->ctx, &mask);
    add_square(b, &one, &g, 6.4, 4.5, 5.5);
    mask = draw(b, &one, &g);
    assert_int_equal(mask.voxels, 1);
    assert_int_equal(in_slice(&mask, 6), 1);
    rs_mask_free(b->ctx, &mask);
    for (int k = 0; k < 30; k++) /* planes closer than slices: the one at the slice's centre */
        add_square(b, &between, &g, 4 + 0.1 * (k - 15), 10.5 - (k == 15), 11.5);
    mask = draw(b, &between, &g);
    assert_int_equal(in_slice(&mask, 4), 4);
    rs_mask_free(b->ctx, &mask);
}

static void test_oblique(void **state)
{
    bench *b = *state;
    const double a = 0.3, t = -0.7;
    rs_geometry straight = plain(), g = straight;
    const double axis[3][3] = {
        {cos(a), sin(a), 0}, {-sin(a) * cos(t), cos(a) * cos(t), sin(t)}, {sin(a) * sin(t), -cos(a) * sin(t), cos(t)}};
    memcpy(g.axis, axis, sizeof axis);
    rs_outline upright = {0}, leaning = {0};
    for (int k = 2; k < 5; k++) {
        add_circle(b, &upright, &straight, k, 30.2, 29.7, 20);
        add_circle(b, &leaning, &g, k, 30.2, 29.7, 20);
    }
    rs_mask one = draw(b, &upright, &straight), other = draw(b, &leaning, &g), none;
    assert_memory_equal(one.inside, other.inside, (size_t)N * N * SLICES);
    rs_mask_free(b->ctx, &one);
    rs_mask_free(b->ctx, &other);
    rs_mask_region region = {.name = "A"};
    b->masks.regions = &region;
    b->masks.outlines = &leaning;
    b->masks.n_regions = 1;
    assert_int_equal(rs_masks_draw(b->ctx, &b->masks, 0, &straight, b->masks.arena, &none), RS_DATA);
    assert_non_null(strstr(rs_context_message(b->ctx), "\"A\""));
    b->masks.n_regions = 0;
}

static void test_beside_and_beyond(void **state)
{
    bench *b = *state;
    rs_geometry g = plain();
    rs_outline o = {0};
    for (int k = 3; k < 7; k++)
        add_square(b, &o, &g, k, 20.5, 24.5);
    add_square(b, &o, &g, 4, -9, 2.5);  /* half outside: columns and rows 0 to 2 */
    add_square(b, &o, &g, 5, 70, 80);   /* outside */
    add_square(b, &o, &g, 200, 20, 24); /* beyond the last slice */
    rs_mask mask = draw(b, &o, &g);
    assert_int_equal(mask.voxels, 4 * 16 + 9);
    assert_true(has_note(&mask, "region_beside_picture"));
    assert_true(has_note(&mask, "region_cut"));
    assert_true(has_note(&mask, "region_beyond_slices"));
    assert_false(has_note(&mask, "region_gaps"));
    rs_mask_free(b->ctx, &mask);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_circle, setup, teardown),
        cmocka_unit_test_setup_teardown(test_half_open, setup, teardown),
        cmocka_unit_test_setup_teardown(test_parts_make_the_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(test_holes_and_keyholes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_drawn_twice, setup, teardown),
        cmocka_unit_test_setup_teardown(test_planes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_oblique, setup, teardown),
        cmocka_unit_test_setup_teardown(test_beside_and_beyond, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
