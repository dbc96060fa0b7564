/* Noise of a scan from small windows; private to the room. */
#ifndef QUALITY_NOISE_H
#define QUALITY_NOISE_H

#include "params.h"
#include "restage/quality.h"

/**
 * Fills noise_hu, noise_error, noise_basis, n_noise_windows, autocorrelation and autocorrelation_axial; a note
 * "noise_not_found" where there are too few windows (then the numbers are NaN).
 *
 * returns  RS_OK; RS_NO_MEMORY; RS_CANCELLED
 * source   science D1.1, D1.2
 */
RS_MUST_USE rs_status rs_noise_measure(struct rs_context *ctx, const rs_volume *volume, const rs_regions *regions,
                                       const rs_quality_params *params, rs_arena *arena, rs_quality *out);

#endif
