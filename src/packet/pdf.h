/* The parts of report.pdf, each on the sheets of one rs_pdf: page 1, the questions, the cards, the rest. They print
   what rs_report holds and compute nothing but places on paper. */
#ifndef PACKET_PDF_H
#define PACKET_PDF_H

#include "draw.h"
#include "paper.h"
#include "pictures.h"
#include "say.h"

#define RS_PDF_TOP_MM 19.0     /* below the line at the head of page 2 and on */
#define RS_PDF_BOTTOM_MM 281.0 /* above the line at the foot */

enum { RS_PDF_ROWS = 12 }; /* marks on page 1 */

typedef struct rs_pdf {
    rs_context *ctx;
    const rs_report *report;
    const rs_pictures *pictures;
    rs_paper *paper;
    rs_buffer said;      /* the sentence that is being put together */
    double y;            /* where the next block begins on the sheet */
    int more_marks_page; /* 1-based page on which the table goes on; 0: nowhere */
    rs_status status;    /* the first failure of a part */
} rs_pdf;

/* Sizes and colours of type. */
extern const rs_type rs_type_title, rs_type_head, rs_type_lead, rs_type_text, rs_type_small, rs_type_bold,
    rs_type_minor;

/** The patient's name as far as the faces can set it: the readable one, else the first component group that can be set;
    NULL: none can, or there is none. Until the next sentence. */
const char *rs_pdf_name(rs_pdf *pdf);

/** Begins a sentence: an empty buffer to append to. */
rs_buffer *rs_pdf_say(rs_pdf *pdf);
/** The sentence as it stands, "" where there is nothing. */
const char *rs_pdf_said(rs_pdf *pdf);

/** Begins a new sheet where less than this height is left. */
void rs_pdf_need(rs_pdf *pdf, double mm);
/** A heading with a line below it; stays with what follows for at least `with` mm. */
void rs_pdf_heading(rs_pdf *pdf, const char *text, double with);
/** A paragraph over the whole width, on a new sheet where it does not fit; moves y. NULL or "": nothing. */
void rs_pdf_paragraph(rs_pdf *pdf, const rs_type *type, const char *text);
/** A text in one line, cut with an ellipsis where it is wider than the width. */
void rs_pdf_cut(rs_pdf *pdf, const rs_type *type, double x, double y, double width, const char *text);
/** An empty box to tick, its top left at x, y. */
void rs_pdf_box(rs_pdf *pdf, double x, double y, double mm);
/** A line to write on, from x, on the base line y. */
void rs_pdf_pen(rs_pdf *pdf, double x, double y, double width);

/** Colour of a size class (rs_say_class.style). */
uint32_t rs_pdf_class_rgb(const char *style);

/** Page 1. The sheet is there; everything fits on it. */
void rs_pdf_front(rs_pdf *pdf);
/** Rows first ... last - 1 of the marks, with a head; y moves. */
void rs_pdf_marks(rs_pdf *pdf, int first, int last);
void rs_pdf_questions(rs_pdf *pdf);
void rs_pdf_more_marks(rs_pdf *pdf);
void rs_pdf_cards(rs_pdf *pdf);
void rs_pdf_back(rs_pdf *pdf);

#endif
