/* The questions row by row: as quoted, what this scan shows, what a person has to fill in (contract 7); before them
   what a person stated. */
#include <string.h>

#include "page.h"

static void blank(rs_buffer *out, const rs_report_blank *row)
{
    rs_buffer_text(out, "<p class=\"fill\">To be filled in by ");
    rs_page_said(out, row->who ? row->who : "a person");
    rs_buffer_text(out, ": ");
    rs_page_said(out, row->label);
    for (int c = 0; c < row->n_choices; c++) {
        rs_buffer_text(out, " <span class=\"choice\"><i></i>");
        rs_page_said(out, row->choices[c]);
        rs_buffer_text(out, "</span>");
    }
    rs_buffer_text(out, " <span class=\"pen\"></span></p>\n");
}

static void question(rs_page *page, const rs_report_criterion *row)
{
    rs_buffer *out = page->out;
    rs_buffer_text(out, "<article class=\"question\"><h3><span class=\"quoted\">");
    rs_page_said(out, row->question);
    rs_buffer_text(out, "</span>");
    if (row->source) rs_buffer_text(out, " <small>");
    rs_page_said(out, row->source);
    rs_buffer_text(out, row->source ? "</small></h3>\n" : "</h3>\n");
    rs_page_element(out, "p", row->evidence ? row->evidence : "This scan says nothing about it.");
    for (int o = 0; o < row->n_basis_organs; o++) {
        rs_buffer_text(out, o ? ", " : "<p class=\"minor\">Basis: ");
        rs_page_said(out, row->basis_organs[o]);
    }
    if (row->n_basis_organs > 0) rs_buffer_text(out, "</p>\n");
    const rs_report_blank *asked = rs_say_blank_of(page->report, row->blank);
    if (asked) blank(out, asked);
    rs_buffer_text(out, "</article>\n");
}

static void stated(rs_page *page)
{
    if (!page->report->context.given) return;
    rs_buffer_text(page->out, "<h3>Stated by a person, and not checked here</h3>\n<ul>\n");
    for (int n = 0; rs_say_context(rs_page_new(&page->said), page->report, n); n++)
        rs_page_element(page->out, "li", rs_page_text(&page->said));
    rs_buffer_text(page->out, "</ul>\n");
}

void rs_page_questions(rs_page *page)
{
    const rs_report *report = page->report;
    if (report->n_criteria == 0 && report->n_blanks == 0 && !report->context.given) return;
    rs_buffer_text(page->out, "<section class=\"questions\">\n<h2>Questions, evidence of this scan, blanks for "
                              "people</h2>\n<p class=\"minor\">Questions are quoted. Evidence comes from the organs "
                              "assessed alone; no answer is given here.</p>\n");
    stated(page);
    for (int c = 0; c < report->n_criteria; c++)
        question(page, &report->criteria[c]);
    for (int b = 0; b < report->n_blanks; b++) {
        if (!rs_say_is_asked(report, report->blanks[b].id)) blank(page->out, &report->blanks[b]);
    }
    rs_buffer_text(page->out, "</section>\n");
}
