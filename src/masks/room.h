/* What the files of this room hand to one another. */
#ifndef MASKS_ROOM_H
#define MASKS_ROOM_H

#include "dicom/dicom.h"
#include "restage/masks.h"

/* A closed planar contour that is drawn: n corners in patient coordinates. */
typedef struct rs_contour {
    const double (*corner_lps_mm)[3];
    int32_t n;
    double normal[3]; /* its area as a vector, in mm2 (Newell) */
} rs_contour;

/* What a region of contours needs to be drawn; one a public region, in the same order. */
typedef struct rs_outline {
    rs_contour *contours;
    int n_contours, contours_capacity;
    double plane_distance_mm; /* median between neighbouring planes; 0: one plane */
    double centre_lps_mm[3];  /* centroid of the area of all planes */
    const char *frame_uid;    /* frame of reference that the region names; NULL or "": those of the file */
} rs_outline;

/* UIDs of one kind that a file of regions names, sorted, each once; found: which of them the study holds. */
typedef struct rs_named {
    const char **uid;
    bool *found;
    int n, n_found;
} rs_named;

/* Where a frame of a SEG lies on the grid of its file. */
typedef struct rs_mask_frame {
    int32_t region, k; /* region -1: of all (label map) */
} rs_mask_frame;

struct rs_masks {
    rs_context *ctx;
    rs_arena *arena;  /* owns everything here, this struct too */
    const char *path; /* borrowed; of use while the file is opened */
    rs_masks_kind kind;
    rs_mask_region *regions;
    rs_outline *outlines;
    int n_regions, regions_capacity, outlines_capacity;
    rs_notes notes;
    rs_named named_frames, named_series, named_images; /* frames of reference, series, images */
    bool has_grid;
    rs_geometry grid;
    const rs_mask_frame *frames; /* SEG: no two at one place; NULL: frame k is slice k */
    int32_t n_frames;
    const uint8_t *bits;  /* SEG: pixel p of frame f is bit f * rows * columns + p, the lowest bit of a byte first */
    const int16_t *label; /* LABELMAP, volume: what stands for the number of the region, frame by frame; NULL: bits */
    rs_dicom_file *file;
    rs_volume volume; /* owner of label */
};

/* Adds a region and its outline. RS_OK; RS_NO_MEMORY */
RS_MUST_USE rs_status rs_masks_push(rs_masks *masks, const rs_mask_region *region, const rs_outline *outline);

RS_MUST_USE rs_status rs_rtstruct_read(rs_masks *masks, const rs_study *study);
RS_MUST_USE rs_status rs_seg_read(rs_masks *masks, const rs_study *study);
RS_MUST_USE rs_status rs_label_volume_read(rs_masks *masks, const char *path);

/* --- references ----------------------------------------------------------------------------------------------------
 */

/* The same as they come. */
typedef struct rs_references {
    const char **frames, **series, **instances; /* frames of reference, series, images */
    int n_frames, n_series, n_instances, frames_capacity, series_capacity, instances_capacity;
} rs_references;

/* Adds the UID of an element to a list, once ("" is passed over). RS_OK; RS_NO_MEMORY */
RS_MUST_USE rs_status rs_references_add(rs_masks *masks, const rs_dicom_item *item, uint32_t tag, const char ***list,
                                        int *n, int *capacity);

/**
 * Holds the references against the images of the study, and keeps them for rs_masks_check_series.
 *
 * returns  RS_OK with notes (images that are not there; only the frame of reference fits; no reference at all);
 *          RS_DATA (nothing of what is named is in the study), naming UIDs; RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_references_check(rs_masks *masks, const rs_references *references, const rs_study *study);

/* --- geometry of contours ------------------------------------------------------------------------------------------
 */

static inline double rs_dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/* Order of doubles, for qsort. */
int rs_by_value(const void *a, const void *b);

/* The area of a closed polygon as a vector: half the sum of cross products (Newell). */
void rs_contour_normal(const double (*corner)[3], int32_t n, double out[3]);

/** Leaves the first of contours that are the same in every corner. RS_OK; RS_NO_MEMORY */
RS_MUST_USE rs_status rs_outline_drop_twins(rs_masks *masks, rs_outline *outline, int32_t *n_dropped);

/**
 * Area of all contours, those nested an odd number of times counted as holes, times the distance of their planes.
 *
 * outline  plane_distance_mm and centre_lps_mm are set; name: of the region, for the sentence of a failure
 * returns  RS_OK; RS_DATA (so many contours in one plane that no hand drew them); RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_outline_measure(rs_masks *masks, rs_outline *outline, const char *name, double *volume_mm3);

/* --- drawing -------------------------------------------------------------------------------------------------------
 */

RS_MUST_USE rs_status rs_draw_contours(rs_context *ctx, const rs_outline *outline, const char *name, rs_arena *arena,
                                       rs_mask *mask);
RS_MUST_USE rs_status rs_draw_grid(rs_context *ctx, const rs_masks *masks, int index, rs_arena *arena, rs_mask *mask);

#endif
