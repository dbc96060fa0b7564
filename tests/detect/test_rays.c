/* Rays and merging on closed forms: sphere, tube, plate, and what the border of the image does. */
#include "merge.h"
#include "rays.h"
#include "scene.h"

typedef struct solid {
    int shape; /* 0 sphere, 1 tube along the rows, 2 plate across the slices, 3 two planes of a linear ramp */
    double radius_mm, centre_mm[3];
} solid;

/* Smooth enough to be sampled without sub-voxels: an edge of 2 mm. */
static double solid_value(const double mm[3], const void *arg)
{
    const solid *s = arg;
    double x = mm[0] - s->centre_mm[0], y = mm[1] - s->centre_mm[1], z = mm[2] - s->centre_mm[2], r = 0;
    if (s->shape == 0) r = sqrt(x * x + y * y + z * z);
    if (s->shape == 1) r = sqrt(y * y + z * z);
    if (s->shape == 2) r = fabs(z);
    if (s->shape == 3) return -500 + 3 * mm[0] - 2 * mm[1] + 5 * mm[2];
    return -850 + 850 * 0.5 * erfc((r - s->radius_mm) / 1.0);
}

typedef struct ray_scene {
    scene base;
    rs_sampler sampler;
    rs_ray_scene rays;
    rs_directions full;
    uint8_t searched[256];
    solid what;
} ray_scene;

static void rays_open(ray_scene *r, const int32_t n[3], double spacing_k_mm, solid what)
{
    scene_wish w = {.spacing_mm = {0.8, 0.8, spacing_k_mm}, .psf = {1.1, 1.1}, .value = solid_value};
    memcpy(w.n, n, sizeof w.n);
    r->what = what;
    w.arg = &r->what;
    scene_open(&r->base, &w);
    rs_sampler_wish wish = {.clip_low_hu = -1000, .clip_high_hu = 200, .bright = true, .native_spacing_mm = 1.5};
    assert_int_equal(rs_sampler_make(r->base.ctx, &r->base.volume, &wish, &r->sampler), RS_OK);
    rs_directions_make(RS_RAYS_FULL, &r->full);
    rs_regions_search_table(&r->base.regions, r->searched);
    r->rays = (rs_ray_scene){.sampler = &r->sampler,
                             .spacing_mm = {0.8, 0.8, spacing_k_mm},
                             .curvature_radius = 1.2,
                             .psf_in_plane_mm = 1.1,
                             .regions = &r->base.regions,
                             .searched = r->searched,
                             .bright = true};
}

static void rays_close(ray_scene *r)
{
    rs_sampler_free(r->base.ctx, &r->sampler);
    scene_close(&r->base);
}

static rs_candidate look(const ray_scene *r, double radius_mm)
{
    rs_candidate c = {.radius_mm = radius_mm, .scale_mm = radius_mm / 1.73};
    for (int a = 0; a < 3; a++)
        c.index[a] = r->what.centre_mm[a] / r->rays.spacing_mm[a];
    rs_rays_features(&r->rays, &r->full, &c);
    return c;
}

static double feature(const rs_candidate *c, int f)
{
    return (double)c->feature[f];
}

