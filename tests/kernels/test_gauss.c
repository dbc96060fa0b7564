/* Kernel gauss: moments, edges, cascades. */
#include "agree.h"
#include "restage/kernels/gauss.h"

static void taps_have_the_variance_asked_for(void **state)
{
    (void)state;
    double taps[RS_TAPS_MAX + 1];
    assert_int_equal(rs_gauss_taps(0.0, taps), 0);
    assert_int_equal(rs_gauss_taps(-1.0, taps), 0);
    assert_near(taps[0], 1.0, 0.0);
    for (double sigma = 0.02; sigma < 64.0; sigma *= 1.07) {
        int radius = rs_gauss_taps(sigma * sigma, taps);
        double sum = taps[0], moment = 0.0;
        for (int r = 1; r <= radius; r++) {
            assert_true(taps[r] > 0.0 && taps[r] <= taps[r - 1]);
            sum += 2.0 * taps[r];
            moment += 2.0 * taps[r] * r * r;
        }
        assert_int_equal(radius, (int)ceil(4.0 * sigma));
        assert_near(sum, 1.0, 1e-12);
        assert_near(moment / (sigma * sigma), 1.0, 1e-11);
    }
}

/* Mass and second moments of an impulse's image. */
static void impulse(rs_context *ctx, rs_arena *arena)
{
    enum { N = 41 };
    static const double sigma[3] = {1.3, 0.45, 2.2};
    float *in = RS_ARENA_NEW(arena, float, N *N *N), *out = RS_ARENA_NEW(arena, float, N *N *N);
    in[(20 * N + 20) * N + 20] = 1000.0F;
    assert_int_equal(rs_context_kernels(ctx)->gauss(
                         ctx, &(rs_gauss_args){.n = {N, N, N}, .in = in, .sigma_vox = {1.3, 0.45, 2.2}, .out = out}),
                     RS_OK);
    double sum = 0.0, moment[3] = {0};
    for (int k = 0; k < N; k++)
        for (int j = 0; j < N; j++)
            for (int i = 0; i < N; i++) {
                double v = (double)out[(k * N + j) * N + i];
                sum += v;
                moment[0] += v * (i - 20) * (i - 20);
                moment[1] += v * (j - 20) * (j - 20);
                moment[2] += v * (k - 20) * (k - 20);
            }
    assert_near(sum, 1000.0, 1e-3);
    for (int a = 0; a < 3; a++)
        assert_near(moment[a] / sum, sigma[a] * sigma[a], 1e-5);
}

static void moments_of_an_impulse(void **state)
{
    (void)state;
    on_every_tier(impulse);
}

/* Variance 0.04 has the taps 0.02 0.96 0.02, so the edges can be written down. */
static void edges(rs_context *ctx, rs_arena *arena)
{
    static const int16_t in[4] = {100, 200, -400, 1000};
    static const int32_t n[3][3] = {{4, 1, 1}, {1, 4, 1}, {1, 1, 4}};
    static const double expected[4] = {0.98 * 100 + 0.02 * 200, 0.02 * 100 + 0.96 * 200 - 0.02 * 400,
                                       0.02 * 200 - 0.96 * 400 + 0.02 * 1000, -0.02 * 400 + 0.98 * 1000};
    (void)arena;
    for (int a = 0; a < 3; a++)
        for (int edge = 0; edge < 2; edge++) { /* one voxel beyond the box both rules give its edge */
            float out[4];
            rs_gauss_args args = {.in_int16 = in, .edge = (rs_edge)edge, .out = out};
            memcpy(args.n, n[a], sizeof args.n);
            args.sigma_vox[a] = 0.2;
            assert_int_equal(rs_context_kernels(ctx)->gauss(ctx, &args), RS_OK);
            for (int i = 0; i < 4; i++)
                assert_near((double)out[i], expected[i], 1e-3);
        }
    /* Two voxels 0 and 1 repeated for ever one way keep their order; mirrored they tend to the mean. */
    float two[2] = {0.0F, 1.0F}, out[2];
    rs_gauss_args args = {.n = {2, 1, 1}, .in = two, .sigma_vox = {8.0, 0, 0}, .edge = RS_EDGE_REFLECT, .out = out};
    assert_int_equal(rs_context_kernels(ctx)->gauss(ctx, &args), RS_OK);
    assert_near((double)out[0], 0.5, 1e-4);
    assert_near((double)out[1], 0.5, 1e-4);
    args.edge = RS_EDGE_REPEAT;
    assert_int_equal(rs_context_kernels(ctx)->gauss(ctx, &args), RS_OK);
    assert_true(out[0] < 0.49F && out[1] > 0.51F);
}

static void edges_repeat_or_reflect(void **state)
{
    (void)state;
    on_every_tier(edges);
}

static void nothing(rs_context *ctx, rs_arena *arena)
{
    rs_probe_case c = {5, {37, 11, 7}, 0, true};
    size_t n = (size_t)c.n[0] * (size_t)c.n[1] * (size_t)c.n[2];
    float *in = rs_probe_float(arena, &c), *out = RS_ARENA_NEW(arena, float, n);
    assert_int_equal(rs_context_kernels(ctx)->gauss(ctx, &(rs_gauss_args){.n = {37, 11, 7}, .in = in, .out = out}),
                     RS_OK);
    assert_memory_equal(in, out, n * sizeof(float));
}

static void sigma_0_copies(void **state)
{
    (void)state;
    on_every_tier(nothing);
}

static void wrong_arguments_are_a_defect(void **state)
{
    (void)state;
    rs_context *ctx = agree_context(1, RS_TIER_UNKNOWN);
    float v[8] = {0}, out[8];
    const rs_kernels *k = rs_context_kernels(ctx);
    assert_int_equal(k->gauss(ctx, &(rs_gauss_args){.n = {2, 2, 0}, .in = v, .out = out}), RS_DEFECT);
    assert_int_equal(k->gauss(ctx, &(rs_gauss_args){.n = {2, 2, 2}, .out = out}), RS_DEFECT);
    assert_int_equal(k->gauss(ctx, &(rs_gauss_args){.n = {2, 2, 2}, .in = v, .sigma_vox = {-1, 0, 0}, .out = out}),
                     RS_DEFECT);
    rs_context_free(ctx);
}

static void prop_agrees(void **state)
{
    (void)state;
    agree_all("gauss");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taps_have_the_variance_asked_for), cmocka_unit_test(moments_of_an_impulse),
        cmocka_unit_test(edges_repeat_or_reflect),          cmocka_unit_test(sigma_0_copies),
        cmocka_unit_test(wrong_arguments_are_a_defect),     cmocka_unit_test(prop_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
