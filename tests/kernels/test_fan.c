/* Kernel fan: closed forms, then every tier against the reference. */
#include "agree.h"
#include "restage/kernels/fan.h"

enum { SIDE = 12 };

static const float axes[3][3] = {{1, 0, 0}, {0, -0.5F, 0}, {0.25F, 0.25F, 0.5F}};

/* Distances whose places along the axes above are exact in float: 0, 0.25 … 3.75 mm. */
static const float *quarters(void)
{
    static float mm[RS_FAN_STEPS];
    for (int t = 0; t < RS_FAN_STEPS; t++)
        mm[t] = 0.25F * (float)t;
    return mm;
}

/* Voxels of f(i, j, k), and arguments that look at them from (5, 6, 4.5). */
static rs_fan_args look(int16_t (*f)(int, int, int), rs_arena *arena)
{
    int16_t *box = RS_ARENA_RAW(arena, int16_t, SIDE * SIDE * SIDE);
    for (int k = 0; k < SIDE; k++)
        for (int j = 0; j < SIDE; j++)
            for (int i = 0; i < SIDE; i++)
                box[(k * SIDE + j) * SIDE + i] = f(i, j, k);
    return (rs_fan_args){.box = box,
                         .row = SIDE,
                         .slice = SIDE * SIDE,
                         .centre = {5, 6, 4.5F},
                         .step = axes,
                         .mm = quarters(),
                         .rays = 3,
                         .low = -30000,
                         .high = 30000,
                         .slope = 1,
                         .least = -30000,
                         .most = 30000,
                         .out = RS_ARENA_RAW(arena, float, 3 * RS_FAN_STEPS)};
}

static int16_t slope(int i, int j, int k)
{
    return (int16_t)(16 * i + 32 * j - 64 * k - 300); /* negative and positive */
}

/* Linear interpolation, and a spline of a slope, give the slope itself: all numbers are exact in binary but the
   spline's thirds. */
static void on_a_slope(rs_context *ctx, rs_arena *arena)
{
    rs_fan_args args = look(slope, arena);
    for (int spline = 0; spline < 2; spline++) {
        args.spline_k = spline;
        assert_int_equal(rs_context_kernels(ctx)->fan(ctx, &args), RS_OK);
        for (int r = 0; r < args.rays; r++)
            for (int t = 0; t < RS_FAN_STEPS; t++) {
                double at[3];
                for (int a = 0; a < 3; a++)
                    at[a] = (double)args.centre[a] + (double)args.mm[t] * (double)axes[r][a];
                assert_near((double)args.out[r * RS_FAN_STEPS + t], 16 * at[0] + 32 * at[1] - 64 * at[2] - 300,
                            spline ? 1e-3 : 0);
            }
    }
}

static void test_slope(void **state)
{
    (void)state;
    on_every_tier(on_a_slope);
}

static int16_t step_at_six(int i, int j, int k)
{
    (void)j, (void)k;
    return i < 6 ? -2000 : 3000;
}

/* Voxels are cut to -1000 … 500 before they are interpolated, so that between columns 5 and 6 the value is
   0.5 (-1000 + 1500 x) - 100; of that -400 … 120 is left. */
static void is_cut(rs_context *ctx, rs_arena *arena)
{
    rs_fan_args args = look(step_at_six, arena);
    args.low = -1000;
    args.high = 500;
    args.slope = 0.5F;
    args.offset = -100;
    args.least = -400;
    args.most = 120;
    assert_int_equal(rs_context_kernels(ctx)->fan(ctx, &args), RS_OK);
    const double expected[] = {-400, -400, -225, -37.5, 120, 120}; /* -600, -412.5, … 150, 150 */
    for (int t = 0; t < 6; t++)
        assert_near((double)args.out[t], expected[t], 0);
}

static int16_t bump_at_five(int i, int j, int k)
{
    (void)i, (void)j;
    return k == 5 ? 600 : 0;
}

/* One coefficient shows the spline itself: 1/6, 23/48, 2/3 of it at distance 1, 1/2, 0. */
static void is_a_spline(rs_context *ctx, rs_arena *arena)
{
    rs_fan_args args = look(bump_at_five, arena);
    const float along_k[1][3] = {{0, 0, 1}};
    args.spline_k = true;
    args.step = along_k;
    args.rays = 1;
    args.centre[2] = 3;
    assert_int_equal(rs_context_kernels(ctx)->fan(ctx, &args), RS_OK);
    const int at[] = {0, 4, 6, 8, 10, 12};
    const double expected[] = {0, 100, 287.5, 400, 287.5, 100};
    for (int n = 0; n < 6; n++)
        assert_near((double)args.out[at[n]], expected[n], 1e-3);
}

static void test_cut(void **state)
{
    (void)state;
    on_every_tier(is_cut);
}

static void test_spline(void **state)
{
    (void)state;
    on_every_tier(is_a_spline);
}

static void refuses(void **state)
{
    (void)state;
    rs_context *ctx = agree_context(1, RS_TIER_UNKNOWN);
    rs_arena *arena = rs_arena_new();
    rs_fan_args args = look(slope, arena);
    args.rays = 0;
    assert_int_equal(rs_context_kernels(ctx)->fan(ctx, &args), RS_DEFECT);
    rs_arena_free(arena);
    rs_context_free(ctx);
}

static void prop_agrees(void **state)
{
    (void)state;
    agree_all("fan");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slope), cmocka_unit_test(test_cut),    cmocka_unit_test(test_spline),
        cmocka_unit_test(refuses),    cmocka_unit_test(prop_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
