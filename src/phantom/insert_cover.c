/* How much of each voxel a lesion fills, seen through the PSF of the scan: its predicate is sampled at least five times
   a voxel along each axis, and the samples are blurred and read at the voxels' centres, axis by axis. */
#include <math.h>
#include <string.h>

#include "insert_room.h"

enum { SUB_MAX = 65, TAPS_MAX = 2048 };

/* One axis of the fine grid: sub samples a voxel (odd, so that one lies at its centre), and the Gaussian on them. */
typedef struct fine_axis {
    int32_t first, n; /* fine samples from that one on, counted from the first of voxel begin */
    int32_t sub, radius;
    double step_mm, start_mm; /* place of fine sample 0 */
    float taps[TAPS_MAX];     /* centre at radius */
    float sums[TAPS_MAX + 1]; /* sums[t]: of the taps below t */
} fine_axis;

static void set_axis(const rs_insert_scene *s, const rs_insert_lesion *l, int c, fine_axis *a)
{
    double spacing = s->in->volume->geometry.spacing_mm[c], sigma = s->psf_sigma_mm[c];
    double step = spacing / 5.0;
    if (step > sigma / 1.5) step = sigma / 1.5;
    if (step > l->diameter_mm / 10.0) step = l->diameter_mm / 10.0;
    double wanted = ceil(spacing / step);
    a->sub = wanted > SUB_MAX ? SUB_MAX : (int32_t)wanted;
    a->sub += a->sub % 2 == 0;
    a->step_mm = spacing / a->sub;
    a->start_mm = (l->begin[c] - 0.5) * spacing + 0.5 * a->step_mm;
    double first = (l->origin_mm[c] - l->shape.reach_mm - a->start_mm) / a->step_mm;
    double last = (l->origin_mm[c] + l->shape.reach_mm - a->start_mm) / a->step_mm;
    int32_t top = (l->end[c] - l->begin[c]) * a->sub;
    a->first = first > 0.0 ? (int32_t)first : 0;
    a->n = (last + 1.0 < top ? (int32_t)last + 1 : top) - a->first;
    double radius = ceil(4.0 * sigma / a->step_mm);
    a->radius = 2.0 * radius + 1.0 > TAPS_MAX ? TAPS_MAX / 2 - 1 : (int32_t)radius;
    double sum = 0.0, values[TAPS_MAX];
    for (int32_t t = 0; t <= 2 * a->radius; t++) {
        double x = (t - a->radius) * a->step_mm / sigma;
        values[t] = rs_phantom_exp(-0.5 * x * x);
        sum += values[t];
    }
    double before = 0.0;
    a->sums[0] = 0.0f;
    for (int32_t t = 0; t <= 2 * a->radius; t++) {
        a->taps[t] = (float)(values[t] / sum);
        before += values[t] / sum;
        a->sums[t + 1] = (float)before;
    }
}

/* Tap of fine sample s for voxel v (both from begin); outside the taps: -1 or 2 radius + 1 and more. */
static int32_t tap_of(const fine_axis *a, int32_t s, int32_t v)
{
    return s - (v * a->sub + a->sub / 2) + a->radius;
}

typedef struct covering {
    const rs_insert_lesion *lesion;
    const rs_insert_patch *patch;
    fine_axis axis[3];
    int32_t n[3];       /* voxels */
    float *row, *plane; /* one field: row of voxels; voxels x rows */
    float *inner_row, *inner_plane;
    rs_insert_cover *out;
    int64_t count, inner_count;
    double sum[3]; /* of fine indices */
} covering;

/* Adds samples begin … end - 1 of a fine row to its voxels. */
static void add_run(const covering *c, float *row, int32_t begin, int32_t end)
{
    const fine_axis *a = &c->axis[0];
    int32_t last = 2 * a->radius + 1;
    for (int32_t i = 0; i < c->n[0]; i++) {
        int32_t low = tap_of(a, begin, i), high = tap_of(a, end, i);
        low = low < 0 ? 0 : (low > last ? last : low);
        high = high < 0 ? 0 : (high > last ? last : high);
        row[i] += a->sums[high] - a->sums[low];
    }
}

