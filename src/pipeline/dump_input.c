/* Dumps of series, read and quality: what was read and how good it is. UIDs and geometry only: no patient, no names. */
#include "dump.h"

#include <math.h>

#include "restage/formats.h"
#include "restage/text.h"

static void set_geometry(rs_json *o, const rs_geometry *geometry)
{
    rs_json *size = rs_json_array(), *axes = rs_json_array();
    for (int a = 0; a < 3; a++) {
        rs_json_add_integer(size, geometry->n[a]);
        rs_json_add(axes, rs_dump_numbers(geometry->axis[a], 3));
    }
    rs_json_set(o, "size", size);
    rs_json_set(o, "spacing_mm", rs_dump_numbers(geometry->spacing_mm, 3));
    rs_json_set(o, "origin_lps_mm", rs_dump_numbers(geometry->origin_lps_mm, 3));
    rs_json_set(o, "axes", axes);
}

static rs_json *notes_json(const rs_notes *notes)
{
    rs_json *list = rs_json_array();
    for (int i = 0; i < notes->n; i++) {
        rs_json *o = rs_json_object();
        rs_json_set_text(o, "code", notes->items[i].code);
        rs_json_set_text(o, "sentence", notes->items[i].sentence);
        rs_json_add(list, o);
    }
    return list;
}

/* Beside a null, why (contract 4). */
static void set_reason(rs_json *o, const char *key, bool given)
{
    char reason_key[64];
    (void)rs_text_format(reason_key, sizeof reason_key, "%s_reason", key);
    rs_json_set_text(o, reason_key, given ? NULL : "the header does not give it");
}

/* A number that is never negative. */
static void set_count(rs_json *o, const char *key, int64_t value)
{
    if (value >= 0)
        rs_json_set_integer(o, key, value);
    else
        rs_json_set_null(o, key);
    set_reason(o, key, value >= 0);
}

/* A length that is never 0. */
static void set_length(rs_json *o, const char *key, double value_mm)
{
    rs_json_set_real(o, key, value_mm > 0 ? value_mm : (double)NAN, 6);
    set_reason(o, key, value_mm > 0);
}

static rs_json *slices_json(const rs_series *series)
{
    rs_json *list = rs_json_array();
    for (int32_t k = 0; k < series->n_slices; k++) {
        const rs_slice *slice = &series->slices[k];
        rs_json *o = rs_json_object();
        rs_json_set_integer(o, "k", k);
        set_count(o, "number", slice->instance_number);
        rs_json_set_text(o, "sop_instance_uid", slice->sop_instance_uid);
        rs_json_set_integer(o, "frame", slice->frame);
        rs_json_set(o, "position_lps_mm", rs_dump_numbers(slice->position_lps_mm, 3));
        rs_json_add(list, o);
    }
    return list;
}

static rs_json *series_json(const rs_series *series, const rs_report_choice *choice)
{
    rs_json *o = rs_json_object();
    rs_json_set_text(o, "series_instance_uid", series->series_instance_uid);
    set_count(o, "series_number", series->series_number);
    rs_json_set_text(o, "modality", series->modality);
    rs_json_set_text(o, "kernel", series->kernel);
    rs_json_set_text(o, "transfer_syntax_uid", series->transfer_syntax_uid);
    set_length(o, "thickness_mm", series->thickness_mm);
    rs_json_set_text(o, "verdict", rs_verdict_name(series->verdict));
    rs_json_set_text(o, "reason", series->reason);
    rs_json_set_bool(o, "used", choice->used);
    rs_json_set_text(o, "why", choice->why);
    set_geometry(o, &series->geometry);
    rs_json_set(o, "notes", notes_json(&series->notes));
    rs_json_set(o, "slices", slices_json(series));
    return o;
}

rs_status rs_dump_series(rs_context *ctx, const rs_line *line, rs_folder *folder)
{
    rs_json *root = rs_json_object(), *list = rs_json_array();
    rs_json_set(root, "series", list);
    for (int s = 0; s < line->series.n; s++)
        rs_json_add(list, series_json(line->series.items[s], &line->chosen.choices[s]));
    return rs_dump_json(ctx, root, folder, "01-series.json");
}

rs_status rs_dump_read(rs_context *ctx, const rs_line *line, rs_folder *folder)
{
    int turn = 0;
    for (int c = 0; c < line->n_cases; c++) {
        const rs_case *from = &line->cases[c];
        char name[64];
        if (!from->volume || from->shares_volume) continue;
        rs_dump_name(name, "02-read", turn++, ".nii");
        RS_TRY(rs_dump_volume(ctx, line, from->volume, folder, name));
    }
    return RS_OK;
}

static rs_json *quality_json(const rs_quality *quality)
{
    rs_json *o = rs_json_object();
    rs_json_set_real(o, "noise_hu", quality->noise_hu, 6);
    rs_json_set_real(o, "noise_relative_error", quality->noise_error, 6);
    rs_json_set_text(o, "noise_basis", quality->noise_basis);
    rs_json_set_integer(o, "noise_windows", quality->n_noise_windows);
    rs_json_set_real(o, "psf_in_plane_mm", quality->psf.in_plane_mm, 6);
    rs_json_set_real(o, "psf_axial_mm", quality->psf.axial_mm, 6);
    rs_json_set_real(o, "psf_in_plane_error", quality->psf_error.in_plane_mm, 6);
    rs_json_set_real(o, "psf_axial_error", quality->psf_error.axial_mm, 6);
    rs_json_set_text(o, "psf_basis", quality->psf_basis);
    rs_json_set_bool(o, "psf_measured", quality->psf_measured);
    rs_json_set_integer(o, "edge_points", quality->n_edge_points);
    rs_json_set_real(o, "thickness_mm", quality->thickness_mm, 6);
    rs_json_set(o, "autocorrelation", rs_dump_numbers(quality->autocorrelation, 4));
    rs_json_set_real(o, "autocorrelation_axial", quality->autocorrelation_axial, 6);
    rs_json_set(o, "notes", notes_json(&quality->notes));
    return o;
}

rs_status rs_dump_quality(rs_context *ctx, const rs_line *line, rs_folder *folder)
{
    rs_json *root = rs_json_object(), *list = rs_json_array();
    rs_json_set(root, "cases", list);
    for (int c = 0; c < line->n_cases; c++) {
        const rs_case *from = &line->cases[c];
        if (!from->quality) continue;
        rs_json *o = quality_json(from->quality);
        rs_json_set_text(o, "organ", from->pick.organ->id);
        rs_json_add(list, o);
    }
    return rs_dump_json(ctx, root, folder, "04-quality.json");
}
