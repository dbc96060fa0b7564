/* Values along rays, sample by sample, in double. */
#include <math.h>

#include "kernel.h"
#include "restage/kernels/fan.h"

static double cut(double value, float low, float high)
{
    return fmin(fmax(value, (double)low), (double)high);
}

static double in_plane(const rs_fan_args *args, int64_t at, double x, double y)
{
    double corner[2][2];
    for (int j = 0; j < 2; j++)
        for (int i = 0; i < 2; i++)
            corner[j][i] = cut(args->box[at + (int64_t)j * args->row + i], args->low, args->high);
    return (1 - y) * ((1 - x) * corner[0][0] + x * corner[0][1]) + y * ((1 - x) * corner[1][0] + x * corner[1][1]);
}

/* Unser 1999: the four pieces of the cubic B-spline. */
static double spline(const rs_fan_args *args, int64_t at, double x, double y, double z)
{
    const double u = 1 - z;
    const double weight[4] = {u * u * u / 6, 2.0 / 3 - z * z * (1 - z / 2), 2.0 / 3 - u * u * (1 - u / 2),
                              z * z * z / 6};
    double sum = 0;
    for (int n = 0; n < 4; n++)
        sum += weight[n] * in_plane(args, at + (int64_t)(n - 1) * args->slice, x, y);
    return sum;
}

rs_status rs_fan__ref(rs_context *ctx, const rs_fan_args *args)
{
    RS_CHECK(ctx, args->box && args->step && args->mm && args->out && args->rays > 0);
    for (int32_t r = 0; r < args->rays; r++)
        for (int t = 0; t < RS_FAN_STEPS; t++) {
            double part[3];
            int64_t whole[3];
            for (int a = 0; a < 3; a++) {
                const double place = (double)args->centre[a] + (double)args->mm[t] * (double)args->step[r][a];
                whole[a] = (int64_t)place;
                part[a] = place - (double)whole[a];
            }
            const int64_t at = whole[2] * args->slice + whole[1] * args->row + whole[0];
            double value;
            if (args->spline_k) {
                value = spline(args, at, part[0], part[1], part[2]);
            } else {
                const double below = in_plane(args, at, part[0], part[1]);
                value = below + part[2] * (in_plane(args, at + args->slice, part[0], part[1]) - below);
            }
            args->out[(int64_t)r * RS_FAN_STEPS + t] =
                (float)cut((double)args->slope * value + (double)args->offset, args->least, args->most);
        }
    return RS_OK;
}
