#include "probe.h"
#include "restage/kernels/resample.h"

static rs_status make(rs_context *ctx, rs_arena *arena, const rs_probe_case *c, void **args)
{
    static const rs_resample_method method[] = {RS_RESAMPLE_CUBIC, RS_RESAMPLE_CUBIC, RS_RESAMPLE_LINEAR,
                                                RS_RESAMPLE_NEAREST};
    rs_resample_args *a = RS_ARENA_NEW(arena, rs_resample_args, 1);
    if (a == NULL) return rs_fail_memory(ctx, "a probe");
    a->method = method[c->variant];
    for (int x = 0; x < 3; x++) {
        a->n_in[x] = a->n_out[x] = c->n[x];
        a->step[x] = 1.0;
    }
    if (c->variant == 0) { /* along k alone, to half the spacing (science C5.1) */
        a->step[2] = 0.5;
        a->n_out[2] = 2 * c->n[2] - 1;
    } else {
        for (int x = 0; x < 3; x++) {
            a->step[x] = 0.85 + 0.2 * x;
            a->origin[x] = 0.3 - 0.5 * x;
            a->n_out[x] = 1 + (int32_t)((double)c->n[x] / a->step[x]);
        }
    }
    size_t n = (size_t)a->n_out[0] * (size_t)a->n_out[1] * (size_t)a->n_out[2];
    if (c->variant % 2 == 0)
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
    const rs_resample_args *a = args;
    size_t n = (size_t)a->n_out[0] * (size_t)a->n_out[1] * (size_t)a->n_out[2];
    /* Spline coefficients reach 27 times the values on noise at the ends of int16. */
    out[0] = (rs_probe_output){"resampled", a->out, RS_PROBE_F32, n, a->method == RS_RESAMPLE_CUBIC ? 0.3 : 0.02};
    return 1;
}

const rs_probe rs_resample__probe = {
    .args_size = sizeof(rs_resample_args),
    .variants = 4,
    .bytes_per_voxel = 10,
    .flops_per_voxel = 30,
    .make = make,
    .outputs = outputs,
};
