/* The blurred ball: against the renderer of the tests, which shares nothing with it, against closed forms at the
   centre, and its derivatives against differences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "room.h"
#include "scene.h"

static double table[1024][3];

static void make(rs_sphere *s, double radius, double fxy, double fz)
{
    *s = (rs_sphere){.row = table, .capacity = 1024};
    rs_sphere_set_psf(s, &(rs_psf){fxy, fz});
    rs_sphere_set_radius(s, radius);
}

/* Science C2.1, two decimals. */
static void test_peak_table(void **state)
{
    (void)state;
    static const double d[] = {1.0, 1.5, 2, 3, 4, 5, 6}, f[] = {0.8, 1.0, 1.3, 1.6, 2.0, 2.5};
    static const double page[7][6] = {{0.46, 0.29, 0.16, 0.09, 0.05, 0.03}, {0.82, 0.63, 0.40, 0.25, 0.15, 0.08},
                                      {0.97, 0.86, 0.65, 0.46, 0.29, 0.17}, {1.00, 0.99, 0.94, 0.82, 0.63, 0.43},
                                      {1.00, 1.00, 1.00, 0.97, 0.86, 0.69}, {1.00, 1.00, 1.00, 1.00, 0.97, 0.86},
                                      {1.00, 1.00, 1.00, 1.00, 0.99, 0.95}};
    for (int r = 0; r < 7; r++)
        for (int c = 0; c < 6; c++) {
            rs_sphere s;
            rs_sphere_value at;
            make(&s, 0.5 * d[r], f[c], f[c]);
            rs_sphere_at(&s, (double[3]){0, 0, 0}, &at);
            assert_true(fabs(at.s - rs_sphere_peak(d[r], f[c])) < 1e-9);
            assert_true(fabs(at.s - page[r][c]) < 0.0065); /* the page rounds */
        }
}

static void test_against_renderer(void **state)
{
    (void)state;
    /* radius, FWHM in plane and along k, bound: 7 shifts leave a ripple where the axial FWHM is four times the other */
    static const double cases[][4] = {{1.5, 1.1, 1.1, 0.005},  {2.5, 0.8, 2.0, 0.02}, {1.5, 1.2, 2.7, 0.01},
                                      {1.5, 1.1, 1.25, 0.005}, {4.0, 1.3, 5.2, 0.07}, {2.0, 1.4, 1.1, 0.02}};
    for (size_t m = 0; m < sizeof cases / sizeof cases[0]; m++) {
        scene sc = {.n = {21, 21, 21}, .spacing = {0.7, 0.7, 0.8}, .fxy = cases[m][1], .fz = cases[m][2]};
        scene_shape ball;
        scene_ball(&ball, 0.13, -0.21, 0.3, cases[m][0]);
        double volume, worst = 0.0;
        float *image = scene_render(&sc, &ball, &volume);
        rs_sphere s;
        make(&s, cbrt(0.75 / M_PI * volume), sc.fxy, sc.fz);
        for (int v = 0; v < 21 * 21 * 21; v++) {
            double at[3] = {(v % 21 - 10) * 0.7 - 0.13, (v / 21 % 21 - 10) * 0.7 + 0.21, (v / 441 - 10) * 0.8 - 0.3};
            rs_sphere_value value;
            rs_sphere_at(&s, at, &value);
            worst = fmax(worst, fabs(value.s - (double)image[v]));
        }
        free(image);
        print_message("radius %.1f, FWHM %.1f and %.1f: worst difference %.4f\n", cases[m][0], sc.fxy, sc.fz, worst);
        assert_true(worst < cases[m][3]);
    }
}

static void test_derivatives(void **state)
{
    (void)state;
    static const double psf[3][2] = {{1.1, 1.1}, {1.0, 2.6}, {1.4, 1.1}};
    const double h = 0.04; /* the table is linear between its rows */
    for (int m = 0; m < 3; m++)
        for (int p = 0; p < 60; p++) {
            scene_random r = {(uint64_t)(m * 100 + p)};
            double at[3] = {scene_between(&r, -3, 3), scene_between(&r, -3, 3), scene_between(&r, -3, 3)};
            rs_sphere s;
            rs_sphere_value value, low, high;
            make(&s, 2.0, psf[m][0], psf[m][1]);
            rs_sphere_at(&s, at, &value);
            for (int a = 0; a < 3; a++) {
                double less[3] = {at[0], at[1], at[2]}, more[3] = {at[0], at[1], at[2]};
                less[a] -= h, more[a] += h;
                rs_sphere_at(&s, less, &low);
                rs_sphere_at(&s, more, &high);
                assert_true(fabs(value.by[a] - (high.s - low.s) / (2.0 * h)) < 0.02);
            }
            make(&s, 2.0 - h, psf[m][0], psf[m][1]);
            rs_sphere_at(&s, at, &low);
            make(&s, 2.0 + h, psf[m][0], psf[m][1]);
            rs_sphere_at(&s, at, &high);
            assert_true(fabs(value.by_radius - (high.s - low.s) / (2.0 * h)) < 0.01);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_peak_table),
        cmocka_unit_test(test_against_renderer),
        cmocka_unit_test(test_derivatives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
