/* Exact distance by stepping: squared distance along i from the run ends; then along j and along k, for eight columns
   at once, best = min(best, neighbour k steps away + (k spacing)^2) until no step can win. Work is done only inside the
   mask, because a voxel outside has value 0 and nothing beyond it can win (performance 3.5). `out` holds the squares on
   the way. */
#include <math.h>
#include <string.h>

#include "kernel.h"
#include "lanes.h"
#include "restage/kernels/distance.h"

/* Stands for "none yet": far above any square, far below overflow. */
#define FAR 1e30F

typedef struct distance_job {
    const rs_distance_args *args;
    float limit2; /* FAR where there is no limit */
} distance_job;

/* First byte from `at` on that is other than 0 (wanted 1) or 0 (wanted 0), n where there is none. */
static int32_t next_byte(const uint8_t *mask, int32_t at, int32_t n, int wanted)
{
    const uint64_t low = 0x0101010101010101ULL;
    for (; at + 8 <= n; at += 8) {
        uint64_t eight;
        memcpy(&eight, mask + at, sizeof eight);
        if (wanted ? eight != 0 : ((eight - low) & ~eight & (low << 7)) != 0) break;
    }
    while (at < n && (mask[at] != 0) != wanted)
        at++;
    return at;
}

/* Squared distance along the row inside the runs of the mask, at most limit2; the row was 0. */
static void row_squares(const uint8_t *mask, int32_t n, const float *square, float limit2, float *out)
{
    for (int32_t begin = next_byte(mask, 0, n, 1); begin < n;) {
        const int32_t end = next_byte(mask, begin, n, 0);
        const int32_t half = begin == 0 ? 0 : end == n ? n : begin + (end - begin) / 2;
        for (int32_t i = begin; i < end && i < half; i++)
            out[i] = square[i - begin + 1];
        for (int32_t i = begin > half ? begin : half; i < end; i++)
            out[i] = end < n ? square[end - i] : FAR;
        for (int32_t i = begin; i < end; i++)
            out[i] = out[i] < limit2 ? out[i] : limit2;
        begin = next_byte(mask, end, n, 1);
    }
}

/* Least of src[r] + ((r - at) spacing)^2 over the rows r of a plane, for eight columns. Four steps for each look at
   whether any can still win. */
LANES_INLINE lanes lower_lanes(const float *plane, size_t stride, int32_t at, int32_t n, const float *square)
{
    const float *here = plane + (size_t)at * stride;
    const int32_t both = at < n - 1 - at ? at : n - 1 - at, reach = n - 1 - both;
    lanes best = lanes_load(here);
    int32_t d = 1;
    for (; d + 3 <= both; d += 4) {
        if (!lanes_any(best > lanes_all(square[d]))) return best;
        for (int32_t u = d; u < d + 4; u++) {
            lanes nearer = lanes_min(lanes_load(here - (size_t)u * stride), lanes_load(here + (size_t)u * stride));
            best = lanes_min(nearer + lanes_all(square[u]), best);
        }
    }
    for (; d <= reach; d++) {
        lanes step = lanes_all(square[d]);
        if (!lanes_any(best > step)) return best;
        if (d <= at) best = lanes_min(lanes_load(here - (size_t)d * stride) + step, best);
        if (d < n - at) best = lanes_min(lanes_load(here + (size_t)d * stride) + step, best);
    }
    return best;
}

/* One row of a plane lowered by the others; stride is whole lanes. */
static void lower_row(const float *plane, size_t stride, int32_t at, int32_t n, const float *square, float *out)
{
    const float *row = plane + (size_t)at * stride;
    for (size_t x = 0; x < stride; x += LANES) {
        lanes here = lanes_load(row + x);
        lanes_store(out + x, lanes_any(here > lanes_all(0.0F)) ? lower_lanes(plane + x, stride, at, n, square) : here);
    }
}

/* (d spacing)^2 for d = 0 … n. */
static float *squares_of(rs_arena *scratch, int32_t n, double spacing_mm)
{
    float *square = RS_ARENA_RAW(scratch, float, (size_t)n + 1);
    if (square == NULL) return NULL;
    for (int32_t d = 0; d <= n; d++)
        square[d] = (float)((double)d * d * spacing_mm * spacing_mm);
    return square;
}

static bool any_byte(const uint8_t *mask, size_t n)
{
    return n > 0 && (mask[0] != 0 || memcmp(mask, mask + 1, n - 1) != 0);
}

