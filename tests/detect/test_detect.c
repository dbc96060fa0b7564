/* The search end to end on objects of closed form: spheres where and as large as they are, the contrast of C2, tubes
   below spheres, the same bits on any number of threads and any tier. */
#include "clutter.h"
#include "scales.h"

static void check_sphere(scene_wish w, double diameter_mm, const double centre_vox[3])
{
    scene s;
    sphere ball = sphere_in(&w.psf, diameter_mm);
    for (int a = 0; a < 3; a++)
        ball.centre_mm[a] = centre_vox[a] * w.spacing_mm[a];
    w.value = sphere_value;
    w.arg = &ball;
    scene_open(&s, &w);
    rs_candidates c = scene_detect(&s, NULL);
    assert_true(c.n > 0);
    double off_mm = 0;
    for (int a = 0; a < 3; a++)
        off_mm += pow((c.items[0].index[a] - centre_vox[a]) * w.spacing_mm[a], 2);
    assert_true(sqrt(off_mm) < 0.1 * w.spacing_mm[2] + 0.02 * diameter_mm);
    assert_true(fabs(2 * c.items[0].radius_mm / diameter_mm - 1) < (w.psf.axial_mm > 2 ? 0.06 : 0.02));
    assert_true(fabs((double)c.items[0].feature[RS_FEATURE_log_hu] / 870 - 1) < 0.12);
    assert_true((double)c.items[0].feature[RS_FEATURE_e3_e1] > 0.6);
    assert_int_equal(c.items[0].region, 0);
    scene_close(&s);
}

static void test_spheres_in_noise(void **state)
{
    (void)state;
    static const double centre[3] = {40.3, 37.8, 34.4}, thick_centre[3] = {40.3, 37.8, 14.4};
    scene_wish thin = {.n = {80, 76, 70}, .spacing_mm = {0.7, 0.7, 1}, .psf = {1.1, 1.1}, .noise_hu = 12};
    static const double sizes[] = {3, 4, 5, 8, 14, 24};
    for (int n = 0; n < 6; n++)
        check_sphere(thin, sizes[n], centre);
    scene_wish thick = {.n = {80, 76, 28}, .spacing_mm = {0.7, 0.7, 2.5}, .psf = {1.1, 2.7}, .noise_hu = 12};
    static const double thick_sizes[] = {5, 8, 14, 24};
    for (int n = 0; n < 4; n++)
        check_sphere(thick, thick_sizes[n], thick_centre);
    scene_wish soft = {.n = {80, 76, 28}, .spacing_mm = {0.85, 0.85, 3}, .psf = {1.4, 3.2}, .noise_hu = 12};
    for (int n = 1; n < 4; n++)
        check_sphere(soft, thick_sizes[n], thick_centre);
}

static void test_shift_by_part_of_a_voxel(void **state)
{
    (void)state;
    double found[2][3];
    static const double centre[2][3] = {{30, 31, 24}, {30.25, 31.5, 24.4}};
    for (int n = 0; n < 2; n++) {
        scene s;
        scene_wish w = {.n = {64, 64, 48}, .spacing_mm = {0.7, 0.7, 1}, .psf = {1.1, 1.1}};
        sphere ball = sphere_in(&w.psf, 6);
        for (int a = 0; a < 3; a++)
            ball.centre_mm[a] = centre[n][a] * w.spacing_mm[a];
        w.value = sphere_value;
        w.arg = &ball;
        scene_open(&s, &w);
        rs_candidates c = scene_detect(&s, NULL);
        memcpy(found[n], c.items[0].index, sizeof found[n]);
        /* LPS follows the index: the grid stands at the origin. */
        assert_true(fabs(c.items[0].lps_mm[2] - c.items[0].index[2]) < 1e-9);
        scene_close(&s);
    }
    for (int a = 0; a < 3; a++)
        assert_true(fabs(found[1][a] - found[0][a] - (centre[1][a] - centre[0][a])) < 0.03);
}

