/* The station at work: what its steps share; private to the room. */
#ifndef DETECT_JOB_H
#define DETECT_JOB_H

#include "detect.h"
#include "ray_network.h"
#include "rays.h"
#include "search.h"
#include "search_params.h"

typedef struct rs_detect_job {
    const rs_volume *volume;
    const rs_quality *quality;
    const rs_regions *regions;
    const rs_detect_wish *wish;
    const rs_detect_profile *profile;
    rs_detect_params params;
    rs_scales scales;
    uint8_t searched[256]; /* by label */
    rs_sampler sampler;
    rs_ray_scene scene;
    rs_directions few, full;
    const rs_ranker *ranker;
    const rs_network *network[2]; /* those that rank */
    int n_networks;               /* 0: by LoG x e3/e1 */
    rs_arena *work;               /* gone with the station */
    rs_arena *arena;              /* of the products */
} rs_detect_job;

/**
 * Fills the job from volume, quality, regions and wish, and makes the sampler.
 *
 * out      end it with rs_job_close
 * returns  RS_OK; RS_NO_MEMORY; RS_CANCELLED
 */
RS_MUST_USE rs_status rs_job_open(rs_context *ctx, rs_detect_job *job);
void rs_job_close(rs_context *ctx, rs_detect_job *job);

/**
 * Maxima of the filter in a volume, which may be a part of the job's with labels of its own.
 *
 * out      hits in the job's work arena, their places in that volume
 * returns  RS_OK; RS_NO_MEMORY; RS_CANCELLED
 */
RS_MUST_USE rs_status rs_propose(rs_context *ctx, const rs_detect_job *job, const rs_volume *volume,
                                 const rs_regions *regions, rs_hits *out);

/**
 * Our own candidates: the maxima of the filter and the masses of what is searched, merged, with all features of the
 * best; by falling score of their own kinds.
 *
 * out      items in `arena`
 * returns  RS_OK; RS_NO_MEMORY; RS_CANCELLED
 */
RS_MUST_USE rs_status rs_own_candidates(rs_context *ctx, const rs_detect_job *job, rs_arena *arena, rs_candidates *out);

/** Straight lines between the points of a map, flat beyond its ends; 0 where it has none. */
double rs_on_map(const rs_calibration *map, double score);

/** P by the organ's calibration, that of its origin. */
double rs_probability(const rs_detect_profile *profile, const rs_candidate *candidate);

#endif
