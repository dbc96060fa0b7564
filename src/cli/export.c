/* The files that export writes, and what it says of each. */
#include "cli_export.h"

#include <math.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "restage/formats.h"
#include "restage/read.h"

/* Places of two grids nearer than this are one: the rounding of the headers' numbers. */
#define SAME_PLACE_MM 1e-3

enum { VALUE_LETTERS = 40 };

/* A file that stands, for stdout. */
typedef struct written {
    const char *path;
    const rs_series *series; /* of its first volume */
    int n_volumes;
    rs_geometry geometry;
    bool existed;
    const char *resampled;
} written;

typedef struct job {
    cli *c;
    const cli_export_call *call;
    written *files;
    int n_files;
    int64_t padded_voxels;
} job;

/* A single image has no distance to the next; a volume file says one. */
static bool pitch_is_unknown(const rs_series *s)
{
    return !s->volume_file && s->n_slices == 1;
}

static bool same_grid(const rs_geometry *a, const rs_geometry *b)
{
    const double far[3] = {a->n[0] - 1.0, a->n[1] - 1.0, a->n[2] - 1.0};
    const double corners[4][3] = {{0, 0, 0}, {far[0], 0, 0}, {0, far[1], 0}, {0, 0, far[2]}};
    if (memcmp(a->n, b->n, sizeof a->n) != 0) return false;
    for (int p = 0; p < 4; p++) {
        double at[3], other[3];
        rs_geometry_to_lps(a, corners[p], at);
        rs_geometry_to_lps(b, corners[p], other);
        for (int d = 0; d < 3; d++)
            if (!(fabs(at[d] - other[d]) <= SAME_PLACE_MM)) return false;
    }
    return true;
}

/* Where the ending begins: ".nii.gz" is one. */
static size_t stem_length(const char *path)
{
    const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
    if (!dot || (slash && dot < slash)) return strlen(path);
    if (strcasecmp(dot, ".gz") == 0)
        for (const char *at = dot - 1; at > path && *at != '/'; at--)
            if (*at == '.') return (size_t)(at - path);
    return (size_t)(dot - path);
}