static void test_sphere_tube_plate(void **state)
{
    (void)state;
    static const int32_t n[3] = {70, 70, 56};
    static const double spacing_k_mm[] = {1, 1.6};
    for (int m = 0; m < 2; m++) {
        ray_scene r;
        solid what = {.radius_mm = 5, .centre_mm = {27.9, 28.2, 27.7}};
        rays_open(&r, n, spacing_k_mm[m], what);
        rs_candidate c = look(&r, 5);
        assert_true(feature(&c, RS_FEATURE_e3_e1) > 0.9 && feature(&c, RS_FEATURE_e2_e1) > 0.95);
        assert_true(feature(&c, RS_FEATURE_elong) > 0.97);
        assert_true(feature(&c, RS_FEATURE_limbs) == 0 && feature(&c, RS_FEATURE_limb_share) == 0);
        assert_true(feature(&c, RS_FEATURE_shell1) == 0 && feature(&c, RS_FEATURE_shell2) == 0);
        assert_true(fabs(feature(&c, RS_FEATURE_peak_hu)) < 8);
        assert_true(fabs(feature(&c, RS_FEATURE_background_hu) + 850) < 30);
        assert_true(fabs(feature(&c, RS_FEATURE_contrast) - 850 / 900.0) < 0.03);
        assert_true(fabs(feature(&c, RS_FEATURE_shell_median_hu) + 850) < 30);
        assert_true(feature(&c, RS_FEATURE_conv) > 0.85 && feature(&c, RS_FEATURE_wall) == 0);
        assert_true(fabs(feature(&c, RS_FEATURE_ln_scale) - log(5 / 1.73)) < 1e-6);
        rays_close(&r);

        what = (solid){.shape = 1, .radius_mm = 4, .centre_mm = {27.9, 28.2, 27.7}};
        rays_open(&r, n, spacing_k_mm[m], what);
        c = look(&r, 1.22 * 4);
        assert_true(fabs(feature(&c, RS_FEATURE_e3_e1)) < 0.1 && feature(&c, RS_FEATURE_e2_e1) > 0.95);
        assert_true(feature(&c, RS_FEATURE_limbs) == 2 && feature(&c, RS_FEATURE_elong) < 0.6);
        assert_true(feature(&c, RS_FEATURE_shell1) > 0.1 && feature(&c, RS_FEATURE_shell1) < 0.35);
        assert_true(fabs(feature(&c, RS_FEATURE_limb_share) - 0.5 * feature(&c, RS_FEATURE_shell1)) < 0.02);
        rays_close(&r);

        what = (solid){.shape = 2, .radius_mm = 2, .centre_mm = {27.9, 28.2, 27.7}};
        rays_open(&r, n, spacing_k_mm[m], what);
        c = look(&r, 3.5);
        assert_true(feature(&c, RS_FEATURE_e2_e1) < 0.15 && feature(&c, RS_FEATURE_limbs) == 1);
        rays_close(&r);
    }
}

/* Half of the sphere lies outside the image, or all but a thin slab: the rays that are left tell the same. */
static void test_rays_that_leave_are_dropped(void **state)
{
    (void)state;
    static const int32_t half[3] = {70, 70, 24}, slab[3] = {70, 70, 9};
    ray_scene r;
    solid what = {.radius_mm = 5, .centre_mm = {27.9, 28.2, 0}};
    rays_open(&r, half, 1, what);
    rs_candidate c = look(&r, 5);
    assert_true(feature(&c, RS_FEATURE_e3_e1) > 0.9);
    assert_true(fabs(feature(&c, RS_FEATURE_background_hu) + 850) < 30);
    rays_close(&r);
    what.centre_mm[2] = 4;
    what.radius_mm = 7;
    rays_open(&r, slab, 1, what);
    c = look(&r, 7);
    assert_true(feature(&c, RS_FEATURE_e3_e1) > 0.8);
    assert_true(feature(&c, RS_FEATURE_limbs) == 0 && feature(&c, RS_FEATURE_elong) > 0.8);
    rays_close(&r);
}

static void test_share_outside_the_region(void **state)
{
    (void)state;
    static const int32_t n[3] = {70, 70, 56};
    ray_scene r;
    solid what = {.radius_mm = 4, .centre_mm = {28, 28, 28}};
    rays_open(&r, n, 1, what);
    for (int k = 0; k < 56; k++)
        for (int m = 0; m < 70 * 70; m++)
            if (k > 28 + 3) r.base.regions.labels[k * 70 * 70 + m] = 0; /* a wall at 3.5 mm of 6 above the centre */
    rs_candidate c = look(&r, 4);
    assert_true(fabs(feature(&c, RS_FEATURE_wall) - 0.5 * (1 - 3.5 / 6)) < 0.01); /* the cap's share of a sphere */
    rays_close(&r);
}

/* A linear field is met exactly by both interpolations, also between slices that lie far apart; beyond the outermost
   voxel centres there is nothing. */
