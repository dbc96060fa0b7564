/* How far a mark lies from a bed: from the nearest voxel of the one to the nearest of the other. */
#include "bed.h"

#include <math.h>

static double gap_mm2(const rs_report_run *a, const rs_report_run *b, const double spacing_mm[3])
{
    int32_t apart = 0;
    if (a->i + a->count <= b->i)
        apart = b->i - (a->i + a->count - 1);
    else if (b->i + b->count <= a->i)
        apart = a->i - (b->i + b->count - 1);
    double di = apart * spacing_mm[0], dj = (a->j - b->j) * spacing_mm[1], dk = (a->k - b->k) * spacing_mm[2];
    return di * di + dj * dj + dk * dk;
}

/* A mark, and the box of its voxels. */
typedef struct marked {
    const rs_report_run *runs;
    int n;
    bool ordered; /* by slice, then row */
    int32_t low[3], high[3];
    const double *spacing_mm;
} marked;

static marked mark_of(const rs_report_run *runs, int n, const double spacing_mm[3])
{
    marked m = {.runs = runs, .n = n, .ordered = true, .spacing_mm = spacing_mm};
    for (int r = 0; r < n; r++) {
        const int32_t begin[3] = {runs[r].i, runs[r].j, runs[r].k};
        const int32_t last[3] = {runs[r].i + runs[r].count - 1, runs[r].j, runs[r].k};
        for (int d = 0; d < 3; d++) {
            if (r == 0 || begin[d] < m.low[d]) m.low[d] = begin[d];
            if (r == 0 || last[d] > m.high[d]) m.high[d] = last[d];
        }
        if (r > 0 && (runs[r].k < runs[r - 1].k || (runs[r].k == runs[r - 1].k && runs[r].j < runs[r - 1].j)))
            m.ordered = false;
    }
    return m;
}

/* No voxel of the mark is nearer to the run. */
static double box_gap_mm2(const marked *m, const rs_report_run *run)
{
    const int32_t begin[3] = {run->i, run->j, run->k}, last[3] = {run->i + run->count - 1, run->j, run->k};
    double sum = 0;
    for (int d = 0; d < 3; d++) {
        int32_t apart = begin[d] > m->high[d] ? begin[d] - m->high[d] : last[d] < m->low[d] ? m->low[d] - last[d] : 0;
        sum += apart * m->spacing_mm[d] * (apart * m->spacing_mm[d]);
    }
    return sum;
}

/* The first run of a mark in order that is not before a row. */
static int first_from(const marked *m, int32_t k, int32_t j)
{
    int begin = 0, end = m->n;
    while (begin < end) {
        int middle = begin + (end - begin) / 2;
        const rs_report_run *r = &m->runs[middle];
        if (r->k < k || (r->k == k && r->j < j))
            begin = middle + 1;
        else
            end = middle;
    }
    return begin;
}

/* Lowers *least_mm2 to what one run of the bed has, where that is less. In a mark in order, only rows are looked at
   that are near enough; the runs of a bed and of a mark may be millions and ten thousands. */
static void hold_against(const marked *m, const rs_report_run *run, double *least_mm2)
{
    const double edge_vox = 1e-6, least_mm = sqrt(*least_mm2);
    double dk_most = least_mm / m->spacing_mm[2] + edge_vox, dj_most = least_mm / m->spacing_mm[1] + edge_vox;
    int32_t k_end = run->k + dk_most < m->high[2] ? run->k + (int32_t)dk_most : m->high[2];
    int32_t k = run->k - dk_most > m->low[2] ? run->k - (int32_t)dk_most : m->low[2];
    int32_t j_end = run->j + dj_most < m->high[1] ? run->j + (int32_t)dj_most : m->high[1];
    int32_t j = run->j - dj_most > m->low[1] ? run->j - (int32_t)dj_most : m->low[1];
    for (; m->ordered && k <= k_end; k++)
        for (int r = first_from(m, k, j); r < m->n && m->runs[r].k == k && m->runs[r].j <= j_end; r++)
            *least_mm2 = fmin(*least_mm2, gap_mm2(&m->runs[r], run, m->spacing_mm));
    for (int r = 0; !m->ordered && r < m->n; r++)
        *least_mm2 = fmin(*least_mm2, gap_mm2(&m->runs[r], run, m->spacing_mm));
}

/* Exact, for both are runs. The run of the bed that is nearest to the box of the mark comes first: few others are left
   then. */
double rs_bed_gap_mm(const rs_report_run *a, int n_a, const rs_given_region *bed, const double spacing_mm[3])
{
    const marked m = mark_of(a, n_a, spacing_mm);
    double least_mm2 = (double)INFINITY, nearest_mm2 = (double)INFINITY;
    int first = 0;
    for (int y = 0; y < bed->n_runs; y++) {
        double box_mm2 = box_gap_mm2(&m, &bed->runs[y]);
        if (box_mm2 >= nearest_mm2) continue;
        nearest_mm2 = box_mm2;
        first = y;
    }
    hold_against(&m, &bed->runs[first], &least_mm2);
    for (int y = 0; y < bed->n_runs && least_mm2 > 0; y++)
        if (box_gap_mm2(&m, &bed->runs[y]) < least_mm2) hold_against(&m, &bed->runs[y], &least_mm2);
    return sqrt(least_mm2);
}

double rs_bed_gap_to_point_mm(const rs_report_run *runs, int n, const double index[3], const double spacing_mm[3])
{
    double least_mm2 = (double)INFINITY;
    for (int r = 0; r < n; r++) {
        double column = fmin(fmax(floor(index[0] + 0.5), runs[r].i), runs[r].i + runs[r].count - 1);
        double di = (column - index[0]) * spacing_mm[0], dj = (runs[r].j - index[1]) * spacing_mm[1];
        double dk = (runs[r].k - index[2]) * spacing_mm[2];
        least_mm2 = fmin(least_mm2, di * di + dj * dj + dk * dk);
    }
    return sqrt(least_mm2);
}