/* A tube along the rows and a sphere of the same contrast, radius 4 mm. */
static double tube_and_sphere(const double mm[3], const void *arg)
{
    double inside = 0;
    (void)arg;
    for (int n = 0; n < 64; n++) { /* 4 x 4 x 4 places in the voxel of 1 mm */
        double x = mm[0] + (n % 4 - 1.5) / 4, y = mm[1] + (n / 4 % 4 - 1.5) / 4, z = mm[2] + (n / 16 - 1.5) / 4;
        double tube = (y - 22) * (y - 22) + (z - 30) * (z - 30);
        double ball = (x - 30) * (x - 30) + (y - 58) * (y - 58) + (z - 30) * (z - 30);
        inside += tube < 16 || ball < 16;
    }
    return -860 + 800 * inside / 64;
}

static void test_tube_below_sphere(void **state)
{
    (void)state;
    scene s;
    scene_wish w = {.n = {80, 80, 60},
                    .spacing_mm = {1, 1, 1},
                    .psf = {0.68, 0.68}, /* of a voxel: FWHM of its second moment */
                    .value = tube_and_sphere,
                    .noise_hu = 4};
    scene_open(&s, &w);
    rs_marks marks;
    rs_detect_wish wish = scene_wish_of(&s);
    rs_params *params = scene_params(s.ctx, "detect_part_share", 0); /* every scale has maxima on a tube */
    wish.params = params;
    rs_candidates c = scene_detect_as(&s, &wish, &marks);
    int n_tube = 0;
    assert_true(fabs(c.items[0].index[0] - 30) < 0.2 && fabs(c.items[0].index[1] - 58) < 0.2);
    assert_true(fabs((double)c.items[0].feature[RS_FEATURE_log_hu] / 800 - 1) < 0.05);
    for (int n = 1; n < c.n; n++) {
        const rs_candidate *t = &c.items[n];
        if (fabs(t->index[1] - 22) > 0.5 || fabs(t->index[2] - 30) > 0.5) continue;
        if (t->index[0] < 15 || t->index[0] > 65 || t->radius_mm < 4 || t->radius_mm > 6) continue;
        n_tube++;
        /* science C2.4: 0.736 / 0.925 */
        assert_true(fabs((double)t->feature[RS_FEATURE_log_hu] / 800 - 0.80) < 0.05);
        assert_true(fabs((double)t->feature[RS_FEATURE_e3_e1]) < 0.12);
        assert_true(t->score < 0.3 * c.items[0].score);
    }
    assert_true(n_tube > 0);
    rs_params_free(params);
    scene_close(&s);
}

static rs_candidates clutter_candidates(scene *s, int threads, const char *tier, double spacing_k_mm)
{
    clutter_open(s, threads, tier, spacing_k_mm);
    return scene_detect(s, NULL);
}

static void assert_same(const rs_candidates *a, const rs_candidates *b)
{
    assert_int_equal(a->n, b->n);
    for (int n = 0; n < a->n; n++) {
        const rs_candidate *x = &a->items[n], *y = &b->items[n];
        assert_memory_equal(x->index, y->index, sizeof x->index);
        assert_memory_equal(x->feature, y->feature, sizeof x->feature);
        assert_true(x->score == y->score && x->radius_mm == y->radius_mm && x->p == y->p);
    }
}

static void test_same_bits(void **state)
{
    (void)state;
    static const double spacing_k_mm[] = {1, 2.5};
    static const struct {
        int threads;
        const char *tier;
    } ways[] = {{1, NULL}, {2, NULL}, {7, NULL}, {2, "portable"}};
    for (int k = 0; k < 2; k++) {
        scene first;
        rs_candidates expected = clutter_candidates(&first, ways[0].threads, ways[0].tier, spacing_k_mm[k]);
        assert_true(expected.n > 20);
        for (int n = 1; n < 4; n++) {
            scene s;
            rs_candidates c = clutter_candidates(&s, ways[n].threads, ways[n].tier, spacing_k_mm[k]);
            assert_same(&expected, &c);
            scene_close(&s);
        }
        scene_close(&first);
    }
}

