/* A card a mark, three on a sheet: three planes, the calipers enlarged, every fact (reporting D.2). */
#include <string.h>

#include "pdf.h"

#define LEFT RS_PAPER_MARGIN_MM
#define PICTURE_MM 40.0
#define GAP_MM 2.0
#define TITLE_MM 5.0
#define CAPTION_MM 3.2
#define TEXT_LEFT (LEFT + 3 * (PICTURE_MM + GAP_MM) + 1.5)
#define TEXT_MM (RS_PAPER_WIDTH_MM - RS_PAPER_MARGIN_MM - TEXT_LEFT - 1.5)
#define SECOND_LEFT (LEFT + PICTURE_MM + GAP_MM + 3.5)
#define SECOND_MM (TEXT_LEFT - SECOND_LEFT - 3)
#define CALIPERS_MM 33.4
#define BODY_MM (PICTURE_MM + CALIPERS_MM + 2 * CAPTION_MM + 0.8) /* three cards on a sheet */
#define READER_MM 5.0

/* Facts fill the column at the right, then the one beside the calipers. */
typedef struct column {
    double x, y, width, end;
} column;

/* Leaves the sentence behind. */
static double fact_mm(rs_pdf *pdf, const rs_fact_row *fact, double width)
{
    rs_buffer *out = rs_pdf_say(pdf);
    rs_buffer_printf(out, "%s: %s", fact->name, fact->text);
    return rs_paper_paragraph_mm(pdf->paper, &rs_type_small, width, rs_pdf_said(pdf));
}

/* Places the facts, drawn or only measured; returns the y below the longer column. */
static double facts(rs_pdf *pdf, const rs_fact_row *rows, int n, double top, double end, bool pictures, bool drawn)
{
    column right = {TEXT_LEFT, top, TEXT_MM, end};
    column second = {SECOND_LEFT, top + PICTURE_MM + CAPTION_MM + 1.5, SECOND_MM, end};
    column *at = &right;
    if (!pictures) second.y = top, second.x = LEFT + 2, second.width = TEXT_LEFT - LEFT - 5;
    for (int f = 0; f < n; f++) {
        double mm = fact_mm(pdf, &rows[f], at->width);
        if (at == &right && right.y + mm > right.end) {
            at = &second;
            mm = fact_mm(pdf, &rows[f], at->width);
        }
        if (drawn) (void)rs_paper_paragraph(pdf->paper, &rs_type_small, at->x, at->y, at->width, rs_pdf_said(pdf));
        at->y += mm;
    }
    return right.y > second.y ? right.y : second.y;
}

static void picture(rs_pdf *pdf, const rs_report_mark *mark, int card, int which, double x, double y, double mm)
{
    const rs_crop *crop = &pdf->pictures->crops[card][which];
    if (!crop->grey) return;
    rs_draw to = {.paper = pdf->paper, .at_mm = {x, y}, .mm_per_unit = {0.01 * mm, 0.01 * mm}};
    rs_paper_clip(pdf->paper, x, y, mm, mm);
    rs_paper_picture(pdf->paper, crop->grey, RS_CROP_PIXELS, RS_CROP_PIXELS, x, y, mm, mm);
    if (pdf->status == RS_OK) pdf->status = rs_crop_draw(pdf->ctx, &to, pdf->pictures, mark, card, which);
    rs_paper_unclip(pdf->paper);
    rs_crop_caption(rs_pdf_say(pdf), pdf->pictures, pdf->report, mark, card, which);
    (void)rs_paper_text(pdf->paper, &rs_type_minor, x, y + mm + 2.7, rs_pdf_said(pdf));
}

