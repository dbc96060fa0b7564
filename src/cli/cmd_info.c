/* restage info: every series of a path, its geometry verdict, and what it can serve or why not. */
#include "cli_region.h"

#include <math.h>
#include <string.h>

#include "restage/run.h"
#include "restage/study.h"
#include "restage/text.h"

static const char about[] =
    "Lists every series below each PATH (a file or a folder): modality, slices, size, spacing, "
    "orientation, slice thickness, kernel, transfer syntax, a verdict on the geometry, and what "
    "the series can serve or why not. No pixel is read, but those of a volume file (.nii, .mha, .nrrd and others), "
    "whose values say whether it is CT.";

/* A text of a header for the terminal, "-" where the header has none. */
static const char *shown(cli *c, const char *text)
{
    return text == NULL || text[0] == 0 ? "-" : cli_clean(c, text);
}

static bool has_volume(const rs_series *s)
{
    return s->verdict == RS_VERDICT_GOOD || s->verdict == RS_VERDICT_MENDED || s->verdict == RS_VERDICT_FEW;
}

/* A number that a header gives with many digits, to three decimals: it only tells volumes apart here. */
static const char *rounded(cli *c, const char *word)
{
    const char *point = strchr(word, '.');
    double value;
    if (!point || strlen(point) <= 4 || !rs_text_real(word, &value) || fabs(value) >= 1e6) return word;
    value = rs_round_decimals(value, 3);
    return cli_text(c, "%.9g", value + 0.0); /* no "-0" */
}

/* What tells a volume from the others of its series, with its numbers rounded: gradients come with six digits. */
static const char *split_value(cli *c, const rs_series *s)
{
    const char *rest = cli_clean(c, s->split_value), *shorter = "";
    while (*rest) {
        int length = (int)strcspn(rest, " ");
        shorter = cli_text(c, "%s%s%s", shorter, *shorter ? " " : "", rounded(c, cli_text(c, "%.*s", length, rest)));
        rest += length + (int)strspn(rest + length, " ");
    }
    return shorter;
}

/* The description without what the line of the volume says already. */
static const char *description(cli *c, const rs_series *s)
{
    const char *text = s->description ? s->description : "";
    int length = (int)strlen(text);
    if (s->split_by) {
        const char *tail = cli_text(c, " [%s %s]", s->split_by, s->split_value);
        int behind = (int)strlen(tail);
        if (behind > 0 && length >= behind && strcmp(text + length - behind, tail) == 0) length -= behind;
    }
    if (length == 0) return "no description";
    return cli_text(c, "\"%s\"", cli_clean(c, cli_text(c, "%.*s", length, text)));
}

static const char *spacing(cli *c, const rs_series *s)
{
    if (!has_volume(s)) return "-";
    const double *mm = s->geometry.spacing_mm;
    const char *apart = mm[2] > 0 ? cli_text(c, "%.2f", mm[2]) : "-";
    return cli_text(c, "%.2f %.2f %s", mm[0], mm[1], apart);
}

static const char *series_number(cli *c, const rs_series *s)
{
    return s->series_number >= 0 ? cli_text(c, "%lld", (long long)s->series_number) : "-";
}

/* As wide as the longest number of the study that begins with series first. */
static int number_width(cli *c, const rs_study *study, int first)
{
    const char *uid = rs_study_series(study, first)->study_instance_uid;
    int width = 4;
    for (int i = first; i < rs_study_n_series(study); i++) {
        const rs_series *s = rs_study_series(study, i);
        if (strcmp(uid, s->study_instance_uid) != 0) break;
        int digits = (int)strlen(series_number(c, s));
        if (digits > width) width = digits;
    }
    return width;
}

static void print_row(cli *c, const rs_series *s, int width)
{
    const char *size = s->rows > 0 ? cli_text(c, "%dx%d", (int)s->columns, (int)s->rows) : "-";
    printf("%*s %-8s %6d %-9s %-14s %-8s %s\n", width, series_number(c, s), shown(c, s->modality),
           (int)rs_series_slices(s), size, spacing(c, s),
           has_volume(s) && !s->placeless ? shown(c, s->orientation) : "-",
           s->verdict == RS_VERDICT_SET_ASIDE ? "set aside" : rs_verdict_name(s->verdict));
}

static const char *repair_name(rs_repair repair)
{
    static const char *const names[] = {"none", "tilt", "uneven", "both"};
    return (unsigned)repair < sizeof names / sizeof names[0] ? names[repair] : names[0];
}

