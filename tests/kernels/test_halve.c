/* Kernel halve: weights, ramps, rounding, clamping. */
#include "agree.h"
#include "restage/kernels/halve.h"

static void sizes(void **state)
{
    (void)state;
    int32_t n[3];
    rs_halve_size((const int32_t[3]){7, 8, 9}, (const int[3]){1, 1, 0}, n);
    assert_int_equal(n[0], 4);
    assert_int_equal(n[1], 4);
    assert_int_equal(n[2], 9);
    assert_near(rs_halve_variance_mm2(0.7), 0.49, 1e-15);
}

/* An impulse on an even voxel leaves 6/16 there and 1/16 on its neighbours, on an odd one 4/16 on both: mass 1/2 and
   second moment of the taps 1 voxel^2 along each axis. */
static void impulse(rs_context *ctx, rs_arena *arena)
{
    (void)arena;
    for (int axis = 0; axis < 3; axis++)
        for (int odd = 0; odd < 2; odd++) {
            int16_t in[16] = {0}, out[8];
            in[6 + odd] = 1600;
            rs_halve_args args = {.n = {1, 1, 1}, .in = in, .out = out};
            args.n[axis] = 16;
            args.axes[axis] = 1;
            assert_int_equal(rs_context_kernels(ctx)->halve(ctx, &args), RS_OK);
            const int16_t even_image[8] = {0, 0, 100, 600, 100, 0, 0, 0}, odd_image[8] = {0, 0, 0, 400, 400, 0, 0, 0};
            assert_memory_equal(out, odd ? odd_image : even_image, sizeof out);
            double moment = 0.0;
            for (int o = 0; o < 8; o++)
                moment += 2.0 * out[o] / 1600.0 * (2 * o - 6 - odd) * (2 * o - 6 - odd);
            assert_near(moment, 1.0, 1e-12);
        }
}

static void weights_of_an_impulse(void **state)
{
    (void)state;
    on_every_tier(impulse);
}

/* A ramp shows the origin: output voxel o stands on input voxel 2 o. */
static void ramp(rs_context *ctx, rs_arena *arena)
{
    (void)arena;
    int16_t in[9 * 7 * 5], out[5 * 4 * 3];
    for (int v = 0; v < 9 * 7 * 5; v++)
        in[v] = (int16_t)(100 * (v % 9) - 30 * (v / 9 % 7) + 7 * (v / 63));
    rs_halve_args args = {.n = {9, 7, 5}, .in = in, .axes = {1, 1, 1}, .out = out};
    assert_int_equal(rs_context_kernels(ctx)->halve(ctx, &args), RS_OK);
    for (int j = 1; j < 3; j++)
        for (int i = 1; i < 4; i++)
            assert_int_equal(out[(1 * 4 + j) * 5 + i], 200 * i - 60 * j + 14);
}

static void a_ramp_keeps_its_origin(void **state)
{
    (void)state;
    on_every_tier(ramp);
}

static void rounding(rs_context *ctx, rs_arena *arena)
{
    (void)arena;
    int16_t in[4] = {0, -2, 0, 0}, out[4];
    rs_halve_args args = {.n = {4, 1, 1}, .in = in, .axes = {1, 0, 0}, .out = out};
    assert_int_equal(rs_context_kernels(ctx)->halve(ctx, &args), RS_OK);
    assert_int_equal(out[0], 0); /* -8/16 = -0.5: half up */
    in[1] = -3;
    assert_int_equal(rs_context_kernels(ctx)->halve(ctx, &args), RS_OK);
    assert_int_equal(out[0], -1);
    for (int i = 0; i < 4; i++)
        in[i] = INT16_MIN;
    assert_int_equal(rs_context_kernels(ctx)->halve(ctx, &args), RS_OK);
    assert_int_equal(out[0], INT16_MIN);
    args.low = -1000;
    args.high = 200;
    assert_int_equal(rs_context_kernels(ctx)->halve(ctx, &args), RS_OK);
    assert_int_equal(out[1], -1000);
    for (int i = 0; i < 4; i++)
        in[i] = INT16_MAX;
    assert_int_equal(rs_context_kernels(ctx)->halve(ctx, &args), RS_OK);
    assert_int_equal(out[1], 200);
}

static void half_up_and_clamped(void **state)
{
    (void)state;
    on_every_tier(rounding);
}

static void prop_agrees(void **state)
{
    (void)state;
    agree_all("halve");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes),
        cmocka_unit_test(weights_of_an_impulse),
        cmocka_unit_test(a_ramp_keeps_its_origin),
        cmocka_unit_test(half_up_and_clamped),
        cmocka_unit_test(prop_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
