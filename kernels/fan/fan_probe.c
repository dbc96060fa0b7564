#include "probe.h"
#include "restage/kernels/fan.h"

enum { LEAST = 8 }; /* voxels along an axis, so that rays have room */

/* Rays from the middle of the box, that end two voxels before its faces. */
static rs_status make(rs_context *ctx, rs_arena *arena, const rs_probe_case *c, void **args)
{
    rs_probe_case box = *c;
    rs_fan_args *a = RS_ARENA_NEW(arena, rs_fan_args, 1);
    if (a == NULL) return rs_fail_memory(ctx, "a probe");
    a->rays = 1 + c->n[1];
    float *step = RS_ARENA_RAW(arena, float, 3 * a->rays), *mm = RS_ARENA_RAW(arena, float, RS_FAN_STEPS);
    a->out = RS_ARENA_NEW(arena, float, a->rays *RS_FAN_STEPS);
    for (int x = 0; x < 3; x++)
        box.n[x] = c->n[x] < LEAST ? LEAST : c->n[x];
    int16_t *voxels = rs_probe_int16(arena, &box);
    if (step == NULL || mm == NULL || a->out == NULL || voxels == NULL) return rs_fail_memory(ctx, "a probe");
    uint64_t state = c->seed ^ 0x7A75;
    for (int t = 0; t < RS_FAN_STEPS; t++)
        mm[t] = (float)(t * (t + 4)) / 16;
    for (int x = 0; x < 3; x++) {
        const double middle = 0.5 * (box.n[x] - 1) + 0.25 * rs_probe_unit(&state), reach = 0.5 * box.n[x] - 2.5;
        a->centre[x] = (float)middle;
        for (int32_t r = 0; r < a->rays; r++)
            step[3 * r + x] = (float)((2 * rs_probe_unit(&state) - 1) * reach / (double)mm[RS_FAN_STEPS - 1]);
    }
    a->box = voxels;
    a->row = box.n[0];
    a->slice = box.n[0] * box.n[1];
    a->step = (const float(*)[3])(const void *)step;
    a->mm = mm;
    a->spline_k = c->variant == 1;
    a->low = c->variant == 1 ? INT16_MIN : -1000;
    a->high = c->variant == 1 ? INT16_MAX : 200;
    a->slope = c->variant == 2 ? -0.5F : 1;
    a->offset = c->variant == 2 ? 100.25F : 0;
    a->least = c->variant == 0 ? -900 : -40000;
    a->most = c->variant == 0 ? 150 : 40000;
    *args = a;
    return RS_OK;
}

static int outputs(const void *args, rs_probe_output out[RS_PROBE_OUTPUTS])
{
    const rs_fan_args *a = args;
    /* The product and the sum of a place are rounded on each axis, and a value moves by the range a voxel; then a few
       roundings of the range. */
    const double place = (double)(a->centre[0] + a->centre[1] + a->centre[2]) * 0x1p-21 + 0x1p-20;
    const double tolerance = fabs((double)a->slope) * (double)(a->high - a->low) * place;
    out[0] = (rs_probe_output){"values", a->out, RS_PROBE_F32, (size_t)a->rays * RS_FAN_STEPS, tolerance};
    return 1;
}

const rs_probe rs_fan__probe = {
    .args_size = sizeof(rs_fan_args),
    .variants = 3,
    .bytes_per_voxel = 2,
    .flops_per_voxel = 1,
    .make = make,
    .outputs = outputs,
    .tile = {42, 42, 42},
};
