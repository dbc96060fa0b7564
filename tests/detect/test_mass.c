/* Masses: one candidate a body, where it is and as large as it is; a ball that the scales reach is not lost; vessels
   and what belongs to the wall score low. */
#include "scene.h"

static const double mass_score[] = {0, 290, 420}, mass_p[] = {0, 0.02, 0.9};
static const double log_score[] = {0, 1000}, log_p[] = {0, 1};

typedef struct solid {
    double centre_mm[3], radius_mm[3];
    double tube_mm; /* radius of a tube along the slices through the centre; 0: none */
    double wall_mm; /* columns beyond it are tissue */
} solid;

static double solid_value(const double mm[3], const void *arg)
{
    const solid *s = arg;
    double inside = 0;
    for (int n = 0; n < 8; n++) {
        double square = 0, d[3];
        for (int a = 0; a < 3; a++) {
            d[a] = mm[a] + ((n >> a & 1) - 0.5) * 0.5 - s->centre_mm[a];
            square += d[a] * d[a] / (s->radius_mm[a] * s->radius_mm[a]);
        }
        bool tube = s->tube_mm > 0 && d[0] * d[0] + d[1] * d[1] < s->tube_mm * s->tube_mm;
        inside += square < 1 || tube || mm[0] > s->wall_mm;
    }
    return -860 + 890 * inside / 8;
}

static void open_solid(scene *s, const solid *body, int threads, double spacing_k_mm)
{
    scene_wish w = {.n = {100, 90, (int32_t)(80 / spacing_k_mm)},
                    .spacing_mm = {0.8, 0.8, spacing_k_mm},
                    .psf = {1.1, 1.1 * spacing_k_mm},
                    .threads = threads,
                    .value = solid_value,
                    .arg = body,
                    .noise_hu = 12};
    scene_open(s, &w);
    s->profile.calibration = (rs_calibration){log_score, log_p, 2, "test"};
    s->profile.mass_calibration = (rs_calibration){mass_score, mass_p, 3, "test"};
}

/* Candidates of P from 0.3 within a body. */
static int count_within(const rs_candidates *all, const solid *body, const rs_candidate **first)
{
    int found = 0;
    for (int n = 0; n < all->n; n++) {
        const rs_candidate *c = &all->items[n];
        double square = 0;
        for (int a = 0; a < 3; a++)
            square += pow((c->lps_mm[a] - body->centre_mm[a]) / (body->radius_mm[a] + 2), 2);
        if (square > 1 || c->p < 0.3) continue;
        if (!found++) *first = c;
    }
    return found;
}

static void test_one_candidate_a_mass(void **state)
{
    (void)state;
    static const solid bodies[] = {{{40, 36, 40}, {13, 13, 13}, 0, 1e9},
                                   {{41, 35, 39}, {24, 20, 18}, 0, 1e9},
                                   {{40, 36, 41}, {22, 12, 14}, 0, 1e9}};
    static const double spacing_k_mm[] = {1, 2.5};
    for (int b = 0; b < 3; b++)
        for (int k = 0; k < 2; k++) {
            scene s;
            const rs_candidate *c = NULL;
            open_solid(&s, &bodies[b], 2, spacing_k_mm[k]);
            rs_candidates all = scene_detect(&s, NULL);
            assert_int_equal(count_within(&all, &bodies[b], &c), 1);
            const double *r = bodies[b].radius_mm;
            assert_int_equal(c->origin, RS_ORIGIN_MASS);
            assert_true(fabs(c->radius_mm / cbrt(r[0] * r[1] * r[2]) - 1) < 0.1);
            for (int a = 0; a < 3; a++) /* the deepest point of an ellipsoid lies along its longest axis */
                assert_true(fabs(c->lps_mm[a] - bodies[b].centre_mm[a]) < 2.5 + (r[a] - 12) / 2);
            assert_true((double)c->feature[RS_FEATURE_mass_solidity] > 0.7);
            assert_true((double)c->feature[RS_FEATURE_mass_neck] < 0.06);
            assert_true(c->feature[RS_FEATURE_mass_contact] == 0);
            assert_false(isnan(c->feature[RS_FEATURE_elong]));
            scene_close(&s);
        }
}

