/* A ball under a Gaussian PSF: exact where the PSF is isotropic, by shifts along k where it is not (science C9.1). */
#include <math.h>

#include "room.h"

#define FWHM_PER_SIGMA 2.354820045030949
#define SQRT_2PI 2.5066282746310002
#define SAME_SIGMA_MM2 0.0025 /* a difference of variances that nobody sees */

double rs_psf_mean_mm(const rs_psf *psf)
{
    return cbrt(psf->in_plane_mm * psf->in_plane_mm * psf->axial_mm);
}

double rs_sphere_peak(double diameter_mm, double fwhm_mm)
{
    double u = 0.5 * diameter_mm * FWHM_PER_SIGMA / fwhm_mm;
    return erf(u * M_SQRT1_2) - sqrt(2.0 / M_PI) * u * exp(-0.5 * u * u);
}

/* Gauss-Hermite of 7 points: Abramowitz and Stegun, table 25.10 */
static void set_wider(rs_sphere *sphere, double variance)
{
    static const double node[4] = {0.0, 0.8162878828589647, 1.6735516287674714, 2.6519613568352334};
    static const double weight[4] = {0.8102646175568073, 0.4256072526101278, 0.05451558281912703, 9.717812450995192e-4};
    double scale = sqrt(2.0 * variance), norm = sqrt(M_PI);
    if (variance < 0.3 * sphere->sigma_mm * sphere->sigma_mm) { /* three points do where the shifts are small */
        const double at = sqrt(3.0 * variance), some[3] = {0.0, at, -at};
        sphere->n_shifts = 3;
        for (int s = 0; s < 3; s++)
            sphere->shift_mm[s] = some[s], sphere->weight[s] = s == 0 ? 2.0 / 3.0 : 1.0 / 6.0;
        return;
    }
    sphere->n_shifts = 7;
    for (int s = 0; s < 7; s++) {
        int m = s < 4 ? s : s - 3;
        sphere->shift_mm[s] = (s < 4 ? 1.0 : -1.0) * scale * node[m];
        sphere->weight[s] = weight[m] / norm;
    }
}

static void set_narrower(rs_sphere *sphere, double variance)
{
    double h = fmax(sqrt(3.0 * variance), 0.5 * sphere->sigma_mm), q = variance / (h * h);
    sphere->n_shifts = 3;
    sphere->shift_mm[0] = 0.0, sphere->weight[0] = 1.0 + q;
    sphere->shift_mm[1] = h, sphere->weight[1] = -0.5 * q;
    sphere->shift_mm[2] = -h, sphere->weight[2] = -0.5 * q;
}

void rs_sphere_set_psf(rs_sphere *sphere, const rs_psf *psf)
{
    double p = psf->in_plane_mm / FWHM_PER_SIGMA, pz = psf->axial_mm / FWHM_PER_SIGMA;
    double difference = pz * pz - p * p;
    sphere->sigma_mm = p;
    sphere->n_shifts = 1;
    sphere->shift_mm[0] = 0.0, sphere->weight[0] = 1.0;
    if (difference > SAME_SIGMA_MM2)
        set_wider(sphere, difference);
    else if (difference < -SAME_SIGMA_MM2)
        set_narrower(sphere, -difference);
}

/* sinh(a)/a and (cosh(a) - sinh(a)/a)/a^2 near 0 */
static void small_argument(double a, double *sinhc, double *rest)
{
    double a2 = a * a;
    *sinhc = 1.0 + a2 / 6.0 * (1.0 + a2 / 20.0);
    *rest = 1.0 / 3.0 + a2 / 30.0 * (1.0 + a2 / 28.0);
}

static void tabulate(double r, double radius, double p, double row[3])
{
    double near = exp(-0.5 * (radius - r) * (radius - r) / (p * p));
    double far = exp(-0.5 * (radius + r) * (radius + r) / (p * p));
    double edge = 0.5 * (erf((radius - r) * M_SQRT1_2 / p) + erf((radius + r) * M_SQRT1_2 / p));
    double a = radius * r / (p * p);
    if (a < 0.05) {
        double sinhc, rest, both = 2.0 * radius * exp(-0.5 * (radius * radius + r * r) / (p * p)) / (p * SQRT_2PI);
        small_argument(a, &sinhc, &rest);
        row[0] = edge - both * sinhc;
        row[1] = -both * rest * (radius * radius) / (p * p * p * p);
        row[2] = both * radius / (p * p) * sinhc;
        return;
    }
    row[0] = edge - p / (r * SQRT_2PI) * (near - far);
    row[1] = (p * (near - far) / (r * r) - radius * (near + far) / (r * p)) / (SQRT_2PI * r);
    row[2] = radius / (r * p * SQRT_2PI) * (near - far);
}

void rs_sphere_set_radius(rs_sphere *sphere, double radius_mm)
{
    double p = sphere->sigma_mm, end = radius_mm + 6.0 * p;
    int rows = (int)(end / RS_SPHERE_STEP_MM) + 2;
    sphere->radius_mm = radius_mm;
    sphere->n_rows = rows < sphere->capacity ? rows : sphere->capacity;
    for (int t = 0; t < sphere->n_rows; t++)
        tabulate(t * RS_SPHERE_STEP_MM, radius_mm, p, sphere->row[t]);
}

void rs_sphere_at(const rs_sphere *sphere, const double point_mm[3], rs_sphere_value *out)
{
    double s = 0.0, q = 0.0, qz = 0.0, by_radius = 0.0;
    double in_plane2 = point_mm[0] * point_mm[0] + point_mm[1] * point_mm[1];
    for (int m = 0; m < sphere->n_shifts; m++) {
        double z = point_mm[2] - sphere->shift_mm[m];
        double t = sqrt(in_plane2 + z * z) * (1.0 / RS_SPHERE_STEP_MM);
        if (t >= sphere->n_rows - 1) continue;
        int at = (int)t;
        double f = t - at, w = sphere->weight[m];
        const double *lo = sphere->row[at], *hi = sphere->row[at + 1];
        double by_r = w * (lo[1] + f * (hi[1] - lo[1]));
        s += w * (lo[0] + f * (hi[0] - lo[0]));
        q += by_r;
        qz += by_r * z;
        by_radius += w * (lo[2] + f * (hi[2] - lo[2]));
    }
    out->s = s;
    out->by[0] = q * point_mm[0];
    out->by[1] = q * point_mm[1];
    out->by[2] = qz;
    out->by_radius = by_radius;
}
