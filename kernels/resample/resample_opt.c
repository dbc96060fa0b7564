/* Separable resampling, block by block of output rows: the input rows of the block are turned into spline coefficients
   in scratch (recursion with the pole sqrt(3) - 2 along the axes that are not copied), then each output slice is
   blended along k, each row along j, each voxel along i. Axes that are copied cost nothing, so "along k alone" is one
   recursion and one blend of whole rows (performance 3.8). */
#include <math.h>
#include <string.h>

#include "axis_table.h"
#include "kernel.h"
#include "lanes.h"
#include "restage/kernels/resample.h"

enum {
    BLOCK_I = 128, /* columns of a block where they are copied, else all */
    BLOCK_J = 32,  /* output rows of a block */
    HALO = 12,     /* rows that the recursion needs to forget where it began: 0.268^12 = 1e-7 */
    START = 20     /* terms of the recursion's first value: 0.268^20 = 4e-12 */
};

#define POLE (-0.26794919243112270F)
/* Far below any value: keeps the recursion out of denormals where the input is 0 (performance 5.6). */
#define TINY 1e-15F

typedef struct resample_job {
    const rs_resample_args *args;
    axis_entry *entry[3];
    int taps;
    bool copied[3];
    int32_t blocks[2];
} resample_job;

/* One block: its output, its input, its memory. */
typedef struct block {
    int32_t i0, ni;        /* input columns */
    int32_t j0, nj;        /* output rows */
    int32_t row_low, rows; /* input rows */
    size_t stride, slice;
    float *c; /* coefficients, slices of rows * stride */
    float *blend, *line;
} block;

static void load(const resample_job *job, const block *b)
{
    const rs_resample_args *args = job->args;
    for (int32_t k = 0; k < args->n_in[2]; k++)
        for (int32_t j = 0; j < b->rows; j++) {
            size_t from =
                ((size_t)k * (size_t)args->n_in[1] + (size_t)(b->row_low + j)) * (size_t)args->n_in[0] + (size_t)b->i0;
            float *restrict to = b->c + (size_t)k * b->slice + (size_t)j * b->stride;
            if (args->in != NULL) {
                memcpy(to, args->in + from, (size_t)b->ni * sizeof(float));
            } else {
                const int16_t *restrict in = args->in_int16 + from;
                for (int32_t i = 0; i < b->ni; i++)
                    to[i] = in[i];
            }
            for (size_t i = (size_t)b->ni; i < b->stride; i++)
                to[i] = 0.0F;
        }
}

/* Recursion along lines of n values, step apart, for `width` (whole lanes) lines side by side. */
static void prefilter_lanes(float *c, int32_t n, size_t step, size_t width)
{
    const lanes pole = lanes_all(POLE), tiny = lanes_all(TINY), six = lanes_all(6.0F);
    if (n == 1) return;
    for (size_t x = 0; x < width; x += LANES) {
        float *p = c + x;
        lanes sum = lanes_load(p), power = pole;
        for (int t = 1; t < START; t++) {
            sum = lanes_fma(power, lanes_load(p + (size_t)rs_axis_mirror(t, n) * step), sum);
            power = power * pole;
        }
        lanes_store(p, lanes_fma(six, sum, tiny));
    }
    for (int32_t k = 1; k < n; k++) {
        float *p = c + (size_t)k * step, *before = p - step;
        for (size_t x = 0; x < width; x += LANES)
            lanes_store(p + x, lanes_fma(pole, lanes_load(before + x), lanes_fma(six, lanes_load(p + x), tiny)));
    }
    float *end = c + (size_t)(n - 1) * step;
    const lanes gain = lanes_all((float)((double)POLE / ((double)POLE * (double)POLE - 1.0)));
    for (size_t x = 0; x < width; x += LANES)
        lanes_store(end + x, gain * lanes_fma(pole, lanes_load(end - step + x), lanes_load(end + x)));
    for (int32_t k = n - 2; k >= 0; k--) {
        float *p = c + (size_t)k * step;
        for (size_t x = 0; x < width; x += LANES)
            lanes_store(p + x, pole * (lanes_load(p + step + x) - lanes_load(p + x)));
    }
}

