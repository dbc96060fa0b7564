/* The parts of evaluation.html: each appends its section. They print what the evaluation holds and compute nothing but
   places on paper. Texts that come from files go through rs_markup_text. */
#ifndef EVALUATE_HTML_H
#define EVALUATE_HTML_H

#include "markup/markup.h"
#include "room.h"

/* Style sheet of the page. */
extern const char rs_evaluation_style[];

/** The whole page. RS_OK; RS_NO_MEMORY */
RS_MUST_USE rs_status rs_evaluation_page(rs_context *ctx, const rs_evaluation *evaluation, rs_buffer *out);

/** The curves of every rule with the band of the first, and their legend. */
void rs_html_curves(rs_buffer *out, const rs_evaluation *evaluation);
/** Share of lesions by bins of P. */
void rs_html_calibration(rs_buffer *out, const rs_calibration *calibration);

/** Sensitivities of every rule; by kinds of lesion; sizes; scans. */
void rs_html_scores(rs_buffer *out, const rs_evaluation *evaluation);
void rs_html_strata(rs_buffer *out, const rs_evaluation *evaluation);
void rs_html_measured(rs_buffer *out, const rs_evaluation *evaluation);
void rs_html_scans(rs_buffer *out, const rs_evaluation *evaluation);

/** A rule and its scans in words: "LUNA16, all scans". */
void rs_html_rule(rs_buffer *out, const rs_froc *froc);

/** A code in words: "part_solid" as "part solid". */
void rs_html_words(rs_buffer *out, const char *code);

/** A number with its decimals; a dash where there is none. */
void rs_html_number(rs_buffer *out, double value, int decimals);

/** A number with its bounds in small: "0.83 0.71 to 0.91"; a dash where there is none. */
void rs_html_bounded(rs_buffer *out, double value, double low, double high, int decimals);

#endif
