/* Places that a person points at; private to the room. */
#ifndef DETECT_POINT_H
#define DETECT_POINT_H

#include "job.h"

/**
 * Makes every place of the wish a pointed candidate: the nearest of the list within reach of the place (the candidate's
 * radius, at least half a voxel's diagonal, at most 3 mm), else a new one behind all (RS_ORIGIN_POINT): the nearest
 * answer of the filter within reach, or the place itself with the radius that answers best there. Places outside the
 * image are passed over with a note; a note also tells of two places in one candidate.
 *
 * candidates  sorted, P set; may grow, in the job's arena
 * returns     RS_OK; RS_NO_MEMORY; RS_CANCELLED
 */
RS_MUST_USE rs_status rs_points_take(rs_context *ctx, const rs_detect_job *job, rs_candidates *candidates);

#endif
