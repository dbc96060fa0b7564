/* Volumes as files that are not DICOM. One row of formats.def a format. */
#ifndef RESTAGE_FORMATS_H
#define RESTAGE_FORMATS_H

#include <stdbool.h>

#include "restage/volume.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Writes a volume in the format that the file name's ending asks for (.nii, .mha, .mhd + .raw, .tif), whole or not at
 * all, with its slope and offset.
 *
 * force    replaces an existing file
 * returns  RS_OK; RS_USAGE (ending unknown; names those known); RS_DATA (more voxels along an axis than the format can
 *          say); RS_CANT_CREATE (exists and not force; not writable); RS_IO; RS_NO_MEMORY
 */
RS_API RS_MUST_USE rs_status rs_format_write(struct rs_context *ctx, const rs_volume *volume, const char *path,
                                             bool force);

/**
 * Refuses, before any work is done, a name that rs_format_write would refuse.
 *
 * returns  RS_OK; RS_USAGE (ending unknown; names those known); RS_CANT_CREATE (exists and not force)
 */
RS_API RS_MUST_USE rs_status rs_format_check(struct rs_context *ctx, const char *path, bool force);

/** The endings that rs_format_write knows, separated by blanks; static. */
RS_API const char *rs_format_endings(void);

#ifdef __cplusplus
}
#endif
#endif
