/* One candidate a place; private to the room (science C6.5). */
#ifndef DETECT_MERGE_H
#define DETECT_MERGE_H

#include "restage/context.h"
#include "restage/detector.h"

/**
 * Candidates sorted by falling score: each swallows the later ones whose centre lies within `share` of the smaller of
 * both radii. The others move up, in their order.
 *
 * returns  RS_OK; RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_candidates_merge(rs_context *ctx, rs_candidates *candidates, double share);

/** Sorts by falling score; equal ones by slice, row, column, scale. */
void rs_candidates_sort(rs_candidates *candidates);

/** Sorts by falling P, then as rs_candidates_sort: the order that leaves the station. */
void rs_candidates_rank(rs_candidates *candidates);

#endif
