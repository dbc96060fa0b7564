/* The researchers' seam: what somebody else found or ranked, made whole; private to the room. */
#ifndef DETECT_SEAM_H
#define DETECT_SEAM_H

#include "job.h"

/** Candidates of wish->detector->find, completed; in the job's arena. What find fails with, else as rs_detect. */
RS_MUST_USE rs_status rs_seam_find(rs_context *ctx, const rs_detect_job *job, rs_candidates *out);

/** Lets wish->detector->rank set P, and checks it. What rank fails with; RS_USAGE for a P or score that is none. */
RS_MUST_USE rs_status rs_seam_rank(rs_context *ctx, const rs_detect_job *job, rs_candidates *candidates);

#endif
