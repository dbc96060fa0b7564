/* Distance in double: the squared distance along i, then along j and k the least of every other voxel's plus the step.
 */
#include <math.h>

#include "kernel.h"
#include "restage/kernels/distance.h"

static void lower_along(const int32_t n[3], int axis, double spacing_mm, const double *in, double *out)
{
    const int64_t stride[3] = {1, n[0], (int64_t)n[0] * n[1]};
    for (int64_t k = 0; k < n[2]; k++)
        for (int64_t j = 0; j < n[1]; j++)
            for (int64_t i = 0; i < n[0]; i++) {
                int64_t p[3] = {i, j, k}, at = i + j * stride[1] + k * stride[2];
                double best = (double)INFINITY;
                for (int64_t q = 0; q < n[axis]; q++) {
                    double step = (double)(q - p[axis]) * spacing_mm;
                    double d = in[at + (q - p[axis]) * stride[axis]] + step * step;
                    best = d < best ? d : best;
                }
                out[at] = best;
            }
}

rs_status rs_distance__ref(rs_context *ctx, const rs_distance_args *args)
{
    RS_CHECK(ctx, rs_box_is_sane(args->n) && args->mask != NULL && args->out != NULL && args->limit_mm >= 0.0);
    for (int a = 0; a < 3; a++)
        RS_CHECK(ctx, args->spacing_mm[a] > 0.0);
    int64_t n = (int64_t)args->n[0] * args->n[1] * args->n[2];
    rs_arena *scratch = rs_scratch(ctx);
    if (scratch == NULL) return rs_fail_memory(ctx, "scratch");
    rs_arena_mark mark = rs_arena_where(scratch);
    double *a = RS_ARENA_RAW(scratch, double, n), *b = RS_ARENA_RAW(scratch, double, n);
    if (a == NULL || b == NULL) {
        rs_arena_rewind(scratch, mark);
        return rs_fail_memory(ctx, "a distance map");
    }
    for (int64_t v = 0; v < n; v++)
        a[v] = args->mask[v] != 0 ? (double)INFINITY : 0.0;
    lower_along(args->n, 0, args->spacing_mm[0], a, b);
    lower_along(args->n, 1, args->spacing_mm[1], b, a);
    lower_along(args->n, 2, args->spacing_mm[2], a, b);
    for (int64_t v = 0; v < n; v++) {
        double d = sqrt(b[v]);
        args->out[v] = (float)(args->limit_mm > 0.0 && d > args->limit_mm ? args->limit_mm : d);
    }
    rs_arena_rewind(scratch, mark);
    return RS_OK;
}
