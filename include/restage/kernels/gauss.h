/* Gaussian of a box: three passes of symmetric taps whose second moment is exactly the variance asked for, so that the
   variances of cascades add (performance 3.1). */
#ifndef RESTAGE_KERNELS_GAUSS_H
#define RESTAGE_KERNELS_GAUSS_H

#include <stdbool.h>
#include <stdint.h>

#include "restage/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What stands beyond the box: the nearest voxel (a b c c c), or the box mirrored with its edge voxel repeated (a b c c
 * b a). */
typedef enum rs_edge { RS_EDGE_REPEAT = 0, RS_EDGE_REFLECT } rs_edge;

/**
 * Kernel gauss.
 *
 * n          columns, rows, slices; each >= 1, may be smaller than the taps' radius
 * in         float box, or NULL with in_int16 given
 * sigma_vox  along each axis in voxels, 0 … 64; 0: no pass along that axis. Radius of the taps: ceil(4 sigma)
 * out        float box of the same shape, not overlapping the input
 * threads    whole boxes are spread over the workers; inside a parallel body it runs in that worker
 * source     performance 3.1
 */
typedef struct rs_gauss_args {
    int32_t n[3];
    const float *in;
    const int16_t *in_int16;
    double sigma_vox[3];
    rs_edge edge;
    float *out;
} rs_gauss_args;

/* Largest radius of the taps. */
#define RS_TAPS_MAX 256

/**
 * Taps of a Gaussian with exact second moment: sum 1, sum of i^2 taps = variance_vox2.
 *
 * variance_vox2  0 … 4096; 0 gives radius 0 and the tap 1
 * taps           taps[0] the centre, taps[r] both neighbours at distance r; room for RS_TAPS_MAX + 1
 * returns        the radius, ceil(4 sigma)
 */
RS_API int rs_gauss_taps(double variance_vox2, double *taps);

#ifdef __cplusplus
}
#endif
#endif
