/* Places that a person points at; private to the room. */
#ifndef DETECT_POINT_H
#define DETECT_POINT_H

#include "job.h"

/**
 * Makes every place of the wish a pointed candidate: one of the list where its sphere holds the place, else a new one
 * behind all (RS_ORIGIN_POINT). Places outside the image are passed over with a note.
 *
 * candidates  sorted, P set; may grow, in the job's arena
 * returns     RS_OK; RS_NO_MEMORY; RS_CANCELLED
 */
RS_MUST_USE rs_status rs_points_take(rs_context *ctx, const rs_detect_job *job, rs_candidates *candidates);

#endif
