/* evaluation.html: one file, no script, no network, nothing from outside. */
#include "html.h"

#include <math.h>
#include <string.h>

#include "restage/version.h"

static void begin_fact(rs_buffer *out, const char *name)
{
    rs_buffer_printf(out, "<div><dt>%s</dt><dd>", name);
}

static void count_fact(rs_buffer *out, const char *name, int64_t value)
{
    begin_fact(out, name);
    rs_buffer_printf(out, "%lld</dd></div>\n", (long long)value);
}

static void number_fact(rs_buffer *out, const char *name, double value, int decimals)
{
    begin_fact(out, name);
    rs_html_number(out, value, decimals);
    rs_buffer_text(out, "</dd></div>\n");
}

/* What the truth is comes before every figure. */
static void kinds(rs_buffer *out, const rs_evaluation *e)
{
    char text[200];
    rs_evaluation_kinds(e, text);
    rs_buffer_printf(out, "<p class=\"lead\">%s.</p>\n", text);
}

/* "Read from: marks big/pc; truth big/truth.json." */
static void inputs(rs_buffer *out, const rs_evaluation *e)
{
    const char *role = "";
    rs_buffer_text(out, "<p class=\"minor\">Read from: ");
    for (int i = 0; i < e->n_inputs; i++) {
        const bool first = strcmp(role, e->inputs[i].role) != 0;
        rs_buffer_text(out, i == 0 ? "" : first ? "; " : ", ");
        if (first) rs_buffer_printf(out, "%s ", e->inputs[i].role);
        role = e->inputs[i].role;
        rs_markup_text(out, e->inputs[i].name);
    }
    rs_buffer_text(out, ".</p>\n");
}

static void notes(rs_buffer *out, const rs_notes *all)
{
    if (all->n == 0) return;
    rs_buffer_text(out, "<h2>Read with this</h2>\n<ul>\n");
    for (int n = 0; n < all->n; n++) {
        rs_buffer_text(out, "<li>");
        rs_markup_text(out, all->items[n].sentence);
        rs_buffer_text(out, "</li>\n");
    }
    rs_buffer_text(out, "</ul>\n");
}

static void summary(rs_buffer *out, const rs_evaluation *e)
{
    rs_buffer_text(out, "<h1>restage evaluation</h1>\n<p class=\"minor\">Research use; not a medical device. restage ");
    rs_markup_text(out, rs_version());
    rs_buffer_text(out, "</p>\n");
    kinds(out, e);
    inputs(out, e);
    rs_buffer_text(out, "<dl>\n");
    if (e->n_froc > 0) {
        number_fact(out, "CPM (LUNA16)", e->froc[0].cpm, 3);
        count_fact(out, "lesions", e->froc[0].counts.findings);
        count_fact(out, "found by any mark", e->froc[0].counts.found);
        count_fact(out, "marks", e->froc[0].counts.marks);
    }
    number_fact(out, "shown, false, a scan", e->false_a_scan, 2);
    number_fact(out, "shown, false, a litre", e->false_a_litre, 2);
    number_fact(out, "searched, litres", e->searched_litres, 2);
    rs_buffer_text(out, "</dl>\n");
    if (e->point_basis != NULL) {
        rs_buffer_text(out, "<p class=\"minor\">Operating point: ");
        rs_markup_text(out, e->point_basis);
        rs_buffer_text(out, ".</p>\n");
    }
}

static void calibration(rs_buffer *out, const rs_evaluation *e)
{
    const rs_calibration *c = &e->calibration;
    if (c->n == 0) return;
    rs_buffer_text(out, "<div class=\"keep\"><h2>Does P keep its word?</h2>\n");
    rs_html_calibration(out, c);
    rs_buffer_text(out, "<dl>\n");
    count_fact(out, "marks of P 0.05 and more", c->n);
    number_fact(out, "mean error of the bins", c->error, 3);
    number_fact(out, "slope (1 is right)", c->slope, 2);
    number_fact(out, "intercept (0 is right)", c->intercept, 2);
    number_fact(out, "Brier", c->brier, 3);
    rs_buffer_text(out, "</dl></div>\n");
}

static void completeness(rs_buffer *out, const rs_evaluation *e)
{
    const rs_completeness *c = &e->completeness;
    rs_buffer_text(out, "<h2>Patients</h2>\n<dl>\n");
    count_fact(out, "patients", c->patients);
    count_fact(out, "with a lesion of 5 mm or more", c->with_lesions);
    count_fact(out, "every such lesion shown", c->complete);
    begin_fact(out, "share");
    rs_html_bounded(out, c->share, c->low, c->high, 2);
    rs_buffer_text(out, "</dd></div>\n</dl>\n");
}

rs_status rs_evaluation_page(rs_context *ctx, const rs_evaluation *evaluation, rs_buffer *out)
{
    RS_TRY(rs_markup_page_begin(ctx, out, "restage evaluation", rs_evaluation_style, NULL));
    summary(out, evaluation);
    notes(out, &evaluation->notes);
    rs_buffer_text(out, "<h2>Sensitivity and false marks</h2>\n");
    rs_html_curves(out, evaluation);
    rs_html_scores(out, evaluation);
    rs_html_strata(out, evaluation);
    completeness(out, evaluation);
    rs_html_measured(out, evaluation);
    calibration(out, evaluation);
    rs_html_scans(out, evaluation);
    rs_buffer_text(out, "</main>\n</body>\n</html>\n");
    return out->failed ? rs_fail_memory(ctx, "evaluation.html") : RS_OK;
}
