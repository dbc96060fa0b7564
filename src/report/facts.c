/* The report's facts about program, source, series, parameters and image quality. */
#include "builder.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "digest/digest.h"
#include "restage/text.h"
#include "restage/version.h"

static const char *utc(rs_builder *b, int64_t seconds)
{
    time_t when = (time_t)seconds;
    struct tm parts;
    if (!gmtime_r(&when, &parts)) return NULL;
    return rs_builder_say(b, "%04d-%02d-%02dT%02d:%02d:%02dZ", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                          parts.tm_hour, parts.tm_min, parts.tm_sec);
}

void rs_build_software(rs_builder *b)
{
    rs_report_software *out = &b->report->software;
    out->version = rs_builder_keep(b, rs_version());
    out->commit = rs_builder_keep(b, rs_version_commit());
    out->tier = rs_builder_keep(b, b->input->tier);
    out->created = utc(b, b->input->created_s);
    const char **libraries = RS_BUILDER_TABLE(b, const char *, b->input->n_libraries);
    for (int i = 0; libraries && i < b->input->n_libraries; i++)
        libraries[i] = rs_builder_keep(b, b->input->libraries[i]);
    out->libraries = libraries;
    out->n_libraries = libraries ? b->input->n_libraries : 0;
}

/* The first case that has a series; NULL: none. */
static const rs_report_case *first_case(const rs_report_input *input)
{
    for (int c = 0; c < input->n_cases; c++) {
        if (input->cases[c].series) return &input->cases[c];
    }
    return NULL;
}

static void source_texts(rs_builder *b, const rs_series *series, rs_report_source *out)
{
    out->study_instance_uid = rs_builder_uid(b, series->study_instance_uid);
    out->series_instance_uid = rs_builder_uid(b, series->series_instance_uid);
    out->frame_of_reference_uid = rs_builder_uid(b, series->frame_of_reference_uid);
    out->sop_class_uid = rs_builder_fact(b, series->sop_class_uid);
    out->modality = rs_builder_fact(b, series->modality);
    out->manufacturer = rs_builder_fact(b, series->manufacturer);
    out->model = rs_builder_fact(b, series->model);
    out->image_type = rs_builder_fact(b, series->image_type);
    out->kernel = rs_builder_fact(b, series->kernel);
    if (rs_builder_names_patient(b)) out->contrast_agent = rs_builder_fact(b, series->contrast_agent);
    out->patient_position = rs_builder_fact(b, series->patient_position);
    out->transfer_syntax_uid = rs_builder_fact(b, series->transfer_syntax_uid);
    out->transfer_syntax_name = rs_builder_fact(b, series->transfer_syntax_name);
    out->lossy_compression = rs_builder_fact(b, series->lossy_compression);
    out->orientation = rs_builder_fact(b, series->orientation);
    out->verdict = rs_builder_keep(b, rs_verdict_name(series->verdict));
    out->verdict_reason = rs_builder_fact(b, series->reason);
}

static void source_missing(rs_builder *b, const rs_series *series, rs_report_source *out)
{
    bool names = rs_builder_names_patient(b);
    const rs_fact facts[] = {
        {"study UID", out->study_instance_uid},
        {"frame of reference", out->frame_of_reference_uid},
        {"SOP class", out->sop_class_uid},
        {"modality", out->modality},
        {"manufacturer", out->manufacturer},
        {"model", out->model},
        {"image type", out->image_type},
        {"kernel", out->kernel},
        rs_builder_number("tube voltage", out->kvp),
        {"contrast agent", names || !series->contrast_agent ? out->contrast_agent : ""},
        {"patient position", out->patient_position},
        {"transfer syntax", out->transfer_syntax_uid && out->transfer_syntax_name ? "" : NULL},
        {"loss of compression", out->lossy_compression},
        {"orientation", out->orientation},
        rs_builder_number("slice thickness", out->thickness_mm),
    };
    const char *missing = rs_builder_missing(b, "the headers do not give", facts, sizeof facts / sizeof facts[0]);
    const char *left_out = names ? NULL : "the contrast agent is left out without identity, as free text";
    const char *unread = out->padded_voxels < 0 ? "the images were not read" : NULL;
    const char *const parts[] = {missing, left_out, unread};
    for (size_t p = 0; p < sizeof parts / sizeof parts[0]; p++) {
        const char *before = out->missing_reason;
        if (parts[p])
            out->missing_reason = rs_builder_say(b, "%s%s%s", before ? before : "", before ? "; " : "", parts[p]);
    }
}

