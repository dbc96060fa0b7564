/* The orthogonal grid of slices that lean, lie unevenly or are not all there: what read is to do with them, and where
   that ends (contract 8, science B1). Each sentence names the place. */
#include <math.h>

#include "judging.h"
#include "restage/text.h"

/* How the slices lie along the normal. */
typedef struct laying {
    double median_mm, smallest_mm, widest_mm;
    int changes_at; /* first slice behind which the step differs from the one before */
    int hole;       /* first slice behind which there is a hole; -1: none */
    int missing;    /* how many slices the holes would hold */
    int *place;     /* of each slice in an even grid with holes; NULL: there is no such grid */
} laying;

static double step_mm(const judging *j, int i)
{
    return j->along[i + 1] - j->along[i];
}

static double uneven_mm(double step)
{
    return fmax(UNEVEN_PART * step, UNEVEN_MM);
}

static bool leans_sideways(const judging *j, const line across[2], double pixel_mm, int *worst, double *worst_mm)
{
    *worst_mm = 0;
    for (int i = 0; i < j->images->n; i++) {
        const double a = j->across[0][i] - across[0].intercept - across[0].slope * j->along[i];
        const double b = j->across[1][i] - across[1].intercept - across[1].slope * j->along[i];
        if (hypot(a, b) <= *worst_mm) continue;
        *worst_mm = hypot(a, b);
        *worst = i;
    }
    return *worst_mm > fmax(SIDEWAYS_PIXELS * pixel_mm, SIDEWAYS_MM);
}

/* Do the slices step along the normal, or lean? */
static rs_status judge_lean(judging *j, bool *leans)
{
    char where[48];
    const int n = j->images->n;
    const line across[2] = {series_fit(j->along, j->across[0], n), series_fit(j->along, j->across[1], n)};
    const double lean = hypot(across[0].slope, across[1].slope), *spacing = j->series->geometry.spacing_mm;
    const double pixel_mm = fmin(spacing[0], spacing[1]), drift_mm = lean * (j->along[n - 1] - j->along[0]);
    int worst = 0;
    double worst_mm;
    /* Rounding of the positions alone is no tilt. */
    j->series->tilt_deg = lean < 1e-9 ? 0 : atan(lean) / ONE_DEGREE;
    *leans = drift_mm > LEAN_PIXELS * pixel_mm;
    j->drift_mm = *leans ? 0 : drift_mm;
    if (*leans && j->series->tilt_deg > TILT_MAX_DEG) {
        return series_verdict(
            j, RS_VERDICT_REFUSED,
            rs_arena_printf(j->study->arena,
                            "slices lean: they step %.2f degrees off their normal, and no gantry leans more than %.0f: "
                            "reconstruct the series without tilt",
                            j->series->tilt_deg, TILT_MAX_DEG));
    }
    if (!leans_sideways(j, across, pixel_mm, &worst, &worst_mm)) return RS_OK;
    return series_verdict(
        j, RS_VERDICT_REFUSED,
        rs_arena_printf(j->study->arena,
                        "slices are shifted sideways: the one at %s lies %.2f mm beside the others' line: "
                        "reconstruct the series",
                        series_place(j, worst, where), worst_mm));
}

static void measure_steps(judging *j, laying *l)
{
    const int n = j->images->n - 1;
    l->hole = l->changes_at = -1;
    l->smallest_mm = INFINITY;
    for (int i = 0; i < n; i++) {
        j->steps[i] = step_mm(j, i);
        l->smallest_mm = fmin(l->smallest_mm, j->steps[i]);
        l->widest_mm = fmax(l->widest_mm, j->steps[i]);
        if (l->changes_at < 0 && i > 0 && fabs(j->steps[i] - j->steps[i - 1]) > 2 * uneven_mm(j->steps[i - 1]))
            l->changes_at = i;
    }
    if (l->changes_at < 0) l->changes_at = j->worst;
    l->median_mm = series_median(j->steps, n);
}

/* Is the uneven spacing an even one with slices missing? */
static rs_status find_missing(judging *j, laying *l)
{
    const int n = j->images->n - 1;
    int n_holes = 0;
    int *place = RS_ARENA_NEW(j->study->arena, int, n + 1);
    if (!place) return rs_fail_memory(j->ctx, "the series");
    for (int i = 0; i < n; i++) {
        const double step = step_mm(j, i), times = round(step / l->median_mm);
        if (times < 1 || times > 100000 || fabs(step - times * l->median_mm) > 2 * uneven_mm(l->median_mm))
            return RS_OK;
        place[i + 1] = place[i] + (int)times;
        if (times < 2) continue;
        if (n_holes++ == 0) l->hole = i;
        l->missing += (int)times - 1;
    }
    if (n_holes > 0 && n >= 3 && (n_holes == 1 || n_holes <= n / 4))
        l->place = place;
    else
        l->hole = -1;
    return RS_OK;
}

