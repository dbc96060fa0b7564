/* Gaussian of a box: tiles of columns and rows, streamed through all slices. The slices that the taps along k reach
   live in a ring, already blurred along i and j; there is no intermediate volume (performance 3, T1 to T5). */
#include <string.h>

#include "fir.h"
#include "kernel.h"
#include "restage/kernels/gauss.h"

enum { TILE_I = 128, TILE_J = 64, LINES = 8 };

typedef struct gauss_job {
    const rs_gauss_args *args;
    fir_taps taps[3];
    int32_t tiles[2];
} gauss_job;

/* The working memory of one tile. stride: padded row length of lines, rows and ring. */
typedef struct tile {
    int32_t i0, j0, ni, nj;
    int32_t row_low, row_high; /* rows that exist within reach of the taps along j */
    int32_t stride, line_stride, slots;
    float *lines; /* LINES rows with their halo along i */
    float *rows;  /* rows of one slice, blurred along i */
    float *ring;  /* slots slices of the tile, blurred along i and j */
} tile;

static int32_t edge_index(int32_t p, int32_t n, rs_edge edge)
{
    if (edge == RS_EDGE_REPEAT) return p < 0 ? 0 : p >= n ? n - 1 : p;
    while (p < 0 || p >= n)
        p = p < 0 ? -1 - p : 2 * n - 1 - p;
    return p;
}

/* One line of the source with what lies beyond the box filled in. */
static void load_line(const gauss_job *job, const tile *t, int32_t j, int32_t k, float *line)
{
    const rs_gauss_args *args = job->args;
    const int32_t n = args->n[0], radius = job->taps[0].radius;
    const int32_t begin = t->i0 - radius, end = t->i0 + t->stride + radius;
    const int32_t low = begin < 0 ? 0 : begin, high = end > n ? n : end;
    const size_t row = ((size_t)k * (size_t)args->n[1] + (size_t)j) * (size_t)n;
    if (args->in != NULL) {
        memcpy(line + (low - begin), args->in + row + low, (size_t)(high - low) * sizeof(float));
        for (int32_t i = begin; i < low; i++)
            line[i - begin] = args->in[row + (size_t)edge_index(i, n, args->edge)];
        for (int32_t i = high; i < end; i++)
            line[i - begin] = args->in[row + (size_t)edge_index(i, n, args->edge)];
        return;
    }
    const int16_t *restrict in = args->in_int16 + row;
    for (int32_t i = low; i < high; i++)
        line[i - begin] = in[i];
    for (int32_t i = begin; i < low; i++)
        line[i - begin] = in[edge_index(i, n, args->edge)];
    for (int32_t i = high; i < end; i++)
        line[i - begin] = in[edge_index(i, n, args->edge)];
}

/* Slice k of the tile, blurred along i and j, into its slot of the ring. Lines are converted first, then filtered:
   loads across stores that just happened stall (performance T3). */
static void blur_slice(const gauss_job *job, const tile *t, int32_t k)
{
    for (int32_t j = t->row_low; j < t->row_high; j += LINES) {
        int32_t n = t->row_high - j < LINES ? t->row_high - j : LINES;
        for (int32_t l = 0; l < n; l++)
            load_line(job, t, j + l, k, t->lines + (size_t)l * (size_t)t->line_stride);
        for (int32_t l = 0; l < n; l++)
            fir_line(t->lines + (size_t)l * (size_t)t->line_stride, &job->taps[0], t->stride,
                     t->rows + (size_t)(j + l - t->row_low) * (size_t)t->stride);
    }
    float *slot = t->ring + (size_t)(k % t->slots) * (size_t)t->stride * (size_t)t->nj;
    const int radius = job->taps[1].radius;
    const float *src[2 * RS_TAPS_MAX + 4];
    float *out[4];
    for (int32_t j = 0; j < t->nj; j += 4) {
        for (int r = 0; r < 2 * radius + 4; r++) {
            int32_t from = edge_index(t->j0 + j - radius + r, job->args->n[1], job->args->edge);
            from = from < t->row_low ? t->row_low : from >= t->row_high ? t->row_high - 1 : from;
            src[r] = t->rows + (size_t)(from - t->row_low) * (size_t)t->stride;
        }
        for (int32_t q = 0; q < 4; q++)
            out[q] = slot + (size_t)(j + q) * (size_t)t->stride;
        if (j + 4 <= t->nj) fir_four(src, &job->taps[1], t->stride, out);
        for (int32_t q = 0; q < t->nj - j && j + 4 > t->nj; q++)
            fir_run(src + q, &job->taps[1], t->stride, out[q]);
    }
}

