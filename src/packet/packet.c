/* Walks writers.def; done.json comes after all. */
#include <string.h>
#include <time.h>

#include "paper.h"
#include "pictures.h"
#include "print.h"
#include "restage/parallel.h"
#include "seg_frames.h"

typedef struct writer_row {
    const char *file_name;
    rs_when when;
    rs_writer write;
    rs_after after;
} writer_row;

static const writer_row writers[] = {
#define X(id, name, when, function, after) {name, when, function, after},
#include "writers.def"
#undef X
};

#define N_WRITERS (sizeof writers / sizeof writers[0])

bool rs_packet_has_file(const char *name)
{
    for (size_t w = 0; w < N_WRITERS; w++)
        if (strcmp(writers[w].file_name, name) == 0) return true;
    return false;
}

static double now_s(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static bool has_masks(const rs_report *report)
{
    for (int m = 0; m < report->n_marks; m++)
        if (rs_seg_has_mask(report, &report->marks[m])) return true;
    return false;
}

const char *rs_when_absent(rs_when when, const rs_report *report, const rs_sources *sources)
{
    if (when == RS_WHEN_ALWAYS) return NULL;
    if (when == RS_WHEN_FHIR) return sources->fhir ? NULL : "not asked for: --fhir";
    if (when == RS_WHEN_MASKS) {
        if (!sources->masks) return "not asked for: --masks";
        return sources->volume && sources->regions && sources->regions->labels ? NULL : "no images were read";
    }
    bool pdf = when == RS_WHEN_PDF || when == RS_WHEN_PDF_STUDY;
    if (pdf && sources->no_pdf) return sources->no_pdf;
    if (when == RS_WHEN_PDF) return NULL;
    if (report->filing.n_images == 0) return report->filing.reason;
    if (pdf) return NULL;
    if (when == RS_WHEN_STUDY) return NULL;
    if (report->n_marks == 0) return "there is no mark: such an object needs at least one";
    if (when == RS_WHEN_SEG && sources->no_seg) return "declined: --no-seg";
    return when == RS_WHEN_SEG && !has_masks(report) ? "no mark has a mask on the images it is filed with" : NULL;
}

/* The facts with this station's own time and memory behind the others. */
static rs_status write_done(rs_context *ctx, const rs_report *report, const rs_sources *sources,
                            const rs_packet_facts *facts, double began_s, rs_folder *folder)
{
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "done.json");
    rs_arena_mark mark = rs_arena_where(scratch);
    rs_stage *stages = RS_ARENA_NEW(scratch, rs_stage, facts->n_stages + 1);
    if (!stages) return rs_fail_memory(ctx, "done.json");
    for (int s = 0; s < facts->n_stages; s++)
        stages[s] = facts->stages[s];
    stages[facts->n_stages] = (rs_stage){"packet", now_s() - began_s, rs_peak_memory_mb()};
    rs_packet_facts all = *facts;
    all.stages = stages;
    all.n_stages = facts->n_stages + 1;
    rs_status status = rs_write_done(ctx, report, sources, &all, folder);
    rs_arena_rewind(scratch, mark);
    return status;
}

typedef struct write_job {
    const rs_report *report;
    const rs_sources *sources;
    rs_folder *folder;
    rs_after round;
} write_job;

static rs_status write_row(rs_context *ctx, int64_t item, int worker, void *arg)
{
    const write_job *job = arg;
    const writer_row *row = &writers[item];
    (void)worker;
    if (row->after != job->round || rs_when_absent(row->when, job->report, job->sources)) return RS_OK;
    return row->write(ctx, job->report, job->sources, job->folder, row->file_name);
}

static rs_status write_all(rs_context *ctx, rs_arena *arena, const rs_report *report, rs_sources *sources,
                           rs_folder *folder)
{
    rs_pictures *pictures = RS_ARENA_NEW(arena, rs_pictures, 1);
    if (!pictures) return rs_fail_memory(ctx, "the pictures");
    RS_TRY(rs_paper_faces(ctx, sources->face_folder, &sources->no_pdf));
    RS_TRY(rs_pictures_make(ctx, arena, report, sources, pictures));
    sources->pictures = pictures;
    write_job job = {report, sources, folder, RS_AT_ONCE};
    for (; job.round < RS_ROUNDS; job.round++)
        RS_TRY(rs_parallel_for(ctx, (int64_t)N_WRITERS, write_row, &job));
    return rs_context_check_cancel(ctx);
}

rs_status rs_packet_write(rs_context *ctx, const rs_report *report, const rs_sources *sources,
                          const rs_packet_facts *facts, rs_folder *folder)
{
    double began_s = now_s();
    rs_sources all = *sources;
    rs_arena *arena = rs_arena_new();
    if (!arena) return rs_fail_memory(ctx, "the pictures");
    rs_status status = write_all(ctx, arena, report, &all, folder);
    all.pictures = NULL;
    rs_arena_free(arena);
    RS_TRY(status);
    return write_done(ctx, report, &all, facts, began_s, folder);
}
