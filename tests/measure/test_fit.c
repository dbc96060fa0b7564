/* The sphere fit against lesions of known volume that another renderer drew: the rows of science C9.6, with fewer
   lesions. Bounds: the page's bias and SD with room for the sampling error of so few. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "scene.h"

#ifdef __OPTIMIZE__
#define LESIONS 40
#else
#define LESIONS 6
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

typedef struct page_row {
    double slice_mm, d_mm;
    double bias_mm, sd_ln; /* of science C9.6 */
    bool ball;             /* without the bumps */
} page_row;

typedef struct result {
    int n, fits, covered;
    double bias_mm, sd_ln, width_mm;
} result;

/* The last row is not of the page: a ball of so many voxels that the fit looks at every second column and row. Its bias
   is none and it is as sure as one of 8 mm. Conditions of science C9.6: PSF known to 6 and 8 %, noise to 8 %, start off
   by 0.6 mm, d spread by 0.4. */
static void make_row(tools *t, const page_row *row, result *out)
{
    double sum = 0.0, squares = 0.0, bias = 0.0, width = 0.0;
    *out = (result){.n = LESIONS};
    for (int l = 0; l < LESIONS; l++) {
        scene_random r = {(uint64_t)(l + 1) * 7919 + (uint64_t)(row->d_mm * 100.0 + row->slice_mm * 10000.0)};
        double d = row->d_mm + scene_between(&r, -0.4, 0.4), pixel = scene_between(&r, 0.6, 0.8);
        double across = fmax(22.0, row->d_mm + 16.0), along = fmax(26.0, row->d_mm + 18.0);
        scene sc = {
            .n = {(int32_t)ceil(across / pixel), (int32_t)ceil(across / pixel), (int32_t)ceil(along / row->slice_mm)},
            .spacing = {pixel, pixel, row->slice_mm},
            .fxy = exp(scene_between(&r, log(0.6), log(1.3))),
            .fz = row->slice_mm * scene_between(&r, 1.0, 1.2),
            .profile = (scene_profile)(l % 3),
            .background = -860.0 + 35.0 * scene_normal(&r),
            .noise = scene_between(&r, 15.0, 45.0),
            .texture = scene_between(&r, 8.0, 20.0),
            .seed = (uint64_t)l + 1};
        sc.contrast = 20.0 + 60.0 * scene_normal(&r) - sc.background;
        scene_shape blob = {0};
        scene_blob(&blob, 0.5 * d, &r);
        if (row->ball) scene_ball(&blob, 0.0, 0.0, 0.0, 0.5 * d);
        for (int a = 0; a < 3; a++)
            blob.centre[a] = scene_between(&r, -0.5, 0.5) * sc.spacing[a];
        scene_case c;
        assert_true(scene_make(t->ctx, &sc, &blob, 1, &c));
        c.quality.psf.in_plane_mm *= 1.0 + 0.06 * scene_normal(&r);
        c.quality.psf.axial_mm *= 1.0 + 0.08 * scene_normal(&r);
        c.quality.noise_hu *= 1.0 + 0.08 * scene_normal(&r);
        rs_candidate mark =
            scene_mark(&c, blob.centre[0] + 0.35 * scene_normal(&r), blob.centre[1] + 0.35 * scene_normal(&r),
                       blob.centre[2] + 0.35 * scene_normal(&r), 0.5 * d * scene_between(&r, 0.7, 1.4));
        rs_lesion lesion = {0};
        assert_int_equal(scene_measure(t->ctx, &c, &mark, t->params, t->arena, &lesion), RS_OK);
        double truth = cbrt(6.0 / M_PI * c.volume_mm3);
        scene_free(t->ctx, &c);
        if (lesion.size.fit_reason) {
            print_message("  %.1f mm at %.1f: %s\n", truth, row->slice_mm, lesion.size.fit_reason);
            continue;
        }
        out->fits++;
        out->covered += lesion.size.fit_low_mm <= truth && truth <= lesion.size.fit_high_mm;
        double ln = log(lesion.size.fit_mm / truth);
        sum += ln, squares += ln * ln;
        bias += lesion.size.fit_mm - truth;
        width += lesion.size.fit_high_mm - lesion.size.fit_low_mm;
        rs_arena_rewind(t->arena, (rs_arena_mark){0});
    }
    out->bias_mm = bias / out->fits;
    out->sd_ln = sqrt(fmax(squares / out->fits - sum / out->fits * sum / out->fits, 0.0));
    out->width_mm = width / out->fits;
}

static const page_row rows[] = {
    {1.0, 3, 0.01, 0.015, false},  {1.0, 4, 0.00, 0.011, false},  {1.0, 5, 0.01, 0.007, false},
    {1.0, 6, -0.01, 0.009, false}, {1.0, 8, -0.04, 0.009, false}, {2.5, 3, 0.03, 0.037, false},
    {2.5, 4, 0.01, 0.029, false},  {2.5, 5, -0.04, 0.028, false}, {2.5, 6, -0.01, 0.024, false},
    {2.5, 8, -0.01, 0.019, false}, {1.0, 16, 0.0, 0.009, true},
};

static void test_rows(void **state)
{
    int fits = 0, covered = 0;
    for (size_t m = 0; m < sizeof rows / sizeof rows[0]; m++) {
        result got;
        make_row(*state, &rows[m], &got);
        print_message(
            "slices %.1f mm, d %.0f: bias %+.3f mm (page %+.2f), SD ln d %.4f (page %.3f), width %.2f mm, fits "
            "%d, covered %d of %d\n",
            rows[m].slice_mm, rows[m].d_mm, got.bias_mm, rows[m].bias_mm, got.sd_ln, rows[m].sd_ln, got.width_mm,
            got.fits, got.covered, got.n);
        fits += got.fits, covered += got.covered;
        assert_int_equal(got.fits, got.n);
        /* 0.05 mm and 3.5 standard errors of the mean beside the page's bias; as many of the SD, s / sqrt(2 (n - 1)),
           above the page's. */
        double slack = 3.5 * rows[m].sd_ln * rows[m].d_mm / sqrt(got.n);
        assert_true(fabs(got.bias_mm - rows[m].bias_mm) < 0.05 + slack);
        assert_true(got.sd_ln < (1.0 + 3.5 / sqrt(2.0 * (got.n - 1))) * rows[m].sd_ln);
    }
    print_message("coverage of %d: %.3f\n", fits, (double)covered / fits);
    assert_true(covered >= 0.93 * fits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
