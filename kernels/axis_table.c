#include "axis_table.h"

#include <math.h>
#include <string.h>

int rs_axis_taps(rs_resample_method method)
{
    return method == RS_RESAMPLE_NEAREST ? 1 : method == RS_RESAMPLE_LINEAR ? 2 : 4;
}

int64_t rs_axis_mirror(int64_t p, int64_t n)
{
    if (n == 1) return 0;
    const int64_t period = 2 * (n - 1);
    p %= period;
    if (p < 0) p += period;
    return p < n ? p : period - p;
}

int rs_axis_is_copied(const rs_resample_args *args, int axis)
{
    return args->n_in[axis] == args->n_out[axis] && args->origin[axis] == 0.0 &&
           (args->step[axis] == 0.0 || args->step[axis] == 1.0);
}

void rs_axis_entry(rs_resample_method method, int32_t n_in, double position, axis_entry *out, double out_weight[4])
{
    double w[4] = {1.0, 0.0, 0.0, 0.0};
    double whole = floor(method == RS_RESAMPLE_NEAREST ? position + 0.5 : position), t = position - whole, u = 1.0 - t;
    int64_t first = (int64_t)whole;
    if (method == RS_RESAMPLE_LINEAR) {
        w[0] = u;
        w[1] = t;
    } else if (method == RS_RESAMPLE_CUBIC) {
        /* Cubic B-spline at distances 1 + t, t, 1 - t, 2 - t. */
        first -= 1;
        w[0] = u * u * u / 6.0;
        w[1] = (4.0 - 6.0 * t * t + 3.0 * t * t * t) / 6.0;
        w[2] = (4.0 - 6.0 * u * u + 3.0 * u * u * u) / 6.0;
        w[3] = t * t * t / 6.0;
    }
    for (int x = 0; x < 4; x++) {
        out->index[x] = (int32_t)rs_axis_mirror(first + x, n_in);
        out->weight[x] = (float)w[x];
    }
    if (out_weight != NULL) memcpy(out_weight, w, sizeof w);
}
