/* Kernel resample: eigenfunctions of the mirrored spline, ramps, nodes, tiles. */
#include "agree.h"
#include "restage/kernels/resample.h"

static void fill_cosine(float *v, int32_t n, double omega)
{
    for (int32_t p = 0; p < n; p++)
        v[p] = (float)(1000.0 * cos(omega * p));
}

/* cos(pi m p / (n - 1)) is mirrored onto itself at both ends. Its spline has the coefficients 6 / (4 + 2 cos w) cos(w
   p), and at p + 1/2 the weights 1, 23, 23, 1 over 48. */
static void cosines(rs_context *ctx, rs_arena *arena)
{
    static const int32_t n = 13;
    for (int axis = 0; axis < 3; axis++)
        for (int m = 0; m < n; m++) {
            double omega = acos(-1.0) * m / (n - 1);
            float *in = RS_ARENA_NEW(arena, float, n), *out = RS_ARENA_NEW(arena, float, 2 * n - 1);
            fill_cosine(in, n, omega);
            rs_resample_args args = {.n_in = {1, 1, 1}, .n_out = {1, 1, 1}, .method = RS_RESAMPLE_CUBIC};
            args.n_in[axis] = n;
            args.n_out[axis] = 2 * n - 1;
            args.step[axis] = 0.5;
            args.in = in;
            args.out = out;
            assert_int_equal(rs_context_kernels(ctx)->resample(ctx, &args), RS_OK);
            double c = 6000.0 / (4.0 + 2.0 * cos(omega));
            for (int o = 0; o < 2 * n - 1; o++) {
                double expected =
                    o % 2 == 0 ? (double)in[o / 2]
                               : c * cos(omega * 0.5 * o) * (2.0 * cos(1.5 * omega) + 46.0 * cos(0.5 * omega)) / 48.0;
                assert_near((double)out[o], expected, 2e-3);
            }
        }
}

static void cosines_are_eigenfunctions(void **state)
{
    (void)state;
    on_every_tier(cosines);
}

static void ramps(rs_context *ctx, rs_arena *arena)
{
    (void)arena;
    int16_t in[5] = {0, 10, 20, 30, 40};
    float out[9];
    rs_resample_args args = {.n_in = {5, 1, 1}, .n_out = {9, 1, 1}, .in_int16 = in, .out = out};
    args.origin[0] = -1.25;
    args.step[0] = 0.75;
    assert_int_equal(rs_context_kernels(ctx)->resample(ctx, &args), RS_OK);
    for (int o = 0; o < 9; o++) { /* linear; mirrored beyond 0 and 4 */
        double p = fabs(-1.25 + 0.75 * o);
        assert_near((double)out[o], 10.0 * (p > 4.0 ? 8.0 - p : p), 1e-4);
    }
    args.method = RS_RESAMPLE_NEAREST;
    args.origin[0] = 0.0;
    args.step[0] = 0.5;
    assert_int_equal(rs_context_kernels(ctx)->resample(ctx, &args), RS_OK);
    for (int o = 0; o < 9; o++)
        assert_true(out[o] == 10.0F * (float)((o + 1) / 2)); /* half way: the upper one */
    /* The same for a single voxel: constant for ever. */
    for (int method = 0; method < 3; method++) {
        rs_resample_args one = {.n_in = {1, 1, 1}, .n_out = {3, 2, 1}, .in_int16 = in + 3, .out = out};
        one.method = (rs_resample_method)method;
        one.step[0] = 0.3;
        one.origin[1] = 5.0;
        assert_int_equal(rs_context_kernels(ctx)->resample(ctx, &one), RS_OK);
        for (int o = 0; o < 6; o++)
            assert_near((double)out[o], 30.0, 1e-4);
    }
}

static void ramps_stay_ramps(void **state)
{
    (void)state;
    on_every_tier(ramps);
}

/* Along k alone: a tile cut in i and j has the bits of the whole, and copied axes are copied (science C5.1). */
static void tiles(rs_context *ctx, rs_arena *arena)
{
    rs_probe_case c = {21, {150, 70, 9}, 0, false};
    int16_t *in = rs_probe_int16(arena, &c), *cut = RS_ARENA_NEW(arena, int16_t, 40 * 33 * 9);
    rs_resample_args whole = {.n_in = {150, 70, 9}, .n_out = {150, 70, 17}, .in_int16 = in};
    whole.method = RS_RESAMPLE_CUBIC;
    whole.step[2] = 0.5;
    whole.out = RS_ARENA_NEW(arena, float, 150 * 70 * 17);
    assert_int_equal(rs_context_kernels(ctx)->resample(ctx, &whole), RS_OK);
    for (int k = 0; k < 9; k++)
        for (int j = 0; j < 33; j++)
            memcpy(cut + (k * 33 + j) * 40, in + (k * 70 + j + 21) * 150 + 101, 80);
    rs_resample_args tile = whole;
    tile.n_in[0] = tile.n_out[0] = 40;
    tile.n_in[1] = tile.n_out[1] = 33;
    tile.in_int16 = cut;
    tile.out = RS_ARENA_NEW(arena, float, 40 * 33 * 17);
    assert_int_equal(rs_context_kernels(ctx)->resample(ctx, &tile), RS_OK);
    for (int k = 0; k < 17; k++)
        for (int j = 0; j < 33; j++) {
            assert_memory_equal(tile.out + (k * 33 + j) * 40, whole.out + (k * 70 + j + 21) * 150 + 101,
                                40 * sizeof(float));
            for (int i = 0; i < 40 && k % 2 == 0; i++)
                assert_near((double)tile.out[(k * 33 + j) * 40 + i], cut[(k / 2 * 33 + j) * 40 + i], 2e-3);
        }
    rs_resample_args copy = {.n_in = {150, 70, 9}, .n_out = {150, 70, 9}, .in_int16 = in, .out = whole.out};
    copy.method = RS_RESAMPLE_CUBIC;
    assert_int_equal(rs_context_kernels(ctx)->resample(ctx, &copy), RS_OK);
    for (int v = 0; v < 150 * 70 * 9; v++)
        assert_true(whole.out[v] == (float)in[v]);
}

static void a_tile_along_k_is_a_part_of_the_whole(void **state)
{
    (void)state;
    on_every_tier(tiles);
}

static void prop_agrees(void **state)
{
    (void)state;
    agree_all("resample");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cosines_are_eigenfunctions),
        cmocka_unit_test(ramps_stay_ramps),
        cmocka_unit_test(a_tile_along_k_is_a_part_of_the_whole),
        cmocka_unit_test(prop_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
