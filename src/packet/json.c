/* report.json: everything that rs_report holds, in the order of contract 5, against report.schema.json. */
#include "print.h"

#include "restage/json.h"

/* Numbers come rounded from the report: nine decimals change none of them. */
void rs_print_number(rs_json *object, const char *key, double value)
{
    rs_json_set_real(object, key, value, 9);
}

void rs_print_count(rs_json *object, const char *key, int64_t value)
{
    if (value >= 0)
        rs_json_set_integer(object, key, value);
    else
        rs_json_set_null(object, key);
}

rs_json *rs_print_numbers(const double *values, int n)
{
    rs_json *array = rs_json_array();
    for (int i = 0; i < n; i++)
        rs_json_add_real(array, values[i], 9);
    return array;
}

static rs_json *software(const rs_report_software *software)
{
    rs_json *o = rs_json_object(), *libraries = rs_json_array();
    rs_json_set_text(o, "name", "restage");
    rs_json_set_text(o, "version", software->version);
    rs_json_set_text(o, "commit", software->commit);
    rs_json_set(o, "libraries", libraries);
    for (int i = 0; i < software->n_libraries; i++)
        rs_json_add_text(libraries, software->libraries[i]);
    rs_json_set_text(o, "tier", software->tier);
    rs_json_set_text(o, "created", software->created);
    return o;
}

static rs_json *identity(const rs_report_identity *identity)
{
    rs_json *o = rs_json_object();
    rs_json_set_text(o, "mode", identity->mode);
    rs_json_set_text(o, "reason", identity->reason);
    rs_json_set_text(o, "patient_name", identity->patient_name);
    rs_json_set_text(o, "patient_name_text", identity->patient_name_text);
    rs_json_set_text(o, "patient_id", identity->patient_id);
    rs_json_set_text(o, "issuer_of_patient_id", identity->issuer_of_patient_id);
    rs_json_set_text(o, "birth_date", identity->birth_date);
    rs_json_set_text(o, "sex", identity->sex);
    rs_json_set_text(o, "study_date", identity->study_date);
    rs_json_set_text(o, "accession_number", identity->accession_number);
    return o;
}

static rs_json *geometry(const rs_geometry *geometry)
{
    rs_json *o = rs_json_object(), *size = rs_json_array(), *axes = rs_json_array();
    rs_json_set(o, "size", size);
    for (int a = 0; a < 3; a++)
        rs_json_add_integer(size, geometry->n[a]);
    rs_json_set(o, "spacing_mm", rs_print_numbers(geometry->spacing_mm, 3));
    rs_json_set(o, "origin_lps_mm", rs_print_numbers(geometry->origin_lps_mm, 3));
    rs_json_set(o, "axes", axes);
    for (int a = 0; a < 3; a++)
        rs_json_add(axes, rs_print_numbers(geometry->axis[a], 3));
    return o;
}

static rs_json *region(const rs_report_region *region)
{
    rs_json *o = rs_json_object();
    rs_json_set_text(o, "reason", region->reason);
    rs_json_set_text(o, "roi_name", region->name);
    rs_json_set_text(o, "kind", region->kind);
    rs_json_set_integer(o, "number", region->number);
    rs_json_set_integer(o, "voxels", region->voxels);
    rs_print_number(o, "volume_ml", region->volume_ml);
    rs_print_number(o, "volume_in_file_ml", region->file_volume_ml);
    rs_print_count(o, "contours", region->n_contours);
    rs_print_count(o, "left_out", region->n_left_out);
    return o;
}

