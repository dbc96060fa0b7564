/* What a caller may wish of the station: somebody else's finding and ranking, every feature, places pointed at. */
#include "clutter.h"

static const rs_candidate *held(const rs_candidates *all, const double mm[3])
{
    for (int n = 0; n < all->n; n++) {
        const rs_candidate *c = &all->items[n];
        double square = 0;
        for (int a = 0; a < 3; a++)
            square += pow(c->lps_mm[a] - mm[a], 2);
        if (sqrt(square) <= fmax(c->radius_mm, 2)) return c;
    }
    return NULL;
}

static void test_every_feature(void **state)
{
    (void)state;
    scene s;
    rs_marks marks;
    rs_param_table table = rs_detect_param_table;
    const rs_param_table *tables[] = {&table};
    rs_params *params;
    clutter_open(&s, 2, NULL, 1);
    assert_int_equal(rs_params_new(s.ctx, tables, 1, &params), RS_OK);
    const rs_setting settings[] = {
        {"detect_full_features", 100}, {"detect_min_response_hu", 20}, {"detect_min_response_sd", 2}};
    for (int n = 0; n < 3; n++)
        assert_int_equal(rs_params_default(s.ctx, params, &settings[n]), RS_OK);
    rs_detect_wish wish = scene_wish_of(&s);
    wish.params = params;
    rs_candidates some = scene_detect_as(&s, &wish, &marks);
    wish.every_feature = true;
    rs_candidates all = scene_detect_as(&s, &wish, &marks);
    assert_int_equal(some.n, all.n);
    assert_true(some.n > 110 && !some.complete && all.complete);
    int n_bare = 0;
    for (int n = 0; n < all.n; n++) {
        assert_memory_equal(some.items[n].index, all.items[n].index, sizeof some.items[n].index);
        assert_true(some.items[n].score == all.items[n].score && some.items[n].p == all.items[n].p);
        assert_memory_equal(some.items[n].feature, all.items[n].feature, sizeof some.items[n].feature);
        n_bare += isnan(some.items[n].feature[RS_FEATURE_elong]);
        assert_memory_equal(all.complete[n].index, all.items[n].index, sizeof some.items[n].index);
        assert_true(all.complete[n].score == all.items[n].score);
        for (int f = 0; f < RS_FEATURE_wall; f++)
            assert_false(isnan(all.complete[n].feature[f]));
    }
    assert_int_equal(n_bare, some.n - 100);
    rs_params_free(params);
    scene_close(&s);
}

/* Two spheres in lung-like foam that no region claims. */
static double two_spheres(const double mm[3], const void *arg)
{
    const sphere *pair = arg;
    return sphere_value(mm, &pair[0]) + sphere_value(mm, &pair[1]) + 860;
}

static void open_two(scene *s, sphere pair[2], int threads)
{
    scene_wish w = {.n = {110, 90, 60},
                    .spacing_mm = {0.7, 0.7, 1},
                    .psf = {1.1, 1.1},
                    .threads = threads,
                    .value = two_spheres,
                    .arg = pair,
                    .noise_hu = 12};
    pair[0] = sphere_in(&w.psf, 10);
    pair[1] = sphere_in(&w.psf, 5);
    memcpy(pair[0].centre_mm, (double[]){22.2, 30.1, 28.4}, sizeof pair[0].centre_mm);
    memcpy(pair[1].centre_mm, (double[]){55.3, 33.3, 30.7}, sizeof pair[1].centre_mm);
    scene_open(s, &w);
}

static void test_points_where_nothing_is_searched(void **state)
{
    (void)state;
    sphere pair[2];
    scene s;
    rs_marks marks;
    open_two(&s, pair, 1);
    s.regions.region[0].role = RS_ROLE_BODY;
    const double at[][3] = {{54.5, 34, 31}, {200, 0, 0}, {24, 29, 30}, {40, 8, 52}, {21, 32, 27}};
    rs_detect_wish wish = scene_wish_of(&s);
    wish.at_lps_mm = at;
    wish.n_at = 5;
    rs_candidates c = scene_detect_as(&s, &wish, &marks);
    assert_int_equal(c.n, 3); /* the last one is held by the second; one lies outside */
    assert_int_equal(marks.n, 3);
    assert_int_equal(c.notes.n, 2);
    assert_string_equal(c.notes.items[0].code, "point_outside");
    assert_string_equal(c.notes.items[1].code, "points_together");
    assert_memory_equal(c.items[1].pointed_at_lps_mm, at[2], sizeof at[2]);
    for (int n = 0; n < 2; n++) {
        const rs_candidate *found = &c.items[n];
        const sphere *truth = &pair[1 - n];
        assert_int_equal(marks.candidate[n], n);
        assert_int_equal(found->origin, RS_ORIGIN_POINT);
        assert_true(found->pointed && found->region == 0 && found->p == 0);
        for (int a = 0; a < 3; a++)
            assert_true(fabs(found->lps_mm[a] - truth->centre_mm[a]) < 0.2);
        assert_true(fabs(found->radius_mm / truth->radius_mm - 1) < 0.03);
        assert_true(found->feature[RS_FEATURE_e3_e1] > 0.6F);
    }
    assert_true(c.items[2].radius_mm < 3 && c.items[2].pointed); /* what answers best in the noise */
    for (int a = 0; a < 3; a++)
        assert_true(fabs(c.items[2].lps_mm[a] - at[3][a]) < 1e-9);
    memset(s.regions.labels, 0, (size_t)rs_geometry_voxels(&s.volume.geometry));
    c = scene_detect_as(&s, &wish, &marks);
    assert_int_equal(c.items[0].region, -1);
    scene_close(&s);
}

