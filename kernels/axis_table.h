/* Where the outputs of one axis take their input from: indices and weights, made once a call. Used by kernel resample.
 */
#ifndef KERNELS_AXIS_TABLE_H
#define KERNELS_AXIS_TABLE_H

#include <stdint.h>

#include "restage/kernels/resample.h"

/* Entry o of an axis: output = sum of weight[t] * input[index[t]], t < taps; indices already mirrored into the input.
 */
typedef struct axis_entry {
    int32_t index[4];
    float weight[4];
} axis_entry;

/** Taps of a method: 1, 2 or 4. */
int rs_axis_taps(rs_resample_method method);

/** Index mirrored into 0 … n - 1 without repeating the edge (c b a b c). */
int64_t rs_axis_mirror(int64_t p, int64_t n);

/** Entries of one axis; weights in double inside, for ref: out_weight may be NULL. */
void rs_axis_entry(rs_resample_method method, int32_t n_in, double position, axis_entry *out, double out_weight[4]);

/** True where an axis is copied. */
int rs_axis_is_copied(const rs_resample_args *args, int axis);

#endif
