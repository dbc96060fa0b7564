/* The sampler. Spline coefficients along k are kept as int16 over three times the clipped range, which bounds the
   overshoot of the prefilter (its gain at the Nyquist frequency is 3); one step is below 0.2 HU for a range of 1,200.
 */
#include "sampler.h"

#include <math.h>

#include "restage/arena.h"
#include "restage/parallel.h"

static const float pole = -0.26794919243112270647F; /* sqrt(3) - 2 */

typedef struct spline_job {
    const rs_volume *volume;
    const rs_sampler *sampler;
    int16_t *coefficients;
    float clip_low, clip_high;
} spline_job;

int32_t rs_sampler_mirrored(int32_t k, int32_t n)
{
    if (n == 1) return 0;
    int32_t period = 2 * (n - 1);
    k = k < 0 ? -k : k;
    k %= period;
    return k < n ? k : period - k;
}

/* Recursive prefilter along k of one row of every slice (Unser 1999), mirrored at both ends. */
static void prefilter(float *rows, int32_t columns, int32_t slices)
{
    enum { HORIZON = 16 };
    if (slices == 1) return;
    float *start = rows + (size_t)slices * columns; /* one row more */
    for (int32_t i = 0; i < columns; i++) {
        float sum = 0, power = 1;
        for (int32_t k = 0; k < HORIZON; k++, power *= pole)
            sum += power * rows[(size_t)rs_sampler_mirrored(k, slices) * columns + i];
        start[i] = sum;
    }
    for (int32_t i = 0; i < columns; i++)
        rows[i] = start[i];
    for (int32_t k = 1; k < slices; k++) {
        float *row = rows + (size_t)k * columns, *before = row - columns;
        for (int32_t i = 0; i < columns; i++)
            row[i] += pole * before[i];
    }
    float *last = rows + (size_t)(slices - 1) * columns, *second = last - columns;
    for (int32_t i = 0; i < columns; i++)
        last[i] = pole / (pole * pole - 1) * (last[i] + pole * second[i]);
    for (int32_t k = slices - 2; k >= 0; k--) {
        float *row = rows + (size_t)k * columns, *after = row + columns;
        for (int32_t i = 0; i < columns; i++)
            row[i] = pole * (after[i] - row[i]);
    }
    for (size_t n = 0; n < (size_t)slices * columns; n++)
        rows[n] *= 6;
}

static rs_status spline_row(rs_context *ctx, int64_t j, int worker, void *arg)
{
    const spline_job *job = arg;
    const rs_geometry *g = &job->volume->geometry;
    int32_t columns = g->n[0], slices = g->n[2];
    (void)worker;
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "interpolation between slices");
    rs_arena_mark mark = rs_arena_where(scratch);
    float *rows = RS_ARENA_RAW(scratch, float, ((int64_t)slices + 1) * columns);
    if (!rows) return rs_fail_memory(ctx, "interpolation between slices");
    float slope = (float)job->volume->slope, offset = (float)job->volume->offset;
    float to_stored = 1 / job->sampler->slope, middle = job->sampler->offset;
    for (int32_t k = 0; k < slices; k++) {
        const int16_t *in = job->volume->voxels + ((int64_t)k * g->n[1] + j) * columns;
        for (int32_t i = 0; i < columns; i++) {
            float hu = slope * in[i] + offset;
            hu = hu < job->clip_low ? job->clip_low : hu;
            rows[(size_t)k * columns + i] = (hu > job->clip_high ? job->clip_high : hu) - middle;
        }
    }
    prefilter(rows, columns, slices);
    for (int32_t k = 0; k < slices; k++) {
        int16_t *out = job->coefficients + ((int64_t)k * g->n[1] + j) * columns;
        for (int32_t i = 0; i < columns; i++)
            out[i] = (int16_t)lrintf(rows[(size_t)k * columns + i] * to_stored);
    }
    rs_arena_rewind(scratch, mark);
    return RS_OK;
}

