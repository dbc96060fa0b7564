/* Which series serves which organ (contract 9). */
#ifndef PIPELINE_CHOOSE_H
#define PIPELINE_CHOOSE_H

#include "organs/organs.h"
#include "report/build.h"
#include "restage/study.h"

/* The series of one study. */
typedef struct rs_series_list {
    const rs_series *const *items;
    int n;
} rs_series_list;

/* One row of the organ table and the series it is searched in. */
typedef struct rs_pick {
    const rs_organ *organ;
    const rs_series *series; /* NULL: none serves it */
    const char *reason;      /* why none; NULL where there is one */
} rs_pick;

typedef struct rs_chosen {
    rs_report_choice *choices; /* one a series */
    rs_pick *picks;            /* one an organ */
    int n_picks;
} rs_chosen;

/**
 * Asks every row of the organ table about every series of a study.
 *
 * series_uid  only this one may serve; NULL: the best one
 * out         texts in the arena
 * returns     RS_OK (also where nothing serves any organ); RS_NO_INPUT (every series set aside, naming them; series_uid
 * is not there); RS_DATA (nothing left after refusals, with their reasons); RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_choose(rs_context *ctx, const rs_series_list *study, const char *series_uid, rs_arena *arena,
                                rs_chosen *out);

/** Does a series serve an organ? As rs_suits, with the verdict on its geometry asked first. */
RS_MUST_USE rs_status rs_choose_suits(rs_context *ctx, const rs_organ *organ, const rs_series *series, rs_arena *arena,
                                      rs_suits *out);

/** What an MR series is, from its attributes: "T2-weighted turbo spin echo (TE 101 ms, TR 5660 ms)"; NULL for others.
 */
const char *rs_sequence_name(const rs_series *series, rs_arena *arena);

/** Which protocol an MR series could serve one day, by body part and sequence: "prostate T2"; NULL: not known. */
const char *rs_sequence_protocol(const rs_series *series, rs_arena *arena);

#endif
