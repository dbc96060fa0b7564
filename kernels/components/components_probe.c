#include "probe.h"
#include "restage/kernels/components.h"

static rs_status make(rs_context *ctx, rs_arena *arena, const rs_probe_case *c, void **args)
{
    rs_components_args *a = RS_ARENA_NEW(arena, rs_components_args, 1);
    uint8_t *in_mask = RS_ARENA_NEW(arena, uint8_t, 256);
    if (a == NULL || in_mask == NULL) return rs_fail_memory(ctx, "a probe");
    for (int x = 0; x < 3; x++)
        a->n[x] = c->n[x];
    a->labels = rs_probe_mask(arena, c);
    a->connectivity = c->variant % 2 == 0 ? 6 : 26;
    in_mask[1] = 1;
    if (c->variant == 2) in_mask[3] = 1; /* not a range */
    if (c->variant >= 1) a->in_mask = in_mask;
    if (c->variant == 3) {
        a->rows[0] = c->n[1] / 3;
        a->rows[1] = c->n[1] - c->n[1] / 4;
    }
    a->arena = arena;
    a->out = RS_ARENA_NEW(arena, rs_components, 1);
    if (a->labels == NULL || a->out == NULL) return rs_fail_memory(ctx, "a probe");
    *args = a;
    return RS_OK;
}

static int outputs(const void *args, rs_probe_output out[RS_PROBE_OUTPUTS])
{
    const rs_components *c = ((const rs_components_args *)args)->out;
    out[0] = (rs_probe_output){"runs", c->runs, RS_PROBE_U64, (size_t)c->n_runs, 0.0};
    out[1] = (rs_probe_output){"rows", c->row_first, RS_PROBE_I32, (size_t)c->n[1] * (size_t)c->n[2] + 1, 0.0};
    out[2] = (rs_probe_output){"components", c->items, RS_PROBE_U64, (size_t)c->n_components * sizeof(rs_component) / 8,
                               0.0};
    return 3;
}

const rs_probe rs_components__probe = {
    .args_size = sizeof(rs_components_args),
    .variants = 4,
    .bytes_per_voxel = 1,
    .flops_per_voxel = 1,
    .make = make,
    .outputs = outputs,
};
