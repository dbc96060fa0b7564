/* Resampling in double: coefficients by solving the spline's own equations along every axis, then the sum over 4 x 4
 * x 4. */
#include "axis_table.h"
#include "kernel.h"
#include "restage/kernels/resample.h"

/* Solves c[p-1] + 4 c[p] + c[p+1] = 6 s[p] with c[-1] = c[1], c[n] = c[n-2], in place; work has n numbers. */
static void solve_line(double *s, int64_t n, int64_t stride, double *work)
{
    if (n == 1) return;
    /* Thomas' elimination; the first and last row have the off-diagonal 2. */
    double upper = 2.0 / 4.0;
    work[0] = upper;
    s[0] = 6.0 * s[0] / 4.0;
    for (int64_t p = 1; p < n; p++) {
        double lower = p == n - 1 ? 2.0 : 1.0, pivot = 4.0 - lower * work[p - 1];
        work[p] = 1.0 / pivot;
        s[p * stride] = (6.0 * s[p * stride] - lower * s[(p - 1) * stride]) / pivot;
    }
    for (int64_t p = n - 2; p >= 0; p--)
        s[p * stride] -= work[p] * s[(p + 1) * stride];
}

static void solve_axis(const int32_t n[3], int axis, double *s, double *work)
{
    const int64_t stride[3] = {1, n[0], (int64_t)n[0] * n[1]};
    const int b = (axis + 1) % 3, c = (axis + 2) % 3;
    for (int64_t y = 0; y < n[b]; y++)
        for (int64_t z = 0; z < n[c]; z++)
            solve_line(s + y * stride[b] + z * stride[c], n[axis], stride[axis], work);
}

/* Indices and weights of one output index of an axis; returns how many. */
static int entries(const rs_resample_args *args, int axis, int32_t o, int64_t index[4], double weight[4])
{
    if (rs_axis_is_copied(args, axis)) {
        index[0] = o;
        weight[0] = 1.0;
        return 1;
    }
    axis_entry e;
    double step = args->step[axis] == 0.0 ? 1.0 : args->step[axis];
    rs_axis_entry(args->method, args->n_in[axis], args->origin[axis] + step * o, &e, weight);
    for (int t = 0; t < 4; t++)
        index[t] = e.index[t];
    return rs_axis_taps(args->method);
}

static double value_at(const rs_resample_args *args, const double *c, const int32_t o[3])
{
    int64_t index[3][4];
    double weight[3][4], sum = 0.0;
    int taps[3];
    for (int a = 0; a < 3; a++)
        taps[a] = entries(args, a, o[a], index[a], weight[a]);
    for (int z = 0; z < taps[2]; z++)
        for (int y = 0; y < taps[1]; y++)
            for (int x = 0; x < taps[0]; x++)
                sum += weight[2][z] * weight[1][y] * weight[0][x] *
                       c[(index[2][z] * args->n_in[1] + index[1][y]) * args->n_in[0] + index[0][x]];
    return sum;
}

rs_status rs_resample__ref(rs_context *ctx, const rs_resample_args *args)
{
    RS_CHECK(ctx, rs_box_is_sane(args->n_in) && rs_box_is_sane(args->n_out) && args->out != NULL);
    RS_CHECK(ctx, (args->in != NULL) != (args->in_int16 != NULL));
    for (int a = 0; a < 3; a++)
        RS_CHECK(ctx, args->step[a] >= 0.0);
    int64_t n = (int64_t)args->n_in[0] * args->n_in[1] * args->n_in[2];
    int32_t longest = args->n_in[0] > args->n_in[1] ? args->n_in[0] : args->n_in[1];
    longest = longest > args->n_in[2] ? longest : args->n_in[2];
    rs_arena *scratch = rs_scratch(ctx);
    if (scratch == NULL) return rs_fail_memory(ctx, "scratch");
    rs_arena_mark mark = rs_arena_where(scratch);
    double *c = RS_ARENA_RAW(scratch, double, n), *work = RS_ARENA_RAW(scratch, double, longest);
    if (c == NULL || work == NULL) {
        rs_arena_rewind(scratch, mark);
        return rs_fail_memory(ctx, "a resampled box");
    }
    for (int64_t v = 0; v < n; v++)
        c[v] = args->in != NULL ? (double)args->in[v] : args->in_int16[v];
    for (int a = 0; a < 3; a++)
        if (args->method == RS_RESAMPLE_CUBIC && !rs_axis_is_copied(args, a)) solve_axis(args->n_in, a, c, work);
    int64_t at = 0;
    for (int32_t k = 0; k < args->n_out[2]; k++)
        for (int32_t j = 0; j < args->n_out[1]; j++)
            for (int32_t i = 0; i < args->n_out[0]; i++, at++)
                args->out[at] = (float)value_at(args, c, (const int32_t[3]){i, j, k});
    rs_arena_rewind(scratch, mark);
    return RS_OK;
}
