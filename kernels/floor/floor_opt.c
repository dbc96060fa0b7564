/* Multiply-adds that never leave the registers, and a copy that never reads what it writes. */
#include "floor.h"
#include "lanes.h"

enum { CHAINS = 12 }; /* two multiply-adds a cycle, four cycles each; 16 registers */

float RS_TIERED(floor_fma)(int64_t rounds, float factor, float addend)
{
    lanes sum[CHAINS];
    const lanes f = lanes_all(factor), a = lanes_all(addend);
    for (int c = 0; c < CHAINS; c++)
        sum[c] = lanes_all((float)c);
    for (int64_t r = 0; r < rounds; r++)
        for (int c = 0; c < CHAINS; c++)
#if defined(__FMA__)
            sum[c] = lanes_fma(sum[c], f, a);
#else
            sum[c] = sum[c] * f + a; /* a call of fmaf is no floor */
#endif
    lanes all = sum[0];
    for (int c = 1; c < CHAINS; c++)
        all += sum[c];
    return all[0] + all[LANES - 1];
}

void RS_TIERED(floor_copy)(const float *in, float *out, size_t count)
{
    for (size_t at = 0; at + 2 * LANES <= count; at += 2 * LANES) {
        lanes_stream(out + at, lanes_load(in + at));
        lanes_stream(out + at + LANES, lanes_load(in + at + LANES));
    }
    lanes_streamed();
}
