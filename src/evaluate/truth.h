/* What the readers of truths share: which series a UID is among the images, and how a finding enters the ledger. */
#ifndef EVALUATE_TRUTH_H
#define EVALUATE_TRUTH_H

#include "restage/json.h"
#include "room.h"

/** Can positions be taken from this series? */
bool rs_truth_has_grid(const rs_series *series);

/** Series n of the images that has a grid, over all studies; NULL behind the last. */
const rs_series *rs_truth_series_at(const rs_truth_images *images, int n);

/** The series of a UID that has a grid; NULL: it is not among the images. */
const rs_series *rs_truth_series_of(const rs_truth_images *images, const char *uid);

/**
 * The scan of a truth: in the ledger, named by a truth (unless it is read as irrelevant), with the slice thickness that
 * its images say.
 */
RS_MUST_USE rs_status rs_truth_scan(rs_context *ctx, const rs_truth_args *args, rs_ledger *ledger, const char *uid,
                                    int *scan);

/**
 * Adds a finding as the truth has it. Irrelevant become all of a file of --irrelevant, and those whose centre no image
 * of the series shows (*beyond counts them): no detector could find them, and a mark on what is seen of one is not
 * false. One without a place is left out and counted (ledger->unusable); what has no usable diameter is the ledger's
 * business.
 */
RS_MUST_USE rs_status rs_truth_add(rs_context *ctx, const rs_truth_args *args, rs_ledger *ledger,
                                   const rs_finding *finding, int *beyond);

/** Notes what rs_truth_add counted; nothing for 0. */
RS_MUST_USE rs_status rs_truth_tell_beyond(rs_context *ctx, rs_ledger *ledger, int beyond);

/** Diameter of the sphere of this volume. */
double rs_truth_equivalent_mm(double volume_mm3);

/** Three numbers of a JSON array; false for anything else. */
bool rs_truth_vector(const rs_json *array, double out[3]);

/** A number of an object; NaN where it has none of this name. */
double rs_truth_real(const rs_json *object, const char *key);

/** Copy of a text of an object in the ledger's arena; NULL where it has none, or memory is lacking. */
const char *rs_truth_text(rs_ledger *ledger, const rs_json *object, const char *key);

/** Reads a JSON file of at most 1 MiB; end it with rs_json_free. */
RS_MUST_USE rs_status rs_truth_json_read(rs_context *ctx, const char *path, rs_json **out);

#endif
