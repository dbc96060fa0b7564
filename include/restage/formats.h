/* Volumes as files that are not DICOM. One row of formats.def a format. */
#ifndef RESTAGE_FORMATS_H
#define RESTAGE_FORMATS_H

#include <stdbool.h>

#include "restage/note.h"
#include "restage/volume.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What is written besides the voxels. */
typedef struct rs_format_options {
    bool force;         /* replaces an existing file */
    bool unknown_pitch; /* a single slice: the spacing along k is no measurement, and the file says so */
    bool unknown_place; /* directions and origin are no facts, and the file says so (NIfTI: no form is set) */
    bool labels;        /* voxels are labels of regions, 0 … 255 */
} rs_format_options;

/**
 * Writes volumes in the format that the file name's ending asks for (.nii, .nii.gz, .mha, .mhd + .raw, .nrrd, .tif),
 * whole or not at all, with slope and offset.
 *
 * options  NULL: none set
 * volumes  n of them on one grid; more than one become the fourth axis of the file
 * returns  RS_OK; RS_USAGE (ending unknown, names those known; a format without a fourth axis); RS_DATA (more voxels
 *          along an axis than the format can say; slopes that differ); RS_CANT_CREATE (exists and not force; not
 *          writable); RS_IO; RS_NO_MEMORY
 */
RS_API RS_MUST_USE rs_status rs_format_write(struct rs_context *ctx, const rs_volume *volumes, int n, const char *path,
                                             const rs_format_options *options);

/**
 * Refuses, before any work is done, a name that rs_format_write would refuse.
 *
 * returns  RS_OK; RS_USAGE (ending unknown; names those known); RS_CANT_CREATE (exists and not force)
 */
RS_API RS_MUST_USE rs_status rs_format_check(struct rs_context *ctx, const char *path, bool force);

/** Does the format of this ending hold a fourth axis? False for unknown endings, too. */
RS_API bool rs_format_has_time(const char *path);

/** The endings that rs_format_write knows, separated by blanks; static. */
RS_API const char *rs_format_endings(void);

/* What a volume file says of itself. */
typedef struct rs_format_head {
    rs_geometry geometry; /* of one volume; right-handed (axis[2] = axis[0] x axis[1]): one axis is turned if need be */
    int32_t n_volumes;    /* fourth axis; 1 where there is none */
    const char *type;     /* "int16", "float32", … */
    double slope, offset; /* of the file's values; 1 and 0 where it has none */
    const char *basis;    /* where the directions come from: "sform", "qform", "TransformMatrix", "space directions" */
    const char *data_file; /* path of the voxels where they lie in a file of their own; NULL: in the same */
    rs_notes notes;        /* sform and qform that differ, no direction given, … */
} rs_format_head;

/** Does the ending name a format that can be read? */
RS_API bool rs_format_reads(const char *path);

/**
 * Reads the head of a volume file. The data file of .mhd and detached .nhdr is opened only beside it.
 *
 * arena    for the texts
 * returns  RS_OK; RS_NO_INPUT (not there); RS_DATA (no such format, damaged, sizes that lie, a grid that is not
 *          orthogonal); RS_IO; RS_NO_MEMORY
 */
RS_API RS_MUST_USE rs_status rs_format_read_head(struct rs_context *ctx, const char *path, rs_arena *arena,
                                                 rs_format_head *out);

/**
 * Reads one volume (0 … n_volumes - 1) as int16 with slope and offset: exact where the values are whole and fit, else
 * in steps that round by at most half a step (rounding says how much; 0: exact).
 *
 * out      end it with rs_volume_free
 * returns  as rs_format_read_head; RS_DATA also for values that are not finite or that 16 bits do not hold
 */
RS_API RS_MUST_USE rs_status rs_format_read(struct rs_context *ctx, const char *path, int32_t index, rs_arena *arena,
                                            rs_volume *out, double *rounding, rs_notes *notes);

#ifdef __cplusplus
}
#endif
#endif