static double thickness(double mm)
{
    return mm > 0 ? rs_round_decimals(mm, RS_DECIMALS_SPACING_MM) : (double)NAN;
}

static rs_geometry rounded_geometry(const rs_geometry *geometry)
{
    rs_geometry out = *geometry;
    for (int a = 0; a < 3; a++) {
        out.spacing_mm[a] = rs_round_decimals(out.spacing_mm[a], RS_DECIMALS_SPACING_MM);
        out.origin_lps_mm[a] = rs_round_decimals(out.origin_lps_mm[a], RS_DECIMALS_SPACING_MM);
        for (int d = 0; d < 3; d++)
            out.axis[a][d] = rs_round_decimals(out.axis[a][d], RS_DECIMALS_SPACING_MM);
    }
    return out;
}

void rs_build_source(rs_builder *b)
{
    rs_report_source *out = &b->report->source;
    const rs_report_case *first = first_case(b->input);
    *out = (rs_report_source){.kvp = (double)NAN,
                              .thickness_mm = (double)NAN,
                              .tilt_deg = (double)NAN,
                              .spacing_deviation_mm = (double)NAN,
                              .rounding = (double)NAN,
                              .padded_voxels = -1};
    if (!first) {
        const char *why = b->input->n_cases > 0 ? b->input->cases[0].reason : NULL;
        out->reason = rs_builder_keep(b, why ? why : "no series of this study can be searched");
        if (b->input->n_series > 0)
            out->study_instance_uid = rs_builder_uid(b, b->input->series[0]->study_instance_uid);
        return;
    }
    const rs_series *series = first->series;
    source_texts(b, series, out);
    out->kvp = series->kvp > 0 ? rs_round_decimals(series->kvp, 1) : (double)NAN;
    out->thickness_mm = thickness(series->thickness_mm);
    out->tilt_deg = rs_round_decimals(series->tilt_deg, RS_DECIMALS_ANGLE_DEG);
    out->spacing_deviation_mm = rs_round_decimals(series->spacing_deviation_mm, RS_DECIMALS_SPACING_MM);
    out->geometry = rounded_geometry(first->volume ? &first->volume->geometry : &series->geometry);
    out->resampled = rs_builder_keep(b, first->resampled);
    if (first->volume) {
        out->padded_voxels = first->padded_voxels;
        out->rounding = rs_round_decimals(first->rounding, RS_DECIMALS_RATIO);
    }
    source_missing(b, series, out);
}

static void series_missing(rs_builder *b, rs_report_series *row)
{
    bool names = rs_builder_names_patient(b), spacing = true;
    for (int a = 0; a < 3; a++)
        spacing = spacing && isfinite(row->spacing_mm[a]);
    const rs_fact facts[] = {
        {"UID", row->series_instance_uid},
        {"series number", row->series_number >= 0 ? "" : NULL},
        {"modality", row->modality},
        {"description", names ? row->description : ""},
        {"spacing", spacing ? "" : NULL},
        rs_builder_number("slice thickness", row->thickness_mm),
        {"kernel", row->kernel},
        {"orientation", row->orientation},
        {"transfer syntax", row->transfer_syntax_uid},
    };
    const char *missing = rs_builder_missing(b, "the headers do not give", facts, sizeof facts / sizeof facts[0]);
    row->missing_reason = missing;
    if (!names)
        row->missing_reason = rs_builder_say(b, "%s%sthe description is left out without identity, as free text",
                                             missing ? missing : "", missing ? "; " : "");
    if (row->sequence) return;
    bool is_mr = row->modality && strcmp(row->modality, "MR") == 0;
    row->sequence_reason = rs_builder_keep(b, is_mr ? "the sequence was not recognised" : "not an MR series");
}

