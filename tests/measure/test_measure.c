/* The station as a whole: calipers of science C10.2, large, cut and truncated balls, noise, gaps, threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "scene.h"

#ifdef __OPTIMIZE__
#define SOME 1
#else
#define SOME 3 /* every third */
#endif

typedef struct tools {
    rs_context *ctx;
    rs_params *params;
    rs_arena *arena;
} tools;

static int set_up(void **state)
{
    static tools t;
    const rs_param_table *table = &rs_measure_param_table;
    if (rs_context_new(NULL, &t.ctx) != RS_OK || rs_params_new(t.ctx, &table, 1, &t.params) != RS_OK) return 1;
    t.arena = rs_arena_new();
    *state = &t;
    return t.arena ? 0 : 1;
}

static int tear_down(void **state)
{
    tools *t = *state;
    rs_arena_free(t->arena);
    rs_params_free(t->params);
    rs_context_free(t->ctx);
    return 0;
}

static scene quiet(double half_mm, double spacing, double slice, double fxy, double fz)
{
    int32_t n = 2 * (int32_t)ceil(half_mm / spacing) + 1, nz = 2 * (int32_t)ceil(half_mm / slice) + 1;
    return (scene){.n = {n, n, nz},
                   .spacing = {spacing, spacing, slice},
                   .fxy = fxy,
                   .fz = fz,
                   .background = -860.0,
                   .contrast = 870.0,
                   .seed = 1};
}

static void measure_ball(tools *t, const scene *sc, const scene_shape *ball, double start_radius, rs_lesion *out)
{
    scene_case c;
    assert_true(scene_make(t->ctx, sc, ball, 1, &c));
    rs_candidate mark = scene_mark(&c, ball->centre[0], ball->centre[1], ball->centre[2], start_radius);
    assert_int_equal(scene_measure(t->ctx, &c, &mark, t->params, t->arena, out), RS_OK);
    scene_free(t->ctx, &c);
}

/* Science C10.2, half of the observed peak; the page is analytic, this is on pixels of 0.4 mm. */
static void test_caliper_table(void **state)
{
    static const double d[] = {2, 3, 4, 5, 6, 8, 10}, f[] = {1.1, 1.5, 2.5};
    static const double page[3][7] = {{1.76, 2.71, 3.77, 4.83, 5.86, 7.89, 9.92},
                                      {1.94, 2.62, 3.60, 4.67, 5.73, 7.79, 9.84},
                                      {2.74, 3.08, 3.61, 4.37, 5.31, 7.42, 9.54}};
    for (int r = 0; r < 3; r++)
        for (int c = 0; c < 7; c += SOME) {
            scene sc = quiet(0.5 * d[c] + 2.0 * f[r] + 4.0, 0.4, 0.5, f[r], f[r]);
            scene_shape ball;
            scene_ball(&ball, 0.0, 0.0, 0.0, 0.5 * d[c]);
            rs_lesion lesion = {0};
            measure_ball(*state, &sc, &ball, 0.5 * d[c], &lesion);
            print_message("FWHM %.1f, d %.0f: calipers %.2f x %.2f (page %.2f)\n", f[r], d[c], lesion.size.long_axis_mm,
                          lesion.size.short_axis_mm, page[r][c]);
            assert_true(fabs(lesion.size.long_axis_mm - page[r][c]) < 0.1);
            assert_true(fabs(lesion.size.short_axis_mm - page[r][c]) < 0.1);
            assert_int_equal(lesion.size.caliper_source, RS_CALIPER_CONTOUR);
        }
}

static double ball_mm3(double radius)
{
    return 4.0 / 3.0 * M_PI * radius * radius * radius;
}

static void test_large_ball_is_segmented(void **state)
{
    scene sc = quiet(28.0, 0.8, 1.25, 1.1, 1.4);
    sc.noise = 20.0;
    scene_shape ball;
    scene_ball(&ball, 0.3, -0.2, 0.5, 12.5);
    rs_lesion lesion = {0};
    measure_ball(*state, &sc, &ball, 11.0, &lesion);
    assert_string_equal(lesion.size.fit_reason, "larger than 20 mm");
    assert_true(isnan(lesion.size.fit_mm));
    assert_true(fabs(lesion.size.equivalent_mm - 25.0) < 0.25);
    assert_true(fabs(lesion.size.mask_volume_mm3 / ball_mm3(12.5) - 1.0) < 0.02);
    assert_true(fabs(lesion.size.long_axis_mm - 25.0) < 0.8);
    assert_int_equal(lesion.size.source, RS_SIZE_SOURCE_SEGMENTATION);
    assert_int_equal(lesion.size.size_class, RS_SIZE_ABOVE_5MM);
    assert_true(lesion.size.low_mm < 25.0 && lesion.size.high_mm > 25.0);
    assert_int_equal(lesion.density, RS_DENSITY_SOLID);
    int64_t voxels = 0;
    for (int r = 0; r < lesion.n_runs; r++)
        voxels += lesion.runs[r].count;
    assert_true(fabs((double)voxels * 0.8 * 0.8 * 1.25 - lesion.size.mask_volume_mm3) < 1e-6);
}

