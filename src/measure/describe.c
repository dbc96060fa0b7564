/* What a mask is made of and what it sits on: density, enclosed gas, share of the surface on other tissue, attachment.
 */
#include <math.h>
#include <string.h>

#include "room.h"

#define RING_MM 0.5
#define RING_STEP_MM 0.25
#define LEAST_IN_RING 12
#define RIM_FAR_FROM_MM 3.5
#define RIM_FAR_TO_MM 6.5
#define FWHM_PER_SIGMA 2.354820045030949

/* Share of the mask's faces, by area, that look on tissue above the half level or on what was not searched. */
static double attached_share(const rs_crop *crop, const rs_segment *segment)
{
    const int64_t stride[3] = {1, crop->n[0], (int64_t)crop->n[0] * crop->n[1]};
    const double *s = crop->spacing_mm, area[3] = {s[1] * s[2], s[0] * s[2], s[0] * s[1]};
    double all = 0.0, attached = 0.0;
    for (int64_t v = 0; v < crop->count; v++) {
        if (!segment->mask[v]) continue;
        const int32_t at[3] = {(int32_t)(v % crop->n[0]), (int32_t)(v / crop->n[0] % crop->n[1]),
                               (int32_t)(v / stride[2])};
        for (int side = 0; side < 6; side++) {
            int a = side / 2;
            if (at[a] == (side % 2 ? crop->n[a] - 1 : 0)) continue;
            int64_t next = v + (side % 2 ? stride[a] : -stride[a]);
            if (segment->mask[next]) continue;
            all += area[a];
            bool other = segment->only_searched && !crop->searched[next];
            if (other || (double)segment->smooth[next] >= segment->level_hu) attached += area[a];
        }
    }
    return all > 0.0 ? attached / all : 0.0;
}

/* Floods the outside of one slice of the mask, 4-connected, from its rim; the rest that is no mask is enclosed. */
static void flood_outside(const rs_crop *crop, const uint8_t *mask, uint8_t *outside, int64_t *stack)
{
    int32_t nx = crop->n[0], ny = crop->n[1];
    int64_t n = 0;
    memset(outside, 0, (size_t)nx * (size_t)ny);
    for (int32_t p = 0; p < nx * ny; p++) {
        int32_t i = p % nx, j = p / nx;
        bool rim = i == 0 || j == 0 || i == nx - 1 || j == ny - 1;
        if (rim && !mask[p]) outside[p] = 1, stack[n++] = p;
    }
    while (n > 0) {
        int64_t p = stack[--n];
        int32_t i = (int32_t)(p % nx), j = (int32_t)(p / nx);
        const int64_t next[4] = {i > 0 ? p - 1 : p, i < nx - 1 ? p + 1 : p, j > 0 ? p - nx : p,
                                 j < ny - 1 ? p + nx : p};
        for (int m = 0; m < 4; m++)
            if (!mask[next[m]] && !outside[next[m]]) outside[next[m]] = 1, stack[n++] = next[m];
    }
}

static double cavity_share(rs_grow *grow, const rs_segment *segment)
{
    const rs_crop *crop = grow->crop;
    int64_t plane = (int64_t)crop->n[0] * crop->n[1], gas = 0;
    float limit = (float)(segment->background_hu + 0.25 * segment->contrast_hu);
    for (int32_t k = 0; k < crop->n[2]; k++) {
        const uint8_t *mask = segment->mask + k * plane;
        flood_outside(crop, mask, grow->queued, grow->queue);
        for (int64_t p = 0; p < plane; p++)
            gas += !mask[p] && !grow->queued[p] && crop->hu[k * plane + p] < limit;
    }
    memset(grow->queued, 0, (size_t)plane);
    return (double)gas / (double)(gas + segment->n_voxels);
}

/* Median of the lung at a geodesic distance from the mask; NaN where there is hardly any. */
static double ring_median(const rs_grow *grow, float *room, double from_mm, double to_mm)
{
    const rs_crop *crop = grow->crop;
    int64_t n = 0;
    for (int64_t v = 0; v < crop->count; v++)
        if (grow->distance_um[v] >= from_mm * 1000.0 && grow->distance_um[v] < to_mm * 1000.0) room[n++] = crop->hu[v];
    return n < LEAST_IN_RING ? (double)NAN : rs_quantile(room, n, 0.5);
}

/* What the blur of the mask's own edge, as its normal turns from the plane to the axis, leaves of its contrast at a
   distance from the voxels of its border. */
static double own_blur_hu(const rs_segment_request *request, const rs_segment *segment, double mm)
{
    const double *s = request->crop->spacing_mm;
    const rs_psf *psf = &request->quality->psf;
    double fwhm2 = (2.0 * psf->in_plane_mm * psf->in_plane_mm + psf->axial_mm * psf->axial_mm) / 3.0;
    double from_edge = mm - 0.25 * (s[0] + s[1]);
    return segment->contrast_hu * 0.5 * erfc(from_edge * FWHM_PER_SIGMA / sqrt(2.0 * fwhm2));
}

/* Ground glass around the mask raises the median of the lung at every distance, which vessels and a fissure hardly
   move: by how much, and to which diameter. The voxels next to the mask, in the next slice too, may hold the lesion's
   own end. */
