/* Kernel hessian: polynomials and Gaussian blobs whose second derivatives are known exactly, a sphere that it answers
   as the Laplacian does, tubes and saddles that it does not, masks, tiles. */
#include "agree.h"
#include "restage/kernels/hessian.h"
#include "restage/kernels/laplace.h"

typedef double (*field)(const double x[3]);

/* A box around the origin filled from a function of mm, all that the halo needs around one voxel. */
static void fill(rs_arena *arena, rs_hessian_args *args, field f)
{
    rs_hessian_halo(args->sigma_mm, args->spacing_mm, args->halo);
    for (int a = 0; a < 3; a++)
        args->n[a] = 2 * args->halo[a] + 1;
    float *in = RS_ARENA_NEW(arena, float, args->n[0] * args->n[1] * args->n[2]);
    size_t at = 0;
    for (int k = 0; k < args->n[2]; k++)
        for (int j = 0; j < args->n[1]; j++)
            for (int i = 0; i < args->n[0]; i++, at++) {
                const double x[3] = {(i - args->halo[0]) * args->spacing_mm[0],
                                     (j - args->halo[1]) * args->spacing_mm[1],
                                     (k - args->halo[2]) * args->spacing_mm[2]};
                in[at] = (float)f(x);
            }
    args->in = in;
}

/* The measure at the origin. */
static double measure(rs_context *ctx, rs_arena *arena, rs_hessian_args args, field f)
{
    float out = -1.0F;
    fill(arena, &args, f);
    args.out = &out;
    assert_int_equal(rs_context_kernels(ctx)->hessian(ctx, &args), RS_OK);
    return (double)out;
}

/* What kernel laplace gives there with the same blur. */
static double laplacian(rs_context *ctx, rs_arena *arena, rs_hessian_args args, field f)
{
    float out = -1.0F;
    fill(arena, &args, f);
    rs_laplace_args other = {.in = args.in, .factor = args.factor, .out = &out};
    memcpy(other.n, args.n, sizeof other.n);
    memcpy(other.halo, args.halo, sizeof other.halo);
    memcpy(other.spacing_mm, args.spacing_mm, sizeof other.spacing_mm);
    memcpy(other.sigma_mm, args.sigma_mm, sizeof other.sigma_mm);
    assert_int_equal(rs_context_kernels(ctx)->laplace(ctx, &other), RS_OK);
    return (double)out;
}

static double hill(const double x[3])
{
    return -3.0 * x[0] * x[0] - 2.0 * x[1] * x[1] - 1.5 * x[2] * x[2] + 1.2 * x[0] * x[1] - 0.7 * x[1] * x[2] +
           0.4 * x[0] * x[2] + 2.0 * x[0] - x[1] + 7.0;
}

static double pit(const double x[3])
{
    return -hill(x);
}

static double saddle_i(const double x[3])
{
    return 3.0 * x[0] * x[0] + 2.0 * x[1] * x[1] - 1.5 * x[2] * x[2];
}

static double saddle_k(const double x[3])
{
    return -3.0 * x[0] * x[0] - 2.0 * x[1] * x[1] + 1.5 * x[2] * x[2];
}

static double twisted(const double x[3])
{
    return -x[0] * x[0] - x[1] * x[1] - x[2] * x[2] + 4.0 * x[0] * x[1];
}

