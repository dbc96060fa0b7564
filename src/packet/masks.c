/* masks/organs.tif and masks/marks.tif: a page a slice, on the grid of source.geometry. */
#include "packet.h"

#include <string.h>

#include "formats/tiff.h"

#define FOLDER "masks"

/* What a stack of labels is made of. */
typedef struct stack {
    rs_tiff_form form;
    const uint8_t *labels;   /* of the organs; NULL: the marks */
    const rs_report *report; /* of the marks */
    uint16_t *page;          /* of the marks: one slice */
} stack;

/* The grid is that of source; marks of a further series lie on another. */
static bool is_of_source(const rs_report *report, const rs_report_mark *mark)
{
    const char *own = report->source.series_instance_uid, *theirs = mark->series_instance_uid;
    return own && theirs ? strcmp(own, theirs) == 0 : own == theirs;
}

static bool is_inside(const int32_t n[3], const rs_report_run *run)
{
    return run->i >= 0 && run->j >= 0 && run->j < n[1] && run->count >= 0 && run->count <= n[0] - run->i;
}

/* Marks from the last rank to the first: where two overlap the better rank stands. */
static void paint_marks(const stack *from, int32_t k)
{
    const int32_t *n = from->form.geometry->n;
    memset(from->page, 0, (size_t)n[0] * (size_t)n[1] * sizeof *from->page);
    for (int m = from->report->n_marks - 1; m >= 0; m--) {
        const rs_report_mark *mark = &from->report->marks[m];
        if (!is_of_source(from->report, mark)) continue;
        for (int r = 0; r < mark->n_runs; r++) {
            const rs_report_run *run = &mark->runs[r];
            if (run->k != k || !is_inside(n, run)) continue;
            uint16_t *line = from->page + (size_t)run->j * (size_t)n[0] + run->i;
            for (int32_t i = 0; i < run->count; i++)
                line[i] = (uint16_t)mark->rank;
        }
    }
}

static rs_status add_pages(rs_context *ctx, const stack *from, rs_tiff *tiff)
{
    const int32_t *n = from->form.geometry->n;
    for (int32_t k = 0; k < n[2]; k++) {
        RS_TRY(rs_context_check_cancel(ctx));
        if (!from->labels) paint_marks(from, k);
        const void *page = from->labels ? (const void *)(from->labels + (size_t)k * (size_t)n[0] * (size_t)n[1])
                                        : (const void *)from->page;
        RS_TRY(rs_tiff_page(ctx, tiff, page));
    }
    return RS_OK;
}

/* The parts in one piece: labels pack well. */
static rs_status write_parts(rs_context *ctx, rs_arena *arena, const rs_tiff_parts *parts, rs_folder *folder,
                             const char *file_name)
{
    size_t bytes = 0;
    for (int p = 0; p < parts->n; p++)
        bytes += parts->bytes[p];
    char *whole = rs_arena_alloc_raw(arena, bytes, 1), *at = whole;
    if (!whole) return rs_fail_memory(ctx, file_name);
    for (int p = 0; p < parts->n; at += parts->bytes[p++])
        memcpy(at, parts->data[p], parts->bytes[p]);
    return rs_folder_write(ctx, folder, file_name, whole, bytes);
}

static rs_status write_stack(rs_context *ctx, rs_arena *arena, const stack *from, rs_folder *folder,
                             const char *file_name)
{
    rs_tiff *tiff = NULL;
    rs_tiff_parts parts;
    RS_TRY(rs_tiff_begin(ctx, arena, &from->form, &tiff));
    rs_status status = add_pages(ctx, from, tiff);
    if (status == RS_OK) status = rs_tiff_finish(ctx, tiff, &parts);
    rs_tiff_end(tiff);
    return status == RS_OK ? write_parts(ctx, arena, &parts, folder, file_name) : status;
}

rs_status rs_write_organ_masks(rs_context *ctx, const rs_report *report, const rs_sources *sources, rs_folder *folder,
                               const char *file_name)
{
    (void)report;
    const rs_regions *regions = sources->regions;
    RS_TRY(rs_folder_make(ctx, folder, FOLDER));
    rs_arena *arena = rs_arena_new();
    if (!arena) return rs_fail_memory(ctx, file_name);
    const char *about = "label_0=outside\n";
    for (int r = 0; r < regions->n && about; r++) {
        const char *side = rs_side_name(regions->region[r].side);
        about = rs_arena_printf(arena, "%slabel_%d=%s%s%s\n", about, r + 1, side ? side : "", side ? " " : "",
                                regions->region[r].name);
    }
    stack from = {.labels = regions->labels};
    from.form = (rs_tiff_form){.geometry = &regions->geometry, .sample = RS_TIFF_UINT8, .packed = true, .about = about};
    rs_status status = about ? write_stack(ctx, arena, &from, folder, file_name) : rs_fail_memory(ctx, file_name);
    rs_arena_free(arena);
    return status;
}

rs_status rs_write_mark_masks(rs_context *ctx, const rs_report *report, const rs_sources *sources, rs_folder *folder,
                              const char *file_name)
{
    static const char about[] = "label_0=outside\nlabel_n=the mark of rank n\n";
    const rs_geometry *geometry = &sources->regions->geometry;
    rs_arena *arena = rs_arena_new();
    if (!arena) return rs_fail_memory(ctx, file_name);
    stack from = {.report = report};
    from.form = (rs_tiff_form){.geometry = geometry, .sample = RS_TIFF_UINT16, .packed = true, .about = about};
    from.page = RS_ARENA_RAW(arena, uint16_t, (size_t)geometry->n[0] * (size_t)geometry->n[1]);
    rs_status status = from.page ? write_stack(ctx, arena, &from, folder, file_name) : rs_fail_memory(ctx, file_name);
    rs_arena_free(arena);
    return status;
}