/* What one line says already is not said again by a note. */
static bool is_said(const rs_series *s, const rs_note *note)
{
    if (s->split_by && strcmp(note->code, "split") == 0) return true;
    return s->reason && strcmp(note->sentence, s->reason) == 0;
}

static bool reason_is_split(const rs_series *s)
{
    for (int i = 0; i < s->notes.n; i++)
        if (strcmp(s->notes.items[i].code, "split") == 0 && strcmp(s->notes.items[i].sentence, s->reason) == 0)
            return true;
    return false;
}

static void print_volume(cli *c, const rs_series *s, int width)
{
    if (s->split_by)
        cli_wrap(stdout, 6, 8, width,
                 cli_text(c, "volume %d of %d of its series, by %s: %s", (int)s->volume + 1, (int)s->n_volumes,
                          cli_clean(c, s->split_by), split_value(c, s)));
    for (int i = 0; i < s->n_gaps; i++)
        cli_wrap(stdout, 6, 8, width,
                 cli_text(c, "gap: no image shows slices %d to %d (from 0, along the normal)", (int)s->gaps[i].k_begin,
                          (int)s->gaps[i].k_end - 1));
}

static rs_status print_series(cli *c, const rs_series *s)
{
    int width = cli_width();
    if (s->reason != NULL && s->reason[0] != 0 && !reason_is_split(s))
        cli_wrap(stdout, 6, 8, width, cli_clean(c, s->reason));
    print_volume(c, s, width);
    if (s->repair != RS_REPAIR_NONE && has_volume(s))
        cli_wrap(stdout, 6, 8, width, "spacing: that of the grid after resampling, not of the images");
    const char *facts = description(c, s);
    if (s->thickness_mm > 0) facts = cli_text(c, "%s, thickness %.2f mm", facts, s->thickness_mm);
    if (s->kernel != NULL && s->kernel[0] != 0) facts = cli_text(c, "%s, kernel %s", facts, cli_clean(c, s->kernel));
    cli_wrap(stdout, 6, 8, width, cli_text(c, "%s, %s", facts, shown(c, s->transfer_syntax_name)));
    const rs_service *services;
    int n;
    RS_TRY(rs_run_services(c->ctx, s, c->arena, &services, &n));
    for (int i = 0; i < n; i++) {
        if (!services[i].suits && s->reason != NULL && strcmp(services[i].reason, s->reason) == 0) continue;
        cli_wrap(stdout, 6, 8, width,
                 services[i].suits ? cli_text(c, "can serve: %s", services[i].organ)
                                   : cli_text(c, "not for the %s: %s", services[i].organ, services[i].reason));
    }
    for (int i = 0; i < s->notes.n; i++)
        if (!is_said(s, &s->notes.items[i]))
            cli_wrap(stdout, 6, 8, width, cli_text(c, "note: %s", cli_clean(c, s->notes.items[i].sentence)));
    printf("      %s %s\n", s->volume_file ? "name" : "UID", shown(c, s->series_instance_uid));
    return RS_OK;
}

static void print_heading(cli *c, const rs_series *s, bool apart)
{
    const char *line = "Volume file: it names no study and no patient";
    if (!s->volume_file) {
        bool dated = s->study_date && s->study_date[0];
        line =
            cli_text(c, "Study %s, %s", shown(c, s->study_instance_uid), dated ? shown(c, s->study_date) : "no date");
    }
    bool named = s->patient_name && s->patient_name[0], numbered = s->patient_id && s->patient_id[0];
    if (named) line = cli_text(c, "%s, patient %s", line, shown(c, s->patient_name));
    if (named && numbered) line = cli_text(c, "%s (%s)", line, shown(c, s->patient_id));
    if (!named && numbered) line = cli_text(c, "%s, patient ID %s", line, shown(c, s->patient_id));
    printf("%s%s\n", apart ? "\n" : "", line);
}

