/* The table of marks, with the interval bars across the 5 mm line and boxes for a pen. */
#include <math.h>

#include "pdf.h"
#include "restage/text.h"

#define LEFT RS_PAPER_MARGIN_MM
#define ROW_MM 5.0
#define BAR_MM 31.0
#define NOT_KNOWN "\xE2\x80\x93"

enum { MARK = 0, SIDE, LOBE, SLICE, SIZE, BAR, CLASS, AXES, DEPTH, PROBABILITY, BOXES, INITIALS, COLUMNS };

static const struct {
    const char *head;
    double at_mm; /* from the left margin */
} columns[COLUMNS] = {{"#", 0},         {"side", 9.4}, {"lobe", 18},     {"slice", 27.5},
                      {"size", 37},     {"", 70},      {"class", 102.5}, {"long \xC3\x97 short", 123.2},
                      {"depth", 141.8}, {"P", 152},    {"M O N U", 162}, {"initials", 175.5}};

static double column_mm(int c)
{
    return (c + 1 < COLUMNS ? columns[c + 1].at_mm : RS_PAPER_INNER_MM) - columns[c].at_mm - 0.8;
}

static void cell(rs_pdf *pdf, int c, double y, const rs_type *type)
{
    rs_pdf_cut(pdf, type, LEFT + columns[c].at_mm, y, column_mm(c), rs_pdf_said(pdf));
}

static void heads(rs_pdf *pdf)
{
    static const rs_stroke rule = {0.3, 0x1a1a1a, -1, 0};
    static const double ticks_mm[] = {0, 5, 10, 20};
    double y = pdf->y + 3.6;
    for (int c = 0; c < COLUMNS; c++)
        rs_pdf_cut(pdf, &rs_type_bold, LEFT + columns[c].at_mm, y, column_mm(c), columns[c].head);
    for (size_t t = 0; t < sizeof ticks_mm / sizeof ticks_mm[0]; t++) {
        char digits[16];
        (void)rs_text_format(digits, sizeof digits, "%.0f", ticks_mm[t]);
        double x = LEFT + columns[BAR].at_mm + BAR_MM / 128 * rs_bar_place(ticks_mm[t]);
        (void)rs_paper_text(pdf->paper, &rs_type_minor, x - (t > 1 ? 1.6 : 0.7), y, digits);
    }
    rs_paper_line(pdf->paper, &rule, LEFT, pdf->y + ROW_MM, LEFT + RS_PAPER_INNER_MM, pdf->y + ROW_MM);
    pdf->y += ROW_MM;
}

static void place(rs_pdf *pdf, const rs_report_mark *mark, double y)
{
    bool approximate = mark->lobe_basis && mark->lobe_basis[0] == 'a';
    rs_buffer_text(rs_pdf_say(pdf), mark->side ? mark->side : NOT_KNOWN);
    cell(pdf, SIDE, y, &rs_type_small);
    rs_buffer_printf(rs_pdf_say(pdf), "%s%s", mark->lobe && approximate ? "~" : "",
                     mark->lobe ? mark->lobe : NOT_KNOWN);
    cell(pdf, LOBE, y, &rs_type_small);
    rs_say_slice(rs_pdf_say(pdf), &mark->slice);
    cell(pdf, SLICE, y, &rs_type_small);
}

static void number(rs_buffer *out, double value)
{
    char digits[32] = NOT_KNOWN;
    if (isfinite(value)) rs_report_number(value, digits);
    rs_buffer_text(out, digits);
}