static rs_json *source(const rs_report_source *source, bool synthetic, const char *input_digest)
{
    rs_json *o = rs_json_object();
    rs_json_set_text(o, "reason", source->reason);
    rs_json_set_text(o, "missing_reason", source->missing_reason);
    rs_json_set_text(o, "input_digest", input_digest);
    rs_json_set_bool(o, "synthetic", synthetic);
    rs_json_set_text(o, "study_instance_uid", source->study_instance_uid);
    rs_json_set_text(o, "series_instance_uid", source->series_instance_uid);
    rs_json_set_text(o, "frame_of_reference_uid", source->frame_of_reference_uid);
    rs_json_set_text(o, "sop_class_uid", source->sop_class_uid);
    rs_json_set_text(o, "modality", source->modality);
    rs_json_set_text(o, "manufacturer", source->manufacturer);
    rs_json_set_text(o, "model", source->model);
    rs_json_set_text(o, "image_type", source->image_type);
    rs_json_set_text(o, "kernel", source->kernel);
    rs_print_number(o, "kvp", source->kvp);
    rs_json_set_text(o, "contrast_agent", source->contrast_agent);
    rs_json_set_text(o, "patient_position", source->patient_position);
    rs_json_set_text(o, "transfer_syntax_uid", source->transfer_syntax_uid);
    rs_json_set_text(o, "transfer_syntax_name", source->transfer_syntax_name);
    rs_json_set_text(o, "lossy_compression", source->lossy_compression);
    rs_json_set_text(o, "orientation", source->orientation);
    rs_print_number(o, "thickness_mm", source->thickness_mm);
    rs_print_number(o, "tilt_deg", source->tilt_deg);
    rs_print_number(o, "spacing_deviation_mm", source->spacing_deviation_mm);
    rs_json_set_text(o, "verdict", source->verdict);
    rs_json_set_text(o, "verdict_reason", source->verdict_reason);
    if (source->geometry.n[0] > 0)
        rs_json_set(o, "geometry", geometry(&source->geometry));
    else
        rs_json_set_null(o, "geometry");
    rs_json_set_text(o, "resampled", source->reason || source->resampled ? source->resampled : "nothing");
    rs_print_count(o, "padded_voxels", source->padded_voxels);
    rs_print_number(o, "rounding", source->rounding);
    if (source->region.given)
        rs_json_set(o, "region", region(&source->region));
    else
        rs_json_set_null(o, "region");
    rs_json_set_text(o, "region_reason", source->region.given ? NULL : source->region.reason);
    return o;
}

static rs_json *series_row(const rs_report_series *series)
{
    rs_json *o = rs_json_object();
    rs_json_set_text(o, "series_instance_uid", series->series_instance_uid);
    rs_print_count(o, "series_number", series->series_number);
    rs_json_set_text(o, "modality", series->modality);
    rs_json_set_text(o, "description", series->description);
    rs_json_set_text(o, "sequence", series->sequence);
    rs_json_set_text(o, "sequence_reason", series->sequence_reason);
    rs_json_set_integer(o, "slices", series->n_slices);
    rs_json_set_integer(o, "rows", series->rows);
    rs_json_set_integer(o, "columns", series->columns);
    rs_json_set(o, "spacing_mm", rs_print_numbers(series->spacing_mm, 3));
    rs_print_number(o, "thickness_mm", series->thickness_mm);
    rs_json_set_text(o, "kernel", series->kernel);
    rs_json_set_text(o, "orientation", series->orientation);
    rs_json_set_text(o, "transfer_syntax_uid", series->transfer_syntax_uid);
    rs_json_set_text(o, "verdict", series->verdict);
    rs_json_set_bool(o, "used", series->used);
    rs_json_set_text(o, "why", series->why);
    rs_json_set_text(o, "missing_reason", series->missing_reason);
    return o;
}

static void parameter_value(rs_json *object, const char *key, const rs_report_parameter *row, double value)
{
    if (row->whole)
        rs_json_set_integer(object, key, (int64_t)value);
    else
        rs_print_number(object, key, value);
}

static rs_json *parameters(const rs_report *report)
{
    rs_json *all = rs_json_object();
    for (int i = 0; i < report->n_parameters; i++) {
        const rs_report_parameter *row = &report->parameters[i];
        rs_json *o = rs_json_object();
        parameter_value(o, "value", row, row->value);
        rs_json_set_text(o, "unit", row->unit);
        rs_json_set_text(o, "set_by", row->set_by);
        parameter_value(o, "default", row, row->default_value);
        parameter_value(o, "min", row, row->min);
        parameter_value(o, "max", row, row->max);
        rs_json_set_text(o, "source", row->source);
        rs_json_set_text(o, "room", row->room);
        rs_json_set(all, row->name, o);
    }
    return all;
}

