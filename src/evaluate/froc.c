/* The curve of sensitivity over false marks a scan, and its bounds by a bootstrap over scans, as LUNA16 has them.
   Missed findings are in the denominator and not on the curve; points in a line with their neighbours are dropped as
   scikit-learn's roc_curve drops them; between points it is linear. */
#include "room.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "restage/parallel.h"

enum { BOOTSTRAPS_OF_LUNA16 = 1000, OCTAVES = 6, IN_OCTAVE = 8, N_GRID = OCTAVES * IN_OCTAVE + 1 };
#define SEED 0x1016C0DE5EED2017ULL

/* What moves the curve: the best mark of a finding, or a false mark. */
typedef struct event {
    double p;
    int32_t scan; /* among those that are scored */
    bool found;
    bool ends_tie; /* the last with this p */
} event;

typedef struct froc_work {
    rs_context *ctx;
    const rs_ledger *ledger;
    const rs_match *match;
    rs_arena *arena;
    int32_t *index; /* of a ledger's scan among those that are scored; -1: not one of them */
    int32_t n_scans;
    int32_t *n_findings; /* of each scored scan */
    event *events;
    int32_t n_events;
    double grid[N_GRID]; /* false marks a scan; every eighth is one of the seven */
    int n_samples;
    double *samples; /* n_samples rows of N_GRID sensitivities, NaN where a sample has no finding */
} froc_work;

static int falling(const void *a, const void *b)
{
    const event *x = a, *y = b;
    if (x->p != y->p) return x->p < y->p ? 1 : -1;
    if (x->scan != y->scan) return x->scan < y->scan ? -1 : 1;
    return (int)x->found - (int)y->found;
}

static int by_uid(const void *a, const void *b)
{
    return strcmp((*(const rs_ledger_scan *const *)a)->uid, (*(const rs_ledger_scan *const *)b)->uid);
}

/* Scans in the order of their UIDs, so that the order of the files does not reach the bootstrap. */
static rs_status choose_scans(froc_work *w, bool marked_only)
{
    const rs_ledger *ledger = w->ledger;
    const rs_ledger_scan **scans = RS_ARENA_RAW(w->arena, const rs_ledger_scan *, ledger->n_scans);
    w->index = RS_ARENA_RAW(w->arena, int32_t, ledger->n_scans);
    w->n_findings = RS_ARENA_NEW(w->arena, int32_t, ledger->n_scans);
    if (scans == NULL || w->index == NULL || w->n_findings == NULL) return rs_fail_memory(w->ctx, "the curve");
    for (int s = 0; s < ledger->n_scans; s++) {
        const rs_ledger_scan *scan = &ledger->scans[s];
        w->index[s] = -1;
        if (scan->listed && (scan->has_marks || !marked_only)) scans[w->n_scans++] = scan;
    }
    qsort(scans, (size_t)w->n_scans, sizeof *scans, by_uid);
    for (int32_t n = 0; n < w->n_scans; n++)
        w->index[scans[n] - ledger->scans] = n;
    return RS_OK;
}

static void count_findings(froc_work *w, rs_froc_counts *counts)
{
    for (int f = 0; f < w->ledger->n_findings; f++) {
        const rs_finding *finding = &w->ledger->findings[f];
        int32_t scan = w->index[finding->scan];
        if (!finding->relevant || scan < 0) continue;
        int32_t n_hits = w->match->begin[f + 1] - w->match->begin[f];
        w->n_findings[scan]++;
        counts->findings++;
        if (n_hits == 0) continue;
        counts->found++;
        counts->doubles += n_hits - 1;
        w->events[w->n_events++] = (event){rs_match_best(w->ledger, w->match, f)->p, scan, true, false};
    }
    counts->missed = counts->findings - counts->found;
}

static void count_marks(froc_work *w, rs_froc_counts *counts)
{
    for (int m = 0; m < w->ledger->n_marks; m++) {
        const rs_scored_mark *mark = &w->ledger->marks[m];
        int32_t scan = w->index[mark->scan];
        if (scan < 0 || !w->match->kept[m]) continue;
        counts->marks++;
        counts->ignored += w->match->role[m] == RS_MARK_IGNORED;
        if (w->match->role[m] != RS_MARK_FALSE) continue;
        counts->false_marks++;
        w->events[w->n_events++] = (event){mark->p, scan, false, false};
    }
}

