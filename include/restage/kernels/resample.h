/* Resampling on an axis-aligned grid (performance 3.8, science C5.1). */
#ifndef RESTAGE_KERNELS_RESAMPLE_H
#define RESTAGE_KERNELS_RESAMPLE_H

#include <stdint.h>

#include "restage/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum rs_resample_method {
    RS_RESAMPLE_LINEAR = 0,
    RS_RESAMPLE_NEAREST, /* half way: the upper one */
    RS_RESAMPLE_CUBIC    /* cubic B-spline through the samples (prefiltered) */
} rs_resample_method;

/**
 * Kernel resample: output voxel o along an axis lies at input index origin + step * o.
 *
 * Beyond the box the input is mirrored without repeating the edge voxel (c b a b c). An axis with origin 0, step 1 and
 * as many voxels out as in is copied, whatever the method: so interpolating along k alone costs one pass.
 *
 * n_in      columns, rows, slices of the input
 * in        float box, or NULL with in_int16 given
 * n_out     of the output
 * origin    input index of output voxel 0
 * step      input voxels an output voxel, > 0; 0 stands for 1
 * out       float box, not overlapping the input
 * threads   spread over the workers by blocks of rows; inside a parallel body it runs in that worker. Inside a tile
 * that was cut from a volume, cubic needs 12 voxels of halo along each axis that is not copied
 */
typedef struct rs_resample_args {
    int32_t n_in[3], n_out[3];
    const float *in;
    const int16_t *in_int16;
    double origin[3], step[3];
    rs_resample_method method;
    float *out;
} rs_resample_args;

#ifdef __cplusplus
}
#endif
#endif
