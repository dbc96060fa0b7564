/* Ball morphology by asking every voxel of the ball around every voxel. */
#include <math.h>
#include <string.h>

#include "kernel.h"
#include "restage/kernels/ball.h"

/* 1 where any voxel of the ball inside the volume has the value `wanted`. */
static int any_in_ball(const rs_ball_args *args, const uint64_t *in, const int32_t p[3], int wanted)
{
    const double *s = args->spacing_mm, r2 = args->radius_mm * args->radius_mm;
    const int32_t reach[3] = {(int32_t)floor(args->radius_mm / s[0]) + 1, (int32_t)floor(args->radius_mm / s[1]) + 1,
                              (int32_t)floor(args->radius_mm / s[2]) + 1};
    for (int32_t z = -reach[2]; z <= reach[2]; z++)
        for (int32_t y = -reach[1]; y <= reach[1]; y++)
            for (int32_t x = -reach[0]; x <= reach[0]; x++) {
                int32_t i = p[0] + x, j = p[1] + y, k = p[2] + z;
                if (x * s[0] * (x * s[0]) + y * s[1] * (y * s[1]) + z * s[2] * (z * s[2]) > r2) continue;
                if (i < 0 || j < 0 || k < 0 || i >= args->n[0] || j >= args->n[1] || k >= args->n[2]) continue;
                if (rs_bits_get(in, args->n, i, j, k) == wanted) return 1;
            }
    return 0;
}

static void pass(const rs_ball_args *args, int erode, const uint64_t *in, uint64_t *out)
{
    const size_t words = (size_t)rs_bits_words(args->n[0]);
    memset(out, 0, rs_bits_total(args->n) * sizeof(uint64_t));
    for (int32_t k = 0; k < args->n[2]; k++)
        for (int32_t j = 0; j < args->n[1]; j++)
            for (int32_t i = 0; i < args->n[0]; i++) {
                int hit = any_in_ball(args, in, (const int32_t[3]){i, j, k}, !erode);
                if (hit != erode)
                    out[((size_t)k * (size_t)args->n[1] + (size_t)j) * words + (size_t)(i / 64)] |= 1ULL << (i % 64);
            }
}

rs_status rs_ball__ref(rs_context *ctx, const rs_ball_args *args)
{
    RS_CHECK(ctx, rs_box_is_sane(args->n) && args->in != NULL && args->out != NULL && args->radius_mm >= 0.0);
    for (int a = 0; a < 3; a++)
        RS_CHECK(ctx, args->spacing_mm[a] > 0.0 && args->radius_mm / args->spacing_mm[a] < 256.0);
    const int first = args->operation == RS_BALL_ERODE || args->operation == RS_BALL_OPEN;
    if (args->operation == RS_BALL_DILATE || args->operation == RS_BALL_ERODE) {
        pass(args, first, args->in, args->out);
        return RS_OK;
    }
    rs_arena *scratch = rs_scratch(ctx);
    if (scratch == NULL) return rs_fail_memory(ctx, "scratch");
    rs_arena_mark mark = rs_arena_where(scratch);
    uint64_t *middle = RS_ARENA_RAW(scratch, uint64_t, rs_bits_total(args->n));
    if (middle == NULL) {
        rs_arena_rewind(scratch, mark);
        return rs_fail_memory(ctx, "a bit mask");
    }
    pass(args, first, args->in, middle);
    pass(args, !first, middle, args->out);
    rs_arena_rewind(scratch, mark);
    return RS_OK;
}
