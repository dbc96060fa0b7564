/* Determinant of the Hessian of a Gaussian-blurred box, as a blob measure (science C6A.8, performance 3.2.1). */
#ifndef RESTAGE_KERNELS_HESSIAN_H
#define RESTAGE_KERNELS_HESSIAN_H

#include <stdint.h>

#include "restage/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Kernel hessian: out = factor * 3 * cbrt(det(-H)) where -H is positive definite (all three leading minors positive),
 * else 0; H holds the second derivatives, per mm2, of the Gaussian-blurred box. At a point where the three curvatures
 * are equal this is what kernel laplace gives; along a tube or a plate one of them vanishes and so does the product.
 *
 * The box is blurred once and then differentiated by short stencils of known variance, so that each of the six
 * derivatives has exactly the variance sigma_mm^2 along each axis: the taps bring sigma_mm^2 - spacing^2 / 3, the
 * stencils ([1 4 1]/6, [-1 0 1]/2, [1 8 -18 8 1]/12) bring spacing^2 / 3. Where sigma_mm^2 is below that, no taps are
 * applied along the axis and the blur is that of the stencils alone.
 *
 * n          columns, rows, slices of `in`, halo included
 * halo       voxels of `in` on each side that only feed the filter; n - 2 halo >= 1. Beyond the box the nearest voxel
 *            is repeated, so any halo is allowed; with the halo of rs_hessian_halo the box's edge is never felt
 * wanted     bytes of n - 2 halo voxels: where one is 0, out is 0 and costs little; NULL: all
 * out        float box of n - 2 halo voxels, not overlapping the input
 * threads    single-threaded; from the worker's scratch; meant for tiles as kernel laplace
 */
typedef struct rs_hessian_args {
    int32_t n[3], halo[3];
    const float *in;
    double spacing_mm[3]; /* > 0 */
    double sigma_mm[3];   /* >= 0, at most 64 voxels */
    double factor;        /* 0 stands for 1 */
    const uint8_t *wanted;
    float *out;
} rs_hessian_args;

/** Halo along each axis with which the result does not feel the edge of the box: radius of the taps + 2. */
RS_API void rs_hessian_halo(const double sigma_mm[3], const double spacing_mm[3], int32_t halo[3]);

/** Variance in mm2 that the blur really has along an axis: sigma_mm^2, or spacing_mm^2 / 3 where that is larger. */
RS_API double rs_hessian_variance_mm2(double sigma_mm, double spacing_mm);

#ifdef __cplusplus
}
#endif
#endif