static void test_marks_and_order(void **state)
{
    (void)state;
    scene s;
    rs_marks marks;
    (void)clutter_candidates(&s, 2, NULL, 1);
    rs_candidates c = scene_detect(&s, &marks);
    assert_true(c.searched_ml == 100);
    assert_true(marks.n > 0 && marks.n < c.n);
    for (int n = 0; n < c.n; n++) {
        assert_true(n == 0 || c.items[n].score <= c.items[n - 1].score);
        assert_true(fabs(c.items[n].p - fmin(c.items[n].score / 1000, 1)) < 1e-12);
        assert_true((n < marks.n) == (c.items[n].p >= 0.3));
        if (n < marks.n) assert_int_equal(marks.candidate[n], n);
    }
    s.profile.n_points = 0; /* no operating point: no mark */
    (void)scene_detect(&s, &marks);
    assert_int_equal(marks.n, 0);
    scene_close(&s);
}

static double turned_clutter(const double mm[3], const void *arg)
{
    return -800 - clutter(mm, arg);
}

static void test_dark_lesions(void **state)
{
    (void)state;
    scene bright, dark;
    scene_wish w = {.n = {90, 88, 60}, .spacing_mm = {0.7, 0.7, 1}, .psf = {1.1, 1.1}, .value = clutter};
    scene_open(&bright, &w);
    w.value = turned_clutter;
    scene_open(&dark, &w);
    dark.profile.bright = false;
    dark.profile.clip_low_hu = -1000;
    dark.profile.clip_high_hu = 200;
    rs_candidates a = scene_detect(&bright, NULL), b = scene_detect(&dark, NULL);
    assert_true(a.n > 5);
    for (int n = 0; n < 5; n++) {
        assert_true(fabs(a.items[n].index[0] - b.items[n].index[0]) < 0.01);
        assert_true(fabs(a.items[n].score / b.items[n].score - 1) < 0.01);
        assert_true(
            fabs((double)(a.items[n].feature[RS_FEATURE_peak_hu] + b.items[n].feature[RS_FEATURE_peak_hu]) + 800) < 3);
    }
    scene_close(&bright);
    scene_close(&dark);
}

static void test_nothing_searched(void **state)
{
    (void)state;
    scene s;
    rs_marks marks;
    (void)clutter_candidates(&s, 1, NULL, 1);
    s.regions.region[0].role = RS_ROLE_BODY;
    rs_candidates c = scene_detect(&s, &marks);
    assert_true(c.n == 0 && marks.n == 0 && c.searched_ml == 0);
    scene_close(&s);
}

static void test_sphere_response(void **state)
{
    (void)state;
    for (double s = 0.6; s < 9; s *= 1.4)
        for (double f = 0; f < 1.5; f += 0.7) {
            double p = rs_fwhm_to_sigma(f), t = s * s + p * p;
            if (3 * t <= 5 * p * p) continue;
            double r = 0.5 * rs_matched_diameter_mm(s, p);
            double exact = sqrt(2 / M_PI) * r * r * r * pow(t, -2.5) * exp(-r * r / (2 * t)); /* science C2.2 */
            assert_true(fabs(rs_sphere_response(r, (rs_blur){t, t}) / exact - 1) < 1e-6);
            if (f == 0) assert_true(fabs(s * s * exact - 0.925) < 0.001);
            if (r <= 0.5 * f * 1.0001) continue;                     /* held at the PSF */
            for (double other = 0.98; other < 1.03; other += 0.04) { /* the matched sphere answers best at s */
                double u = s * other, tu = u * u + p * p;
                assert_true(u * u * rs_sphere_response(r, (rs_blur){tu, tu}) < s * s * exact);
            }
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sphere_response),
        cmocka_unit_test(test_spheres_in_noise),
        cmocka_unit_test(test_shift_by_part_of_a_voxel),
        cmocka_unit_test(test_tube_below_sphere),
        cmocka_unit_test(test_same_bits),
        cmocka_unit_test(test_marks_and_order),
        cmocka_unit_test(test_dark_lesions),
        cmocka_unit_test(test_nothing_searched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
