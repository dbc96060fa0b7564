/* Bottom of the page: limitations, what this packet does not hold, series, how it was made, signature. */
#include "page.h"

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

static void how(rs_page *page)
{
    rs_buffer *out = page->out;
    const rs_report *report = page->report;
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
    rs_say_input(rs_page_new(&page->said), report);
    rs_page_element(out, "p class=\"uid\"", rs_page_text(&page->said));
    rs_say_point(rs_page_new(&page->said), report);
    if (*rs_page_text(&page->said)) rs_page_element(out, "p", rs_page_text(&page->said));
    rs_say_parameters(rs_page_new(&page->said), report);
    rs_page_element(out, "p class=\"uid\"", rs_page_text(&page->said));
    rs_buffer_text(out,
                   "<p>Positions are patient coordinates in mm (LPS: x to the left, y to the back, z to the head). "
                   "The same numbers stand in report.json and lesions.csv; marks.mrk.json opens in 3D Slicer.</p>\n"
                   "</section>\n");
}

void rs_page_back(rs_page *page)
{
    limitations(page->out, page->report);
    series(page->out, page->report);
    how(page);
    rs_buffer_text(page->out, "<footer><span class=\"pen\">Seen by</span><span class=\"pen\">Date</span></footer>\n");
}
