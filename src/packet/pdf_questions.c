/* The questions row by row: as quoted, what this scan shows, and what a person has to fill in (contract 7). */
#include <string.h>

#include "pdf.h"

#define LEFT RS_PAPER_MARGIN_MM
#define INDENT 5.0
#define ENOUGH_MM 18.0 /* of a question that may stand at the end of a sheet */

/* Boxes to tick, or a line to write on. */
static void fill_in(rs_pdf *pdf, const rs_report_blank *blank)
{
    const double right = RS_PAPER_WIDTH_MM - RS_PAPER_MARGIN_MM;
    double x = LEFT + INDENT;
    rs_buffer *out = rs_pdf_say(pdf);
    rs_buffer_printf(out, "To be filled in by %s: %s", blank->who ? blank->who : "a person", blank->label);
    rs_pdf_need(pdf, 9);
    double below = rs_paper_paragraph(pdf->paper, &rs_type_small, x, pdf->y, right - x, rs_pdf_said(pdf));
    double end = x + rs_paper_width(pdf->paper, &rs_type_small, rs_pdf_said(pdf)) + 2;
    if (below > pdf->y + 1.5 * rs_paper_leading_mm(&rs_type_small) || end > right - 40) end = x;
    double y = end > x ? below - 0.8 : below + 3.2;
    x = end;
    for (int c = 0; c < blank->n_choices; c++) {
        double width = 4 + rs_paper_width(pdf->paper, &rs_type_small, blank->choices[c]);
        if (x + width > right && x > LEFT + INDENT) {
            x = LEFT + INDENT;
            y += 4;
        }
        rs_pdf_box(pdf, x, y - 2.4, 2.6);
        (void)rs_paper_text(pdf->paper, &rs_type_small, x + 3.6, y, blank->choices[c]);
        x += width + 4;
    }
    if (right - x > 30) rs_pdf_pen(pdf, x, y + 0.4, right - x);
    pdf->y = y + 2.2;
}

static void numbers(rs_pdf *pdf, const rs_report_criterion *row)
{
    if (row->n_basis_organs == 0) return;
    rs_buffer *out = rs_pdf_say(pdf);
    rs_buffer_text(out, "Basis: ");
    for (int o = 0; o < row->n_basis_organs; o++)
        rs_buffer_printf(out, "%s%s", o ? ", " : "", row->basis_organs[o]);
    pdf->y = rs_paper_paragraph(pdf->paper, &rs_type_minor, LEFT + INDENT, pdf->y, RS_PAPER_INNER_MM - INDENT,
                                rs_pdf_said(pdf));
}

static void question(rs_pdf *pdf, const rs_report_criterion *row)
{
    const rs_report_blank *blank = rs_say_blank_of(pdf->report, row->blank);
    const double width = RS_PAPER_INNER_MM - INDENT;
    double mm = rs_paper_paragraph_mm(pdf->paper, &rs_type_text, width, row->evidence) + ENOUGH_MM;
    rs_pdf_need(pdf, mm < 200 ? mm : 200);
    rs_buffer *out = rs_pdf_say(pdf);
    rs_buffer_text(out, row->question);
    if (row->source) rs_buffer_printf(out, "  [%s]", row->source);
    pdf->y = rs_paper_paragraph(pdf->paper, &rs_type_lead, LEFT, pdf->y, RS_PAPER_INNER_MM, rs_pdf_said(pdf));
    pdf->y = rs_paper_paragraph(pdf->paper, &rs_type_text, LEFT + INDENT, pdf->y, width,
                                row->evidence ? row->evidence : "This scan says nothing about it.");
    numbers(pdf, row);
    if (blank) fill_in(pdf, blank);
    pdf->y += 1.1;
}

static void stated(rs_pdf *pdf)
{
    if (!pdf->report->context.given) return;
    rs_pdf_paragraph(pdf, &rs_type_lead, "Stated by a person, and not checked here:");
    for (int n = 0; rs_say_context(rs_pdf_say(pdf), pdf->report, n); n++)
        rs_pdf_paragraph(pdf, &rs_type_text, rs_pdf_said(pdf));
    pdf->y += 1.5;
}

void rs_pdf_questions(rs_pdf *pdf)
{
    const rs_report *report = pdf->report;
    int n_others = 0;
    rs_paper_add(pdf->paper);
    pdf->y = RS_PDF_TOP_MM;
    rs_pdf_heading(pdf, "Questions, evidence of this scan, blanks for people", ENOUGH_MM);
    rs_pdf_paragraph(pdf, &rs_type_minor,
                     "Questions are quoted. Evidence comes from the organs assessed alone; no answer is given here.");
    stated(pdf);
    for (int c = 0; c < report->n_criteria; c++)
        question(pdf, &report->criteria[c]);
    for (int b = 0; b < report->n_blanks; b++) {
        if (rs_say_is_asked(report, report->blanks[b].id)) continue;
        if (n_others++ == 0) rs_pdf_heading(pdf, "Further blanks", 7);
        fill_in(pdf, &report->blanks[b]);
    }
}
