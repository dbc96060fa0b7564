/* Plain segmentation at half contrast: what is above the half level and connected to the seed within a geodesic reach,
   its volume by partial-volume weights, and the tests for leaks (science C8.1, C8.3, C8.4). */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "levels.h"

#define SEED 0.7 /* of the radius: science C8.1 */
#define ROUNDS 3
#define OPENED_FROM_MM 8.0 /* science C8.1 */
#define LEAST_CONTRAST 2.0 /* over the noise */
#define FWHM_PER_SIGMA 2.354820045030949
#define PADDING_HU (-1500.0F) /* below air: no image there */

typedef struct work {
    const rs_segment_request *request;
    rs_segment_request at; /* the request with the radius of this round */
    rs_grow grow;
    rs_levels levels;
    float *smooth, *room; /* room: 2 a voxel */
    uint8_t *open;        /* may belong to the mark: searched, and within the bound */
    uint8_t *allowed, *spare;
} work;

/* Gaussian of sigma 0.5 voxel by 3 taps, along one axis, in place. */
static void smooth_axis(const rs_crop *crop, float *values, int axis)
{
    const float side = 0.10650698F, middle = 0.78698604F;
    const int64_t stride[3] = {1, crop->n[0], (int64_t)crop->n[0] * crop->n[1]};
    int64_t n = crop->n[axis], step = stride[axis];
    for (int64_t first = 0; first < crop->count; first++) {
        if (first / step % n != 0) continue;
        float before = values[first];
        for (int64_t m = 0; m < n; m++) {
            float *v = values + first + m * step, own = *v;
            *v = side * before + middle * own + side * (m + 1 < n ? v[step] : own);
            before = own;
        }
    }
}

static void set_open(work *w)
{
    const rs_segment_request *r = w->request;
    const rs_crop *crop = r->crop;
    const double *s = crop->spacing_mm, *c = r->centre_mm;
    bool bound = r->bound_mm[0] > 0.0 && r->bound_mm[1] > 0.0;
    int64_t v = 0;
    for (int32_t k = 0; k < crop->n[2]; k++)
        for (int32_t j = 0; j < crop->n[1]; j++)
            for (int32_t i = 0; i < crop->n[0]; i++, v++) {
                w->open[v] = crop->searched[v] || !w->levels.only_searched;
                if (!bound) continue;
                double x = (i * s[0] - c[0]) / r->bound_mm[0], y = (j * s[1] - c[1]) / r->bound_mm[0];
                double z = (k * s[2] - c[2]) / r->bound_mm[1];
                w->open[v] = w->open[v] && x * x + y * y + z * z <= 1.0;
            }
}

static rs_status begin(rs_context *ctx, const rs_segment_request *request, rs_arena *scratch, work *w)
{
    const rs_crop *crop = request->crop;
    memset(w, 0, sizeof *w);
    w->request = request;
    w->at = *request;
    RS_TRY(rs_grow_new(ctx, crop, scratch, &w->grow));
    w->smooth = rs_arena_copy(scratch, crop->hu, (size_t)crop->count, sizeof *crop->hu);
    w->room = RS_ARENA_RAW(scratch, float, 2 * crop->count);
    w->allowed = RS_ARENA_RAW(scratch, uint8_t, crop->count);
    w->spare = RS_ARENA_RAW(scratch, uint8_t, crop->count);
    w->open = RS_ARENA_RAW(scratch, uint8_t, crop->count);
    if (!w->open || !w->smooth || !w->room || !w->allowed || !w->spare) return rs_fail_memory(ctx, "the segmentation");
    for (int axis = 0; axis < 3; axis++)
        smooth_axis(crop, w->smooth, axis);
    rs_levels_begin(request, &w->levels);
    set_open(w);
    return RS_OK;
}

/* Voxels of the seed become sources; without one above the level in the seed's ball, the nearest within the radius. */
static void set_sources(work *w)
{
    const rs_crop *crop = w->at.crop;
    const double *s = crop->spacing_mm, *c = w->at.centre_mm;
    double nearest = INFINITY, reach = fmax(w->at.radius_mm, 1.5 * fmax(s[0], s[1]));
    int64_t v = 0, at = -1;
    rs_grow_clear(&w->grow);
    for (int32_t k = 0; k < crop->n[2]; k++)
        for (int32_t j = 0; j < crop->n[1]; j++)
            for (int32_t i = 0; i < crop->n[0]; i++, v++) {
                if (!w->allowed[v]) continue;
                double x = i * s[0] - c[0], y = j * s[1] - c[1], z = k * s[2] - c[2], d = sqrt(x * x + y * y + z * z);
                if (d <= SEED * w->at.radius_mm) rs_grow_source(&w->grow, v, 0);
                if (d < nearest) nearest = d, at = v;
            }
    if (w->grow.n_sources == 0 && at >= 0 && nearest <= fmax(reach, s[2])) rs_grow_source(&w->grow, at, 0);
}

