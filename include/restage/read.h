/* One series to one volume. */
#ifndef RESTAGE_READ_H
#define RESTAGE_READ_H

#include "restage/regions.h"
#include "restage/study.h"
#include "restage/volume.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What was done to the pixels on the way, for report.json's source. */
typedef struct rs_read_facts {
    const char *resampled;   /* sentence, or NULL: the voxels are the scanner's */
    int64_t padded_voxels;   /* set to the padding value of the volume */
    double rounding;         /* largest rounding by a common slope, in units of the value; 0: exact */
    const rs_unseen *unseen; /* by rising slice: those of the volume that no image shows (allow_partial) */
    int n_unseen;
    const char *lost; /* "1 slice cannot be read: …"; NULL: all that there are could be */
    rs_notes notes;
} rs_read_facts;

/**
 * Decodes all slices of a series, on all threads, into an int16 volume (HU for CT: slope 1, offset 0 where exact).
 * Padding and what lies outside the reconstruction circle of a CT become -1024 HU.
 *
 * series   verdict GOOD, MENDED or FEW with at least 1 slice
 * arena    for the texts of facts
 * out      end it with rs_volume_free; facts may be NULL
 * returns  RS_OK; RS_DATA (a slice that cannot be decoded, with its number, or more than half of them where the study
 * was opened with allow_partial; values that do not fit); RS_IO;
 * RS_NO_MEMORY; RS_CANCELLED
 */
RS_API RS_MUST_USE rs_status rs_read_volume(struct rs_context *ctx, const rs_series *series, rs_arena *arena,
                                            rs_volume *out, rs_read_facts *facts);

#ifdef __cplusplus
}
#endif
#endif
