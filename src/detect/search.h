/* Maxima of the normalised response of each scale, and those of the volume without its wall; private to the room
   (science C2, C5, C6A.8, performance 3.3). */
#ifndef DETECT_SEARCH_H
#define DETECT_SEARCH_H

#include "levels.h"
#include "restage/regions.h"

/* A refined maximum. */
typedef struct rs_hit {
    double index[3];   /* in the volume, fractional */
    double step;       /* scale as a fractional index of the ladder */
    float response_hu; /* normalised: an estimate of the contrast; the larger one of both measures */
    float rho;         /* response of the matched sphere of contrast 1, by which it was normalised */
    float wall_hu;     /* normalised measure of the volume without its wall; 0: a maximum of the Laplacian */
    int region;
} rs_hit;

typedef struct rs_hits {
    rs_hit *items; /* by slice, row, column, scale */
    int64_t n;
    double sd_hu[RS_SCALES_MAX]; /* of the response in quiet tissue, 0 where there is none */
    int64_t n_raw;               /* maxima above the least response, before the noise was asked */
} rs_hits;

typedef struct rs_search_wish {
    const rs_levels *levels;
    const rs_scales *scales;
    const rs_regions *regions;
    double clip_low_hu, clip_high_hu, quiet_hu;
    double min_response_hu, min_response_sd;
    double faint_response_sd, faint_radius_mm; /* least SDs of scales that answer to a sphere of that radius and more */
    bool bright;
    int wall_scales; /* the smallest ones, searched without the wall; 0: none */
    double wall_response_hu, wall_response_sd, wall_depth_radii, wall_depth_mm, wall_fill_hu;
} rs_search_wish;

/**
 * Searches every level on tiles.
 *
 * out      items in the arena
 * returns  RS_OK; RS_NO_MEMORY; RS_CANCELLED
 */
RS_MUST_USE rs_status rs_search(rs_context *ctx, const rs_search_wish *wish, rs_arena *arena, rs_hits *out);

#endif
