#include "probe.h"
#include "restage/kernels/distance.h"

static rs_status make(rs_context *ctx, rs_arena *arena, const rs_probe_case *c, void **args)
{
    static const double spacing[][3] = {{0.7, 0.7, 1.0}, {0.7, 0.6, 2.5}, {1.0, 1.0, 1.0}};
    static const double limit[] = {0.0, 3.0, 0.0};
    rs_distance_args *a = RS_ARENA_NEW(arena, rs_distance_args, 1);
    size_t n = (size_t)c->n[0] * (size_t)c->n[1] * (size_t)c->n[2];
    if (a == NULL) return rs_fail_memory(ctx, "a probe");
    for (int x = 0; x < 3; x++) {
        a->n[x] = c->n[x];
        a->spacing_mm[x] = spacing[c->variant][x];
    }
    a->limit_mm = limit[c->variant];
    uint8_t *mask = rs_probe_mask(arena, c);
    a->out = RS_ARENA_NEW(arena, float, n);
    if (mask == NULL || a->out == NULL) return rs_fail_memory(ctx, "a probe");
    /* Variant 2: one voxel outside in the first corner, or none. */
    if (c->variant == 2)
        for (size_t v = 0; v < n; v++)
            mask[v] = v > 0 || c->extremes ? 1 : 0;
    a->mask = mask;
    *args = a;
    return RS_OK;
}

static int outputs(const void *args, rs_probe_output out[RS_PROBE_OUTPUTS])
{
    const rs_distance_args *a = args;
    size_t n = (size_t)a->n[0] * (size_t)a->n[1] * (size_t)a->n[2];
    out[0] = (rs_probe_output){"distance", a->out, RS_PROBE_F32, n, 1e-4};
    return 1;
}

const rs_probe rs_distance__probe = {
    .args_size = sizeof(rs_distance_args),
    .variants = 3,
    .bytes_per_voxel = 5,
    .flops_per_voxel = 20,
    .make = make,
    .outputs = outputs,
};
