/* The table of rays against the sampler, and the networks against a double-precision reference (numpy, spherical
   harmonics of scipy) with weights of a closed form. */
#include "scene.h"

#include "ray_network.h"
#include "ray_table.h"

/* ---- the table ---- */

static double ripples(const double mm[3], const void *arg)
{
    (void)arg;
    return -500 + 300 * sin(mm[0] / 3) * cos(mm[1] / 4) + 200 * sin(mm[2] / 5);
}

static double slope(const double mm[3], const void *arg)
{
    (void)arg;
    return -900 + 6 * mm[0] + 4 * mm[1] + 5 * mm[2];
}

typedef struct look {
    scene s;
    rs_sampler sampler;
    rs_ray_fan fan;
    float table[RS_RAYS_FULL * RS_RAY_STEPS];
} look;

static const double at_centre[3] = {23.3, 25.7, 20.4};

static void look_open(look *l, field value, double slice_mm, int rays)
{
    scene_open(&l->s, &(scene_wish){.n = {48, 50, 42}, .spacing_mm = {0.9, 0.9, slice_mm}, .value = value});
    const rs_sampler_wish wish = {.clip_low_hu = -1000, .clip_high_hu = 200, .bright = true, .native_spacing_mm = 1.5};
    assert_int_equal(rs_sampler_make(l->s.ctx, &l->s.volume, &wish, &l->sampler), RS_OK);
    rs_ray_fan_make(rays, l->s.volume.geometry.spacing_mm, &l->fan);
}

static void look_close(look *l)
{
    rs_sampler_free(l->s.ctx, &l->sampler);
    scene_close(&l->s);
}

static void make_table(look *l, const double index[3], double radius_mm)
{
    assert_int_equal(rs_ray_table(l->s.ctx, &(rs_ray_look){&l->sampler, &l->fan, index, radius_mm}, l->table), RS_OK);
}

static double distance_mm(int step, double radius_mm)
{
    return 0.2 * step * radius_mm + 0.4 * (0.2 * step) * (0.2 * step);
}

/* Largest difference of the table to the sampler's value at each place. */
static double worst_against_sampler(look *l, double radius_mm)
{
    double worst = 0;
    rs_directions d;
    rs_directions_make(l->fan.n, &d);
    make_table(l, at_centre, radius_mm);
    for (int r = 0; r < d.n; r++)
        for (int t = 0; t < RS_RAY_STEPS; t++) {
            float value = 0;
            double at[3];
            for (int a = 0; a < 3; a++)
                at[a] = at_centre[a] + distance_mm(t, radius_mm) * d.unit[r][a] / l->s.volume.geometry.spacing_mm[a];
            assert_true(rs_sampler_value(&l->sampler, at, &value));
            worst = fmax(worst, fabs((double)(value - l->table[r * RS_RAY_STEPS + t])));
        }
    return worst;
}

static void test_table_is_the_samplers(void **state)
{
    static look l;
    (void)state;
    look_open(&l, ripples, 1.0, 162);
    assert_true(worst_against_sampler(&l, 2) < 0.02);
    look_close(&l);
    look_open(&l, ripples, 2.5, 42); /* by splines along k */
    assert_true(l.sampler.spline_k);
    assert_true(worst_against_sampler(&l, 2) < 0.02);
    look_close(&l);
}

/* On a slope the value tells the place: distances and directions are those of science C6A.1. */
static void test_table_on_a_slope(void **state)
{
    static look l;
    (void)state;
    look_open(&l, slope, 1.0, 42);
    const double radius_mm = 3, *c = at_centre;
    make_table(&l, at_centre, radius_mm);
    double worst = 0;
    for (int r = 0; r < 42; r++) {
        double z = 1 - (2 * r + 1) / 42.0, across = sqrt(1 - z * z), azimuth = M_PI * (1 + sqrt(5)) * (r + 0.5);
        for (int t = 0; t < RS_RAY_STEPS; t++) {
            double mm = distance_mm(t, radius_mm);
            double hu = -900 + 6 * (0.9 * c[0] + mm * across * cos(azimuth)) +
                        4 * (0.9 * c[1] + mm * across * sin(azimuth)) + 5 * (c[2] + mm * z);
            worst = fmax(worst, fabs(hu - (double)l.table[r * RS_RAY_STEPS + t]));
        }
    }
    assert_true(worst < 1.0); /* voxels are whole HU */
    look_close(&l);
}

/* Beyond the image a shell has the mean of its samples within; the range is cut. */
static void test_table_at_the_border(void **state)
{
    static look l;
    (void)state;
    look_open(&l, slope, 1.0, 42);
    const double corner[3] = {1.5, 25, 20};
    make_table(&l, corner, 4);
    rs_directions d;
    rs_directions_make(42, &d);
    const int t = 15;
    double sum = 0;
    int inside = 0;
    for (int r = 0; r < 42; r++) {
        if (corner[0] + distance_mm(t, 4) * d.unit[r][0] / 0.9 < 0) continue;
        sum += (double)l.table[r * RS_RAY_STEPS + t];
        inside++;
    }
    assert_in_range(inside, 10, 32);
    for (int r = 0; r < 42; r++)
        if (corner[0] + distance_mm(t, 4) * d.unit[r][0] / 0.9 < 0)
            assert_float_equal(l.table[r * RS_RAY_STEPS + t], sum / inside, 0.01);
    look_close(&l);
}

/* ---- the networks ---- */

