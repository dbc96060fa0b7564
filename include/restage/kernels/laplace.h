/* Laplacian of Gaussian of a box, with its own sigma and spacing along each axis (science C2.3, performance 3.3.1). */
#ifndef RESTAGE_KERNELS_LAPLACE_H
#define RESTAGE_KERNELS_LAPLACE_H

#include <stdint.h>

#include "restage/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Kernel laplace: out = - factor * (d2/dx2 + d2/dy2 + d2/dz2) of the Gaussian-blurred box, derivatives in mm: bright
 * blobs are positive. Not normalised: the unit is that of `in` per mm2; multiply by sigma^2 in mm2 (science C2.2)
 * through `factor`, which costs nothing.
 *
 * The blur along an axis has exactly the variance sigma_mm^2: the taps bring sigma_mm^2 - spacing^2 / 6, the 27-point
 * Laplacian (second difference along one axis, [1 10 1]/12 along the others) brings spacing^2 / 6. Where sigma_mm^2 is
 * below that, no taps are applied along the axis and the blur is that of the Laplacian alone.
 *
 * n          columns, rows, slices of `in`, halo included
 * halo       voxels of `in` on each side that only feed the taps; n - 2 halo >= 1. Beyond the box the nearest voxel is
 *            repeated, so any halo is allowed; with the halo of rs_laplace_halo the box's edge is never felt
 * out        float box of n - 2 halo voxels, not overlapping the input
 * threads    single-threaded; from the worker's scratch; meant for tiles of 64 x 32 to 64 x 64 columns and rows with
 * all their slices, or some dozens
 */
typedef struct rs_laplace_args {
    int32_t n[3], halo[3];
    const float *in;
    double spacing_mm[3]; /* > 0 */
    double sigma_mm[3];   /* >= 0, at most 64 voxels */
    double factor;        /* 0 stands for 1 */
    float *out;
} rs_laplace_args;

/** Halo along each axis with which the result does not feel the edge of the box: radius of the taps + 1. */
RS_API void rs_laplace_halo(const double sigma_mm[3], const double spacing_mm[3], int32_t halo[3]);

/** Variance in mm2 that the blur really has along an axis: sigma_mm^2, or spacing_mm^2 / 6 where that is larger. */
RS_API double rs_laplace_variance_mm2(double sigma_mm, double spacing_mm);

#ifdef __cplusplus
}
#endif
#endif
