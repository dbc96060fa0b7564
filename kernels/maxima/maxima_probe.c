#include "probe.h"
#include "restage/kernels/maxima.h"

/* Whole numbers, so that there are ties. */
static float *responses(rs_arena *arena, const rs_probe_case *c, uint64_t salt)
{
    rs_probe_case other = *c;
    other.seed ^= salt;
    int16_t *v = rs_probe_int16(arena, &other);
    size_t n = (size_t)c->n[0] * (size_t)c->n[1] * (size_t)c->n[2];
    float *out = RS_ARENA_RAW(arena, float, n);
    if (v == NULL || out == NULL) return NULL;
    uint64_t state = c->seed + 7;
    for (size_t x = 0; x < n; x++)
        out[x] = c->extremes && rs_probe_next(&state) % 50 == 0 ? NAN : (float)(v[x] / (c->variant == 2 ? 30 : 1));
    return out;
}

static rs_status make(rs_context *ctx, rs_arena *arena, const rs_probe_case *c, void **args)
{
    rs_maxima_args *a = RS_ARENA_NEW(arena, rs_maxima_args, 1);
    size_t n = (size_t)c->n[0] * (size_t)c->n[1] * (size_t)c->n[2];
    if (a == NULL) return rs_fail_memory(ctx, "a probe");
    for (int x = 0; x < 3; x++) {
        a->n[x] = c->n[x];
        if (c->variant != 1) continue;
        a->begin[x] = c->n[x] > 4 ? 2 : 0;
        a->end[x] = c->n[x] > 4 ? c->n[x] - 1 : c->n[x];
    }
    a->response = responses(arena, c, 0);
    if (c->variant != 2) {
        a->below = responses(arena, c, 1);
        a->above = responses(arena, c, 2);
    }
    a->scales = c->variant == 1 ? RS_MAXIMA_CENTRE : RS_MAXIMA_NEIGHBOURS;
    if (c->variant != 2) a->mask = rs_probe_mask(arena, c);
    a->threshold = c->variant == 2 ? -1e9F : -820.0F;
    a->capacity = (int64_t)(n / 30 + 1);
    a->index = RS_ARENA_NEW(arena, int32_t, a->capacity);
    a->found = RS_ARENA_NEW(arena, int64_t, 1);
    if (a->response == NULL || a->index == NULL || a->found == NULL) return rs_fail_memory(ctx, "a probe");
    *args = a;
    return RS_OK;
}

static int outputs(const void *args, rs_probe_output out[RS_PROBE_OUTPUTS])
{
    const rs_maxima_args *a = args;
    int64_t listed = *a->found < a->capacity ? *a->found : a->capacity;
    out[0] = (rs_probe_output){"found", a->found, RS_PROBE_I64, 1, 0.0};
    out[1] = (rs_probe_output){"index", a->index, RS_PROBE_I32, (size_t)listed, 0.0};
    return 2;
}

const rs_probe rs_maxima__probe = {
    .args_size = sizeof(rs_maxima_args),
    .variants = 3,
    .bytes_per_voxel = 13,
    .flops_per_voxel = 5,
    .make = make,
    .outputs = outputs,
    .tile = {66, 34, 98},
};
