/* restage export: one series as a volume file. */
#include "cli_export.h"
#include "cli_region.h"

#include <string.h>

#include "restage/formats.h"
#include "restage/read.h"
#include "restage/study.h"

static const char about[] =
    "Writes one series as a volume in patient coordinates; PATH is a file or folder of DICOM, or a volume file. The "
    "ending of FILE picks the format: .nii or .nii.gz (NIfTI-1), .mha or .mhd with .raw (MetaImage), .nrrd, .tif or "
    ".tiff. Values are HU for CT. A series of several volumes becomes one file with a fourth axis where they share a "
    "grid and the format has one, else a file each, named after what tells them apart.";

typedef struct export_call {
    const char *out, *series, *study, *region, *roi;
    int64_t volume; /* 1-based */
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
                            cli_clean(c, s->series_instance_uid), cli_clean(c, s->modality), (int)rs_series_slices(s));
    }
    return list;
}

/* The volumes of the series that is meant: all that can be exported, or the one of --volume. */
typedef struct picked {
    const rs_series **volumes;
    int n;
    rs_notes notes;
} picked;

static rs_status why_none(cli *c, const rs_series *refused)
{
    if (refused == NULL)
        return rs_fail(c->ctx, RS_NO_INPUT, "no such series in this folder: restage info lists those there are");
    return rs_fail(c->ctx, refused->verdict == RS_VERDICT_SET_ASIDE ? RS_NO_INPUT : RS_DATA,
                   "the series cannot be exported: %s", refused->reason);
}

static rs_status pick_series(cli *c, const rs_study *study, const char *uid, picked *out)
{
    const rs_series *refused = NULL;
    for (int i = 0; i < rs_study_n_series(study); i++) {
        const rs_series *s = rs_study_series(study, i);
        if (uid != NULL && strcmp(uid, s->series_instance_uid) != 0) continue;
        if (!can_export(s)) {
            refused = s;
            continue;
        }
        if (out->n > 0 && strcmp(out->volumes[0]->series_instance_uid, s->series_instance_uid) != 0)
            return rs_fail(c->ctx, RS_USAGE, "several series can be exported, name one with --series UID: %s",
                           list_series(c, study));
        out->volumes[out->n++] = s;
    }
    return out->n > 0 ? RS_OK : why_none(c, refused);
}

/* --volume counts all volumes of the series, those that cannot be exported, too. */
static rs_status pick_volume(cli *c, const rs_study *study, int64_t number, picked *in)
{
    const char *uid = in->volumes[0]->series_instance_uid;
    for (int i = 0; i < rs_study_n_series(study); i++) {
        const rs_series *s = rs_study_series(study, i);
        if (strcmp(uid, s->series_instance_uid) != 0 || s->volume + 1 != number) continue;
        if (!can_export(s)) return why_none(c, s);
        in->volumes[0] = s;
        in->n = 1;
        return RS_OK;
    }
    return rs_fail(c->ctx, RS_USAGE, "--volume %lld: the series holds volumes 1 to %d", (long long)number,
                   (int)(in->volumes[0]->n_volumes > 1 ? in->volumes[0]->n_volumes : 1));
}

static rs_status note_left_out(cli *c, const rs_study *study, picked *in)
{
    const char *uid = in->volumes[0]->series_instance_uid;
    for (int i = 0; i < rs_study_n_series(study); i++) {
        const rs_series *s = rs_study_series(study, i);
        if (strcmp(uid, s->series_instance_uid) != 0 || can_export(s)) continue;
        RS_TRY(rs_notes_add(c->ctx, c->arena, &in->notes, "left_out", NULL, "volume %d (%s %s) is left out: %s",
                            (int)s->volume + 1, s->split_by ? s->split_by : "", s->split_value ? s->split_value : "",
                            s->reason ? s->reason : ""));
    }
    return RS_OK;
}

static rs_status pick(cli *c, const export_call *call, const rs_study *study, picked *out)
{
    *out = (picked){.volumes = RS_ARENA_NEW(c->arena, const rs_series *, rs_study_n_series(study) + 1)};
    if (out->volumes == NULL) return rs_fail_memory(c->ctx, "the list of series");
    RS_TRY(pick_series(c, study, call->series, out));
    const rs_notes *walk = rs_study_notes(study);
    for (int n = 0; n < walk->n; n++)
        RS_TRY(cli_export_note(c, &out->notes, walk->items[n].code, walk->items[n].sentence));
    if (call->volume != CLI_NOT_GIVEN) return pick_volume(c, study, call->volume, out);
    return note_left_out(c, study, out);
}

/* The regions of a file on the grid that the series has once it is read. */
static rs_status export_regions(cli *c, const export_call *call, const rs_study *study, picked *in)
{
    const rs_series *s = in->volumes[0];
    const cli_region_call region = {call->region, call->roi, call->out, s, call->force, call->volume != CLI_NOT_GIVEN};
    rs_masks *masks;
    rs_volume volume = {0};
    rs_read_facts facts = {0};
    RS_TRY(cli_region_open(c, &region, study, &masks));
    rs_status status = cli_export_note_series(c, &in->notes, s);
    if (status == RS_OK) status = rs_read_volume(c->ctx, s, c->arena, &volume, &facts);
    if (status == RS_OK) status = cli_region_export(c, &region, masks, &volume.geometry);
    if (status == RS_OK) cli_tell_notes(c, &in->notes);
    rs_volume_free(c->ctx, &volume);
    rs_masks_close(masks);
    return status;
}

static rs_status export_study(cli *c, const export_call *call, rs_study *study)
{
    picked in;
    /* A series that was named alone picks its study. */
    if (call->series == NULL || call->study != NULL) RS_TRY(rs_study_select(c->ctx, study, call->study));
    RS_TRY(pick(c, call, study, &in));
    if (call->region != NULL) return export_regions(c, call, study, &in);
    return cli_export_volumes(c, &(cli_export_call){call->out, call->force, in.volumes, in.n, &in.notes});
}

rs_status cmd_export(cli *c, int argc, char **argv)
{
    export_call e = {.volume = CLI_NOT_GIVEN};
    const char *sandbox = NULL;
    cli_option options[] = {
        {"output", 'o', CLI_TEXT, &e.out, "FILE", "file to write", NULL},
        {"series", 0, CLI_TEXT, &e.series, "UID", "SeriesInstanceUID", "the one there is"},
        {"study", 0, CLI_TEXT, &e.study, "UID", "StudyInstanceUID", "the one there is"},
        {"volume", 0, CLI_INTEGER, &e.volume, "N", "only this volume of a series that holds several, from 1", "all"},
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
