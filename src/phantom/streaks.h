/* Streaks of dense things in a slice: rays around a point, light and dark by turns, that fade as 1 / r (science F11,
   F12). */
#ifndef PHANTOM_STREAKS_H
#define PHANTOM_STREAKS_H

#include "model.h"
#include "random.h"

enum { RS_PHANTOM_RAYS = 1024 };

/* Brightness by direction, from -1 to 1. Entries stand evenly on the square |x| + |y| = 1. */
typedef struct rs_phantom_rays {
    float value[RS_PHANTOM_RAYS + 1];
} rs_phantom_rays;

/** Sums sinusoids of the angle, their orders from low to high, phases drawn, scaled and cut to -1 … 1. */
void rs_phantom_rays_draw(rs_phantom_random *random, int low, int high, rs_phantom_rays *out);

typedef struct rs_phantom_fan {
    const rs_phantom_rays *rays;
    double x, y;              /* where the rays start */
    double hu;                /* of the brightest, core_mm from there */
    double core_mm, reach_mm; /* nothing beyond the reach */
} rs_phantom_fan;

/** Adds the fan to a slice: hu * core / r outside the core, fading to nothing at the reach. */
void rs_phantom_fan_add(const rs_phantom_scan *scan, const rs_phantom_fan *fan, float *hu);

/** Share of a slice that something at y, range along z, fills, by the slice's profile. */
double rs_phantom_slice_share(const rs_phantom_scan *scan, int32_t slice, double y, const double range[2]);

/* A rod with round ends of one density. */
typedef struct rs_phantom_rod {
    const double *a, *b; /* ends, three coordinates each */
    double radius_mm;
    float hu;
} rs_phantom_rod;

/** Paints a rod over a sub-slice; one thinner than a pixel or the step of the sub-slices keeps its volume. */
void rs_phantom_rod_paint(rs_phantom_plane *plane, const rs_phantom_rod *rod);

#endif
