/* report.pdf: page 1 for the board, the questions, a card a mark, how it was made (reporting D). */
#include "pdf.h"

#include <string.h>

#include "restage/text.h"

/* Enough of a digest to tell packets apart. */
enum { PACKET_ID_DIGITS = 16 };

static const char *packet_digest(const rs_report *report)
{
    return report->filing.packet_digest ? report->filing.packet_digest : report->input_digest;
}

/* Head (whose pages they are) and foot (which page of what) of every sheet, once their number is known. */
static void number_pages(rs_pdf *pdf)
{
    static const rs_stroke rule = {0.15, 0x767676, -1, 0};
    const double left = RS_PAPER_MARGIN_MM, right = RS_PAPER_WIDTH_MM - RS_PAPER_MARGIN_MM;
    const rs_report *report = pdf->report;
    int n = rs_paper_sheets(pdf->paper);
    for (int p = 0; p < n; p++) {
        char page[40], foot[160];
        rs_paper_turn_to(pdf->paper, p);
        (void)rs_text_format(page, sizeof page, "page %d of %d", p + 1, n);
        (void)rs_text_format(foot, sizeof foot, "restage %s \xC2\xB7 packet %.*s \xC2\xB7 made %s",
                             report->software.version, PACKET_ID_DIGITS, packet_digest(report),
                             report->software.created);
        (void)rs_paper_text(pdf->paper, &rs_type_minor, left, 285, foot);
        (void)rs_paper_text(pdf->paper, &rs_type_minor, right - rs_paper_width(pdf->paper, &rs_type_minor, page), 285,
                            page);
        if (p == 0) continue;
        const rs_report_identity *who = &report->identity;
        char name[1024] = "";
        const char *settable = rs_pdf_name(pdf);
        if (settable) (void)rs_text_format(name, sizeof name, "%s", settable);
        rs_buffer *out = rs_pdf_say(pdf);
        if (*name) rs_say_source(out, name);
        if (who->patient_id) rs_buffer_text(out, " \xC2\xB7 ID ");
        rs_say_source(out, who->patient_id);
        if (who->study_date) rs_buffer_printf(out, " \xC2\xB7 study of %s", who->study_date);
        rs_pdf_cut(pdf, &rs_type_minor, left, 15.2, 110, rs_pdf_said(pdf));
        static const char words[] = "Read the scan first. Research use. Not a medical device.";
        (void)rs_paper_text(pdf->paper, &rs_type_minor, right - rs_paper_width(pdf->paper, &rs_type_minor, words), 15.2,
                            words);
        rs_paper_line(pdf->paper, &rule, left, 16.5, right, 16.5);
    }
}

/* Page 1 comes last: it names pages behind it. */
static rs_status lay_out(rs_pdf *pdf)
{
    bool assessed = strcmp(pdf->report->assessed, "none") != 0;
    rs_paper_add(pdf->paper);
    pdf->y = RS_PDF_BOTTOM_MM; /* what comes next needs another sheet */
    if (pdf->report->n_criteria > 0 || pdf->report->n_blanks > 0 || pdf->report->context.given) rs_pdf_questions(pdf);
    if (assessed && pdf->report->n_marks > RS_PDF_ROWS) rs_pdf_more_marks(pdf);
    if (assessed && pdf->report->n_marks > 0) rs_pdf_cards(pdf);
    rs_pdf_back(pdf);
    rs_paper_turn_to(pdf->paper, 0);
    rs_pdf_front(pdf);
    number_pages(pdf);
    if (pdf->status == RS_OK && pdf->said.failed) pdf->status = rs_fail_memory(pdf->ctx, "report.pdf");
    return pdf->status;
}

rs_status rs_write_pdf(rs_context *ctx, const rs_report *report, const rs_sources *sources, rs_folder *folder,
                       const char *file_name)
{
    rs_pdf pdf = {.ctx = ctx, .report = report, .pictures = sources->pictures};
    rs_buffer out = {0};
    RS_TRY(rs_paper_new(ctx, sources->face_folder, &pdf.paper));
    rs_status status = lay_out(&pdf);
    if (status == RS_OK) status = rs_paper_finish(ctx, pdf.paper, &out);
    rs_paper_free(pdf.paper);
    rs_buffer_free(&pdf.said);
    if (status == RS_OK) status = rs_folder_write(ctx, folder, file_name, out.data, out.bytes);
    rs_buffer_free(&out);
    return status;
}
