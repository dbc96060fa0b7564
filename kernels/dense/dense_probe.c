#include "probe.h"
#include "restage/kernels/dense.h"

/* A box of a probe as matrices: its columns are inputs, its rows and slices rows. */
static rs_status make(rs_context *ctx, rs_arena *arena, const rs_probe_case *c, void **args)
{
    static const int32_t outputs[] = {32, 8, 24, 16};
    rs_dense_args *a = RS_ARENA_NEW(arena, rs_dense_args, 1);
    if (a == NULL) return rs_fail_memory(ctx, "a probe");
    a->rows = c->n[1] * c->n[2];
    a->inputs = c->n[0];
    a->x_stride = c->n[0];
    a->outputs = outputs[c->variant];
    a->relu = c->variant != 1;
    a->x = rs_probe_float(arena, c);
    float *weights = RS_ARENA_RAW(arena, float, (int64_t)(a->inputs + 1) * a->outputs);
    a->out = RS_ARENA_NEW(arena, float, (int64_t)a->rows * a->outputs);
    if (a->x == NULL || weights == NULL || a->out == NULL) return rs_fail_memory(ctx, "a probe");
    for (int64_t v = 0; v < (int64_t)(a->inputs + 1) * a->outputs; v++)
        weights[v] = (float)((v * 37 + (int64_t)(c->seed % 101)) % 200 - 100) / 128.0F;
    a->weight = weights;
    if (c->variant != 2) a->bias = weights + (int64_t)a->inputs * a->outputs;
    *args = a;
    return RS_OK;
}

static int outputs(const void *args, rs_probe_output out[RS_PROBE_OUTPUTS])
{
    const rs_dense_args *a = args;
    double largest = 0;
    for (int64_t v = 0; v < (int64_t)a->rows * a->inputs; v++)
        largest = fmax(largest, fabs((double)a->x[v]));
    /* each of the multiply-adds rounds a sum of at most inputs * largest by 2^-24 of it */
    const double tolerance = largest * a->inputs * (a->inputs + 1.0) * 0x1p-24;
    out[0] = (rs_probe_output){"layer", a->out, RS_PROBE_F32, (size_t)a->rows * (size_t)a->outputs, tolerance};
    return 1;
}

const rs_probe rs_dense__probe = {
    .args_size = sizeof(rs_dense_args),
    .variants = 4,
    .bytes_per_voxel = 8,
    .flops_per_voxel = 64,
    .make = make,
    .outputs = outputs,
    .tile = {24, 42, 4},
};