static rs_status print_study(cli *c, const rs_study *study)
{
    const char *open_uid = NULL;
    int width = 4;
    for (int i = 0; i < rs_study_n_series(study); i++) {
        const rs_series *s = rs_study_series(study, i);
        if (open_uid == NULL || strcmp(open_uid, s->study_instance_uid) != 0) {
            print_heading(c, s, i > 0);
            width = number_width(c, study, i);
            printf("%*s %-8s %6s %-9s %-14s %-8s %s\n", width, "no", "mod", "images", "size", "spacing mm", "lies",
                   "geometry");
        }
        open_uid = s->study_instance_uid;
        print_row(c, s, width);
        RS_TRY(print_series(c, s));
    }
    rs_walk_counts counts = rs_study_counts(study);
    const char *line = cli_text(c, "%lld %s: %lld DICOM", (long long)counts.files, counts.files == 1 ? "file" : "files",
                                (long long)counts.dicom);
    if (rs_study_series(study, 0)->volume_file)
        line = counts.files == 1 ? "1 file, a volume: no DICOM" : "2 files, a volume with its header: no DICOM";
    if (counts.other > 0) line = cli_text(c, "%s, %lld passed over (no DICOM)", line, (long long)counts.other);
    if (counts.refused > 0) line = cli_text(c, "%s, %lld of the DICOM files refused", line, (long long)counts.refused);
    if (counts.links > 0) line = cli_text(c, "%s, %lld links not followed", line, (long long)counts.links);
    printf("\n");
    cli_wrap(stdout, 0, 2, cli_width(), line);
    return RS_OK;
}