static void sizes(rs_pdf *pdf, const rs_report_mark *mark, double y)
{
    const rs_report_size *size = &mark->size;
    const rs_say_class *of = rs_say_class_of(size->size_class);
    const rs_type coloured = {7, true, rs_pdf_class_rgb(of->style)};
    const double scale = BAR_MM / 128;
    rs_buffer_text(rs_pdf_say(pdf), size->text ? size->text : NOT_KNOWN);
    cell(pdf, SIZE, y, &rs_type_small);
    rs_draw to = {
        .paper = pdf->paper, .at_mm = {LEFT + columns[BAR].at_mm, pdf->y}, .mm_per_unit = {scale, ROW_MM / 16}};
    rs_draw_bar(&to, size);
    rs_buffer_text(rs_pdf_say(pdf), of->words);
    cell(pdf, CLASS, y, &coloured);
    rs_buffer *out = rs_pdf_say(pdf);
    number(out, size->long_axis_mm);
    rs_buffer_text(out, " \xC3\x97 ");
    number(out, size->short_axis_mm);
    cell(pdf, AXES, y, &rs_type_small);
    number(rs_pdf_say(pdf), mark->depth_to_pleura_mm);
    cell(pdf, DEPTH, y, &rs_type_small);
    rs_buffer_text(rs_pdf_say(pdf), mark->p_text ? mark->p_text : NOT_KNOWN);
    cell(pdf, PROBABILITY, y, &rs_type_small);
}

static void row(rs_pdf *pdf, const rs_report_mark *mark)
{
    static const rs_stroke hair = {0.1, 0x999999, -1, 0}, crossed = {0.25, 0x1a1a1a, -1, 0};
    double y = pdf->y + 3.4;
    rs_buffer_printf(rs_pdf_say(pdf), "%s%s", mark->id, mark->pointed ? " \xE2\x80\xA0" : "");
    cell(pdf, MARK, y, &rs_type_bold);
    place(pdf, mark, y);
    sizes(pdf, mark, y);
    if (mark->review.text) {
        rs_say_reader(rs_pdf_say(pdf), mark->review.text);
        rs_pdf_cut(pdf, &rs_type_bold, LEFT + columns[BOXES].at_mm, y, RS_PAPER_INNER_MM - columns[BOXES].at_mm,
                   rs_pdf_said(pdf));
    } else {
        for (int b = 0; b < 4; b++)
            rs_pdf_box(pdf, LEFT + columns[BOXES].at_mm + 3.1 * b, pdf->y + 1.2, 2.5);
    }
    if (rs_say_not_real(mark))
        rs_paper_line(pdf->paper, &crossed, LEFT, pdf->y + 0.5 * ROW_MM, LEFT + columns[BOXES].at_mm - 1,
                      pdf->y + 0.5 * ROW_MM);
    pdf->y += ROW_MM;
    rs_paper_line(pdf->paper, &hair, LEFT, pdf->y, LEFT + RS_PAPER_INNER_MM, pdf->y);
}

void rs_pdf_marks(rs_pdf *pdf, int first, int last)
{
    heads(pdf);
    for (int m = first; m < last; m++)
        row(pdf, &pdf->report->marks[m]);
    rs_buffer *out = rs_pdf_say(pdf);
    if (first == 0 && pdf->more_marks_page > 0)
        rs_buffer_printf(out, "and %d more, page %d. ", pdf->report->n_marks - last, pdf->more_marks_page);
    rs_buffer_text(out,
                   "Size: diameter and 95 % interval; bar: the interval, stroke: the size, arrow: open end, or "
                   "beyond the scale; " NOT_KNOWN ": not known, the card says why; flagged: not surely above 5 mm. ");
    rs_say_reader(out, "reader: M metastasis, O other, N not real, U unsure");
    rs_buffer_text(out, ".");
    pdf->y = rs_paper_paragraph(pdf->paper, &rs_type_minor, LEFT, pdf->y + 0.3, RS_PAPER_INNER_MM, rs_pdf_said(pdf));
}

void rs_pdf_more_marks(rs_pdf *pdf)
{
    const int n = pdf->report->n_marks;
    rs_pdf_heading(pdf, "Marks, continued", 2 * ROW_MM + 8);
    pdf->more_marks_page = rs_paper_sheets(pdf->paper);
    for (int m = RS_PDF_ROWS; m < n;) {
        int fit = (int)((RS_PDF_BOTTOM_MM - pdf->y - ROW_MM - 7) / ROW_MM), last = m + fit < n ? m + fit : n;
        rs_pdf_marks(pdf, m, last);
        m = last;
        if (m < n) {
            rs_paper_add(pdf->paper);
            pdf->y = RS_PDF_TOP_MM;
        }
    }
}