void rs_build_series(rs_builder *b)
{
    int n = b->input->n_series;
    rs_report_series *rows = RS_BUILDER_TABLE(b, rs_report_series, n);
    for (int s = 0; rows && s < n; s++) {
        const rs_series *series = b->input->series[s];
        const rs_report_choice *choice = &b->input->choices[s];
        rows[s] = (rs_report_series){
            .series_instance_uid = rs_builder_uid(b, series->series_instance_uid),
            .modality = rs_builder_fact(b, series->modality),
            .description = rs_builder_names_patient(b) ? rs_builder_fact(b, series->description) : NULL,
            .transfer_syntax_uid = rs_builder_fact(b, series->transfer_syntax_uid),
            .kernel = rs_builder_fact(b, series->kernel),
            .orientation = rs_builder_fact(b, series->orientation),
            .series_number = series->series_number,
            .n_slices = rs_series_slices(series),
            .rows = series->rows,
            .columns = series->columns,
            .thickness_mm = thickness(series->thickness_mm),
            .sequence = rs_builder_keep(b, choice->sequence),
            .used = choice->used,
            .verdict = rs_builder_keep(b, rs_verdict_name(series->verdict)),
            .why = rs_builder_keep(b, choice->why),
        };
        for (int a = 0; a < 3; a++)
            rows[s].spacing_mm[a] = thickness(series->geometry.spacing_mm[a]);
        series_missing(b, &rows[s]);
    }
    b->report->series = rows;
    b->report->n_series = rows ? n : 0;
}

/* --sensitivity moves the marks as a parameter does. */
static rs_status add_point(rs_builder *b, rs_sha256 *sha)
{
    for (int c = 0; c < b->input->n_cases; c++) {
        const rs_operating_point *point = b->input->cases[c].point;
        if (!point) continue;
        char line[64];
        (void)rs_text_format(line, sizeof line, "operating_point=%s\n", point->name);
        return rs_sha256_add(b->ctx, sha, line, strlen(line));
    }
    return RS_OK;
}

/* SHA-256 over "name=value" lines in the order of the tables, then the operating point: who set a value does not matter
 * (contract 3). */
static rs_status digest_of(rs_builder *b, char hex[65])
{
    rs_sha256 *sha = NULL;
    RS_TRY(rs_sha256_new(b->ctx, &sha));
    rs_status status = RS_OK;
    for (int i = 0; i < b->report->n_parameters && status == RS_OK; i++) {
        char line[160], number[32];
        rs_report_number(b->report->parameters[i].value, number);
        (void)rs_text_format(line, sizeof line, "%s=%s\n", b->report->parameters[i].name, number);
        status = rs_sha256_add(b->ctx, sha, line, strlen(line));
    }
    if (status == RS_OK) status = add_point(b, sha);
    rs_status finished = rs_sha256_finish(b->ctx, sha, hex);
    return status ? status : finished;
}