/* Wide and narrow steps take turns: the steps two before and two behind, as far as there are any, are as wide. */
static bool takes_turns(const judging *j, int i)
{
    const int n = j->images->n - 1;
    const double step = step_mm(j, i), off = 2 * uneven_mm(step);
    if (i < 2 && i + 2 >= n) return false;
    return (i < 2 || fabs(step_mm(j, i - 2) - step) <= off) && (i + 2 >= n || fabs(step_mm(j, i + 2) - step) <= off);
}

/* A step that no neighbour has, or that is too wide anywhere; the widest is behind slice l->hole. */
static void find_hole(const judging *j, laying *l)
{
    const int n = j->images->n - 1;
    for (int i = 0; i < n; i++) {
        const double before = i > 0 ? step_mm(j, i - 1) : 0, after = i + 1 < n ? step_mm(j, i + 1) : 0;
        const bool alone = n > 1 && step_mm(j, i) > HOLE_FACTOR * fmax(before, after) && !takes_turns(j, i);
        const bool wide = step_mm(j, i) > WIDEST_STEPS * l->median_mm + uneven_mm(l->median_mm);
        const bool widest = l->hole < 0 || step_mm(j, i) > step_mm(j, l->hole) + UNEVEN_MM;
        if ((alone || wide) && widest) l->hole = i;
    }
}

/* More slices of the grid would be invented than there are. */
static bool misses_most(const judging *j, const laying *l)
{
    return l->missing > j->images->n;
}

static rs_status refuse_missing(judging *j, const laying *l)
{
    char where[48], next[48];
    if (misses_most(j, l)) {
        return series_verdict(
            j, RS_VERDICT_GAP,
            rs_arena_printf(j->study->arena,
                            "%d of %d slices are missing, more than half of them, the first between %s and %s (slices "
                            "lie %.2f mm apart): copy the series again, whole, or remove what does not belong",
                            l->missing, l->missing + j->images->n, series_place(j, l->hole, where),
                            series_place(j, l->hole + 1, next), l->median_mm));
    }
    return series_verdict(
        j, RS_VERDICT_GAP,
        rs_arena_printf(j->study->arena,
                        "%d %s missing%s between %s and %s (slices lie %.2f mm apart): copy the series again, "
                        "whole, or take it as it is with --allow-partial",
                        l->missing, l->missing == 1 ? "slice is" : "slices are", l->missing > 1 ? ", the first" : "",
                        series_place(j, l->hole, where), series_place(j, l->hole + 1, next), l->median_mm));
}

static rs_status refuse_hole(judging *j, const laying *l)
{
    char where[48], next[48];
    return series_verdict(
        j, RS_VERDICT_REFUSED,
        rs_arena_printf(j->study->arena,
                        "spacing is uneven: slices lie %.2f to %.2f mm apart, and between %s and %s there is a hole of "
                        "%.2f mm that interpolation cannot fill: reconstruct the series with even spacing",
                        l->smallest_mm, l->widest_mm, series_place(j, l->hole, where),
                        series_place(j, l->hole + 1, next), step_mm(j, l->hole)));
}

/* Slices are missing, and that is allowed: each keeps its place in the even grid. */
static rs_status lay_with_gaps(judging *j, const laying *l)
{
    rs_series *s = j->series;
    const int n = j->images->n;
    char where[48], next[48];
    rs_gap *gaps = RS_ARENA_NEW(j->study->arena, rs_gap, n);
    if (!gaps) return rs_fail_memory(j->ctx, "the series");
    for (int i = 0; i < n; i++)
        j->k[i] = l->place[i];
    j->spacing = series_fit(j->k, j->along, n);
    j->deviation_mm = 0;
    for (int i = 0; i < n; i++) {
        j->deviation_mm =
            fmax(j->deviation_mm, fabs(j->along[i] - j->spacing.intercept - j->spacing.slope * l->place[i]));
        if (i + 1 == n || l->place[i + 1] == l->place[i] + 1) continue;
        const int missing = l->place[i + 1] - l->place[i] - 1;
        gaps[s->n_gaps++] = (rs_gap){l->place[i] + 1, l->place[i + 1]};
        RS_TRY(rs_notes_add(j->ctx, j->study->arena, &s->notes, "gap", NULL,
                            "%d %s missing between %s and %s: interpolated for looking, not searched", missing,
                            missing == 1 ? "slice is" : "slices are", series_place(j, i, where),
                            series_place(j, i + 1, next)));
    }
    s->gaps = gaps;
    s->spacing_deviation_mm = j->deviation_mm;
    s->geometry.n[2] = l->place[n - 1] + 1;
    s->geometry.spacing_mm[2] = j->spacing.slope;
    return RS_OK;
}

