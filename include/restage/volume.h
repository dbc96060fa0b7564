/* The volume: int16 voxels, slope and offset, and where they lie in the patient (DICOM LPS, mm). */
#ifndef RESTAGE_VOLUME_H
#define RESTAGE_VOLUME_H

#include <stdbool.h>
#include <stdint.h>

#include "restage/arena.h"
#include "restage/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rs_context;

/* A regular grid. Index (i, j, k) = column, row, slice; the centre of a voxel is its integer index.
   lps = origin + i * spacing[0] * axis[0] + j * spacing[1] * axis[1] + k * spacing[2] * axis[2]
   axis[0] runs along a row, axis[1] down a column, axis[2] along the normal in the direction of rising k; unit vectors,
   orthogonal. axis[2] = axis[0] x axis[1] (right-handed) for everything that read makes. */
typedef struct rs_geometry {
    int32_t n[3]; /* columns, rows, slices */
    double spacing_mm[3];
    double origin_lps_mm[3];
    double axis[3][3];
} rs_geometry;

/* Voxels, columns fastest: value(i,j,k) = slope * voxels[(k * n[1] + j) * n[0] + i] + offset, in HU for CT. */
typedef struct rs_volume {
    rs_geometry geometry;
    int16_t *voxels;
    double slope, offset; /* 1 and 0 for nearly every CT: read stores HU where that is exact */
    rs_block block;       /* owner of the voxels */
} rs_volume;

/** Voxels of a grid: n[0] * n[1] * n[2]. */
RS_API int64_t rs_geometry_voxels(const rs_geometry *geometry);

/** Volume of one voxel in mm3. */
RS_API double rs_geometry_voxel_mm3(const rs_geometry *geometry);

/** Patient position in mm of a (fractional) index, and back. */
RS_API void rs_geometry_to_lps(const rs_geometry *geometry, const double ijk[3], double lps_mm[3]);
RS_API void rs_geometry_to_index(const rs_geometry *geometry, const double lps_mm[3], double ijk[3]);

/** True for a (fractional) index within the image, up to the outer faces of the outermost voxels; false for NaN. */
RS_API bool rs_geometry_holds(const rs_geometry *geometry, const double ijk[3]);

/** The axis (0, 1, 2) that runs most along a patient direction (0 x left, 1 y posterior, 2 z head), and the sign of it.
 */
RS_API int rs_geometry_axis_along(const rs_geometry *geometry, int patient_direction, int *sign);

/** True for a grid that can be used: sizes > 0, finite positive spacing, orthonormal axes (1e-3). */
RS_API bool rs_geometry_is_regular(const rs_geometry *geometry);

/**
 * Takes a block for the voxels (content undefined); slope 1, offset 0.
 *
 * returns  RS_OK; RS_DATA (grid not regular, more than 2^30 voxels); RS_NO_MEMORY
 * out      end it with rs_volume_free
 */
RS_API RS_MUST_USE rs_status rs_volume_new(struct rs_context *ctx, const rs_geometry *geometry, rs_volume *out);

/** Gives the voxels back to the pool; accepts an empty volume, and empties it. */
RS_API void rs_volume_free(struct rs_context *ctx, rs_volume *volume);

/** Value (HU for CT) of voxel (i, j, k), which must lie inside. */
RS_API double rs_volume_value(const rs_volume *volume, int32_t i, int32_t j, int32_t k);

/** The stored number that stands for a value, rounded and clamped to int16. */
RS_API int16_t rs_volume_stored(const rs_volume *volume, double value);

/**
 * A box of the volume as float values (HU), columns fastest.
 *
 * begin, end  the box; may reach beyond the volume: there the nearest voxel is repeated
 * low, high   values are clamped to [low, high]
 * out         (end[0]-begin[0]) * (end[1]-begin[1]) * (end[2]-begin[2]) floats
 */
RS_API void rs_volume_box(const rs_volume *volume, const int32_t begin[3], const int32_t end[3], float low, float high,
                          float *out);

/**
 * Trilinear value at a fractional index.
 *
 * returns  false outside the volume (beyond the outermost voxel centres); *out untouched
 */
RS_API bool rs_volume_sample(const rs_volume *volume, const double ijk[3], double *out);

#ifdef __cplusplus
}
#endif
#endif
