/* Eight floats at once from plain C: gcc's vector type, which every tier lowers to what it has. Only the multiply-add
   needs help: as a loop of fmaf gcc 12 leaves the accumulators in memory. Only *_opt.c includes this. */
#ifndef KERNELS_LANES_H
#define KERNELS_LANES_H

#include <stdint.h>
#include <string.h>

#if defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>
#endif

#include "kernel.h"

#pragma GCC diagnostic ignored "-Wpsabi"

#define LANES 8
#define LANES_INLINE static inline __attribute__((always_inline, unused))

typedef float lanes __attribute__((vector_size(32)));
typedef float lanes_in_memory __attribute__((vector_size(32), aligned(4), may_alias));

LANES_INLINE lanes lanes_load(const float *p)
{
    return *(const lanes_in_memory *)p;
}

LANES_INLINE void lanes_store(float *p, lanes v)
{
    *(lanes_in_memory *)p = v;
}

/* A store that does not read its cache line first; p on 32 bytes. lanes_streamed ends a run of them. */
LANES_INLINE void lanes_stream(float *p, lanes v)
{
#if defined(__AVX__)
    _mm256_stream_ps(p, (__m256)v);
#else
    *(lanes_in_memory *)p = v;
#endif
}

LANES_INLINE void lanes_streamed(void)
{
#if defined(__AVX__)
    _mm_sfence();
#endif
}

LANES_INLINE lanes lanes_all(float x)
{
    return (lanes){x, x, x, x, x, x, x, x};
}

LANES_INLINE lanes lanes_fma(lanes a, lanes b, lanes c)
{
#if defined(__AVX2__) && defined(__FMA__)
    return (lanes)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#else
    lanes out = c;
    for (int l = 0; l < LANES; l++)
        out[l] = RS_FMA(a[l], b[l], c[l]);
    return out;
#endif
}

typedef int32_t lanes_mask __attribute__((vector_size(32)));

/* True where any lane of a comparison is true. */
LANES_INLINE int lanes_any(lanes_mask m)
{
#if defined(__AVX2__)
    return !_mm256_testz_si256((__m256i)m, (__m256i)m);
#else
    int32_t any = 0;
    for (int l = 0; l < LANES; l++)
        any |= m[l];
    return any != 0;
#endif
}

/* The smaller, the second where they are equal or not ordered, as x86 does. */
LANES_INLINE lanes lanes_min(lanes a, lanes b)
{
#if defined(__AVX2__)
    return (lanes)_mm256_min_ps((__m256)a, (__m256)b);
#else
    lanes_mask m = a < b;
    return (lanes)((m & (lanes_mask)a) | (~m & (lanes_mask)b));
#endif
}

/* The larger, the second where they are equal or not ordered. */
LANES_INLINE lanes lanes_max(lanes a, lanes b)
{
#if defined(__AVX2__)
    return (lanes)_mm256_max_ps((__m256)a, (__m256)b);
#else
    lanes_mask m = a > b;
    return (lanes)((m & (lanes_mask)a) | (~m & (lanes_mask)b));
#endif
}

/* Whole parts, towards 0, and whole numbers as floats. */
LANES_INLINE lanes_mask lanes_whole(lanes v)
{
    return __builtin_convertvector(v, lanes_mask);
}

LANES_INLINE lanes lanes_of_whole(lanes_mask v)
{
    return __builtin_convertvector(v, lanes);
}

/* first[at] and first[at + 1] of every lane: one word of 32 bits holds both, the first in its lower half. */
LANES_INLINE void lanes_pairs(const int16_t *first, lanes_mask at, lanes *one, lanes *next)
{
#if defined(__AVX2__)
    const lanes_mask words = (lanes_mask)_mm256_i32gather_epi32((const int *)(const void *)first, (__m256i)at, 2);
#else
    lanes_mask words;
    for (int l = 0; l < LANES; l++) {
        int32_t word;
        memcpy(&word, first + at[l], sizeof word);
        words[l] = word;
    }
#endif
    *one = lanes_of_whole(words << 16 >> 16);
    *next = lanes_of_whole(words >> 16);
}

/* n rounded up to whole lanes. */
LANES_INLINE int32_t lanes_padded(int32_t n)
{
    return (n + LANES - 1) / LANES * LANES;
}

#endif
