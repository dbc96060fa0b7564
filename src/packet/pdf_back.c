/* The last sheets: what was and was not looked at in full, limitations, series, method, provenance. */
#include <math.h>

#include "pdf.h"

static void bullet(rs_pdf *pdf, const char *head, const char *text)
{
    rs_buffer *out = rs_pdf_say(pdf);
    rs_buffer_printf(out, "\xE2\x80\xA2 %s%s%s", head ? head : "", head ? ": " : "", text);
    rs_pdf_paragraph(pdf, &rs_type_text, rs_pdf_said(pdf));
}

static void organs(rs_pdf *pdf)
{
    rs_pdf_heading(pdf, "Organs", 8);
    rs_pdf_paragraph(pdf, &rs_type_lead, pdf->report->assessed_text);
    for (int o = 0; o < pdf->report->n_organs; o++) {
        const rs_report_organ *organ = &pdf->report->organs[o];
        rs_buffer *out = rs_pdf_say(pdf);
        rs_say_organ_state(out, organ);
        rs_buffer_text(out, ". Detection limit: ");
        rs_say_limit(out, organ);
        rs_buffer_text(out, ".");
        rs_pdf_paragraph(pdf, &rs_type_text, rs_pdf_said(pdf));
    }
}

static void limitations(rs_pdf *pdf)
{
    const rs_report *report = pdf->report;
    rs_pdf_heading(pdf, "Limitations", 8);
    for (int i = 0; i < report->limitations.n; i++)
        bullet(pdf, NULL, report->limitations.items[i].sentence);
    if (report->context.reason) bullet(pdf, "Context", report->context.reason);
    if (report->previous.reason) bullet(pdf, "Earlier packet", report->previous.reason);
    if (report->pending.comparison) bullet(pdf, "Comparison with a prior scan", report->pending.comparison);
}

static void series(rs_pdf *pdf)
{
    rs_pdf_heading(pdf, "Series of the study", 8);
    for (int s = 0; s < pdf->report->n_series; s++) {
        const rs_report_series *row = &pdf->report->series[s];
        rs_buffer *out = rs_pdf_say(pdf);
        rs_buffer_text(out, "\xE2\x80\xA2 ");
        if (row->series_number >= 0) rs_buffer_printf(out, "%lld ", (long long)row->series_number);
        rs_say_source(out, row->description);
        rs_buffer_text(out, " (");
        rs_say_source(out, row->modality ? row->modality : "modality not told");
        rs_buffer_printf(out, ", %d slices): %s. %s", row->n_slices, row->used ? "used" : "set aside",
                         row->why ? row->why : "");
        rs_pdf_paragraph(pdf, &rs_type_text, rs_pdf_said(pdf));
    }
}

static void how(rs_pdf *pdf)
{
    const rs_report *report = pdf->report;
    const rs_report_software *software = &report->software;
    rs_pdf_heading(pdf, "How this was made", 8);
    rs_buffer *out = rs_pdf_say(pdf);
    rs_say_scan(out, report);
    rs_pdf_paragraph(pdf, &rs_type_text, rs_pdf_said(pdf));
    rs_say_point(rs_pdf_say(pdf), report);
    rs_pdf_paragraph(pdf, &rs_type_text, rs_pdf_said(pdf));
    if (report->operating_point.p_definition) {
        rs_buffer_printf(rs_pdf_say(pdf), "P: %s.", report->operating_point.p_definition);
        rs_pdf_paragraph(pdf, &rs_type_text, rs_pdf_said(pdf));
    }
    out = rs_pdf_say(pdf);
    for (int c = 0; rs_say_class_at(c); c++)
        rs_buffer_printf(out, "%s%s: %s", c ? "; " : "Size classes, by the 95 % interval. ", rs_say_class_at(c)->words,
                         rs_say_class_at(c)->meaning);
    rs_buffer_text(out, ".");
    rs_pdf_paragraph(pdf, &rs_type_text, rs_pdf_said(pdf));
    rs_say_parameters(rs_pdf_say(pdf), report);
    rs_pdf_paragraph(pdf, &rs_type_text, rs_pdf_said(pdf));
    rs_say_input(rs_pdf_say(pdf), report);
    rs_pdf_paragraph(pdf, &rs_type_text, rs_pdf_said(pdf));
    out = rs_pdf_say(pdf);
    rs_buffer_text(out, "Study ");
    rs_say_source(out, report->source.study_instance_uid ? report->source.study_instance_uid : "without UID");
    rs_buffer_text(out, ".");
    rs_pdf_paragraph(pdf, &rs_type_text, rs_pdf_said(pdf));
    out = rs_pdf_say(pdf);
    /* Not the tier of the kernels: the same bytes on each. */
    rs_buffer_printf(out, "restage %s, commit %s, made %s. Libraries: ", software->version, software->commit,
                     software->created);
    for (int i = 0; i < software->n_libraries; i++)
        rs_buffer_printf(out, "%s%s", i ? ", " : "", software->libraries[i]);
    rs_buffer_text(out, ".");
    rs_pdf_paragraph(pdf, &rs_type_text, rs_pdf_said(pdf));
    rs_pdf_paragraph(pdf, &rs_type_text,
                     "Positions are patient coordinates in mm (LPS: x to the left, y to the back, z to the head). The "
                     "same numbers stand in report.json, lesions.csv and report.html; marks.mrk.json opens in 3D "
                     "Slicer.");
}

void rs_pdf_back(rs_pdf *pdf)
{
    rs_paper_add(pdf->paper);
    pdf->y = RS_PDF_TOP_MM;
    organs(pdf);
    limitations(pdf);
    series(pdf);
    how(pdf);
}
