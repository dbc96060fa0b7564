/* Exact Euclidean distance inside a mask (performance 3.5). */
#ifndef RESTAGE_KERNELS_DISTANCE_H
#define RESTAGE_KERNELS_DISTANCE_H

#include <stdint.h>

#include "restage/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Kernel distance: for every voxel of the mask the distance in mm from its centre to the centre of the nearest voxel
 * outside the mask (SciPy's distance_transform_edt with `sampling`; ITK's Maurer filter measures to border voxels of
 * the object instead). What lies beyond the box is neither inside nor outside. 0 outside the mask.
 *
 * n         columns, rows, slices
 * mask      bytes, other than 0: inside
 * limit_mm  distances above are reported as limit_mm, and need not be computed: the smaller, the faster. 0: no limit;
 * then a box without any voxel outside gives infinity out       float box threads   spread over the workers
 */
typedef struct rs_distance_args {
    int32_t n[3];
    double spacing_mm[3];
    const uint8_t *mask;
    double limit_mm;
    float *out;
} rs_distance_args;

#ifdef __cplusplus
}
#endif
#endif
