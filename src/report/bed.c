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

/* From the nearest voxel of the one to the nearest of the other, centre to centre; exact, for both are runs. */
static double distance_mm(const rs_report_run *a, int n_a, const rs_given_region *bed, const double spacing_mm[3])
{
    double least_mm2 = (double)INFINITY;
    for (int x = 0; x < n_a; x++) {
        for (int y = 0; y < bed->n_runs && least_mm2 > 0; y++) {
            double dk = (a[x].k - bed->runs[y].k) * spacing_mm[2];
            if (dk * dk >= least_mm2) continue;
            least_mm2 = fmin(least_mm2, gap_mm2(&a[x], &bed->runs[y], spacing_mm));
        }
    }
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
                                              "series; distances are from the nearest voxel of a mark to its nearest",
                                              bed->kind, bed->volume_mm3 / 1000);
        if (sentence) rs_builder_limit(b, "bed_given", NULL, sentence);
        return;
    }
}
