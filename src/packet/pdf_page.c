/* What the parts of report.pdf share: type, headings, paragraphs that flow over sheets, boxes for a pen. */
#include "pdf.h"

#include <string.h>

#include "wrap.h"

#define BODY 0x1a1a1a
#define SECONDARY 0x555555

const rs_type rs_type_title = {11, true, BODY}, rs_type_head = {9.5, true, BODY}, rs_type_lead = {8, true, BODY},
              rs_type_text = {7.5, false, BODY}, rs_type_small = {7, false, BODY}, rs_type_bold = {7, true, BODY},
              rs_type_minor = {7, false, SECONDARY};

rs_buffer *rs_pdf_say(rs_pdf *pdf)
{
    pdf->said.bytes = 0;
    if (pdf->said.data) pdf->said.data[0] = 0;
    return &pdf->said;
}

const char *rs_pdf_said(rs_pdf *pdf)
{
    return pdf->said.data ? pdf->said.data : "";
}

void rs_pdf_need(rs_pdf *pdf, double mm)
{
    if (pdf->y + mm <= RS_PDF_BOTTOM_MM) return;
    rs_paper_add(pdf->paper);
    pdf->y = RS_PDF_TOP_MM;
}

void rs_pdf_heading(rs_pdf *pdf, const char *text, double with)
{
    static const rs_stroke rule = {0.2, 0x767676, -1, 0};
    rs_pdf_need(pdf, 7 + with);
    if (pdf->y > RS_PDF_TOP_MM) pdf->y += 2;
    pdf->y = rs_paper_paragraph(pdf->paper, &rs_type_head, RS_PAPER_MARGIN_MM, pdf->y, RS_PAPER_INNER_MM, text);
    rs_paper_line(pdf->paper, &rule, RS_PAPER_MARGIN_MM, pdf->y, RS_PAPER_WIDTH_MM - RS_PAPER_MARGIN_MM, pdf->y);
    pdf->y += 1;
}

void rs_pdf_paragraph(rs_pdf *pdf, const rs_type *type, const char *text)
{
    if (!text || !*text) return;
    double mm = rs_paper_paragraph_mm(pdf->paper, type, RS_PAPER_INNER_MM, text);
    rs_pdf_need(pdf, mm < 200 ? mm : 200);
    pdf->y = rs_paper_paragraph(pdf->paper, type, RS_PAPER_MARGIN_MM, pdf->y, RS_PAPER_INNER_MM, text) + 0.6;
}

void rs_pdf_cut(rs_pdf *pdf, const rs_type *type, double x, double y, double width, const char *text)
{
    enum { MOST = 400 };
    char cut[MOST + 8];
    if (!text) return;
    if (rs_paper_width(pdf->paper, type, text) <= width) {
        (void)rs_paper_text(pdf->paper, type, x, y, text);
        return;
    }
    size_t n = 0;
    unsigned code;
    for (const char *at = text; *at;) {
        size_t bytes = rs_wrap_character(at, &code);
        if (n + bytes > MOST) break;
        memcpy(cut + n, at, bytes);
        memcpy(cut + n + bytes, "\xE2\x80\xA6", 4);
        if (rs_paper_width(pdf->paper, type, cut) > width) break;
        n += bytes;
        at += bytes;
    }
    memcpy(cut + n, "\xE2\x80\xA6", 4);
    (void)rs_paper_text(pdf->paper, type, x, y, cut);
}

void rs_pdf_box(rs_pdf *pdf, double x, double y, double mm)
{
    static const rs_stroke edge = {0.2, BODY, -1, 0};
    rs_paper_rect(pdf->paper, &edge, x, y, mm, mm);
}

void rs_pdf_pen(rs_pdf *pdf, double x, double y, double width)
{
    static const rs_stroke line = {0.2, BODY, -1, 0};
    rs_paper_line(pdf->paper, &line, x, y, x + width, y);
}

uint32_t rs_pdf_class_rgb(const char *style)
{
    static const struct {
        const char *style;
        uint32_t rgb;
    } rows[] = {{"above", 0x7a1f4f}, {"near", 0x8a4b00}, {"below", 0x0b4f8a}, {"unsettled", 0x4d4d4d}};
    size_t r = 0;
    while (r < sizeof rows / sizeof rows[0] - 1 && strcmp(rows[r].style, style) != 0)
        r++;
    return rows[r].rgb;
}
