/* Bottom of the page: limitations, what this packet does not hold, series, how it was made, signature. */
#include "page.h"

#include <math.h>
#include <string.h>

static void limitations(rs_buffer *out, const rs_report *report)
{
    rs_buffer_text(out, "<section>\n<h2>Limitations</h2>\n<ul>\n");
    for (int i = 0; i < report->limitations.n; i++)
        rs_page_element(out, "li", report->limitations.items[i].sentence);
    rs_buffer_text(out, "</ul>\n<h3>Not in this packet</h3>\n<ul>\n");
    const struct {
        const char *what, *why;
    } rows[] = {{"Context", report->context.reason},
                {"Earlier packet", report->previous.reason},
                {"Comparison with a prior scan", report->pending.comparison}};
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        if (!rows[r].why) continue;
        rs_buffer_printf(out, "<li>%s: ", rows[r].what);
        rs_markup_text(out, rows[r].why);
        rs_buffer_text(out, "</li>\n");
    }
    rs_buffer_text(out, "</ul>\n</section>\n");
}

static void series_row(rs_buffer *out, const rs_report_series *series)
{
    rs_buffer_text(out, "<tr><th scope=\"row\" class=\"source\">");
    if (series->series_number >= 0) rs_buffer_printf(out, "%lld ", (long long)series->series_number);
    rs_markup_text(out, series->description);
    rs_buffer_text(out, "</th><td class=\"source\" data-h=\"Modality\">");
    rs_markup_text(out, series->modality);
    rs_buffer_printf(out, "</td><td class=\"n\" data-h=\"Slices\">%d</td><td data-h=\"Used\"><b>%s</b></td>",
                     series->n_slices, series->used ? "used" : "set aside");
    rs_page_element(out, "td data-h=\"Why\"", series->why ? series->why : "");
    rs_buffer_text(out, "</tr>\n");
}

static void series(rs_buffer *out, const rs_report *report)
{
    rs_buffer_text(out, "<section>\n<h2>Series of the study</h2>\n<table class=\"stack\"><thead><tr>"
                        "<th scope=\"col\">Series</th><th scope=\"col\">Modality</th><th scope=\"col\">Slices</th>"
                        "<th scope=\"col\">Used</th><th scope=\"col\">Why</th></tr></thead><tbody>\n");
    for (int s = 0; s < report->n_series; s++)
        series_row(out, &report->series[s]);
    rs_buffer_text(out, "</tbody></table>\n</section>\n");
}

static void point(rs_buffer *out, const rs_report_point *at)
{
    if (!isfinite(at->p)) return;
    rs_buffer_text(out, "<p>Operating point: ");
    rs_markup_text(out, at->name);
    rs_buffer_text(out, ", marks from P = ");
    rs_page_value(out, at->p, "", NULL);
    rs_buffer_text(out, "; false marks a litre of searched organ where it was measured: ");
    rs_page_value(out, at->false_marks_per_litre, "", at->reason);
    rs_buffer_text(out, ", a scan there: ");
    rs_page_value(out, at->false_marks_per_scan, "", at->reason);
    rs_buffer_text(out, " (");
    rs_markup_text(out, at->basis ? at->basis : "no basis");
    rs_buffer_text(out, ").</p>\n");
}

/* Those that somebody set, and the digest of all; the defaults are in report.json. */
static void parameters(rs_buffer *out, const rs_report *report)
{
    int n_set = 0;
    rs_buffer_printf(out, "<p>%d parameters, SHA-256 <span class=\"uid\">%s</span>", report->n_parameters,
                     report->parameters_digest);
    for (int i = 0; i < report->n_parameters; i++) {
        const rs_report_parameter *row = &report->parameters[i];
        if (!row->set_by || strcmp(row->set_by, "default") == 0) continue;
        rs_buffer_text(out, n_set++ ? ", " : "; set to other values than the default: ");
        rs_page_words(out, row->name);
        rs_buffer_text(out, " = ");
        rs_page_value(out, row->value, row->unit ? row->unit : "", NULL);
    }
    rs_buffer_text(out, n_set ? ".</p>\n" : "; all at their defaults. Every one of them stands in report.json.</p>\n");
}

static void how(rs_buffer *out, const rs_report *report)
{
    const rs_report_software *software = &report->software;
    rs_buffer_text(out, "<section>\n<h2>How this was made</h2>\n<p>restage ");
    rs_markup_text(out, software->version);
    rs_buffer_text(out, ", commit <span class=\"uid\">");
    rs_markup_text(out, software->commit);
    rs_buffer_text(out, "</span>, kernels <span class=\"tier\">");
    rs_markup_text(out, software->tier);
    rs_buffer_text(out, "</span>, made <span class=\"created\">");
    rs_markup_text(out, software->created);
    rs_buffer_text(out, "</span>. Libraries: <span class=\"libraries\">");
    for (int i = 0; i < software->n_libraries; i++) {
        rs_buffer_text(out, i ? ", " : "");
        rs_markup_text(out, software->libraries[i]);
    }
    rs_buffer_text(out, "</span>.</p>\n");
    rs_buffer_printf(out, "<p>Input, SHA-256 <span class=\"uid\">%s</span>", report->input_digest);
    if (report->source.series_instance_uid) {
        rs_buffer_text(out, "; series <span class=\"source uid\">");
        rs_markup_text(out, report->source.series_instance_uid);
        rs_buffer_text(out, "</span>");
    }
    rs_buffer_text(out, ".</p>\n");
    point(out, &report->operating_point);
    parameters(out, report);
    rs_buffer_text(out,
                   "<p>Positions are patient coordinates in mm (LPS: x to the left, y to the back, z to the head). "
                   "The same numbers stand in report.json and lesions.csv; marks.mrk.json opens in 3D Slicer.</p>\n"
                   "</section>\n");
}

void rs_page_back(rs_buffer *out, const rs_report *report)
{
    limitations(out, report);
    series(out, report);
    how(out, report);
    rs_buffer_text(out, "<footer><span class=\"pen\">Seen by</span><span class=\"pen\">Date</span></footer>\n");
}
