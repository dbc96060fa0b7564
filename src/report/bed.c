/* Where a mark lies beside the beds that a person gave (contract 7). */
#include "bed.h"
#include "builder.h"

#include <math.h>
#include <string.h>

#include "restage/text.h"

static const double in_bed_mm = 10, margin_mm = 20; /* contract 7 */

/* One place that was treated before: a drawn region or a point. */
typedef struct bed {
    const rs_given_region *region; /* NULL: a point */
    const double *point_lps_mm;
    const rs_report_treatment *treatment; /* NULL: that of --region */
} bed;

/* Those that can be measured on a case, treatments first; *named: how many places a person gave at all. */
static int list_beds(const rs_builder *b, const rs_report_case *from, bed beds[RS_TREATMENTS_MAX + 1], int *named)
{
    int n = 0;
    *named = 0;
    for (int t = 0; b->told && t < b->told->n_treatments; t++) {
        const rs_report_treatment *treatment = &b->told->treatments[t];
        const rs_given_region *region = from->treated ? from->treated[t] : NULL;
        *named += treatment->has_point || treatment->mask;
        if (treatment->has_point)
            beds[n++] = (bed){NULL, treatment->point_lps_mm, treatment};
        else if (region && region->n_runs > 0)
            beds[n++] = (bed){region, NULL, treatment};
    }
    *named += from->bed != NULL;
    if (from->bed && from->bed->n_runs > 0) beds[n++] = (bed){from->bed, NULL, NULL};
    return n;
}

static double distance_mm(const bed *one, const rs_geometry *grid, const rs_report_run *runs, int n)
{
    double index[3];
    if (one->region) return rs_bed_gap_mm(runs, n, one->region, grid->spacing_mm);
    rs_geometry_to_index(grid, one->point_lps_mm, index);
    return rs_bed_gap_to_point_mm(runs, n, index, grid->spacing_mm);
}

