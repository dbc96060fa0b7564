/* Vessels as trunks with side branches (tree_span.c), and lesions that are seen to lie on a vessel: trees by what every
   tree must be and by the pulls at one branching; the seen radius by the blur of a straight vessel. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mode.h"
#include "tree.h"
#include "truth.h"

static double distance(const double a[3], const double b[3])
{
    return sqrt((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]) + (a[2] - b[2]) * (a[2] - b[2]));
}

static rs_phantom_tree span(rs_context *ctx, rs_arena *arena, rs_phantom_anatomy *a, double straight)
{
    rs_phantom_tubes none = {0};
    rs_phantom_tree tree = {0};
    rs_phantom_cloud cloud = {0};
    a->growth.straight = straight;
    assert_int_equal(rs_phantom_cloud_draw(ctx, arena, &(rs_phantom_cloud_args){a, &none, 1, 9.0, 77}, &cloud), RS_OK);
    assert_true(cloud.n > 500);
    assert_int_equal(rs_phantom_tree_span(ctx, arena, &(rs_phantom_tree_args){a, a->vein_end[1], &cloud}, &tree),
                     RS_OK);
    assert_int_equal(tree.n, cloud.n);
    return tree;
}

/* Longest way from the hilum, in millimetres and as a share of the straight line to its end. */
static double way(const rs_phantom_tree *tree, double *winds)
{
    double most = 0.0;
    *winds = 0.0;
    for (int n = 0; n < tree->n; n++) {
        double along = 0.0;
        for (int at = n; at >= 0; at = tree->items[at].parent)
            along += distance(tree->items[at].start, tree->items[at].end);
        most = along > most ? along : most;
        *winds += along / (distance(tree->items[0].start, tree->items[n].end) + 1.0) / tree->n;
    }
    return most;
}

static double length(const rs_phantom_tree *tree)
{
    double sum = 0.0;
    for (int n = 0; n < tree->n; n++)
        sum += distance(tree->items[n].start, tree->items[n].end);
    return sum;
}

static void trees_span_their_cloud(void **state)
{
    rs_arena *arena = rs_arena_new();
    rs_phantom_anatomy a;
    double winds = 0.0, winds_less = 0.0;
    rs_phantom_anatomy_draw(5, &a);
    rs_phantom_tree tree = span(*state, arena, &a, 0.05);
    int *below = RS_ARENA_NEW(arena, int, tree.n);
    for (int n = tree.n - 1; n >= 0; n--) {
        const rs_phantom_branch *b = &tree.items[n];
        assert_true(n == 0 ? b->parent == -1 : b->parent >= 0 && b->parent < n);
        assert_int_equal(b->leaves, below[n] + 1);
        if (n > 0) below[b->parent] += b->leaves;
        assert_memory_equal(b->start, n == 0 ? a.vein_end[1] : tree.items[b->parent].end, sizeof b->start);
        assert_true(rs_phantom_in_air(&a, b->end));
    }
    assert_int_equal(tree.items[0].leaves, tree.n);
    /* A higher price of the way: shorter ways, more vessel in all. */
    rs_phantom_tree straight = span(*state, arena, &a, 0.6);
    (void)way(&tree, &winds);
    (void)way(&straight, &winds_less);
    assert_true(winds_less < 0.97 * winds && winds_less >= 0.9);
    assert_true(length(&straight) > 1.02 * length(&tree));
    rs_arena_free(arena);
}

