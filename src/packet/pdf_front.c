/* Page 1: who, what was looked at, where, the overview, the marks, the questions, a signature; in this order, on one
   sheet (reporting D.1). */
#include "pdf.h"

#include <math.h>
#include <string.h>

#define LEFT RS_PAPER_MARGIN_MM
#define RIGHT (RS_PAPER_WIDTH_MM - RS_PAPER_MARGIN_MM)
#define SIGNATURE_MM 279.5 /* base line */
#define QUESTION_MM 3.4
#define OVERVIEW_MM 80.0
#define BODY_MM 33.0

static const rs_stroke frame = {0.3, 0x1a1a1a, -1, 0}, hair = {0.15, 0x999999, -1, 0};

const char *rs_pdf_name(rs_pdf *pdf)
{
    const rs_report_identity *who = &pdf->report->identity;
    if (rs_paper_can_set(pdf->paper, who->patient_name_text)) return who->patient_name_text;
    for (const char *group = who->patient_name; group && *group;) {
        size_t bytes = strcspn(group, "=");
        rs_buffer *out = rs_pdf_say(pdf);
        for (size_t i = 0; i < bytes; i++)
            rs_buffer_add(out, group[i] == '^' ? " " : &group[i], 1);
        if (bytes > 0 && rs_paper_can_set(pdf->paper, rs_pdf_said(pdf))) return rs_pdf_said(pdf);
        group += bytes + (group[bytes] == '=');
    }
    return NULL;
}

typedef struct fields {
    rs_pdf *pdf;
    double x, y, right;
} fields;

/* Label and value, or a line for a pen. */
static void field(fields *f, const char *label, const char *value, double most_mm)
{
    rs_paper *paper = f->pdf->paper;
    double named = rs_paper_width(paper, &rs_type_minor, label) + 1, wide = rs_paper_width(paper, &rs_type_lead, value);
    double width = value ? (wide < most_mm ? wide : most_mm) : 24;
    if (f->x + named + width > f->right && f->x > LEFT + 2) {
        f->x = LEFT + 2;
        f->y += 4.1;
    }
    (void)rs_paper_text(paper, &rs_type_minor, f->x, f->y, label);
    if (value)
        rs_pdf_cut(f->pdf, &rs_type_lead, f->x + named, f->y, width + 0.1, value);
    else
        rs_pdf_pen(f->pdf, f->x + named, f->y + 0.4, width);
    f->x += named + width + 3;
}

static void identity(rs_pdf *pdf)
{
    const rs_report_identity *who = &pdf->report->identity;
    const double top = LEFT;
    fields f = {pdf, LEFT + 2, top + 4.2, RIGHT - 62};
    rs_paper_rect(pdf->paper, &frame, LEFT, top, RS_PAPER_INNER_MM, 14);
    const char *name = rs_pdf_name(pdf);
    const bool other = who->patient_name && !rs_paper_can_set(pdf->paper, who->patient_name);
    field(&f, "Name", name, 70);
    if (other)
        field(&f, name ? "name also recorded in another script" : "recorded in another script: see report.html", "", 0);
    field(&f, "ID", who->patient_id, 60);
    field(&f, "Born", who->birth_date, 24);
    field(&f, "Sex", who->sex, 10);
    field(&f, "Study date", who->study_date, 24);
    field(&f, "Accession", who->accession_number, 44);
    rs_say_series(rs_pdf_say(pdf), pdf->report);
    field(&f, "Series", rs_pdf_said(pdf), 90);
    (void)rs_paper_text(pdf->paper, &rs_type_title, RIGHT - 58, top + 6, "Read the scan first.");
    (void)rs_paper_text(pdf->paper, &rs_type_text, RIGHT - 58, top + 10.5, "Research use. Not a medical device.");
    pdf->y = top + 15.5;
}

static void organ_row(rs_pdf *pdf, const rs_report_organ *organ, double x, double width)
{
    rs_buffer *out = rs_pdf_say(pdf);
    rs_say_organ_state(out, organ);
    pdf->y = rs_paper_paragraph(pdf->paper, &rs_type_text, x, pdf->y, width, rs_pdf_said(pdf));
}

