/* Inputs for probes, and comparison of what comes out. No libm in the inputs: they are the same bytes everywhere. */
#include "probe.h"

uint64_t rs_probe_next(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

double rs_probe_unit(uint64_t *state)
{
    return (double)(rs_probe_next(state) >> 11) * 0x1p-53;
}

#define BLOBS 12

typedef struct blobs {
    double centre[BLOBS][3], radius[BLOBS];
} blobs;

static void draw_blobs(const rs_probe_case *c, uint64_t *state, blobs *out)
{
    for (int b = 0; b < BLOBS; b++) {
        for (int a = 0; a < 3; a++)
            out->centre[b][a] = rs_probe_unit(state) * c->n[a];
        out->radius[b] = 1.5 + 10.0 * rs_probe_unit(state);
    }
}

/* Largest of 1 - (distance / radius)^2 over the blobs: above 0 inside one. */
static double depth_in(const blobs *s, int32_t i, int32_t j, int32_t k)
{
    double best = -1e9;
    for (int b = 0; b < BLOBS; b++) {
        double x = i - s->centre[b][0], y = j - s->centre[b][1], z = k - s->centre[b][2];
        double d = 1.0 - (x * x + y * y + z * z) / (s->radius[b] * s->radius[b]);
        best = d > best ? d : best;
    }
    return best;
}

static size_t voxels_of(const rs_probe_case *c)
{
    return (size_t)c->n[0] * (size_t)c->n[1] * (size_t)c->n[2];
}

int16_t *rs_probe_int16(rs_arena *arena, const rs_probe_case *c)
{
    int16_t *out = RS_ARENA_RAW(arena, int16_t, voxels_of(c));
    if (out == NULL) return NULL;
    uint64_t state = c->seed;
    blobs s;
    draw_blobs(c, &state, &s);
    size_t at = 0;
    for (int32_t k = 0; k < c->n[2]; k++)
        for (int32_t j = 0; j < c->n[1]; j++)
            for (int32_t i = 0; i < c->n[0]; i++, at++) {
                uint64_t r = rs_probe_next(&state);
                if (c->extremes) {
                    out[at] = r % 3 == 0 ? INT16_MIN : r % 3 == 1 ? INT16_MAX : (int16_t)(uint16_t)(r >> 40);
                    continue;
                }
                double d = depth_in(&s, i, j, k), noise = (double)(r >> 40) * 0x1p-24 - 0.5;
                out[at] = (int16_t)((d > 0.0 ? 40.0 : d > -1.0 ? 40.0 + 890.0 * d : -850.0) + 120.0 * noise);
            }
    return out;
}

float *rs_probe_float(rs_arena *arena, const rs_probe_case *c)
{
    rs_arena_mark mark = rs_arena_where(arena);
    float *out = RS_ARENA_RAW(arena, float, voxels_of(c));
    int16_t *whole = rs_probe_int16(arena, c);
    if (out == NULL || whole == NULL) {
        rs_arena_rewind(arena, mark);
        return NULL;
    }
    uint64_t state = c->seed ^ 0x5555;
    for (size_t v = 0; v < voxels_of(c); v++)
        out[v] = (float)whole[v] + (float)rs_probe_unit(&state);
    return out;
}

uint8_t *rs_probe_mask(rs_arena *arena, const rs_probe_case *c)
{
    uint8_t *out = RS_ARENA_RAW(arena, uint8_t, voxels_of(c));
    if (out == NULL) return NULL;
    uint64_t state = c->seed;
    blobs s;
    draw_blobs(c, &state, &s);
    size_t at = 0;
    for (int32_t k = 0; k < c->n[2]; k++)
        for (int32_t j = 0; j < c->n[1]; j++)
            for (int32_t i = 0; i < c->n[0]; i++, at++) {
                uint64_t r = rs_probe_next(&state);
                bool in = depth_in(&s, i, j, k) > -0.3;
                bool speck = r % (c->extremes ? 2 : 40) == 0;
                out[at] = in != speck ? (uint8_t)(1 + (r >> 32) % 3) : 0;
            }
    return out;
}

static double value_at(const rs_probe_output *o, size_t v)
{
    switch (o->type) {
    case RS_PROBE_F32:
        return (double)((const float *)o->data)[v];
    case RS_PROBE_I16:
        return ((const int16_t *)o->data)[v];
    case RS_PROBE_U8:
        return ((const uint8_t *)o->data)[v];
    case RS_PROBE_I32:
        return ((const int32_t *)o->data)[v];
    case RS_PROBE_I64:
        return (double)((const int64_t *)o->data)[v];
    default:
        return 0.0;
    }
}

double rs_probe_difference(const rs_probe_output *a, const rs_probe_output *b)
{
    if (a->count != b->count || a->type != b->type) return (double)INFINITY;
    double worst = 0.0;
    for (size_t v = 0; v < a->count; v++) {
        if (a->type == RS_PROBE_U64) {
            if (((const uint64_t *)a->data)[v] != ((const uint64_t *)b->data)[v]) return (double)INFINITY;
            continue;
        }
        double x = value_at(a, v), y = value_at(b, v);
        if (x == y || (isnan(x) && isnan(y))) continue;
        double d = fabs(x - y);
        if (isnan(d)) return (double)INFINITY;
        worst = d > worst ? d : worst;
    }
    return worst;
}

size_t rs_probe_bytes(const rs_probe_output *output)
{
    static const size_t size[] = {
        [RS_PROBE_F32] = 4, [RS_PROBE_I16] = 2, [RS_PROBE_U8] = 1,
        [RS_PROBE_I32] = 4, [RS_PROBE_I64] = 8, [RS_PROBE_U64] = 8,
    };
    return output->count * size[output->type];
}