static void test_sampler(void **state)
{
    (void)state;
    static const int32_t n[3] = {20, 20, 16};
    static const double spacing_k_mm[] = {1, 3};
    for (int m = 0; m < 2; m++) {
        ray_scene r;
        rays_open(&r, n, spacing_k_mm[m], (solid){.shape = 3});
        assert_int_equal(r.sampler.spline_k, m == 1);
        for (int q = 0; q < 50; q++) {
            double at[3] = {0.37 * q, 19 - 0.37 * q, 5 + 0.1 * q}, mm[3];
            float value = 0;
            for (int a = 0; a < 3; a++)
                mm[a] = at[a] * r.rays.spacing_mm[a];
            assert_true(rs_sampler_value(&r.sampler, at, &value));
            assert_true(fabs((double)value - solid_value(mm, &r.what)) < 1);
        }
        float value = 123;
        assert_false(rs_sampler_value(&r.sampler, (double[3]){19.001, 3, 3}, &value));
        assert_false(rs_sampler_value(&r.sampler, (double[3]){3, -0.001, 3}, &value));
        assert_false(rs_sampler_value(&r.sampler, (double[3]){3, 3, 15.001}, &value));
        assert_false(rs_sampler_value(&r.sampler, (double[3]){3, (double)NAN, 3}, &value));
        assert_true(value == 123);
        assert_true(rs_sampler_value(&r.sampler, (double[3]){19, 19, 15}, &value));
        rays_close(&r);
    }
}

static rs_candidate at(double x, double radius_mm, double score)
{
    return (rs_candidate){.lps_mm = {x, 0, 0}, .index = {x, 0, 0}, .radius_mm = radius_mm, .score = score};
}

/* Within 0.8 of the larger radius, whichever of the two is kept; what ranks behind the best is left alone. */
static void test_parting(void **state)
{
    (void)state;
    rs_candidate items[] = {
        at(0, 10, 90),
        at(7.9, 2, 80) /* 0.8 x 10: the same place */,
        at(8.1, 2, 70) /* stays */,
        at(14, 10, 60) /* 5.9 from the third: the same */,
        at(16.2, 1, 50) /* stays */,
        at(300, 1, 40),
        at(300.5, 1, 30) /* the same, but not among the best six */,
    };
    rs_candidates c = {.items = items, .n = 7, .capacity = 7};
    rs_candidates_part(&c, &(rs_part_wish){.n_best = 6});
    assert_int_equal(c.n, 7);
    double plain[] = {1, 2, 1, 5, 1, 1}; /* the second is 10 below its best, the fourth 10 below the third */
    rs_candidates_part(&c, &(rs_part_wish){.n_best = 6, .share = 0.8, .margin = 9, .plain = plain});
    assert_int_equal(c.n, 5);
    rs_candidate again[] = {at(0, 10, 90), at(1, 9, 81), at(2, 9, 80), at(300, 1, 40)};
    again[0].feature[RS_FEATURE_ray_logit] = 7;
    rs_candidates other = {.items = again, .n = 4, .capacity = 4};
    rs_candidates_part(&other,
                       &(rs_part_wish){.n_best = 4, .share = 0.8, .margin = 9, .plain = (double[]){1, 2, 3, 4}});
    assert_int_equal(other.n, 2);
    assert_true(again[0].lps_mm[0] == 1 && again[0].radius_mm == 9 && again[0].score == 90);
    assert_true(again[0].feature[RS_FEATURE_ray_logit] == 7);
    /* What stands for the first place reaches the second, which stood apart from what was there before. */
    rs_candidate third[] = {at(0, 2, 90), at(8, 2, 85), at(1.5, 9, 84), at(300, 1, 40)};
    rs_candidates reached = {.items = third, .n = 4, .capacity = 4};
    rs_candidates_part(&reached, &(rs_part_wish){.n_best = 3, .share = 0.8, .margin = 9, .plain = (double[]){1, 5, 2}});
    assert_int_equal(reached.n, 2);
    assert_true(third[0].lps_mm[0] == 1.5 && third[0].score == 90 && third[1].lps_mm[0] == 300);
    static const double left[] = {0, 8.1, 16.2, 300, 300.5};
    assert_int_equal(c.n, 5);
    for (int n = 0; n < 5; n++)
        assert_true(c.items[n].lps_mm[0] == left[n]);
}

static void test_feature_names(void **state)
{
    (void)state;
    assert_string_equal(rs_feature_name(RS_FEATURE_e3_e1), "e3_e1");
    assert_string_equal(rs_feature_unit(RS_FEATURE_log_hu), "HU");
    assert_non_null(rs_feature_help(RS_FEATURE_COUNT - 1));
    assert_null(rs_feature_name(RS_FEATURE_COUNT));
    assert_null(rs_feature_unit(-1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sphere_tube_plate),
        cmocka_unit_test(test_rays_that_leave_are_dropped),
        cmocka_unit_test(test_share_outside_the_region),
        cmocka_unit_test(test_sampler),
        cmocka_unit_test(test_parting),

        cmocka_unit_test(test_feature_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