/* A blur leaves the second derivatives of a polynomial of degree two as they are, whatever its shape. */
static void polynomials(rs_context *ctx, rs_arena *arena)
{
    static const double sigma_mm[][3] = {{1.4, 1.4, 1.4}, {0.6, 0.7, 1.3}, {3.0, 2.5, 4.0}, {0.1, 0.0, 0.5}};
    const double det = 6.0 * (4.0 * 3.0 - 0.7 * 0.7) + 1.2 * (-1.2 * 3.0 + 0.4 * 0.7) - 0.4 * (-1.2 * 0.7 + 4.0 * 0.4);
    for (int s = 0; s < 4; s++) {
        rs_hessian_args args = {.spacing_mm = {0.7, 0.8, 2.5}};
        memcpy(args.sigma_mm, sigma_mm[s], sizeof args.sigma_mm);
        assert_near(measure(ctx, arena, args, hill), 3.0 * cbrt(det), 5e-3);
        args.factor = 10.0;
        assert_near(measure(ctx, arena, args, hill), 30.0 * cbrt(det), 5e-2);
        assert_true(measure(ctx, arena, args, pit) == 0.0);
        assert_true(measure(ctx, arena, args, saddle_i) == 0.0); /* two of three curvatures rise: det > 0 */
        assert_true(measure(ctx, arena, args, saddle_k) == 0.0);
        assert_true(measure(ctx, arena, args, twisted) == 0.0);
    }
}

static void polynomials_give_their_determinant(void **state)
{
    (void)state;
    assert_near(rs_hessian_variance_mm2(2.0, 1.0), 4.0, 1e-15);
    assert_near(rs_hessian_variance_mm2(0.1, 1.2), 0.48, 1e-15);
    on_every_tier(polynomials);
}

static const double blob_mm[3] = {4.0, 3.5, 5.0}, centre_mm[3] = {0.23, -0.31, 0.4};

static double blob(const double x[3])
{
    double sum = 0.0;
    for (int a = 0; a < 3; a++)
        sum += (x[a] - centre_mm[a]) * (x[a] - centre_mm[a]) / (2.0 * blob_mm[a] * blob_mm[a]);
    return exp(-sum);
}

/* A Gaussian blob stays Gaussian: variances add, and -H = height (diag(1/v) - (x/v)(x/v)'), whose determinant is
   height^3 (1 - sum x^2/v) / prod v. */
static void blobs(rs_context *ctx, rs_arena *arena)
{
    rs_hessian_args args = {.spacing_mm = {0.7, 0.8, 1.5}, .sigma_mm = {1.4, 1.5, 1.7}, .factor = 100.0};
    double height = 1.0, square = 0.0, product = 1.0;
    for (int a = 0; a < 3; a++) {
        double v = args.sigma_mm[a] * args.sigma_mm[a] + blob_mm[a] * blob_mm[a];
        height *= blob_mm[a] / sqrt(v);
        square += centre_mm[a] * centre_mm[a] / v;
        product *= v;
    }
    height *= exp(-0.5 * square);
    double expected = 300.0 * height * cbrt((1.0 - square) / product);
    assert_near(measure(ctx, arena, args, blob) / expected, 1.0, 2e-3);
}

static void blobs_give_their_second_derivatives(void **state)
{
    (void)state;
    on_every_tier(blobs);
}

/* Smooth edges of about a voxel, so that the samples stand for the shape. */
static double inside(double radius, double distance)
{
    return 1.0 / (1.0 + exp((distance - radius) / 0.25));
}

static double sphere(const double x[3])
{
    return inside(2.5, sqrt(x[0] * x[0] + x[1] * x[1] + x[2] * x[2]));
}

static double tube_along_k(const double x[3])
{
    return inside(2.0, sqrt(x[0] * x[0] + x[1] * x[1]));
}

static double oblique_tube(const double x[3])
{
    const double along[3] = {0.6, 0.48, 0.64};
    double t = x[0] * along[0] + x[1] * along[1] + x[2] * along[2];
    double square = x[0] * x[0] + x[1] * x[1] + x[2] * x[2] - t * t;
    return inside(2.0, sqrt(fmax(square, 0.0)));
}

static double plate(const double x[3])
{
    return inside(1.5, fabs(0.6 * x[0] - 0.8 * x[2]));
}

