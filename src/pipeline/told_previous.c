/* The packet of --previous: what of its report.json this run stands on. Read before anything is written, so that it may
   be the very folder that --force replaces. */
#include <math.h>
#include <string.h>

#include "stations.h"
#include "told.h"

enum { MOST_BYTES = 64 << 20 };

/* Texts of our own files; NULL for null. */
static const char *text_of(rs_told *told, const rs_json *object, const char *key)
{
    const char *text = rs_json_text(rs_json_get(object, key));
    const char *kept = text ? rs_arena_text(told->arena, text) : NULL;
    if (text && !kept && told->status == RS_OK) told->status = rs_fail_memory(told->ctx, told->file);
    return kept;
}

/* A UID goes into objects of ours: PS3.5 9.1, whoever edited the file. */
static const char *uid_of(rs_told *told, const rs_json *object, const char *key)
{
    const char *uid = text_of(told, object, key);
    bool right = !uid || rs_report_is_uid(uid);
    if (!right && told->status == RS_OK)
        told->status = rs_fail(told->ctx, RS_DATA, "%s: its %s is no UID", told->file, key);
    return right ? uid : NULL;
}

static double number_of(const rs_json *object, const char *key)
{
    double value = (double)NAN;
    (void)rs_json_real(rs_json_get(object, key), &value);
    return value;
}

/* Diameter as the mark had it: fitted, else of the segmented volume, else its long axis; 0 without any. */
static double diameter_of(const rs_json *size)
{
    static const char *const keys[] = {"fit_mm", "equivalent_mm", "long_axis_mm"};
    for (int k = 0; k < 3; k++) {
        double mm = number_of(size, keys[k]);
        if (isfinite(mm)) return mm;
    }
    return 0;
}

static void read_mark(rs_told *told, const rs_json *mark, rs_previous_mark *out)
{
    const rs_json *review = rs_json_get(mark, "review"), *position = rs_json_get(mark, "position_lps_mm");
    *out = (rs_previous_mark){
        .id = text_of(told, mark, "id"),
        .tracking_uid = uid_of(told, mark, "tracking_uid"),
        .diameter_mm = diameter_of(rs_json_get(mark, "size")),
        .verdict = text_of(told, review, "verdict"),
        .reader = text_of(told, review, "reader"),
        .date = text_of(told, review, "date"),
    };
    for (int a = 0; a < 3; a++) {
        out->lps_mm[a] = (double)NAN;
        (void)rs_json_real(rs_json_at(position, a), &out->lps_mm[a]);
    }
    if (out->id && out->tracking_uid && out->verdict && isfinite(out->lps_mm[0] + out->lps_mm[1] + out->lps_mm[2]))
        return;
    if (told->status == RS_OK)
        told->status = rs_fail(told->ctx, RS_DATA, "%s: it holds a mark without id, tracking UID, position or verdict",
                               told->file);
}

static void read_report(rs_told *told, rs_line *line, rs_given_previous *out)
{
    const rs_json *source = rs_json_get(told->root, "source"), *filing = rs_json_get(told->root, "filing");
    const rs_json *marks = rs_json_get(told->root, "marks");
    const char *schema = rs_json_text(rs_json_get(told->root, "schema")),
               *digest = text_of(told, filing, "packet_digest");
    if (!schema || strcmp(schema, RS_REPORT_SCHEMA) != 0) {
        told->status = rs_fail(told->ctx, RS_DATA, "%s: its report.json is not of %s", told->file, RS_REPORT_SCHEMA);
        return;
    }
    out->study_uid = text_of(told, source, "study_instance_uid");
    out->series_uid = text_of(told, source, "series_instance_uid");
    out->frame_of_reference_uid = text_of(told, source, "frame_of_reference_uid");
    out->created = text_of(told, rs_json_get(told->root, "software"), "created");
    out->packet_digest = digest ? digest : rs_arena_text(line->arena, told->sha256);
    out->sr_uid = uid_of(told, filing, "sr_uid");
    out->sr_series_uid = uid_of(told, filing, "sr_series_uid");
    out->n_marks = rs_json_size(marks);
    rs_previous_mark *items = RS_ARENA_NEW(line->arena, rs_previous_mark, out->n_marks + 1);
    if (!items || !out->packet_digest) {
        told->status = rs_fail_memory(told->ctx, told->file);
        return;
    }
    int n = 0;
    for (const rs_json *mark = rs_json_first(marks); mark && told->status == RS_OK; mark = rs_json_next(mark))
        read_mark(told, mark, &items[n++]);
    out->marks = items;
}

rs_status rs_told_previous(rs_context *ctx, rs_line *line)
{
    rs_told told;
    if (!line->options->previous) return RS_OK;
    rs_given_previous *out = RS_ARENA_NEW(line->arena, rs_given_previous, 1);
    const char *path = rs_arena_printf(line->arena, "%s/report.json", line->options->previous);
    if (!out || !path) return rs_fail_memory(ctx, "the earlier packet");
    RS_TRY(rs_told_open(ctx, line->arena, "the packet of --previous", path, MOST_BYTES, &told));
    read_report(&told, line, out);
    rs_told_close(&told);
    RS_TRY(told.status);
    line->previous = out;
    return RS_OK;
}

static bool same(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

rs_status rs_told_previous_check(rs_context *ctx, const rs_line *line)
{
    const rs_given_previous *previous = line->previous;
    const char *identity = line->options->identity;
    if (!previous || (identity && strcmp(identity, "full") != 0)) return RS_OK; /* other UIDs: the report looks */
    for (int s = 0; s < line->series.n; s++) {
        const rs_series *series = line->series.items[s];
        const char *study = series->study_instance_uid;
        /* A volume file has no study: its own name stands for it. */
        if (study && *study ? same(previous->study_uid, study)
                            : !previous->study_uid && same(previous->series_uid, series->series_instance_uid))
            return RS_OK;
    }
    return rs_fail(ctx, RS_DATA,
                   "the packet of --previous is of another study than the images, or was made with another --identity: "
                   "give an earlier packet of this one");
}
