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
 *
 * plain    NULL, or a value of each of the best: of those of a place whose score is at most `margin` below its best the
 *          one of the greatest value stands for it, with the score and the logits of the best. Networks find a lesion
 *          from any scale; its centre and radius are those of the sphere that fits.
 */
typedef struct rs_part_wish {
    int n_best;
    double share, margin;
    double *plain; /* moved along with the candidates */
} rs_part_wish;
void rs_candidates_part(rs_candidates *candidates, const rs_part_wish *wish);

/** Sorts by falling score; equal ones by slice, row, column, scale. */
void rs_candidates_sort(rs_candidates *candidates);

/** Sorts by falling P, then as rs_candidates_sort: the order that leaves the station. */
void rs_candidates_rank(rs_candidates *candidates);

#endif
