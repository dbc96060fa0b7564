/* Tables of evaluation.html. */
#include "html.h"

#include <math.h>
#include <string.h>

#include "restage/text.h"

enum { SCANS_SHOWN = 1000 };

void rs_html_words(rs_buffer *out, const char *code)
{
    char words[128]; /* no code of ours is longer; a text of others stays as it is */
    size_t n = strlen(code);
    if (n >= sizeof words) {
        rs_markup_text(out, code);
        return;
    }
    for (size_t i = 0; i <= n; i++)
        words[i] = code[i] == '_' ? ' ' : code[i];
    rs_markup_text(out, words);
}

void rs_html_number(rs_buffer *out, double value, int decimals)
{
    if (isfinite(value))
        rs_buffer_printf(out, "%.*f", decimals, rs_round_decimals(value, decimals));
    else
        rs_buffer_text(out, "\xe2\x80\x93");
}

void rs_html_bounded(rs_buffer *out, double value, double low, double high, int decimals)
{
    rs_html_number(out, value, decimals);
    if (!isfinite(low) || !isfinite(high)) return;
    rs_buffer_text(out, " <small>");
    rs_html_number(out, low, decimals);
    rs_buffer_text(out, " to ");
    rs_html_number(out, high, decimals);
    rs_buffer_text(out, "</small>");
}

void rs_html_rule(rs_buffer *out, const rs_froc *froc)
{
    rs_buffer_text(out, strcmp(froc->rule, "luna16") == 0 ? "LUNA16" : "at least 3 mm");
    rs_buffer_text(out, strcmp(froc->scans, "all") == 0 ? ", all scans" : ", scans with marks");
}

static void number_cell(rs_buffer *out, double value, int decimals)
{
    rs_buffer_text(out, "<td>");
    rs_html_number(out, value, decimals);
    rs_buffer_text(out, "</td>");
}

static void bounded_cell(rs_buffer *out, double value, double low, double high, int decimals)
{
    rs_buffer_text(out, "<td>");
    rs_html_bounded(out, value, low, high, decimals);
    rs_buffer_text(out, "</td>");
}

/* One row of counts, a column a rule. */
static void count_row(rs_buffer *out, const rs_evaluation *e, const char *name, size_t offset)
{
    rs_buffer_printf(out, "<tr><th scope=\"row\">%s</th>", name);
    for (int r = 0; r < e->n_froc; r++) {
        int64_t value;
        memcpy(&value, (const char *)&e->froc[r].counts + offset, sizeof value);
        rs_buffer_printf(out, "<td>%lld</td>", (long long)value);
    }
    rs_buffer_text(out, "</tr>\n");
}

void rs_html_scores(rs_buffer *out, const rs_evaluation *e)
{
    static const char *const at[RS_FROC_AT] = {"1/8", "1/4", "1/2", "1", "2", "4", "8"};
    rs_buffer_text(out, "<table><thead><tr><th scope=\"col\">False marks a scan</th>");
    for (int r = 0; r < e->n_froc; r++) {
        rs_buffer_text(out, "<th scope=\"col\">");
        rs_html_rule(out, &e->froc[r]);
        rs_buffer_text(out, "</th>");
    }
    rs_buffer_text(out, "</tr></thead><tbody>\n");
    for (int a = 0; a < RS_FROC_AT; a++) {
        rs_buffer_printf(out, "<tr><th scope=\"row\">%s</th>", at[a]);
        for (int r = 0; r < e->n_froc; r++)
            bounded_cell(out, e->froc[r].sensitivity_at[a], e->froc[r].low_at[a], e->froc[r].high_at[a], 2);
        rs_buffer_text(out, "</tr>\n");
    }
    rs_buffer_text(out, "<tr><th scope=\"row\"><b>CPM</b> (mean)</th>");
    for (int r = 0; r < e->n_froc; r++)
        bounded_cell(out, e->froc[r].cpm, e->froc[r].cpm_low, e->froc[r].cpm_high, 3);
    rs_buffer_text(out, "</tr>\n<tr><th scope=\"row\">no limit on P</th>");
    for (int r = 0; r < e->n_froc; r++)
        number_cell(out, e->froc[r].greatest_sensitivity, 2);
    rs_buffer_text(out, "</tr>\n");
    count_row(out, e, "scans", offsetof(rs_froc_counts, scans));
    count_row(out, e, "scans without a row", offsetof(rs_froc_counts, scans_without_marks));
    count_row(out, e, "lesions", offsetof(rs_froc_counts, findings));
    count_row(out, e, "found", offsetof(rs_froc_counts, found));
    count_row(out, e, "missed", offsetof(rs_froc_counts, missed));
    count_row(out, e, "marks", offsetof(rs_froc_counts, marks));
    count_row(out, e, "false", offsetof(rs_froc_counts, false_marks));
    count_row(out, e, "on the irrelevant", offsetof(rs_froc_counts, ignored));
    count_row(out, e, "second on a lesion", offsetof(rs_froc_counts, doubles));
    rs_buffer_text(out,
                   "</tbody></table>\n<p class=\"minor\">LUNA16: a mark hits nearer than half the diameter. At least "
                   "3 mm: not farther than half the diameter, or 3 mm where that is more.</p>\n");
}

