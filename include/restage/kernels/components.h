/* Connected components of a byte volume, by runs (performance 3.4): no label image is made. */
#ifndef RESTAGE_KERNELS_COMPONENTS_H
#define RESTAGE_KERNELS_COMPONENTS_H

#include <stdint.h>

#include "restage/arena.h"
#include "restage/context.h"
#include "restage/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Voxels i_begin … i_end - 1 of one row. */
typedef struct rs_run {
    uint16_t i_begin, i_end;
    int32_t component;
} rs_run;

/* Bits of rs_component.faces: the component has a voxel in this outermost plane of the volume. */
enum {
    RS_FACE_I_LOW = 1,
    RS_FACE_I_HIGH = 2,
    RS_FACE_J_LOW = 4,
    RS_FACE_J_HIGH = 8,
    RS_FACE_K_LOW = 16,
    RS_FACE_K_HIGH = 32
};

typedef struct rs_component {
    int64_t voxels;
    int64_t sum[3];           /* of i, j, k over its voxels: centroid = sum / voxels */
    int32_t begin[3], end[3]; /* box; end is one past */
    int32_t first_run;        /* its first run in raster order */
    uint32_t faces;
} rs_component;

typedef struct rs_components {
    int32_t n[3];
    const rs_run *runs;       /* raster order */
    const int32_t *row_first; /* runs of row (j, k): row_first[k * n[1] + j] … row_first[k * n[1] + j + 1] - 1 */
    int32_t n_runs;
    const rs_component *items; /* ids 0 … n_components - 1, in raster order of their first voxels */
    int32_t n_components;
} rs_components;

/**
 * Kernel components.
 *
 * n             columns (at most 65,535), rows, slices
 * labels        the byte volume
 * in_mask       256 bytes: labels with a byte other than 0 are in the mask; NULL: every label but 0
 * connectivity  6 (0 stands for it) or 26
 * rows          begin and end of the rows of each slice that are looked at; both 0: all. Others are not read, and in no
 *               component
 * arena         the result's memory, 8 bytes a run, 4 a row, 64 a component; may be the caller's scratch
 * out           given to you; lives as long as the arena; untouched on failure
 * threads       runs are made on all workers, linked on one
 */
typedef struct rs_components_args {
    int32_t n[3];
    const uint8_t *labels;
    const uint8_t *in_mask;
    int connectivity;
    rs_arena *arena;
    rs_components *out;
    int32_t rows[2];
} rs_components_args;

/**
 * Paints components into a byte volume.
 *
 * value   one a component: 0 … 255 is written to its voxels, a negative number leaves them as they are
 * labels  n[0] * n[1] * n[2] bytes; other voxels are not touched
 */
RS_API RS_MUST_USE rs_status rs_components_paint(rs_context *ctx, const rs_components *components, const int16_t *value,
                                                 uint8_t *labels);

/** Component of a voxel by bisection of its row, -1: not in the mask. */
RS_API int32_t rs_components_at(const rs_components *components, int32_t i, int32_t j, int32_t k);

#ifdef __cplusplus
}
#endif
#endif
