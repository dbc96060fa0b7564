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

/* Squared distance along the row, at most limit2. */
static void row_squares(const uint8_t *mask, int32_t n, double spacing_mm, float limit2, float *out)
{
    int32_t last = -1;
    for (int32_t i = 0; i < n; i++) {
        if (mask[i] == 0) last = i;
        out[i] = last < 0 ? FAR : (float)(i - last);
    }
    last = -1;
    for (int32_t i = n - 1; i >= 0; i--) {
        if (mask[i] == 0) last = i;
        float right = last < 0 ? FAR : (float)(last - i);
        float steps = out[i] < right ? out[i] : right;
        float square = steps < FAR ? (float)((double)steps * (double)steps * spacing_mm * spacing_mm) : FAR;
        out[i] = square < limit2 ? square : limit2;
    }
}

/* Least of src[r] + ((r - at) spacing)^2 over the rows r of a plane, for eight columns. */
LANES_INLINE lanes lower_lanes(const float *plane, size_t stride, int32_t at, int32_t n, const float *square)
{
    lanes best = lanes_load(plane + (size_t)at * stride);
    const int32_t reach = at > n - 1 - at ? at : n - 1 - at;
    for (int32_t d = 1; d <= reach; d++) {
        lanes step = lanes_all(square[d]);
        if (!lanes_any(best > step)) break;
        if (d <= at) best = lanes_min(lanes_load(plane + (size_t)(at - d) * stride) + step, best);
        if (d < n - at) best = lanes_min(lanes_load(plane + (size_t)(at + d) * stride) + step, best);
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

/* (d spacing)^2 for d = 0 … n - 1. */
static float *squares_of(rs_arena *scratch, int32_t n, double spacing_mm)
{
    float *square = RS_ARENA_RAW(scratch, float, n);
    if (square == NULL) return NULL;
    for (int32_t d = 0; d < n; d++)
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
    float *square = squares_of(scratch, n[1], job->args->spacing_mm[1]);
    if (plane == NULL || row == NULL || square == NULL) {
        rs_arena_rewind(scratch, mark);
        return rs_fail_memory(ctx, "a distance map");
    }
    for (int32_t j = 0; j < n[1]; j++)
        if (any_byte(mask + (size_t)j * columns, columns))
            row_squares(mask + (size_t)j * columns, n[0], job->args->spacing_mm[0], job->limit2,
                        plane + (size_t)j * stride);
    for (int32_t j = 0; j < n[1]; j++) {
        lower_row(plane, stride, j, n[1], square, row);
        memcpy(out + (size_t)j * columns, row, columns * sizeof(float));
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
