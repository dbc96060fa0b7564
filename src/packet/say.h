/* Sentences and facts of the report as text without markup, once for report.html and report.pdf. Stretches that are the
   source's, a reader's, or say that something is missing stand between the marks RS_SAY_... of paper.h. */
#ifndef PACKET_SAY_H
#define PACKET_SAY_H

#include "packet.h"
#include "paper.h"
#include "restage/files.h"

/* A size class of contract 6. */
typedef struct rs_say_class {
    const char *code, *words, *style, *meaning; /* style: of its shapes and words */
} rs_say_class;

/** Row of the class with this code; the last one, "indeterminate", for any other. */
const rs_say_class *rs_say_class_of(const char *code);
/** Row n, NULL behind the last. */
const rs_say_class *rs_say_class_at(int n);

/** A code in words: "part_solid" as "part solid". NULL appends nothing. */
void rs_say_words(rs_buffer *out, const char *code);

/** A number of the report with its unit ("" for none), or that it is not known, and why. */
void rs_say_value(rs_buffer *out, double value, const char *unit, const char *reason);

/** P of a mark in the words of the report, or the reason why there is none. */
void rs_say_p(rs_buffer *out, const rs_report_mark *mark);

/** A text of the source, or of a reader, between its marks; NULL appends nothing. */
void rs_say_source(rs_buffer *out, const char *text);
void rs_say_reader(rs_buffer *out, const char *text);

/** Did a reader say that this mark is not real? */
bool rs_say_not_real(const rs_report_mark *mark);

/** "12", or "k 3" where the slice has no number. */
void rs_say_slice(rs_buffer *out, const rs_report_slice *slice);

/** "left lung", "left". */
void rs_say_organ(rs_buffer *out, const rs_report_organ *organ);
/** "left lung: partly, searched 452.0 ml of 470.1 ml; reason". */
void rs_say_organ_state(rs_buffer *out, const rs_report_organ *organ);

/** "1400 ml of 1500.5 ml". */
void rs_say_searched(rs_buffer *out, const rs_report_organ *organ);
/** d95, or why there is none. */
void rs_say_limit(rs_buffer *out, const rs_report_organ *organ);
/** Series, with number and description. */
void rs_say_series(rs_buffer *out, const rs_report *report);
/** Slices, kernel, noise, resolution in one sentence; nothing where the organs' reason says it already. */
void rs_say_scan(rs_buffer *out, const rs_report *report);
/** "left", "left, LUL". */
void rs_say_row(rs_buffer *out, const rs_report_row *row);
void rs_say_expected(rs_buffer *out, const rs_report *report);
void rs_say_point(rs_buffer *out, const rs_report *report);
void rs_say_parameters(rs_buffer *out, const rs_report *report);
void rs_say_input(rs_buffer *out, const rs_report *report);

/** The blank with this id; NULL: none. Does a question ask for the blank with this id? */
const rs_report_blank *rs_say_blank_of(const rs_report *report, const char *id);
bool rs_say_is_asked(const rs_report *report, const char *id);

/** Line n of what a person stated; false behind the last. */
bool rs_say_context(rs_buffer *out, const rs_report *report, int n);

/* What is known of a mark: name and text. */
typedef struct rs_fact_row {
    const char *name, *text;
    bool wide; /* asks for a line of its own */
} rs_fact_row;

enum { RS_FACTS_MAX = 24 };

/**
 * All facts of a mark, in the order of the measurement group that files them.
 *
 * arena    for the texts
 * rows     RS_FACTS_MAX of them
 * returns  RS_OK; RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_say_facts(rs_context *ctx, rs_arena *arena, const rs_report_mark *mark, rs_fact_row *rows,
                                   int *n);

#endif
