/* Geodesic distances through a mask: steps to the 26 neighbours, in whole micrometres, so that the result does not
   depend on the order of the queue. */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "room.h"

void rs_grow_metric(rs_grow *grow, const double spacing_mm[3])
{
    for (int s = 0; s < 27; s++) {
        double x = (s % 3 - 1) * spacing_mm[0], y = (s / 3 % 3 - 1) * spacing_mm[1];
        double z = (s / 9 - 1) * spacing_mm[2];
        grow->step_um[s] = (int32_t)(sqrt(x * x + y * y + z * z) * 1000.0 + 0.5);
    }
}

rs_status rs_grow_new(rs_context *ctx, const rs_crop *crop, rs_arena *scratch, rs_grow *out)
{
    out->crop = crop;
    out->distance_um = RS_ARENA_RAW(scratch, int32_t, crop->count);
    out->queue = RS_ARENA_RAW(scratch, int64_t, crop->count);
    out->queued = RS_ARENA_NEW(scratch, uint8_t, crop->count);
    if (!out->distance_um || !out->queue || !out->queued) return rs_fail_memory(ctx, "the segmentation");
    rs_grow_metric(out, crop->spacing_mm);
    return RS_OK;
}

void rs_grow_clear(rs_grow *grow)
{
    for (int64_t v = 0; v < grow->crop->count; v++)
        grow->distance_um[v] = INT32_MAX;
    grow->n_sources = 0;
}

void rs_grow_source(rs_grow *grow, int64_t voxel, int32_t distance_um)
{
    grow->distance_um[voxel] = distance_um;
    grow->queue[grow->n_sources++] = voxel;
}

typedef struct front {
    rs_grow *grow;
    const uint8_t *allowed;
    int32_t limit_um;
    int64_t head, tail, used; /* ring over the queue */
    bool stopped;
} front;

static void reach(front *f, int64_t voxel, int32_t distance)
{
    rs_grow *g = f->grow;
    if (!f->allowed[voxel] || distance >= g->distance_um[voxel]) return;
    if (distance > f->limit_um) {
        f->stopped = true;
        return;
    }
    g->distance_um[voxel] = distance;
    if (g->queued[voxel]) return;
    g->queued[voxel] = 1;
    g->queue[f->tail] = voxel;
    f->tail = f->tail + 1 == g->crop->count ? 0 : f->tail + 1;
    f->used++;
}

static void spread(front *f, int64_t voxel)
{
    const rs_crop *crop = f->grow->crop;
    const int32_t *n = crop->n;
    int32_t at = (int32_t)voxel, plane = n[0] * n[1], own = f->grow->distance_um[voxel];
    int32_t k = at / plane, j = (at - k * plane) / n[0], i = at - k * plane - j * n[0];
    for (int32_t z = k > 0 ? -1 : 0; z <= (k + 1 < n[2] ? 1 : 0); z++)
        for (int32_t y = j > 0 ? -1 : 0; y <= (j + 1 < n[1] ? 1 : 0); y++)
            for (int32_t x = i > 0 ? -1 : 0; x <= (i + 1 < n[0] ? 1 : 0); x++)
                reach(f, voxel + z * plane + y * n[0] + x, own + f->grow->step_um[(z * 3 + y) * 3 + x + 13]);
}

bool rs_grow_run(rs_grow *grow, const uint8_t *allowed, int32_t limit_um)
{
    front f = {.grow = grow, .allowed = allowed, .limit_um = limit_um, .used = grow->n_sources};
    f.tail = f.used % grow->crop->count;
    for (int64_t s = 0; s < grow->n_sources; s++)
        grow->queued[grow->queue[s]] = 1;
    while (f.used > 0) {
        int64_t voxel = grow->queue[f.head];
        f.head = f.head + 1 == grow->crop->count ? 0 : f.head + 1;
        f.used--;
        grow->queued[voxel] = 0;
        spread(&f, voxel);
    }
    return f.stopped;
}
