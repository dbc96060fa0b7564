/* The edge of the lung as a test object: places on its outer surface, the voxels around each, and the blurred step that
   fits them; private to the room (science D1.3). */
#ifndef QUALITY_EDGES_H
#define QUALITY_EDGES_H

#include "params.h"
#include "restage/context.h"
#include "restage/regions.h"
#include "step.h"

enum { RS_EDGE_SAMPLES_MAX = 192 };

/* A voxel near a place: mm along the normal (into the tissue), along two tangents, and its value. */
typedef struct rs_edge_sample {
    float along_mm, across_mm[2], hu;
} rs_edge_sample;

/* I = lung_hu + contrast_hu * step((along - shift - tilt . across) / sigma) */
typedef struct rs_edge_point {
    double index[3];  /* fractional voxel index of the place */
    double normal[3]; /* from lung to tissue, in the grid's axes, mm */
    double normal_k2; /* square of its component along k */
    double lung_hu, contrast_hu, shift_mm, tilt[2], variance_mm2, residual_hu;
    bool good;
} rs_edge_point;

typedef struct rs_edges {
    rs_edge_point *points;
    int n, n_good;
} rs_edges;

typedef struct rs_edge_request {
    const rs_volume *volume;
    const rs_regions *regions;
    const rs_quality_params *params;
    double noise_hu; /* NaN where unknown */
} rs_edge_request;

/**
 * Finds places where searched lung meets tissue outside on a fixed lattice of lines, and fits each.
 *
 * out      points in lattice order, in the arena; empty where nothing is searched
 * returns  RS_OK; RS_NO_MEMORY; RS_CANCELLED
 */
RS_MUST_USE rs_status rs_edges_find(rs_context *ctx, const rs_edge_request *request, rs_arena *arena, rs_edges *out);

typedef struct rs_edge_samples {
    rs_edge_sample items[RS_EDGE_SAMPLES_MAX];
    int n;
} rs_edge_samples;

/** Fits the step to the samples of a point; false where it does not converge. */
bool rs_edge_fit(const rs_step_table *table, const rs_edge_samples *samples, rs_edge_point *point);

#endif
