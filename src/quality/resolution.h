/* Resolution from the fitted edges of the lung; private to the room. */
#ifndef QUALITY_RESOLUTION_H
#define QUALITY_RESOLUTION_H

#include "edges.h"
#include "restage/quality.h"

/**
 * FWHM in plane and along the normal from the edges' widths by direction, with their errors and the text how found;
 * leaves out as it is where there are too few good points.
 *
 * out      thickness_mm is read; psf, psf_error, psf_basis, psf_measured, axial_measured (with 20 steep places and
 *          more), n_edge_points
 * arena    for the text; the calling worker's scratch is used and not rewound
 * returns  RS_OK; RS_NO_MEMORY
 * source   science D1.3, D1.4
 */
RS_MUST_USE rs_status rs_resolution_from_edges(rs_context *ctx, const rs_edges *edges, const rs_quality_params *params,
                                               rs_arena *arena, rs_quality *out);

#endif
