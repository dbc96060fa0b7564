/* Gaussian of a box in double: one axis after the other, every tap of every voxel. */
#include "kernel.h"
#include "restage/kernels/gauss.h"

static int64_t edge_index(int64_t p, int64_t n, rs_edge edge)
{
    while (p < 0 || p >= n) {
        if (edge == RS_EDGE_REPEAT)
            p = p < 0 ? 0 : n - 1;
        else
            p = p < 0 ? -1 - p : 2 * n - 1 - p;
    }
    return p;
}

static void blur_axis(const rs_gauss_args *args, int axis, const double *in, double *out)
{
    double taps[RS_TAPS_MAX + 1];
    int radius = rs_gauss_taps(args->sigma_vox[axis] * args->sigma_vox[axis], taps);
    int64_t stride[3] = {1, args->n[0], (int64_t)args->n[0] * args->n[1]};
    for (int64_t k = 0; k < args->n[2]; k++)
        for (int64_t j = 0; j < args->n[1]; j++)
            for (int64_t i = 0; i < args->n[0]; i++) {
                int64_t p[3] = {i, j, k}, at = i + j * stride[1] + k * stride[2];
                double sum = 0.0;
                for (int r = -radius; r <= radius; r++) {
                    int64_t q = edge_index(p[axis] + r, args->n[axis], args->edge);
                    sum += taps[r < 0 ? -r : r] * in[at + (q - p[axis]) * stride[axis]];
                }
                out[at] = sum;
            }
}

rs_status rs_gauss__ref(rs_context *ctx, const rs_gauss_args *args)
{
    RS_CHECK(ctx, rs_box_is_sane(args->n) && args->out != NULL && (args->in != NULL) != (args->in_int16 != NULL));
    for (int a = 0; a < 3; a++)
        RS_CHECK(ctx, args->sigma_vox[a] >= 0.0 && args->sigma_vox[a] <= 64.0);
    int64_t n = (int64_t)args->n[0] * args->n[1] * args->n[2];
    rs_arena *scratch = rs_scratch(ctx);
    if (scratch == NULL) return rs_fail_memory(ctx, "scratch");
    rs_arena_mark mark = rs_arena_where(scratch);
    double *a = RS_ARENA_RAW(scratch, double, n), *b = RS_ARENA_RAW(scratch, double, n);
    if (a == NULL || b == NULL) {
        rs_arena_rewind(scratch, mark);
        return rs_fail_memory(ctx, "a Gaussian");
    }
    for (int64_t v = 0; v < n; v++)
        a[v] = args->in != NULL ? (double)args->in[v] : args->in_int16[v];
    blur_axis(args, 0, a, b);
    blur_axis(args, 1, b, a);
    blur_axis(args, 2, a, b);
    for (int64_t v = 0; v < n; v++)
        args->out[v] = (float)b[v];
    rs_arena_rewind(scratch, mark);
    return RS_OK;
}
