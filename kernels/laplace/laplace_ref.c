/* Laplacian of Gaussian in double: blur by taps along each axis, then the 27-point sum, voxel by voxel. */
#include <math.h>

#include "kernel.h"
#include "restage/kernels/gauss.h"
#include "restage/kernels/laplace.h"

static int64_t clamp(int64_t p, int64_t n)
{
    return p < 0 ? 0 : p >= n ? n - 1 : p;
}

/* The box that the 27 points are taken from: the output widened by one voxel. */
typedef struct wide {
    int64_t n[3], origin[3]; /* index in the input of its first voxel */
    double *v;
} wide;

static double input_at(const rs_laplace_args *args, int64_t i, int64_t j, int64_t k)
{
    i = clamp(i, args->n[0]);
    j = clamp(j, args->n[1]);
    k = clamp(k, args->n[2]);
    return (double)args->in[(k * args->n[1] + j) * args->n[0] + i];
}

/* The blur at (i, j, k) of the input's indices, which may lie one voxel outside. */
static double blurred_at(const rs_laplace_args *args, double taps[3][RS_TAPS_MAX + 1], const int radius[3], int64_t i,
                         int64_t j, int64_t k)
{
    double sum = 0.0;
    for (int z = -radius[2]; z <= radius[2]; z++) {
        double plane = 0.0;
        for (int y = -radius[1]; y <= radius[1]; y++) {
            double row = 0.0;
            for (int x = -radius[0]; x <= radius[0]; x++)
                row += taps[0][x < 0 ? -x : x] * input_at(args, i + x, j + y, k + z);
            plane += taps[1][y < 0 ? -y : y] * row;
        }
        sum += taps[2][z < 0 ? -z : z] * plane;
    }
    return sum;
}

/* -factor times the sum over the axes of D2 along one and [1 10 1]/12 along the others. */
static double stencil_at(const rs_laplace_args *args, const wide *w, int64_t at)
{
    static const double d2[3] = {1.0, -2.0, 1.0}, mean[3] = {1.0 / 12.0, 10.0 / 12.0, 1.0 / 12.0};
    double sum = 0.0;
    for (int z = 0; z < 3; z++)
        for (int y = 0; y < 3; y++)
            for (int x = 0; x < 3; x++) {
                double c = d2[x] * mean[y] * mean[z] / (args->spacing_mm[0] * args->spacing_mm[0]) +
                           mean[x] * d2[y] * mean[z] / (args->spacing_mm[1] * args->spacing_mm[1]) +
                           mean[x] * mean[y] * d2[z] / (args->spacing_mm[2] * args->spacing_mm[2]);
                sum += c * w->v[at + x + w->n[0] * (y + w->n[1] * z)];
            }
    return -(args->factor == 0.0 ? 1.0 : args->factor) * sum;
}

rs_status rs_laplace__ref(rs_context *ctx, const rs_laplace_args *args)
{
    RS_CHECK(ctx, rs_box_is_sane(args->n) && args->in != NULL && args->out != NULL);
    wide w;
    double taps[3][RS_TAPS_MAX + 1];
    int radius[3];
    int64_t out_n[3];
    for (int a = 0; a < 3; a++) {
        double sigma_vox = args->sigma_mm[a] / args->spacing_mm[a];
        RS_CHECK(ctx, args->spacing_mm[a] > 0.0 && sigma_vox >= 0.0 && sigma_vox <= 64.0);
        RS_CHECK(ctx, args->halo[a] >= 0 && args->n[a] - 2 * (int64_t)args->halo[a] >= 1);
        radius[a] = rs_gauss_taps(sigma_vox * sigma_vox - 1.0 / 6.0, taps[a]);
        out_n[a] = args->n[a] - 2 * (int64_t)args->halo[a];
        w.n[a] = out_n[a] + 2;
        w.origin[a] = args->halo[a] - 1;
    }
    rs_arena *scratch = rs_scratch(ctx);
    if (scratch == NULL) return rs_fail_memory(ctx, "scratch");
    rs_arena_mark mark = rs_arena_where(scratch);
    w.v = RS_ARENA_RAW(scratch, double, w.n[0] * w.n[1] * w.n[2]);
    if (w.v == NULL) {
        rs_arena_rewind(scratch, mark);
        return rs_fail_memory(ctx, "a Laplacian");
    }
    for (int64_t k = 0; k < w.n[2]; k++)
        for (int64_t j = 0; j < w.n[1]; j++)
            for (int64_t i = 0; i < w.n[0]; i++)
                w.v[i + w.n[0] * (j + w.n[1] * k)] =
                    blurred_at(args, taps, radius, i + w.origin[0], j + w.origin[1], k + w.origin[2]);
    for (int64_t k = 0; k < out_n[2]; k++)
        for (int64_t j = 0; j < out_n[1]; j++)
            for (int64_t i = 0; i < out_n[0]; i++)
                args->out[i + out_n[0] * (j + out_n[1] * k)] =
                    (float)stencil_at(args, &w, i + w.n[0] * (j + w.n[1] * k));
    rs_arena_rewind(scratch, mark);
    return RS_OK;
}
