/* Values of a volume along rays from one point (science C6A.1: what the networks of the ranker look at). */
#ifndef RESTAGE_KERNELS_FAN_H
#define RESTAGE_KERNELS_FAN_H

#include <stdbool.h>
#include <stdint.h>

#include "restage/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define RS_FAN_STEPS 16 /* samples a ray */

/**
 * Kernel fan: values at centre + mm[t] * step[r], linear in plane, along k linear or by cubic B-spline.
 *
 * A sample lies in the cell of the whole parts of its place. Its voxels are first cut to [low, high]; what becomes of
 * them is slope * value + offset, cut to [least, most].
 *
 * box       first voxel of a box, packed or in a larger volume, that holds the cells of all samples; with the spline
 *           also one slice before and one behind each cell. That is not checked.
 * row, slice  voxels from one row, and from one slice, to the next; slice times the slices of the box fits in int32
 * centre    of the rays, voxels from `box`; samples have no negative place
 * step      voxels a mm along each ray
 * mm        RS_FAN_STEPS distances
 * rays      at least 1
 * spline_k  voxels are coefficients of a cubic B-spline along k
 * out       rays rows of RS_FAN_STEPS values
 * threads   none: it is called for single candidates by many workers
 */
typedef struct rs_fan_args {
    const int16_t *box;
    int32_t row, slice;
    float centre[3];
    const float (*step)[3];
    const float *mm;
    int32_t rays;
    bool spline_k;
    float low, high;
    float slope, offset;
    float least, most;
    float *out;
} rs_fan_args;

#ifdef __cplusplus
}
#endif
#endif