/* One fine row: runs of samples that are inside. Returns how many are. */
static int64_t cover_row(covering *c, int32_t js, int32_t ks)
{
    const fine_axis *a = c->axis;
    double p[3] = {0.0, a[1].start_mm + js * a[1].step_mm, a[2].start_mm + ks * a[2].step_mm};
    int32_t begin = 0, inner_begin = 0;
    int64_t count = 0;
    int before = 0;
    memset(c->row, 0, (size_t)c->n[0] * sizeof(float));
    if (c->inner_row != NULL) memset(c->inner_row, 0, (size_t)c->n[0] * sizeof(float));
    for (int32_t s = a[0].first; s <= a[0].first + a[0].n; s++) {
        p[0] = a[0].start_mm + s * a[0].step_mm;
        int now = s < a[0].first + a[0].n ? rs_insert_lesion_at(c->lesion, c->patch, p) : 0;
        if (before == 0 && now != 0) begin = s;
        if (before != 2 && now == 2) inner_begin = s;
        if (before == 2 && now != 2) {
            c->inner_count += s - inner_begin;
            if (c->inner_row != NULL) add_run(c, c->inner_row, inner_begin, s);
        }
        if (before != 0 && now == 0) {
            count += s - begin;
            c->sum[0] += 0.5 * (double)(s - begin) * (begin + s - 1);
            add_run(c, c->row, begin, s);
        }
        before = now;
    }
    c->count += count;
    c->sum[1] += (double)count * js;
    c->sum[2] += (double)count * ks;
    return count;
}

static void add_scaled(float *restrict to, const float *restrict from, float weight, int64_t n)
{
    for (int64_t v = 0; v < n; v++)
        to[v] += weight * from[v];
}

static bool cover_plane(covering *c, int32_t ks)
{
    const fine_axis *a = &c->axis[1];
    size_t bytes = (size_t)c->n[0] * (size_t)c->n[1] * sizeof(float);
    bool any = false;
    memset(c->plane, 0, bytes);
    if (c->inner_row != NULL) memset(c->inner_plane, 0, bytes);
    for (int32_t js = a->first; js < a->first + a->n; js++) {
        if (cover_row(c, js, ks) == 0) continue;
        any = true;
        for (int32_t j = 0; j < c->n[1]; j++) {
            int32_t t = tap_of(a, js, j);
            if (t < 0 || t > 2 * a->radius) continue;
            add_scaled(c->plane + (int64_t)j * c->n[0], c->row, a->taps[t], c->n[0]);
            if (c->inner_row != NULL)
                add_scaled(c->inner_plane + (int64_t)j * c->n[0], c->inner_row, a->taps[t], c->n[0]);
        }
    }
    return any;
}

static void cover_all(covering *c)
{
    const fine_axis *a = &c->axis[2];
    int64_t plane = (int64_t)c->n[0] * c->n[1];
    for (int32_t ks = a->first; ks < a->first + a->n; ks++) {
        if (!cover_plane(c, ks)) continue;
        for (int32_t k = 0; k < c->n[2]; k++) {
            int32_t t = tap_of(a, ks, k);
            if (t < 0 || t > 2 * a->radius) continue;
            add_scaled(c->out->whole + k * plane, c->plane, a->taps[t], plane);
            if (c->inner_row != NULL) add_scaled(c->out->inner + k * plane, c->inner_plane, a->taps[t], plane);
        }
    }
}

rs_status rs_insert_cover_new(rs_context *ctx, rs_arena *arena, const rs_insert_scene *s, const rs_insert_lesion *l,
                              const rs_insert_patch *patch, rs_insert_cover *out)
{
    rs_insert_cover cover = {0};
    covering *c = RS_ARENA_NEW(arena, covering, 1);
    if (c == NULL) return rs_fail_memory(ctx, "the cover of a lesion");
    c->lesion = l;
    c->patch = patch;
    c->out = &cover;
    double fine_mm3 = 1.0;
    for (int d = 0; d < 3; d++) {
        c->n[d] = l->end[d] - l->begin[d];
        set_axis(s, l, d, &c->axis[d]);
        fine_mm3 *= c->axis[d].step_mm;
    }
    bool inner = l->shape.inner_scale > 0.0;
    int64_t plane = (int64_t)c->n[0] * c->n[1];
    cover.whole = RS_ARENA_NEW(arena, float, plane * c->n[2]);
    cover.inner = inner ? RS_ARENA_NEW(arena, float, plane * c->n[2]) : NULL;
    c->row = RS_ARENA_NEW(arena, float, c->n[0]);
    c->plane = RS_ARENA_NEW(arena, float, plane);
    c->inner_row = inner ? RS_ARENA_NEW(arena, float, c->n[0]) : NULL;
    c->inner_plane = inner ? RS_ARENA_NEW(arena, float, plane) : NULL;
    if (cover.whole == NULL || c->row == NULL || c->plane == NULL ||
        (inner && (cover.inner == NULL || c->inner_row == NULL || c->inner_plane == NULL)))
        return rs_fail_memory(ctx, "the cover of a lesion");
    cover_all(c);
    cover.volume_mm3 = (double)c->count * fine_mm3;
    cover.inner_mm3 = (double)c->inner_count * fine_mm3;
    for (int d = 0; d < 3; d++)
        cover.centre_mm[d] =
            c->count > 0 ? c->axis[d].start_mm + c->axis[d].step_mm * c->sum[d] / (double)c->count : l->origin_mm[d];
    *out = cover;
    return RS_OK;
}