static void find_rim(const rs_segment_request *request, rs_grow *grow, float *room, rs_segment *segment)
{
    const rs_crop *crop = grow->crop;
    uint8_t *open = (uint8_t *)(room + crop->count);
    rs_grow_metric(grow, crop->spacing_mm);
    rs_grow_clear(grow);
    for (int64_t v = 0; v < crop->count; v++) {
        open[v] = (double)segment->smooth[v] < segment->level_hu && (crop->searched[v] || !segment->only_searched);
        if (segment->mask[v]) rs_grow_source(grow, v, 0);
    }
    rs_grow_run(grow, open, (int32_t)(RIM_FAR_TO_MM * 1000.0));
    const double from = RING_STEP_MM + fmax(1.0, crop->spacing_mm[2]), end = fmax(RIM_FAR_FROM_MM, from + 2.0);
    double near = ring_median(grow, room, from, from + RING_MM), far = ring_median(grow, room, end, RIM_FAR_TO_MM);
    double at = from + RING_STEP_MM;
    if (!(near > far)) return;
    while (at < end && ring_median(grow, room, at, at + RING_MM) > 0.5 * (near + far))
        at += RING_STEP_MM;
    segment->rim_hu = near - far - own_blur_hu(request, segment, from + 0.5 * RING_MM);
    segment->rim_mm = segment->equivalent_mm + 2.0 * at;
}

void rs_segment_describe(const rs_segment_request *request, rs_grow *grow, float *room, rs_segment *segment)
{
    const rs_crop *crop = request->crop;
    double depth = rs_segment_depth(grow, segment->mask);
    double least = 1000.0 * fmin(0.75 * request->quality->psf.in_plane_mm, 0.6 * depth);
    double sum = 0.0, core_sum = 0.0, core_squares = 0.0;
    int64_t n_core = 0;
    for (int64_t v = 0; v < crop->count; v++) {
        if (!segment->mask[v]) continue;
        double hu = (double)crop->hu[v];
        sum += hu;
        if (grow->distance_um[v] < least) continue;
        room[n_core++] = crop->hu[v];
        core_sum += hu;
        core_squares += hu * hu;
    }
    segment->mean_hu = sum / (double)segment->n_voxels;
    double core_mean = core_sum / (double)n_core;
    segment->core_sd_hu = sqrt(fmax(core_squares / (double)n_core - core_mean * core_mean, 0.0));
    segment->core_hu = rs_quantile(room, n_core, 0.5);
    segment->attached_share = attached_share(crop, segment);
    segment->cavity_share = cavity_share(grow, segment);
    find_rim(request, grow, room, segment);
}

rs_attachment rs_attachment_of(const rs_candidate *candidate, const struct rs_measure_settings *settings)
{
    const float *f = candidate->feature;
    bool rays = isfinite(f[RS_FEATURE_wall]) && isfinite(f[RS_FEATURE_limbs]) &&
                (f[RS_FEATURE_peak_hu] != 0.0F || f[RS_FEATURE_background_hu] != 0.0F);
    if (!rays) return RS_ATTACHMENT_UNKNOWN;
    if ((double)f[RS_FEATURE_wall] >= settings->pleura_share) return RS_ATTACHMENT_PLEURA;
    /* A group has two rays at least: 2 of 162 is a cone of 25 degrees (science C7.4). */
    return f[RS_FEATURE_limbs] >= 1.0F ? RS_ATTACHMENT_VESSEL : RS_ATTACHMENT_FREE;
}

rs_density rs_density_of(const rs_mark_facts *facts)
{
    const struct rs_measure_settings *s = facts->settings;
    const rs_segment *segment = facts->segment;
    if (segment->reason) return RS_DENSITY_UNKNOWN;
    double d = facts->fit->reason ? segment->equivalent_mm : facts->fit->diameter_mm;
    if (rs_sphere_peak(d, rs_psf_mean_mm(&facts->quality->psf)) <= s->density_edge_loss) return RS_DENSITY_UNKNOWN;
    /* A blurred small lesion has no plateau: its density is that of the fitted sphere. Where the contrast prior could
       not be dropped, ground glass looks like a smaller solid lesion (science C9.2). */
    const rs_fit *fit = facts->fit;
    if (!fit->reason && fit->diameter_mm < s->fit_release_mm) return RS_DENSITY_UNKNOWN;
    if (!fit->reason && fit->has_core) {
        double shell = fit->background_hu + fit->contrast_hu, middle = shell + fit->core_hu;
        if (fit->core_hu < 0.0) return middle < s->density_solid_hu ? RS_DENSITY_CAVITY : RS_DENSITY_SOLID;
        /* A core below the resolution can be of any HU; what the image shows of it counts. */
        double shown = shell + fit->core_hu * rs_sphere_peak(fit->core_mm, rs_psf_mean_mm(&facts->quality->psf));
        if (shown > s->density_calcified_hu) return RS_DENSITY_CALCIFIED;
        return shell <= s->density_solid_hu ? RS_DENSITY_PART_SOLID : RS_DENSITY_SOLID;
    }
    double core = fit->reason ? segment->core_hu : fit->background_hu + fit->contrast_hu;
    double noise = isfinite(facts->quality->noise_hu) ? facts->quality->noise_hu : 30.0;
    if (segment->cavity_share >= s->density_cavity_share) return RS_DENSITY_CAVITY;
    if (core > s->density_calcified_hu) return RS_DENSITY_CALCIFIED;
    /* A fit would have found the shell; dense lung around a solid lesion is none. */
    bool glass = fit->reason && (segment->background_hu > s->density_glass_hu || segment->rim_hu >= s->density_rim_hu);
    bool homogeneous = segment->core_sd_hu < 1.5 * fmax(noise, 10.0);
    if (homogeneous && segment->rim_hu < s->density_rim_hu && core >= s->density_fat_low_hu &&
        core <= s->density_fat_high_hu)
        return RS_DENSITY_FAT;
    if (core <= s->density_solid_hu) return RS_DENSITY_GROUND_GLASS;
    return glass ? RS_DENSITY_PART_SOLID : RS_DENSITY_SOLID;
}