/* What tells a volume apart, in letters that every file system has. */
static const char *plain_value(cli *c, const rs_series *s)
{
    char value[VALUE_LETTERS + 1];
    size_t n = 0;
    for (const char *at = s->split_value ? s->split_value : ""; *at && n < VALUE_LETTERS; at++) {
        const bool plain = (*at >= '0' && *at <= '9') || (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
                           *at == '.' || *at == '+' || *at == '-';
        if (plain || (n && value[n - 1] != '-')) value[n++] = plain ? *at : '-';
    }
    while (n && (value[n - 1] == '-' || value[n - 1] == '.'))
        n--;
    value[n] = 0;
    return cli_text(c, "%s", value);
}

/* NAME_90.nii; where a value says nothing, or two say the same, all are numbered: NAME_1.nii. */
static rs_status name_files(job *j)
{
    const cli_export_call *call = j->call;
    cli *c = j->c;
    const int stem = (int)stem_length(call->out);
    const char **value = RS_ARENA_NEW(c->arena, const char *, call->n);
    if (!value) return rs_fail_memory(c->ctx, "the names of the files");
    bool numbered = false;
    for (int v = 0; v < call->n; v++) {
        value[v] = plain_value(c, call->volumes[v]);
        numbered |= !value[v][0];
        for (int o = 0; o < v; o++)
            numbered |= strcasecmp(value[o], value[v]) == 0;
    }
    for (int v = 0; v < call->n; v++) {
        const char *tail = numbered ? cli_text(c, "%d", (int)call->volumes[v]->volume + 1) : value[v];
        j->files[v].path = cli_text(c, "%.*s_%s%s", stem, call->out, tail, call->out + stem);
        RS_TRY(rs_format_check(c->ctx, j->files[v].path, call->force));
    }
    return RS_OK;
}

rs_status cli_export_note(cli *c, rs_notes *notes, const char *code, const char *sentence)
{
    for (int n = 0; n < notes->n; n++)
        if (strcmp(notes->items[n].sentence, sentence) == 0) return RS_OK;
    return rs_notes_add(c->ctx, c->arena, notes, code, NULL, "%s", sentence);
}

static rs_status note_all(cli *c, rs_notes *notes, const rs_notes *more)
{
    for (int n = 0; n < more->n; n++)
        RS_TRY(cli_export_note(c, notes, more->items[n].code, more->items[n].sentence));
    return RS_OK;
}

/* What is known of a series before its pixels are read. The reason may be a note's sentence already. */
rs_status cli_export_note_series(cli *c, rs_notes *notes, const rs_series *s)
{
    RS_TRY(note_all(c, notes, &s->notes));
    return s->reason ? cli_export_note(c, notes, rs_verdict_name(s->verdict), s->reason) : RS_OK;
}

/* What is done to several volumes in one file: each sentence once. */
static void add_resampled(cli *c, const char **all, const char *sentence)
{
    if (!sentence || (*all && strstr(*all, sentence))) return;
    *all = *all ? cli_text(c, "%s; %s", *all, sentence) : sentence;
}

static rs_status read_one(job *j, const rs_series *s, rs_volume *volume, const char **resampled)
{
    rs_read_facts facts = {0};
    rs_notes *notes = j->call->notes;
    RS_TRY(cli_export_note_series(j->c, notes, s));
    RS_TRY(rs_read_volume(j->c->ctx, s, j->c->arena, volume, &facts));
    if (facts.resampled) RS_TRY(cli_export_note(j->c, notes, "resampled", facts.resampled));
    add_resampled(j->c, resampled, facts.resampled);
    j->padded_voxels += facts.padded_voxels;
    return note_all(j->c, notes, &facts.notes);
}

static rs_status note_padding(job *j)
{
    if (j->padded_voxels == 0) return RS_OK;
    return rs_notes_add(j->c->ctx, j->c->arena, j->call->notes, "padded", NULL,
                        "%lld voxels are no image (padding, outside of the circle) and set to -1024 HU",
                        (long long)j->padded_voxels);
}

static rs_status write_file(job *j, const rs_series *s, const rs_volume *volumes, int n, written *file)
{
    const rs_format_options options = {
        .force = j->call->force, .unknown_pitch = pitch_is_unknown(s), .unknown_place = s->placeless};
    file->series = s;
    file->n_volumes = n;
    file->geometry = volumes[0].geometry;
    file->existed = access(file->path, F_OK) == 0;
    RS_TRY(rs_format_write(j->c->ctx, volumes, n, file->path, &options));
    j->n_files++;
    return RS_OK;
}

static rs_status write_each(job *j)
{
    if (j->call->n > 1) RS_TRY(name_files(j));
    for (int v = 0; v < j->call->n; v++) {
        rs_volume volume = {0};
        rs_status status = read_one(j, j->call->volumes[v], &volume, &j->files[v].resampled);
        if (status == RS_OK) status = write_file(j, j->call->volumes[v], &volume, 1, &j->files[v]);
        rs_volume_free(j->c->ctx, &volume);
        RS_TRY(status);
    }
    return RS_OK;
}

/* *together: false where slopes differ, and nothing was written. */
static rs_status write_together(job *j, bool *together)
{
    const cli_export_call *call = j->call;
    rs_volume *volumes = RS_ARENA_NEW(j->c->arena, rs_volume, call->n);
    rs_status status = volumes ? RS_OK : rs_fail_memory(j->c->ctx, "the volumes");
    *together = true;
    for (int v = 0; v < call->n && status == RS_OK; v++) {
        status = read_one(j, call->volumes[v], &volumes[v], &j->files[0].resampled);
        volumes[v].geometry = volumes[0].geometry;
        *together = *together && volumes[v].slope == volumes[0].slope && volumes[v].offset == volumes[0].offset;
    }
    if (status == RS_OK && *together) status = write_file(j, call->volumes[0], volumes, call->n, &j->files[0]);
    for (int v = 0; volumes && v < call->n; v++)
        rs_volume_free(j->c->ctx, &volumes[v]);
    return status;
}

/* Can the volumes become the fourth axis of one file? */
static bool fit_together(const cli_export_call *call)
{
    bool fit = call->n > 1 && rs_format_has_time(call->out);
    for (int v = 1; v < call->n && fit; v++)
        fit = same_grid(&call->volumes[v]->geometry, &call->volumes[0]->geometry) &&
              call->volumes[v]->repair == call->volumes[0]->repair;
    return fit;
}

/* All files or none: what was new goes again. */
static void take_back(const job *j)
{
    for (int f = 0; f < j->n_files; f++) {
        const char *path = j->files[f].path;
        const size_t n = strlen(path);
        if (j->files[f].existed) continue;
        unlink(path);
        if (n > 4 && strcasecmp(path + n - 4, ".mhd") == 0) unlink(cli_text(j->c, "%.*sraw", (int)n - 3, path));
    }
}

static rs_json *notes_json(const rs_notes *notes)
{
    rs_json *list = rs_json_array();
    for (int n = 0; n < notes->n; n++) {
        rs_json *note = rs_json_object();
        rs_json_set_text(note, "code", notes->items[n].code);
        rs_json_set_text(note, "sentence", notes->items[n].sentence);
        rs_json_add(list, note);
    }
    return list;
}

static rs_json *file_json(const written *f)
{
    rs_json *o = rs_json_object(), *size = rs_json_array(), *spacing = rs_json_array();
    const bool unknown = pitch_is_unknown(f->series);
    rs_json_set_text(o, "file", f->path);
    rs_json_set_text(o, "series_instance_uid", f->series->series_instance_uid);
    for (int d = 0; d < 3; d++) {
        rs_json_add_integer(size, f->geometry.n[d]);
        rs_json_add_real(spacing, unknown && d == 2 ? (double)NAN : f->geometry.spacing_mm[d], 6);
    }
    rs_json_set(o, "size", size);
    rs_json_set(o, "spacing_mm", spacing);
    rs_json_set_text(o, "spacing_reason", unknown ? "a single slice has no distance to the next" : NULL);
    rs_json_set_integer(o, "volumes", f->n_volumes);
    rs_json_set_text(o, "split_by", f->series->split_by);
    rs_json_set_text(o, "split_value", f->n_volumes > 1 ? NULL : f->series->split_value);
    rs_json_set_text(o, "resampled", f->resampled);
    return o;
}

/* The first file's facts stand at the top, as for a series that is one file. */
static rs_status print_json(const job *j)
{
    rs_json *o = file_json(&j->files[0]), *list = rs_json_array();
    for (int f = 0; f < j->n_files; f++)
        rs_json_add(list, file_json(&j->files[f]));
    rs_json_set(o, "files", list);
    rs_json_set(o, "notes", notes_json(j->call->notes));
    return cli_print_json(j->c, o);
}

static void print_line(cli *c, const written *f)
{
    const double *mm = f->geometry.spacing_mm;
    printf("%s: ", cli_clean(c, f->path));
    if (f->n_volumes > 1)
        printf("%d volumes by %s, ", f->n_volumes, cli_clean(c, f->series->split_by ? f->series->split_by : "number"));
    else if (f->series->split_by)
        printf("%s %s, ", cli_clean(c, f->series->split_by), cli_clean(c, f->series->split_value));
    printf("%d x %d x %d voxels of ", (int)f->geometry.n[0], (int)f->geometry.n[1], (int)f->geometry.n[2]);
    if (pitch_is_unknown(f->series))
        printf("%.3f x %.3f mm, distance of slices unknown (a single slice)\n", mm[0], mm[1]);
    else
        printf("%.3f x %.3f x %.3f mm\n", mm[0], mm[1], mm[2]);
}

rs_status cli_export_volumes(cli *c, const cli_export_call *call)
{
    job j = {.c = c, .call = call, .files = RS_ARENA_NEW(c->arena, written, call->n)};
    if (!j.files) return rs_fail_memory(c->ctx, "the names of the files");
    j.files[0].path = call->out;
    bool together = fit_together(call);
    rs_status status = RS_OK;
    if (together) status = write_together(&j, &together);
    if (status == RS_OK && !together) {
        j.padded_voxels = 0;
        j.files[0].resampled = NULL;
        status = write_each(&j);
    }
    if (status == RS_OK) status = note_padding(&j);
    if (status != RS_OK) {
        take_back(&j);
        return status;
    }
    cli_clear_progress(c);
    cli_tell_notes(c, call->notes);
    if (c->json) return print_json(&j);
    for (int f = 0; f < j.n_files && !c->quiet; f++)
        print_line(c, &j.files[f]);
    return RS_OK;
}
