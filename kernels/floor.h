/* The loops that measure what a machine can do at best; compiled once a tier as kernels are, but no kernels. */
#ifndef KERNELS_FLOOR_H
#define KERNELS_FLOOR_H

#include <stddef.h>
#include <stdint.h>

/* Float operations of one round of rs_floor_fma. */
#define RS_FLOOR_FLOPS 192

#define RS_FLOOR_PROTOTYPES(tier)                                                                                      \
    float rs_floor_fma__##tier(int64_t rounds, float factor, float addend);                                            \
    void rs_floor_copy__##tier(const float *in, float *out, size_t count);
RS_FLOOR_PROTOTYPES(portable)
RS_FLOOR_PROTOTYPES(avx2)
RS_FLOOR_PROTOTYPES(neon)
#undef RS_FLOOR_PROTOTYPES

#endif
