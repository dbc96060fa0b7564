/* A dense layer of a network over many rows (science C6A: rays of a candidate are its rows). */
#ifndef RESTAGE_KERNELS_DENSE_H
#define RESTAGE_KERNELS_DENSE_H

#include <stdbool.h>
#include <stdint.h>

#include "restage/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define RS_DENSE_LANES 8 /* outputs stand in whole groups of these */

/**
 * Kernel dense: out[r][o] = bias[o] + sum over i of x[r][i] * weight[i][o], each a chain of multiply-adds with one
 * rounding by rising i; with relu what is not above 0 becomes 0.
 *
 * rows      at least 1
 * inputs    at least 1
 * outputs   a multiple of RS_DENSE_LANES
 * x         row r begins at r * x_stride
 * weight    inputs rows of outputs values
 * bias      outputs values; NULL: 0
 * out       rows of outputs values, overlapping none of the others
 * threads   none: it is called on small matrices by many workers
 */
typedef struct rs_dense_args {
    int32_t rows, inputs, outputs;
    const float *x;
    int64_t x_stride;
    const float *weight, *bias;
    bool relu;
    float *out;
} rs_dense_args;

#ifdef __cplusplus
}
#endif
#endif