static rs_json *quality(const rs_report_quality *quality)
{
    rs_json *o = rs_json_object(), *psf = rs_json_object();
    rs_json_set_text(o, "reason", quality->reason);
    rs_json_set_text(o, "missing_reason", quality->missing_reason);
    rs_print_number(o, "noise_hu", quality->noise_hu);
    rs_print_number(o, "noise_relative_error", quality->noise_error);
    rs_json_set_text(o, "noise_basis", quality->noise_basis);
    rs_json_set_integer(o, "noise_windows", quality->n_noise_windows);
    rs_json_set(o, "noise_autocorrelation", rs_print_numbers(quality->autocorrelation, 4));
    rs_print_number(o, "noise_autocorrelation_axial", quality->autocorrelation_axial);
    rs_json_set(o, "psf", psf);
    rs_print_number(psf, "in_plane_mm", quality->psf_in_plane_mm);
    rs_print_number(psf, "axial_mm", quality->psf_axial_mm);
    rs_print_number(psf, "in_plane_relative_error", quality->psf_in_plane_error);
    rs_print_number(psf, "axial_relative_error", quality->psf_axial_error);
    rs_json_set_text(psf, "basis", quality->psf_basis);
    rs_json_set_bool(psf, "measured", quality->psf_measured);
    rs_json_set_bool(psf, "axial_measured", quality->psf_axial_measured);
    rs_json_set_text(psf, "reason", quality->reason ? quality->reason : quality->missing_reason);
    return o;
}

static rs_json *organ(const rs_report_organ *organ)
{
    rs_json *o = rs_json_object(), *limit = rs_json_object();
    rs_json_set_text(o, "name", organ->name);
    rs_json_set_text(o, "side", organ->side);
    rs_json_set_text(o, "side_reason", organ->side_reason);
    rs_json_set_text(o, "state", organ->state);
    rs_json_set_text(o, "reason", organ->reason);
    rs_print_number(o, "volume_ml", organ->volume_ml);
    rs_print_number(o, "searched_ml", organ->searched_ml);
    rs_json_set(o, "detection_limit", limit);
    rs_print_number(limit, "d50_mm", organ->detection_limit.d50_mm);
    rs_print_number(limit, "d95_mm", organ->detection_limit.d95_mm);
    rs_print_number(limit, "worst_d95_mm", organ->detection_limit.worst_d95_mm);
    rs_json_set_text(limit, "basis", organ->detection_limit.basis);
    rs_json_set_text(limit, "reason", organ->detection_limit.reason);
    return o;
}

static rs_json *distribution(const rs_report_distribution *distribution)
{
    rs_json *o = rs_json_object(), *rows = rs_json_array();
    rs_json_set(o, "rows", rows);
    for (int r = 0; r < distribution->n_rows; r++) {
        rs_json *row = rs_json_object();
        rs_json_set_text(row, "side", distribution->rows[r].side);
        rs_json_set_text(row, "side_reason", distribution->rows[r].side_reason);
        rs_json_set_text(row, "lobe", distribution->rows[r].lobe);
        rs_json_set_text(row, "lobe_reason", distribution->rows[r].lobe_reason);
        rs_json_set_integer(row, "above_5mm", distribution->rows[r].above_5mm);
        rs_json_set_integer(row, "near_5mm", distribution->rows[r].near_5mm);
        rs_json_set_integer(row, "below_5mm", distribution->rows[r].below_5mm);
        rs_json_set_integer(row, "indeterminate", distribution->rows[r].indeterminate);
        rs_json_add(rows, row);
    }
    rs_print_number(o, "expected_false_marks", distribution->expected_false_marks);
    rs_json_set_text(o, "basis", distribution->basis);
    rs_json_set_text(o, "reason", distribution->reason);
    return o;
}

