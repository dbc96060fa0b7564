/* The table of rays that the networks look at; private to the room (science C6A.1). */
#ifndef DETECT_RAY_TABLE_H
#define DETECT_RAY_TABLE_H

#include "rays.h"
#include "restage/kernels/fan.h"
#include "sampler.h"

enum { RS_RAY_STEPS = RS_FAN_STEPS };

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

/* What a table is made from. */
typedef struct rs_ray_look {
    const rs_sampler *sampler;
    const rs_ray_fan *fan;
    const double *index; /* the centre, inside the image */
    double radius_mm;
} rs_ray_look;

/**
 * Values in HU along every ray at the distances u R + 0.4 u^2 mm, u = 0, 0.2 … 3. A sample outside the image takes the
 * mean of those of its shell that lie inside; where none does, of the next shell within.
 *
 * out      fan->n rows of RS_RAY_STEPS
 * returns  what the kernel fan returns
 */
RS_MUST_USE rs_status rs_ray_table(rs_context *ctx, const rs_ray_look *look, float *out);

#endif
