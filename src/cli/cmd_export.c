/* restage export: one series as a volume file. */
#include "cli_region.h"

#include <string.h>

#include "restage/formats.h"
#include "restage/read.h"
#include "restage/study.h"

static const char about[] =
    "Writes one series as a volume in patient coordinates; the ending of FILE picks the format: "
    ".nii (NIfTI-1), .mha or .mhd (MetaImage). Values are HU for CT.";

typedef struct export_call {
    const char *out, *series, *study, *region, *roi;
    bool force;
    rs_study_options study_options;
} export_call;

static bool can_export(const rs_series *s)
{
    return s->verdict == RS_VERDICT_GOOD || s->verdict == RS_VERDICT_MENDED || s->verdict == RS_VERDICT_FEW;
}

/* The series that could be meant, for the sentence that asks for --series. */
static const char *list_series(cli *c, const rs_study *study)
{
    const char *list = "";
    for (int i = 0; i < rs_study_n_series(study); i++) {
        const rs_series *s = rs_study_series(study, i);
        if (can_export(s))
            list = cli_text(c, "%s%s%s (%s, %d slices)", list, list[0] != 0 ? ", " : "",
                            cli_clean(c, s->series_instance_uid), cli_clean(c, s->modality), (int)s->n_slices);
    }
    return list;
}

static rs_status pick(cli *c, const rs_study *study, const char *uid, const rs_series **out)
{
    int usable = 0;
    const rs_series *found = NULL, *refused = NULL;
    for (int i = 0; i < rs_study_n_series(study); i++) {
        const rs_series *s = rs_study_series(study, i);
        if (uid != NULL && strcmp(uid, s->series_instance_uid) != 0) continue;
        if (can_export(s)) {
            usable++;
            found = s;
        } else {
            refused = s;
        }
    }
    if (usable > 1)
        return rs_fail(c->ctx, RS_USAGE, "%d series can be exported, name one with --series UID: %s", usable,
                       list_series(c, study));
    if (found == NULL && refused != NULL)
        return rs_fail(c->ctx, refused->verdict == RS_VERDICT_SET_ASIDE ? RS_NO_INPUT : RS_DATA,
                       "the series cannot be exported: %s", refused->reason);
    if (found == NULL)
        return rs_fail(c->ctx, RS_NO_INPUT, "no such series in this folder: restage info lists those there are");
    *out = found;
    return RS_OK;
}

static rs_status print_result(cli *c, const export_call *call, const rs_series *s, const rs_volume *v,
                              const rs_read_facts *facts)
{
    const int32_t *n = v->geometry.n;
    const double *mm = v->geometry.spacing_mm;
    if (c->json) {
        rs_json *o = rs_json_object(), *size = rs_json_array(), *spacing = rs_json_array();
        rs_json_set_text(o, "file", call->out);
        rs_json_set_text(o, "series_instance_uid", s->series_instance_uid);
        for (int d = 0; d < 3; d++) {
            rs_json_add_integer(size, n[d]);
            rs_json_add_real(spacing, mm[d], 6);
        }
        rs_json_set(o, "size", size);
        rs_json_set(o, "spacing_mm", spacing);
        rs_json_set_text(o, "resampled", facts->resampled);
        return cli_print_json(c, o);
    }
    if (!c->quiet)
        printf("%s: %d x %d x %d voxels of %.3f x %.3f x %.3f mm\n", cli_clean(c, call->out), (int)n[0], (int)n[1],
               (int)n[2], mm[0], mm[1], mm[2]);
    if (facts->resampled != NULL && !c->quiet) fprintf(stderr, "restage: note: %s\n", facts->resampled);
    cli_tell_notes(c, &facts->notes);
    return RS_OK;
}

/* The regions of a file on the grid that the series has once it is read. */
static rs_status export_regions(cli *c, const export_call *call, const rs_study *study, const rs_series *s)
{
    const cli_region_call region = {call->region, call->roi, call->out, s->series_instance_uid, call->force};
    rs_masks *masks;
    rs_volume volume = {0};
    rs_read_facts facts = {0};
    RS_TRY(cli_region_open(c, &region, study, &masks));
    rs_status status = rs_read_volume(c->ctx, s, c->arena, &volume, &facts);
    if (status == RS_OK) status = cli_region_export(c, &region, masks, &volume.geometry);
    rs_volume_free(c->ctx, &volume);
    rs_masks_close(masks);
    return status;
}

static rs_status export_study(cli *c, const export_call *call, rs_study *study)
{
    const rs_series *s = NULL;
    rs_volume volume = {0};
    rs_read_facts facts = {0};
    /* A series that was named alone picks its study. */
    if (call->series == NULL || call->study != NULL) RS_TRY(rs_study_select(c->ctx, study, call->study));
    RS_TRY(pick(c, study, call->series, &s));
    if (call->region != NULL) return export_regions(c, call, study, s);
    RS_TRY(rs_read_volume(c->ctx, s, c->arena, &volume, &facts));
    rs_status status = rs_format_write(c->ctx, &volume, 1, call->out, &(rs_format_options){.force = call->force});
    cli_clear_progress(c);
    if (status == RS_OK) status = print_result(c, call, s, &volume, &facts);
    rs_volume_free(c->ctx, &volume);
    return status;
}

rs_status cmd_export(cli *c, int argc, char **argv)
{
    export_call e = {0};
    const char *sandbox = NULL;
    cli_option options[] = {
        {"output", 'o', CLI_TEXT, &e.out, "FILE", "file to write", NULL},
        {"series", 0, CLI_TEXT, &e.series, "UID", "SeriesInstanceUID", "the one there is"},
        {"study", 0, CLI_TEXT, &e.study, "UID", "StudyInstanceUID", "the one there is"},
        {"region", 0, CLI_TEXT, &e.region, "FILE",
         "write what this RTSTRUCT, SEG or label volume holds, drawn on the grid of the series, as labels 1, 2, ...",
         NULL},
        {"roi", 0, CLI_TEXT, &e.roi, "NAME", "only this region of --region", "all, a later one on top"},
        {"allow-partial", 0, CLI_FLAG, &e.study_options.allow_partial, NULL,
         "take a series with missing slices; they are interpolated", NULL},
        CLI_LIMIT_OPTION,
        CLI_SANDBOX_OPTION(&sandbox),
        {"force", 0, CLI_FLAG, &e.force, NULL, "replace an existing FILE", NULL},
        {.kind = CLI_END},
    };
    cli_call call = {.usage = "export PATH -o FILE [options]", .about = about, .options = options};
    bool done;
    RS_TRY(cli_parse(c, &call, argc, argv, &done));
    if (done) return RS_OK;
    if (call.n_operands != 1 || e.out == NULL)
        return rs_fail(c->ctx, RS_USAGE, "export wants one path and -o FILE: restage export PATH -o FILE");
    if (e.roi != NULL && e.region == NULL)
        return rs_fail(c->ctx, RS_USAGE, "--roi names a region of the file of --region, which is not given");
    RS_TRY(cli_start(c));
    RS_TRY(cli_sandbox(c, sandbox));
    RS_TRY(rs_format_check(c->ctx, e.out, e.force));
    rs_study *study;
    RS_TRY(rs_study_open(c->ctx, call.operands[0], &e.study_options, &study));
    rs_status status = export_study(c, &e, study);
    rs_study_close(study);
    return status;
}