static void by_row(rs_buffer *out, const char *by, int columns)
{
    rs_buffer_printf(out, "<tr class=\"by\"><th scope=\"rowgroup\" colspan=\"%d\">by ", columns);
    rs_markup_text(out, by);
    rs_buffer_text(out, "</th></tr>\n");
}

static void stratum_row(rs_buffer *out, const rs_stratum *s)
{
    rs_buffer_text(out, "<tr><th scope=\"row\">");
    rs_html_words(out, s->name);
    rs_buffer_printf(out, "</th><td>%lld</td>", (long long)s->n);
    bounded_cell(out, s->at_point, s->at_point_low, s->at_point_high, 2);
    for (int a = 0; a < RS_STRATUM_POINTS; a++)
        bounded_cell(out, s->at[a], s->at_low[a], s->at_high[a], 2);
    number_cell(out, rs_share(s->found_first_30, s->n), 2);
    number_cell(out, rs_share(s->found_first_30_false, s->n), 2);
    rs_buffer_text(out, "</tr>\n");
}

void rs_html_strata(rs_buffer *out, const rs_evaluation *e)
{
    const char *by = "";
    if (e->n_strata == 0) return;
    rs_buffer_text(out, "<h2>Sensitivity by kind of lesion</h2>\n<div class=\"wide\"><table "
                        "class=\"tight\"><thead><tr><th scope=\"col\">lesions</th>"
                        "<th scope=\"col\">n</th><th scope=\"col\">at the point</th><th scope=\"col\">1</th>"
                        "<th scope=\"col\">2</th><th scope=\"col\">4</th><th scope=\"col\">8</th>"
                        "<th scope=\"col\">64</th><th scope=\"col\">first 30</th>"
                        "<th scope=\"col\">30 false</th></tr></thead><tbody>\n");
    for (int s = 0; s < e->n_strata; s++) {
        if (strcmp(by, e->strata[s].by) != 0 && strcmp(e->strata[s].by, "all") != 0) by_row(out, e->strata[s].by, 10);
        by = e->strata[s].by;
        stratum_row(out, &e->strata[s]);
    }
    rs_buffer_text(
        out, "</tbody></table></div>\n<p "
             "class=\"minor\">At the operating point; 1 to 64: by the most marks that make no "
             "more than so many "
             "false ones a scan, without the lines between points that the table above draws; a hit lies within half "
             "the diameter, or 3 mm where that is more; among the first 30 marks of their scan; fewer than 30 false "
             "marks of their scan before it. With Wilson's 95 %.</p>\n");
}

