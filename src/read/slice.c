/* Opens files, decodes frames, cuts tiles out of mosaics, converts. What a slice becomes depends on its file alone. */
#include "slice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "padding.h"
#include "restage/parallel.h"
#include "restage/text.h"
#include "sandbox/decode.h"

/* The file that a worker opened last, and the frame of it that it decoded last. */
typedef struct slice_open {
    rs_arena *arena;  /* of the file; its blocks are used again for the next */
    const char *path; /* NULL: none is open */
    rs_decode *file;
    rs_dicom_image image;
    int32_t frame; /* -1: none */
    rs_dicom_pixels pixels;
} slice_open;

static void close_file(slice_open *o)
{
    rs_decode_close(o->file);
    o->file = NULL;
    o->path = NULL;
    o->frame = -1;
}

static rs_status open_file(rs_context *ctx, int worker, slice_open *o, const char *path)
{
    if (o->path && (o->path == path || strcmp(o->path, path) == 0)) return RS_OK;
    close_file(o);
    if (o->arena) rs_arena_rewind(o->arena, (rs_arena_mark){0});
    if (!o->arena) o->arena = rs_arena_new();
    if (!o->arena) return rs_fail_memory(ctx, "a slice");
    RS_TRY(rs_decode_open(ctx, worker, o->arena, path, true, &o->file));
    RS_TRY(rs_decode_image(ctx, o->file, &o->image));
    o->path = path;
    return RS_OK;
}

static rs_status decode_frame(rs_context *ctx, const slice_job *j, slice_open *o, int32_t frame)
{
    const rs_series *s = j->series;
    const int32_t columns = s->frame_columns ? s->frame_columns : j->volume.geometry.n[0];
    const int32_t rows = s->frame_rows ? s->frame_rows : j->volume.geometry.n[1];
    if (o->frame == frame) return RS_OK;
    o->frame = -1;
    RS_TRY(rs_decode_pixels(ctx, o->file, frame, 1, &o->pixels));
    if (o->image.columns != columns || o->image.rows != rows || o->pixels.n != (int64_t)columns * rows) {
        return rs_fail(ctx, RS_AGAIN, "it changed since the series was listed");
    }
    o->frame = frame;
    return RS_OK;
}

/* The slice's part of the frame, rows put together; the frame itself where it is the slice. */
static rs_status cut_tile(rs_context *ctx, const slice_job *j, const slice_open *o, const rs_slice *slice,
                          rs_dicom_pixels *out)
{
    const int32_t columns = j->volume.geometry.n[0], rows = j->volume.geometry.n[1];
    *out = o->pixels;
    if (o->image.columns == columns && o->image.rows == rows) return RS_OK;
    const int32_t *tile = slice->tile;
    if (tile[0] < 0 || tile[1] < 0 || tile[0] > o->image.columns - columns || tile[1] > o->image.rows - rows) {
        return rs_fail(ctx, RS_DATA, "its tile lies outside its picture");
    }
    const size_t n_row = (size_t)columns * (size_t)out->bytes;
    uint8_t *cut = RS_ARENA_RAW(rs_scratch(ctx), uint8_t, n_row * (size_t)rows);
    if (!cut) return rs_fail_memory(ctx, "a slice");
    for (int32_t row = 0; row < rows; row++) {
        const int64_t first = (int64_t)(tile[1] + row) * o->image.columns + tile[0];
        memcpy(cut + n_row * (size_t)row, out->data + first * out->bytes, n_row);
    }
    out->data = cut;
    out->n = (int64_t)columns * rows;
    return RS_OK;
}

static rs_status convert(rs_context *ctx, slice_job *j, int32_t k, const slice_open *o)
{
    const rs_geometry *g = &j->volume.geometry;
    const rs_slice *slice = &j->series->slices[k];
    convert_args a = {.slope = slice->slope, .offset = slice->offset, .lookup = slice->lookup, .exact = j->exact};
    a.n = (int64_t)g->n[0] * g->n[1];
    a.volume_slope = j->volume.slope;
    a.volume_offset = j->volume.offset;
    a.out = j->volume.voxels + k * a.n;
    RS_TRY(cut_tile(ctx, j, o, slice, &a.pixels));
    if (j->is_ct) j->ignored[k] = padding_find(&j->volume, &o->image, g->n[0], g->n[1], &a);
    convert_slice(&a, &j->result[k]);
    if (j->result[k].n_bad == 0) return RS_OK;
    return rs_fail(ctx, RS_DATA, "%lld of its stored values are no numbers (NaN or infinity)",
                   (long long)j->result[k].n_bad);
}

