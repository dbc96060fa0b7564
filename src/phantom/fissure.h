/* The fissures as sheets by closed forms, and random places in the lungs: what several modes share. */
#ifndef PHANTOM_FISSURE_H
#define PHANTOM_FISSURE_H

#include "mode.h"

enum { RS_PHANTOM_FISSURES = 3, RS_PHANTOM_HORIZONTAL = 2 }; /* oblique right, oblique left; horizontal */

static inline double rs_phantom_fissure_bow(const rs_phantom_anatomy *a, double x)
{
    return a->fissure_bow * (fabs(x) - 60.0) * (fabs(x) - 60.0);
}

/* Signed distance to the oblique fissure of a side, positive above. */
static inline double rs_phantom_oblique(const rs_phantom_anatomy *a, double x, double y, double z)
{
    const double slope = a->fissure_slope;
    return (z - a->fissure_z[x < 0.0 ? 0 : 1] - slope * y + rs_phantom_fissure_bow(a, x)) / sqrt(1.0 + slope * slope);
}

/* The same of the horizontal one; it ends at the oblique one of the right side. */
static inline double rs_phantom_horizontal(const rs_phantom_anatomy *a, double x, double y, double z)
{
    return z - a->minor_z - 0.12 * y - rs_phantom_fissure_bow(a, x);
}

/** A fissure's height at a place. */
double rs_phantom_fissure_z(const rs_phantom_anatomy *anatomy, int fissure, double x, double y);

/** Its unit normal there. */
void rs_phantom_fissure_normal(const rs_phantom_anatomy *anatomy, int fissure, double x, double out[3]);

/** Draws a point of a fissure, margin_mm inside the lung and away from the heart; false: none found. */
bool rs_phantom_fissure_point(const rs_phantom_mode_call *call, int fissure, double margin_mm, double p[3]);

/** Draws a point of the lungs, margin_mm inside their surface and away from the heart; false: none found. */
bool rs_phantom_lung_point(const rs_phantom_mode_call *call, double margin_mm, double p[3]);

/** Draws a point of the costal pleura with its unit normal into the lung; false: none found. */
bool rs_phantom_pleura_point(const rs_phantom_mode_call *call, double p[3], double inward[3]);

/** Unit normal of the lungs' surface near a point, into the lung. */
void rs_phantom_lung_inward(const rs_phantom_anatomy *anatomy, const double p[3], double out[3]);

/** Volume of the lungs' closed form less the solids in it, ml. */
double rs_phantom_lung_ml(const rs_phantom_anatomy *anatomy);

#endif
