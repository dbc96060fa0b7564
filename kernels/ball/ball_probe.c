#include "probe.h"
#include "restage/kernels/ball.h"

static rs_status make(rs_context *ctx, rs_arena *arena, const rs_probe_case *c, void **args)
{
    static const rs_ball_operation operation[] = {RS_BALL_CLOSE, RS_BALL_DILATE, RS_BALL_ERODE, RS_BALL_OPEN};
    static const double radius_mm[] = {10.0, 3.0, 2.1, 1.4}, small_mm[] = {4.0, 3.0, 2.1, 1.4};
    rs_ball_args *a = RS_ARENA_NEW(arena, rs_ball_args, 1);
    uint8_t *labels = rs_probe_mask(arena, c);
    if (a == NULL || labels == NULL) return rs_fail_memory(ctx, "a probe");
    for (int x = 0; x < 3; x++)
        a->n[x] = c->n[x];
    a->spacing_mm[0] = 0.7;
    a->spacing_mm[1] = c->variant == 1 ? 0.9 : 0.7;
    a->spacing_mm[2] = c->variant == 3 ? 2.5 : 1.0;
    a->radius_mm = c->n[0] > 200 ? radius_mm[c->variant] : small_mm[c->variant];
    a->operation = operation[c->variant];
    uint64_t *in = RS_ARENA_NEW(arena, uint64_t, rs_bits_total(c->n));
    a->out = RS_ARENA_NEW(arena, uint64_t, rs_bits_total(c->n));
    if (in == NULL || a->out == NULL) return rs_fail_memory(ctx, "a probe");
    RS_TRY(rs_bits_pack(ctx, c->n, labels, NULL, in));
    a->in = in;
    *args = a;
    return RS_OK;
}

static int outputs(const void *args, rs_probe_output out[RS_PROBE_OUTPUTS])
{
    const rs_ball_args *a = args;
    out[0] = (rs_probe_output){"bits", a->out, RS_PROBE_U64, rs_bits_total(a->n), 0.0};
    return 1;
}

const rs_probe rs_ball__probe = {
    .args_size = sizeof(rs_ball_args),
    .variants = 4,
    .bytes_per_voxel = 0.5,
    .flops_per_voxel = 15,
    .make = make,
    .outputs = outputs,
};
