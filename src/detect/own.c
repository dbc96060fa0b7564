/* Our own candidates: scales by the PSF, search on tiles, curvature of all maxima by few rays, merging, all features of
   the best by the full table. */
#include <string.h>

#include "job.h"
#include "look.h"
#include "mass.h"
#include "merge.h"

rs_status rs_job_open(rs_context *ctx, rs_detect_job *job)
{
    const rs_detect_profile *profile = job->profile;
    rs_detect_params_load(job->wish->params, &job->params);
    rs_regions_search_table(job->regions, job->searched);
    rs_scales_make(&(rs_scales_wish){.smallest_mm = job->params.detect_smallest_scale_mm,
                                     .ratio = job->params.detect_scale_ratio,
                                     .min_diameter_mm = profile->min_diameter_mm,
                                     .max_diameter_mm = profile->max_diameter_mm,
                                     .psf = job->quality->psf},
                   &job->scales);
    rs_sampler_wish wish = {.clip_low_hu = profile->clip_low_hu,
                            .clip_high_hu = profile->clip_high_hu,
                            .bright = profile->bright,
                            .native_spacing_mm = job->params.detect_native_spacing_mm};
    RS_TRY(rs_sampler_make(ctx, job->volume, &wish, &job->sampler));
    job->scene = (rs_ray_scene){.sampler = &job->sampler,
                                .curvature_radius = job->params.detect_curvature_radius,
                                .psf_in_plane_mm = job->quality->psf.in_plane_mm,
                                .regions = job->regions,
                                .searched = job->searched,
                                .bright = profile->bright};
    memcpy(job->scene.spacing_mm, job->volume->geometry.spacing_mm, sizeof job->scene.spacing_mm);
    rs_directions_make(RS_RAYS_FEW, &job->few);
    rs_directions_make(RS_RAYS_FULL, &job->full);
    return RS_OK;
}

void rs_job_close(rs_context *ctx, rs_detect_job *job)
{
    rs_sampler_free(ctx, &job->sampler);
}

rs_status rs_propose(rs_context *ctx, const rs_detect_job *job, const rs_volume *volume, const rs_regions *regions,
                     rs_hits *out)
{
    const rs_detect_params *p = &job->params;
    const rs_detect_profile *profile = job->profile;
    rs_levels levels;
    int32_t begin[3], end[3];
    *out = (rs_hits){0};
    if (!rs_regions_search_box(regions, begin, end)) return RS_OK;
    rs_levels_wish level_wish = {.volume = volume,
                                 .scales = &job->scales,
                                 .psf = job->quality->psf,
                                 .clip_low_hu = profile->clip_low_hu,
                                 .clip_high_hu = profile->clip_high_hu,
                                 .native_spacing_mm = p->detect_native_spacing_mm};
    RS_TRY(rs_levels_make(ctx, &level_wish, &levels));
    rs_search_wish wish = {.levels = &levels,
                           .scales = &job->scales,
                           .regions = regions,
                           .clip_low_hu = profile->clip_low_hu,
                           .clip_high_hu = profile->clip_high_hu,
                           .quiet_hu = p->detect_quiet_hu,
                           .min_response_hu = p->detect_min_response_hu,
                           .min_response_sd = p->detect_min_response_sd,
                           .bright = profile->bright};
    rs_status status = rs_search(ctx, &wish, job->work, out);
    rs_levels_free(ctx, &levels);
    return status;
}

static void log_search(rs_context *ctx, const rs_detect_job *job, const rs_hits *hits, int n_candidates)
{
    for (int n = 0; n < job->scales.n; n++)
        rs_log(ctx, RS_LOG_DEBUG, "detect: scale %.2f mm, diameter %.2f mm, response SD %.1f HU",
               job->scales.scale[n].sigma_mm, job->scales.scale[n].diameter_mm, hits->sd_hu[n]);
    rs_log(ctx, RS_LOG_INFO, "detect: %lld maxima, %lld above the noise, %d candidates after merging",
           (long long)hits->n_raw, (long long)hits->n, n_candidates);
}

rs_status rs_own_candidates(rs_context *ctx, const rs_detect_job *job, rs_arena *arena, rs_candidates *out)
{
    rs_hits hits;
    RS_TRY(rs_propose(ctx, job, job->volume, job->regions, &hits));
    rs_candidates all = {.n = (int)hits.n, .capacity = (int)hits.n};
    all.items = RS_ARENA_RAW(arena, rs_candidate, hits.n);
    if (!all.items) return rs_fail_memory(ctx, "the candidates");
    RS_TRY(rs_look_at_hits(ctx, job, &hits, all.items));
    rs_candidates_sort(&all);
    RS_TRY(rs_candidates_merge(ctx, &all, job->params.detect_merge_share));
    int n_full = all.n < job->params.detect_full_features ? all.n : job->params.detect_full_features;
    RS_TRY(rs_look_closely(ctx, job, all.items, n_full, RS_LOOK_RESCORE));
    rs_candidates_sort(&all);
    log_search(ctx, job, &hits, all.n);
    for (int n = 0; n < all.n; n++)
        all.items[n].p = rs_probability(job->profile, &all.items[n]);
    rs_block_trim(ctx); /* the pyramid's blocks have other sizes than those of the masses */
    RS_TRY(rs_masses_add(ctx, job, arena, &all));
    *out = all;
    return RS_OK;
}