/* The same along a row; the recursion runs over eight rows side by side, whose latencies overlap. */
static void prefilter_row(float *c, int32_t n)
{
    if (n == 1) return;
    float sum = c[0], power = POLE;
    for (int t = 1; t < START; t++) {
        sum = RS_FMA(power, c[rs_axis_mirror(t, n)], sum);
        power *= POLE;
    }
    c[0] = RS_FMA(6.0F, sum, TINY);
    for (int32_t i = 1; i < n; i++)
        c[i] = RS_FMA(POLE, c[i - 1], RS_FMA(6.0F, c[i], TINY));
    c[n - 1] = (float)((double)POLE / ((double)POLE * (double)POLE - 1.0)) * RS_FMA(POLE, c[n - 2], c[n - 1]);
    for (int32_t i = n - 2; i >= 0; i--)
        c[i] = POLE * (c[i + 1] - c[i]);
}

static void prefilter(const resample_job *job, const block *b)
{
    const int32_t slices = job->args->n_in[2];
    if (!job->copied[2]) prefilter_lanes(b->c, slices, b->slice, b->slice);
    for (int32_t k = 0; k < slices; k++) {
        float *slice = b->c + (size_t)k * b->slice;
        if (!job->copied[1]) prefilter_lanes(slice, b->rows, b->stride, b->stride);
        if (job->copied[0]) continue;
        for (int32_t j = 0; j < b->rows; j++)
            prefilter_row(slice + (size_t)j * b->stride, b->ni);
    }
}

/* sum of weight[t] src[t], n elements (whole lanes are not needed). */
static void blend(const float *const src[4], const float weight[4], int taps, size_t n, float *restrict out)
{
    size_t x = 0;
    for (; x + LANES <= n; x += LANES) {
        lanes sum = lanes_all(weight[0]) * lanes_load(src[0] + x);
        for (int t = 1; t < taps; t++)
            sum = lanes_fma(lanes_all(weight[t]), lanes_load(src[t] + x), sum);
        lanes_store(out + x, sum);
    }
    for (; x < n; x++) {
        float sum = weight[0] * src[0][x];
        for (int t = 1; t < taps; t++)
            sum = RS_FMA(weight[t], src[t][x], sum);
        out[x] = sum;
    }
}

static void blend_columns(const axis_entry *entry, int taps, int32_t n, const float *restrict line, float *restrict out)
{
    if (taps == 1) {
        for (int32_t i = 0; i < n; i++)
            out[i] = line[entry[i].index[0]];
    } else if (taps == 2) {
        for (int32_t i = 0; i < n; i++)
            out[i] = RS_FMA(entry[i].weight[1], line[entry[i].index[1]], entry[i].weight[0] * line[entry[i].index[0]]);
    } else {
        for (int32_t i = 0; i < n; i++) {
            const axis_entry *e = &entry[i];
            float sum = e->weight[0] * line[e->index[0]];
            sum = RS_FMA(e->weight[1], line[e->index[1]], sum);
            sum = RS_FMA(e->weight[2], line[e->index[2]], sum);
            out[i] = RS_FMA(e->weight[3], line[e->index[3]], sum);
        }
    }
}

/* Output rows of one output slice. */
static void write_slice(const resample_job *job, const block *b, int32_t k)
{
    const rs_resample_args *args = job->args;
    const float *slice = b->c + (size_t)k * b->slice, *src[4];
    if (!job->copied[2]) {
        const axis_entry *e = &job->entry[2][k];
        for (int t = 0; t < job->taps; t++)
            src[t] = b->c + (size_t)e->index[t] * b->slice;
        blend(src, e->weight, job->taps, b->slice, b->blend);
        slice = b->blend;
    }
    for (int32_t j = 0; j < b->nj; j++) {
        const float *row = slice + (size_t)(b->j0 + j - b->row_low) * b->stride;
        if (!job->copied[1]) {
            const axis_entry *e = &job->entry[1][b->j0 + j];
            for (int t = 0; t < job->taps; t++)
                src[t] = slice + (size_t)(e->index[t] - b->row_low) * b->stride;
            blend(src, e->weight, job->taps, b->stride, b->line);
            row = b->line;
        }
        float *out = args->out + ((size_t)k * (size_t)args->n_out[1] + (size_t)(b->j0 + j)) * (size_t)args->n_out[0];
        if (job->copied[0])
            memcpy(out + b->i0, row, (size_t)b->ni * sizeof(float));
        else
            blend_columns(job->entry[0], job->taps, args->n_out[0], row, out);
    }
}

