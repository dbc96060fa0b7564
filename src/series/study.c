/* A study from its path to its series, and back to nothing. */
#include <string.h>

#include "digest/digest.h"
#include "restage/files.h"
#include "restage/parallel.h"
#include "series_private.h"

/* A folder of volume files is a common guess: they are given by name, as each is a series of its own. */
static rs_status refuse_empty(rs_context *ctx, const rs_study *study)
{
    for (int i = 0; i < study->n_headers; i++)
        if (series_is_volume_file(study->header[i].path))
            return rs_fail(ctx, RS_NO_INPUT,
                           "the input holds no DICOM files, but volume files: give one of them by its own name");
    return rs_fail(ctx, RS_NO_INPUT, "the input holds no DICOM files");
}

static rs_status fill(rs_context *ctx, rs_study *study, const char *path)
{
    rs_walk_counts *counts = &study->counts;
    if (series_is_volume_file(path)) return series_volume_file(ctx, study, path);
    RS_TRY(series_walk(ctx, study, path));
    RS_TRY(series_read_headers(ctx, study));
    RS_TRY(series_follow_directory(ctx, study));
    RS_TRY(series_reject(ctx, study));
    if (counts->dicom == 0) return refuse_empty(ctx, study);
    if (counts->refused > NOTED_REFUSALS) {
        RS_TRY(rs_notes_add(ctx, study->arena, &study->notes, "files_refused", NULL, "%lld files are refused in all",
                            (long long)counts->refused));
    }
    const int64_t other = counts->other - counts->own;
    if (other > 0) {
        RS_TRY(rs_notes_add(ctx, study->arena, &study->notes, "files_passed_over", NULL,
                            "%lld %s no DICOM and passed over", (long long)other,
                            other == 1 ? "file is" : "files are"));
    }
    if (counts->links) {
        RS_TRY(rs_notes_add(ctx, study->arena, &study->notes, "links_passed_over", NULL,
                            "%lld symbolic %s not followed", (long long)counts->links,
                            counts->links == 1 ? "link is" : "links are"));
    }
    RS_TRY(series_group(ctx, study));
    if (study->n_series == 0) {
        return rs_fail(ctx, RS_DATA, "no file is left to read: %s",
                       study->notes.n ? study->notes.items[0].sentence : "");
    }
    return RS_OK;
}

rs_status rs_study_open(rs_context *ctx, const char *path, const rs_study_options *options, rs_study **out)
{
    rs_arena *arena = rs_arena_new();
    rs_study *study = arena ? RS_ARENA_NEW(arena, rs_study, 1) : NULL;
    if (!study) {
        rs_arena_free(arena);
        return rs_fail_memory(ctx, "the study");
    }
    study->arena = arena;
    if (options) study->options = *options;
    study->n_workers = rs_context_threads(ctx);
    study->worker_arena = RS_ARENA_NEW(arena, rs_arena *, study->n_workers);
    const rs_status status = study->worker_arena ? fill(ctx, study, path) : rs_fail_memory(ctx, "the study");
    if (status == RS_OK)
        *out = study;
    else
        rs_study_close(study);
    return status;
}

void rs_study_close(rs_study *study)
{
    if (!study) return;
    for (int i = 0; study->worker_arena && i < study->n_workers; i++)
        rs_arena_free(study->worker_arena[i]);
    rs_arena_free(study->arena);
}

int rs_study_n_series(const rs_study *study)
{
    return study->n_series;
}

const rs_series *rs_study_series(const rs_study *study, int index)
{
    return index >= 0 && index < study->n_series ? &study->series[index] : NULL;
}

rs_walk_counts rs_study_counts(const rs_study *study)
{
    return study->counts;
}

const rs_notes *rs_study_notes(const rs_study *study)
{
    return &study->notes;
}

const char *rs_study_digest(const rs_study *study)
{
    return study->digest;
}

const char *rs_verdict_name(rs_verdict verdict)
{
    static const char *const names[] = {"unknown", "good", "mended", "gap", "refused", "few", "set_aside"};
    return (unsigned)verdict < sizeof(names) / sizeof(names[0]) ? names[verdict] : names[0];
}
