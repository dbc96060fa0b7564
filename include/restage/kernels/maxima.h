/* Local maxima of a response in space, and in scale where the neighbouring scales are given (performance 3.3.2). */
#ifndef RESTAGE_KERNELS_MAXIMA_H
#define RESTAGE_KERNELS_MAXIMA_H

#include <stdint.h>

#include "restage/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a maximum must beat in the scales beside its own: all 27 voxels around its place, or only the one at its place
   (the weak test for coarse grids, performance 3.3.4). */
typedef enum rs_maxima_scales { RS_MAXIMA_NEIGHBOURS = 0, RS_MAXIMA_CENTRE } rs_maxima_scales;

/**
 * Kernel maxima: voxels whose response is above the threshold and beats its 26 neighbours.
 *
 * Ties: it must be greater (>) than neighbours that stand before it in raster order and than those in the scale below,
 * and not smaller (>=) than neighbours behind it and those in the scale above. So of two equal neighbours the first is
 * taken, and a plateau gives at most few, often one. A NaN is no maximum, and neither is its neighbour. Neighbours
 * outside the box are not asked.
 *
 * n            shape of every box
 * response     the scale's own box
 * below, above boxes of the next smaller and larger scale; NULL: not asked
 * mask         bytes; only voxels with a byte other than 0 are reported; NULL: all
 * begin, end   only voxels in this box are reported (their neighbours may lie outside it); both zero: all
 * threshold    response > threshold
 * capacity     room in `index`
 * index        out: (k * n[1] + j) * n[0] + i of the first `capacity` maxima, rising
 * found        out: number of all maxima, may be above the capacity
 * threads      single-threaded
 */
typedef struct rs_maxima_args {
    int32_t n[3];
    const float *response, *below, *above;
    rs_maxima_scales scales;
    const uint8_t *mask;
    int32_t begin[3], end[3];
    float threshold;
    int64_t capacity;
    int32_t *index;
    int64_t *found;
} rs_maxima_args;

#ifdef __cplusplus
}
#endif
#endif
