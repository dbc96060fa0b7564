/* evaluation.json: every number of an evaluation, with its decimals stated here; null where there is none, and why. The
   first rule ("luna16" over all scans) stands at the top, too: cpm, sensitivity_at, counts. */
#include "restage/json.h"
#include "restage/version.h"
#include "room.h"

#include <math.h>

enum { SHARES = 9, MM = 4 }; /* decimals */

static const char *const at_names[RS_FROC_AT] = {"0.125", "0.25", "0.5", "1", "2", "4", "8"};
static const char *const few_names[RS_STRATUM_POINTS] = {"1", "2", "4", "8", "64"};

/* A number, or null and the reason beside it. */
static void set(rs_json *o, const char *key, double value, int decimals, const char *reason)
{
    rs_json_set_real(o, key, value, decimals);
    if (isfinite(value)) return;
    char name[64];
    size_t n = 0;
    for (const char *c = key; *c != 0 && n < sizeof name - 8; c++)
        name[n++] = *c;
    for (const char *c = "_reason"; *c != 0; c++)
        name[n++] = *c;
    name[n] = 0;
    rs_json_set_text(o, name, reason);
}

static const char no_bounds[] = "no bootstrap was made, a single scan gives none, or no finding is there";
static const char no_findings[] = "the truth has no finding that can be found";

static rs_json *counts_of(const rs_froc_counts *c)
{
    rs_json *o = rs_json_object();
    rs_json_set_integer(o, "scans", c->scans);
    rs_json_set_integer(o, "scans_without_marks", c->scans_without_marks);
    rs_json_set_integer(o, "findings", c->findings);
    rs_json_set_integer(o, "found", c->found);
    rs_json_set_integer(o, "missed", c->missed);
    rs_json_set_integer(o, "marks", c->marks);
    rs_json_set_integer(o, "false_marks", c->false_marks);
    rs_json_set_integer(o, "ignored", c->ignored);
    rs_json_set_integer(o, "doubles", c->doubles);
    return o;
}

static rs_json *at_of(const double values[RS_FROC_AT])
{
    rs_json *o = rs_json_object();
    for (int a = 0; a < RS_FROC_AT; a++)
        rs_json_set_real(o, at_names[a], values[a], SHARES);
    return o;
}

/* cpm and the seven sensitivities, with their bounds. */
static void set_scores(rs_json *o, const rs_froc *f)
{
    set(o, "cpm", f->cpm, SHARES, no_findings);
    set(o, "cpm_low", f->cpm_low, SHARES, no_bounds);
    set(o, "cpm_high", f->cpm_high, SHARES, no_bounds);
    rs_json_set(o, "sensitivity_at", at_of(f->sensitivity_at));
    rs_json_set(o, "sensitivity_at_low", at_of(f->low_at));
    rs_json_set(o, "sensitivity_at_high", at_of(f->high_at));
    if (isnan(f->sensitivity_at[0])) rs_json_set_text(o, "sensitivity_at_reason", no_findings);
    if (isnan(f->low_at[0])) rs_json_set_text(o, "sensitivity_at_bounds_reason", no_bounds);
    rs_json_set(o, "counts", counts_of(&f->counts));
}

static rs_json *curve_of(const rs_froc *f)
{
    rs_json *list = rs_json_array();
    for (int i = 0; i < f->n_curve; i++) {
        rs_json *point = rs_json_array();
        rs_json_add_real(point, f->curve[i].false_marks, SHARES);
        rs_json_add_real(point, f->curve[i].sensitivity, SHARES);
        rs_json_add_real(point, f->curve[i].p, SHARES);
        rs_json_add(list, point);
    }
    return list;
}

static rs_json *rules_of(const rs_evaluation *e)
{
    rs_json *list = rs_json_array();
    for (int r = 0; r < e->n_froc; r++) {
        const rs_froc *f = &e->froc[r];
        rs_json *o = rs_json_object(), *band = rs_json_array();
        rs_json_set_text(o, "rule", f->rule);
        rs_json_set_text(o, "scans", f->scans);
        set_scores(o, f);
        set(o, "greatest_sensitivity", f->greatest_sensitivity, SHARES, no_findings);
        set(o, "greatest_false_marks", f->greatest_false_marks, SHARES, "there is no scan");
        rs_json_set_text(o, "curve_columns", "false marks a scan, sensitivity, P");
        rs_json_set(o, "curve", curve_of(f));
        for (int i = 0; i < f->n_band; i++) {
            rs_json *point = rs_json_array();
            rs_json_add_real(point, f->band_false_marks[i], SHARES);
            rs_json_add_real(point, f->band_low[i], SHARES);
            rs_json_add_real(point, f->band_high[i], SHARES);
            rs_json_add(band, point);
        }
        rs_json_set_text(o, "band_columns", "false marks a scan, low, high (95 %, bootstrap over scans)");
        rs_json_set(o, "band", band);
        rs_json_add(list, o);
    }
    return list;
}

