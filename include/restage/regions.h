/* The regions of one organ in one volume: a label a voxel, and what was found of each. */
#ifndef RESTAGE_REGIONS_H
#define RESTAGE_REGIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "restage/note.h"
#include "restage/volume.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum rs_side {
    RS_SIDE_UNKNOWN = 0, /* "null" in the report: silent, or anatomy and orientation disagree */
    RS_SIDE_LEFT,
    RS_SIDE_RIGHT,
    RS_SIDE_NONE /* an organ without sides */
} rs_side;

typedef enum rs_side_basis {
    RS_SIDE_BASIS_UNKNOWN = 0,
    RS_SIDE_BASIS_ANATOMY_AND_ORIENTATION,
    RS_SIDE_BASIS_ORIENTATION
} rs_side_basis;

typedef enum rs_assessed {
    RS_ASSESSED_UNKNOWN = 0,
    RS_ASSESSED,        /* wholly searched */
    RS_ASSESSED_PARTLY, /* searched but for a stated volume and reason */
    RS_NOT_ASSESSED
} rs_assessed;

typedef enum rs_role {
    RS_ROLE_UNKNOWN = 0,
    RS_ROLE_BODY,   /* context only */
    RS_ROLE_SEARCH, /* searched for lesions: a row of organs[] */
    RS_ROLE_AIRWAY  /* gas inside the organ that is not searched */
} rs_role;

#define RS_REGIONS_MAX 15

/* Slices begin … end - 1 of the volume that no image shows. */
typedef struct rs_unseen {
    int32_t begin, end;
} rs_unseen;

typedef struct rs_region {
    const char *name; /* "lung", "trachea", "body" */
    rs_role role;
    rs_side side;
    rs_side_basis side_basis;
    rs_assessed state;  /* for RS_ROLE_SEARCH */
    const char *reason; /* why not wholly assessed; NULL when assessed */
    double volume_ml;   /* of the organ, as far as the image shows it */
    double searched_ml;
    int32_t begin[3], end[3]; /* box around its voxels; empty: begin = end = 0 */
} rs_region;

/* labels: one byte a voxel, columns fastest, 0 outside every region, r + 1 inside region r; a voxel lies in the
   innermost region (lung before body). A region that was not found has no voxel. All are listed, found or not. */
typedef struct rs_regions {
    rs_geometry geometry; /* that of the volume */
    uint8_t *labels;
    rs_block block; /* owner of the labels */
    rs_region region[RS_REGIONS_MAX];
    int n;
    const rs_unseen *unseen; /* by rising slice; no label stands there */
    int n_unseen;
    rs_notes notes;
} rs_regions;

/**
 * Takes a block for the labels, all 0.
 *
 * out      end it with rs_regions_free
 * returns  RS_OK; RS_NO_MEMORY
 */
RS_API RS_MUST_USE rs_status rs_regions_new(struct rs_context *ctx, const rs_geometry *geometry, rs_regions *out);
RS_API void rs_regions_free(struct rs_context *ctx, rs_regions *regions);

/**
 * Takes slices that no image shows out of every region: labels become 0, the box of a region shrinks along the normal,
 * and a region that is searched loses their volume from searched_ml (volume_ml keeps it: the organ goes on there) and
 * is partly assessed, or not at all where nothing is left. Partly assessed, too, is a region on both sides of such
 * slices without a label in them.
 *
 * unseen   n of them by rising slice, inside the volume; they live as long as the regions
 * why      what is missing and where, "2 slices are missing between …"; the reason continues it
 * arena    for the reasons
 * returns  RS_OK; RS_NO_MEMORY
 */
RS_API RS_MUST_USE rs_status rs_regions_leave_out(struct rs_context *ctx, rs_regions *regions, const rs_unseen *unseen,
                                                  int n, const char *why, rs_arena *arena);

/**
 * Slices are missing before the first (high: behind the last) of the volume: a region that is searched and comes within
 * 10 mm of that end is partly assessed. What lies beyond is not known, and no volume changes.
 *
 * open     before the first, behind the last
 * why      what is missing and where; the reason continues it
 * returns  RS_OK; RS_NO_MEMORY
 */
RS_API RS_MUST_USE rs_status rs_regions_open_end(struct rs_context *ctx, rs_regions *regions, const bool open[2],
                                                 const char *why, rs_arena *arena);

/** The slices around slice k that images show without a break, begin … end - 1; the whole volume where k itself is not
    shown. */
RS_API rs_unseen rs_regions_seen_around(const rs_regions *regions, int32_t k);

/** Is slice k shown by an image? */
RS_API bool rs_regions_is_seen(const rs_regions *regions, int32_t k);

/** Region of a voxel (index into region[]), -1 outside every region or outside the image. */
RS_API int rs_regions_at(const rs_regions *regions, int32_t i, int32_t j, int32_t k);

/** table[label] is 1 for labels of regions that are searched, else 0; 256 entries. */
RS_API void rs_regions_search_table(const rs_regions *regions, uint8_t table[256]);

/** Box around everything that is searched; false where nothing is. */
RS_API bool rs_regions_search_box(const rs_regions *regions, int32_t begin[3], int32_t end[3]);

/** "left", "right", or NULL. "assessed", "partly", "not_assessed". Static. */
RS_API const char *rs_side_name(rs_side side);
RS_API const char *rs_side_basis_name(rs_side_basis basis);
RS_API const char *rs_assessed_name(rs_assessed state);

#ifdef __cplusplus
}
#endif
#endif
