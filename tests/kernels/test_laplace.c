/* Kernel laplace: polynomials whose blurred Laplacian is known exactly, Gaussian blobs, tiles. */
#include "agree.h"
#include "restage/kernels/laplace.h"

static const double spacing_mm[3] = {0.7, 0.8, 2.5};

/* A box around the origin filled from a function of mm, filtered; returns the response at the middle. */
static double response(rs_context *ctx, rs_arena *arena, const double sigma_mm[3], double (*f)(const double x[3]),
                       double factor)
{
    rs_laplace_args args = {.factor = factor};
    memcpy(args.sigma_mm, sigma_mm, sizeof args.sigma_mm);
    memcpy(args.spacing_mm, spacing_mm, sizeof args.spacing_mm);
    rs_laplace_halo(sigma_mm, spacing_mm, args.halo);
    for (int a = 0; a < 3; a++)
        args.n[a] = 2 * args.halo[a] + 1;
    float *in = RS_ARENA_NEW(arena, float, args.n[0] * args.n[1] * args.n[2]), out[1];
    size_t at = 0;
    for (int k = 0; k < args.n[2]; k++)
        for (int j = 0; j < args.n[1]; j++)
            for (int i = 0; i < args.n[0]; i++, at++) {
                const double x[3] = {(i - args.halo[0]) * spacing_mm[0], (j - args.halo[1]) * spacing_mm[1],
                                     (k - args.halo[2]) * spacing_mm[2]};
                in[at] = (float)f(x);
            }
    args.in = in;
    args.out = out;
    assert_int_equal(rs_context_kernels(ctx)->laplace(ctx, &args), RS_OK);
    return (double)out[0];
}

static double squares(const double x[3])
{
    return 3.0 * x[0] * x[0] - x[1] * x[1] + 0.5 * x[2] * x[2] + 2.0 * x[0] - x[1] + 7.0;
}

static double fourth_i(const double x[3])
{
    return x[0] * x[0] * x[0] * x[0];
}

static double fourth_j(const double x[3])
{
    return x[1] * x[1] * x[1] * x[1];
}

static double fourth_k(const double x[3])
{
    return x[2] * x[2] * x[2] * x[2];
}

static double mixed_ij(const double x[3])
{
    return x[0] * x[0] * x[1] * x[1];
}

static double mixed_jk(const double x[3])
{
    return x[1] * x[1] * x[2] * x[2];
}

/* The blur of x^4 is x^4 + 6 v x^2 + 3 v^2 and of x^2 y^2 is (x^2 + v)(y^2 + w): at 0 the Laplacians are 12 v and
   2 (v + w), whatever the shape of the kernel; they show the second moments of the whole filter, stencil included. */
static void polynomials(rs_context *ctx, rs_arena *arena)
{
    static const double sigma_mm[][3] = {{1.4, 1.4, 1.4}, {0.6, 0.7, 1.3}, {3.0, 2.5, 4.0}, {0.1, 0.0, 0.5}};
    for (int s = 0; s < 4; s++) {
        double v[3];
        for (int a = 0; a < 3; a++)
            v[a] = rs_laplace_variance_mm2(sigma_mm[s][a], spacing_mm[a]);
        assert_near(response(ctx, arena, sigma_mm[s], squares, 0.0), -(6.0 - 2.0 + 1.0), 2e-3);
        assert_near(response(ctx, arena, sigma_mm[s], squares, 10.0), -50.0, 2e-2);
        assert_near(response(ctx, arena, sigma_mm[s], fourth_i, 1.0) / (-12.0 * v[0]), 1.0, 1e-3);
        assert_near(response(ctx, arena, sigma_mm[s], fourth_j, 1.0) / (-12.0 * v[1]), 1.0, 1e-3);
        assert_near(response(ctx, arena, sigma_mm[s], fourth_k, 1.0) / (-12.0 * v[2]), 1.0, 1e-3);
        assert_near(response(ctx, arena, sigma_mm[s], mixed_ij, 1.0) / (-2.0 * (v[0] + v[1])), 1.0, 1e-3);
        assert_near(response(ctx, arena, sigma_mm[s], mixed_jk, 1.0) / (-2.0 * (v[1] + v[2])), 1.0, 1e-3);
    }
}

