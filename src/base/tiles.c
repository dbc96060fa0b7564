/* Cuts a box into tiles with a halo. */
#include "restage/parallel.h"

static int64_t tiles_along(const rs_tiling *t, int axis)
{
    int64_t length = (int64_t)t->end[axis] - t->begin[axis];
    return length <= 0 || t->size[axis] <= 0 ? 0 : (length + t->size[axis] - 1) / t->size[axis];
}

int64_t rs_tiles_count(const rs_tiling *tiling)
{
    return tiles_along(tiling, 0) * tiles_along(tiling, 1) * tiles_along(tiling, 2);
}

static int32_t clamp(int64_t value, int32_t low, int32_t high)
{
    return value < low ? low : value > high ? high : (int32_t)value;
}

static rs_tile tile_at(const rs_tiling *t, int64_t index)
{
    rs_tile tile = {.index = index};
    int64_t rest = index;
    for (int axis = 0; axis < 3; axis++) {
        int64_t n = tiles_along(t, axis);
        int64_t begin = t->begin[axis] + rest % n * t->size[axis];
        rest /= n;
        tile.core_begin[axis] = (int32_t)begin;
        tile.core_end[axis] = clamp(begin + t->size[axis], 0, t->end[axis]);
        tile.begin[axis] = clamp(begin - t->halo[axis], 0, t->limit[axis]);
        tile.end[axis] = clamp((int64_t)tile.core_end[axis] + t->halo[axis], 0, t->limit[axis]);
    }
    return tile;
}

typedef struct tiles_job {
    const rs_tiling *tiling;
    rs_tile_body body;
    void *arg;
} tiles_job;

static rs_status run_tile(rs_context *ctx, int64_t item, int worker, void *arg)
{
    const tiles_job *job = arg;
    rs_tile tile = tile_at(job->tiling, item);
    return job->body(ctx, &tile, worker, job->arg);
}

rs_status rs_for_tiles(rs_context *ctx, const rs_tiling *tiling, rs_tile_body body, void *arg)
{
    tiles_job job = {tiling, body, arg};
    return rs_parallel_for(ctx, rs_tiles_count(tiling), run_tile, &job);
}