/* Along i and j, one slice. */
static rs_status in_slice(rs_context *ctx, int64_t k, int worker, void *arg)
{
    (void)worker;
    const distance_job *job = arg;
    const int32_t *n = job->args->n;
    const size_t columns = (size_t)n[0], slice = columns * (size_t)n[1], stride = (size_t)lanes_padded(n[0]);
    const uint8_t *mask = job->args->mask + (size_t)k * slice;
    float *out = job->args->out + (size_t)k * slice;
    if (!any_byte(mask, slice)) {
        memset(out, 0, slice * sizeof(float));
        return RS_OK;
    }
    rs_arena *scratch = rs_scratch(ctx);
    if (scratch == NULL) return rs_fail_memory(ctx, "scratch");
    rs_arena_mark mark = rs_arena_where(scratch);
    float *plane = RS_ARENA_NEW(scratch, float, stride *(size_t)n[1]);
    float *row = RS_ARENA_RAW(scratch, float, stride);
    float *along_i = squares_of(scratch, n[0], job->args->spacing_mm[0]);
    float *along_j = squares_of(scratch, n[1], job->args->spacing_mm[1]);
    if (plane == NULL || row == NULL || along_i == NULL || along_j == NULL) {
        rs_arena_rewind(scratch, mark);
        return rs_fail_memory(ctx, "a distance map");
    }
    for (int32_t j = 0; j < n[1]; j++)
        row_squares(mask + (size_t)j * columns, n[0], along_i, job->limit2, plane + (size_t)j * stride);
    for (int32_t j = 0; j < n[1]; j++) {
        const bool any = any_byte(mask + (size_t)j * columns, columns);
        if (any) lower_row(plane, stride, j, n[1], along_j, row);
        if (any)
            memcpy(out + (size_t)j * columns, row, columns * sizeof(float));
        else
            memset(out + (size_t)j * columns, 0, columns * sizeof(float));
    }
    rs_arena_rewind(scratch, mark);
    return RS_OK;
}

/* Along k for one row of columns, and the root. */
static rs_status in_plane(rs_context *ctx, int64_t j, int worker, void *arg)
{
    (void)worker;
    const distance_job *job = arg;
    const int32_t *n = job->args->n;
    const size_t columns = (size_t)n[0], slice = columns * (size_t)n[1], stride = (size_t)lanes_padded(n[0]);
    float *out = job->args->out + (size_t)j * columns;
    rs_arena *scratch = rs_scratch(ctx);
    if (scratch == NULL) return rs_fail_memory(ctx, "scratch");
    rs_arena_mark mark = rs_arena_where(scratch);
    float *plane = RS_ARENA_NEW(scratch, float, stride *(size_t)n[2]);
    float *row = RS_ARENA_RAW(scratch, float, stride);
    float *square = squares_of(scratch, n[2], job->args->spacing_mm[2]);
    if (plane == NULL || row == NULL || square == NULL) {
        rs_arena_rewind(scratch, mark);
        return rs_fail_memory(ctx, "a distance map");
    }
    for (int32_t k = 0; k < n[2]; k++)
        memcpy(plane + (size_t)k * stride, out + (size_t)k * slice, columns * sizeof(float));
    for (int32_t k = 0; k < n[2]; k++) {
        const size_t at = ((size_t)k * (size_t)n[1] + (size_t)j) * columns;
        if (!any_byte(job->args->mask + at, columns)) continue;
        lower_row(plane, stride, k, n[2], square, row);
        float *to = job->args->out + at;
        for (size_t i = 0; i < columns; i++)
            to[i] = row[i] < FAR ? sqrtf(row[i]) : INFINITY;
    }
    rs_arena_rewind(scratch, mark);
    return RS_OK;
}

/* The root of limit2 may differ from the limit in the last place. */
static rs_status cut_slice(rs_context *ctx, int64_t k, int worker, void *arg)
{
    (void)ctx;
    (void)worker;
    const distance_job *job = arg;
    const int64_t slice = (int64_t)job->args->n[0] * job->args->n[1];
    const float limit = (float)job->args->limit_mm;
    float *out = job->args->out + k * slice;
    for (int64_t v = 0; v < slice; v++)
        out[v] = out[v] < limit ? out[v] : limit;
    return RS_OK;
}

rs_status RS_TIERED(distance)(rs_context *ctx, const rs_distance_args *args)
{
    RS_CHECK(ctx, rs_box_is_sane(args->n) && args->mask != NULL && args->out != NULL && args->limit_mm >= 0.0);
    for (int a = 0; a < 3; a++)
        RS_CHECK(ctx, args->spacing_mm[a] > 0.0);
    distance_job job = {.args = args, .limit2 = FAR};
    if (args->limit_mm > 0.0 && args->limit_mm < 1e14) job.limit2 = (float)(args->limit_mm * args->limit_mm * 1.000001);
    RS_TRY(rs_parallel_for(ctx, args->n[2], in_slice, &job));
    RS_TRY(rs_parallel_for(ctx, args->n[1], in_plane, &job));
    if (job.limit2 < FAR) RS_TRY(rs_parallel_for(ctx, args->n[2], cut_slice, &job));
    return RS_OK;
}
