/* Lesions that the ladder of scales does not reach: large bodies of tissue; private to the room (science C1.4). */
#ifndef DETECT_MASS_H
#define DETECT_MASS_H

#include "job.h"

/**
 * Appends a candidate (RS_ORIGIN_MASS) for every large body of tissue in what is searched, and leaves one candidate a
 * body: the one of the highest P, be it the mass or a maximum of the filter within it.
 *
 * candidates  the maxima, scored; may grow in `arena`; their P is set
 * returns     RS_OK; RS_NO_MEMORY; RS_CANCELLED
 */
RS_MUST_USE rs_status rs_masses_add(rs_context *ctx, const rs_detect_job *job, rs_arena *arena,
                                    rs_candidates *candidates);

#endif