static void looked_at(rs_pdf *pdf)
{
    const double top = pdf->y, scale = BODY_MM / RS_SILHOUETTE_HEIGHT;
    const rs_silhouette *silhouette = &pdf->pictures->silhouette;
    double x = LEFT + (silhouette->there ? 50 : 0), width = RIGHT - x;
    const rs_draw to = {.paper = pdf->paper, .at_mm = {LEFT, top + 1.5}, .mm_per_unit = {scale, scale}};
    rs_silhouette_draw(&to, silhouette);
    pdf->y = rs_paper_paragraph(pdf->paper, &rs_type_head, x, top, width, "What was looked at");
    for (int o = 0; o < pdf->report->n_organs && pdf->y < top + 25; o++)
        organ_row(pdf, &pdf->report->organs[o], x, width);
    if (pdf->report->n_organs == 0)
        pdf->y = rs_paper_paragraph(pdf->paper, &rs_type_text, x, pdf->y, width, pdf->report->assessed_text);
    pdf->y = rs_paper_paragraph(pdf->paper, &rs_type_minor, x, pdf->y, width,
                                "Everything else in the images was not searched.");
    if (pdf->y < top + 36) pdf->y = top + 36;
}

static void scan(rs_pdf *pdf)
{
    rs_buffer *out = rs_pdf_say(pdf);
    rs_say_scan(out, pdf->report);
    for (int o = 0; o < pdf->report->n_organs; o++) {
        const rs_report_organ *organ = &pdf->report->organs[o];
        if (!isfinite(organ->detection_limit.d95_mm)) continue;
        rs_buffer_text(out, " Detection limit, ");
        rs_say_organ(out, organ);
        rs_buffer_text(out, ": ");
        rs_say_limit(out, organ);
        rs_buffer_text(out, ".");
    }
    pdf->y = rs_paper_paragraph(pdf->paper, &rs_type_small, LEFT, pdf->y, RS_PAPER_INNER_MM, rs_pdf_said(pdf)) + 1;
}

static void counts(rs_pdf *pdf, const char *name, const rs_report_row *row, double y, const rs_type *type)
{
    const int n[] = {row->above_5mm, row->near_5mm, row->below_5mm, row->indeterminate};
    (void)rs_paper_text(pdf->paper, type, LEFT, y, name);
    for (int c = 0; c < 4; c++) {
        rs_buffer_printf(rs_pdf_say(pdf), "%d", n[c]);
        (void)rs_paper_text(pdf->paper, type, LEFT + 33 + 18.5 * c, y, rs_pdf_said(pdf));
    }
}

static void where(rs_pdf *pdf)
{
    const rs_report_distribution *spread = &pdf->report->distribution;
    const double top = pdf->y;
    rs_buffer *out = rs_pdf_say(pdf);
    rs_buffer_printf(out, "%s. ", pdf->report->marks_text ? pdf->report->marks_text : "");
    if (pdf->report->n_marks == 0) rs_buffer_printf(out, "%s.", pdf->report->assessed_text);
    pdf->y = rs_paper_paragraph(pdf->paper, &rs_type_lead, LEFT, top, RS_PAPER_INNER_MM, rs_pdf_said(pdf));
    double y = pdf->y + 3.2;
    (void)rs_paper_text(pdf->paper, &rs_type_bold, LEFT, y, "Where");
    for (int c = 0; rs_say_class_at(c); c++) {
        const rs_say_class *of = rs_say_class_at(c);
        const rs_type type = {7, true, rs_pdf_class_rgb(of->style)};
        (void)rs_paper_text(pdf->paper, &type, LEFT + 33 + 18.5 * c, y, of->words);
    }
    rs_paper_line(pdf->paper, &frame, LEFT, y + 0.8, LEFT + 108, y + 0.8);
    y += 0.4;
    for (int r = 0; r < spread->n_rows; r++) {
        rs_say_row(rs_pdf_say(pdf), &spread->rows[r]);
        y += 3.3;
        counts(pdf, rs_pdf_said(pdf), &spread->rows[r], y, &rs_type_small);
    }
    rs_paper_line(pdf->paper, &hair, LEFT, y + 0.9, LEFT + 108, y + 0.9);
    y += 3.5;
    counts(pdf, "total", &spread->total, y, &rs_type_bold);
    rs_say_expected(rs_pdf_say(pdf), pdf->report);
    double beside =
        rs_paper_paragraph(pdf->paper, &rs_type_small, LEFT + 113, pdf->y, RIGHT - LEFT - 113, rs_pdf_said(pdf));
    pdf->y = (y + 1.2 > beside ? y + 1.2 : beside) + 1;
    if (pdf->y < top + 22) pdf->y = top + 22;
}