static void set_positive(rs_json *o, const char *key, double value, int decimals)
{
    rs_json_set_real(o, key, value > 0 ? value : (double)NAN, decimals);
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

static rs_status services_json(cli *c, const rs_series *s, rs_json *o)
{
    const rs_service *services;
    int n;
    RS_TRY(rs_run_services(c->ctx, s, c->arena, &services, &n));
    rs_json *list = rs_json_array();
    for (int i = 0; i < n; i++) {
        rs_json *row = rs_json_object();
        rs_json_set_text(row, "organ", services[i].organ);
        rs_json_set_bool(row, "suits", services[i].suits);
        rs_json_set_text(row, "reason", services[i].reason);
        rs_json_add(list, row);
    }
    rs_json_set(o, "serves", list);
    return RS_OK;
}

static void volume_json(const rs_series *s, rs_json *o)
{
    rs_json_set_integer(o, "volume", s->volume);
    rs_json_set_integer(o, "volumes", s->n_volumes);
    rs_json_set_text(o, "split_by", s->split_by);
    rs_json_set_text(o, "split_value", s->split_value);
    rs_json_set_text(o, "repair", repair_name(s->repair));
    rs_json *gaps = rs_json_array();
    for (int i = 0; i < s->n_gaps; i++) {
        rs_json *gap = rs_json_object();
        rs_json_set_integer(gap, "k_begin", s->gaps[i].k_begin);
        rs_json_set_integer(gap, "k_end", s->gaps[i].k_end);
        rs_json_add(gaps, gap);
    }
    rs_json_set(o, "gaps", gaps);
}

static rs_status series_json(cli *c, const rs_series *s, rs_json *o)
{
    const rs_sequence sequence = rs_run_sequence(s, c->arena);
    rs_json_set_text(o, "patient_id", s->patient_id);
    rs_json_set_text(o, "patient_name", s->patient_name);
    rs_json_set_text(o, "series_instance_uid", s->series_instance_uid);
    rs_json_set_text(o, "study_instance_uid", s->study_instance_uid);
    rs_json_set_text(o, "sop_class_uid", s->sop_class_uid);
    if (s->series_number >= 0)
        rs_json_set_integer(o, "series_number", s->series_number);
    else
        rs_json_set_null(o, "series_number");
    rs_json_set_text(o, "modality", s->modality);
    rs_json_set_text(o, "description", s->description);
    rs_json_set_text(o, "image_type", s->image_type);
    rs_json_set_text(o, "kernel", s->kernel);
    rs_json *syntax = rs_json_object();
    rs_json_set_text(syntax, "uid", s->transfer_syntax_uid);
    rs_json_set_text(syntax, "name", s->transfer_syntax_name);
    rs_json_set(o, "transfer_syntax", syntax);
    rs_json_set_integer(o, "slices", rs_series_slices(s));
    rs_json_set_integer(o, "rows", s->rows);
    rs_json_set_integer(o, "columns", s->columns);
    if (has_volume(s)) {
        rs_json *spacing = rs_json_array();
        for (int d = 0; d < 3; d++)
            rs_json_add_real(spacing, s->geometry.spacing_mm[d] > 0 ? s->geometry.spacing_mm[d] : (double)NAN, 6);
        rs_json_set(o, "spacing_mm", spacing);
        rs_json_set_text(o, "orientation", s->orientation);
    } else {
        rs_json_set_null(o, "spacing_mm");
        rs_json_set_null(o, "orientation");
    }
    set_positive(o, "thickness_mm", s->thickness_mm, 4);
    rs_json_set_real(o, "spacing_deviation_mm", has_volume(s) ? s->spacing_deviation_mm : (double)NAN, 4);
    rs_json_set_real(o, "tilt_deg", has_volume(s) ? s->tilt_deg : (double)NAN, 3);
    volume_json(s, o);
    rs_json_set_text(o, "sequence", sequence.name);
    rs_json_set_text(o, "could_serve", sequence.protocol);
    rs_json_set_text(o, "verdict", rs_verdict_name(s->verdict));
    rs_json_set_text(o, "reason", s->reason);
    rs_json_set(o, "notes", notes_json(&s->notes));
    return services_json(c, s, o);
}

static rs_status study_json(cli *c, const char *path, const rs_study *study, rs_json *o)
{
    rs_walk_counts counts = rs_study_counts(study);
    rs_json_set_text(o, "path", path);
    rs_json *files = rs_json_object();
    rs_json_set_integer(files, "looked_at", counts.files);
    rs_json_set_integer(files, "dicom", counts.dicom);
    rs_json_set_integer(files, "passed_over", counts.other);
    rs_json_set_integer(files, "refused", counts.refused);
    rs_json_set_integer(files, "links_not_followed", counts.links);
    rs_json_set(o, "files", files);
    rs_json_set(o, "notes", notes_json(rs_study_notes(study)));
    rs_json *list = rs_json_array();
    rs_json_set(o, "series", list);
    for (int i = 0; i < rs_study_n_series(study); i++) {
        rs_json *row = rs_json_object();
        rs_json_add(list, row);
        RS_TRY(series_json(c, rs_study_series(study, i), row));
    }
    cli_region_list(c, path, study, o);
    return RS_OK;
}

static rs_status info_of(cli *c, const char *path, const rs_study_options *options, bool one_of_many, rs_json *inputs)
{
    rs_study *study;
    rs_context_stand(c->ctx, "series", -1);
    rs_status opened = rs_study_open(c->ctx, path, options, &study);
    if (opened != RS_OK && one_of_many) {
        const char *sentence = cli_text(c, "%s", rs_context_message(c->ctx));
        return rs_fail(c->ctx, opened, "%s: %s", cli_clean(c, path), sentence);
    }
    RS_TRY(opened);
    cli_clear_progress(c);
    rs_status status;
    if (c->json) {
        rs_json *o = rs_json_object();
        rs_json_add(inputs, o);
        status = study_json(c, path, study, o);
    } else {
        status = print_study(c, study);
        cli_region_list(c, path, study, NULL);
        cli_tell_notes(c, rs_study_notes(study));
    }
    rs_study_close(study);
    return status;
}

rs_status cmd_info(cli *c, int argc, char **argv)
{
    rs_study_options study = {.allow_partial = false};
    bool list_limits = false;
    cli_option options[] = {
        {"allow-partial", 0, CLI_FLAG, &study.allow_partial, NULL, "judge a series with missing slices by those it has",
         NULL},
        CLI_LIMIT_OPTION,
        {"list-limits", 0, CLI_FLAG, &list_limits, NULL, "print every limit and end", NULL},
        {.kind = CLI_END},
    };
    cli_call call = {.usage = "info PATH... [options]", .about = about, .options = options};
    bool done;
    RS_TRY(cli_parse(c, &call, argc, argv, &done));
    if (done) return RS_OK;
    if (list_limits) return cli_limits_list(c);
    if (call.n_operands == 0) return rs_fail(c->ctx, RS_USAGE, "info wants a file or folder: restage info PATH");
    RS_TRY(cli_start(c));
    rs_json *root = c->json ? rs_json_object() : NULL, *inputs = c->json ? rs_json_array() : NULL;
    if (c->json) rs_json_set(root, "inputs", inputs);
    rs_status status = RS_OK;
    for (int i = 0; i < call.n_operands && status == RS_OK; i++) {
        if (!c->json && i > 0) printf("\n");
        status = info_of(c, call.operands[i], &study, call.n_operands > 1, inputs);
    }
    if (root != NULL && status == RS_OK) return cli_print_json(c, root);
    rs_json_free(root);
    return status;
}
