/* Lesions: volumes against closed forms, places against the anatomy, numbers against what the recipe promises. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lesion.h"

static rs_phantom_lesion ellipsoid(double a, double b, double c)
{
    rs_phantom_lesion l = {.origin = {3.3, -2.1, 50.7},
                           .axis = {{0.6, 0.8, 0}, {-0.8, 0.6, 0}, {0, 0, 1}},
                           .radius = {a, b, c},
                           .reach_mm = 1.0001 * fmax(a, fmax(b, c))};
    return l;
}

static void volume_of_spheres_and_ellipsoids(void **state)
{
    (void)state;
    rs_phantom_lesion l = ellipsoid(2.5, 2.5, 2.5);
    rs_phantom_lesion_measure(&l);
    assert_true(fabs(l.volume_mm3 / (M_PI / 6.0 * 125.0) - 1.0) < 0.002);
    assert_true(fabs(l.equivalent_mm - 5.0) < 0.004);
    for (int c = 0; c < 3; c++)
        assert_true(fabs(l.centre[c] - l.origin[c]) < 0.01);
    l = ellipsoid(2.0, 3.0, 4.0);
    rs_phantom_lesion_measure(&l);
    assert_true(fabs(l.volume_mm3 / (4.0 / 3.0 * M_PI * 24.0) - 1.0) < 0.004);
}

static void a_bump_adds_what_its_cone_says(void **state)
{
    (void)state;
    /* r(t) = 1 + h (2 (cos t - 1/2))^2 for t < 60 degrees: the volume is 2 pi / 3 times the integral of r^3 over cos t;
       with s = 2 cos t - 1 that of the cap is 1/2 int (1 + h s^2)^3 ds = 1/2 (1 + h + 3/5 h^2 + h^3 / 7). */
    const double h = 0.4;
    rs_phantom_lesion l = ellipsoid(1, 1, 1);
    l.n_bumps = 1;
    l.bump[0][2] = 1.0;
    l.height[0] = h;
    l.reach_mm = 1.41;
    rs_phantom_lesion_measure(&l);
    double closed = 2.0 * M_PI / 3.0 * (1.5 + 0.5 * (1.0 + h + 0.6 * h * h + h * h * h / 7.0));
    assert_true(fabs(l.volume_mm3 / closed - 1.0) < 0.004);
    assert_true(l.centre[2] > l.origin[2] + 0.02);
}

static void half_a_ball_at_a_flat_wall(void **state)
{
    (void)state;
    rs_phantom_anatomy a;
    rs_phantom_anatomy_draw(3, &a);
    /* A small ball whose centre lies on the wall of the cage: nearly half of it is lung. */
    double z = 0.45 * a.height_mm;
    rs_phantom_section s = rs_phantom_section_at(&a, z);
    rs_phantom_lesion l = ellipsoid(3, 3, 3);
    l.origin[0] = s.a;
    l.origin[1] = s.centre_y;
    l.origin[2] = z;
    l.clip = &a;
    rs_phantom_lesion_measure(&l);
    assert_true(fabs(l.volume_mm3 / (2.0 / 3.0 * M_PI * 27.0) - 1.0) < 0.06);
    assert_true(rs_phantom_lung_distance(&a, l.centre, NULL) < -0.8);
}

/* 30 % of patients have none, the mean is 5. */
static void numbers(void **state)
{
    (void)state;
    enum { PATIENTS = 4000 };
    int empty = 0, total = 0;
    for (uint64_t seed = 0; seed < PATIENTS; seed++) {
        int n = rs_phantom_lesions_number(seed);
        empty += n == 0 ? 1 : 0;
        total += n;
    }
    assert_true(fabs((double)empty / PATIENTS - 0.3) < 0.03);
    assert_true(fabs((double)total / PATIENTS - 5.0) < 0.4);
}

