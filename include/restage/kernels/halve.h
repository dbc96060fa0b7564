/* Blur and halve: the base of the next octave of a pyramid (performance 3.3, science C1.3). */
#ifndef RESTAGE_KERNELS_HALVE_H
#define RESTAGE_KERNELS_HALVE_H

#include <stdint.h>

#include "restage/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Kernel halve: along every chosen axis [1 4 6 4 1]/16, then every second voxel.
 *
 * The blur adds exactly 1 voxel^2 of variance along a chosen axis: spacing^2 mm2, with the spacing before halving.
 * Output voxel o stands on input voxel 2 o: the origin of the grid stays, the spacing doubles, and n becomes (n + 1)
 * / 2. Sums are exact integers, rounded once to int16 (half up). Beyond the volume the nearest voxel is repeated.
 *
 * n          columns, rows, slices of the input
 * axes       other than 0: halve this axis; the others are copied
 * low, high  input voxels are clamped to [low, high] first; both 0: not clamped
 * out        int16 volume of the size given by rs_halve_size, not overlapping the input
 * threads    spread over the workers
 */
typedef struct rs_halve_args {
    int32_t n[3];
    const int16_t *in;
    int axes[3];
    int16_t low, high;
    int16_t *out;
} rs_halve_args;

/** Size of the output. */
static inline void rs_halve_size(const int32_t n[3], const int axes[3], int32_t n_out[3])
{
    for (int a = 0; a < 3; a++)
        n_out[a] = axes[a] != 0 ? n[a] / 2 + n[a] % 2 : n[a];
}

/** Variance in mm2 added along an axis that is halved: spacing_mm^2. */
static inline double rs_halve_variance_mm2(double spacing_mm)
{
    return spacing_mm * spacing_mm;
}

#ifdef __cplusplus
}
#endif
#endif
