/* Looking at places: size, curvature, features and score of a candidate; private to the room (science C6). */
#ifndef DETECT_LOOK_H
#define DETECT_LOOK_H

#include "job.h"

/** A candidate of a maximum: place, size, curvature by few rays, score. */
void rs_look_at_hit(const rs_detect_job *job, const rs_hit *hit, rs_candidate *out);

/** The same for many on all workers; out has room for hits->n. */
RS_MUST_USE rs_status rs_look_at_hits(rs_context *ctx, const rs_detect_job *job, const rs_hits *hits,
                                      rs_candidate *out);

typedef enum rs_look_effect {
    RS_LOOK_RESCORE, /* the score follows the better e3/e1 */
    RS_LOOK_KEEP     /* features only */
} rs_look_effect;

/** The whole ray table for `n` candidates on all workers. */
RS_MUST_USE rs_status rs_look_closely(rs_context *ctx, const rs_detect_job *job, rs_candidate *items, int n,
                                      rs_look_effect effect);

/* What the filter answers at one place and scale. */
typedef struct rs_answer {
    double response_hu, rho; /* as in rs_hit */
} rs_answer;

/** What the filter of that scale answers to its matched sphere of contrast 1 (science C2.2). */
double rs_look_rho(const rs_detect_job *job, double sigma_mm);

/** The score of science C6.2, which needs no network: log_hu x rho^2 x max(e3_e1, 0.05). */
double rs_look_plain_score(const rs_detect_job *job, const rs_candidate *candidate);

/** Answer at a place (voxels, fractional) that need be no maximum, from samples half a sigma apart. */
rs_answer rs_look_answer(const rs_detect_job *job, const double index[3], double sigma_mm);

/** Scale whose matched sphere has that radius; at least the smallest of the ladder. */
double rs_look_scale_mm(const rs_detect_job *job, double radius_mm);

/** Radius of the sphere at a place by the scale of the ladder that answers best there. */
double rs_look_radius_mm(const rs_detect_job *job, const double index[3]);

/**
 * Completes candidates of somebody else on all workers: scale, origin, score where it is 0, and features that are NaN
 * or all 0. Place, region and radius_mm are set. Of more than detect_full_features all have those that every candidate
 * has (log_hu, ln_scale, e3_e1, e2_e1), and none the others yet.
 */
RS_MUST_USE rs_status rs_look_complete(rs_context *ctx, const rs_detect_job *job, rs_candidate *items, int n);

#endif
