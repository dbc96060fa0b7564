/* One candidate a place; private to the room (science C6.5). */
#ifndef DETECT_MERGE_H
#define DETECT_MERGE_H

#include "restage/context.h"
#include "restage/detector.h"
#include "search.h"

/**
 * Candidates sorted by falling score: each swallows the later ones whose centre lies within `share` of the smaller of
 * both radii. The others move up, in their order.
 *
 * returns  RS_OK; RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_candidates_merge(rs_context *ctx, rs_candidates *candidates, double share);

typedef struct rs_hits_merge_wish {
    const rs_scales *scales;
    double spacing_mm[3], psf_sigma_mm;
    double share;
} rs_hits_merge_wish;

/**
 * The same for hits, the stronger response first; those that are left keep their order.
 *
 * returns  RS_OK; RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_hits_merge(rs_context *ctx, rs_hits *hits, const rs_hits_merge_wish *wish);

/** Sorts by falling score; equal ones by slice, row, column, scale. */
void rs_candidates_sort(rs_candidates *candidates);

/** Sorts by falling P, then as rs_candidates_sort: the order that leaves the station. */
void rs_candidates_rank(rs_candidates *candidates);

#endif
