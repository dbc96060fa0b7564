/* Determinant of the Hessian in double: blur by taps along each axis, then six derivatives by 125 points each, voxel by
   voxel. */
#include <math.h>

#include "kernel.h"
#include "restage/kernels/gauss.h"
#include "restage/kernels/hessian.h"

static int64_t clamp(int64_t p, int64_t n)
{
    return p < 0 ? 0 : p >= n ? n - 1 : p;
}

/* The box that the stencils are taken from: the output widened by two voxels. */
typedef struct wide {
    int64_t n[3], origin[3]; /* index in the input of its first voxel */
    double *v;
} wide;

typedef struct taps {
    double w[3][RS_TAPS_MAX + 1];
    int radius[3];
} taps;

static double input_at(const rs_hessian_args *args, int64_t i, int64_t j, int64_t k)
{
    i = clamp(i, args->n[0]);
    j = clamp(j, args->n[1]);
    k = clamp(k, args->n[2]);
    return (double)args->in[(k * args->n[1] + j) * args->n[0] + i];
}

static double blurred_at(const rs_hessian_args *args, const taps *t, int64_t i, int64_t j, int64_t k)
{
    double sum = 0.0;
    for (int z = -t->radius[2]; z <= t->radius[2]; z++) {
        double plane = 0.0;
        for (int y = -t->radius[1]; y <= t->radius[1]; y++) {
            double row = 0.0;
            for (int x = -t->radius[0]; x <= t->radius[0]; x++)
                row += t->w[0][x < 0 ? -x : x] * input_at(args, i + x, j + y, k + z);
            plane += t->w[1][y < 0 ? -y : y] * row;
        }
        sum += t->w[2][z < 0 ? -z : z] * plane;
    }
    return sum;
}

/* The derivative of these orders along the axes (0: the mean), in voxels; `at` is the middle of the 125 points. */
static double derivative(const wide *w, int64_t at, int along_i, int along_j, int along_k)
{
    static const double stencil[3][5] = {{0.0, 1.0 / 6.0, 4.0 / 6.0, 1.0 / 6.0, 0.0},
                                         {0.0, -0.5, 0.0, 0.5, 0.0},
                                         {1.0 / 12.0, 8.0 / 12.0, -18.0 / 12.0, 8.0 / 12.0, 1.0 / 12.0}};
    double sum = 0.0;
    for (int z = -2; z <= 2; z++)
        for (int y = -2; y <= 2; y++)
            for (int x = -2; x <= 2; x++)
                sum += stencil[along_i][x + 2] * stencil[along_j][y + 2] * stencil[along_k][z + 2] *
                       w->v[at + x + w->n[0] * (y + w->n[1] * z)];
    return sum;
}

static double measure_at(const rs_hessian_args *args, const wide *w, int64_t at)
{
    const double *h = args->spacing_mm;
    double xx = -derivative(w, at, 2, 0, 0) / (h[0] * h[0]), xy = -derivative(w, at, 1, 1, 0) / (h[0] * h[1]);
    double yy = -derivative(w, at, 0, 2, 0) / (h[1] * h[1]), xz = -derivative(w, at, 1, 0, 1) / (h[0] * h[2]);
    double zz = -derivative(w, at, 0, 0, 2) / (h[2] * h[2]), yz = -derivative(w, at, 0, 1, 1) / (h[1] * h[2]);
    double second = xx * yy - xy * xy;
    double third = xx * (yy * zz - yz * yz) - xy * (xy * zz - yz * xz) + xz * (xy * yz - yy * xz);
    if (!(xx > 0.0 && second > 0.0 && third > 0.0)) return 0.0;
    return (args->factor == 0.0 ? 1.0 : args->factor) * 3.0 * cbrt(third);
}

static rs_status prepare(rs_context *ctx, const rs_hessian_args *args, taps *t, wide *w, int64_t out_n[3])
{
    RS_CHECK(ctx, rs_box_is_sane(args->n) && args->in != NULL && args->out != NULL);
    for (int a = 0; a < 3; a++) {
        double sigma_vox = args->sigma_mm[a] / args->spacing_mm[a];
        RS_CHECK(ctx, args->spacing_mm[a] > 0.0 && sigma_vox >= 0.0 && sigma_vox <= 64.0);
        RS_CHECK(ctx, args->halo[a] >= 0 && args->n[a] - 2 * (int64_t)args->halo[a] >= 1);
        t->radius[a] = rs_gauss_taps(sigma_vox * sigma_vox - 1.0 / 3.0, t->w[a]);
        out_n[a] = args->n[a] - 2 * (int64_t)args->halo[a];
        w->n[a] = out_n[a] + 4;
        w->origin[a] = args->halo[a] - 2;
    }
    return RS_OK;
}

rs_status rs_hessian__ref(rs_context *ctx, const rs_hessian_args *args)
{
    wide w;
    taps t;
    int64_t out_n[3];
    RS_TRY(prepare(ctx, args, &t, &w, out_n));
    rs_arena *scratch = rs_scratch(ctx);
    if (scratch == NULL) return rs_fail_memory(ctx, "scratch");
    rs_arena_mark mark = rs_arena_where(scratch);
    w.v = RS_ARENA_RAW(scratch, double, w.n[0] * w.n[1] * w.n[2]);
    if (w.v == NULL) {
        rs_arena_rewind(scratch, mark);
        return rs_fail_memory(ctx, "a Hessian");
    }
    for (int64_t k = 0; k < w.n[2]; k++)
        for (int64_t j = 0; j < w.n[1]; j++)
            for (int64_t i = 0; i < w.n[0]; i++)
                w.v[i + w.n[0] * (j + w.n[1] * k)] =
                    blurred_at(args, &t, i + w.origin[0], j + w.origin[1], k + w.origin[2]);
    for (int64_t k = 0; k < out_n[2]; k++)
        for (int64_t j = 0; j < out_n[1]; j++)
            for (int64_t i = 0; i < out_n[0]; i++) {
                int64_t out = i + out_n[0] * (j + out_n[1] * k);
                bool wanted = args->wanted == NULL || args->wanted[out] != 0;
                int64_t at = i + 2 + w.n[0] * (j + 2 + w.n[1] * (k + 2));
                args->out[out] = wanted ? (float)measure_at(args, &w, at) : 0.0F;
            }
    rs_arena_rewind(scratch, mark);
    return RS_OK;
}
