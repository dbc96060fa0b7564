/* What the search proposes: lesions flat on the wall, contrast and depth of the second family, maxima of every scale,
   merging of hits. */
#include "clutter.h"
#include "job.h"
#include "merge.h"

static const double wall_mm = 12; /* left of it nothing is searched */

/* A ball, and on demand tissue left of the wall; each value the mean of 4 x 4 x 4 places in the voxel. */
typedef struct wall_scene {
    double centre_mm[3], radius_mm;
    bool tissue;
} wall_scene;

static double wall_value(const double mm[3], const void *arg)
{
    const wall_scene *w = arg;
    double sum = 0;
    for (int n = 0; n < 64; n++) {
        const double at[3] = {mm[0] + (n % 4 - 1.5) * 0.175, mm[1] + (n / 4 % 4 - 1.5) * 0.175,
                              mm[2] + (n / 16 - 1.5) * 0.25};
        double square = 0;
        for (int a = 0; a < 3; a++)
            square += (at[a] - w->centre_mm[a]) * (at[a] - w->centre_mm[a]);
        bool inside = square < w->radius_mm * w->radius_mm || (w->tissue && at[0] < wall_mm);
        sum += inside ? 20 : -850;
    }
    return sum / 64;
}

static void wall_open(scene *s, const wall_scene *w)
{
    scene_wish wish = {.n = {70, 60, 44}, .spacing_mm = {0.7, 0.7, 1}, .psf = {0.6, 0.8}, .value = wall_value};
    wish.arg = w;
    scene_open(s, &wish);
    for (int64_t n = 0; n < rs_geometry_voxels(&s->regions.geometry); n++)
        if ((double)(n % 70) * 0.7 < wall_mm) s->regions.labels[n] = 0;
}

/* Hits of the search on that scene; end the job's arena after use. */
static rs_hits propose(scene *s, rs_detect_wish *wish, rs_detect_job *job)
{
    rs_hits hits;
    *wish = scene_wish_of(s);
    *job = (rs_detect_job){.volume = &s->volume,
                           .quality = &s->quality,
                           .regions = &s->regions,
                           .wish = wish,
                           .profile = &s->profile,
                           .work = s->arena,
                           .arena = s->arena};
    assert_int_equal(rs_job_open(s->ctx, job), RS_OK);
    assert_int_equal(rs_propose(s->ctx, job, &s->volume, &s->regions, &hits), RS_OK);
    rs_job_close(s->ctx, job);
    return hits;
}

static double distance_mm(const rs_hit *hit, const double centre_mm[3])
{
    static const double spacing_mm[3] = {0.7, 0.7, 1};
    double square = 0;
    for (int a = 0; a < 3; a++)
        square += pow(hit->index[a] * spacing_mm[a] - centre_mm[a], 2);
    return sqrt(square);
}

/* Science C6A.8: the half of a ball that lies flat on the wall has no maximum beside the wall's until that is gone. */
static void test_lesion_flat_on_the_wall(void **state)
{
    (void)state;
    const wall_scene w = {.centre_mm = {wall_mm + 0.2, 21, 22}, .radius_mm = 1.7, .tissue = true};
    scene s;
    rs_detect_wish wish;
    rs_detect_job job;
    wall_open(&s, &w);
    rs_hits hits = propose(&s, &wish, &job);
    int near = 0, near_of_filter = 0;
    for (int64_t n = 0; n < hits.n; n++) {
        bool within = distance_mm(&hits.items[n], w.centre_mm) < w.radius_mm;
        near += within;
        near_of_filter += within && hits.items[n].wall_hu == 0;
        assert_true(hits.items[n].response_hu >= hits.items[n].wall_hu);
    }
    assert_true(near > 0);
    assert_int_equal(near_of_filter, 0);
    scene_close(&s);
}

/* D = L = the contrast for a sphere of the scale's diameter; nothing of that family far from the wall. */
static void test_contrast_and_depth_of_the_wall(void **state)
{
    (void)state;
    rs_psf psf = {0.6, 0.8};
    double matched_mm = 0.5 * rs_matched_diameter_mm(0.55, rs_fwhm_to_sigma(psf.in_plane_mm));
    for (int deep = 0; deep < 2; deep++) {
        wall_scene w = {.centre_mm = {14.7, 21, 22}, .radius_mm = matched_mm * 1.33};
        if (deep) w.centre_mm[0] = 28;
        scene s;
        rs_detect_wish wish;
        rs_detect_job job;
        wall_open(&s, &w);
        rs_hits hits = propose(&s, &wish, &job);
        double most_hu = 0;
        for (int64_t n = 0; n < hits.n; n++)
            if (distance_mm(&hits.items[n], w.centre_mm) < 0.5) most_hu = fmax(most_hu, hits.items[n].response_hu);
        assert_true(fabs(most_hu / 870 - 1) < 0.12);
        int of_wall = 0;
        for (int64_t n = 0; n < hits.n; n++)
            of_wall += hits.items[n].wall_hu > 0;
        if (deep) assert_int_equal(of_wall, 0);
        /* One sphere is a maximum at several scales, not only at its own. */
        assert_true(hits.n_raw >= 3);
        scene_close(&s);
    }
}

static double lung_value(const double mm[3], const void *arg)
{
    (void)mm, (void)arg;
    return -850;
}

