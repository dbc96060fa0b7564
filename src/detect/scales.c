/* Scales of the search (science C1.1 to C1.3) and the response by which each is normalised (science C2.2, C2.3). */
#include "scales.h"

#include <math.h>

static const double least_psf_share = 0.85;              /* of p: C2.2 has no matched sphere for s^2 <= 2/3 p^2 */
static const double matched_share = 0.28867513459481287; /* s / d without a PSF: 1 / (2 sqrt 3) */
static const double least_axial_share = 0.15;            /* of s^2, science C2.3 */

double rs_fwhm_to_sigma(double fwhm_mm)
{
    return fwhm_mm / 2.3548200450309493;
}

double rs_scale_mm(const rs_scales *scales, double step)
{
    return scales->scale[0].sigma_mm * rs_steady(pow(scales->ratio, step));
}

double rs_matched_diameter_mm(double sigma_mm, double psf_sigma_mm)
{
    double s2 = sigma_mm * sigma_mm, p2 = psf_sigma_mm * psf_sigma_mm, t = s2 + p2;
    double square = t * (3 * t - 5 * p2) / s2;
    double matched = square > 0 ? 2 * sqrt(square) : 0;
    return fmax(matched, 2.3548200450309493 * psf_sigma_mm);
}

/* Negative second derivatives at the centre of a blurred sphere: both in plane together, and along the normal. */
static void sphere_curvatures(double radius_mm, rs_blur blur, double *in_plane, double *axial)
{
    enum { STEPS = 200 };
    double tx = blur.in_plane_mm2, tz = blur.axial_mm2, h = 2 * radius_mm / STEPS;
    *in_plane = *axial = 0;
    for (int n = 0; n <= STEPS; n++) {
        double z = -radius_mm + n * h, disc = fmax(radius_mm * radius_mm - z * z, 0) / (2 * tx);
        double e = exp(-disc), along_k = exp(-z * z / (2 * tz)) / sqrt(2 * M_PI * tz);
        double weight = (n == 0 || n == STEPS ? 1 : n % 2 ? 4 : 2) * along_k * h / 3; /* Simpson */
        *in_plane += weight * 2 / tx * disc * e;
        *axial += weight * (1 - e) * (1 / tz - z * z / (tz * tz));
    }
}

double rs_sphere_response(double radius_mm, rs_blur blur)
{
    double in_plane, axial;
    sphere_curvatures(radius_mm, blur, &in_plane, &axial);
    return rs_steady(in_plane + axial);
}

double rs_sphere_determinant(double radius_mm, rs_blur blur)
{
    double in_plane, axial;
    sphere_curvatures(radius_mm, blur, &in_plane, &axial);
    double each = 0.5 * fmax(in_plane, 0);
    return rs_steady(3 * cbrt(each * each * fmax(axial, 0)));
}

void rs_scales_make(const rs_scales_wish *wish, rs_scales *out)
{
    double p = rs_fwhm_to_sigma(wish->psf.in_plane_mm), pz = rs_fwhm_to_sigma(wish->psf.axial_mm);
    double first = fmax(fmax(wish->smallest_mm, least_psf_share * p), matched_share * wish->min_diameter_mm);
    double last = fmax(matched_share * wish->max_diameter_mm, first);
    int steps = (int)floor(log(last / first) / log(wish->ratio) + 0.5);
    if (steps > RS_SCALES_MAX - 1) steps = RS_SCALES_MAX - 1;
    if (steps < 1 && last > first) steps = 1;
    out->n = steps + 1;
    out->ratio = steps > 0 ? rs_steady(pow(last / first, 1.0 / steps)) : wish->ratio;
    double s = first;
    for (int n = 0; n < out->n; n++) {
        double t = s * s + p * p;
        out->scale[n].sigma_mm = s;
        out->scale[n].sigma_k_mm = sqrt(fmax(t - pz * pz, least_axial_share * s * s));
        out->scale[n].diameter_mm = rs_matched_diameter_mm(s, p);
        s *= out->ratio;
    }
}