static void test_points_among_candidates(void **state)
{
    (void)state;
    sphere pair[2];
    scene s;
    rs_marks marks;
    open_two(&s, pair, 2);
    static const rs_operating_point never = {.name = "default", .p = 1.5};
    double at[2][3];
    rs_detect_wish wish = scene_wish_of(&s);
    rs_candidates plain = scene_detect_as(&s, &wish, &marks);
    const rs_candidate *small = held(&plain, pair[1].centre_mm);
    assert_non_null(small);
    memcpy(at[0], pair[1].centre_mm, sizeof at[0]);
    memcpy(at[1], (double[]){5, 55, 8}, sizeof at[1]);
    wish.at_lps_mm = (const double(*)[3])at;
    wish.n_at = 2;
    wish.point = &never;
    rs_candidates c = scene_detect_as(&s, &wish, &marks);
    assert_int_equal(c.n, plain.n + 1);
    assert_int_equal(marks.n, 2);
    assert_int_equal(marks.candidate[0], (int)(small - plain.items));
    assert_int_equal(marks.candidate[1], c.n - 1);
    assert_true(c.items[marks.candidate[0]].pointed && c.items[marks.candidate[0]].origin == RS_ORIGIN_LOG);
    wish.point = rs_detect_point(&s.profile, NULL, NULL, "default"); /* both spheres are marks by their P: none twice */
    c = scene_detect_as(&s, &wish, &marks);
    assert_int_equal(marks.n, 3);
    assert_int_equal(marks.candidate[2], c.n - 1);
    scene_close(&s);
}

static double far_mm(const double a[3], const double b[3])
{
    return sqrt(pow(a[0] - b[0], 2) + pow(a[1] - b[1], 2) + pow(a[2] - b[2], 2));
}

/* No place is measured elsewhere than within the aim of it; of several candidates there the nearest one, not the best.
 */
static void test_points_stay(void **state)
{
    (void)state;
    sphere pair[2];
    scene s;
    rs_marks marks;
    double at[24][3];
    uint64_t seed = 88172645463325252ULL;
    open_two(&s, pair, 2);
    for (int n = 0; n < 24; n++) { /* all over the larger sphere and its rim */
        for (int a = 0; a < 3; a++)
            at[n][a] = pair[0].centre_mm[a] + 12 * (uniform(&seed) - 0.5);
    }
    memcpy(at[0], (double[]){26.2, 30.1, 28.4}, sizeof at[0]); /* 4 mm off the centre of a radius of 5 */
    rs_detect_wish wish = scene_wish_of(&s);
    wish.at_lps_mm = (const double(*)[3])at;
    wish.n_at = 24;
    for (int searched = 1; searched >= 0; searched--) {
        rs_candidates c = scene_detect_as(&s, &wish, &marks);
        int n_pointed = 0;
        for (int n = 0; n < c.n; n++) {
            if (!c.items[n].pointed) continue;
            double moved_mm = far_mm(c.items[n].lps_mm, c.items[n].pointed_at_lps_mm);
            assert_true(moved_mm <= 3);
            for (int m = 0; m < c.n; m++)
                if (c.items[m].origin == RS_ORIGIN_LOG && c.items[m].radius_mm >= 3)
                    assert_true(far_mm(c.items[m].lps_mm, c.items[n].pointed_at_lps_mm) >= fmin(moved_mm, 3) - 1e-9);
            n_pointed++;
        }
        assert_int_equal(n_pointed + c.notes.n, 24); /* each is a mark, or is told to be in that of another */
        s.regions.region[0].role = RS_ROLE_BODY;
    }
    scene_close(&s);
}

static void test_points_same_bits(void **state)
{
    (void)state;
    rs_candidate found[2];
    for (int n = 0; n < 2; n++) {
        sphere pair[2];
        scene s;
        rs_marks marks;
        const double at[][3] = {{54.5, 34, 31}};
        open_two(&s, pair, n ? 3 : 1);
        s.regions.region[0].role = RS_ROLE_BODY;
        rs_detect_wish wish = scene_wish_of(&s);
        wish.at_lps_mm = at;
        wish.n_at = 1;
        found[n] = scene_detect_as(&s, &wish, &marks).items[0];
        scene_close(&s);
    }
    assert_memory_equal(found[0].index, found[1].index, sizeof found[0].index);
    assert_memory_equal(found[0].feature, found[1].feature, sizeof found[0].feature);
    assert_true(found[0].score == found[1].score && found[0].radius_mm == found[1].radius_mm);
}