/* The caller takes what there is: the others are read. */
static rs_status lose_slice(rs_context *ctx, slice_job *j, int32_t k, const char *why)
{
    j->lost[k] = 1;
    j->result[k] = (convert_result){.low = INFINITY, .high = -INFINITY};
    rs_text_format(j->why[k], sizeof(j->why[k]), "%s", why);
    rs_context_progress(ctx, "read", atomic_fetch_add(&j->n_done, 1) + 1, j->series->n_slices);
    return RS_OK;
}

static rs_status read_slice(rs_context *ctx, int64_t item, int worker, void *arg)
{
    slice_job *j = arg;
    const int32_t k = j->order[item];
    const rs_slice *slice = &j->series->slices[k];
    slice_open *o = &j->open[worker];
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "a slice");
    const rs_arena_mark mark = rs_arena_where(scratch);
    rs_status status = open_file(ctx, worker, o, slice->path);
    if (status == RS_OK) status = decode_frame(ctx, j, o, slice->frame);
    if (status == RS_OK) status = convert(ctx, j, k, o);
    rs_arena_rewind(scratch, mark);
    if (status == RS_NO_INPUT) status = RS_IO; /* it was there when the series was listed */
    if (status == RS_DATA || status == RS_IO) {
        char why[512];
        rs_text_format(why, sizeof(why), "%s", rs_context_message(ctx));
        if (status == RS_DATA && j->lost) return lose_slice(ctx, j, k, why);
        return rs_fail(ctx, status, "slice %lld of series %lld (InstanceNumber %lld) cannot be read: %s",
                       (long long)k + 1, (long long)j->series->series_number, (long long)slice->instance_number, why);
    }
    rs_context_progress(ctx, "read", atomic_fetch_add(&j->n_done, 1) + 1, j->series->n_slices);
    return status;
}

typedef struct ordered {
    const rs_slice *slice;
    int32_t k;
} ordered;

static int by_file(const void *a, const void *b)
{
    const ordered *x = a, *y = b;
    const int paths = x->slice->path == y->slice->path ? 0 : strcmp(x->slice->path, y->slice->path);
    if (paths) return paths;
    if (x->slice->frame != y->slice->frame) return x->slice->frame < y->slice->frame ? -1 : 1;
    return x->k < y->k ? -1 : x->k > y->k;
}

/* Slices by file and frame where files are shared; else as they stand, so that the first slice that fails is named. */
static rs_status find_order(rs_context *ctx, slice_job *j, rs_arena *scratch)
{
    const int32_t n = j->series->n_slices;
    int32_t *order = RS_ARENA_NEW(scratch, int32_t, n);
    ordered *sorted = RS_ARENA_NEW(scratch, ordered, n);
    bool shared = false;
    if (!order || !sorted) return rs_fail_memory(ctx, "a series");
    for (int32_t k = 0; k < n; k++)
        sorted[k] = (ordered){&j->series->slices[k], k};
    qsort(sorted, (size_t)n, sizeof(*sorted), by_file);
    for (int32_t k = 1; k < n; k++)
        shared = shared || strcmp(sorted[k].slice->path, sorted[k - 1].slice->path) == 0;
    for (int32_t k = 0; k < n; k++)
        order[k] = shared ? sorted[k].k : k;
    j->order = order;
    return RS_OK;
}

rs_status slices_read(rs_context *ctx, slice_job *j)
{
    const int threads = rs_context_threads(ctx);
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "a series");
    const rs_arena_mark mark = rs_arena_where(scratch);
    j->open = RS_ARENA_NEW(scratch, slice_open, threads);
    rs_status status = j->open ? find_order(ctx, j, scratch) : rs_fail_memory(ctx, "a series");
    atomic_store(&j->n_done, 0);
    if (status == RS_OK) status = rs_parallel_for(ctx, j->series->n_slices, read_slice, j);
    for (int i = 0; j->open && i < threads; i++) {
        close_file(&j->open[i]);
        rs_arena_free(j->open[i].arena);
    }
    rs_arena_rewind(scratch, mark);
    return status;
}
