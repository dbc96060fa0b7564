/* Where a mark lies beside the bed that a person gave (contract 7). */
#include "builder.h"

#include <math.h>
#include <string.h>

#include "restage/text.h"

static const double in_bed_mm = 10, margin_mm = 20; /* contract 7 */

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

/* From the nearest voxel of the one to the nearest of the other, centre to centre; exact, for both are runs. The run
   of the bed that is nearest to the box of the mark comes first: few others are left then. */
static double distance_mm(const rs_report_run *a, int n_a, const rs_given_region *bed, const double spacing_mm[3])
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

/* The searched region that holds most of the bed; -1: none holds any. */
static int region_of_bed(const rs_regions *regions, const rs_given_region *bed)
{
    int64_t count[RS_REGIONS_MAX + 1] = {0};
    const int32_t *n = regions->geometry.n;
    int best = -1;
    for (int r = 0; r < bed->n_runs && regions->labels; r++) {
        const rs_report_run *run = &bed->runs[r];
        const uint8_t *row = regions->labels + ((int64_t)run->k * n[1] + run->j) * n[0] + run->i;
        for (int32_t i = 0; i < run->count; i++)
            count[row[i] <= RS_REGIONS_MAX ? row[i] : 0]++;
    }
    for (int r = 0; r < regions->n; r++) {
        if (regions->region[r].role != RS_ROLE_SEARCH || count[r + 1] == 0) continue;
        if (best < 0 || count[r + 1] > count[best + 1]) best = r;
    }
    return best;
}

/* An organ is a row of organs[]: the other lung is another one. */
static bool same_organ(const rs_report_case *from, const rs_report_mark *mark)
{
    int r = region_of_bed(from->regions, from->bed);
    if (r < 0 || !mark->organ) return false;
    const char *side = rs_side_name(from->regions->region[r].side);
    return strcmp(mark->organ, from->regions->region[r].name) == 0 &&
           (side && mark->side ? strcmp(side, mark->side) == 0 : !side && !mark->side);
}

void rs_build_bed(const rs_report_case *from, const rs_lesion *lesion, rs_report_mark *mark)
{
    mark->bed = (rs_report_bed){"unknown", (double)NAN, NULL, "no bed was given"};
    if (!from->bed) return;
    mark->bed.reason = "the region that was given as the bed does not reach this series";
    if (from->bed->n_runs == 0) return;
    const rs_geometry *grid = &from->volume->geometry;
    double index[3];
    rs_geometry_to_index(grid, lesion->lps_mm, index);
    const rs_report_run centre = {(int32_t)floor(index[0] + 0.5), (int32_t)floor(index[1] + 0.5),
                                  (int32_t)floor(index[2] + 0.5), 1};
    double from_mm = mark->n_runs > 0 ? distance_mm(mark->runs, mark->n_runs, from->bed, grid->spacing_mm)
                                      : distance_mm(&centre, 1, from->bed, grid->spacing_mm);
    mark->bed.distance_mm = rs_round_decimals(from_mm, RS_DECIMALS_SIZE_MM);
    mark->bed.reason = "the bed was given as a region, without its treatment";
    if (mark->bed.distance_mm <= in_bed_mm)
        mark->bed.relation = "in_bed";
    else if (mark->bed.distance_mm <= margin_mm)
        mark->bed.relation = "margin";
    else
        mark->bed.relation = same_organ(from, mark) ? "same_organ" : "elsewhere";
}

/* What was drawn, as it stands in source.region. */
void rs_build_given_region(rs_builder *b)
{
    rs_report_region *out = &b->report->source.region;
    *out = (rs_report_region){.reason = b->input->bed_given ? "no series was read that it could be drawn on"
                                                            : "no region was given",
                              .n_contours = -1,
                              .n_left_out = -1};
    for (int c = 0; c < b->input->n_cases; c++) {
        const rs_given_region *bed = b->input->cases[c].bed;
        if (!bed || bed->voxels == 0) continue;
        b->bed_kinds = rs_builder_keep(b, "the region of --region");
        *out = (rs_report_region){
            .given = true,
            .name = rs_builder_names_patient(b) ? rs_builder_keep(b, bed->name) : NULL,
            .kind = rs_builder_keep(b, bed->kind),
            .number = bed->number,
            .n_contours = bed->n_contours,
            .n_left_out = bed->n_left_out,
            .voxels = bed->voxels,
            .volume_ml = rs_round_decimals(bed->volume_mm3 / 1000, 3),
            .file_volume_ml =
                bed->file_volume_mm3 > 0 ? rs_round_decimals(bed->file_volume_mm3 / 1000, 3) : (double)NAN,
        };
        const rs_fact facts[] = {
            {"roi_name", out->name},
            {"contours, left_out", out->n_contours >= 0 ? "" : NULL},
            rs_builder_number("volume_in_file_ml", out->file_volume_ml),
        };
        out->reason = rs_builder_missing(b, "the file or the choice of identity does not give", facts,
                                         sizeof facts / sizeof facts[0]);
        const char *sentence = rs_builder_say(b,
                                              "the bed is a region that a person gave (%s): %.1f ml as drawn on this "
                                              "series; distances run between the nearest voxels of mark and bed",
                                              bed->kind, bed->volume_mm3 / 1000);
        if (sentence) rs_builder_limit(b, "bed_given", NULL, sentence);
        return;
    }
}
