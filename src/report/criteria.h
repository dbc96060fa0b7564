/* The rows of the board's page: what each answers, from the report as far as it is built. */
#ifndef REPORT_CRITERIA_H
#define REPORT_CRITERIA_H

#include "builder.h"

enum { RS_FIGURES_MAX = 20, RS_LISTED_MARKS = 12 };

/* Evidence of one row; all NULL and none where this scan says nothing. */
typedef struct rs_answer {
    const char *evidence, *brief; /* brief: at most twelve words */
    rs_report_figure numbers[RS_FIGURES_MAX];
    int n_numbers;
} rs_answer;

#define X(id, informative, from_organs, blank, question, source) void rs_answer_##id(rs_builder *b, rs_answer *answer);
#include "criteria.def"
#undef X

/** Adds a number; NaN: null. */
void rs_answer_figure(rs_answer *answer, const char *name, double value);

/** "head" + joint + "part"; part alone where there is no head yet, head alone where there is no part. */
const char *rs_answer_join(rs_builder *b, const char *head, const char *joint, const char *part);

/** Names of the organs in a state ("left lung, right lung"); NULL: none. */
const char *rs_answer_organs(rs_builder *b, const char *state);

/** "Assessed: left lung. Partly assessed: right lung", without the reasons, which organs[] give. */
const char *rs_answer_assessed(rs_builder *b);

/** "left lung". */
const char *rs_answer_organ(rs_builder *b, const rs_report_organ *organ);

/** True where something was searched, or a person pointed at a place. */
bool rs_answer_has_work(const rs_builder *b);

/** "1 mark", "4 marks". */
const char *rs_answer_count(rs_builder *b, int n, const char *one);

/** blanks[], in the order of blanks.def. */
void rs_build_blanks(rs_builder *b);

#endif