/* Region above background + share * observed contrast; its voxels, and whether the geodesic limit stopped it. */
static int64_t grow_at(work *w, double share, bool *stopped)
{
    const rs_crop *crop = w->at.crop;
    double level = w->levels.background_hu + share * w->levels.contrast_hu * w->levels.peak_share;
    for (int64_t v = 0; v < crop->count; v++)
        w->allowed[v] = w->open[v] && (double)w->smooth[v] >= level;
    rs_grow_metric(&w->grow, crop->spacing_mm);
    set_sources(w);
    if (w->grow.n_sources == 0) return 0;
    double reach_um = fmin(w->request->settings->segment_reach * w->at.radius_mm * 1e3, INT32_MAX / 2);
    *stopped = rs_grow_run(&w->grow, w->allowed, (int32_t)reach_um);
    int64_t n = 0;
    for (int64_t v = 0; v < crop->count; v++)
        n += w->grow.distance_um[v] != INT32_MAX;
    return n;
}

/* How much a blurred ball of this volume grows from 0.6 to 0.4 of the contrast without any leak. */
static double blur_ratio(const work *w, int64_t n_voxels)
{
    const double *s = w->at.crop->spacing_mm;
    double radius = cbrt(0.75 / M_PI * (double)n_voxels * s[0] * s[1] * s[2]);
    double edge = 0.2533 * rs_psf_mean_mm(&w->at.quality->psf) / FWHM_PER_SIGMA; /* 0.4 of a Gaussian edge */
    double ratio = radius > 1.5 * edge ? (radius + edge) / (radius - edge) : 5.0;
    return ratio * ratio * ratio;
}

static bool leaks(work *w, const rs_segment *out, bool stopped)
{
    bool ignored = false;
    if (stopped) return true;
    int64_t wide = grow_at(w, 0.4, &ignored), narrow = grow_at(w, 0.6, &ignored);
    double limit = fmax(w->request->settings->segment_leak_ratio, 1.3 * blur_ratio(w, out->n_voxels));
    return narrow == 0 || (double)wide > limit * (double)narrow;
}

/* Vessels and spicules come off larger marks in any case (science C8.1, C8.2). */
static bool is_large(const work *w, const rs_segment *out)
{
    const double *s = w->at.crop->spacing_mm, d = OPENED_FROM_MM;
    return (double)out->n_voxels * s[0] * s[1] * s[2] > M_PI / 6.0 * d * d * d;
}

static void take_mask(const work *w, rs_segment *out)
{
    for (int64_t v = 0; v < w->at.crop->count; v++)
        out->mask[v] = w->grow.distance_um[v] != INT32_MAX;
}

/* Rounds of levels and growth until the radius holds what is there. */
static bool find_region(work *w, rs_segment *out, bool *stopped)
{
    bool fixed = w->request->contrast_hu > 0.0;
    double noise = w->request->quality->noise_hu, least = isfinite(noise) && !fixed ? LEAST_CONTRAST * noise : 0.0;
    rs_levels_find(&w->at, w->room, &w->levels);
    for (int round = 0; round < (fixed ? 1 : ROUNDS); round++) {
        if (!(w->levels.contrast_hu > least)) return false;
        out->n_voxels = grow_at(w, 0.5, stopped);
        if (out->n_voxels == 0) return false;
        take_mask(w, out);
        if (fixed || round == ROUNDS - 1) break;
        double inscribed = rs_segment_depth(&w->grow, out->mask);
        w->at.radius_mm = fmin(fmax(w->at.radius_mm, 1.1 * inscribed), 1.5 * w->at.radius_mm);
        rs_levels_refine(&w->at, &w->grow, out->mask, w->room, &w->levels);
    }
    return true;
}

static bool mask_at_limit(const work *w, const rs_segment *out)
{
    double limit = 0.97 * w->request->settings->segment_reach * w->at.radius_mm;
    const rs_crop *crop = w->at.crop;
    const double *s = crop->spacing_mm, *c = w->at.centre_mm;
    int64_t v = 0;
    for (int32_t k = 0; k < crop->n[2]; k++)
        for (int32_t j = 0; j < crop->n[1]; j++)
            for (int32_t i = 0; i < crop->n[0]; i++, v++) {
                double x = i * s[0] - c[0], y = j * s[1] - c[1], z = k * s[2] - c[2];
                if (out->mask[v] && x * x + y * y + z * z > limit * limit) return true;
            }
    return false;
}

/* One of the 26 neighbours is in the mask. */
static bool beside_mask(const rs_crop *crop, const uint8_t *mask, int64_t v)
{
    const int32_t *n = crop->n;
    int32_t plane = n[0] * n[1], at = (int32_t)v, k = at / plane, j = (at - k * plane) / n[0], i = at % n[0];
    for (int32_t z = k > 0 ? k - 1 : 0; z <= k + 1 && z < n[2]; z++)
        for (int32_t y = j > 0 ? j - 1 : 0; y <= j + 1 && y < n[1]; y++)
            for (int32_t x = i > 0 ? i - 1 : 0; x <= i + 1 && x < n[0]; x++)
                if (mask[rs_crop_at(crop, x, y, z)]) return true;
    return false;
}

/* The mask is what reaches the half level by its own value, w >= 0.5 (science C8.3); smoothing decides on what is
   joined only: it takes away the rim of small balls. */
