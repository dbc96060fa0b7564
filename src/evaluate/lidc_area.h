/* Pixels inside a contour of LIDC. */
#ifndef EVALUATE_LIDC_AREA_H
#define EVALUATE_LIDC_AREA_H

#include "lidc.h"

typedef struct rs_lidc_area {
    int64_t n;     /* pixels strictly inside */
    double sum[2]; /* of their columns and rows */
} rs_lidc_area;

/**
 * Pixels whose centre is within the polygon through the contour's pixels, by the even-odd rule, those on it left out.
 *
 * work     in and out: what the contours of this file cost so far
 * returns  RS_OK; RS_DATA (so much that no hand drew it); RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_lidc_area_of(rs_context *ctx, const rs_lidc_contour *contour, int64_t *work,
                                      rs_lidc_area *out);

#endif