rs_status rs_build_parameters(rs_builder *b)
{
    int n = rs_params_count(b->input->params);
    rs_report_parameter *rows = RS_BUILDER_TABLE(b, rs_report_parameter, n);
    for (int i = 0; rows && i < n; i++) {
        double value = 0;
        rs_set_by set_by = RS_SET_BY_DEFAULT;
        const char *room = NULL;
        const rs_param *row = rs_params_row(b->input->params, i, &value, &set_by, &room);
        rows[i] = (rs_report_parameter){
            .name = rs_builder_keep(b, row->name),
            .room = rs_builder_keep(b, room),
            .unit = rs_builder_keep(b, row->unit),
            .source = rs_builder_keep(b, row->source),
            .value = rs_round_decimals(value, RS_DECIMALS_PARAMETER),
            .default_value = rs_round_decimals(row->default_value, RS_DECIMALS_PARAMETER),
            .min = rs_round_decimals(row->min, RS_DECIMALS_PARAMETER),
            .max = rs_round_decimals(row->max, RS_DECIMALS_PARAMETER),
            .whole = row->type == RS_PARAM_int,
            .set_by = rs_builder_keep(b, rs_set_by_name(set_by)),
        };
    }
    b->report->parameters = rows;
    b->report->n_parameters = rows ? n : 0;
    if (b->failed) return rs_fail_memory(b->ctx, "the report");
    char hex[65];
    RS_TRY(digest_of(b, hex));
    b->report->parameters_digest = rs_builder_keep(b, hex);
    return RS_OK;
}

static void quality_missing(rs_builder *b, rs_report_quality *out)
{
    bool plane = true;
    for (int i = 0; i < 4; i++)
        plane = plane && isfinite(out->autocorrelation[i]);
    const rs_fact facts[] = {
        rs_builder_number("noise", out->noise_hu),
        rs_builder_number("error of the noise", out->noise_error),
        {"basis of the noise", out->noise_basis},
        {"autocorrelation in plane", plane ? "" : NULL},
        rs_builder_number("autocorrelation of slices", out->autocorrelation_axial),
        rs_builder_number("resolution in plane", out->psf_in_plane_mm),
        rs_builder_number("resolution across", out->psf_axial_mm),
        rs_builder_number("error of the resolution in plane", out->psf_in_plane_error),
        rs_builder_number("error of the resolution across", out->psf_axial_error),
        {"basis of the resolution", out->psf_basis},
    };
    out->missing_reason =
        rs_builder_missing(b, "the images did not allow to measure", facts, sizeof facts / sizeof facts[0]);
}

void rs_build_quality(rs_builder *b)
{
    const rs_report_case *first = first_case(b->input);
    const rs_quality *quality = first ? first->quality : NULL;
    rs_report_quality *out = &b->report->quality;
    if (!quality) {
        const double none = (double)NAN;
        *out = (rs_report_quality){.noise_hu = none,
                                   .noise_error = none,
                                   .psf_in_plane_mm = none,
                                   .psf_axial_mm = none,
                                   .psf_in_plane_error = none,
                                   .psf_axial_error = none,
                                   .autocorrelation = {none, none, none, none},
                                   .autocorrelation_axial = none};
        out->reason = rs_builder_keep(b, "no organ was searched, so neither noise nor resolution was measured");
        return;
    }
    out->noise_hu = rs_round_decimals(quality->noise_hu, RS_DECIMALS_HU);
    out->noise_error = rs_round_decimals(quality->noise_error, RS_DECIMALS_RATIO);
    out->noise_basis = rs_builder_keep(b, quality->noise_basis);
    out->n_noise_windows = quality->n_noise_windows;
    out->psf_in_plane_mm = rs_round_decimals(quality->psf.in_plane_mm, RS_DECIMALS_PSF_MM);
    out->psf_axial_mm = rs_round_decimals(quality->psf.axial_mm, RS_DECIMALS_PSF_MM);
    out->psf_in_plane_error = rs_round_decimals(quality->psf_error.in_plane_mm, RS_DECIMALS_RATIO);
    out->psf_axial_error = rs_round_decimals(quality->psf_error.axial_mm, RS_DECIMALS_RATIO);
    out->psf_basis = rs_builder_keep(b, quality->psf_basis);
    out->psf_measured = quality->psf_measured;
    out->psf_axial_measured = quality->psf_measured && quality->axial_measured;
    for (int i = 0; i < 4; i++)
        out->autocorrelation[i] = rs_round_decimals(quality->autocorrelation[i], RS_DECIMALS_RATIO);
    out->autocorrelation_axial = rs_round_decimals(quality->autocorrelation_axial, RS_DECIMALS_RATIO);
    quality_missing(b, out);
}
