/* A dense layer: six rows by two groups of lanes stand in registers while the inputs pass; every value has its own
   chain of multiply-adds by rising input, so neither blocking nor the place in a block shows in the bits. */
#include "kernel.h"
#include "lanes.h"
#include "restage/kernels/dense.h"

enum { ROWS = 6, GROUPS = 2 };

/* The last block of rows may do some of them twice. */
typedef struct block {
    const float *x[ROWS];
    float *out[ROWS];
} block;

LANES_INLINE void set_block(const rs_dense_args *args, int32_t row, block *b)
{
    for (int32_t r = 0; r < ROWS; r++) {
        int32_t at = row + r < args->rows ? row + r : args->rows - 1;
        b->x[r] = args->x + at * args->x_stride;
        b->out[r] = args->out + (int64_t)at * args->outputs;
    }
}

LANES_INLINE void run_block(const rs_dense_args *args, const block *b, int32_t o, int rows, int groups)
{
    const lanes zero = {0};
    lanes sum[ROWS][GROUPS];
    for (int g = 0; g < groups; g++)
        for (int r = 0; r < rows; r++)
            sum[r][g] = args->bias ? lanes_load(args->bias + o + g * LANES) : zero;
    const float *w = args->weight + o;
    for (int32_t i = 0; i < args->inputs; i++, w += args->outputs)
        for (int g = 0; g < groups; g++) {
            lanes weight = lanes_load(w + g * LANES);
            for (int r = 0; r < rows; r++)
                sum[r][g] = lanes_fma(weight, lanes_all(b->x[r][i]), sum[r][g]);
        }
    for (int g = 0; g < groups; g++)
        for (int r = 0; r < rows; r++) {
            lanes v = sum[r][g];
            lanes_store(b->out[r] + o + g * LANES, args->relu ? (lanes)((v > zero) & (lanes_mask)v) : v);
        }
}

rs_status RS_TIERED(dense)(rs_context *ctx, const rs_dense_args *args)
{
    RS_CHECK(ctx, args->rows > 0 && args->inputs > 0 && args->outputs > 0 && args->outputs % RS_DENSE_LANES == 0);
    RS_CHECK(ctx, args->x && args->weight && args->out && (args->rows == 1 || args->x_stride >= args->inputs));
    const int32_t pairs = args->outputs / (GROUPS * LANES) * (GROUPS * LANES);
    for (int32_t row = 0; row < args->rows; row += ROWS) {
        block b;
        set_block(args, row, &b);
        for (int32_t o = 0; o < pairs; o += GROUPS * LANES) {
            if (args->rows == 1)
                run_block(args, &b, o, 1, GROUPS);
            else
                run_block(args, &b, o, ROWS, GROUPS);
        }
        if (pairs == args->outputs) continue;
        if (args->rows == 1)
            run_block(args, &b, pairs, 1, 1);
        else
            run_block(args, &b, pairs, ROWS, 1);
    }
    return RS_OK;
}