static void test_ball_of_the_ladder_is_not_lost(void **state)
{
    (void)state;
    static const double sizes_mm[] = {10, 13, 15, 18, 24};
    for (int n = 0; n < 5; n++) {
        scene s;
        const rs_candidate *c = NULL;
        double r = 0.5 * sizes_mm[n];
        solid body = {{40.3, 36.2, 40.1}, {r, r, r}, 0, 1e9};
        open_solid(&s, &body, 1, 1);
        rs_candidates all = scene_detect(&s, NULL);
        assert_int_equal(count_within(&all, &body, &c), 1);
        assert_true(c->p > 0.6 && fabs(c->radius_mm / r - 1) < (c->origin == RS_ORIGIN_MASS ? 0.15 : 0.03));
        scene_close(&s);
    }
}

static const rs_candidate *mass_of(const rs_candidates *all)
{
    for (int n = 0; n < all->n; n++)
        if (all->items[n].origin == RS_ORIGIN_MASS) return &all->items[n];
    return NULL;
}

static void test_vessel_and_wall(void **state)
{
    (void)state;
    scene s;
    solid bulge = {{40, 36, 40}, {9, 9, 12}, 7, 1e9}; /* of a vessel of 14 mm that runs through the image */
    open_solid(&s, &bulge, 1, 1);
    s.profile.calibration.n = 0; /* the maxima are not asked */
    rs_candidates all = scene_detect(&s, NULL);
    const rs_candidate *c = mass_of(&all);
    assert_true(!c || c->p < 0.3);
    scene_close(&s);
    solid wall = {{70, 36, 40}, {14, 14, 14}, 0, 72}; /* half of a ball on a wall that is not searched */
    open_solid(&s, &wall, 1, 1);
    for (int64_t v = 0; v < rs_geometry_voxels(&s.volume.geometry); v++)
        if (v % 100 * 0.8 > 72) s.regions.labels[v] = 0;
    all = scene_detect(&s, NULL);
    c = mass_of(&all);
    assert_non_null(c);
    assert_true((double)c->feature[RS_FEATURE_mass_contact] > 0.12);
    assert_true((double)c->feature[RS_FEATURE_mass_contact] <
                0.33); /* of a half ball 1/3 is flat; no ball fits into its edge */
    scene_close(&s);
}

static void test_same_bits_of_masses(void **state)
{
    (void)state;
    static const solid body = {{41, 35, 39}, {24, 20, 18}, 2, 1e9};
    rs_candidate found[3];
    for (int n = 0; n < 3; n++) {
        scene s;
        open_solid(&s, &body, 1 + n, 1);
        rs_candidates all = scene_detect(&s, NULL);
        assert_non_null(mass_of(&all));
        found[n] = *mass_of(&all);
        scene_close(&s);
        assert_memory_equal(found[0].index, found[n].index, sizeof found[0].index);
        assert_memory_equal(found[0].feature, found[n].feature, sizeof found[0].feature);
        assert_true(found[0].score == found[n].score && found[0].radius_mm == found[n].radius_mm);
    }
}

static double turned_solid(const double mm[3], const void *arg)
{
    return -800 - solid_value(mm, arg);
}

static void test_dark_mass(void **state)
{
    (void)state;
    static const solid body = {{40, 36, 40}, {15, 14, 13}, 0, 1e9};
    scene s;
    scene_wish w = {.n = {100, 90, 80},
                    .spacing_mm = {0.8, 0.8, 1},
                    .psf = {1.1, 1.1},
                    .value = turned_solid,
                    .arg = &body,
                    .noise_hu = 12};
    scene_open(&s, &w);
    rs_param_table table = rs_detect_param_table;
    const rs_param_table *tables[] = {&table};
    rs_params *params;
    const rs_setting level = {"detect_mass_tissue_hu", -500};
    assert_int_equal(rs_params_new(s.ctx, tables, 1, &params), RS_OK);
    assert_int_equal(rs_params_default(s.ctx, params, &level), RS_OK);
    s.profile.bright = false;
    s.profile.mass_calibration = (rs_calibration){mass_score, mass_p, 3, "test"};
    rs_detect_wish wish = scene_wish_of(&s);
    rs_marks marks;
    wish.params = params;
    rs_candidates all = scene_detect_as(&s, &wish, &marks);
    const rs_candidate *c = mass_of(&all);
    assert_non_null(c);
    assert_true(fabs(c->radius_mm / cbrt(15.0 * 14 * 13) - 1) < 0.1);
    rs_params_free(params);
    scene_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_candidate_a_mass),
        cmocka_unit_test(test_ball_of_the_ladder_is_not_lost),
        cmocka_unit_test(test_vessel_and_wall),
        cmocka_unit_test(test_same_bits_of_masses),
        cmocka_unit_test(test_dark_mass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
