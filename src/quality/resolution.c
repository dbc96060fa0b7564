/* The width of the edges by their direction: medians in six bins of n_k^2 and a weighted line through them (science
   D1.3), with the rules of D1.4 for thick slices and for edges that move. */
#include "resolution.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "restage/arena.h"
#include "restage/text.h"

enum { BINS = 6, FIRST_STEEP = 3, LEAST_IN_BIN = 12, LEAST_STEEP = 20 };
static const double bin_end[BINS] = {0.02, 0.1, 0.25, 0.5, 0.75, 1.01};
static const double steep_k2 = 0.5; /* diaphragm and apex: they move and curve */
static const double median = 0.5;
static const double fwhm_per_sigma = 2.3548200450309493;
static const double least_in_plane = 0.06, least_axial = 0.08, least_axial_thick = 0.12; /* relative errors */
static const double thin_mm = 1.5;

typedef struct bin {
    double k2, variance_mm2, sd;
    int n;
} bin;

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(double *values, int n, double share)
{
    qsort(values, (size_t)n, sizeof *values, compare);
    double at = share * (n - 1);
    int low = (int)at, high = low + 1 < n ? low + 1 : low;
    return values[low] + (at - low) * (values[high] - values[low]);
}

static void fill_bins(const rs_edges *edges, double steep_quantile, double *room, bin bins[BINS])
{
    double begin = 0;
    for (int b = 0; b < BINS; b++) {
        bin *to = &bins[b];
        *to = (bin){0};
        for (int n = 0; n < edges->n; n++) {
            const rs_edge_point *p = &edges->points[n];
            if (!p->good || p->normal_k2 < begin || p->normal_k2 >= bin_end[b]) continue;
            room[to->n++] = p->variance_mm2;
            to->k2 += p->normal_k2;
        }
        begin = bin_end[b];
        if (to->n < LEAST_IN_BIN) continue;
        to->k2 /= to->n;
        to->variance_mm2 = quantile(room, to->n, to->k2 > steep_k2 ? steep_quantile : median);
        double middle = quantile(room, to->n, median);
        for (int n = 0; n < to->n; n++)
            room[n] = fabs(room[n] - middle);
        /* of a median of normal values; 2 % for what is no scatter of single points */
        to->sd = sqrt(1.5708 / to->n) * 1.4826 * quantile(room, to->n, median) + 0.02 * to->variance_mm2;
    }
}

typedef struct line {
    double in_plane, axial;       /* variances, mm2 */
    double in_plane_sd, axial_sd; /* of them, from the bins' scatter about the line */
} line;

static bool fit_line(const bin bins[BINS], line *out)
{
    double a = 0, b = 0, c = 0, u = 0, v = 0, misfit = 0;
    int used = 0;
    for (int n = 0; n < BINS; n++) {
        if (bins[n].n < LEAST_IN_BIN) continue;
        double w = 1 / (bins[n].sd * bins[n].sd), x = 1 - bins[n].k2, z = bins[n].k2;
        a += w * x * x;
        b += w * x * z;
        c += w * z * z;
        u += w * x * bins[n].variance_mm2;
        v += w * z * bins[n].variance_mm2;
        used++;
    }
    double determinant = a * c - b * b;
    if (used < 2 || !(determinant > 1e-9 * a * c)) return false;
    out->in_plane = (u * c - v * b) / determinant;
    out->axial = (v * a - u * b) / determinant;
    for (int n = 0; n < BINS; n++) {
        if (bins[n].n < LEAST_IN_BIN) continue;
        double error = bins[n].variance_mm2 - out->in_plane * (1 - bins[n].k2) - out->axial * bins[n].k2;
        misfit += error * error / (bins[n].sd * bins[n].sd);
    }
    double scale = used > 2 ? fmax(misfit / (used - 2), 1) : 4;
    out->in_plane_sd = sqrt(scale * c / determinant);
    out->axial_sd = sqrt(scale * a / determinant);
    return out->in_plane > 0.01 && out->axial > 0.01;
}

static double relative_error(double variance, double sd, double least)
{
    double own = 0.5 * sd / variance;
    return rs_round_decimals(fmin(sqrt(least * least + own * own), 0.45), 3);
}

rs_status rs_resolution_from_edges(rs_context *ctx, const rs_edges *edges, const rs_quality_params *params,
                                   rs_arena *arena, rs_quality *out)
{
    bin bins[BINS];
    line l;
    int steep = 0;
    out->n_edge_points = edges->n_good;
    if (edges->n_good < params->quality_least_edges) return RS_OK;
    rs_arena *scratch = rs_scratch(ctx); /* the caller rewinds it */
    double *room = scratch ? RS_ARENA_RAW(scratch, double, edges->n_good) : NULL;
    if (!room) return rs_fail_memory(ctx, "the resolution");
    fill_bins(edges, params->quality_steep_quantile, room, bins);
    for (int b = FIRST_STEEP; b < BINS; b++)
        steep += bins[b].n;
    if (!fit_line(bins, &l)) return RS_OK;
    out->psf_measured = true;
    out->psf.in_plane_mm = rs_round_decimals(fwhm_per_sigma * sqrt(l.in_plane), 3);
    out->psf_error.in_plane_mm = relative_error(l.in_plane, l.in_plane_sd, least_in_plane);
    out->axial_measured = steep >= LEAST_STEEP;
    if (out->axial_measured) {
        bool thin = out->thickness_mm <= thin_mm;
        double fwhm = fmin(fwhm_per_sigma * sqrt(l.axial), params->quality_most_thickness * out->thickness_mm);
        if (!thin) fwhm = fmax(fwhm, out->thickness_mm);
        out->psf.axial_mm = rs_round_decimals(fwhm, 3);
        out->psf_error.axial_mm = relative_error(l.axial, l.axial_sd, thin ? least_axial : least_axial_thick);
    }
    out->psf_basis = rs_arena_printf(arena, "edge of the lung, %d places%s", edges->n_good,
                                     out->axial_measured ? "" : "; along the normal from the slice thickness");
    return out->psf_basis ? RS_OK : rs_fail_memory(ctx, "the resolution");
}
