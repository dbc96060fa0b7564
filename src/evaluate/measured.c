/* What the marks say of the sizes of the lesions that they hit: bias and limits of agreement (Bland & Altman 1986),
   coverage of the intervals, size classes at the 5 mm line (contract 6). */
#include "room.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MM 5.0
#define PI 3.14159265358979323846

typedef struct measuring {
    rs_context *ctx;
    const rs_ledger *ledger;
    const rs_match *match;
    rs_arena *arena;
    rs_evaluation *out;
    int capacity;
    double *width_mm, *error_mm; /* of one part */
} measuring;

typedef struct sums {
    double error_mm, volume_error;
    int64_t n_volume;
} sums;

static double volume_of(const rs_finding *finding)
{
    double d = finding->diameter_mm;
    return finding->volume_mm3 > 0 ? finding->volume_mm3 : PI / 6 * d * d * d;
}

static bool covers(double low, double high, double value)
{
    return low <= value && value <= high;
}

static void add_class(rs_measured *row, const char *size_class, double true_mm)
{
    if (size_class == NULL) return;
    bool above = strcmp(size_class, "above_5mm") == 0, below = strcmp(size_class, "below_5mm") == 0;
    row->definite += above || below;
    row->wrong += (above && true_mm <= LINE_MM) || (below && true_mm >= LINE_MM);
    row->near += strcmp(size_class, "near_5mm") == 0;
    row->indeterminate += strcmp(size_class, "indeterminate") == 0;
}

static void add(const measuring *m, const rs_finding *finding, const rs_scored_mark *mark, rs_measured *row, sums *s)
{
    double true_mm = finding->diameter_mm;
    row->n++;
    if (isfinite(mark->fit_mm)) {
        m->error_mm[row->n_fit] = mark->fit_mm - true_mm;
        row->n_fit++;
    }
    if (isfinite(mark->fit_low_mm) && isfinite(mark->fit_high_mm)) {
        m->width_mm[row->n_fit_bounded++] = mark->fit_high_mm - mark->fit_low_mm;
        row->fit_covered += covers(mark->fit_low_mm, mark->fit_high_mm, true_mm);
    }
    if (isfinite(mark->low_mm) && isfinite(mark->high_mm)) {
        row->n_decided++;
        row->decided_covered += covers(mark->low_mm, mark->high_mm, true_mm);
    }
    if (isfinite(mark->volume_mm3)) {
        s->volume_error += (mark->volume_mm3 - volume_of(finding)) / volume_of(finding);
        s->n_volume++;
    }
    add_class(row, mark->size_class, true_mm);
}

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int64_t n)
{
    if (n == 0) return (double)NAN;
    qsort(values, (size_t)n, sizeof *values, rising);
    return (values[(n - 1) / 2] + values[n / 2]) / 2;
}

static void finish(const measuring *m, rs_measured *row, const sums *s)
{
    double sum = 0, squares = 0, n = (double)row->n_fit;
    for (int64_t i = 0; i < row->n_fit; i++)
        sum += m->error_mm[i];
    row->bias_mm = row->n_fit > 0 ? sum / n : (double)NAN;
    for (int64_t i = 0; i < row->n_fit; i++)
        squares += (m->error_mm[i] - row->bias_mm) * (m->error_mm[i] - row->bias_mm);
    row->sd_mm = row->n_fit > 1 ? sqrt(squares / (n - 1)) : (double)NAN;
    row->agreement_low_mm = row->bias_mm - 1.96 * row->sd_mm;
    row->agreement_high_mm = row->bias_mm + 1.96 * row->sd_mm;
    row->volume_bias = s->n_volume > 0 ? s->volume_error / (double)s->n_volume : (double)NAN;
    row->fit_coverage = rs_share(row->fit_covered, row->n_fit_bounded);
    rs_wilson(row->fit_covered, row->n_fit_bounded, &row->fit_coverage_low, &row->fit_coverage_high);
    row->decided_coverage = rs_share(row->decided_covered, row->n_decided);
    rs_wilson(row->decided_covered, row->n_decided, &row->decided_coverage_low, &row->decided_coverage_high);
    row->median_width_mm = median(m->width_mm, row->n_fit_bounded);
}

static void measure_part(const measuring *m, const rs_parts *parts, int part, rs_measured *row)
{
    sums s = {0};
    for (int f = 0; f < m->ledger->n_findings; f++) {
        if (parts->of[f] != part) continue;
        const rs_scored_mark *best = rs_match_best(m->ledger, m->match, f);
        if (best != NULL && best->measured) add(m, &m->ledger->findings[f], best, row, &s);
    }
    finish(m, row, &s);
}

static rs_status add_parts(measuring *m, const char *by)
{
    rs_parts parts;
    RS_TRY(rs_parts_find(m->ctx, m->ledger, by, m->arena, &parts));
    for (int p = 0; p < parts.n; p++) {
        rs_measured row = {.by = parts.by, .name = parts.names[p]};
        measure_part(m, &parts, p, &row);
        if (row.n == 0) continue;
        rs_measured *made =
            rs_arena_push(m->arena, (void **)&m->out->measured, m->out->n_measured, &m->capacity, sizeof *made);
        if (made == NULL) return rs_fail_memory(m->ctx, "the sizes");
        *made = row;
        m->out->n_measured++;
    }
    return RS_OK;
}

rs_status rs_measured_score(rs_context *ctx, const rs_ledger *ledger, const rs_match *match, rs_arena *arena,
                            rs_evaluation *out)
{
    static const char *const by[] = {"all", "size", "attachment", "density", "shape", "truth"};
    measuring m = {.ctx = ctx, .ledger = ledger, .match = match, .arena = arena, .out = out};
    out->measured = NULL;
    out->n_measured = 0;
    m.width_mm = RS_ARENA_RAW(arena, double, ledger->n_findings);
    m.error_mm = RS_ARENA_RAW(arena, double, ledger->n_findings);
    if (m.width_mm == NULL || m.error_mm == NULL) return rs_fail_memory(ctx, "the sizes");
    for (size_t i = 0; i < sizeof by / sizeof *by; i++)
        RS_TRY(add_parts(&m, by[i]));
    return RS_OK;
}
