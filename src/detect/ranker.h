/* Ranking by networks over rays; private to the room (science C6A.3). */
#ifndef DETECT_RANKER_H
#define DETECT_RANKER_H

#include "job.h"

/**
 * Prepares the networks that rank under the job's wish and parameters; none leaves job->n_networks at 0.
 *
 * returns  RS_OK; RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_ranker_open(rs_context *ctx, rs_detect_job *job);

/**
 * Sets the features ray_logit and deep_logit and the score of every candidate but masses: the first network looks at
 * all, the second at the best of them (detect_keep, else what the ranker says), the score is the sum of the logits.
 * What the second never saw ranks behind all that it saw, in the order of the first. Without networks nothing happens.
 *
 * returns  RS_OK; RS_NO_MEMORY; RS_CANCELLED
 */
RS_MUST_USE rs_status rs_ranker_score(rs_context *ctx, const rs_detect_job *job, rs_candidate *items, int n);

/** P of a candidate: of the ranker where it ranks, else by the organ's calibration of its origin. */
double rs_job_probability(const rs_detect_job *job, const rs_candidate *candidate);

#endif
