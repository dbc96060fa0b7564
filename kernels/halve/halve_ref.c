/* Blur and halve: the sum over 5 x 5 x 5 voxels for every output voxel. */
#include "kernel.h"
#include "restage/kernels/halve.h"

static int64_t value_at(const rs_halve_args *args, const int64_t p[3])
{
    int64_t q[3];
    for (int a = 0; a < 3; a++)
        q[a] = p[a] < 0 ? 0 : p[a] >= args->n[a] ? args->n[a] - 1 : p[a];
    int64_t v = args->in[(q[2] * args->n[1] + q[1]) * args->n[0] + q[0]];
    if (args->low == 0 && args->high == 0) return v;
    return v < args->low ? args->low : v > args->high ? args->high : v;
}

static int16_t blurred_at(const rs_halve_args *args, const int64_t o[3])
{
    static const int64_t binomial[5] = {1, 4, 6, 4, 1}, none[5] = {0, 0, 1, 0, 0};
    int64_t sum = 0, weight = 0;
    for (int z = 0; z < 5; z++)
        for (int y = 0; y < 5; y++)
            for (int x = 0; x < 5; x++) {
                const int d[3] = {x, y, z};
                int64_t w = 1, p[3];
                for (int a = 0; a < 3; a++) {
                    w *= (args->axes[a] != 0 ? binomial : none)[d[a]];
                    p[a] = (args->axes[a] != 0 ? 2 * o[a] : o[a]) + d[a] - 2;
                }
                weight += w;
                if (w != 0) sum += w * value_at(args, p);
            }
    int64_t twice = 2 * sum + weight; /* floor(sum / weight + 1/2) */
    int64_t q = twice / (2 * weight);
    return (int16_t)(q * 2 * weight > twice ? q - 1 : q);
}

rs_status rs_halve__ref(rs_context *ctx, const rs_halve_args *args)
{
    RS_CHECK(ctx, rs_box_is_sane(args->n) && args->in != NULL && args->out != NULL && args->low <= args->high);
    int32_t n[3];
    rs_halve_size(args->n, args->axes, n);
    for (int64_t k = 0; k < n[2]; k++)
        for (int64_t j = 0; j < n[1]; j++)
            for (int64_t i = 0; i < n[0]; i++)
                args->out[(k * n[1] + j) * n[0] + i] = blurred_at(args, (const int64_t[3]){i, j, k});
    return RS_OK;
}