/* In noise alone: scales of a sphere from 1.7 mm radius on have candidates of 3 SD, finer ones none below 5. */
static void test_faint_ones_are_large(void **state)
{
    (void)state;
    scene s;
    rs_detect_wish wish;
    rs_detect_job job;
    scene_open(
        &s,
        &(scene_wish){
            .n = {60, 60, 40}, .spacing_mm = {0.7, 0.7, 1}, .psf = {0.6, 0.8}, .value = lung_value, .noise_hu = 250});
    rs_hits hits = propose(&s, &wish, &job);
    int n_faint = 0;
    for (int64_t n = 0; n < hits.n; n++) {
        const rs_hit *hit = &hits.items[n];
        int scale = (int)(hit->step + 0.5);
        bool large = job.scales.scale[scale].diameter_mm >= 3.4;
        double sds = (double)hit->response_hu / hits.sd_hu[scale];
        assert_true(hits.sd_hu[scale] > 0);
        assert_true(sds > (large ? 3 : 5));
        n_faint += sds < 5;
    }
    assert_true(n_faint > 10);
    scene_close(&s);
}

/* The determinant of three equal curvatures is their sum; of unequal ones it is smaller (means). */
static void test_determinant_of_a_sphere(void **state)
{
    (void)state;
    for (double radius = 1; radius < 8; radius *= 1.5)
        for (double t = 0.3; t < 5; t *= 2) {
            double sum = rs_sphere_response(radius, (rs_blur){t, t});
            double closed = sqrt(2 / M_PI) * pow(radius, 3) * pow(t, -2.5) * exp(-radius * radius / (2 * t));
            double product = rs_sphere_determinant(radius, (rs_blur){t, t});
            if (closed < 1e-3) continue;
            assert_true(fabs(product / closed - 1) < 1e-3);
            assert_true(fabs(sum / closed - 1) < 1e-3);
            assert_true(rs_sphere_determinant(radius, (rs_blur){t, 1.6 * t}) <=
                        1.000001 * rs_sphere_response(radius, (rs_blur){t, 1.6 * t}));
        }
}

/* A hit swallows weaker ones within 0.6 of the smaller radius; the others stay in the order of their places. */
static void test_hits_merge(void **state)
{
    (void)state;
    rs_context *ctx;
    rs_scales scales;
    assert_int_equal(rs_context_new(&(rs_context_options){.threads = 1}, &ctx), RS_OK);
    rs_scales_make(&(rs_scales_wish){.smallest_mm = 1, .ratio = 2, .min_diameter_mm = 1, .max_diameter_mm = 30},
                   &scales);
    double radius = 0.5 * rs_matched_diameter_mm(1, 0);
    rs_hit items[] = {
        {.index = {10, 5, 5}, .response_hu = 300, .rho = 0.9F},
        {.index = {10 + 0.59 * radius, 5, 5}, .response_hu = 500, .rho = 0.9F},
        {.index = {10 + 1.2 * radius, 5, 5}, .response_hu = 400, .rho = 0.9F},
        {.index = {10 + 0.5 * radius, 5, 5 + 0.2 * radius},
         .step = 2,
         .response_hu = 450,
         .rho = 0.9F}, /* a larger one */
        {.index = {40, 5, 9}, .response_hu = 100, .rho = 0.9F},
    };
    rs_hits hits = {.items = items, .n = 5};
    rs_hits_merge_wish wish = {.scales = &scales, .spacing_mm = {1, 1, 1}, .share = 0.6};
    assert_int_equal(rs_hits_merge(ctx, &hits, &wish), RS_OK);
    assert_int_equal(hits.n, 3);
    assert_true(hits.items[0].response_hu == 500.0F);
    assert_true(hits.items[1].response_hu == 400.0F);
    assert_true(hits.items[2].response_hu == 100.0F);
    rs_context_free(ctx);
}

/* The same hits whoever works and on whatever tier. */
static void test_same_on_any_machine(void **state)
{
    (void)state;
    static const struct {
        int threads;
        const char *tier;
    } ways[] = {{1, NULL}, {2, NULL}, {7, NULL}, {2, "portable"}};
    rs_hits first = {0};
    scene kept = {0};
    for (int w = 0; w < 4; w++) {
        scene s;
        rs_detect_wish wish;
        rs_detect_job job;
        clutter_open(&s, ways[w].threads, ways[w].tier, 1);
        int32_t i = 0;
        for (int64_t n = 0; n < rs_geometry_voxels(&s.regions.geometry); n++, i = (i + 1) % 90)
            if (i < 20 || n % 977 == 0) s.regions.labels[n] = 0;
        rs_hits hits = propose(&s, &wish, &job);
        int of_wall = 0;
        for (int64_t n = 0; n < hits.n; n++)
            of_wall += hits.items[n].wall_hu > 0;
        assert_true(of_wall > 3);
        if (w == 0) {
            first = hits;
            kept = s;
            continue;
        }
        assert_int_equal(hits.n, first.n);
        for (int64_t n = 0; n < hits.n; n++) {
            const rs_hit *a = &first.items[n], *b = &hits.items[n];
            assert_memory_equal(a->index, b->index, sizeof a->index);
            assert_true(a->step == b->step && a->response_hu == b->response_hu && a->wall_hu == b->wall_hu);
        }
        scene_close(&s);
    }
    scene_close(&kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lesion_flat_on_the_wall),
        cmocka_unit_test(test_contrast_and_depth_of_the_wall),
        cmocka_unit_test(test_faint_ones_are_large),
        cmocka_unit_test(test_determinant_of_a_sphere),
        cmocka_unit_test(test_hits_merge),
        cmocka_unit_test(test_same_on_any_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
