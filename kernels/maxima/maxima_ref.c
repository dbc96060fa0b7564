/* Local maxima by asking every neighbour of every voxel. */
#include "kernel.h"
#include "restage/kernels/maxima.h"

static bool inside(const rs_maxima_args *args, int32_t i, int32_t j, int32_t k)
{
    return i >= 0 && j >= 0 && k >= 0 && i < args->n[0] && j < args->n[1] && k < args->n[2];
}

static int64_t index_of(const rs_maxima_args *args, int32_t i, int32_t j, int32_t k)
{
    return ((int64_t)k * args->n[1] + j) * args->n[0] + i;
}

static bool beats(const rs_maxima_args *args, int32_t i, int32_t j, int32_t k)
{
    const float v = args->response[index_of(args, i, j, k)];
    for (int32_t z = k - 1; z <= k + 1; z++)
        for (int32_t y = j - 1; y <= j + 1; y++)
            for (int32_t x = i - 1; x <= i + 1; x++) {
                if (!inside(args, x, y, z)) continue;
                int64_t at = index_of(args, x, y, z), here = index_of(args, i, j, k);
                if (at < here && !(v > args->response[at])) return false;
                if (at > here && !(v >= args->response[at])) return false;
                if (args->scales == RS_MAXIMA_CENTRE && at != here) continue;
                if (args->below != NULL && !(v > args->below[at])) return false;
                if (args->above != NULL && !(v >= args->above[at])) return false;
            }
    return true;
}

rs_status rs_maxima__ref(rs_context *ctx, const rs_maxima_args *args)
{
    RS_CHECK(ctx, rs_box_is_sane(args->n) && args->response != NULL && args->found != NULL);
    RS_CHECK(ctx, args->capacity >= 0 && (args->capacity == 0 || args->index != NULL));
    int32_t begin[3], end[3];
    bool whole = true;
    for (int a = 0; a < 3; a++)
        whole = whole && args->begin[a] == 0 && args->end[a] == 0;
    for (int a = 0; a < 3; a++) {
        begin[a] = args->begin[a];
        end[a] = whole ? args->n[a] : args->end[a];
        RS_CHECK(ctx, begin[a] >= 0 && begin[a] <= end[a] && end[a] <= args->n[a]);
    }
    int64_t found = 0;
    for (int32_t k = begin[2]; k < end[2]; k++)
        for (int32_t j = begin[1]; j < end[1]; j++)
            for (int32_t i = begin[0]; i < end[0]; i++) {
                int64_t at = index_of(args, i, j, k);
                if (args->mask != NULL && args->mask[at] == 0) continue;
                if (!(args->response[at] > args->threshold) || !beats(args, i, j, k)) continue;
                if (found < args->capacity) args->index[found] = (int32_t)at;
                found++;
            }
    *args->found = found;
    return RS_OK;
}
