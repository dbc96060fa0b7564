/* The job's common things (scales, sampler, rays), and the places that the search proposes. */
#include <string.h>

#include "job.h"
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
                           .faint_response_sd = p->detect_faint_response_sd,
                           .faint_radius_mm = p->detect_faint_radius_mm,
                           .bright = profile->bright,
                           .wall_scales = p->detect_wall_scales,
                           .wall_response_hu = p->detect_wall_response_hu,
                           .wall_response_sd = p->detect_wall_response_sd,
                           .wall_depth_radii = p->detect_wall_depth_radii,
                           .wall_depth_mm = p->detect_wall_depth_mm,
                           .wall_fill_hu = p->detect_wall_fill_hu};
    rs_status status = rs_search(ctx, &wish, job->work, out);
    rs_levels_free(ctx, &levels);
    if (status != RS_OK) return status;
    rs_hits_merge_wish merge = {.scales = &job->scales,
                                .psf_sigma_mm = rs_fwhm_to_sigma(job->quality->psf.in_plane_mm),
                                .share = p->detect_merge_share};
    memcpy(merge.spacing_mm, volume->geometry.spacing_mm, sizeof merge.spacing_mm);
    return rs_hits_merge(ctx, out, &merge);
}
