/* The one parallel primitive. What an item computes depends on its index alone, so the bits do not depend on the number
   of threads. */
#ifndef RESTAGE_PARALLEL_H
#define RESTAGE_PARALLEL_H

#include <stdint.h>

#include "restage/context.h"

#ifdef __cplusplus
extern "C" {
#endif

/* item 0 … items-1 in any order; worker 0 … threads-1 indexes scratch only and must never reach a result. */
typedef rs_status (*rs_body)(rs_context *ctx, int64_t item, int worker, void *arg);

/**
 * Runs the body for every item, dynamically over the context's workers.
 *
 * items    a function of the data, never of the number of threads; 0.1 to 5 ms each
 * returns  RS_OK; the failure of the lowest item index, its message in the context; RS_CANCELLED
 * threads  called inside a body, or in a forked child, it runs serially
 */
RS_API RS_MUST_USE rs_status rs_parallel_for(rs_context *ctx, int64_t items, rs_body body, void *arg);

/* A tile: the core that its item owns, and the core widened by the halo and cut at the image. */
typedef struct rs_tile {
    int32_t core_begin[3], core_end[3]; /* columns, rows, slices; end is one past */
    int32_t begin[3], end[3];
    int64_t index;
} rs_tile;

typedef rs_status (*rs_tile_body)(rs_context *ctx, const rs_tile *tile, int worker, void *arg);

typedef struct rs_tiling {
    int32_t begin[3], end[3]; /* the box to be cut */
    int32_t limit[3];         /* size of the image: halos end there */
    int32_t size[3];          /* of a core */
    int32_t halo[3];
} rs_tiling;

/** Number of tiles of a tiling; 0 for an empty box. */
RS_API int64_t rs_tiles_count(const rs_tiling *tiling);

/** Cuts a box into tiles, column index fastest, and runs the body for each; errors as rs_parallel_for. */
RS_API RS_MUST_USE rs_status rs_for_tiles(rs_context *ctx, const rs_tiling *tiling, rs_tile_body body, void *arg);

#ifdef __cplusplus
}
#endif
#endif