/* A ball cut by a plane at h from its centre keeps pi (2 R^3 + 3 R^2 h - h^3) / 3. */
static void test_cut_balls(void **state)
{
    for (int m = 0; m < 6; m++) {
        double radius = 4.0 + m, h = (m % 3 - 1) * 0.4 * radius;
        scene sc = quiet(radius * 2.2 + 5.0, 0.7, 1.0, 1.1, 1.1);
        scene_shape ball;
        scene_ball(&ball, 0.2, 0.1, -0.3, radius);
        ball.cut_normal[m % 2] = 1.0;
        ball.cut_at = ball.centre[m % 2] + h;
        double truth = M_PI / 3.0 * (2.0 * radius * radius * radius + 3.0 * radius * radius * h - h * h * h);
        rs_lesion lesion = {0};
        scene_shape at = ball;
        at.centre[m % 2] -= 0.3 * (radius - h); /* the mark lies in what is left */
        scene_case c;
        tools *t = *state;
        assert_true(scene_make(t->ctx, &sc, &ball, 1, &c));
        rs_candidate mark = scene_mark(&c, at.centre[0], at.centre[1], at.centre[2], 0.5 * cbrt(6.0 / M_PI * truth));
        assert_int_equal(scene_measure(t->ctx, &c, &mark, t->params, t->arena, &lesion), RS_OK);
        scene_free(t->ctx, &c);
        print_message("radius %.0f cut at %+.1f: %.0f of %.0f mm3\n", radius, h, lesion.size.volume_mm3, truth);
        assert_true(fabs(lesion.size.volume_mm3 / truth - 1.0) < 0.04);
    }
}

static void test_truncated_by_the_image(void **state)
{
    for (int m = 0; m < 6; m++) {
        int axis = m / 2;
        double sign = m % 2 ? 1.0 : -1.0;
        scene sc = quiet(20.0, 0.8, 1.0, 1.1, 1.2);
        scene_shape ball;
        scene_ball(&ball, 0.0, 0.0, 0.0, 5.0);
        double face =
            sign > 0 ? (sc.n[axis] - 1 - sc.n[axis] / 2) * sc.spacing[axis] : -(sc.n[axis] / 2) * sc.spacing[axis];
        ball.centre[axis] = face - sign * 3.0;
        rs_lesion lesion = {0};
        measure_ball(*state, &sc, &ball, 5.0, &lesion);
        assert_true(lesion.size.truncated);
        assert_true(isnan(lesion.size.high_mm));
        assert_true(lesion.size.low_mm > 5.0 && lesion.size.low_mm < 10.0);
        assert_int_equal(lesion.size.size_class, RS_SIZE_ABOVE_5MM);
        ball.radius = 2.5, ball.centre[axis] = face - sign * 1.5;
        measure_ball(*state, &sc, &ball, 2.5, &lesion);
        assert_true(lesion.size.truncated);
        assert_int_equal(lesion.size.size_class, RS_SIZE_INDETERMINATE);
        assert_string_equal(lesion.size.class_reason, "cut by the border of the image");
    }
}

/* The window reaches over the corner, the ball does not. */
static void test_window_beyond_the_image(void **state)
{
    scene sc = quiet(12.0, 0.7, 1.0, 1.1, 1.1);
    sc.noise = 15.0;
    scene_shape ball;
    scene_ball(&ball, -(sc.n[0] / 2) * 0.7 + 3.2, -(sc.n[1] / 2) * 0.7 + 3.3, -(sc.n[2] / 2) * 1.0 + 3.4, 2.5);
    rs_lesion lesion = {0};
    measure_ball(*state, &sc, &ball, 2.2, &lesion);
    assert_null(lesion.size.fit_reason);
    assert_false(lesion.size.truncated);
    assert_true(lesion.size.fit_low_mm < 5.0 && 5.0 < lesion.size.fit_high_mm);
    assert_int_equal(lesion.size.size_class, RS_SIZE_NEAR_5MM);
}

