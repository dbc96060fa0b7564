/* Moves what grew in the lungs when the lungs themselves change: fluid, a lobe gone (science F9, F10). */
#ifndef PHANTOM_WARP_H
#define PHANTOM_WARP_H

#include "model.h"

/* Where a point of the lung goes; false: what lies here is gone. radius_mm: of a tube here; may be lowered. */
typedef bool (*rs_phantom_moves)(const void *arg, double p[3], float *radius_mm);

/** Moves both ends of every tube of the trees, and drops those whose ends are gone. Bones, great vessels and main
    airways stay. */
void rs_phantom_warp_tubes(rs_phantom_model *model, rs_phantom_moves moves, const void *arg);

/** 0 to 1 between the two, smooth at both ends. */
static inline double rs_phantom_ramp(double x)
{
    return x <= 0.0 ? 0.0 : (x >= 1.0 ? 1.0 : x * x * (3.0 - 2.0 * x));
}

/** Signed distance above the oblique fissure of that side, along its normal (at its flat middle). */
static inline double rs_phantom_above_fissure(const rs_phantom_anatomy *a, int side, const double p[3])
{
    double slope = a->fissure_slope;
    return (p[2] - a->fissure_z[side] - slope * p[1]) / sqrt(1.0 + slope * slope);
}

/** Signed distance to the line from a to b less a radius that runs from radius_a to radius_b. */
double rs_phantom_cone_distance(const double a[3], const double b[3], const double radius[2], const double p[3]);

#endif