static void measured_row(rs_buffer *out, const rs_measured *m)
{
    rs_buffer_text(out, "<tr><th scope=\"row\">");
    rs_html_words(out, m->name);
    rs_buffer_printf(out, "</th><td>%lld</td>", (long long)m->n_fit);
    bounded_cell(out, m->bias_mm, m->agreement_low_mm, m->agreement_high_mm, 2);
    bounded_cell(out, m->fit_coverage, m->fit_coverage_low, m->fit_coverage_high, 2);
    number_cell(out, m->median_width_mm, 2);
    rs_buffer_printf(out, "<td>%lld</td>", (long long)m->n_decided);
    bounded_cell(out, m->decided_coverage, m->decided_coverage_low, m->decided_coverage_high, 2);
    rs_buffer_printf(out, "<td>%lld / %lld</td></tr>\n", (long long)m->wrong, (long long)m->definite);
}

void rs_html_measured(rs_buffer *out, const rs_evaluation *e)
{
    const char *by = "";
    bool any = false;
    for (int m = 0; m < e->n_measured; m++)
        any |= e->measured[m].n > 0;
    if (!any) return;
    rs_buffer_text(
        out, "<h2>Sizes of what was found</h2>\n<div class=\"wide\"><table><thead><tr><th scope=\"col\">lesions</th>"
             "<th scope=\"col\">fits</th><th scope=\"col\">bias mm <small>limits of agreement</small></th>"
             "<th scope=\"col\">the fit's interval covers</th><th scope=\"col\">its width mm</th>"
             "<th scope=\"col\">intervals</th><th scope=\"col\">low to high covers</th>"
             "<th scope=\"col\">wrong of definite</th></tr></thead><tbody>\n");
    for (int m = 0; m < e->n_measured; m++) {
        if (strcmp(by, e->measured[m].by) != 0 && strcmp(e->measured[m].by, "all") != 0)
            by_row(out, e->measured[m].by, 8);
        by = e->measured[m].by;
        measured_row(out, &e->measured[m]);
    }
    rs_buffer_text(out, "</tbody></table></div>\n<p class=\"on\">On a narrow screen the table goes on to the "
                        "right.</p>\n<p class=\"minor\">Errors: mark minus truth, of the best mark of each lesion. "
                        "Limits of agreement: bias &#177; 1.96 SD. Wrong of definite: size classes above or below 5 mm "
                        "that are not the truth's.</p>\n");
}

static void scan_row(rs_buffer *out, const rs_evaluated_scan *s)
{
    rs_buffer_text(out, "<tr><th scope=\"row\" class=\"uid\">");
    rs_markup_text(out, s->series_uid);
    rs_buffer_text(out, "</th><td>");
    rs_markup_text(out, s->kind);
    rs_buffer_printf(out, "</td><td>%lld</td><td>%lld</td><td>%lld</td><td>%lld</td>", (long long)s->findings,
                     (long long)s->found, (long long)s->shown, (long long)s->false_shown);
    number_cell(out, s->searched_litres, 2);
    rs_buffer_text(out, "</tr>\n");
}

void rs_html_scans(rs_buffer *out, const rs_evaluation *e)
{
    const int n = e->n_scans < SCANS_SHOWN ? e->n_scans : SCANS_SHOWN;
    rs_buffer_printf(out, "<h2>Scans</h2>\n<details><summary>%d %s, one by one</summary>\n", e->n_scans,
                     e->n_scans == 1 ? "scan" : "scans");
    rs_buffer_text(out, "<div class=\"wide\"><table><thead><tr><th scope=\"col\">series</th><th scope=\"col\">kind</th>"
                        "<th scope=\"col\">lesions</th><th scope=\"col\">found</th><th scope=\"col\">shown</th>"
                        "<th scope=\"col\">false</th><th scope=\"col\">litres</th></tr></thead><tbody>\n");
    for (int s = 0; s < n; s++)
        scan_row(out, &e->scans[s]);
    rs_buffer_text(out,
                   "</tbody></table></div>\n<p class=\"on\">On a narrow screen the table goes on to the right.</p>\n");
    if (n < e->n_scans)
        rs_buffer_printf(out, "<p class=\"minor\">The first %d; all stand in evaluation.json.</p>\n", SCANS_SHOWN);
    rs_buffer_text(out, "</details>\n");
}
