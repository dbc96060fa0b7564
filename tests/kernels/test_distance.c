/* Kernel distance: points, slabs, limits. */
#include "agree.h"
#include "restage/kernels/distance.h"

static const double spacing_mm[3] = {0.7, 0.9, 2.5};

/* Two voxels outside: the distance is the smaller of two Pythagorean ones. */
static void points(rs_context *ctx, rs_arena *arena)
{
    enum { NI = 70, NJ = 21, NK = 9 };
    static const int p[2][3] = {{3, 4, 1}, {60, 17, 7}};
    uint8_t *mask = RS_ARENA_NEW(arena, uint8_t, NI * NJ * NK);
    float *out = RS_ARENA_NEW(arena, float, NI *NJ *NK);
    memset(mask, 1, NI * NJ * NK);
    for (int x = 0; x < 2; x++)
        mask[(p[x][2] * NJ + p[x][1]) * NI + p[x][0]] = 0;
    for (int limited = 0; limited < 2; limited++) {
        rs_distance_args args = {.n = {NI, NJ, NK}, .spacing_mm = {0.7, 0.9, 2.5}, .mask = mask, .out = out};
        args.limit_mm = limited ? 6.5 : 0.0;
        assert_int_equal(rs_context_kernels(ctx)->distance(ctx, &args), RS_OK);
        for (int v = 0; v < NI * NJ * NK; v++) {
            double best = 1e9;
            const int at[3] = {v % NI, v / NI % NJ, v / NI / NJ};
            for (int x = 0; x < 2; x++) {
                double square = 0.0;
                for (int a = 0; a < 3; a++)
                    square += (at[a] - p[x][a]) * spacing_mm[a] * (at[a] - p[x][a]) * spacing_mm[a];
                best = fmin(best, sqrt(square));
            }
            assert_near((double)out[v], limited ? fmin(best, 6.5) : best, 1e-5);
        }
    }
}

static void distances_to_points(void **state)
{
    (void)state;
    on_every_tier(points);
}

static void ends(rs_context *ctx, rs_arena *arena)
{
    (void)arena;
    uint8_t mask[12];
    float out[12];
    rs_distance_args args = {.n = {12, 1, 1}, .spacing_mm = {0.5, 1, 1}, .mask = mask, .out = out};
    memset(mask, 9, sizeof mask);
    assert_int_equal(rs_context_kernels(ctx)->distance(ctx, &args), RS_OK);
    for (int i = 0; i < 12; i++)
        assert_true(isinf(out[i]) && out[i] > 0.0F);
    args.limit_mm = 20.0;
    assert_int_equal(rs_context_kernels(ctx)->distance(ctx, &args), RS_OK);
    for (int i = 0; i < 12; i++)
        assert_true(out[i] == 20.0F);
    mask[0] = 0; /* what lies beyond the box is not outside: 11 steps to the far end */
    assert_int_equal(rs_context_kernels(ctx)->distance(ctx, &args), RS_OK);
    for (int i = 0; i < 12; i++)
        assert_true(out[i] == 0.5F * (float)i);
    memset(mask, 0, sizeof mask);
    assert_int_equal(rs_context_kernels(ctx)->distance(ctx, &args), RS_OK);
    for (int i = 0; i < 12; i++)
        assert_true(out[i] == 0.0F);
}

static void nothing_outside_or_inside(void **state)
{
    (void)state;
    on_every_tier(ends);
}

static void prop_agrees(void **state)
{
    (void)state;
    agree_all("distance");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances_to_points),
        cmocka_unit_test(nothing_outside_or_inside),
        cmocka_unit_test(prop_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