/* A detector that knows two places, one by index, one by LPS, and one outside. */
typedef struct teller {
    sphere pair[2];
    double p, radius_mm;
} teller;

static rs_status tell(rs_context *ctx, const rs_detector_input *input, void *user, rs_arena *arena, rs_candidates *out)
{
    const teller *t = user;
    assert_string_equal(input->series_uid, "1.2.3");
    assert_non_null(input->volume->voxels);
    (void)ctx;
    out->items = RS_ARENA_NEW(arena, rs_candidate, 3);
    out->n = out->capacity = 3;
    for (int a = 0; a < 3; a++)
        out->items[0].index[a] = t->pair[0].centre_mm[a] / input->volume->geometry.spacing_mm[a];
    memcpy(out->items[1].lps_mm, (double[]){1e300, 0, 1}, sizeof out->items[1].lps_mm);
    memcpy(out->items[2].lps_mm, t->pair[1].centre_mm, sizeof out->items[2].lps_mm);
    out->items[2].radius_mm = t->radius_mm;
    return RS_OK;
}

static rs_status judge(rs_context *ctx, const rs_detector_input *input, void *user, rs_candidates *candidates)
{
    const teller *t = user;
    (void)ctx;
    (void)input;
    for (int n = 0; n < candidates->n; n++)
        candidates->items[n].p = candidates->items[n].radius_mm > 4 ? t->p : 0.4;
    return RS_OK;
}

static void test_detector(void **state)
{
    (void)state;
    teller t = {.p = 0.2};
    scene s;
    rs_marks marks;
    open_two(&s, t.pair, 2);
    rs_detector detector = {.id = "teller", .version = "1", .find = tell, .rank = judge, .user = &t};
    rs_detect_wish wish = scene_wish_of(&s);
    wish.detector = &detector;
    wish.series_uid = "1.2.3";
    rs_candidates c = scene_detect_as(&s, &wish, &marks);
    assert_int_equal(c.n, 2);
    assert_true(c.searched_ml == 100);
    assert_int_equal(marks.n, 1);
    assert_string_equal(c.notes.items[0].code, "candidates_outside");
    for (int n = 0; n < 2; n++) {
        assert_int_equal(c.items[n].origin, RS_ORIGIN_GIVEN);
        assert_int_equal(c.items[n].region, 0);
        assert_true(fabs(c.items[n].radius_mm / t.pair[1 - n].radius_mm - 1) < 0.03); /* that of our candidate */
        assert_true(fabs(c.items[n].lps_mm[0] - t.pair[1 - n].centre_mm[0]) < 1e-9);
        assert_true(fabs((double)c.items[n].feature[RS_FEATURE_log_hu] / 870 - 1) < 0.1);
        assert_true(c.items[n].feature[RS_FEATURE_e3_e1] > 0.6F && c.items[n].score > 300);
    }
    assert_true(c.items[0].p == 0.4 && c.items[1].p == 0.2);
    s.regions.region[0].role = RS_ROLE_BODY; /* we found nothing: the scale that answers best */
    c = scene_detect_as(&s, &wish, &marks);
    for (int n = 0; n < 2; n++)
        assert_true(fabs(c.items[n].radius_mm / t.pair[1 - n].radius_mm - 1) < 0.2);
    t.radius_mm = 4.5;
    t.p = 0.7;
    c = scene_detect_as(&s, &wish, &marks);
    assert_true(c.items[0].radius_mm > 4.4 && c.items[1].radius_mm >= 4.5);
    t.radius_mm = 1e9; /* no lesion is larger than 60 mm in radius */
    c = scene_detect_as(&s, &wish, &marks);
    assert_true(fmax(c.items[0].radius_mm, c.items[1].radius_mm) == 60);
    assert_string_equal(c.notes.items[0].code, "candidates_too_large");
    t.radius_mm = 4.5;
    detector.rank = NULL; /* our own P */
    c = scene_detect_as(&s, &wish, &marks);
    assert_true(c.items[0].p > 0.3 && fabs(c.items[0].p - fmin(c.items[0].score / 1000, 1)) < 1e-9);
    detector.rank = judge;
    t.p = 1.5;
    rs_candidates none = {0};
    assert_int_equal(rs_detect(s.ctx, &s.volume, &s.quality, &s.regions, &wish, s.arena, &none, &marks), RS_USAGE);
    assert_non_null(strstr(rs_context_message(s.ctx), "teller"));
    t.p = 0.9;
    s.regions.region[0].role = RS_ROLE_SEARCH;
    detector.find = NULL; /* our own candidates, their ranking */
    c = scene_detect_as(&s, &wish, &marks);
    assert_true(c.n >= 2 && c.items[0].p == 0.9 && c.items[0].origin == RS_ORIGIN_LOG && c.items[0].radius_mm > 4);
    scene_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_feature),           cmocka_unit_test(test_points_where_nothing_is_searched),
        cmocka_unit_test(test_points_among_candidates), cmocka_unit_test(test_points_stay),
        cmocka_unit_test(test_points_same_bits),        cmocka_unit_test(test_detector),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
