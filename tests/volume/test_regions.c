/* Slices that no image shows leave the regions: labels, boxes, ml, states and reasons. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "restage/context.h"
#include "restage/regions.h"

enum { SIDE = 10, SLICES = 12, AREA = SIDE * SIDE };

static const rs_unseen unseen[] = {{3, 5}, {8, 9}};
static rs_context *ctx;
static rs_arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = rs_arena_new();
    return arena ? (int)rs_context_new(NULL, &ctx) : -1;
}

static int tear_down(void **state)
{
    (void)state;
    rs_arena_free(arena);
    rs_context_free(ctx);
    return 0;
}

/* A region that fills columns 2 … 5 of slices begin … end - 1; 10 mm voxels are 1 ml. */
static void fill(rs_regions *r, int index, rs_role role, int begin, int end)
{
    rs_region *region = &r->region[index];
    *region = (rs_region){.name = "lung", .role = role, .state = RS_ASSESSED};
    for (int k = begin; k < end; k++)
        for (int v = 0; v < AREA; v++)
            if (v % SIDE >= 2 && v % SIDE < 6) r->labels[k * AREA + v] = (uint8_t)(index + 1);
    region->begin[0] = 2, region->end[0] = 6, region->end[1] = SIDE;
    region->begin[2] = begin, region->end[2] = end;
    region->volume_ml = region->searched_ml = 40.0 * (end - begin);
    r->n = index + 1;
}

static rs_regions make(void)
{
    rs_regions r;
    const rs_geometry g = {
        .n = {SIDE, SIDE, SLICES}, .spacing_mm = {10, 10, 10}, .axis = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    assert_int_equal(rs_regions_new(ctx, &g, &r), RS_OK);
    return r;
}

static void test_left_out(void **state)
{
    (void)state;
    rs_regions r = make();
    fill(&r, 0, RS_ROLE_SEARCH, 0, 2); /* below every hole */
    fill(&r, 1, RS_ROLE_SEARCH, 2, 9); /* ends in one, has another inside */
    fill(&r, 2, RS_ROLE_BODY, 9, 12);
    assert_int_equal(rs_regions_leave_out(ctx, &r, unseen, 2, "3 slices are missing", arena), RS_OK);
    assert_int_equal(r.region[0].state, RS_ASSESSED);
    assert_null(r.region[0].reason);
    assert_int_equal(r.region[1].state, RS_ASSESSED_PARTLY);
    assert_string_equal(r.region[1].reason,
                        "3 slices are missing: about 120.0 ml of it lie there and are not searched");
    assert_true(r.region[1].searched_ml == 160 && r.region[1].volume_ml == 280);
    assert_int_equal(r.region[1].begin[2], 2);
    assert_int_equal(r.region[1].end[2], 8);
    for (int k = 0; k < SLICES; k++)
        for (int j = 0; j < SIDE; j++)
            assert_int_equal(rs_regions_at(&r, 3, j, k), !rs_regions_is_seen(&r, k) ? -1 : k < 2 ? 0 : k < 9 ? 1 : 2);
    rs_regions_free(ctx, &r);
}

/* A second reason stands behind the first; a region of which nothing is left is not assessed. */
static void test_reasons(void **state)
{
    (void)state;
    rs_regions r = make();
    fill(&r, 0, RS_ROLE_SEARCH, 0, 4);
    r.region[0].state = RS_ASSESSED_PARTLY;
    r.region[0].reason = "cut below";
    fill(&r, 1, RS_ROLE_SEARCH, 8, 9);
    assert_int_equal(rs_regions_leave_out(ctx, &r, unseen, 2, "holes", arena), RS_OK);
    assert_string_equal(r.region[0].reason, "cut below; holes: about 40.0 ml of it lie there and are not searched");
    assert_int_equal(r.region[1].state, RS_NOT_ASSESSED);
    assert_true(r.region[1].searched_ml == 0);
    int32_t begin[3], end[3];
    assert_true(rs_regions_search_box(&r, begin, end));
    assert_int_equal(end[2], 3);
    rs_regions_free(ctx, &r);
}

/* A region on both sides of a hole goes on in it, also where interpolation gave it no label there. */
static void test_spans_without_labels(void **state)
{
    (void)state;
    rs_regions r = make();
    fill(&r, 0, RS_ROLE_SEARCH, 6, 12);
    memset(r.labels + 8 * AREA, 0, AREA);
    fill(&r, 1, RS_ROLE_SEARCH, 9, 12);
    assert_int_equal(rs_regions_leave_out(ctx, &r, unseen, 2, "holes", arena), RS_OK);
    assert_int_equal(r.region[0].state, RS_ASSESSED_PARTLY);
    assert_string_equal(r.region[0].reason, "holes: what of it lies there is not searched");
    assert_true(r.region[0].searched_ml == 240);
    assert_int_equal(r.region[1].state, RS_ASSESSED);
    rs_regions_free(ctx, &r);
}

/* Slices of 2.5 mm: a region that ends within 10 mm of an open end may go on there, another is whole. */
static void test_open_end(void **state)
{
    (void)state;
    rs_regions r = make();
    r.geometry.spacing_mm[2] = 2.5;
    fill(&r, 0, RS_ROLE_SEARCH, 4, 8);
    fill(&r, 1, RS_ROLE_SEARCH, 8, 9);
    assert_int_equal(rs_regions_open_end(ctx, &r, (bool[2]){true, true}, "1 slice is missing", arena), RS_OK);
    assert_int_equal(r.region[0].state, RS_ASSESSED);
    assert_int_equal(r.region[1].state, RS_ASSESSED_PARTLY);
    assert_string_equal(r.region[1].reason, "1 slice is missing: what of it lies there is not searched");
    assert_true(r.region[1].searched_ml == r.region[1].volume_ml);
    r.region[0].begin[2] = 3;
    assert_int_equal(rs_regions_open_end(ctx, &r, (bool[2]){false, true}, "holes", arena), RS_OK);
    assert_int_equal(r.region[0].state, RS_ASSESSED);
    assert_int_equal(rs_regions_open_end(ctx, &r, (bool[2]){true, false}, "holes", arena), RS_OK);
    assert_int_equal(r.region[0].state, RS_ASSESSED_PARTLY);
    rs_regions_free(ctx, &r);
}

static void test_seen_around(void **state)
{
    (void)state;
    static const int want[SLICES][2] = {{0, 3}, {0, 3}, {0, 3},  {0, 12}, {0, 12}, {5, 8},
                                        {5, 8}, {5, 8}, {0, 12}, {9, 12}, {9, 12}, {9, 12}};
    const rs_regions r = {.geometry = {.n = {SIDE, SIDE, SLICES}}, .unseen = unseen, .n_unseen = 2};
    for (int k = 0; k < SLICES; k++) {
        const rs_unseen seen = rs_regions_seen_around(&r, k);
        assert_int_equal(seen.begin, want[k][0]);
        assert_int_equal(seen.end, want[k][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_left_out),    cmocka_unit_test(test_open_end),
        cmocka_unit_test(test_reasons),     cmocka_unit_test(test_spans_without_labels),
        cmocka_unit_test(test_seen_around),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
