/* Symmetric taps over any axis: out[x] = w[0] c[x] + sum w[r] (src[R-r][x] + src[R+r][x]). Along i the sources are one
   line shifted by one, along j rows, along k slices. The order of the sum is the same for every element and in every
   tier, so neither blocking nor tiles show in the bits. Only *_opt.c includes this. */
#ifndef KERNELS_FIR_H
#define KERNELS_FIR_H

#include "lanes.h"
#include "restage/kernels/gauss.h"

typedef struct fir_taps {
    int radius;
    float w[RS_TAPS_MAX + 1];
} fir_taps;

LANES_INLINE void fir_set(fir_taps *taps, double variance_vox2)
{
    double w[RS_TAPS_MAX + 1];
    taps->radius = rs_gauss_taps(variance_vox2, w);
    for (int r = 0; r <= taps->radius; r++)
        taps->w[r] = (float)w[r];
}

/* Four groups of lanes in registers. */
LANES_INLINE void fir_block(const float *const *src, const fir_taps *taps, int64_t x, float *restrict out)
{
    const int radius = taps->radius;
    const float *c = src[radius] + x;
    lanes w = lanes_all(taps->w[0]);
    lanes a = w * lanes_load(c), b = w * lanes_load(c + 8), d = w * lanes_load(c + 16), e = w * lanes_load(c + 24);
    for (int r = 1; r <= radius; r++) {
        const float *p = src[radius - r] + x, *q = src[radius + r] + x;
        w = lanes_all(taps->w[r]);
        a = lanes_fma(w, lanes_load(p) + lanes_load(q), a);
        b = lanes_fma(w, lanes_load(p + 8) + lanes_load(q + 8), b);
        d = lanes_fma(w, lanes_load(p + 16) + lanes_load(q + 16), d);
        e = lanes_fma(w, lanes_load(p + 24) + lanes_load(q + 24), e);
    }
    lanes_store(out + x, a);
    lanes_store(out + x + 8, b);
    lanes_store(out + x + 16, d);
    lanes_store(out + x + 24, e);
}

/* n elements, exactly. src: 2 radius + 1 pointers. */
LANES_INLINE void fir_run(const float *const *src, const fir_taps *taps, int64_t n, float *restrict out)
{
    const int radius = taps->radius;
    int64_t x = 0;
    for (; x + 4 * LANES <= n; x += 4 * LANES)
        fir_block(src, taps, x, out);
    for (; x + LANES <= n; x += LANES) {
        lanes acc = lanes_all(taps->w[0]) * lanes_load(src[radius] + x);
        for (int r = 1; r <= radius; r++)
            acc = lanes_fma(lanes_all(taps->w[r]), lanes_load(src[radius - r] + x) + lanes_load(src[radius + r] + x),
                            acc);
        lanes_store(out + x, acc);
    }
    for (; x < n; x++) {
        float acc = taps->w[0] * src[radius][x];
        for (int r = 1; r <= radius; r++)
            acc = RS_FMA(taps->w[r], src[radius - r][x] + src[radius + r][x], acc);
        out[x] = acc;
    }
}

/* Along a line: n elements from line[radius …]. */
LANES_INLINE void fir_line(const float *line, const fir_taps *taps, int64_t n, float *restrict out)
{
    const float *src[2 * RS_TAPS_MAX + 1];
    for (int r = 0; r <= 2 * taps->radius; r++)
        src[r] = line + r;
    fir_run(src, taps, n, out);
}

#endif