static rs_json *point_of(const rs_evaluation *e)
{
    static const char no_litres[] = "the marks do not say what was searched";
    rs_json *o = rs_json_object();
    rs_json_set_text(o, "basis", e->point_basis);
    rs_json_set_integer(o, "shown", e->shown);
    rs_json_set_integer(o, "shown_false", e->shown_false);
    set(o, "false_a_scan", e->false_a_scan, SHARES, "there is no scan");
    set(o, "false_a_litre", e->false_a_litre, SHARES, no_litres);
    set(o, "searched_litres", e->searched_litres, 6, no_litres);
    return o;
}

static rs_json *strata_of(const rs_evaluation *e)
{
    rs_json *list = rs_json_array();
    for (int s = 0; s < e->n_strata; s++) {
        const rs_stratum *t = &e->strata[s];
        rs_json *o = rs_json_object(), *at = rs_json_object();
        rs_json_set_text(o, "by", t->by);
        rs_json_set_text(o, "name", t->name);
        rs_json_set_integer(o, "n", t->n);
        rs_json_set_integer(o, "found_at_point", t->found_at_point);
        set(o, "at_point", t->at_point, SHARES, "no finding is of this kind");
        set(o, "at_point_low", t->at_point_low, SHARES, "no finding is of this kind");
        set(o, "at_point_high", t->at_point_high, SHARES, "no finding is of this kind");
        for (int a = 0; a < RS_STRATUM_POINTS; a++) {
            static const char none[] = "no finding is of this kind";
            rs_json *one = rs_json_object();
            rs_json_set_integer(one, "found", t->found_at[a]);
            set(one, "sensitivity", t->at[a], SHARES, none);
            set(one, "low", t->at_low[a], SHARES, none);
            set(one, "high", t->at_high[a], SHARES, none);
            rs_json_set(at, few_names[a], one);
        }
        rs_json_set(o, "at_false_marks", at);
        rs_json_set_integer(o, "found_first_30", t->found_first_30);
        rs_json_set_integer(o, "found_first_30_false", t->found_first_30_false);
        rs_json_add(list, o);
    }
    return list;
}

static void set_sizes(rs_json *o, const rs_measured *m)
{
    static const char no_fit[] = "too few marks that hit a lesion say fit_mm";
    static const char no_bounded[] = "no mark that hit a lesion says fit_low_mm and fit_high_mm";
    static const char no_decided[] = "no mark that hit a lesion says low_mm and high_mm";
    rs_json_set_integer(o, "n", m->n);
    rs_json_set_integer(o, "n_fit", m->n_fit);
    set(o, "bias_mm", m->bias_mm, MM, no_fit);
    set(o, "sd_mm", m->sd_mm, MM, no_fit);
    set(o, "agreement_low_mm", m->agreement_low_mm, MM, no_fit);
    set(o, "agreement_high_mm", m->agreement_high_mm, MM, no_fit);
    set(o, "volume_bias", m->volume_bias, SHARES, "no volume is known on both sides");
    rs_json_set_integer(o, "n_fit_bounded", m->n_fit_bounded);
    rs_json_set_integer(o, "fit_covered", m->fit_covered);
    set(o, "fit_coverage", m->fit_coverage, SHARES, no_bounded);
    set(o, "fit_coverage_low", m->fit_coverage_low, SHARES, no_bounded);
    set(o, "fit_coverage_high", m->fit_coverage_high, SHARES, no_bounded);
    rs_json_set_integer(o, "n_decided", m->n_decided);
    rs_json_set_integer(o, "decided_covered", m->decided_covered);
    set(o, "decided_coverage", m->decided_coverage, SHARES, no_decided);
    set(o, "decided_coverage_low", m->decided_coverage_low, SHARES, no_decided);
    set(o, "decided_coverage_high", m->decided_coverage_high, SHARES, no_decided);
    set(o, "median_width_mm", m->median_width_mm, MM, no_bounded);
    rs_json_set_integer(o, "definite", m->definite);
    rs_json_set_integer(o, "wrong", m->wrong);
    rs_json_set_integer(o, "near", m->near);
    rs_json_set_integer(o, "indeterminate", m->indeterminate);
}

static rs_json *measured_of(const rs_evaluation *e)
{
    rs_json *list = rs_json_array();
    for (int i = 0; i < e->n_measured; i++) {
        rs_json *o = rs_json_object();
        rs_json_set_text(o, "by", e->measured[i].by);
        rs_json_set_text(o, "name", e->measured[i].name);
        set_sizes(o, &e->measured[i]);
        rs_json_add(list, o);
    }
    return list;
}