/* A stem and two side branches: sections pull at the branching (Murray 1926). */
static void branchings_do_least_work(void **state)
{
    rs_arena *arena = rs_arena_new();
    rs_phantom_anatomy a;
    rs_phantom_anatomy_draw(5, &a);
    a.growth.straight = 0.01;
    /* A lattice point deep in the right lung, its branches 8 mm behind it to both sides. */
    double at[3] = {-0.6 * a.cage_x, 0.0, 0.6 * a.height_mm}, root[3], points[3][3];
    for (int c = 0; c < 3; c++)
        root[c] = points[0][c] = points[1][c] = points[2][c] = at[c];
    root[1] -= 12.0;
    points[0][1] -= 3.0;
    points[1][1] += 8.0;
    points[2][1] += 8.0;
    points[1][0] -= 8.0;
    points[2][0] += 8.0;
    rs_phantom_cloud cloud = {points, 3};
    rs_phantom_tree tree = {0};
    assert_true(rs_phantom_in_air(&a, at));
    assert_int_equal(rs_phantom_tree_span(*state, arena, &(rs_phantom_tree_args){&a, root, &cloud}, &tree), RS_OK);
    assert_int_equal(tree.items[1].parent, 0);
    assert_int_equal(tree.items[2].parent, 0);
    /* 3^(2/3) = 2.08 of the stem against at most 2 of both side branches: towards the hilum, between the two. */
    const double *end = tree.items[0].end;
    assert_true(fabs(end[0] - at[0]) < 0.01 && fabs(end[2] - at[2]) < 0.01);
    assert_true(end[1] < at[1] - 3.5 && end[1] >= root[1]);
    rs_arena_free(arena);
}

/* One lesion of 4 mm centred on a straight vessel: its shell at 3 mm shows both limbs, each a cap of the seen radius.
 */
static void vessels_are_seen_as_a_scan_shows_them(void **state)
{
    static const char recipe[] = "{\"schema\":\"restage-recipe-1\",\"name\":\"x\"}";
    static const struct {
        float radius;
        double seen; /* where the disc of that radius, blurred by a Gaussian of SD 0.93 mm, falls to 0.26: SciPy */
        double within;
    } rows[] = {{0.6f, 0.0, 1e-9}, {1.0f, 1.10, 0.02}, {1.5f, 1.83, 0.04}, {2.0f, 2.38, 0.1}};
    for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
        rs_arena *arena = rs_arena_new();
        rs_phantom_model *m = RS_ARENA_NEW(arena, rs_phantom_model, 1);
        assert_int_equal(rs_phantom_recipe_parse(*state, arena, recipe, strlen(recipe), &m->recipe), RS_OK);
        rs_phantom_anatomy_draw(5, &m->anatomy);
        const double at[3] = {-0.6 * m->anatomy.cage_x, 0.0, 0.6 * m->anatomy.height_mm};
        rs_phantom_tube tube = {.radius_a = rows[n].radius, .radius_b = rows[n].radius, .layer = RS_PHANTOM_VESSEL};
        rs_phantom_lesion l = {.axis = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, .radius = {2, 2, 2}, .reach_mm = 2.0002};
        for (int c = 0; c < 3; c++) {
            tube.a[c] = (float)(at[c] - (c == 1 ? 15.0 : 0.0));
            tube.b[c] = (float)(at[c] + (c == 1 ? 15.0 : 0.0));
            l.origin[c] = at[c];
        }
        assert_int_equal(rs_phantom_tube_add(*state, arena, &m->tubes, &tube), RS_OK);
        rs_phantom_lesions_args args = {.model = m, .anatomy = &m->anatomy, .tubes = &m->tubes};
        rs_phantom_lesion_shell(&args, &l);
        double seen = rows[n].seen, caps = 1.0 - sqrt(1.0 - seen * seen / 9.0);
        if (fabs(l.vessel_share - caps) > rows[n].within)
            print_error("%g: %g for %g\n", (double)rows[n].radius, l.vessel_share, caps);
        assert_true(fabs(l.vessel_share - caps) <= rows[n].within);
        assert_true(l.wall_share == 0.0);
        rs_arena_free(arena);
    }
}

static int setup(void **state)
{
    return rs_context_new(&(rs_context_options){.threads = 1}, (rs_context **)state) == RS_OK ? 0 : -1;
}

static int teardown(void **state)
{
    rs_context_free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees_span_their_cloud),
        cmocka_unit_test(branchings_do_least_work),
        cmocka_unit_test(vessels_are_seen_as_a_scan_shows_them),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