static void title(rs_pdf *pdf, const rs_report_mark *mark, double top)
{
    static const rs_stroke crossed = {0.25, 0x1a1a1a, -1, 0};
    const rs_say_class *of = rs_say_class_of(mark->size.size_class);
    const rs_type coloured = {8, true, rs_pdf_class_rgb(of->style)};
    const double right = RS_PAPER_WIDTH_MM - RS_PAPER_MARGIN_MM - 1.5, y = top + 3.8;
    double x = LEFT + 1.5;
    x += rs_paper_text(pdf->paper, &rs_type_head, x, y, mark->id) + 2;
    x += rs_paper_text(pdf->paper, &rs_type_head, x, y, mark->size.text) + 3;
    if (rs_say_not_real(mark)) rs_paper_line(pdf->paper, &crossed, LEFT + 1, y - 1.1, x - 2, y - 1.1);
    x += rs_paper_text(pdf->paper, &coloured, x, y, of->words) + 3;
    if (mark->pointed) x += rs_paper_text(pdf->paper, &rs_type_small, x, y, "pointed at by a person") + 3;
    if (mark->review.text) {
        rs_say_reader(rs_pdf_say(pdf), mark->review.text);
        x += rs_paper_text(pdf->paper, &rs_type_lead, x, y, rs_pdf_said(pdf)) + 3;
    }
    if (!pdf->pictures->crops) return;
    rs_buffer_printf(rs_pdf_say(pdf), "%s; outline: segmented voxels", rs_window_words(mark));
    double width = rs_paper_width(pdf->paper, &rs_type_minor, rs_pdf_said(pdf));
    if (right - width > x) (void)rs_paper_text(pdf->paper, &rs_type_minor, right - width, y, rs_pdf_said(pdf));
}

static void reader(rs_pdf *pdf, double x, double y)
{
    static const char *const words[] = {"metastasis", "other", "not real", "unsure"};
    rs_say_reader(rs_pdf_say(pdf), "reader:");
    x += rs_paper_text(pdf->paper, &rs_type_small, x, y, rs_pdf_said(pdf)) + 2;
    for (size_t w = 0; w < sizeof words / sizeof words[0]; w++) {
        rs_pdf_box(pdf, x, y - 2.2, 2.4);
        x += 3.2 + rs_paper_text(pdf->paper, &rs_type_small, x + 3.2, y, words[w]) + 4;
    }
    x += rs_paper_text(pdf->paper, &rs_type_small, x, y, "initials") + 1.5;
    rs_pdf_pen(pdf, x, y + 0.4, 25);
}

static void card(rs_pdf *pdf, int m)
{
    static const rs_stroke edge = {0.2, 0x767676, -1, 0};
    const rs_report_mark *mark = &pdf->report->marks[m];
    const bool pictures = pdf->pictures->crops != NULL;
    rs_arena *scratch = rs_scratch(pdf->ctx);
    if (!scratch) {
        pdf->status = rs_fail_memory(pdf->ctx, "a card");
        return;
    }
    rs_arena_mark where = rs_arena_where(scratch);
    rs_fact_row rows[RS_FACTS_MAX];
    int n = 0;
    pdf->status = rs_say_facts(pdf->ctx, scratch, mark, rows, &n);
    if (pdf->status == RS_OK) {
        const double usual = BODY_MM - READER_MM;
        double mm = facts(pdf, rows, n, 0, usual, pictures, false) + READER_MM;
        double body = mm < BODY_MM && pictures ? BODY_MM : mm;
        rs_pdf_need(pdf, TITLE_MM + body);
        const double top = pdf->y, inner = top + TITLE_MM;
        rs_paper_rect(pdf->paper, &edge, LEFT, top, RS_PAPER_INNER_MM, TITLE_MM + body);
        title(pdf, mark, top);
        for (int w = 0; w < RS_PLANES && pictures; w++)
            picture(pdf, mark, m, w, LEFT + 1.5 + w * (PICTURE_MM + GAP_MM), inner, PICTURE_MM);
        if (pictures)
            picture(pdf, mark, m, RS_CROP_CALIPERS, LEFT + 1.5, inner + PICTURE_MM + CAPTION_MM + 0.6, CALIPERS_MM);
        (void)facts(pdf, rows, n, inner, inner + usual, pictures, true);
        reader(pdf, pictures ? SECOND_LEFT : LEFT + 2, inner + body - 1.6);
        pdf->y = inner + body + 1;
    }
    rs_arena_rewind(scratch, where);
}

void rs_pdf_cards(rs_pdf *pdf)
{
    const int n = pdf->pictures->n_cards;
    rs_paper_add(pdf->paper);
    pdf->y = RS_PDF_TOP_MM;
    if (n < pdf->report->n_marks) {
        rs_buffer_printf(rs_pdf_say(pdf),
                         "The first %d of %d marks have a card; all stand in the table and in lesions.csv.", n,
                         pdf->report->n_marks);
        rs_pdf_paragraph(pdf, &rs_type_minor, rs_pdf_said(pdf));
    }
    for (int m = 0; m < n && pdf->status == RS_OK; m++)
        card(pdf, m);
}
