/* Regions that somebody drew: RTSTRUCT contours, SEG frames, label volumes; as masks on the grid of a volume. */
#ifndef RESTAGE_MASKS_H
#define RESTAGE_MASKS_H

#include <stdbool.h>
#include <stdint.h>

#include "restage/context.h"
#include "restage/note.h"
#include "restage/study.h"
#include "restage/volume.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum rs_masks_kind {
    RS_MASKS_UNKNOWN = 0,
    RS_MASKS_RTSTRUCT,
    RS_MASKS_SEG,
    RS_MASKS_VOLUME /* MetaImage, NIfTI, NRRD: each label above 0 is a region */
} rs_masks_kind;

/* One region as it stands in its file. */
typedef struct rs_mask_region {
    int32_t number;     /* ROINumber, SegmentNumber, label value */
    const char *name;   /* ROIName, SegmentLabel; "label 1" for a volume */
    int64_t voxels;     /* on the file's own grid; -1: contours have none */
    double volume_mm3;  /* SEG, volume: voxels x voxel; RTSTRUCT: area of the polygons, those within an odd number of
                           others taken away, x median distance of their planes; 0: one plane, no thickness is known */
    int32_t n_contours; /* RTSTRUCT: closed planar contours that are drawn */
    int32_t n_left_out; /* RTSTRUCT: points, lines, crumbs below 0.05 mm2, repetitions; told in the notes */
    double centre_lps_mm[3]; /* RTSTRUCT: centroid of the area of its polygons; NaN: another kind, or no area */
} rs_mask_region;

typedef struct rs_masks rs_masks;

/**
 * Opens a file of regions: checks it, lists them, draws nothing.
 *
 * study    the images that it speaks of, or NULL: references are not checked then
 * returns  RS_OK; RS_NO_INPUT (no such file; no region in it); RS_DATA (no such kind of file; a fractional SEG; its
 *          references name images that are not in the study, by name); RS_IO; RS_NO_MEMORY
 * out      end it with rs_masks_close
 */
RS_API RS_MUST_USE rs_status rs_masks_open(rs_context *ctx, const char *path, const rs_study *study, rs_masks **out);
RS_API void rs_masks_close(rs_masks *masks);

RS_API rs_masks_kind rs_masks_kind_of(const rs_masks *masks);

/** Number of regions, and each in the order of the file; borrowed. The region of a note is the name of one of them,
   which the sentence does not say again; NULL: it speaks of the file. */
RS_API int rs_masks_n(const rs_masks *masks);
RS_API const rs_mask_region *rs_masks_region(const rs_masks *masks, int index);
RS_API const rs_notes *rs_masks_notes(const rs_masks *masks);

/** "RTSTRUCT", "SEG", "label volume"; static. */
RS_API const char *rs_masks_kind_name(rs_masks_kind kind);

/**
 * The region that a person means.
 *
 * roi      its name, or its number where no name is the same; NULL: the one there is
 * returns  RS_OK; RS_USAGE (several and no roi; no such region; several of that name), listing what there is
 */
RS_API RS_MUST_USE rs_status rs_masks_find(rs_context *ctx, const rs_masks *masks, const char *roi, int *index);

/**
 * Do the positions of a region hold on a series? Where both name a frame of reference they must be the same: a region
 * drawn on the images of an earlier visit lies elsewhere. A frame that no image of the study has is no obstacle where
 * the file names the images of this series (some writers make one up; rs_masks_notes says it).
 *
 * note     NULL; or a sentence, static: the region was drawn on another series
 * returns  RS_OK; RS_DATA (another frame of reference), naming both
 */
RS_API RS_MUST_USE rs_status rs_masks_check_series(rs_context *ctx, const rs_masks *masks, int index,
                                                   const rs_series *series, const char **note);

/* What a file says of the series that it was drawn on. */
typedef enum rs_masks_likeness {
    RS_MASKS_UNLIKE = 0, /* nothing of it is named */
    RS_MASKS_SAME_FRAME, /* its frame of reference is named, no series or image of it */
    RS_MASKS_NAMED       /* the series, or one of its images, is named */
} rs_masks_likeness;

/** How much of a series the file names; of any study, also one that it was not opened with. */
RS_API rs_masks_likeness rs_masks_likeness_of(const rs_masks *masks, const rs_series *series);

/** SeriesInstanceUID that the file names as the one that it was drawn on; NULL: none, or several. Lives as long as
    masks. */
RS_API const char *rs_masks_series_uid(const rs_masks *masks);

/** The grid that the file itself has (SEG, volume); false for contours. */
RS_API bool rs_masks_grid(const rs_masks *masks, rs_geometry *out);

/* A region on a grid: one byte a voxel, columns fastest, 1 inside. */
typedef struct rs_mask {
    rs_geometry geometry;
    uint8_t *inside;
    rs_block block; /* owner */
    int64_t voxels;
    double volume_mm3;
    rs_notes notes; /* contours beyond the grid, another grid, … */
} rs_mask;

/**
 * Draws a region on a grid.
 *
 * The rule: a voxel is inside where its centre is. Contours: even-odd over all contours of one plane (a contour within
 * another is a hole; a keyhole's channel cancels itself), a centre on an edge belongs to the region on its right and
 * below (half-open, so that neighbours share no voxel); corners are set to 1/4096 of a voxel first. A slice takes the
 * nearest plane within half the median distance of the region's planes, that above where two are as near (one plane:
 * half a slice); other slices stay empty, so that parts which lie apart are not joined. SEG and volumes: the file's
 * voxel that holds the centre.
 *
 * index    of the region; grid: that of the volume
 * arena    for the notes
 * out      end it with rs_mask_free
 * returns  RS_OK (also where nothing reaches the grid: voxels 0); RS_DATA (contours lean against the grid's slices;
 *          spacing not known); RS_NO_MEMORY; RS_CANCELLED
 */
RS_API RS_MUST_USE rs_status rs_masks_draw(rs_context *ctx, const rs_masks *masks, int index, const rs_geometry *grid,
                                           rs_arena *arena, rs_mask *out);
RS_API void rs_mask_free(rs_context *ctx, rs_mask *mask);

#ifdef __cplusplus
}
#endif
#endif
