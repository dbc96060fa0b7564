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

/* Four neighbouring outputs at once: output q has its centre at src[radius + q]; src: 2 radius + 4 pointers. A source
   that was loaded serves all four, so there are 2 loads where four runs have 8; the sums are those of fir_run
   (performance T4). */
LANES_INLINE void fir_four(const float *const *src, const fir_taps *taps, int64_t n, float *const out[4])
{
    const int radius = taps->radius;
    int64_t x = 0;
    for (; x + LANES <= n; x += LANES) {
        lanes l0 = lanes_load(src[radius] + x), l1 = lanes_load(src[radius + 1] + x);
        lanes l2 = lanes_load(src[radius + 2] + x), l3 = lanes_load(src[radius + 3] + x);
        lanes r0 = l0, r1 = l1, r2 = l2, r3 = l3, w = lanes_all(taps->w[0]);
        lanes a = w * l0, b = w * l1, c = w * l2, d = w * l3;
        for (int r = 1; r <= radius; r++) {
            l3 = l2;
            l2 = l1;
            l1 = l0;
            l0 = lanes_load(src[radius - r] + x);
            r0 = r1;
            r1 = r2;
            r2 = r3;
            r3 = lanes_load(src[radius + r + 3] + x);
            w = lanes_all(taps->w[r]);
            a = lanes_fma(w, l0 + r0, a);
            b = lanes_fma(w, l1 + r1, b);
            c = lanes_fma(w, l2 + r2, c);
            d = lanes_fma(w, l3 + r3, d);
        }
        lanes_store(out[0] + x, a);
        lanes_store(out[1] + x, b);
        lanes_store(out[2] + x, c);
        lanes_store(out[3] + x, d);
    }
    for (int q = 0; q < 4 && x < n; q++) {
        for (int64_t y = x; y < n; y++) {
            float acc = taps->w[0] * src[radius + q][y];
            for (int r = 1; r <= radius; r++)
                acc = RS_FMA(taps->w[r], src[radius + q - r][y] + src[radius + q + r][y], acc);
            out[q][y] = acc;
        }
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
