/* Background and contrast around a mark, from a shell and the middle, or from a first mask (science C8.1). */
#include <limits.h>
#include <math.h>

#include "levels.h"

/* Thick slices: the nearest slice may lie further off than the middle is wide. */
static bool in_middle_slice(const double spacing_mm[3], double middle, double x, double y, double z)
{
    return fabs(z) <= 0.501 * spacing_mm[2] && x * x + y * y <= middle * middle;
}

/* Median of the middle, 30th percentile of the shell, where vessels and wall lie above it. */
static void from_balls(const rs_segment_request *r, float *room, rs_levels *out)
{
    const rs_crop *crop = r->crop;
    const double *s = crop->spacing_mm;
    double f = r->quality->psf.in_plane_mm, first = r->radius_mm + 0.7 * f + 0.8, last = first + 2.5;
    double middle = fmax(0.5 * r->radius_mm, 1.01 * fmax(s[0], s[1]));
    float *high = room, *low = room + crop->count;
    int64_t n_high = 0, n_low = 0, v = 0;
    for (int32_t k = 0; k < crop->n[2]; k++)
        for (int32_t j = 0; j < crop->n[1]; j++)
            for (int32_t i = 0; i < crop->n[0]; i++, v++) {
                double x = i * s[0] - r->centre_mm[0], y = j * s[1] - r->centre_mm[1], z = k * s[2] - r->centre_mm[2];
                double d = sqrt(x * x + y * y + z * z);
                if (d <= middle || in_middle_slice(s, middle, x, y, z)) high[n_high++] = crop->hu[v];
                if (d >= first && d <= last && (crop->searched[v] || !out->only_searched)) low[n_low++] = crop->hu[v];
            }
    out->background_hu = rs_quantile(low, n_low, 0.3);
    out->contrast_hu = rs_quantile(high, n_high, 0.5) - out->background_hu;
}

void rs_levels_begin(const rs_segment_request *request, rs_levels *out)
{
    *out = (rs_levels){.only_searched = rs_crop_is_searched(request->crop, request->centre_mm)};
}

void rs_levels_find(const rs_segment_request *request, float *room, rs_levels *out)
{
    if (request->contrast_hu > 0.0) {
        out->background_hu = request->background_hu;
        out->contrast_hu = request->contrast_hu;
        out->peak_share = request->peak_share;
        return;
    }
    out->peak_share = 1.0;
    from_balls(request, room, out);
}

void rs_levels_refine(const rs_segment_request *r, rs_grow *grow, const uint8_t *mask, float *room, rs_levels *levels)
{
    const rs_crop *crop = r->crop;
    double f = r->quality->psf.in_plane_mm, depth = rs_segment_depth(grow, mask);
    double core = fmin(0.75 * f, 0.6 * depth);
    int64_t n = 0;
    for (int64_t v = 0; v < crop->count; v++)
        if (mask[v] && grow->distance_um[v] >= core * 1000.0) room[n++] = crop->hu[v];
    double high = rs_quantile(room, n, 0.5), half = levels->background_hu + 0.5 * levels->contrast_hu;
    rs_grow_clear(grow);
    for (int64_t v = 0; v < crop->count; v++)
        if (mask[v]) rs_grow_source(grow, v, 0);
    uint8_t *all = (uint8_t *)(room + crop->count);
    for (int64_t v = 0; v < crop->count; v++)
        all[v] = (double)crop->hu[v] < half && (crop->searched[v] || !levels->only_searched);
    rs_grow_run(grow, all, (int32_t)((f + 3.0) * 1000.0));
    n = 0;
    for (int64_t v = 0; v < crop->count; v++)
        if (!mask[v] && grow->distance_um[v] != INT32_MAX && grow->distance_um[v] >= f * 1000.0)
            room[n++] = crop->hu[v];
    double low = rs_quantile(room, n, 0.5);
    if (isnan(low) || isnan(high) || high <= low) return;
    levels->background_hu = low;
    levels->contrast_hu = high - low;
}