/* The searched region that holds most of the bed; -1: none holds any. */
static int region_of_bed(const rs_regions *regions, const bed *one)
{
    int64_t count[RS_REGIONS_MAX + 1] = {0};
    const int32_t *n = regions->geometry.n;
    int best = -1;
    if (!one->region) {
        double index[3];
        rs_geometry_to_index(&regions->geometry, one->point_lps_mm, index);
        best = !rs_geometry_holds(&regions->geometry, index)
                   ? -1
                   : rs_regions_at(regions, (int32_t)floor(index[0] + 0.5), (int32_t)floor(index[1] + 0.5),
                                   (int32_t)floor(index[2] + 0.5));
        return best >= 0 && regions->region[best].role == RS_ROLE_SEARCH ? best : -1;
    }
    for (int r = 0; r < one->region->n_runs && regions->labels; r++) {
        const rs_report_run *run = &one->region->runs[r];
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
static bool same_organ(const rs_report_case *from, const bed *one, const rs_report_mark *mark)
{
    int r = region_of_bed(from->regions, one);
    if (r < 0 || !mark->organ) return false;
    const char *side = rs_side_name(from->regions->region[r].side);
    return strcmp(mark->organ, from->regions->region[r].name) == 0 &&
           (side && mark->side ? strcmp(side, mark->side) == 0 : !side && !mark->side);
}

static void centre_of(const bed *one, const rs_geometry *grid, double lps_mm[3])
{
    double sum[3] = {0}, voxels = 0;
    if (!one->region) {
        memcpy(lps_mm, one->point_lps_mm, 3 * sizeof *lps_mm);
        return;
    }
    for (int r = 0; r < one->region->n_runs; r++) {
        const rs_report_run *run = &one->region->runs[r];
        sum[0] += run->count * (run->i + 0.5 * (run->count - 1));
        sum[1] += (double)run->count * run->j;
        sum[2] += (double)run->count * run->k;
        voxels += run->count;
    }
    for (int d = 0; d < 3; d++)
        sum[d] /= voxels;
    rs_geometry_to_lps(grid, sum, lps_mm);
}

/* Only where a method gives the mark a lobe is the bed asked for its own. */
static rs_status same_lobe(rs_builder *b, const rs_report_case *from, const bed *one, const rs_report_mark *mark,
                           bool *out)
{
    double lps_mm[3];
    *out = false;
    if (!mark->lobe) return RS_OK;
    centre_of(one, &from->volume->geometry, lps_mm);
    rs_place place = {.region = -1, .depth_to_pleura_mm = (double)NAN};
    RS_TRY(from->organ->place(b->ctx, from->volume, from->regions, lps_mm, b->arena, &place));
    *out = place.lobe && strcmp(place.lobe, mark->lobe) == 0;
    return RS_OK;
}

/* "SBRT, right lower lobe, 2024-03": without identity its kind alone. */
static const char *name_of(rs_builder *b, const rs_report_treatment *treatment)
{
    const char *name = treatment->kind ? rs_builder_keep(b, treatment->kind) : rs_builder_keep(b, "treatment");
    if (!rs_builder_names_patient(b)) return name;
    if (treatment->site) name = rs_builder_say(b, "%s, %s", name, treatment->site);
    return treatment->date ? rs_builder_say(b, "%s, %s", name, treatment->date) : name;
}

static const char *why_unknown(const rs_builder *b, int named)
{
    if (named > 0) return "what was given as the bed does not reach this series";
    return b->told && b->told->n_treatments > 0 ? "a treatment was given, but no position with it" : "no bed was given";
}

rs_status rs_build_bed(rs_builder *b, const rs_report_case *from, const rs_lesion *lesion, rs_report_mark *mark)
{
    bed beds[RS_TREATMENTS_MAX + 1];
    int named, nearest = -1, n = list_beds(b, from, beds, &named);
    double nearest_mm = (double)INFINITY, index[3];
    bool lobe = false;
    mark->bed = (rs_report_bed){"unknown", (double)NAN, NULL, why_unknown(b, named)};
    if (n == 0) return RS_OK;
    const rs_geometry *grid = &from->volume->geometry;
    rs_geometry_to_index(grid, lesion->lps_mm, index);
    const rs_report_run centre = {(int32_t)floor(index[0] + 0.5), (int32_t)floor(index[1] + 0.5),
                                  (int32_t)floor(index[2] + 0.5), 1};
    for (int o = 0; o < n; o++) {
        double mm = mark->n_runs > 0 ? distance_mm(&beds[o], grid, mark->runs, mark->n_runs)
                                     : distance_mm(&beds[o], grid, &centre, 1);
        if (!(mm < nearest_mm)) continue;
        nearest_mm = mm;
        nearest = o;
    }
    const bed *one = &beds[nearest];
    mark->bed.distance_mm = rs_round_decimals(nearest_mm, RS_DECIMALS_SIZE_MM);
    mark->bed.treatment = one->treatment ? name_of(b, one->treatment) : NULL;
    mark->bed.reason = one->treatment ? NULL : "the bed was given as a region, without its treatment";
    if (mark->bed.distance_mm > margin_mm) RS_TRY(same_lobe(b, from, one, mark, &lobe));
    if (mark->bed.distance_mm <= in_bed_mm)
        mark->bed.relation = "in_bed";
    else if (mark->bed.distance_mm <= margin_mm)
        mark->bed.relation = "margin";
    else if (lobe)
        mark->bed.relation = "same_lobe";
    else
        mark->bed.relation = same_organ(from, one, mark) ? "same_organ" : "elsewhere";
    return RS_OK;
}

/* What was treated before, by the kinds that a person gave: words of ours. */
static const char *kinds_of(rs_builder *b)
{
    const char *text = NULL;
    for (int t = 0; b->told && t < b->told->n_treatments; t++) {
        const rs_report_treatment *treatment = &b->told->treatments[t];
        const char *kind = treatment->kind ? treatment->kind : "treatment";
        if (!treatment->has_point && !treatment->mask) continue;
        if (text && strstr(text, kind)) continue;
        text = text ? rs_builder_say(b, "%s, %s", text, kind) : rs_builder_keep(b, kind);
    }
    if (!b->input->bed_given) return text;
    return text ? rs_builder_say(b, "%s, the region of --region", text) : rs_builder_keep(b, "the region of --region");
}

/* What was drawn, as it stands in source.region. */
void rs_build_given_region(rs_builder *b)
{
    rs_report_region *out = &b->report->source.region;
    b->bed_kinds = kinds_of(b);
    *out = (rs_report_region){.reason = b->input->bed_given ? "no series was read that it could be drawn on"
                                                            : "no region was given",
                              .n_contours = -1,
                              .n_left_out = -1};
    for (int c = 0; c < b->input->n_cases; c++) {
        const rs_given_region *drawn = b->input->cases[c].bed;
        if (!drawn || drawn->voxels == 0) continue;
        *out = (rs_report_region){
            .given = true,
            .name = rs_builder_names_patient(b) ? rs_builder_keep(b, drawn->name) : NULL,
            .kind = rs_builder_keep(b, drawn->kind),
            .number = drawn->number,
            .n_contours = drawn->n_contours,
            .n_left_out = drawn->n_left_out,
            .voxels = drawn->voxels,
            .volume_ml = rs_round_decimals(drawn->volume_mm3 / 1000, 3),
            .file_volume_ml =
                drawn->file_volume_mm3 > 0 ? rs_round_decimals(drawn->file_volume_mm3 / 1000, 3) : (double)NAN,
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
                                              drawn->kind, drawn->volume_mm3 / 1000);
        if (sentence) rs_builder_limit(b, "bed_given", NULL, sentence);
        return;
    }
}
