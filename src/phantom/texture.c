/* Power-law noise as a sum of octaves of lattice noise. In three dimensions a spectrum f^-3 has the same variance in
   every octave (science F20: exponent 2.8 to 3.4). */
#include "texture.h"

#include <math.h>

#include "random.h"

enum { OCTAVES = 5, TILE = RS_PHANTOM_TILE };

static double node(uint64_t key, size_t index)
{
    return (double)(rs_phantom_bits(key, index) >> 11) * 0x1p-53 - 0.5;
}

/* Trilinear value of a lattice of n^3 nodes, repeating, at node coordinates. */
static double lattice(const double *nodes, int n, const double at[3])
{
    int base[3];
    double share[3], sum = 0.0;
    for (int c = 0; c < 3; c++) {
        base[c] = (int)at[c];
        share[c] = at[c] - base[c];
    }
    for (int corner = 0; corner < 8; corner++) {
        size_t index = 0;
        double weight = 1.0;
        for (int c = 2; c >= 0; c--) {
            int up = corner >> c & 1, there = base[c] + up;
            index = index * (size_t)n + (size_t)(there < n ? there : 0);
            weight *= up != 0 ? share[c] : 1.0 - share[c];
        }
        if (weight == 0.0) continue;
        sum += weight * nodes[index];
    }
    return sum;
}

rs_status rs_phantom_texture_make(rs_context *ctx, rs_arena *arena, uint64_t seed, double exponent, float **out)
{
    const size_t n = (size_t)TILE * TILE * TILE;
    float *cube = RS_ARENA_RAW(arena, float, n);
    if (cube == NULL) return rs_fail_memory(ctx, "the phantom's texture");
    double sum = 0.0, square = 0.0, gain[OCTAVES], *nodes[OCTAVES] = {NULL};
    rs_arena *scratch = rs_scratch(ctx);
    if (scratch == NULL) return rs_fail_memory(ctx, "the phantom's texture");
    const rs_arena_mark mark = rs_arena_where(scratch);
    const uint64_t finest = rs_phantom_key(seed, RS_PHANTOM_STREAM_TEXTURE, 0);
    for (int octave = 0; octave < OCTAVES; octave++) {
        /* Interpolation lowers the variance of all octaves but the first (8/27 of it is left on average). A spectrum
           f^-p gives an octave 2^(p - 3) times the variance of the finer one. */
        gain[octave] = (octave == 0 ? 0.6 : 1.5) * rs_phantom_exp(0.5 * M_LN2 * octave * (exponent - 3.0));
        if (octave == 0) continue; /* its nodes are the cube's, each wanted once */
        const size_t side = TILE >> octave;
        const uint64_t key = rs_phantom_key(seed, RS_PHANTOM_STREAM_TEXTURE, (uint64_t)octave);
        nodes[octave] = RS_ARENA_RAW(scratch, double, side *side *side);
        if (nodes[octave] == NULL) {
            rs_arena_rewind(scratch, mark);
            return rs_fail_memory(ctx, "the phantom's texture");
        }
        for (size_t index = 0; index < side * side * side; index++)
            nodes[octave][index] = node(key, index);
    }
    for (size_t v = 0; v < n; v++) {
        double value = gain[0] * node(finest, v);
        for (int octave = 1; octave < OCTAVES; octave++) {
            double step = (double)(1 << octave);
            double at[3] = {(double)(v % TILE) / step, (double)(v / TILE % TILE) / step,
                            (double)(v / TILE / TILE) / step};
            value += gain[octave] * lattice(nodes[octave], TILE >> octave, at);
        }
        cube[v] = (float)value;
        sum += value;
        square += value * value;
    }
    rs_arena_rewind(scratch, mark);
    double mean = sum / (double)n, sd = sqrt(square / (double)n - mean * mean);
    for (size_t v = 0; v < n; v++)
        cube[v] = (float)(((double)cube[v] - mean) / sd);
    *out = cube;
    return RS_OK;
}

rs_status rs_phantom_texture_new(rs_context *ctx, rs_arena *arena, uint64_t seed, const float **out)
{
    float *cube = NULL;
    RS_TRY(rs_phantom_texture_make(ctx, arena, seed, 3.0, &cube));
    *out = cube;
    return RS_OK;
}

void rs_phantom_texture_section(const float *cube, double z, float *out)
{
    double at = z / RS_PHANTOM_TILE_MM + 64.0 * TILE;
    int base = (int)at;
    float share = (float)(at - base);
    const float *low = cube + (size_t)(base % TILE) * TILE * TILE,
                *high = cube + (size_t)((base + 1) % TILE) * TILE * TILE;
    for (int n = 0; n < TILE * TILE; n++)
        out[n] = low[n] + share * (high[n] - low[n]);
}

float rs_phantom_texture_at(const rs_phantom_plane *plane, double x, double y)
{
    float u = (float)(x / RS_PHANTOM_TILE_MM + 64.0 * TILE), v = (float)(y / RS_PHANTOM_TILE_MM + 64.0 * TILE);
    int i = (int)u, j = (int)v;
    float du = u - (float)i, dv = v - (float)j;
    int i0 = i % TILE, i1 = (i + 1) % TILE;
    const float *low = plane->texture + (size_t)(j % TILE) * TILE,
                *high = plane->texture + (size_t)((j + 1) % TILE) * TILE;
    float a = low[i0] + du * (low[i1] - low[i0]), b = high[i0] + du * (high[i1] - high[i0]);
    return a + dv * (b - a);
}
