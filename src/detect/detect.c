/* Station detect: scales by the PSF, search on tiles, curvature of all maxima by few rays, merging, all features of the
   best by the full table, P by the organ's calibration, marks. */
#include "detect.h"

#include <math.h>
#include <string.h>

#include "merge.h"
#include "rays.h"
#include "restage/parallel.h"
#include "search.h"
#include "search_params.h"

enum { BLOCK = 128 }; /* candidates an item */

typedef struct detect_job {
    const rs_volume *volume;
    const rs_quality *quality;
    const rs_regions *regions;
    const rs_detect_profile *profile;
    const rs_operating_point *point;
    rs_detect_params params;
    rs_scales scales;
    rs_ray_scene scene;
    uint8_t searched[256];
    rs_directions few, full;
    const rs_hits *hits;
    rs_candidates *candidates;
} detect_job;

/* Share of the score that is shape (science C6.2). */
static double shape_of(const detect_job *job, double e3_e1)
{
    return fmax(e3_e1, job->params.detect_ratio_floor);
}

/* Between the rungs of the ladder the diameter of C1.1 holds as well. */
static void size_of(const detect_job *job, double step, rs_candidate *c)
{
    c->scale_mm = job->scales.scale[0].sigma_mm * pow(job->scales.ratio, step);
    double p = rs_fwhm_to_sigma(job->quality->psf.in_plane_mm);
    c->radius_mm = 0.5 * rs_matched_diameter_mm(c->scale_mm, p);
}

static rs_status first_look(rs_context *ctx, int64_t item, int worker, void *arg)
{
    const detect_job *job = arg;
    (void)ctx;
    (void)worker;
    int64_t end = (item + 1) * BLOCK < job->hits->n ? (item + 1) * BLOCK : job->hits->n;
    for (int64_t n = item * BLOCK; n < end; n++) {
        const rs_hit *hit = &job->hits->items[n];
        rs_candidate *c = &job->candidates->items[n];
        *c = (rs_candidate){.region = hit->region};
        memcpy(c->index, hit->index, sizeof c->index);
        rs_geometry_to_lps(&job->volume->geometry, c->index, c->lps_mm);
        size_of(job, hit->step, c);
        for (int f = 0; f < RS_FEATURE_COUNT; f++)
            c->feature[f] = NAN;
        rs_curvature curvature = rs_rays_curvature(&job->scene, &job->few, c->index, c->radius_mm);
        double weight = pow((double)hit->rho, job->params.detect_response_power);
        c->feature[RS_FEATURE_log_hu] = hit->response_hu;
        c->feature[RS_FEATURE_ln_scale] = (float)log(c->scale_mm);
        c->feature[RS_FEATURE_e3_e1] = (float)curvature.e3_e1;
        c->feature[RS_FEATURE_e2_e1] = (float)curvature.e2_e1;
        c->score = (double)hit->response_hu * weight * shape_of(job, (double)c->feature[RS_FEATURE_e3_e1]);
    }
    return RS_OK;
}

static rs_status full_look(rs_context *ctx, int64_t item, int worker, void *arg)
{
    const detect_job *job = arg;
    enum { FEW = 16 };
    (void)ctx;
    (void)worker;
    int64_t most = job->params.detect_full_features, n_full = job->candidates->n < most ? job->candidates->n : most;
    int64_t end = (item + 1) * FEW < n_full ? (item + 1) * FEW : n_full;
    for (int64_t n = item * FEW; n < end; n++) {
        rs_candidate *c = &job->candidates->items[n];
        double before = shape_of(job, (double)c->feature[RS_FEATURE_e3_e1]);
        rs_rays_features(&job->scene, &job->full, c);
        c->score *= shape_of(job, (double)c->feature[RS_FEATURE_e3_e1]) / before;
    }
    return RS_OK;
}

