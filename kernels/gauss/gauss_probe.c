#include "probe.h"
#include "restage/kernels/gauss.h"

static rs_status make(rs_context *ctx, rs_arena *arena, const rs_probe_case *c, void **args)
{
    static const double sigma[][3] = {{2.0, 2.0, 2.0}, {0.6, 1.3, 0.0}, {0.0, 0.3, 4.5}, {1.0, 0.0, 0.9}};
    rs_gauss_args *a = RS_ARENA_NEW(arena, rs_gauss_args, 1);
    size_t n = (size_t)c->n[0] * (size_t)c->n[1] * (size_t)c->n[2];
    if (a == NULL) return rs_fail_memory(ctx, "a probe");
    for (int x = 0; x < 3; x++) {
        a->n[x] = c->n[x];
        a->sigma_vox[x] = sigma[c->variant][x];
    }
    a->edge = c->variant % 2 == 1 ? RS_EDGE_REFLECT : RS_EDGE_REPEAT;
    if (c->variant == 0 || c->variant == 3)
        a->in_int16 = rs_probe_int16(arena, c);
    else
        a->in = rs_probe_float(arena, c);
    a->out = RS_ARENA_NEW(arena, float, n);
    if ((a->in == NULL && a->in_int16 == NULL) || a->out == NULL) return rs_fail_memory(ctx, "a probe");
    *args = a;
    return RS_OK;
}

static int outputs(const void *args, rs_probe_output out[RS_PROBE_OUTPUTS])
{
    const rs_gauss_args *a = args;
    size_t n = (size_t)a->n[0] * (size_t)a->n[1] * (size_t)a->n[2];
    /* Some 30 float roundings of numbers up to 32,768. */
    out[0] = (rs_probe_output){"blurred", a->out, RS_PROBE_F32, n, 0.02};
    return 1;
}

const rs_probe rs_gauss__probe = {
    .args_size = sizeof(rs_gauss_args),
    .variants = 4,
    .bytes_per_voxel = 6,
    .flops_per_voxel = 75,
    .make = make,
    .outputs = outputs,
};