/* Science C6A.8: D = L for a sphere; next to nothing for vessels and fissures. */
static void shapes(rs_context *ctx, rs_arena *arena)
{
    rs_hessian_args args = {.spacing_mm = {0.7, 0.7, 0.8}, .sigma_mm = {1.4, 1.4, 1.4}, .factor = 1.96};
    assert_near(measure(ctx, arena, args, sphere) / laplacian(ctx, arena, args, sphere), 1.0, 0.01);
    assert_true(laplacian(ctx, arena, args, tube_along_k) > 0.5);
    assert_true(measure(ctx, arena, args, tube_along_k) < 0.01);
    assert_true(measure(ctx, arena, args, oblique_tube) < 0.2 * laplacian(ctx, arena, args, oblique_tube));
    assert_true(measure(ctx, arena, args, plate) < 0.2 * laplacian(ctx, arena, args, plate));
}

static void a_sphere_answers_and_a_tube_does_not(void **state)
{
    (void)state;
    on_every_tier(shapes);
}

/* A tile with its full halo gives the bits of the whole box, and what is not wanted changes nothing else. */
static void tiles(rs_context *ctx, rs_arena *arena)
{
    rs_probe_case c = {11, {60, 50, 30}, 0, false};
    float *in = rs_probe_float(arena, &c);
    rs_hessian_args whole = {.n = {60, 50, 30}, .in = in, .spacing_mm = {0.7, 0.7, 1.0}, .sigma_mm = {0.9, 0.9, 0.9}};
    whole.out = RS_ARENA_NEW(arena, float, 60 * 50 * 30);
    assert_int_equal(rs_context_kernels(ctx)->hessian(ctx, &whole), RS_OK);
    rs_hessian_args tile = whole;
    rs_hessian_halo(tile.sigma_mm, tile.spacing_mm, tile.halo);
    const int32_t core[3] = {21, 13, 6}, from[3] = {17, 20, 9};
    for (int a = 0; a < 3; a++)
        tile.n[a] = core[a] + 2 * tile.halo[a];
    float *cut = RS_ARENA_NEW(arena, float, tile.n[0] * tile.n[1] * tile.n[2]);
    uint8_t *wanted = RS_ARENA_NEW(arena, uint8_t, core[0] * core[1] * core[2]);
    size_t at = 0;
    for (int k = 0; k < tile.n[2]; k++)
        for (int j = 0; j < tile.n[1]; j++)
            for (int i = 0; i < tile.n[0]; i++)
                cut[at++] = in[((k + from[2] - tile.halo[2]) * 50 + j + from[1] - tile.halo[1]) * 60 + i + from[0] -
                               tile.halo[0]];
    for (at = 0; at < (size_t)(core[0] * core[1] * core[2]); at++)
        wanted[at] = at % 7 == 3 || at > 1200;
    tile.in = cut;
    tile.wanted = wanted;
    tile.out = RS_ARENA_NEW(arena, float, core[0] * core[1] * core[2]);
    assert_int_equal(rs_context_kernels(ctx)->hessian(ctx, &tile), RS_OK);
    int positive = 0;
    at = 0;
    for (int k = 0; k < core[2]; k++)
        for (int j = 0; j < core[1]; j++)
            for (int i = 0; i < core[0]; i++, at++) {
                float there = whole.out[((k + from[2]) * 50 + j + from[1]) * 60 + i + from[0]];
                positive += wanted[at] && there > 0.0F;
                assert_true(tile.out[at] == (wanted[at] ? there : 0.0F));
            }
    assert_true(positive > 10);
}

static void a_tile_is_a_part_of_the_whole(void **state)
{
    (void)state;
    on_every_tier(tiles);
}

static void prop_agrees(void **state)
{
    (void)state;
    agree_all("hessian");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(polynomials_give_their_determinant),
        cmocka_unit_test(blobs_give_their_second_derivatives),
        cmocka_unit_test(a_sphere_answers_and_a_tube_does_not),
        cmocka_unit_test(a_tile_is_a_part_of_the_whole),
        cmocka_unit_test(prop_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