/* Straight lines between the points of the map, flat beyond its ends. */
static double probability(const rs_calibration *map, double score)
{
    if (map->n <= 0) return 0;
    if (score <= map->score[0]) return map->p[0];
    for (int n = 1; n < map->n; n++) {
        double width = map->score[n] - map->score[n - 1];
        if (score <= map->score[n] && width > 0)
            return map->p[n - 1] + (score - map->score[n - 1]) / width * (map->p[n] - map->p[n - 1]);
    }
    return map->p[map->n - 1];
}

const rs_operating_point *rs_detect_point(const rs_detect_profile *profile, const char *name)
{
    for (int n = 0; n < profile->n_points; n++)
        if (strcmp(profile->points[n].name, name) == 0) return &profile->points[n];
    return NULL;
}

static rs_status take_marks(rs_context *ctx, const detect_job *job, rs_arena *arena, rs_marks *out)
{
    rs_candidates *all = job->candidates;
    double least = job->point ? job->point->p : 2; /* P never reaches 2 */
    int n_marks = 0;
    for (int n = 0; n < all->n; n++)
        all->items[n].p = probability(&job->profile->calibration, all->items[n].score);
    while (n_marks < all->n && all->items[n_marks].p >= least)
        n_marks++; /* P never rises along the list */
    int *index = RS_ARENA_RAW(arena, int, n_marks);
    if (!index) return rs_fail_memory(ctx, "the marks");
    for (int n = 0; n < n_marks; n++)
        index[n] = n;
    *out = (rs_marks){index, n_marks};
    return RS_OK;
}

static rs_status rank(rs_context *ctx, detect_job *job, const rs_hits *hits, rs_arena *arena)
{
    rs_candidates *all = job->candidates;
    job->hits = hits;
    all->n = all->capacity = (int)hits->n;
    all->items = RS_ARENA_RAW(arena, rs_candidate, hits->n);
    if (!all->items) return rs_fail_memory(ctx, "the candidates");
    RS_TRY(rs_parallel_for(ctx, (hits->n + BLOCK - 1) / BLOCK, first_look, job));
    rs_candidates_sort(all);
    RS_TRY(rs_candidates_merge(ctx, all, job->params.detect_merge_share));
    int64_t n_full = all->n < job->params.detect_full_features ? all->n : job->params.detect_full_features;
    RS_TRY(rs_parallel_for(ctx, (n_full + 15) / 16, full_look, job));
    rs_candidates_sort(all);
    return RS_OK;
}

static rs_status find(rs_context *ctx, detect_job *job, const rs_levels *levels, rs_arena *arena, rs_hits *out)
{
    const rs_detect_params *p = &job->params;
    const rs_detect_profile *profile = job->profile;
    rs_search_wish wish = {.levels = levels,
                           .scales = &job->scales,
                           .regions = job->regions,
                           .clip_low_hu = profile->clip_low_hu,
                           .clip_high_hu = profile->clip_high_hu,
                           .quiet_hu = p->detect_quiet_hu,
                           .min_response_hu = p->detect_min_response_hu,
                           .min_response_sd = p->detect_min_response_sd,
                           .bright = profile->bright};
    return rs_search(ctx, &wish, arena, out);
}

static rs_status find_on_levels(rs_context *ctx, detect_job *job, rs_arena *arena, rs_hits *out)
{
    rs_levels levels;
    rs_levels_wish wish = {.volume = job->volume,
                           .scales = &job->scales,
                           .psf = job->quality->psf,
                           .clip_low_hu = job->profile->clip_low_hu,
                           .clip_high_hu = job->profile->clip_high_hu,
                           .native_spacing_mm = job->params.detect_native_spacing_mm};
    RS_TRY(rs_levels_make(ctx, &wish, &levels));
    rs_status status = find(ctx, job, &levels, arena, out);
    rs_levels_free(ctx, &levels);
    return status;
}

