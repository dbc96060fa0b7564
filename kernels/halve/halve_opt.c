/* Blur and halve in int32: five slices summed row by row, five such rows summed in a ring, then the columns; exact
   until the one rounding at the end. */
#include <string.h>

#include "kernel.h"
#include "restage/kernels/halve.h"

typedef struct halve_job {
    const rs_halve_args *args;
    int32_t n[3]; /* of the output */
    int shift;    /* log2 of the sum of all weights */
    int16_t low, high;
} halve_job;

static int32_t clamp(int32_t p, int32_t n)
{
    return p < 0 ? 0 : p >= n ? n - 1 : p;
}

static int32_t bound(int32_t v, int32_t low, int32_t high)
{
    v = v < low ? low : v;
    return v > high ? high : v;
}

/* Row j of the input summed over the slices of output slice k. */
static void sum_slices(const halve_job *job, int32_t j, int32_t k, int32_t *restrict out)
{
    const rs_halve_args *args = job->args;
    const int32_t n = args->n[0], low = job->low, high = job->high;
    const int16_t *row[5];
    for (int d = 0; d < 5; d++) {
        int32_t from = args->axes[2] != 0 ? clamp(2 * k + d - 2, args->n[2]) : k;
        row[d] = args->in + ((size_t)from * (size_t)args->n[1] + (size_t)j) * (size_t)n;
    }
    if (args->axes[2] == 0) {
        for (int32_t i = 0; i < n; i++)
            out[i] = bound(row[2][i], low, high);
        return;
    }
    const int16_t *restrict a = row[0], *restrict b = row[1], *restrict c = row[2], *restrict d = row[3],
                            *restrict e = row[4];
    for (int32_t i = 0; i < n; i++)
        out[i] = bound(a[i], low, high) + bound(e[i], low, high) +
                 4 * (bound(b[i], low, high) + bound(d[i], low, high)) + 6 * bound(c[i], low, high);
}

static void sum_rows(const int32_t *const row[5], int32_t n, int32_t *restrict out)
{
    const int32_t *a = row[0], *b = row[1], *c = row[2], *d = row[3], *e = row[4];
    for (int32_t i = 0; i < n; i++)
        out[i] = a[i] + e[i] + 4 * (b[i] + d[i]) + 6 * c[i];
}

/* line: the sums of n columns from line[2] on, with room for two more on either side. */
static void write_row(const halve_job *job, int32_t *line, int32_t n, int16_t *restrict out)
{
    const int shift = job->shift;
    const int32_t half = shift > 0 ? 1 << (shift - 1) : 0;
    if (job->args->axes[0] == 0) {
        for (int32_t i = 0; i < n; i++)
            out[i] = (int16_t)((line[2 + i] + half) >> shift);
        return;
    }
    line[0] = line[1] = line[2];
    line[n + 2] = line[n + 3] = line[n + 1];
    const int32_t *restrict l = line;
    for (int32_t i = 0; i < job->n[0]; i++)
        out[i] =
            (int16_t)((l[2 * i] + l[2 * i + 4] + 4 * (l[2 * i + 1] + l[2 * i + 3]) + 6 * l[2 * i + 2] + half) >> shift);
}

static rs_status halve_slice(rs_context *ctx, int64_t k, int worker, void *arg)
{
    (void)worker;
    const halve_job *job = arg;
    const rs_halve_args *args = job->args;
    const int32_t n = args->n[0];
    rs_arena *scratch = rs_scratch(ctx);
    if (scratch == NULL) return rs_fail_memory(ctx, "scratch");
    rs_arena_mark mark = rs_arena_where(scratch);
    int32_t *ring = RS_ARENA_RAW(scratch, int32_t, (size_t)n * 5);
    int32_t *line = RS_ARENA_RAW(scratch, int32_t, (size_t)n + 4);
    if (ring == NULL || line == NULL) {
        rs_arena_rewind(scratch, mark);
        return rs_fail_memory(ctx, "a halved volume");
    }
    int32_t next = 0;
    for (int32_t j = 0; j < job->n[1]; j++) {
        int16_t *out = args->out + ((size_t)k * (size_t)job->n[1] + (size_t)j) * (size_t)job->n[0];
        if (args->axes[1] == 0) {
            sum_slices(job, j, (int32_t)k, line + 2);
        } else {
            const int32_t *row[5];
            for (; next <= clamp(2 * j + 2, args->n[1]); next++)
                sum_slices(job, next, (int32_t)k, ring + (size_t)(next % 5) * (size_t)n);
            for (int d = 0; d < 5; d++)
                row[d] = ring + (size_t)(clamp(2 * j + d - 2, args->n[1]) % 5) * (size_t)n;
            sum_rows(row, n, line + 2);
        }
        write_row(job, line, n, out);
    }
    rs_arena_rewind(scratch, mark);
    return RS_OK;
}

rs_status RS_TIERED(halve)(rs_context *ctx, const rs_halve_args *args)
{
    RS_CHECK(ctx, rs_box_is_sane(args->n) && args->in != NULL && args->out != NULL && args->low <= args->high);
    halve_job job = {.args = args, .low = args->low, .high = args->high};
    if (args->low == 0 && args->high == 0) {
        job.low = INT16_MIN;
        job.high = INT16_MAX;
    }
    rs_halve_size(args->n, args->axes, job.n);
    for (int a = 0; a < 3; a++)
        job.shift += args->axes[a] != 0 ? 4 : 0;
    return rs_parallel_for(ctx, job.n[2], halve_slice, &job);
}
