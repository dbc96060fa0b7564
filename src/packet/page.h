/* The parts of report.html: each appends its section to the page. They print what rs_report holds and compute nothing
   but places on paper. Every text of the report goes through rs_markup_text; strings of the source stand in an element
   of class "source", words of the reader in one of class "reader" (contract 7 exempts both). */
#ifndef PACKET_PAGE_H
#define PACKET_PAGE_H

#include "markup/markup.h"
#include "packet.h"
#include "pictures.h"
#include "view.h"

/* Style sheet of the page. */
extern const char rs_page_style[];

/* A size class of contract 6. */
typedef struct rs_page_class {
    const char *code, *words, *style_class, *meaning;
} rs_page_class;

/** Row of the class with this code; the last one, "indeterminate", for any other. */
const rs_page_class *rs_page_class_of(const char *code);
/** Row n, NULL behind the last. */
const rs_page_class *rs_page_class_at(int n);

/** A code in words: "part_solid" as "part solid". NULL appends nothing. */
void rs_page_words(rs_buffer *out, const char *code);

/** A number of the report with its unit, or the reason why there is none. */
void rs_page_value(rs_buffer *out, double value, const char *unit, const char *reason);

/** P of a mark in the words of the report, or the reason why there is none. */
void rs_page_p(rs_buffer *out, const rs_report_mark *mark);

/** An element of a text, escaped: <name>text</name>; nothing for NULL. With a class behind the name: "p class=\"x\"".
 */
void rs_page_element(rs_buffer *out, const char *name_and_attributes, const char *text);

/** A bar of the interval low to high with a stroke at the point, across the 5 mm line. */
void rs_page_bar(rs_buffer *out, const rs_report_size *size);

void rs_page_front(rs_buffer *out, const rs_report *report);
/** Two projections with the marks as dots; nothing where there is no volume. RS_OK; RS_NO_MEMORY; RS_CANCELLED. */
RS_MUST_USE rs_status rs_page_overview(rs_context *ctx, rs_buffer *out, const rs_report *report,
                                       const rs_sources *sources);
void rs_page_marks(rs_buffer *out, const rs_report *report);
/** RS_OK; RS_NO_MEMORY; RS_CANCELLED */
RS_MUST_USE rs_status rs_page_cards(rs_context *ctx, rs_buffer *out, const rs_report *report, const rs_volume *volume);
/** Every fact of one mark as a list of terms. */
void rs_page_facts(rs_buffer *out, const rs_report_mark *mark);
void rs_page_back(rs_buffer *out, const rs_report *report);

#endif
