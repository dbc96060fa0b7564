/* Dump of measure: every lesion with every field. */
#include "dump.h"

static void lesions_head(rs_csv_row *row)
{
    static const char *const names[] = {
        "seriesuid",        "coordX",           "coordY",           "coordZ",           "probability",
        "candidate_rank",   "origin",           "pointed",          "index_i",          "index_j",
        "index_k",          "attachment",       "density",          "mean_hu",          "contrast_hu",
        "background_hu",    "fit_mm",           "fit_low_mm",       "fit_high_mm",      "fit_reason",
        "volume_mm3",       "mask_volume_mm3",  "equivalent_mm",    "volume_reason",    "long_axis_mm",
        "short_axis_mm",    "long_axis_x1_mm",  "long_axis_y1_mm",  "long_axis_z1_mm",  "long_axis_x2_mm",
        "long_axis_y2_mm",  "long_axis_z2_mm",  "short_axis_x1_mm", "short_axis_y1_mm", "short_axis_z1_mm",
        "short_axis_x2_mm", "short_axis_y2_mm", "short_axis_z2_mm", "caliper_k",        "caliper_source",
        "caliper_reason",   "low_mm",           "high_mm",          "source",           "truncated",
        "size_class",       "class_reason",     "mask_voxels"};
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++)
        rs_csv_text(row, names[n]);
    rs_csv_end(row);
}

static void size_cells(rs_csv_row *row, const rs_size *size, int32_t caliper_k)
{
    rs_dump_number(row, size->fit_mm);
    rs_dump_number(row, size->fit_low_mm);
    rs_dump_number(row, size->fit_high_mm);
    rs_csv_text(row, size->fit_reason);
    rs_dump_number(row, size->volume_mm3);
    rs_dump_number(row, size->mask_volume_mm3);
    rs_dump_number(row, size->equivalent_mm);
    rs_csv_text(row, size->volume_reason);
    rs_dump_number(row, size->long_axis_mm);
    rs_dump_number(row, size->short_axis_mm);
    for (int n = 0; n < 12; n++) {
        const double(*ends)[3] = n < 6 ? size->long_axis_ends_lps_mm : size->short_axis_ends_lps_mm;
        rs_dump_number(row, ends[n / 3 % 2][n % 3]);
    }
    if (caliper_k >= 0)
        rs_csv_whole(row, caliper_k);
    else
        rs_csv_text(row, NULL);
    rs_csv_text(row, rs_caliper_source_name(size->caliper_source));
    rs_csv_text(row, size->caliper_reason);
    rs_dump_number(row, size->low_mm);
    rs_dump_number(row, size->high_mm);
    rs_csv_text(row, rs_size_source_name(size->source));
    rs_csv_text(row, size->truncated ? "true" : "false");
    rs_csv_text(row, rs_size_class_name(size->size_class));
    rs_csv_text(row, size->class_reason);
}

static void lesion_row(rs_csv_row *row, const rs_case *from, const rs_lesion *lesion)
{
    const rs_candidate *c = &from->candidates->items[lesion->candidate];
    int64_t n_voxels = 0;
    for (int r = 0; r < lesion->n_runs; r++)
        n_voxels += lesion->runs[r].count;
    rs_csv_text(row, from->pick.series->series_instance_uid);
    for (int d = 0; d < 3; d++)
        rs_dump_number(row, lesion->lps_mm[d]);
    rs_dump_number(row, c->p);
    rs_csv_whole(row, lesion->candidate + 1);
    rs_csv_text(row, rs_origin_name(c->origin));
    rs_csv_text(row, c->pointed ? "true" : "false");
    for (int a = 0; a < 3; a++)
        rs_dump_number(row, lesion->index[a]);
    rs_csv_text(row, rs_attachment_name(lesion->attachment));
    rs_csv_text(row, rs_density_name(lesion->density));
    rs_dump_number(row, lesion->mean_hu);
    rs_dump_number(row, lesion->contrast_hu);
    rs_dump_number(row, lesion->background_hu);
    size_cells(row, &lesion->size, lesion->caliper_k);
    rs_csv_whole(row, n_voxels);
    rs_csv_end(row);
}

rs_status rs_dump_measure(rs_context *ctx, const rs_line *line, rs_folder *folder)
{
    rs_buffer buffer = {0};
    rs_csv_row row = {.to = &buffer};
    lesions_head(&row);
    for (int c = 0; c < line->n_cases; c++) {
        const rs_case *from = &line->cases[c];
        for (int l = 0; from->lesions && l < from->lesions->n; l++)
            lesion_row(&row, from, &from->lesions->items[l]);
    }
    return rs_dump_buffer(ctx, &buffer, folder, "06-measure.csv");
}
