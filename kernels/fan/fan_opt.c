/* Values along rays, eight samples at once. Two neighbours along i are one word of 32 bits, so that a cell takes four
   gathered words. No multiply-add is fused: the values are those of plain float arithmetic. */
#include "kernel.h"
#include "lanes.h"
#include "restage/kernels/fan.h"

/* Eight samples: the first voxels of their cells, and where in them they lie. */
typedef struct samples {
    lanes_mask corner;
    lanes x, y, z;
} samples;

LANES_INLINE lanes cut(lanes value, lanes low, lanes high)
{
    return lanes_min(high, lanes_max(low, value));
}

LANES_INLINE samples place(const rs_fan_args *args, const float step[3], lanes mm)
{
    const lanes x = args->centre[0] + mm * step[0], y = args->centre[1] + mm * step[1],
                z = args->centre[2] + mm * step[2];
    const lanes_mask i = lanes_whole(x), j = lanes_whole(y), k = lanes_whole(z);
    return (samples){.corner = k * args->slice + j * args->row + i,
                     .x = x - lanes_of_whole(i),
                     .y = y - lanes_of_whole(j),
                     .z = z - lanes_of_whole(k)};
}

LANES_INLINE lanes in_plane(const rs_fan_args *args, const int16_t *slice, const samples *at)
{
    const lanes low = lanes_all(args->low), high = lanes_all(args->high);
    lanes left, right, left_down, right_down;
    lanes_pairs(slice, at->corner, &left, &right);
    lanes_pairs(slice + args->row, at->corner, &left_down, &right_down);
    left = cut(left, low, high);
    right = cut(right, low, high);
    left_down = cut(left_down, low, high);
    right_down = cut(right_down, low, high);
    const lanes top = left + at->x * (right - left), bottom = left_down + at->x * (right_down - left_down);
    return top + at->y * (bottom - top);
}

LANES_INLINE lanes linear(const rs_fan_args *args, const samples *at)
{
    const lanes near = in_plane(args, args->box, at), far = in_plane(args, args->box + args->slice, at);
    return near + at->z * (far - near);
}

LANES_INLINE lanes spline(const rs_fan_args *args, const samples *at)
{
    lanes plane[4];
    for (int n = 0; n < 4; n++)
        plane[n] = in_plane(args, args->box + (n - 1) * (int64_t)args->slice, at);
    const lanes z = at->z, u = 1 - z;
    return u * u * u / 6 * plane[0] + (2.0F / 3 - z * z * (1 - 0.5F * z)) * plane[1] +
           (2.0F / 3 - u * u * (1 - 0.5F * u)) * plane[2] + z * z * z / 6 * plane[3];
}

rs_status RS_TIERED(fan)(rs_context *ctx, const rs_fan_args *args)
{
    RS_CHECK(ctx, args->box && args->step && args->mm && args->out && args->rays > 0);
    const lanes least = lanes_all(args->least), most = lanes_all(args->most);
    float *out = args->out;
    for (int32_t r = 0; r < args->rays; r++)
        for (int t = 0; t < RS_FAN_STEPS; t += LANES, out += LANES) {
            const samples at = place(args, args->step[r], lanes_load(args->mm + t));
            const lanes value = args->spline_k ? spline(args, &at) : linear(args, &at);
            lanes_store(out, cut(args->slope * value + args->offset, least, most));
        }
    return RS_OK;
}
