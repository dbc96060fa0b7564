/* Morphology with a ball in mm on bit masks (performance 3.6).

   A bit mask: row (j, k) is rs_bits_words(n[0]) words of 64 bits from word (k * n[1] + j) * rs_bits_words(n[0]) on;
   column i is bit i % 64 of word i / 64. Bits beyond the last column are 0. */
#ifndef RESTAGE_KERNELS_BALL_H
#define RESTAGE_KERNELS_BALL_H

#include <stddef.h>
#include <stdint.h>

#include "restage/context.h"
#include "restage/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum rs_ball_operation {
    RS_BALL_DILATE = 0,
    RS_BALL_ERODE,
    RS_BALL_CLOSE, /* dilate, then erode */
    RS_BALL_OPEN   /* erode, then dilate */
} rs_ball_operation;

/**
 * Kernel ball: the structuring element is every offset with (di sx)^2 + (dj sy)^2 + (dk sz)^2 <= radius^2.
 *
 * Beyond the volume lies background for a dilation and foreground for an erosion (ITK's closing with SafeBorder off).
 *
 * n          columns, rows, slices
 * radius_mm  >= 0, at most 255 voxels along each axis; 0 copies
 * in, out    bit masks, not overlapping; closing and opening take one more mask from the caller's scratch
 * threads    spread over the workers by slices
 */
typedef struct rs_ball_args {
    int32_t n[3];
    double spacing_mm[3];
    double radius_mm;
    rs_ball_operation operation;
    const uint64_t *in;
    uint64_t *out;
} rs_ball_args;

/** Words of a row of n columns. */
static inline int32_t rs_bits_words(int32_t columns)
{
    return (int32_t)(((int64_t)columns + 63) / 64);
}

/** Words of a mask. */
static inline size_t rs_bits_total(const int32_t n[3])
{
    return (size_t)rs_bits_words(n[0]) * (size_t)n[1] * (size_t)n[2];
}

/** Bit of a voxel. */
static inline int rs_bits_get(const uint64_t *bits, const int32_t n[3], int32_t i, int32_t j, int32_t k)
{
    size_t row = ((size_t)k * (size_t)n[1] + (size_t)j) * (size_t)rs_bits_words(n[0]);
    return (int)(bits[row + (size_t)(i / 64)] >> (i % 64) & 1U);
}

/**
 * Bytes to bits, on all workers.
 *
 * in_mask  256 bytes: labels with a byte other than 0 give 1; NULL: every label but 0
 */
RS_API RS_MUST_USE rs_status rs_bits_pack(rs_context *ctx, const int32_t n[3], const uint8_t *labels,
                                          const uint8_t *in_mask, uint64_t *bits);

/** int16 voxels to bits on all workers: 1 where low <= voxel <= high. */
RS_API RS_MUST_USE rs_status rs_bits_threshold(rs_context *ctx, const int32_t n[3], const int16_t *voxels, int16_t low,
                                               int16_t high, uint64_t *bits);

/** Bits to bytes on all workers: `label` where the bit is 1; other bytes become 0, or are left where keep is not 0. */
RS_API RS_MUST_USE rs_status rs_bits_unpack(rs_context *ctx, const int32_t n[3], const uint64_t *bits, uint8_t label,
                                            int keep, uint8_t *labels);

/** Number of bits that are 1. */
RS_API int64_t rs_bits_count(const int32_t n[3], const uint64_t *bits);

#ifdef __cplusplus
}
#endif
#endif
