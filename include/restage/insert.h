/* Synthetic lesions blended into a real series (science D2): a third kind of truth, for ranking against real clutter.
 */
#ifndef RESTAGE_INSERT_H
#define RESTAGE_INSERT_H

#include <stdbool.h>
#include <stdint.h>

#include "restage/context.h"
#include "restage/quality.h"
#include "restage/regions.h"
#include "restage/study.h"
#include "restage/volume.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The scan that lesions are blended into, as the line left it behind its station quality; borrowed. */
typedef struct rs_insert_input {
    const rs_series *series; /* of DICOM images: a volume file has no headers to go by */
    const rs_volume *volume;
    const rs_regions *regions;
    const rs_quality *quality;
} rs_insert_input;

/* How many lesions were asked for and found a place; of the library, how many nodules there were to draw from. */
typedef struct rs_insert_counts {
    int32_t asked, lesions, nodules;
} rs_insert_counts;

typedef struct rs_insert_options {
    uint64_t seed;
    int32_t n_lesions;              /* 0: 60, to 200; fewer where no place is left with 14 mm between surfaces */
    double smallest_mm, largest_mm; /* of equal volume, of cut-outs the effective one; 0: 2 and 10; 1.5 to 30 */
    /* Shares of the lesions that are aimed at a vessel and at the wall; NaN: wherever they fall (science D2.2). What
       they touch is measured afterwards and recorded. */
    double vessel_share, wall_share;
    /* Folder with cutouts.csv, image/, mask/: real nodules beside those by formula; NULL: none. Those within the bounds
       are drawn evenly, none again before all were. */
    const char *library;
    double library_share; /* of the lesions that come from there; 0: all where library is given */
    const char *patients; /* file with patients of the library, one a line, to which it is limited; NULL: all */
    const char *ignore;   /* file with the real lesions of the scan (annotations.json, LUNA16 CSV): nothing is put on
                             them, and truth.json lists them as neither true nor false; NULL: none is known */
    bool force;
    rs_insert_counts *counts; /* filled; NULL: not wanted */
} rs_insert_options;

/**
 * Writes the series with its lesions as DICOM, a file a slice, and truth.json, into a new folder; the same bytes by
 * input and options. New UIDs, ImageType DERIVED, "SYNTHETIC" in the series description; nothing that names the
 * patient.
 *
 * returns  RS_OK; RS_USAGE (options out of range); RS_NO_INPUT, RS_DATA (library, patients or ignore cannot be read; a
 *          volume file; a scan that is an insertion already; nothing is searched in the scan); RS_CANT_CREATE; RS_IO;
 * RS_NO_MEMORY; RS_CANCELLED
 */
RS_API RS_MUST_USE rs_status rs_insert_write(rs_context *ctx, const rs_insert_input *input, const char *out,
                                             const rs_insert_options *options);

#ifdef __cplusplus
}
#endif
#endif
