/* restage phantom: model, slabs on all threads, one DICOM file a slice, truth.json, in a folder that is whole or
 * absent. */
#include "restage/phantom.h"

#include "model.h"
#include "restage/files.h"
#include "restage/json.h"
#include "restage/parallel.h"
#include "series.h"

typedef struct writing {
    const rs_phantom_model *model;
    rs_folder *folder;
} writing;

static rs_status write_slice(rs_context *ctx, rs_arena *arena, const writing *w, int32_t slice, const uint16_t *voxels)
{
    uint8_t *bytes = NULL;
    size_t n_bytes = 0;
    char name[16];
    RS_TRY(rs_phantom_encode(ctx, arena, w->model, slice, voxels, &bytes, &n_bytes));
    rs_phantom_file_name(&w->model->scan, slice, name);
    return rs_folder_write(ctx, w->folder, name, bytes, n_bytes);
}

static rs_status write_slab(rs_context *ctx, int64_t item, int worker, void *arg)
{
    (void)worker;
    const writing *w = arg;
    const rs_phantom_scan *scan = &w->model->scan;
    const size_t plane = (size_t)scan->columns * (size_t)scan->rows;
    int32_t slab = rs_phantom_slab_slices(scan), first = (int32_t)item * slab;
    int32_t n = scan->slices - first < slab ? scan->slices - first : slab;
    rs_arena *arena = rs_scratch(ctx);
    if (arena == NULL) return rs_fail_memory(ctx, "the phantom");
    rs_arena_mark mark = rs_arena_where(arena);
    uint16_t *voxels = RS_ARENA_RAW(arena, uint16_t, plane * (size_t)n);
    rs_status status =
        voxels == NULL ? rs_fail_memory(ctx, "the phantom") : rs_phantom_render(ctx, w->model, first, n, voxels);
    for (int32_t s = 0; s < n && status == RS_OK; s++) {
        rs_arena_mark before = rs_arena_where(arena);
        status = write_slice(ctx, arena, w, first + s, voxels + plane * (size_t)s);
        rs_arena_rewind(arena, before);
    }
    rs_arena_rewind(arena, mark);
    if (status == RS_OK) rs_context_progress(ctx, "phantom", first + n, scan->slices);
    return status;
}

static rs_status write_truth(rs_context *ctx, rs_arena *arena, const writing *w)
{
    char *text = NULL;
    size_t bytes = 0;
    RS_TRY(rs_phantom_truth(ctx, arena, w->model, &text, &bytes));
    rs_status status = rs_folder_write(ctx, w->folder, "truth.json", text, bytes);
    rs_json_text_free(text);
    return status;
}

rs_status rs_phantom_write(rs_context *ctx, const char *out, const rs_phantom_options *options)
{
    rs_arena *arena = rs_arena_new();
    if (arena == NULL) return rs_fail_memory(ctx, "the phantom");
    writing w = {.model = NULL};
    rs_phantom_model *model = NULL;
    rs_status status = rs_folder_begin(ctx, out, options->force ? "truth.json" : NULL, &w.folder);
    if (status == RS_OK) status = rs_phantom_model_new(ctx, arena, options, false, &model);
    if (status == RS_OK && options->counts != NULL)
        *options->counts = (rs_phantom_counts){model->lesions.asked, model->lesions.n};
    if (status == RS_OK) {
        int32_t slab = rs_phantom_slab_slices(&model->scan);
        w.model = model;
        status = rs_parallel_for(ctx, (model->scan.slices + slab - 1) / slab, write_slab, &w);
    }
    if (status == RS_OK) status = write_truth(ctx, arena, &w);
    if (status == RS_OK) {
        status = rs_folder_commit(ctx, w.folder);
    } else {
        rs_folder_abandon(ctx, w.folder);
    }
    rs_arena_free(arena);
    return status;
}