static void test_noise_has_no_size(void **state)
{
    tools *t = *state;
    for (int m = 0; m < 20; m++) {
        scene sc = quiet(12.0, 0.7, m % 2 ? 2.5 : 1.0, 1.1, m % 2 ? 2.6 : 1.1);
        sc.noise = 20.0 + m, sc.texture = 10.0, sc.seed = (uint64_t)m + 1;
        scene_case c;
        assert_true(scene_make(t->ctx, &sc, NULL, 0, &c));
        rs_candidate mark = scene_mark(&c, 0.4, -0.3, 0.2, 1.0 + 0.3 * m);
        rs_lesion lesion = {0};
        assert_int_equal(scene_measure(t->ctx, &c, &mark, t->params, t->arena, &lesion), RS_OK);
        scene_free(t->ctx, &c);
        assert_non_null(lesion.size.fit_reason);
        assert_true(isnan(lesion.size.fit_mm) && isnan(lesion.size.fit_low_mm) && isnan(lesion.size.fit_high_mm));
        assert_int_equal(lesion.size.size_class, RS_SIZE_INDETERMINATE);
        assert_non_null(lesion.size.class_reason);
    }
}

static void test_thick_slices_set_the_interval(void **state)
{
    scene sc = quiet(20.0, 0.7, 5.0, 1.1, 5.25);
    sc.noise = 12.0;
    scene_shape ball;
    scene_ball(&ball, 0.0, 0.0, 0.4, 2.25);
    rs_lesion lesion = {0};
    measure_ball(*state, &sc, &ball, 2.2, &lesion);
    assert_null(lesion.size.fit_reason);
    assert_true(fabs(lesion.size.low_mm - 0.6 * lesion.size.fit_mm) < 0.051);
    assert_true(fabs(lesion.size.high_mm - 1.6 * lesion.size.fit_mm) < 0.051);
    assert_int_equal(lesion.size.size_class, RS_SIZE_INDETERMINATE);
}

/* Ground glass of 9 mm: the free fit drops the prior (science C9.2). */
static void test_ground_glass_drops_the_prior(void **state)
{
    scene sc = quiet(18.0, 0.7, 1.0, 1.1, 1.1);
    sc.contrast = 300.0, sc.noise = 20.0;
    scene_shape ball;
    scene_ball(&ball, 0.1, 0.2, -0.2, 4.5);
    rs_lesion lesion = {0};
    measure_ball(*state, &sc, &ball, 4.0, &lesion);
    assert_null(lesion.size.fit_reason);
    assert_true(fabs(lesion.contrast_hu - 300.0) < 15.0);
    assert_true(fabs(lesion.size.fit_mm - 9.0) < 0.2);
    assert_int_equal(lesion.density, RS_DENSITY_GROUND_GLASS);
}

/* A blurred ball of 5 mm peaks far below its own density; under 4 mm no density is named (science C2.1, C9.2). */
static void test_density_of_small_balls(void **state)
{
    scene sc = quiet(18.0, 0.7, 1.0, 1.4, 1.4);
    sc.contrast = 870.0, sc.noise = 20.0;
    scene_shape ball;
    rs_lesion lesion = {0};
    scene_ball(&ball, 0.1, 0.2, -0.2, 2.5);
    measure_ball(*state, &sc, &ball, 2.3, &lesion);
    assert_null(lesion.size.fit_reason);
    assert_int_equal(lesion.density, RS_DENSITY_SOLID);
    scene_ball(&ball, 0.1, 0.2, -0.2, 1.5);
    measure_ball(*state, &sc, &ball, 1.5, &lesion);
    assert_int_equal(lesion.density, RS_DENSITY_UNKNOWN);
}

/* What was not searched is another tissue: the ball that touches it is measured alone. */
static void test_wall_is_left_out(void **state)
{
    tools *t = *state;
    scene sc = quiet(16.0, 0.7, 1.0, 1.1, 1.1);
    sc.noise = 15.0;
    scene_shape shapes[2];
    scene_ball(&shapes[0], 0.0, 0.0, 0.0, 3.0);
    scene_ball(&shapes[1], 0.0, 0.0, 0.0, 16.0); /* all beyond a plane, as far as matters */
    shapes[1].cut_normal[0] = -1.0, shapes[1].cut_at = -3.2;
    scene_case c;
    assert_true(scene_make(t->ctx, &sc, shapes, 2, &c));
    const int32_t *n = c.volume.geometry.n;
    for (int32_t v = 0; v < n[0] * n[1] * n[2]; v++)
        if ((v % n[0] - n[0] / 2) * 0.7 > 3.2) c.regions.labels[v] = 0;
    rs_candidate mark = scene_mark(&c, 0.2, 0.1, 0.0, 3.0);
    rs_lesion lesion = {0};
    assert_int_equal(scene_measure(t->ctx, &c, &mark, t->params, t->arena, &lesion), RS_OK);
    scene_free(t->ctx, &c);
    print_message("ball of 6 mm at a wall: fit %.2f (%s), equivalent %.2f mm, %s\n", lesion.size.fit_mm,
                  lesion.size.fit_reason ? lesion.size.fit_reason : "stands", lesion.size.equivalent_mm,
                  lesion.size.class_reason ? lesion.size.class_reason : "definite");
    assert_true(fabs(lesion.size.equivalent_mm - 6.0) < 0.4);
    assert_true(lesion.size.low_mm <= 6.0 && lesion.size.high_mm >= 6.0);
}