/* First and last slice stay where they are; between them the grid steps evenly. */
static rs_status lay_evenly(judging *j, const laying *l)
{
    rs_geometry *g = &j->series->geometry;
    char where[48];
    const double span_mm = j->along[j->images->n - 1] - j->along[0];
    const double wanted_mm = fmax(l->smallest_mm, SMALLEST_STEPS * l->median_mm);
    const int steps = (int)ceil(span_mm / wanted_mm - UNEVEN_PART);
    g->n[2] = steps + 1;
    g->spacing_mm[2] = span_mm / steps;
    j->spacing = (line){j->along[0], g->spacing_mm[2]};
    return rs_notes_add(
        j->ctx, j->study->arena, &j->series->notes, "uneven", NULL,
        "slices lie %.2f to %.2f mm apart (the step first changes at %s): interpolated along the normal to %d slices "
        "every %.3f mm",
        l->smallest_mm, l->widest_mm, series_place(j, l->changes_at, where), g->n[2], g->spacing_mm[2]);
}

static rs_status lay_along(judging *j, bool *uneven)
{
    laying l = {.place = NULL};
    *uneven = j->deviation_mm > uneven_mm(j->spacing.slope);
    if (!*uneven) return RS_OK;
    measure_steps(j, &l);
    RS_TRY(find_missing(j, &l));
    const bool partial = j->study->options.allow_partial && !misses_most(j, &l);
    if (l.place) return partial ? lay_with_gaps(j, &l) : refuse_missing(j, &l);
    l.hole = -1;
    find_hole(j, &l);
    return l.hole >= 0 ? refuse_hole(j, &l) : lay_evenly(j, &l);
}

/* Columns and rows that hold what every slice shows. A direction in which nothing moves stays as it is. */
static rs_status lay_in_plane(judging *j)
{
    rs_geometry *g = &j->series->geometry;
    const int n = j->images->n;
    for (int a = 0; a < 2; a++) {
        double low = INFINITY, high = -INFINITY;
        for (int i = 0; i < n; i++) {
            low = fmin(low, j->across[a][i]);
            high = fmax(high, j->across[a][i]);
        }
        const bool moves = high - low > SIDEWAYS_PIXELS * g->spacing_mm[a];
        const double first = moves ? low : j->across[a][0];
        for (int d = 0; d < 3; d++)
            g->origin_lps_mm[d] += (first - j->across[a][0]) * g->axis[a][d];
        for (int i = 0; i < n && moves; i++)
            j->images->item[i]->slice.shift_mm[a] = j->across[a][i] - low;
        if (moves) g->n[a] += (int32_t)ceil((high - low) / g->spacing_mm[a] - SIDEWAYS_PIXELS);
    }
    return rs_notes_add(j->ctx, j->study->arena, &j->series->notes, "tilt", NULL,
                        "slices lean %.2f degrees off their normal (gantry tilt or shear): shifted in their plane onto "
                        "an orthogonal grid of %d x %d pixels",
                        j->series->tilt_deg, g->n[0], g->n[1]);
}

rs_status series_lay_grid(judging *j)
{
    rs_series *s = j->series;
    bool leans = false, uneven = false;
    RS_TRY(judge_lean(j, &leans));
    if (s->verdict) return RS_OK;
    const double before = j->spacing.intercept;
    RS_TRY(lay_along(j, &uneven));
    if (s->verdict) return RS_OK;
    for (int d = 0; d < 3 && uneven; d++)
        s->geometry.origin_lps_mm[d] += (j->spacing.intercept - before) * s->geometry.axis[2][d];
    if (leans) RS_TRY(lay_in_plane(j));
    s->repair = leans && uneven ? RS_REPAIR_BOTH : leans ? RS_REPAIR_TILT : uneven ? RS_REPAIR_UNEVEN : RS_REPAIR_NONE;
    return RS_OK;
}
