/* Moves what grew in the lungs when the lungs themselves change: fluid, a lobe gone (science F9, F10). */
#ifndef PHANTOM_WARP_H
#define PHANTOM_WARP_H

#include "prune.h"

/* What is to be seen of a tube at a place. */
typedef enum rs_phantom_seen {
    RS_PHANTOM_IN_LUNG,
    RS_PHANTOM_COVERED, /* by heart, diaphragm or fluid: not drawn, but blood runs through it */
    RS_PHANTOM_TAKEN    /* with a lobe: nothing runs through it */
} rs_phantom_seen;

/* Where a point of the lung goes, and what place that is. radius_mm: of a tube here; may be lowered. */
typedef rs_phantom_seen (*rs_phantom_moves)(const void *arg, double p[3], float *radius_mm);

/** Moves both ends of every tube of the trees, and drops those of which an end is covered or taken, with short remnants
    of branches whose stem is taken. Bones, great vessels and main airways stay. RS_OK; RS_NO_MEMORY. */
RS_MUST_USE rs_status rs_phantom_warp_tubes(const rs_phantom_mode_call *call, rs_phantom_moves moves, const void *arg);

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
