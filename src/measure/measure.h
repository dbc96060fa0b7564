/* Station measure: sphere fit, segmentation and calipers of every mark. */
#ifndef MEASURE_MEASURE_H
#define MEASURE_MEASURE_H

#include "restage/arena.h"
#include "restage/context.h"
#include "restage/lesion.h"
#include "restage/param.h"

/* What an organ's row says to the measurement (architecture 1.9). */
typedef struct rs_measure_profile {
    double contrast_prior_hu, contrast_prior_sd_hu; /* lesion minus surroundings (science C9.2) */
    double largest_fit_mm;                          /* no sphere fit above (contract 6) */
} rs_measure_profile;

extern const rs_param_table rs_measure_param_table;

/**
 * Measures every mark.
 *
 * out      one lesion a mark, in their order; in the arena
 * returns  RS_OK (a fit that fails is data: NaN with its reason); RS_NO_MEMORY; RS_CANCELLED
 * source   science C8.3, C9 (of C9.8 the floor, not the cones), C10, E1; contract 6
 */
RS_MUST_USE rs_status rs_measure(rs_context *ctx, const rs_volume *volume, const rs_quality *quality,
                                 const rs_regions *regions, const rs_candidates *candidates, const rs_marks *marks,
                                 const rs_measure_profile *profile, const rs_params *params, rs_arena *arena,
                                 rs_lesions *out);

#endif
