/* From the vectors that a header gives to the house's grid. */
#ifndef FORMATS_GRID_H
#define FORMATS_GRID_H

#include "raw_file.h"

/* Steps from one voxel to the next along each axis of the file, and the first voxel, in LPS mm. */
typedef struct grid_vectors {
    double step[3][3], origin[3];
} grid_vectors;

/** LPS from vectors whose first and second component run to the right and to the front (RAS), or one of them. */
void grid_flip(grid_vectors *v, bool x, bool y);

/**
 * Sets spacing, axes and origin of file->head.geometry, whose n is set; makes it right-handed by turning the axis that
 * runs against the patient's (left, back, head), the slices where none or several do.
 *
 * returns  RS_OK; RS_DATA (no length, axes not at right angles)
 */
RS_MUST_USE rs_status grid_set(rs_context *ctx, rs_arena *arena, const grid_vectors *v, raw_file *file);

/** Straight vectors for a header without directions, and the note that says so. */
RS_MUST_USE rs_status grid_without_directions(rs_context *ctx, rs_arena *arena, const double spacing_mm[3],
                                              grid_vectors *out, raw_file *file);

#endif
