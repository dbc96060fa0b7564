/* The volume: taking, freeing, and reading values out of it. */
#include "restage/volume.h"

#include <math.h>
#include <string.h>

#include "restage/context.h"
#include "restage/limits.h"

#define MOST_VOXELS ((int64_t)1 << 30) /* kernels count them in 31 bits */

rs_status rs_volume_new(rs_context *ctx, const rs_geometry *geometry, rs_volume *out)
{
    if (!rs_geometry_is_regular(geometry)) return rs_fail(ctx, RS_DATA, "the grid of the volume is not regular");
    int64_t slice = (int64_t)geometry->n[0] * geometry->n[1], voxels;
    const int64_t limit = rs_limit(ctx, RS_LIMIT_VOXELS), most = limit < MOST_VOXELS ? limit : MOST_VOXELS;
    if (__builtin_mul_overflow(slice, (int64_t)geometry->n[2], &voxels) || voxels > most) {
        return rs_fail(ctx, RS_DATA, "the volume would have %d x %d x %d voxels, more than the limit voxels = %lld",
                       geometry->n[0], geometry->n[1], geometry->n[2], (long long)most);
    }
    rs_volume volume = {.geometry = *geometry, .slope = 1};
    RS_TRY(rs_block_take(ctx, (size_t)voxels * sizeof(int16_t), "the volume", &volume.block));
    volume.voxels = volume.block.data;
    *out = volume;
    return RS_OK;
}

void rs_volume_free(rs_context *ctx, rs_volume *volume)
{
    rs_block_give(ctx, &volume->block);
    *volume = (rs_volume){.slope = 1};
}

static int64_t at(const rs_volume *volume, int32_t i, int32_t j, int32_t k)
{
    const int32_t *n = volume->geometry.n;
    return ((int64_t)k * n[1] + j) * n[0] + i;
}

double rs_volume_value(const rs_volume *volume, int32_t i, int32_t j, int32_t k)
{
    return volume->slope * volume->voxels[at(volume, i, j, k)] + volume->offset;
}

int16_t rs_volume_stored(const rs_volume *volume, double value)
{
    double stored = round((value - volume->offset) / volume->slope);
    if (!(stored > INT16_MIN)) return INT16_MIN;
    return stored < INT16_MAX ? (int16_t)stored : INT16_MAX;
}

static int32_t clamp_index(int64_t index, int32_t n)
{
    return index < 0 ? 0 : index >= n ? n - 1 : (int32_t)index;
}

/* One row, with the outermost voxels repeated beyond the image. */
static void box_row(const rs_volume *volume, const int16_t *row, const int32_t begin_end[2], const float range[2],
                    float *out)
{
    float slope = (float)volume->slope, offset = (float)volume->offset, low = range[0], high = range[1];
    int32_t n = volume->geometry.n[0], begin = begin_end[0], end = begin_end[1];
    int32_t inner_begin = begin < 0 ? 0 : begin > n ? n : begin, inner_end = end > n ? n : end < 0 ? 0 : end;
    for (int32_t i = inner_begin; i < inner_end; i++) {
        float value = slope * (float)row[i] + offset;
        value = value < low ? low : value;
        out[i - begin] = value > high ? high : value;
    }
    for (int32_t i = begin; i < end; i++) {
        if (i >= inner_begin && i < inner_end) {
            i = inner_end - 1;
            continue;
        }
        float value = slope * (float)row[clamp_index(i, n)] + offset;
        value = value < low ? low : value;
        out[i - begin] = value > high ? high : value;
    }
}

void rs_volume_box(const rs_volume *volume, const int32_t begin[3], const int32_t end[3], float low, float high,
                   float *out)
{
    const int32_t *n = volume->geometry.n;
    const int32_t columns[2] = {begin[0], end[0]};
    const float range[2] = {low, high};
    int64_t width = (int64_t)end[0] - begin[0];
    for (int32_t k = begin[2]; k < end[2]; k++) {
        for (int32_t j = begin[1]; j < end[1]; j++) {
            const int16_t *row = volume->voxels + at(volume, 0, clamp_index(j, n[1]), clamp_index(k, n[2]));
            box_row(volume, row, columns, range, out);
            out += width;
        }
    }
}

bool rs_volume_sample(const rs_volume *volume, const double ijk[3], double *out)
{
    const int32_t *n = volume->geometry.n;
    int32_t low[3], high[3];
    double part[3];
    for (int a = 0; a < 3; a++) {
        if (!(ijk[a] >= 0 && ijk[a] <= n[a] - 1)) return false;
        low[a] = (int32_t)ijk[a];
        high[a] = low[a] + 1 < n[a] ? low[a] + 1 : low[a];
        part[a] = ijk[a] - low[a];
    }
    double sum = 0;
    for (int corner = 0; corner < 8; corner++) {
        int32_t index[3];
        double weight = 1;
        for (int a = 0; a < 3; a++) {
            bool upper = corner >> a & 1;
            index[a] = upper ? high[a] : low[a];
            weight *= upper ? part[a] : 1 - part[a];
        }
        sum += weight * volume->voxels[at(volume, index[0], index[1], index[2])];
    }
    *out = volume->slope * sum + volume->offset;
    return true;
}