static rs_status collect(froc_work *w, rs_froc_counts *counts)
{
    w->events = RS_ARENA_RAW(w->arena, event, w->ledger->n_findings + w->ledger->n_marks);
    if (w->events == NULL) return rs_fail_memory(w->ctx, "the curve");
    counts->scans = w->n_scans;
    for (int s = 0; s < w->ledger->n_scans; s++)
        counts->scans_without_marks += w->index[s] >= 0 && !w->ledger->scans[s].has_marks;
    count_findings(w, counts);
    count_marks(w, counts);
    qsort(w->events, (size_t)w->n_events, sizeof *w->events, falling);
    for (int32_t e = 0; e < w->n_events; e++)
        w->events[e].ends_tie = e + 1 == w->n_events || w->events[e + 1].p != w->events[e].p;
    return RS_OK;
}

/* 2^(k/8) from exact constants: the same bits wherever it runs. */
static void make_grid(froc_work *w)
{
    static const double step[IN_OCTAVE] = {1.0,
                                           1.0905077326652577,
                                           1.189207115002721,
                                           1.2968395546510096,
                                           1.4142135623730951,
                                           1.5422108254079407,
                                           1.681792830507429,
                                           1.8340080864093424};
    double octave = 0.125;
    for (int k = 0; k < N_GRID; k++) {
        w->grid[k] = octave * step[k % IN_OCTAVE];
        if (k % IN_OCTAVE == IN_OCTAVE - 1) octave *= 2;
    }
}

/* Sensitivity at the grid with each scan counted weight times; weight NULL: once. Linear between the ends of ties, at a
   jump its upper end, and flat behind the last point (as numpy.interp). */
static void walk(const froc_work *w, const int32_t *weight, double *out)
{
    int64_t findings = 0, found = 0, wrong = 0, found_before = 0, wrong_before = 0;
    int next = 0;
    for (int32_t s = 0; s < w->n_scans; s++)
        findings += (int64_t)w->n_findings[s] * (weight != NULL ? weight[s] : 1);
    for (int32_t e = 0; e < w->n_events && next < N_GRID; e++) {
        int32_t n = weight != NULL ? weight[w->events[e].scan] : 1;
        found += w->events[e].found ? n : 0;
        wrong += w->events[e].found ? 0 : n;
        if (!w->events[e].ends_tie) continue;
        while (next < N_GRID && (double)wrong > w->grid[next] * w->n_scans) {
            double share = (w->grid[next] * w->n_scans - (double)wrong_before) / (double)(wrong - wrong_before);
            out[next++] = ((double)found_before + share * (double)(found - found_before)) / (double)findings;
        }
        found_before = found;
        wrong_before = wrong;
    }
    while (next < N_GRID)
        out[next++] = (double)found / (double)findings;
    for (int k = 0; k < N_GRID && findings == 0; k++)
        out[k] = (double)NAN;
}

