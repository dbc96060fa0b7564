/* A tile of the search at work: what its two families share; private to the room. */
#ifndef DETECT_TILE_H
#define DETECT_TILE_H

#include "restage/arena.h"
#include "search.h"

enum { RS_NOISE_BINS = 3000 }; /* of 1 HU, from -1,500 HU */
#define RS_WEAK_SHARE 0.9      /* of the threshold before refinement (performance 3.3.4) */

/* What a worker collects; its numbers are joined in an order of their own. */
typedef struct rs_collector {
    rs_arena *arena;
    rs_hit *hits;
    int n, capacity;
    int32_t (*noise)[RS_NOISE_BINS]; /* by scale */
} rs_collector;

typedef struct rs_search_job {
    const rs_search_wish *wish;
    const rs_level *level;
    uint8_t searched[256];
    int32_t n_fine[3];
    int32_t halo[3];      /* of the widest filter */
    const uint64_t *deep; /* bit mask of the volume: searched voxels that are too deep for the wall's family */
    rs_collector *collectors;
} rs_search_job;

/* A tile at work. Its responses have a margin of one voxel around the core, its input the halo beyond that. */
typedef struct rs_tile_work {
    const rs_search_job *job;
    rs_collector *out;
    int32_t begin[3], n_core[3], n_margin[3], n_in[3];
    float *in;
    float *response[RS_SCALES_MAX];
    uint8_t *mask;
} rs_tile_work;

static inline int64_t rs_box_voxels(const int32_t n[3])
{
    return (int64_t)n[0] * n[1] * n[2];
}

/** Voxel of the volume nearest to a voxel of the fine grid. */
static inline int32_t rs_nearest_voxel(const rs_search_job *job, int axis, int32_t fine)
{
    int32_t up = axis == 2 ? job->level->up : 1, n = job->wish->regions->geometry.n[axis];
    int32_t voxel = (int32_t)(((int64_t)fine * job->level->step[axis] * 2 + up) / (2 * up));
    return voxel < n ? voxel : n - 1;
}

/**
 * Top of the parabola through the 27 values around a maximum: the way to it in voxels (0 where it is no good top), and
 * what it rises above the middle.
 */
double rs_tile_refine(const float *middle, const int64_t stride[3], double way[3]);

/** Keeps a hit whose place is a voxel of the fine grid plus a way; sets its index and region. */
RS_MUST_USE rs_status rs_tile_keep(rs_context *ctx, const rs_tile_work *t, const int32_t fine[3], const double way[3],
                                   const rs_hit *hit);

/* A response of a box whose outermost voxels are no part of what is searched. */
typedef struct rs_tile_box {
    int32_t n[3];
    const float *response;
    const uint8_t *mask;
} rs_tile_box;

/** Puts into `index`, in the arena, the places in the box of its maxima within the mask; *n of them. */
RS_MUST_USE rs_status rs_tile_maxima(rs_context *ctx, rs_arena *scratch, const rs_tile_box *box, float threshold,
                                     int32_t **index, int64_t *n);

#endif