static void lay_out(const resample_job *job, int64_t item, block *b)
{
    const rs_resample_args *args = job->args;
    b->i0 = job->copied[0] ? (int32_t)(item % job->blocks[0]) * BLOCK_I : 0;
    b->ni = args->n_in[0] - b->i0;
    if (job->copied[0] && b->ni > BLOCK_I) b->ni = BLOCK_I;
    b->j0 = (int32_t)(item / job->blocks[0]) * BLOCK_J;
    b->nj = args->n_out[1] - b->j0 < BLOCK_J ? args->n_out[1] - b->j0 : BLOCK_J;
    int32_t low = b->j0, high = b->j0 + b->nj - 1;
    if (!job->copied[1]) {
        low = INT32_MAX;
        high = 0;
        for (int32_t j = b->j0; j < b->j0 + b->nj; j++)
            for (int t = 0; t < job->taps; t++) {
                int32_t from = job->entry[1][j].index[t];
                low = from < low ? from : low;
                high = from > high ? from : high;
            }
        if (args->method == RS_RESAMPLE_CUBIC) {
            low = low < HALO ? 0 : low - HALO;
            high = high + HALO > args->n_in[1] - 1 ? args->n_in[1] - 1 : high + HALO;
        }
    }
    b->row_low = low;
    b->rows = high - low + 1;
    b->stride = (size_t)lanes_padded(b->ni);
    b->slice = b->stride * (size_t)b->rows;
}

static rs_status do_block(rs_context *ctx, int64_t item, int worker, void *arg)
{
    (void)worker;
    const resample_job *job = arg;
    block b;
    lay_out(job, item, &b);
    rs_arena *scratch = rs_scratch(ctx);
    if (scratch == NULL) return rs_fail_memory(ctx, "scratch");
    rs_arena_mark mark = rs_arena_where(scratch);
    b.c = RS_ARENA_RAW(scratch, float, b.slice *(size_t)job->args->n_in[2]);
    b.blend = RS_ARENA_RAW(scratch, float, b.slice);
    b.line = RS_ARENA_RAW(scratch, float, b.stride);
    if (b.c == NULL || b.blend == NULL || b.line == NULL) {
        rs_arena_rewind(scratch, mark);
        return rs_fail_memory(ctx, "a resampled box");
    }
    load(job, &b);
    if (job->args->method == RS_RESAMPLE_CUBIC) prefilter(job, &b);
    for (int32_t k = 0; k < job->args->n_out[2]; k++)
        write_slice(job, &b, k);
    rs_arena_rewind(scratch, mark);
    return RS_OK;
}

static rs_status run(rs_context *ctx, rs_arena *scratch, resample_job *job)
{
    const rs_resample_args *args = job->args;
    for (int a = 0; a < 3; a++) {
        job->copied[a] = rs_axis_is_copied(args, a) != 0;
        if (job->copied[a]) continue;
        job->entry[a] = RS_ARENA_RAW(scratch, axis_entry, args->n_out[a]);
        if (job->entry[a] == NULL) return rs_fail_memory(ctx, "a resampled box");
        double step = args->step[a] == 0.0 ? 1.0 : args->step[a];
        for (int32_t o = 0; o < args->n_out[a]; o++)
            rs_axis_entry(args->method, args->n_in[a], args->origin[a] + step * o, &job->entry[a][o], NULL);
    }
    job->blocks[0] = job->copied[0] ? (args->n_in[0] + BLOCK_I - 1) / BLOCK_I : 1;
    job->blocks[1] = (args->n_out[1] + BLOCK_J - 1) / BLOCK_J;
    return rs_parallel_for(ctx, (int64_t)job->blocks[0] * job->blocks[1], do_block, job);
}

rs_status RS_TIERED(resample)(rs_context *ctx, const rs_resample_args *args)
{
    RS_CHECK(ctx, rs_box_is_sane(args->n_in) && rs_box_is_sane(args->n_out) && args->out != NULL);
    RS_CHECK(ctx, (args->in != NULL) != (args->in_int16 != NULL));
    for (int a = 0; a < 3; a++)
        RS_CHECK(ctx, args->step[a] >= 0.0);
    rs_arena *scratch = rs_scratch(ctx);
    if (scratch == NULL) return rs_fail_memory(ctx, "scratch");
    rs_arena_mark mark = rs_arena_where(scratch);
    resample_job job = {.args = args, .taps = rs_axis_taps(args->method)};
    rs_status status = run(ctx, scratch, &job);
    rs_arena_rewind(scratch, mark);
    return status;
}
