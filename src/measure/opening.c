/* Thin appendages off a mask: erosion by a ball, the part at the seed, and back by a geodesic dilation (science C8.2).
 */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "room.h"

static int32_t border_distance_um(const rs_crop *crop, const uint8_t *mask, int32_t i, int32_t j, int32_t k)
{
    const int32_t at[3] = {i, j, k};
    const int64_t stride[3] = {1, crop->n[0], (int64_t)crop->n[0] * crop->n[1]};
    int64_t v = rs_crop_at(crop, i, j, k);
    double least = INFINITY;
    for (int a = 0; a < 3; a++) {
        bool low = at[a] == 0 || !mask[v - stride[a]], high = at[a] == crop->n[a] - 1 || !mask[v + stride[a]];
        if (low || high) least = fmin(least, 0.5 * crop->spacing_mm[a]);
    }
    return isfinite(least) ? (int32_t)(least * 1000.0 + 0.5) : INT32_MAX;
}

double rs_segment_depth(rs_grow *grow, const uint8_t *mask)
{
    const rs_crop *crop = grow->crop;
    int64_t v = 0;
    int32_t most = 0;
    rs_grow_metric(grow, crop->spacing_mm);
    rs_grow_clear(grow);
    for (int32_t k = 0; k < crop->n[2]; k++)
        for (int32_t j = 0; j < crop->n[1]; j++)
            for (int32_t i = 0; i < crop->n[0]; i++, v++) {
                int32_t d = mask[v] ? border_distance_um(crop, mask, i, j, k) : INT32_MAX;
                if (d != INT32_MAX) rs_grow_source(grow, v, d);
            }
    rs_grow_run(grow, mask, INT32_MAX - 1000000);
    for (v = 0; v < crop->count; v++)
        if (grow->distance_um[v] != INT32_MAX && grow->distance_um[v] > most) most = grow->distance_um[v];
    return most / 1000.0;
}

/* Sources of the next growth: voxels of a set within a ball. */
static void sources_in_ball(rs_grow *grow, const uint8_t *set, const double centre_mm[3], double radius_mm)
{
    const rs_crop *crop = grow->crop;
    const double *s = crop->spacing_mm;
    int64_t v = 0;
    rs_grow_clear(grow);
    for (int32_t k = 0; k < crop->n[2]; k++)
        for (int32_t j = 0; j < crop->n[1]; j++)
            for (int32_t i = 0; i < crop->n[0]; i++, v++) {
                double x = i * s[0] - centre_mm[0], y = j * s[1] - centre_mm[1], z = k * s[2] - centre_mm[2];
                if (set[v] && x * x + y * y + z * z <= radius_mm * radius_mm) rs_grow_source(grow, v, 0);
            }
}

static void sources_reached(rs_grow *grow)
{
    grow->n_sources = 0;
    for (int64_t v = 0; v < grow->crop->count; v++)
        if (grow->distance_um[v] != INT32_MAX) rs_grow_source(grow, v, 0);
}

bool rs_segment_open(rs_grow *grow, const rs_segment_request *request, uint8_t *mask, uint8_t *work)
{
    const rs_crop *crop = grow->crop;
    double voxel = fmax(crop->spacing_mm[0], crop->spacing_mm[1]);
    double radius = fmax(voxel, 0.35 * rs_segment_depth(grow, mask));
    int32_t radius_um = (int32_t)(radius * 1000.0), back_um = (int32_t)((radius + voxel) * 1000.0);
    for (int64_t v = 0; v < crop->count; v++)
        work[v] = grow->distance_um[v] != INT32_MAX && grow->distance_um[v] > radius_um;
    sources_in_ball(grow, work, request->centre_mm, request->radius_mm);
    if (grow->n_sources == 0) return false;
    rs_grow_run(grow, work, INT32_MAX - 1000000);
    sources_reached(grow);
    rs_grow_run(grow, mask, back_um);
    for (int64_t v = 0; v < crop->count; v++)
        mask[v] = grow->distance_um[v] != INT32_MAX;
    return true;
}