static rs_status look(rs_context *ctx, detect_job *job, const rs_hits *hits, rs_arena *arena)
{
    rs_sampler sampler;
    rs_sampler_wish wish = {.clip_low_hu = job->profile->clip_low_hu,
                            .clip_high_hu = job->profile->clip_high_hu,
                            .bright = job->profile->bright,
                            .native_spacing_mm = job->params.detect_native_spacing_mm};
    RS_TRY(rs_sampler_make(ctx, job->volume, &wish, &sampler));
    job->scene = (rs_ray_scene){.sampler = &sampler,
                                .curvature_radius = job->params.detect_curvature_radius,
                                .psf_in_plane_mm = job->quality->psf.in_plane_mm,
                                .regions = job->regions,
                                .searched = job->searched,
                                .bright = job->profile->bright};
    memcpy(job->scene.spacing_mm, job->volume->geometry.spacing_mm, sizeof job->scene.spacing_mm);
    rs_directions_make(RS_RAYS_FEW, &job->few);
    rs_directions_make(RS_RAYS_FULL, &job->full);
    rs_status status = rank(ctx, job, hits, arena);
    rs_sampler_free(ctx, &sampler);
    return status;
}

static void log_search(rs_context *ctx, const detect_job *job, const rs_hits *hits)
{
    for (int n = 0; n < job->scales.n; n++)
        rs_log(ctx, RS_LOG_DEBUG, "detect: scale %.2f mm, diameter %.2f mm, response SD %.1f HU",
               job->scales.scale[n].sigma_mm, job->scales.scale[n].diameter_mm, hits->sd_hu[n]);
    rs_log(ctx, RS_LOG_INFO, "detect: %lld maxima, %lld above the noise, %d candidates after merging",
           (long long)hits->n_raw, (long long)hits->n, job->candidates->n);
}

static void prepare(detect_job *job, const rs_params *params)
{
    const rs_regions *regions = job->regions;
    rs_detect_params_load(params, &job->params);
    rs_regions_search_table(regions, job->searched);
    rs_scales_make(&(rs_scales_wish){.smallest_mm = job->params.detect_smallest_scale_mm,
                                     .ratio = job->params.detect_scale_ratio,
                                     .min_diameter_mm = job->profile->min_diameter_mm,
                                     .max_diameter_mm = job->profile->max_diameter_mm,
                                     .psf = job->quality->psf},
                   &job->scales);
    for (int r = 0; r < regions->n; r++)
        if (regions->region[r].role == RS_ROLE_SEARCH) job->candidates->searched_ml += regions->region[r].searched_ml;
}

static rs_status detect(rs_context *ctx, detect_job *job, rs_arena *work, rs_arena *arena, rs_marks *marks)
{
    rs_hits hits;
    RS_TRY(find_on_levels(ctx, job, work, &hits));
    RS_TRY(look(ctx, job, &hits, arena));
    log_search(ctx, job, &hits);
    return take_marks(ctx, job, arena, marks);
}

rs_status rs_detect(rs_context *ctx, const rs_volume *volume, const rs_quality *quality, const rs_regions *regions,
                    const rs_detect_wish *wish, rs_arena *arena, rs_candidates *out, rs_marks *marks)
{
    rs_candidates candidates = {0};
    rs_marks found;
    RS_TRY(rs_context_check_cancel(ctx));
    rs_arena *work = rs_arena_new(); /* the maxima; gone with the station */
    detect_job *job = work ? RS_ARENA_NEW(work, detect_job, 1) : NULL;
    rs_status status = RS_OK;
    if (!job) {
        status = rs_fail_memory(ctx, "the search");
        goto done;
    }
    *job = (detect_job){.volume = volume,
                        .quality = quality,
                        .regions = regions,
                        .profile = wish->profile,
                        .point = wish->point,
                        .candidates = &candidates};
    prepare(job, wish->params);
    status = detect(ctx, job, work, arena, &found);
    if (status != RS_OK) goto done;
    *out = candidates;
    *marks = found;
done:
    rs_arena_free(work);
    return status;
}
