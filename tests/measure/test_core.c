/* A ball in a ball: the fit is that of the whole lesion, and the density names what is inside. The scenes are rendered
   by tests/measure/scene.h, which shares nothing with the fit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "scene.h"

typedef struct tools {
    rs_context *ctx;
    rs_params *params;
    rs_arena *arena;
} tools;

static int begin(void **state)
{
    static tools t;
    const rs_param_table *table = &rs_measure_param_table;
    if (rs_context_new(NULL, &t.ctx) != RS_OK || rs_params_new(t.ctx, &table, 1, &t.params) != RS_OK) return 1;
    t.arena = rs_arena_new();
    *state = &t;
    return t.arena ? 0 : 1;
}

static int end(void **state)
{
    tools *t = *state;
    rs_arena_free(t->arena);
    rs_params_free(t->params);
    rs_context_free(t->ctx);
    return 0;
}

typedef struct two_balls {
    double mm, hu, core_mm, core_hu, off_mm; /* contrasts over the lung: of the shell and of the core */
} two_balls;

static void measure_two(tools *t, two_balls w, double start_mm, rs_lesion *out)
{
    scene sc = {.n = {41, 41, 29},
                .spacing = {0.7, 0.7, 1.0},
                .fxy = 1.1,
                .fz = 1.2,
                .noise = 20.0,
                .background = -870.0,
                .contrast = w.hu,
                .seed = 7};
    scene_shape outer, inner;
    scene_ball(&outer, 0.1, -0.2, 0.2, 0.5 * w.mm);
    scene_ball(&inner, 0.1 + w.off_mm, -0.2, 0.2, 0.5 * w.core_mm);
    scene_case c;
    assert_true(scene_make(t->ctx, &sc, &outer, 1, &c));
    float *share = scene_render(&sc, &inner, NULL);
    for (int64_t v = 0; v < rs_geometry_voxels(&c.volume.geometry); v++)
        c.volume.voxels[v] = (int16_t)lround(c.volume.voxels[v] + (w.core_hu - w.hu) * (double)share[v]);
    free(share);
    rs_candidate mark = scene_mark(&c, 0.3, 0.0, 0.0, start_mm);
    assert_int_equal(scene_measure(t->ctx, &c, &mark, t->params, t->arena, out), RS_OK);
    scene_free(t->ctx, &c);
    print_message("%.1f mm of %.0f HU, core %.1f mm of %.0f: fit %.2f (%.1f to %.1f), %s\n", w.mm, w.hu, w.core_mm,
                  w.core_hu, out->size.fit_mm, out->size.low_mm, out->size.high_mm, rs_density_name(out->density));
}

static void assert_whole(const rs_lesion *lesion, double mm)
{
    assert_null(lesion->size.fit_reason);
    assert_true(fabs(lesion->size.fit_mm - mm) <= 0.15); /* what the measurement promises of its bias */
    assert_true(lesion->size.low_mm <= mm && mm <= lesion->size.high_mm);
}

static void test_part_solid(void **state)
{
    rs_lesion lesion = {0};
    measure_two(*state, (two_balls){7.0, 280.0, 3.2, 890.0, 0.3}, 1.7, &lesion);
    assert_whole(&lesion, 7.0);
    assert_int_equal(lesion.density, RS_DENSITY_PART_SOLID);
    assert_int_equal(lesion.size.size_class, RS_SIZE_ABOVE_5MM);
}

static void test_cavity(void **state)
{
    rs_lesion lesion = {0};
    measure_two(*state, (two_balls){8.0, 890.0, 4.0, -60.0, 0.0}, 4.0, &lesion);
    assert_whole(&lesion, 8.0);
    assert_int_equal(lesion.density, RS_DENSITY_CAVITY);
}

/* One piece stays one piece. */
static void test_solid_has_no_core(void **state)
{
    rs_lesion lesion = {0};
    measure_two(*state, (two_balls){7.0, 890.0, 3.0, 890.0, 0.0}, 3.5, &lesion);
    assert_whole(&lesion, 7.0);
    assert_int_equal(lesion.density, RS_DENSITY_SOLID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_part_solid),
        cmocka_unit_test(test_cavity),
        cmocka_unit_test(test_solid_has_no_core),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