/* Both pictures at one scale, as large as the height and the sheet allow. */
static void overview(rs_pdf *pdf, double most_mm)
{
    static const char *const names[] = {"from the front", "from the patient's left"};
    const rs_overview *o = &pdf->pictures->overview;
    if (!o->there) return;
    double wide = (RS_PAPER_INNER_MM - 6) / (o->width_mm[0] + o->width_mm[1]), tall = (most_mm - 4) / o->height_mm;
    double scale = wide < tall ? wide : tall, height = scale * o->height_mm, x = LEFT;
    for (int s = 0; s < RS_OVERVIEWS; s++) {
        double width = scale * o->width_mm[s];
        rs_draw to = {.paper = pdf->paper, .at_mm = {x, pdf->y}, .mm_per_unit = {scale, scale}};
        rs_paper_clip(pdf->paper, x, pdf->y, width, height);
        rs_paper_picture(pdf->paper, o->grey[s], o->columns[s], o->rows, x, pdf->y, width, height);
        rs_overview_draw(&to, o, s, pdf->report);
        rs_paper_unclip(pdf->paper);
        (void)rs_paper_text(pdf->paper, &rs_type_minor, x, pdf->y + height + 3, names[s]);
        x += width + 6;
    }
    double left = RIGHT - x;
    if (left > 30)
        (void)rs_paper_paragraph(
            pdf->paper, &rs_type_minor, x, pdf->y, left,
            "Brightest voxel of what was searched along each line of sight; dots: the marks, the first 12 with their "
            "number. Not for reading: the scan is.");
    pdf->y += height + 4;
}

static void questions(rs_pdf *pdf)
{
    double y = pdf->y + 3;
    (void)rs_paper_text(pdf->paper, &rs_type_bold, LEFT, y, "Questions (in full from page 2)");
    for (int c = 0; c < pdf->report->n_criteria; c++) {
        const rs_report_criterion *row = &pdf->report->criteria[c];
        if (row->informative) continue;
        y += QUESTION_MM;
        rs_pdf_cut(pdf, &rs_type_small, LEFT, y, 74, row->question);
        if (row->brief)
            rs_pdf_cut(pdf, &rs_type_small, LEFT + 76, y, RS_PAPER_INNER_MM - 76, row->brief);
        else
            rs_pdf_pen(pdf, LEFT + 76, y + 0.4, RS_PAPER_INNER_MM - 76);
    }
    pdf->y = y + 1;
}

static void signature(rs_pdf *pdf)
{
    (void)rs_paper_text(pdf->paper, &rs_type_text, LEFT, SIGNATURE_MM, "seen by");
    rs_pdf_pen(pdf, LEFT + 14, SIGNATURE_MM + 0.4, 70);
    (void)rs_paper_text(pdf->paper, &rs_type_text, LEFT + 100, SIGNATURE_MM, "date");
    rs_pdf_pen(pdf, LEFT + 108, SIGNATURE_MM + 0.4, 40);
}

static int n_questions(const rs_report *report)
{
    int n = 0;
    for (int c = 0; c < report->n_criteria; c++)
        n += !report->criteria[c].informative;
    return n;
}

/* Where nothing was searched no table of counts says so. */
static void headline(rs_pdf *pdf)
{
    rs_buffer_printf(rs_pdf_say(pdf), "%s.", pdf->report->marks_text);
    pdf->y = rs_paper_paragraph(pdf->paper, &rs_type_lead, LEFT, pdf->y, RS_PAPER_INNER_MM, rs_pdf_said(pdf)) + 1;
}

void rs_pdf_front(rs_pdf *pdf)
{
    const rs_report *report = pdf->report;
    const bool assessed = strcmp(report->assessed, "none") != 0;
    int rows = report->n_marks < RS_PDF_ROWS ? report->n_marks : RS_PDF_ROWS, asked = n_questions(report);
    pdf->y = LEFT;
    identity(pdf);
    if (!assessed) headline(pdf);
    looked_at(pdf);
    scan(pdf);
    if (assessed) {
        where(pdf);
        double below =
            (asked ? 4 + QUESTION_MM * asked : 0) + (rows ? 9 + 5.0 * rows : 0) + (report->n_marks > rows ? 4 : 0);
        double left = SIGNATURE_MM - 6 - below - pdf->y;
        overview(pdf, left < 1.4 * OVERVIEW_MM ? left : 1.4 * OVERVIEW_MM);
        if (rows > 0) rs_pdf_marks(pdf, 0, rows);
    }
    if (asked > 0) questions(pdf);
    signature(pdf);
}
