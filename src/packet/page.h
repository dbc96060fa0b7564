/* The parts of report.html: each appends its section to the page. They print what rs_report holds and compute nothing
   but places on paper. Every text of the report goes through rs_page_said; strings of the source stand in an element of
   class "source", words of the reader in one of class "reader", quoted questions in one of class "quoted" (contract 7
   exempts these). */
#ifndef PACKET_PAGE_H
#define PACKET_PAGE_H

#include "draw.h"
#include "packet.h"
#include "pictures.h"
#include "say.h"

/* Style sheet of the page, and the script that lets the slices beside a mark scroll; without it they lie in a list. */
extern const char rs_page_style[], rs_page_script[];

typedef struct rs_page {
    rs_context *ctx;
    rs_buffer *out;
    const rs_report *report;
    const rs_pictures *pictures;
    rs_buffer said; /* the sentence that is being put together */
} rs_page;

/** Text with the marks of paper.h, escaped; NULL appends nothing. */
void rs_page_said(rs_buffer *out, const char *text);

/** Begins a sentence: an empty buffer. What stands in it, "" for nothing. */
rs_buffer *rs_page_new(rs_buffer *said);
const char *rs_page_text(rs_buffer *said);

/** An element of such a text: <name>text</name>; nothing for NULL. With a class behind the name: "p class=\"x\"". */
void rs_page_element(rs_buffer *out, const char *name_and_attributes, const char *text);

/** A bar of the interval low to high with a stroke at the point, across the 5 mm line. */
void rs_page_bar(rs_buffer *out, const rs_report_size *size);

void rs_page_front(rs_page *page);
/** Two projections with the marks as dots; nothing where there is no volume. RS_OK; RS_NO_MEMORY. */
RS_MUST_USE rs_status rs_page_overview(rs_page *page);
void rs_page_marks(rs_page *page);
/** The questions with their evidence and blanks, and what a person stated. */
void rs_page_questions(rs_page *page);
/** RS_OK; RS_NO_MEMORY; RS_CANCELLED */
RS_MUST_USE rs_status rs_page_cards(rs_page *page);
void rs_page_back(rs_page *page);

#endif
