/* Top of the page: identity, what was and was not assessed, then, only then, counts. */
#include "page.h"

#include <string.h>

/* A fact of the header, or a box for a pen. */
static void box(rs_buffer *out, const char *name, const char *value)
{
    if (!value) {
        rs_buffer_printf(out, "<span class=\"pen\">%s</span>", name);
        return;
    }
    rs_buffer_printf(out, "<span class=\"fact\"><small>%s</small> <b class=\"source\">", name);
    rs_markup_text(out, value);
    rs_buffer_text(out, "</b></span>");
}

static void series_box(rs_page *page)
{
    rs_say_series(rs_page_new(&page->said), page->report);
    rs_buffer_text(page->out, "<span class=\"fact\"><small>Series</small> <b>");
    rs_page_said(page->out, rs_page_text(&page->said));
    rs_buffer_text(page->out, "</b></span>");
}

/* Reporting D.1, row 1. */
static void identity(rs_page *page)
{
    rs_buffer *out = page->out;
    const rs_report *report = page->report;
    const rs_report_identity *who = &report->identity;
    rs_buffer_text(out, "<header>\n<div class=\"id\">");
    box(out, "Name", who->patient_name_text);
    box(out, "ID", who->patient_id);
    if (who->issuer_of_patient_id) box(out, "ID from", who->issuer_of_patient_id);
    box(out, "Born", who->birth_date);
    box(out, "Sex", who->sex);
    box(out, "Study date", who->study_date);
    box(out, "Accession", who->accession_number);
    series_box(page);
    rs_buffer_text(out, "</div>\n<div class=\"first\"><strong>Read the scan first.</strong> "
                        "Research use; not a medical device.</div>\n</header>\n<h1>restage report</h1>\n");
    rs_buffer_text(out, "<p class=\"minor\">Study <span class=\"source uid\">");
    rs_markup_text(out, report->source.study_instance_uid ? report->source.study_instance_uid : "without UID");
    rs_buffer_text(out, "</span>.");
    if (who->reason) {
        rs_buffer_text(out, " Empty boxes are for a pen; ");
        rs_markup_text(out, who->reason);
        rs_buffer_text(out, ".");
    }
    rs_buffer_text(out, "</p>\n");
}

static void said_cell(rs_page *page, const char *cell)
{
    rs_page_element(page->out, cell, rs_page_text(&page->said));
}

static void organ(rs_page *page, const rs_report_organ *organ)
{
    const char *state = organ->state ? organ->state : "not_assessed";
    rs_say_organ(rs_page_new(&page->said), organ);
    rs_buffer_text(page->out, "<tr>");
    said_cell(page, "th scope=\"row\"");
    rs_say_words(rs_page_new(&page->said), state);
    rs_buffer_printf(page->out, "<td data-h=\"State\"><span class=\"state %s\"></span>", state);
    rs_page_said(page->out, rs_page_text(&page->said));
    rs_buffer_text(page->out, "</td>");
    rs_say_searched(rs_page_new(&page->said), organ);
    said_cell(page, "td data-h=\"Searched\"");
    rs_page_element(page->out, "td data-h=\"Reason\"", organ->reason ? organ->reason : "");
    rs_say_limit(rs_page_new(&page->said), organ);
    said_cell(page, "td data-h=\"Detection limit\"");
    rs_buffer_text(page->out, "</tr>\n");
}

static void silhouette(rs_page *page)
{
    static const double box[4] = {-10, -10, RS_SILHOUETTE_WIDTH + 20, RS_SILHOUETTE_HEIGHT + 20};
    const rs_draw to = {.svg = page->out};
    if (!page->pictures->silhouette.there) return;
    rs_svg_begin(
        page->out, box, "silhouette",
        "A body from the front: what was assessed is solid, partly hatched, imaged but not assessed dotted, not "
        "imaged in outline");
    rs_silhouette_draw(&to, &page->pictures->silhouette);
    rs_svg_end(page->out);
}

static void looked_at(rs_page *page)
{
    const rs_report *report = page->report;
    rs_buffer *out = page->out;
    rs_buffer_text(out, "<section>\n<h2>What was looked at</h2>\n");
    if (strcmp(report->assessed, "none") == 0) rs_page_element(out, "p class=\"lead\"", report->marks_text);
    rs_page_element(out, "p class=\"lead\"", report->assessed_text);
    rs_buffer_text(out, "<div class=\"looked\">\n");
    silhouette(page);
    if (report->n_organs > 0) {
        rs_buffer_text(out, "<table class=\"stack\"><thead><tr><th scope=\"col\">Organ</th><th scope=\"col\">State</th>"
                            "<th scope=\"col\">Searched</th><th scope=\"col\">Reason</th>"
                            "<th scope=\"col\">Detection limit</th></tr></thead><tbody>\n");
        for (int o = 0; o < report->n_organs; o++)
            organ(page, &report->organs[o]);
        rs_buffer_text(out, "</tbody></table>\n");
    }
    rs_buffer_text(out, "</div>\n<p class=\"minor\">Everything else in the images was not searched.</p>\n");
    rs_say_scan(rs_page_new(&page->said), report);
    if (*rs_page_text(&page->said)) rs_page_element(out, "p", rs_page_text(&page->said));
    rs_buffer_text(out, "</section>\n");
}

static void counts(rs_buffer *out, const rs_report_row *row)
{
    const int n[] = {row->above_5mm, row->near_5mm, row->below_5mm, row->indeterminate};
    for (int c = 0; c < 4; c++)
        rs_buffer_printf(out, "<td class=\"n\" data-h=\"%s\">%d</td>", rs_say_class_at(c)->words, n[c]);
    rs_buffer_text(out, "</tr>\n");
}

static void where(rs_page *page)
{
    const rs_report_distribution *spread = &page->report->distribution;
    rs_buffer *out = page->out;
    rs_buffer_text(out, "<section>\n<h2>Where</h2>\n");
    rs_page_element(out, "p class=\"lead\"", page->report->marks_text);
    rs_buffer_text(out, "<table class=\"stack counts\"><thead><tr><th scope=\"col\">Side, lobe</th>");
    for (int c = 0; rs_say_class_at(c); c++)
        rs_buffer_printf(out, "<th scope=\"col\" class=\"n\">%s</th>", rs_say_class_at(c)->words);
    rs_buffer_text(out, "</tr></thead><tbody>\n");
    for (int r = 0; r < spread->n_rows; r++) {
        rs_say_row(rs_page_new(&page->said), &spread->rows[r]);
        rs_buffer_text(out, "<tr>");
        said_cell(page, "th scope=\"row\"");
        counts(out, &spread->rows[r]);
    }
    rs_buffer_text(out, "<tr class=\"total\"><th scope=\"row\">total</th>");
    counts(out, &spread->total);
    rs_buffer_text(out, "</tbody></table>\n");
    rs_say_expected(rs_page_new(&page->said), page->report);
    rs_page_element(out, "p", rs_page_text(&page->said));
    rs_buffer_text(out, "</section>\n");
}

void rs_page_front(rs_page *page)
{
    identity(page);
    looked_at(page);
    if (strcmp(page->report->assessed, "none") != 0) where(page);
}