static rs_status make_spline(rs_context *ctx, const rs_volume *volume, const rs_sampler_wish *wish, rs_sampler *s)
{
    s->slope = (float)(3 * 0.5 * (wish->clip_high_hu - wish->clip_low_hu) / 32000);
    s->offset = (float)(0.5 * (wish->clip_high_hu + wish->clip_low_hu));
    s->low = -32768;
    s->high = 32767;
    size_t bytes = (size_t)rs_geometry_voxels(&volume->geometry) * sizeof(int16_t);
    RS_TRY(rs_block_take(ctx, bytes, "interpolation between slices", &s->block));
    spline_job job = {volume, s, s->block.data, (float)wish->clip_low_hu, (float)wish->clip_high_hu};
    rs_status status = rs_parallel_for(ctx, volume->geometry.n[1], spline_row, &job);
    if (status != RS_OK) rs_block_give(ctx, &s->block);
    s->voxels = job.coefficients;
    return status;
}

rs_status rs_sampler_make(rs_context *ctx, const rs_volume *volume, const rs_sampler_wish *wish, rs_sampler *out)
{
    rs_sampler s = {.voxels = volume->voxels};
    for (int a = 0; a < 3; a++)
        s.n[a] = volume->geometry.n[a];
    s.spline_k = volume->geometry.spacing_mm[2] > wish->native_spacing_mm && s.n[2] > 1;
    if (s.spline_k) {
        RS_TRY(make_spline(ctx, volume, wish, &s));
    } else {
        double low = (wish->clip_low_hu - volume->offset) / volume->slope;
        double high = (wish->clip_high_hu - volume->offset) / volume->slope;
        s.low = (float)fmin(low, high);
        s.high = (float)fmax(low, high);
        s.slope = (float)volume->slope;
        s.offset = (float)volume->offset;
    }
    if (!wish->bright) {
        s.slope = -s.slope;
        s.offset = -s.offset;
    }
    *out = s;
    return RS_OK;
}

void rs_sampler_free(rs_context *ctx, rs_sampler *sampler)
{
    rs_block_give(ctx, &sampler->block);
    sampler->voxels = NULL;
}

/* Where the four corners of a cell stand from its first voxel, and the weights between them. */
typedef struct cell {
    int64_t right, down;
    float x, y;
} cell;

static inline float in_plane(const rs_sampler *s, const int16_t *voxel, const cell *c)
{
    float v[4] = {voxel[0], voxel[c->right], voxel[c->down], voxel[c->down + c->right]};
    for (int n = 0; n < 4; n++) {
        v[n] = v[n] < s->low ? s->low : v[n];
        v[n] = v[n] > s->high ? s->high : v[n];
    }
    float top = v[0] + c->x * (v[1] - v[0]), bottom = v[2] + c->x * (v[3] - v[2]);
    return top + c->y * (bottom - top);
}

static float spline_value(const rs_sampler *s, const int16_t *first, int32_t k, float z, const cell *c)
{
    float u = 1 - z, w[4];
    w[0] = u * u * u / 6;
    w[1] = 2.0F / 3 - z * z * (1 - 0.5F * z);
    w[2] = 2.0F / 3 - u * u * (1 - 0.5F * u);
    w[3] = z * z * z / 6;
    float sum = 0;
    int64_t slice = (int64_t)s->n[0] * s->n[1];
    for (int32_t n = 0; n < 4; n++)
        sum += w[n] * in_plane(s, first + rs_sampler_mirrored(k - 1 + n, s->n[2]) * slice, c);
    return sum;
}

bool rs_sampler_value(const rs_sampler *s, const double ijk[3], float *out)
{
    int32_t at[3];
    for (int a = 0; a < 3; a++) {
        if (!(ijk[a] >= 0 && ijk[a] <= s->n[a] - 1)) return false;
        at[a] = (int32_t)ijk[a];
        if (at[a] > s->n[a] - 2) at[a] = s->n[a] > 1 ? s->n[a] - 2 : 0;
    }
    cell c = {s->n[0] > 1 ? 1 : 0, s->n[1] > 1 ? s->n[0] : 0, (float)(ijk[0] - at[0]), (float)(ijk[1] - at[1])};
    const int16_t *first = s->voxels + (int64_t)at[1] * s->n[0] + at[0];
    float z = (float)(ijk[2] - at[2]), value;
    int64_t slice = (int64_t)s->n[0] * s->n[1];
    if (s->spline_k) {
        value = spline_value(s, first, at[2], z, &c);
    } else {
        const int16_t *voxel = first + at[2] * slice;
        value = in_plane(s, voxel, &c);
        if (z > 0) value += z * (in_plane(s, voxel + slice, &c) - value);
    }
    *out = s->slope * value + s->offset;
    return true;
}