#define CROWD 12

static rs_lesion *measure_crowd(int threads, rs_context **ctx, rs_arena *arena)
{
    static const rs_measure_profile lung = {
        .contrast_prior_hu = 870.0, .contrast_prior_sd_hu = 90.0, .largest_fit_mm = 20.0};
    const rs_param_table *table = &rs_measure_param_table;
    rs_context_options options = {.threads = threads};
    rs_params *params;
    assert_int_equal(rs_context_new(&options, ctx), RS_OK);
    assert_int_equal(rs_params_new(*ctx, &table, 1, &params), RS_OK);
    scene sc = quiet(24.0, 0.8, 1.25, 1.0, 1.3);
    sc.noise = 25.0;
    scene_shape shapes[CROWD];
    rs_candidate items[CROWD];
    int order[CROWD];
    scene_case c;
    for (int m = 0; m < CROWD; m++)
        scene_ball(&shapes[m], (m % 3 - 1) * 14.0, (m / 3 % 2) * 16.0 - 8.0, (m / 6) * 20.0 - 10.0, 1.5 + 0.3 * m);
    assert_true(scene_make(*ctx, &sc, shapes, CROWD, &c));
    for (int m = 0; m < CROWD; m++) {
        const double *at = shapes[m].centre;
        items[m] = scene_mark(&c, at[0] + 0.3, at[1] - 0.2, at[2], shapes[m].radius);
        order[m] = CROWD - 1 - m;
    }
    rs_candidates candidates = {.items = items, .n = CROWD};
    rs_marks marks = {.candidate = order, .n = CROWD};
    rs_lesions lesions;
    assert_int_equal(
        rs_measure(*ctx, &c.volume, &c.quality, &c.regions, &candidates, &marks, &lung, params, arena, &lesions),
        RS_OK);
    assert_int_equal(lesions.n, CROWD);
    scene_free(*ctx, &c);
    rs_params_free(params);
    return lesions.items;
}

static void test_same_bits_on_all_threads(void **state)
{
    static const int threads[] = {1, 2, 7};
    rs_lesion *first = NULL;
    tools *t = *state;
    for (int m = 0; m < 3; m++) {
        rs_context *ctx;
        rs_lesion *now = measure_crowd(threads[m], &ctx, t->arena);
        rs_context_free(ctx);
        first = first ? first : now;
        for (int l = 0; l < CROWD; l++) {
            assert_int_equal(now[l].candidate, CROWD - 1 - l);
            assert_memory_equal(&now[l].size, &first[l].size, sizeof now[l].size);
            assert_int_equal(now[l].n_runs, first[l].n_runs);
            assert_memory_equal(now[l].runs, first[l].runs, (size_t)now[l].n_runs * sizeof *now[l].runs);
        }
    }
}

static void test_no_marks(void **state)
{
    static const rs_measure_profile lung = {.largest_fit_mm = 20.0};
    tools *t = *state;
    scene sc = quiet(5.0, 1.0, 1.0, 1.1, 1.1);
    scene_case c;
    assert_true(scene_make(t->ctx, &sc, NULL, 0, &c));
    rs_candidates candidates = {0};
    rs_marks marks = {0};
    rs_lesions lesions = {.n = 5};
    assert_int_equal(rs_measure(t->ctx, &c.volume, &c.quality, &c.regions, &candidates, &marks, &lung, t->params,
                                t->arena, &lesions),
                     RS_OK);
    assert_int_equal(lesions.n, 0);
    scene_free(t->ctx, &c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_caliper_table),
        cmocka_unit_test(test_large_ball_is_segmented),
        cmocka_unit_test(test_cut_balls),
        cmocka_unit_test(test_truncated_by_the_image),
        cmocka_unit_test(test_window_beyond_the_image),
        cmocka_unit_test(test_noise_has_no_size),
        cmocka_unit_test(test_thick_slices_set_the_interval),
        cmocka_unit_test(test_ground_glass_drops_the_prior),
        cmocka_unit_test(test_density_of_small_balls),
        cmocka_unit_test(test_wall_is_left_out),
        cmocka_unit_test(test_same_bits_on_all_threads),
        cmocka_unit_test(test_no_marks),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
