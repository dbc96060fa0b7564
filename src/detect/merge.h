/* One candidate a place; private to the room (science C6.5). */
#ifndef DETECT_MERGE_H
#define DETECT_MERGE_H

#include "restage/context.h"
#include "restage/detector.h"
#include "search.h"

typedef struct rs_hits_merge_wish {
    const rs_scales *scales;
    double spacing_mm[3], psf_sigma_mm;
    double share;
} rs_hits_merge_wish;

/**
 * The stronger answer first, each hit swallows the later ones whose centre lies within `share` of the smaller of both
 * radii (science C6.5); those that are left keep their order.
 *
 * returns  RS_OK; RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_hits_merge(rs_context *ctx, rs_hits *hits, const rs_hits_merge_wish *wish);

/**
 * Candidates sorted by falling score: of the best `n_best` each takes the place of the later ones whose centre and its
 * own lie within `share` of the larger of both radii, so that a lesion stands in the list once, whatever scales have a
 * maximum in it. The others move up, in their order; share 0 leaves all.
 */
void rs_candidates_part(rs_candidates *candidates, int n_best, double share);

/** Sorts by falling score; equal ones by slice, row, column, scale. */
void rs_candidates_sort(rs_candidates *candidates);

/** Sorts by falling P, then as rs_candidates_sort: the order that leaves the station. */
void rs_candidates_rank(rs_candidates *candidates);

#endif
