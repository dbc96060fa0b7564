/* Rays around a candidate and the features made of them; private to the room (science C6.1). */
#ifndef DETECT_RAYS_H
#define DETECT_RAYS_H

#include "detect.h"
#include "sampler.h"

enum {
    RS_RAYS_FULL = 162,
    RS_RAYS_FEW = 42, /* enough for the curvature of candidates that nobody will see */
    RS_RAYS_NEIGHBOURS = 12
};

/* A set of directions on the Fibonacci sphere. */
typedef struct rs_directions {
    int n;
    double unit[RS_RAYS_FULL][3];    /* in the axes of the grid: columns, rows, slices */
    double inverse[6][RS_RAYS_FULL]; /* curvature tensor = inverse x differences, least squares over all rays */
    int neighbour[RS_RAYS_FULL][RS_RAYS_NEIGHBOURS], n_neighbours[RS_RAYS_FULL]; /* within 21 degrees */
} rs_directions;

/** z = 1 - (2 i + 1) / n, azimuth pi (1 + sqrt 5) (i + 1/2); n 12 … RS_RAYS_FULL. */
void rs_directions_make(int n, rs_directions *out);

typedef struct rs_ray_scene {
    const rs_sampler *sampler;
    double spacing_mm[3];
    double curvature_radius; /* in radii: where the curvature is taken */
    double psf_in_plane_mm;  /* FWHM */
    const rs_regions *regions;
    const uint8_t *searched; /* by label, 256 entries */
    bool bright;
} rs_ray_scene;

typedef struct rs_curvature {
    double e3_e1, e2_e1; /* weakest and middle over strongest, -0.5 to 1 */
} rs_curvature;

/** Curvature at curvature_radius times `radius_mm`: one sample a direction, those that leave the image dropped. */
rs_curvature rs_rays_curvature(const rs_ray_scene *scene, const rs_directions *directions, const double index[3],
                               double radius_mm);

/** All features but log_hu, from the full table; radius_mm and scale_mm of the candidate are given. */
void rs_rays_features(const rs_ray_scene *scene, const rs_directions *directions, rs_candidate *candidate);

#endif
