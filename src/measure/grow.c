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
    int64_t head, used; /* ring over the queue */
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
    g->queue[(f->head + f->used++) % g->crop->count] = voxel;
}

static void spread(front *f, int64_t voxel)
{
    const rs_crop *crop = f->grow->crop;
    int64_t plane = (int64_t)crop->n[0] * crop->n[1];
    int32_t k = (int32_t)(voxel / plane), j = (int32_t)(voxel % plane / crop->n[0]);
    int32_t i = (int32_t)(voxel % crop->n[0]), own = f->grow->distance_um[voxel];
    for (int s = 0; s < 27; s++) {
        int32_t x = i + s % 3 - 1, y = j + s / 3 % 3 - 1, z = k + s / 9 - 1;
        if (x < 0 || y < 0 || z < 0 || x >= crop->n[0] || y >= crop->n[1] || z >= crop->n[2] || s == 13) continue;
        reach(f, rs_crop_at(crop, x, y, z), own + f->grow->step_um[s]);
    }
}

bool rs_grow_run(rs_grow *grow, const uint8_t *allowed, int32_t limit_um)
{
    front f = {.grow = grow, .allowed = allowed, .limit_um = limit_um, .used = grow->n_sources};
    for (int64_t s = 0; s < grow->n_sources; s++)
        grow->queued[grow->queue[s]] = 1;
    while (f.used > 0) {
        int64_t voxel = grow->queue[f.head];
        f.head = (f.head + 1) % grow->crop->count;
        f.used--;
        grow->queued[voxel] = 0;
        spread(&f, voxel);
    }
    return f.stopped;
}