static rs_json *calibration_of(const rs_calibration *c)
{
    static const char few[] = "too few marks of P >= 0.05, or all of one outcome";
    rs_json *o = rs_json_object(), *bins = rs_json_array();
    rs_json_set_integer(o, "n", c->n);
    set(o, "error", c->error, SHARES, few);
    set(o, "slope", c->slope, 6, few);
    set(o, "intercept", c->intercept, 6, few);
    set(o, "brier", c->brier, SHARES, few);
    for (int b = 0; b < c->n_bins; b++) {
        rs_json *bin = rs_json_object();
        rs_json_set_integer(bin, "n", c->bins[b].n);
        rs_json_set_integer(bin, "positive", c->bins[b].positive);
        rs_json_set_real(bin, "mean_p", c->bins[b].mean_p, SHARES);
        rs_json_set_real(bin, "share", c->bins[b].share, SHARES);
        rs_json_add(bins, bin);
    }
    rs_json_set(o, "bins", bins);
    return o;
}

static rs_json *completeness_of(const rs_completeness *c)
{
    static const char none[] = "no patient has a lesion of 5 mm or more";
    rs_json *o = rs_json_object();
    rs_json_set_integer(o, "patients", c->patients);
    rs_json_set_integer(o, "with_lesions", c->with_lesions);
    rs_json_set_integer(o, "complete", c->complete);
    set(o, "share", c->share, SHARES, none);
    set(o, "low", c->low, SHARES, none);
    set(o, "high", c->high, SHARES, none);
    return o;
}

static rs_json *scans_of(const rs_evaluation *e)
{
    rs_json *list = rs_json_array();
    for (int s = 0; s < e->n_scans; s++) {
        const rs_evaluated_scan *scan = &e->scans[s];
        rs_json *o = rs_json_object();
        rs_json_set_text(o, "series_uid", scan->series_uid);
        rs_json_set_text(o, "patient", scan->patient);
        rs_json_set_text(o, "kind", scan->kind);
        rs_json_set_bool(o, "has_marks", scan->has_marks);
        set(o, "searched_litres", scan->searched_litres, 6, "the marks do not say what was searched");
        set(o, "thickness_mm", scan->thickness_mm, MM, "nobody says");
        rs_json_set_integer(o, "findings", scan->findings);
        rs_json_set_integer(o, "found", scan->found);
        rs_json_set_integer(o, "marks", scan->marks);
        rs_json_set_integer(o, "shown", scan->shown);
        rs_json_set_integer(o, "false_shown", scan->false_shown);
        rs_json_add(list, o);
    }
    return list;
}

static rs_json *inputs_of(const rs_evaluation *e)
{
    rs_json *list = rs_json_array();
    for (int i = 0; i < e->n_inputs; i++) {
        rs_json *o = rs_json_object();
        rs_json_set_text(o, "role", e->inputs[i].role);
        rs_json_set_text(o, "name", e->inputs[i].name);
        rs_json_add(list, o);
    }
    return list;
}

static rs_json *notes_of(const rs_notes *notes)
{
    rs_json *list = rs_json_array();
    for (int n = 0; n < notes->n; n++) {
        rs_json *o = rs_json_object();
        rs_json_set_text(o, "code", notes->items[n].code);
        rs_json_set_text(o, "sentence", notes->items[n].sentence);
        rs_json_add(list, o);
    }
    return list;
}

rs_status rs_evaluation_json(rs_context *ctx, const rs_evaluation *evaluation, char **text, size_t *bytes)
{
    rs_json *root = rs_json_object();
    rs_json_set_text(root, "schema", "restage-evaluation-1");
    rs_json_set_text(root, "version", rs_version());
    rs_json_set(root, "inputs", inputs_of(evaluation));
    if (evaluation->n_froc > 0) set_scores(root, &evaluation->froc[0]);
    rs_json_set(root, "rules", rules_of(evaluation));
    rs_json_set(root, "operating_point", point_of(evaluation));
    rs_json_set(root, "strata", strata_of(evaluation));
    rs_json_set(root, "completeness", completeness_of(&evaluation->completeness));
    rs_json_set(root, "measured", measured_of(evaluation));
    rs_json_set(root, "calibration", calibration_of(&evaluation->calibration));
    rs_json_set_integer(root, "unusable", evaluation->unusable);
    rs_json_set(root, "scans", scans_of(evaluation));
    rs_json_set(root, "notes", notes_of(&evaluation->notes));
    rs_status status = rs_json_print(ctx, root, text, bytes);
    rs_json_free(root);
    return status;
}
