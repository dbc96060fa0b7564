/* What the files of a kernel share: names by tier, multiply-add, prototypes of every version of every row. */
#ifndef KERNELS_KERNEL_H
#define KERNELS_KERNEL_H

#include "restage/arena.h"
#include "restage/context.h"
#include "restage/kernels.h"
#include "restage/parallel.h"
#include "restage/status.h"

/* One rounding, in the same places on every tier (performance 5.7); contraction by the compiler is off. */
#define RS_FMA(a, b, c) __builtin_fmaf((a), (b), (c))

/* RS_TIERED(gauss) is rs_gauss__avx2 in a file that is compiled for tier avx2. */
#define RS_NAME_OF_TIER_(name, tier) rs_##name##__##tier
#define RS_NAME_OF_TIER(name, tier) RS_NAME_OF_TIER_(name, tier)
#define RS_TIERED(name) RS_NAME_OF_TIER(name, RS_TIER)

#define RS_KERNEL_PROTOTYPES(name, about)                                                                              \
    rs_status rs_##name##__ref(rs_context *ctx, const struct rs_##name##_args *args);                                  \
    rs_status rs_##name##__portable(rs_context *ctx, const struct rs_##name##_args *args);                             \
    rs_status rs_##name##__avx2(rs_context *ctx, const struct rs_##name##_args *args);                                 \
    rs_status rs_##name##__neon(rs_context *ctx, const struct rs_##name##_args *args);
RS_KERNEL_TABLE(RS_KERNEL_PROTOTYPES)
#undef RS_KERNEL_PROTOTYPES

/* A box that a kernel accepts: no axis empty, indices fit int32. */
static inline bool rs_box_is_sane(const int32_t n[3])
{
    return n[0] > 0 && n[1] > 0 && n[2] > 0 && (int64_t)n[0] * n[1] <= INT32_MAX &&
           (int64_t)n[0] * n[1] * n[2] <= INT32_MAX;
}

#endif