static uint64_t split_mix(uint64_t *state) /* Steele 2014 */
{
    uint64_t z = *state += 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

static rs_status resample(rs_context *ctx, int64_t sample, int worker, void *arg)
{
    (void)worker;
    const froc_work *w = arg;
    rs_arena *scratch = rs_scratch(ctx);
    if (scratch == NULL) return rs_fail_memory(ctx, "the bootstrap");
    rs_arena_mark mark = rs_arena_where(scratch);
    int32_t *weight = RS_ARENA_NEW(scratch, int32_t, w->n_scans);
    if (weight == NULL) return rs_fail_memory(ctx, "the bootstrap");
    uint64_t state = SEED + (uint64_t)sample * 0xD1342543DE82EF95ULL;
    for (int32_t s = 0; s < w->n_scans; s++)
        weight[((split_mix(&state) >> 32) * (uint64_t)w->n_scans) >> 32]++;
    walk(w, weight, w->samples + sample * N_GRID);
    rs_arena_rewind(scratch, mark);
    return RS_OK;
}

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* 95 % of the values that are numbers, by the script's rule: sorted[floor(0.025 n)] and sorted[floor(0.975 n)]. */
static void bounds(double *values, int n, double *low, double *high)
{
    int numbers = 0;
    *low = *high = (double)NAN;
    for (int i = 0; i < n; i++) {
        if (isfinite(values[i])) values[numbers++] = values[i];
    }
    if (numbers == 0) return;
    qsort(values, (size_t)numbers, sizeof *values, rising);
    *low = values[numbers / 40];
    *high = values[(int64_t)numbers * 39 / 40];
}

static double mean_of_seven(const double *at_grid)
{
    double sum = 0;
    for (int i = 0; i < RS_FROC_AT; i++)
        sum += at_grid[i * IN_OCTAVE];
    return sum / RS_FROC_AT;
}

static rs_status bootstrap(froc_work *w, rs_froc *out)
{
    w->samples = RS_ARENA_RAW(w->arena, double, (int64_t)w->n_samples *N_GRID);
    double *column = RS_ARENA_RAW(w->arena, double, w->n_samples);
    double *band = RS_ARENA_RAW(w->arena, double, 3 * N_GRID);
    if (w->samples == NULL || column == NULL || band == NULL) return rs_fail_memory(w->ctx, "the bootstrap");
    RS_TRY(rs_parallel_for(w->ctx, w->n_samples, resample, w));
    for (int k = 0; k < N_GRID; k++) {
        for (int i = 0; i < w->n_samples; i++)
            column[i] = w->samples[(int64_t)i * N_GRID + k];
        band[k] = w->grid[k];
        bounds(column, w->n_samples, &band[N_GRID + k], &band[2 * N_GRID + k]);
    }
    for (int i = 0; i < w->n_samples; i++)
        column[i] = mean_of_seven(w->samples + (int64_t)i * N_GRID);
    bounds(column, w->n_samples, &out->cpm_low, &out->cpm_high);
    for (int i = 0; i < RS_FROC_AT; i++) {
        out->low_at[i] = band[N_GRID + i * IN_OCTAVE];
        out->high_at[i] = band[2 * N_GRID + i * IN_OCTAVE];
    }
    out->band_false_marks = band;
    out->band_low = band + N_GRID;
    out->band_high = band + 2 * N_GRID;
    out->n_band = N_GRID;
    return RS_OK;
}

/* A point of integer counts. */
typedef struct step {
    int64_t wrong, found;
    double p;
} step;

static bool in_line(const step *s)
{
    return s[1].wrong - s[0].wrong == s[0].wrong - s[-1].wrong && s[1].found - s[0].found == s[0].found - s[-1].found;
}

static rs_status draw(froc_work *w, rs_froc *out)
{
    step *steps = RS_ARENA_RAW(w->arena, step, w->n_events);
    rs_froc_point *curve = RS_ARENA_RAW(w->arena, rs_froc_point, w->n_events + 1);
    if (steps == NULL || curve == NULL) return rs_fail_memory(w->ctx, "the curve");
    int n_steps = 0, n = 0;
    step now = {0, 0, 0};
    for (int32_t e = 0; e < w->n_events; e++) {
        now.p = w->events[e].p;
        now.found += w->events[e].found;
        now.wrong += !w->events[e].found;
        if (w->events[e].ends_tie) steps[n_steps++] = now;
    }
    double scans = (double)w->n_scans, findings = (double)out->counts.findings;
    curve[n++] = (rs_froc_point){0, out->counts.findings > 0 ? 0 : (double)NAN, (double)INFINITY};
    for (int i = 0; i < n_steps; i++) {
        if (i > 0 && i + 1 < n_steps && in_line(&steps[i])) continue;
        curve[n++] = (rs_froc_point){(double)steps[i].wrong / scans, (double)steps[i].found / findings, steps[i].p};
    }
    out->curve = curve;
    out->n_curve = n;
    out->greatest_sensitivity = curve[n - 1].sensitivity;
    out->greatest_false_marks = curve[n - 1].false_marks;
    return RS_OK;
}

rs_status rs_froc_score(rs_context *ctx, const rs_ledger *ledger, const rs_match *match, bool marked_only,
                        int bootstraps, rs_arena *arena, rs_froc *out)
{
    froc_work w = {.ctx = ctx, .ledger = ledger, .match = match, .arena = arena};
    double at_grid[N_GRID];
    *out = (rs_froc){.rule = match->rule, .scans = marked_only ? "marked" : "all"};
    w.n_samples = bootstraps == 0 ? BOOTSTRAPS_OF_LUNA16 : bootstraps;
    make_grid(&w);
    RS_TRY(choose_scans(&w, marked_only));
    RS_TRY(collect(&w, &out->counts));
    RS_TRY(draw(&w, out));
    walk(&w, NULL, at_grid);
    for (int i = 0; i < RS_FROC_AT; i++) {
        out->sensitivity_at[i] = at_grid[i * IN_OCTAVE];
        out->low_at[i] = out->high_at[i] = (double)NAN;
    }
    out->cpm = mean_of_seven(at_grid);
    out->cpm_low = out->cpm_high = (double)NAN;
    /* Drawn again and again, one scan would seem to be known without doubt. */
    return w.n_samples > 0 && w.n_scans > 1 ? bootstrap(&w, out) : RS_OK;
}
