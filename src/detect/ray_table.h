/* The table of rays that the networks look at; private to the room (science C6A.1). */
#ifndef DETECT_RAY_TABLE_H
#define DETECT_RAY_TABLE_H

#include "rays.h"
#include "sampler.h"

enum { RS_RAY_STEPS = 16 };

/* Values along one ray are cut to this range, HU. */
#define RS_RAY_LOW_HU (-1000.0F)
#define RS_RAY_HIGH_HU 200.0F

/* Directions of a table on one grid. */
typedef struct rs_ray_fan {
    int n;
    float step_vox[RS_RAYS_FULL][3]; /* voxels a mm along each ray */
    double vox_per_mm[3];
} rs_ray_fan;

/** Rays of rs_directions_make(n) on a grid of that spacing; n 12 … RS_RAYS_FULL. */
void rs_ray_fan_make(int n, const double spacing_mm[3], rs_ray_fan *out);

/**
 * Values in HU along every ray at the distances u R + 0.4 u^2 mm, u = 0, 0.2 … 3. A sample outside the image takes the
 * mean of those of its shell that lie inside; where none does, of the next shell within.
 *
 * index      the centre, inside the image
 * out        fan->n rows of RS_RAY_STEPS
 */
void rs_ray_table(const rs_sampler *sampler, const rs_ray_fan *fan, const double index[3], double radius_mm,
                  float *out);

#endif
