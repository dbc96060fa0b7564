/* A square picture cut out of a volume along its own slices, turned as a radiologist expects it: the patient's left at
   the right of axial and coronal pictures, the front at the left of sagittal ones, the head on top. */
#ifndef PACKET_VIEW_H
#define PACKET_VIEW_H

#include "markup/markup.h"
#include "restage/arena.h"
#include "restage/report.h"
#include "restage/volume.h"

typedef enum rs_plane { RS_PLANE_AXIAL = 0, RS_PLANE_CORONAL, RS_PLANE_SAGITTAL, RS_PLANES } rs_plane;

/* Where a picture lies. Drawings over it use 0 … 100 from left to right and from top to bottom. */
typedef struct rs_view {
    int axis[3];      /* axes of the grid that run to the right, down, and through the picture */
    int sign[2];      /* whether indices rise to the right and down, 1 or -1 */
    double centre[3]; /* index (i, j, k) in the middle; whole along axis[2] */
    double field_mm;  /* side of the square */
    bool oblique;     /* the plane is turned by more than 18 degrees against the patient */
} rs_view;

/** The view of a plane around a position, through the slice nearest to it. */
void rs_view_set(const rs_geometry *geometry, rs_plane plane, const double lps_mm[3], double field_mm, rs_view *out);

/**
 * Samples the picture, bilinear in its slice.
 *
 * low, high  values that become 0 and 255; what lies outside the volume is 48
 * pixels     of each side; out has pixels * pixels bytes, rows from the top
 */
void rs_view_sample(const rs_volume *volume, const rs_view *view, double low, double high, int pixels, uint8_t *out);

/** Place of a position in the drawing; returns how many slices it lies off the picture's. */
double rs_view_place(const rs_geometry *geometry, const rs_view *view, const double lps_mm[3], double out[2]);

/** Letters (L R A P H F, two where oblique; DICOM PS3.3 C.7.6.1.1.1) at the left, right, top and bottom. */
void rs_view_letters(const rs_geometry *geometry, const rs_view *view, char out[4][4]);

/** The mask in the picture's slice; cells in the arena. RS_OK; RS_NO_MEMORY. */
RS_MUST_USE rs_status rs_view_mask(rs_context *ctx, rs_arena *arena, const rs_geometry *geometry, const rs_view *view,
                                   const rs_report_mark *mark, rs_svg_mask *out);

/** Largest extent of the mask along the grid's axes, in mm; 0 for none. */
double rs_view_extent_mm(const rs_geometry *geometry, const rs_report_mark *mark);

#endif