/* Output slices k … k + 3, as far as there are. */
static void write_slices(const gauss_job *job, const tile *t, int32_t k)
{
    const rs_gauss_args *args = job->args;
    const int radius = job->taps[2].radius;
    const float *src[2 * RS_TAPS_MAX + 4];
    float *out[4];
    for (int32_t j = 0; j < t->nj; j++) {
        for (int r = 0; r < 2 * radius + 4; r++) {
            int32_t from = edge_index(k - radius + r, args->n[2], args->edge);
            src[r] = t->ring + ((size_t)(from % t->slots) * (size_t)t->nj + (size_t)j) * (size_t)t->stride;
        }
        const size_t row = ((size_t)k * (size_t)args->n[1] + (size_t)(t->j0 + j)) * (size_t)args->n[0];
        const size_t slice = (size_t)args->n[0] * (size_t)args->n[1];
        for (int32_t q = 0; q < 4 && k + q < args->n[2]; q++)
            out[q] = args->out + row + (size_t)q * slice + t->i0;
        if (k + 4 <= args->n[2]) fir_four(src, &job->taps[2], t->ni, out);
        for (int32_t q = 0; q < args->n[2] - k && k + 4 > args->n[2]; q++)
            fir_run(src + q, &job->taps[2], t->ni, out[q]);
    }
}

static void lay_out(const gauss_job *job, int64_t item, tile *t)
{
    const int32_t *n = job->args->n;
    const int32_t radius = job->taps[1].radius;
    t->i0 = (int32_t)(item % job->tiles[0]) * TILE_I;
    t->j0 = (int32_t)(item / job->tiles[0]) * TILE_J;
    t->ni = n[0] - t->i0 < TILE_I ? n[0] - t->i0 : TILE_I;
    t->nj = n[1] - t->j0 < TILE_J ? n[1] - t->j0 : TILE_J;
    t->row_low = t->j0 - radius < 0 ? 0 : t->j0 - radius;
    t->row_high = t->j0 + t->nj + radius > n[1] ? n[1] : t->j0 + t->nj + radius;
    t->stride = lanes_padded(t->ni);
    t->line_stride = lanes_padded(t->stride + 2 * job->taps[0].radius);
    t->slots = n[2] < 2 * job->taps[2].radius + 4 ? n[2] : 2 * job->taps[2].radius + 4;
}

static rs_status blur_tile(rs_context *ctx, int64_t item, int worker, void *arg)
{
    (void)worker;
    const gauss_job *job = arg;
    tile t;
    lay_out(job, item, &t);
    rs_arena *scratch = rs_scratch(ctx);
    if (scratch == NULL) return rs_fail_memory(ctx, "scratch");
    rs_arena_mark mark = rs_arena_where(scratch);
    t.lines = RS_ARENA_RAW(scratch, float, (size_t)t.line_stride *LINES);
    t.rows = RS_ARENA_RAW(scratch, float, (size_t)t.stride *(size_t)(t.row_high - t.row_low));
    t.ring = RS_ARENA_RAW(scratch, float, (size_t)t.stride *(size_t)t.nj *(size_t)t.slots);
    if (t.lines == NULL || t.rows == NULL || t.ring == NULL) {
        rs_arena_rewind(scratch, mark);
        return rs_fail_memory(ctx, "a Gaussian");
    }
    const int32_t n = job->args->n[2], radius = job->taps[2].radius;
    int32_t blurred = 0;
    for (int32_t k = 0; k < n; k += 4) {
        for (; blurred < n && blurred <= k + 3 + radius; blurred++)
            blur_slice(job, &t, blurred);
        write_slices(job, &t, k);
    }
    rs_arena_rewind(scratch, mark);
    return RS_OK;
}

rs_status RS_TIERED(gauss)(rs_context *ctx, const rs_gauss_args *args)
{
    RS_CHECK(ctx, rs_box_is_sane(args->n) && args->out != NULL && (args->in != NULL) != (args->in_int16 != NULL));
    gauss_job job = {.args = args};
    for (int a = 0; a < 3; a++) {
        RS_CHECK(ctx, args->sigma_vox[a] >= 0.0 && args->sigma_vox[a] <= 64.0);
        fir_set(&job.taps[a], args->sigma_vox[a] * args->sigma_vox[a]);
    }
    job.tiles[0] = (args->n[0] + TILE_I - 1) / TILE_I;
    job.tiles[1] = (args->n[1] + TILE_J - 1) / TILE_J;
    return rs_parallel_for(ctx, (int64_t)job.tiles[0] * job.tiles[1], blur_tile, &job);
}