/* Every centre inside a lung, on the side that it says. */
static void places(void **state)
{
    rs_context *ctx = *state;
    enum { PATIENTS = 40 };
    int total = 0, left = 0;
    for (uint64_t seed = 1; seed <= PATIENTS; seed++) {
        rs_arena *arena = rs_arena_new();
        rs_phantom_anatomy a;
        rs_phantom_tubes tubes = {0};
        rs_phantom_lesions lesions;
        rs_phantom_anatomy_draw(seed, &a);
        rs_phantom_tube tube = {{-60, 10, 120}, {-60, 10, 130}, 1.0f, 1.0f, RS_PHANTOM_VESSEL};
        assert_int_equal(rs_phantom_tube_add(ctx, arena, &tubes, &tube), RS_OK);
        rs_phantom_lesions_args args = {.anatomy = &a,
                                        .tubes = &tubes,
                                        .low_mm = {-180, -180, -20},
                                        .high_mm = {180, 180, 280},
                                        .seed = seed,
                                        .wanted = -1,
                                        .spheres = true};
        assert_int_equal(rs_phantom_lesions_draw(ctx, arena, &args, &lesions), RS_OK);
        total += lesions.n;
        for (int n = 0; n < lesions.n; n++) {
            const rs_phantom_lesion *l = &lesions.items[n];
            assert_true(rs_phantom_lung_distance(&a, l->centre, NULL) < 0.0);
            assert_int_equal(l->side, l->centre[0] > 0.0 ? 1 : 0);
            assert_true(l->equivalent_mm > (l->attachment == RS_PHANTOM_ON_PLEURA ? 1.0 : 1.99) &&
                        l->equivalent_mm < 30.1);
            assert_true(l->hu >= -40.0 && l->hu <= 80.0 && l->contrast_hu > 700.0 && l->contrast_hu < 1050.0);
            left += l->side;
        }
        rs_arena_free(arena);
    }
    assert_true(left > 0.35 * total && left < 0.6 * total);
}

/* Ends that are asked for hold; those of the default are its own. */
static void sizes(void **state)
{
    rs_context *ctx = *state;
    static const double ends[][2] = {{0, 0}, {2, 30}, {8, 14}, {20, 60}, {78, 80}};
    rs_phantom_anatomy a;
    rs_phantom_tubes tubes = {0};
    rs_arena *arena = rs_arena_new();
    rs_phantom_lesions drawn[5];
    rs_phantom_anatomy_draw(3, &a);
    rs_phantom_tube tube = {{-60, 10, 120}, {-60, 10, 130}, 1.0f, 1.0f, RS_PHANTOM_VESSEL};
    assert_int_equal(rs_phantom_tube_add(ctx, arena, &tubes, &tube), RS_OK);
    for (int n = 0; n < 5; n++) {
        rs_phantom_lesions_args args = {.anatomy = &a,
                                        .tubes = &tubes,
                                        .low_mm = {-180, -180, -20},
                                        .high_mm = {180, 180, 280},
                                        .seed = 3,
                                        .wanted = 4,
                                        .smallest_mm = ends[n][0],
                                        .largest_mm = ends[n][1],
                                        .spheres = true};
        assert_int_equal(rs_phantom_lesions_draw(ctx, arena, &args, &drawn[n]), RS_OK);
        for (int l = 0; l < drawn[n].n && n > 0; l++) {
            double whole_mm = 2 * drawn[n].items[l].radius[0]; /* of the sphere before the pleura cuts it */
            assert_true(whole_mm > 0.99 * ends[n][0] && whole_mm < 1.01 * ends[n][1]);
        }
        assert_true(drawn[n].n > 0 || n == 4); /* there may be no place for the largest */
    }
    assert_int_equal(drawn[0].n, drawn[1].n);
    for (int l = 0; l < drawn[0].n; l++)
        assert_true(drawn[0].items[l].equivalent_mm == drawn[1].items[l].equivalent_mm);
    rs_arena_free(arena);
}

static int begin(void **state)
{
    rs_context *ctx = NULL;
    if (rs_context_new(NULL, &ctx) != RS_OK) return 1;
    *state = ctx;
    return 0;
}

static int end(void **state)
{
    rs_context_free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(volume_of_spheres_and_ellipsoids),
        cmocka_unit_test(a_bump_adds_what_its_cone_says),
        cmocka_unit_test(half_a_ball_at_a_flat_wall),
        cmocka_unit_test(numbers),
        cmocka_unit_test(places),
        cmocka_unit_test(sizes),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
