/* Kernel components: connectivity, statistics, painting. */
#include "agree.h"
#include "restage/kernels/components.h"

static rs_components run(rs_context *ctx, rs_arena *arena, const int32_t n[3], const uint8_t *labels,
                         const uint8_t *in_mask, int connectivity)
{
    rs_components out;
    rs_components_args args = {
        .n = {n[0], n[1], n[2]}, .labels = labels, .in_mask = in_mask, .connectivity = connectivity, .arena = arena};
    args.out = &out;
    assert_int_equal(rs_context_kernels(ctx)->components(ctx, &args), RS_OK);
    return out;
}

static void corners(rs_context *ctx, rs_arena *arena)
{
    static const int32_t n[3] = {4, 3, 2};
    uint8_t v[24] = {0};
    v[0] = 1;
    v[1 + 4 + 12] = 2; /* (1, 1, 1) touches (0, 0, 0) by a corner */
    v[3] = 3;          /* (3, 0, 0) touches (2, 1, 1)? no such voxel: alone */
    rs_components c = run(ctx, arena, n, v, NULL, 0);
    assert_int_equal(c.n_components, 3);
    c = run(ctx, arena, n, v, NULL, 26);
    assert_int_equal(c.n_components, 2);
    assert_int_equal(c.items[0].voxels, 2);
    assert_int_equal(c.items[0].sum[2], 1);
    assert_int_equal(c.items[0].faces, RS_FACE_I_LOW | RS_FACE_J_LOW | RS_FACE_K_LOW | RS_FACE_K_HIGH);
    assert_int_equal(c.items[1].faces, RS_FACE_I_HIGH | RS_FACE_J_LOW | RS_FACE_K_LOW);
    assert_int_equal(rs_components_at(&c, 1, 1, 1), 0);
    assert_int_equal(rs_components_at(&c, 3, 0, 0), 1);
    assert_int_equal(rs_components_at(&c, 2, 0, 0), -1);
    uint8_t in_mask[256] = {0};
    in_mask[1] = in_mask[3] = 1;
    c = run(ctx, arena, n, v, in_mask, 26);
    assert_int_equal(c.n_components, 2);
    assert_int_equal(c.n_runs, 2);
}

static void corners_count_at_26(void **state)
{
    (void)state;
    on_every_tier(corners);
}

/* A comb: teeth that are joined only in the last row take the id of the first tooth. */
static void comb(rs_context *ctx, rs_arena *arena)
{
    static const int32_t n[3] = {130, 5, 1};
    uint8_t *v = RS_ARENA_NEW(arena, uint8_t, 130 * 5);
    for (int i = 0; i < 130; i += 2)
        for (int j = 0; j < 4; j++)
            v[j * 130 + i] = 1;
    rs_components c = run(ctx, arena, n, v, NULL, 6);
    assert_int_equal(c.n_components, 65);
    for (int x = 0; x < 65; x++) {
        assert_int_equal(c.items[x].voxels, 4);
        assert_int_equal(c.items[x].sum[0], 4 * 2 * x);
        assert_int_equal(c.items[x].sum[1], 6);
        assert_int_equal(c.items[x].first_run, x);
    }
    memset(v + 4 * 130, 1, 130);
    c = run(ctx, arena, n, v, NULL, 6);
    assert_int_equal(c.n_components, 1);
    assert_int_equal(c.n_runs, 4 * 65 + 1);
    assert_int_equal(c.items[0].voxels, 4 * 65 + 130);
    assert_int_equal(c.items[0].end[0], 130);
    assert_int_equal(c.items[0].end[1], 5);
    assert_int_equal(c.runs[c.row_first[4]].i_end, 130);
}

static void combs_are_joined(void **state)
{
    (void)state;
    on_every_tier(comb);
}

static void boards(rs_context *ctx, rs_arena *arena)
{
    static const int32_t n[3] = {64, 10, 6};
    uint8_t *v = RS_ARENA_NEW(arena, uint8_t, 64 * 60), *painted = RS_ARENA_NEW(arena, uint8_t, 64 * 60);
    rs_components c = run(ctx, arena, n, v, NULL, 6);
    assert_int_equal(c.n_components, 0);
    assert_int_equal(c.n_runs, 0);
    for (int x = 0; x < 64 * 60; x++)
        v[x] = (uint8_t)((x % 64 + x / 64 % 10 + x / 640) % 2);
    assert_int_equal(run(ctx, arena, n, v, NULL, 26).n_components, 1);
    c = run(ctx, arena, n, v, NULL, 6);
    assert_int_equal(c.n_components, 64 * 30);
    int16_t *value = RS_ARENA_NEW(arena, int16_t, c.n_components);
    for (int x = 0; x < c.n_components; x++)
        value[x] = (int16_t)(x % 2 == 0 ? -1 : 9);
    memset(painted, 5, 64 * 60);
    assert_int_equal(rs_components_paint(ctx, &c, value, painted), RS_OK);
    int nines = 0;
    for (int x = 0; x < 64 * 60; x++) {
        assert_true(painted[x] == 5 || (painted[x] == 9 && v[x] == 1));
        nines += painted[x] == 9;
    }
    assert_int_equal(nines, 64 * 15);
    memset(v, 1, 64 * 60);
    c = run(ctx, arena, n, v, NULL, 6);
    assert_int_equal(c.n_components, 1);
    assert_int_equal(c.items[0].voxels, 64 * 60);
    assert_int_equal(c.items[0].faces, 63);
    assert_int_equal(c.items[0].sum[0], 60 * (63 * 64 / 2));
}

static void empty_boards_and_full(void **state)
{
    (void)state;
    on_every_tier(boards);
}

static void prop_agrees(void **state)
{
    (void)state;
    agree_all("components");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(corners_count_at_26),
        cmocka_unit_test(combs_are_joined),
        cmocka_unit_test(empty_boards_and_full),
        cmocka_unit_test(prop_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