static void polynomials_give_their_moments(void **state)
{
    (void)state;
    assert_near(rs_laplace_variance_mm2(2.0, 1.0), 4.0, 1e-15);
    assert_near(rs_laplace_variance_mm2(0.1, 1.2), 0.24, 1e-15);
    on_every_tier(polynomials);
}

static double blob_mm;

static double blob(const double x[3])
{
    const double y[3] = {x[0] - 0.23, x[1] + 0.31, x[2] - 0.4};
    return exp(-(y[0] * y[0] + y[1] * y[1] + y[2] * y[2]) / (2.0 * blob_mm * blob_mm));
}

/* A Gaussian blob stays Gaussian: variances add. Science C2.3: s in plane, less along k. */
static void blobs(rs_context *ctx, rs_arena *arena)
{
    static const double sigma_mm[3] = {2.0, 2.0, 1.7}, centre[3] = {0.23, -0.31, 0.4};
    blob_mm = 4.0;
    double height = 1.0, sum = 0.0, square = 0.0;
    for (int a = 0; a < 3; a++) {
        double v = sigma_mm[a] * sigma_mm[a] + blob_mm * blob_mm;
        height *= blob_mm / sqrt(v);
        square += centre[a] * centre[a] / v;
        sum += 1.0 / v - centre[a] * centre[a] / (v * v);
    }
    double expected = 100.0 * height * exp(-0.5 * square) * sum;
    /* 0.01 to 0.8 % of discretisation at sigma of about a voxel (performance 3.3.1). */
    assert_near(response(ctx, arena, sigma_mm, blob, 100.0) / expected, 1.0, 5e-3);
}

static void blobs_stay_gaussian(void **state)
{
    (void)state;
    on_every_tier(blobs);
}

/* A tile with its full halo gives the bits of the whole box; so does any tile shape. */
static void tiles(rs_context *ctx, rs_arena *arena)
{
    rs_probe_case c = {11, {60, 50, 30}, 0, false};
    float *in = rs_probe_float(arena, &c);
    rs_laplace_args whole = {.n = {60, 50, 30}, .in = in, .spacing_mm = {0.7, 0.7, 1.0}, .sigma_mm = {0.9, 0.9, 0.9}};
    whole.out = RS_ARENA_NEW(arena, float, 60 * 50 * 30);
    assert_int_equal(rs_context_kernels(ctx)->laplace(ctx, &whole), RS_OK);
    rs_laplace_args tile = whole;
    rs_laplace_halo(tile.sigma_mm, tile.spacing_mm, tile.halo);
    const int32_t core[3] = {21, 13, 6}, from[3] = {17, 20, 9};
    for (int a = 0; a < 3; a++)
        tile.n[a] = core[a] + 2 * tile.halo[a];
    float *cut = RS_ARENA_NEW(arena, float, tile.n[0] * tile.n[1] * tile.n[2]);
    size_t at = 0;
    for (int k = 0; k < tile.n[2]; k++)
        for (int j = 0; j < tile.n[1]; j++)
            for (int i = 0; i < tile.n[0]; i++)
                cut[at++] = in[((k + from[2] - tile.halo[2]) * 50 + j + from[1] - tile.halo[1]) * 60 + i + from[0] -
                               tile.halo[0]];
    tile.in = cut;
    tile.out = RS_ARENA_NEW(arena, float, core[0] * core[1] * core[2]);
    assert_int_equal(rs_context_kernels(ctx)->laplace(ctx, &tile), RS_OK);
    at = 0;
    for (int k = 0; k < core[2]; k++)
        for (int j = 0; j < core[1]; j++)
            for (int i = 0; i < core[0]; i++)
                assert_true(tile.out[at++] == whole.out[((k + from[2]) * 50 + j + from[1]) * 60 + i + from[0]]);
}

static void a_tile_is_a_part_of_the_whole(void **state)
{
    (void)state;
    on_every_tier(tiles);
}

static void prop_agrees(void **state)
{
    (void)state;
    agree_all("laplace");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(polynomials_give_their_moments),
        cmocka_unit_test(blobs_stay_gaussian),
        cmocka_unit_test(a_tile_is_a_part_of_the_whole),
        cmocka_unit_test(prop_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