static void trim_mask(work *w, rs_segment *out)
{
    const rs_crop *crop = w->at.crop;
    out->n_voxels = 0;
    for (int64_t v = 0; v < crop->count; v++) {
        bool above = (double)crop->hu[v] >= out->level_hu;
        bool rim = above && !out->mask[v] && (double)w->smooth[v] < out->level_hu && w->open[v] &&
                   beside_mask(crop, out->mask, v);
        w->spare[v] = rim || (above && out->mask[v]);
        out->n_voxels += w->spare[v];
    }
    memcpy(out->mask, w->spare, (size_t)crop->count);
}

/* Sum of the partial-volume weights over the mask widened by the PSF; tissue that was cut off counts nothing. */
static double weighted_volume(work *w, const rs_segment *out)
{
    const rs_crop *crop = w->at.crop;
    const rs_psf *psf = &w->at.quality->psf;
    const double *s = crop->spacing_mm;
    rs_grow_metric(&w->grow, (double[3]){s[0], s[1], s[2] * psf->in_plane_mm / psf->axial_mm});
    rs_grow_clear(&w->grow);
    for (int64_t v = 0; v < crop->count; v++) {
        bool cut = !out->mask[v] && (double)w->smooth[v] >= out->level_hu;
        w->spare[v] = !cut && (crop->searched[v] || !w->levels.only_searched);
        if (out->mask[v]) rs_grow_source(&w->grow, v, 0);
    }
    rs_grow_run(&w->grow, w->spare, (int32_t)(psf->in_plane_mm * 1000.0));
    double sum = 0.0;
    for (int64_t v = 0; v < crop->count; v++) {
        if (w->grow.distance_um[v] == INT32_MAX) continue;
        double share = ((double)crop->hu[v] - out->background_hu) / out->contrast_hu;
        sum += fmin(fmax(share, 0.0), 1.0);
    }
    return sum * s[0] * s[1] * s[2];
}

static void set_touches(const rs_crop *crop, rs_segment *out)
{
    int64_t v = 0;
    const int64_t stride[3] = {1, crop->n[0], (int64_t)crop->n[0] * crop->n[1]};
    for (int32_t k = 0; k < crop->n[2]; k++)
        for (int32_t j = 0; j < crop->n[1]; j++)
            for (int32_t i = 0; i < crop->n[0]; i++, v++) {
                if (!out->mask[v]) continue;
                const int32_t at[3] = {i, j, k};
                for (int a = 0; a < 3; a++) {
                    bool low = at[a] == 0, high = at[a] == crop->n[a] - 1;
                    bool image = (low && crop->at_image[a][0]) || (high && crop->at_image[a][1]);
                    bool padding = (!low && crop->hu[v - stride[a]] < PADDING_HU) ||
                                   (!high && crop->hu[v + stride[a]] < PADDING_HU);
                    out->touches_image = out->touches_image || image || padding;
                    out->touches_crop = out->touches_crop || ((low || high) && !image);
                }
            }
}

static void set_sizes(work *w, rs_segment *out)
{
    const double *s = w->at.crop->spacing_mm;
    const struct rs_measure_settings *settings = w->request->settings;
    double voxel = s[0] * s[1] * s[2];
    out->mask_volume_mm3 = (double)out->n_voxels * voxel;
    out->volume_mm3 = weighted_volume(w, out);
    out->equivalent_mm = cbrt(6.0 / M_PI * out->volume_mm3);
    double grid = settings->segment_sd_grid * cbrt(voxel) / out->equivalent_mm;
    out->sd = sqrt(settings->segment_sd_constant * settings->segment_sd_constant + grid * grid);
}

rs_status rs_segment_mark(rs_context *ctx, const rs_segment_request *request, rs_arena *scratch, rs_segment *out)
{
    work w;
    bool stopped = false;
    memset(out, 0, sizeof *out);
    RS_TRY(begin(ctx, request, scratch, &w));
    out->mask = RS_ARENA_NEW(scratch, uint8_t, request->crop->count);
    if (!out->mask) return rs_fail_memory(ctx, "the segmentation");
    if (!find_region(&w, out, &stopped)) {
        out->reason = "nothing above half the contrast at the mark";
        return RS_OK;
    }
    out->background_hu = w.levels.background_hu;
    out->contrast_hu = w.levels.contrast_hu;
    out->level_hu = out->background_hu + 0.5 * out->contrast_hu * w.levels.peak_share;
    out->smooth = w.smooth;
    out->only_searched = w.levels.only_searched;
    out->leak = leaks(&w, out, stopped);
    if ((out->leak || is_large(&w, out)) && rs_segment_open(&w.grow, &w.at, out->mask, w.spare)) {
        out->opened = true;
        out->leak = out->leak && mask_at_limit(&w, out);
    }
    trim_mask(&w, out);
    if (out->n_voxels == 0) {
        out->reason = "nothing above half the contrast at the mark";
        return RS_OK;
    }
    set_touches(request->crop, out);
    set_sizes(&w, out);
    rs_segment_describe(request, &w.grow, w.room, out);
    return RS_OK;
}