static const float scalars[2] = {0.59861228866811F, 0.49146454710798F}; /* ln 3 - 0.5, ln 400 - 5.5 */

typedef struct bench {
    rs_context *ctx;
    rs_arena *arena;
    const rs_network *net;
    float *scratch;
} bench;

static void bench_open(bench *b, const rs_network_shape *shape)
{
    const double spacing_mm[3] = {1, 1, 1};
    assert_int_equal(rs_context_new(&(rs_context_options){.threads = 1}, &b->ctx), RS_OK);
    b->arena = rs_arena_new();
    assert_non_null(b->arena);
    int n = rs_network_weights(shape);
    float *weights = RS_ARENA_NEW(b->arena, float, n);
    assert_non_null(weights);
    for (int i = 0; i < n; i++)
        weights[i] = (float)(((i * 7919LL + 13) % 1009 / 1009.0 - 0.5) * 0.4);
    assert_int_equal(rs_network_make(b->ctx, shape, weights, spacing_mm, b->arena, &b->net), RS_OK);
    b->scratch = RS_ARENA_NEW(b->arena, float, rs_network_scratch(b->net));
    assert_non_null(b->scratch);
}

static void bench_close(bench *b)
{
    rs_arena_free(b->arena);
    rs_context_free(b->ctx);
}

static float table[RS_RAYS_FULL * RS_RAY_STEPS];

static void fill_table(int rays, bool reversed)
{
    for (int n = 0; n < rays; n++)
        for (int t = 0; t < RS_RAY_STEPS; t++) {
            int r = reversed ? rays - 1 - n : n;
            table[n * RS_RAY_STEPS + t] = (float)((r * r * 31 + t * 173 + r * t * 7) % 1201 - 1000);
        }
}

static float logit_of(bench *b)
{
    float logit = NAN;
    assert_int_equal(rs_network_logit(b->ctx, b->net, table, scalars, b->scratch, &logit), RS_OK);
    return logit;
}

typedef struct reference {
    rs_network_shape shape;
    int weights;
    double logit, of_constant; /* the second: every value -100 HU */
} reference;

static const reference references[] = {
    {{42, 16, 1, 3, 24}, 3209, 0.021830573152571864, 0.014638029536638283},
    {{162, 32, 2, 4, 48}, 14865, -0.2793177069930162, -0.2469988807555267},
    {{100, 5, 0, 2, 7}, 391, 0.08434899433591683, 0.09815915449056578},
    {{12, 1, 0, 0, 1}, 71, -0.06064675836391514, -0.05722614639810273},
};
enum { N_REFERENCES = sizeof references / sizeof references[0] };

static void test_logits_are_those_of_the_reference(void **state)
{
    (void)state;
    for (int n = 0; n < N_REFERENCES; n++) {
        const reference *r = &references[n];
        bench b;
        assert_int_equal(rs_network_weights(&r->shape), r->weights);
        bench_open(&b, &r->shape);
        fill_table(r->shape.rays, false);
        assert_float_equal(logit_of(&b), r->logit, 1e-5);
        for (int v = 0; v < r->shape.rays * RS_RAY_STEPS; v++)
            table[v] = -100;
        assert_float_equal(logit_of(&b), r->of_constant, 1e-5);
        bench_close(&b);
    }
}

/* Half a turn about the horizontal axis of azimuth pi (1 + sqrt 5) n / 2 takes ray i of n to ray n - 1 - i. */
static void test_half_a_turn_changes_nothing(void **state)
{
    (void)state;
    for (int n = 0; n < N_REFERENCES; n++) {
        bench b;
        bench_open(&b, &references[n].shape);
        fill_table(references[n].shape.rays, false);
        float straight = logit_of(&b);
        fill_table(references[n].shape.rays, true);
        assert_float_equal(logit_of(&b), straight, 2e-6);
        bench_close(&b);
    }
}

/* A lobe on one side, wherever it points: the same up to the spacing of the rays. */
static void test_a_turned_lobe(void **state)
{
    static const double along[4][3] = {{0, 0, 1}, {1, 0, 0}, {0, -0.6, 0.8}, {0.48, 0.64, -0.6}};
    bench b;
    rs_directions d;
    float logit[4], none;
    (void)state;
    bench_open(&b, &references[1].shape);
    rs_directions_make(162, &d);
    for (int n = 0; n < 4; n++) {
        for (int r = 0; r < 162; r++) {
            double c = d.unit[r][0] * along[n][0] + d.unit[r][1] * along[n][1] + d.unit[r][2] * along[n][2];
            for (int t = 0; t < RS_RAY_STEPS; t++)
                table[r * RS_RAY_STEPS + t] = (float)(-850 + 800 * exp(3 * (c - 1)) * (t < 8 ? 1 : 0.3));
        }
        logit[n] = logit_of(&b);
    }
    for (int v = 0; v < 162 * RS_RAY_STEPS; v++)
        table[v] = -850;
    none = logit_of(&b);
    assert_float_equal(logit[0] - none, 0.01272, 1e-4); /* of the reference: the lobe is seen */
    for (int n = 1; n < 4; n++)
        assert_float_equal(logit[n], logit[0], 2e-4);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_is_the_samplers),       cmocka_unit_test(test_table_on_a_slope),
        cmocka_unit_test(test_table_at_the_border),         cmocka_unit_test(test_logits_are_those_of_the_reference),
        cmocka_unit_test(test_half_a_turn_changes_nothing), cmocka_unit_test(test_a_turned_lobe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
