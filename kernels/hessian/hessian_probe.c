#include "probe.h"
#include "restage/kernels/hessian.h"

/* The halo is what the shape allows, at most the full one. Variant 0 wants all, the others a mask of blobs. */
static rs_status make(rs_context *ctx, rs_arena *arena, const rs_probe_case *c, void **args)
{
    static const double sigma[][3] = {{0.8, 0.8, 0.8}, {0.55, 0.55, 0.2}, {2.2, 2.2, 3.0}};
    static const double spacing[][3] = {{0.7, 0.7, 1.0}, {0.7, 0.6, 2.5}, {1.4, 1.4, 1.25}};
    rs_hessian_args *a = RS_ARENA_NEW(arena, rs_hessian_args, 1);
    if (a == NULL) return rs_fail_memory(ctx, "a probe");
    rs_probe_case small = *c;
    size_t n = 1;
    for (int x = 0; x < 3; x++) {
        a->n[x] = c->n[x];
        a->sigma_mm[x] = sigma[c->variant][x];
        a->spacing_mm[x] = spacing[c->variant][x];
    }
    rs_hessian_halo(a->sigma_mm, a->spacing_mm, a->halo);
    for (int x = 0; x < 3; x++) {
        int32_t most = (c->n[x] - 1) / 2;
        a->halo[x] = a->halo[x] < most ? a->halo[x] : most;
        small.n[x] = c->n[x] - 2 * a->halo[x];
        n *= (size_t)small.n[x];
    }
    a->factor = a->sigma_mm[0] * a->sigma_mm[0];
    a->in = rs_probe_float(arena, c);
    a->out = RS_ARENA_NEW(arena, float, n);
    if (c->variant > 0) a->wanted = rs_probe_mask(arena, &small);
    if (a->in == NULL || a->out == NULL || (c->variant > 0 && a->wanted == NULL)) return rs_fail_memory(ctx, "a probe");
    *args = a;
    return RS_OK;
}

static int outputs(const void *args, rs_probe_output out[RS_PROBE_OUTPUTS])
{
    const rs_hessian_args *a = args;
    size_t n = 1;
    double gain = 0.0;
    for (int x = 0; x < 3; x++) {
        n *= (size_t)(a->n[x] - 2 * a->halo[x]);
        gain += 3.0 / (a->spacing_mm[x] * a->spacing_mm[x]);
    }
    /* Entries up to 32,768 times the gain of the stencils, with some 40 roundings; near a singular matrix the cube root
       makes an error e of the determinant, relative to the cube of the largest entry, one of cbrt(e). */
    double entry = 32768.0 * gain * a->factor;
    out[0] = (rs_probe_output){"measure", a->out, RS_PROBE_F32, n, 3.0 * entry * cbrt(2e-6)};
    return 1;
}

const rs_probe rs_hessian__probe = {
    .args_size = sizeof(rs_hessian_args),
    .variants = 3,
    .bytes_per_voxel = 8,
    .flops_per_voxel = 150,
    .make = make,
    .outputs = outputs,
    .tile = {84, 52, 116},
};