static rs_json *limitations(const rs_notes *notes)
{
    rs_json *rows = rs_json_array();
    for (int i = 0; i < notes->n; i++) {
        rs_json *row = rs_json_object();
        rs_json_set_text(row, "code", notes->items[i].code);
        rs_json_set_text(row, "sentence", notes->items[i].sentence);
        rs_json_set_text(row, "region", notes->items[i].region ? notes->items[i].region : "all");
        rs_json_add(rows, row);
    }
    return rows;
}

static rs_json *operating_point(const rs_report_point *point)
{
    rs_json *o = rs_json_object();
    rs_json_set_text(o, "name", point->name);
    rs_print_number(o, "p", point->p);
    rs_json_set_text(o, "p_definition", point->p_definition);
    rs_print_number(o, "false_marks_per_litre", point->false_marks_per_litre);
    rs_print_number(o, "false_marks_per_scan", point->false_marks_per_scan);
    rs_json_set_text(o, "basis", point->basis);
    rs_json_set_text(o, "reason", point->reason);
    return o;
}

static rs_json *whole_report(const rs_report *report)
{
    rs_json *root = rs_json_object(), *series = rs_json_array(), *organs = rs_json_array(), *marks = rs_json_array();
    rs_json_set_text(root, "schema", RS_REPORT_SCHEMA);
    rs_json_set(root, "software", software(&report->software));
    rs_json_set(root, "identity", identity(&report->identity));
    rs_json_set(root, "source", source(&report->source, report->filing.synthetic, report->input_digest));
    rs_json_set(root, "series", series);
    for (int i = 0; i < report->n_series; i++)
        rs_json_add(series, series_row(&report->series[i]));
    if (report->context.given)
        rs_json_set(root, "context", rs_print_context(&report->context));
    else
        rs_json_set_null(root, "context");
    rs_json_set_text(root, "context_reason", report->context.reason);
    rs_json_set(root, "parameters", parameters(report));
    rs_json_set(root, "quality", quality(&report->quality));
    rs_json_set_text(root, "assessed", report->assessed);
    rs_json_set_text(root, "assessed_text", report->assessed_text);
    rs_json_set(root, "organs", organs);
    for (int i = 0; i < report->n_organs; i++)
        rs_json_add(organs, organ(&report->organs[i]));
    rs_json_set_text(root, "marks_text", report->marks_text);
    rs_json_set(root, "marks", marks);
    for (int i = 0; i < report->n_marks; i++)
        rs_json_add(marks, rs_print_mark(&report->marks[i]));
    rs_json_set(root, "distribution", distribution(&report->distribution));
    rs_json_set(root, "criteria", rs_print_criteria(report));
    rs_json_set(root, "blanks", rs_print_blanks(report));
    rs_json_set(root, "limitations", limitations(&report->limitations));
    rs_json_set(root, "operating_point", operating_point(&report->operating_point));
    if (report->previous.given)
        rs_json_set(root, "previous", rs_print_previous(&report->previous));
    else
        rs_json_set_null(root, "previous");
    rs_json_set_text(root, "previous_reason", report->previous.reason);
    rs_json_set(root, "review", rs_print_reviewed(&report->previous));
    rs_json_set(root, "filing", rs_print_filing(&report->filing));
    rs_json_set_null(root, "comparison");
    rs_json_set_text(root, "comparison_reason", report->pending.comparison);
    return root;
}

rs_status rs_print_json(rs_context *ctx, rs_json *root, rs_folder *folder, const char *file_name)
{
    char *text = NULL;
    size_t bytes = 0;
    rs_status status = rs_json_print(ctx, root, &text, &bytes);
    rs_json_free(root);
    if (status == RS_OK) status = rs_folder_write(ctx, folder, file_name, text, bytes);
    rs_json_text_free(text);
    return status;
}

rs_status rs_write_json(rs_context *ctx, const rs_report *report, const rs_sources *sources, rs_folder *folder,
                        const char *file_name)
{
    (void)sources;
    return rs_print_json(ctx, whole_report(report), folder, file_name);
}
