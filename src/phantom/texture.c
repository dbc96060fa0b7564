/* Power-law noise as a sum of octaves of lattice noise. In three dimensions a spectrum f^-3 has the same variance in
   every octave (science F20: exponent 2.8 to 3.4). */
#include "texture.h"

#include <math.h>

#include "random.h"

enum { OCTAVES = 5, TILE = RS_PHANTOM_TILE };

/* Trilinear value of a lattice of n^3 nodes, repeating, at node coordinates. */
static double lattice(uint64_t key, int n, const double at[3])
{
    int base[3];
    double share[3], sum = 0.0;
    for (int c = 0; c < 3; c++) {
        base[c] = (int)at[c];
        share[c] = at[c] - base[c];
    }
    for (int corner = 0; corner < 8; corner++) {
        uint64_t index = 0;
        double weight = 1.0;
        for (int c = 2; c >= 0; c--) {
            int up = corner >> c & 1;
            index = index * (uint64_t)n + (uint64_t)((base[c] + up) % n);
            weight *= up != 0 ? share[c] : 1.0 - share[c];
        }
        if (weight == 0.0) continue;
        sum += weight * ((double)(rs_phantom_bits(key, index) >> 11) * 0x1p-53 - 0.5);
    }
    return sum;
}

rs_status rs_phantom_texture_make(rs_context *ctx, rs_arena *arena, uint64_t seed, double exponent, float **out)
{
    const size_t n = (size_t)TILE * TILE * TILE;
    float *cube = RS_ARENA_RAW(arena, float, n);
    if (cube == NULL) return rs_fail_memory(ctx, "the phantom's texture");
    double sum = 0.0, square = 0.0, gain[OCTAVES];
    for (int octave = 0; octave < OCTAVES; octave++) {
        /* Interpolation lowers the variance of all octaves but the first (8/27 of it is left on average). A spectrum
           f^-p gives an octave 2^(p - 3) times the variance of the finer one. */
        gain[octave] = (octave == 0 ? 0.6 : 1.5) * rs_phantom_exp(0.5 * M_LN2 * octave * (exponent - 3.0));
    }
    for (size_t v = 0; v < n; v++) {
        double value = 0.0;
        for (int octave = 0; octave < OCTAVES; octave++) {
            double step = (double)(1 << octave);
            double at[3] = {(double)(v % TILE) / step, (double)(v / TILE % TILE) / step,
                            (double)(v / TILE / TILE) / step};
            value += gain[octave] *
                     lattice(rs_phantom_key(seed, RS_PHANTOM_STREAM_TEXTURE, (uint64_t)octave), TILE >> octave, at);
        }
        cube[v] = (float)value;
        sum += value;
        square += value * value;
    }
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
