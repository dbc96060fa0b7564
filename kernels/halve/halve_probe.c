#include "probe.h"
#include "restage/kernels/halve.h"

static rs_status make(rs_context *ctx, rs_arena *arena, const rs_probe_case *c, void **args)
{
    static const int axes[][3] = {{1, 1, 1}, {1, 1, 0}, {0, 0, 1}, {0, 0, 0}};
    rs_halve_args *a = RS_ARENA_NEW(arena, rs_halve_args, 1);
    if (a == NULL) return rs_fail_memory(ctx, "a probe");
    int32_t n[3];
    for (int x = 0; x < 3; x++) {
        a->n[x] = c->n[x];
        a->axes[x] = axes[c->variant][x];
    }
    if (c->variant != 1) {
        a->low = -1000;
        a->high = 200;
    }
    rs_halve_size(a->n, a->axes, n);
    a->in = rs_probe_int16(arena, c);
    a->out = RS_ARENA_NEW(arena, int16_t, (size_t)n[0] * (size_t)n[1] * (size_t)n[2]);
    if (a->in == NULL || a->out == NULL) return rs_fail_memory(ctx, "a probe");
    *args = a;
    return RS_OK;
}

static int outputs(const void *args, rs_probe_output out[RS_PROBE_OUTPUTS])
{
    const rs_halve_args *a = args;
    int32_t n[3];
    rs_halve_size(a->n, a->axes, n);
    out[0] = (rs_probe_output){"halved", a->out, RS_PROBE_I16, (size_t)n[0] * (size_t)n[1] * (size_t)n[2], 0.0};
    return 1;
}

const rs_probe rs_halve__probe = {
    .args_size = sizeof(rs_halve_args),
    .variants = 4,
    .bytes_per_voxel = 2.25,
    .flops_per_voxel = 12,
    .make = make,
    .outputs = outputs,
};
