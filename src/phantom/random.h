/* Random numbers by counter, and the few functions of analysis that a phantom needs. A value depends on seed, stream
   and index alone, never on the order of drawing or on the thread; nothing here calls libm but sqrt, floor, ldexp,
   frexp (contract 3: exp, log and pow differ in the last bit between CPUs). */
#ifndef PHANTOM_RANDOM_H
#define PHANTOM_RANDOM_H

#include <stdint.h>

/* Streams of one seed: each part of a phantom draws from its own, so that a change in one leaves the others alone. */
enum {
    RS_PHANTOM_STREAM_BODY = 1,
    RS_PHANTOM_STREAM_SCAN,
    RS_PHANTOM_STREAM_AIRWAY,
    RS_PHANTOM_STREAM_VEIN,
    RS_PHANTOM_STREAM_LESION,
    RS_PHANTOM_STREAM_TEXTURE,
    RS_PHANTOM_STREAM_NOISE,
    RS_PHANTOM_STREAM_UID,
    RS_PHANTOM_STREAM_HAS,  /* which modes a patient has */
    RS_PHANTOM_STREAM_MODE, /* sub: the mode */
    RS_PHANTOM_STREAM_TIME  /* what time point 1 changes */
};

typedef struct rs_phantom_random {
    uint64_t key, count;
} rs_phantom_random;

/* The finaliser of splitmix64 (Steele, Lea, Flood 2014): a bijection of 64 bits without visible structure. */
static inline uint64_t rs_phantom_mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/** Key of a stream; sub tells apart its parts (a tree, a lesion, a slice). */
static inline uint64_t rs_phantom_key(uint64_t seed, uint64_t stream, uint64_t sub)
{
    uint64_t key = rs_phantom_mix(seed + UINT64_C(0x9e3779b97f4a7c15));
    key = rs_phantom_mix(key + stream * UINT64_C(0xd1342543de82ef95) + 1);
    return rs_phantom_mix(key + sub * UINT64_C(0xaf251af3b0f025b5) + 2);
}

/** 64 random bits of a key and an index. */
static inline uint64_t rs_phantom_bits(uint64_t key, uint64_t index)
{
    return rs_phantom_mix(key + index * UINT64_C(0x9e3779b97f4a7c15));
}

/** A source that draws one number after the other. */
rs_phantom_random rs_phantom_random_of(uint64_t seed, uint64_t stream, uint64_t sub);

/** Uniform in [low, high). */
double rs_phantom_uniform(rs_phantom_random *random, double low, double high);

/** Mean 0, SD 1, bounded by 6 (sum of twelve uniforms). */
double rs_phantom_normal(rs_phantom_random *random);

/** Uniform on the unit sphere. */
void rs_phantom_direction(rs_phantom_random *random, double out[3]);

double rs_phantom_exp(double x);
double rs_phantom_log(double x);               /* x > 0 */
double rs_phantom_pow(double x, double power); /* x > 0 */

/** The integral of the normal density of that SD from a to b. */
double rs_phantom_normal_share(double sigma, double a, double b);

#endif
