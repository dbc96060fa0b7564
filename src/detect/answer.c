/* What the filter answers at one place: a sum over samples half a sigma apart. Samples between voxels are sums over
   voxels, and kernel and interpolation are products of axes: so each axis is first made a list of voxels with weights,
   and every voxel of their product is read once. */
#include <math.h>

#include "look.h"

enum { REACH = 8, SAMPLES = 2 * REACH + 1, TAPS = 4, VOXELS_MAX = SAMPLES * TAPS };
static const double answer_step = 0.5; /* in sigmas; REACH of them make 4 */

/* Voxels along one axis with their weights: of the Gaussian, and of its negative second derivative. */
typedef struct axis_list {
    int32_t voxel[VOXELS_MAX];
    float gauss[VOXELS_MAX], curve[VOXELS_MAX];
    int n;
    double gauss_sum, curve_sum;
} axis_list;

static void add_voxel(axis_list *list, int32_t voxel, double gauss, double curve)
{
    int at = list->n - 1;
    while (at >= 0 && list->voxel[at] != voxel)
        at--;
    if (at < 0) {
        at = list->n++;
        list->voxel[at] = voxel;
        list->gauss[at] = list->curve[at] = 0;
    }
    list->gauss[at] += (float)gauss;
    list->curve[at] += (float)curve;
}

/* The voxels that a sample is made of, as the sampler has it. */
static int taps_at(bool spline, double at, int32_t n, int32_t voxel[TAPS], double weight[TAPS])
{
    int32_t first = (int32_t)at;
    if (first > n - 2) first = n > 1 ? n - 2 : 0;
    double z = at - first, u = 1 - z;
    if (!spline) {
        voxel[0] = first;
        voxel[1] = n > 1 ? first + 1 : first;
        weight[0] = u;
        weight[1] = z;
        return 2;
    }
    for (int t = 0; t < TAPS; t++)
        voxel[t] = rs_sampler_mirrored(first - 1 + t, n);
    weight[0] = u * u * u / 6;
    weight[1] = 2.0 / 3 - z * z * (1 - 0.5 * z);
    weight[2] = 2.0 / 3 - u * u * (1 - 0.5 * u);
    weight[3] = z * z * z / 6;
    return TAPS;
}

/* sigma in voxels and in mm; nearest voxel repeated beyond the image, as the search has it. */
static void list_axis(bool spline, double index, int32_t n, double sigma_vox, double sigma_mm, axis_list *out)
{
    out->n = 0;
    out->gauss_sum = out->curve_sum = 0;
    for (int s = -REACH; s <= REACH; s++) {
        double u = answer_step * s, at = fmin(fmax(index + u * sigma_vox, 0), n - 1), weight[TAPS];
        double gauss = rs_steady(exp(-0.5 * u * u)), curve = gauss * (1 - u * u) / (sigma_mm * sigma_mm);
        int32_t voxel[TAPS];
        int taps = taps_at(spline, at, n, voxel, weight);
        for (int t = 0; t < taps; t++)
            add_voxel(out, voxel[t], weight[t] * gauss, weight[t] * curve);
        out->gauss_sum += gauss;
        out->curve_sum += curve;
    }
}

/* Adds one row of voxels, less the value at the centre, to the sums by column. */
static void add_row(const rs_sampler *s, const int16_t *row, const axis_list *x, const float weight[2], float middle,
                    float sums[2][VOXELS_MAX])
{
    for (int i = 0; i < x->n; i++) {
        float v = row[x->voxel[i]];
        v = v < s->low ? s->low : v;
        v = (v > s->high ? s->high : v) - middle;
        sums[0][i] += weight[0] * v;
        sums[1][i] += weight[1] * v;
    }
}

/* Negative Laplacian of the Gaussian mean, of a value that is 0 on a plain whatever the samples miss. */
static double laplace_of(const rs_sampler *s, const axis_list axis[3])
{
    const axis_list *x = &axis[0], *y = &axis[1], *z = &axis[2];
    const int16_t *voxels = s->voxels;
    float sums[2][VOXELS_MAX] = {{0}};
    float middle = voxels[((int64_t)z->voxel[z->n / 2] * s->n[1] + y->voxel[y->n / 2]) * s->n[0] + x->voxel[x->n / 2]];
    middle = fminf(fmaxf(middle, s->low), s->high);
    for (int k = 0; k < z->n; k++)
        for (int j = 0; j < y->n; j++) {
            const float weight[2] = {y->gauss[j] * z->gauss[k], y->curve[j] * z->gauss[k] + y->gauss[j] * z->curve[k]};
            add_row(s, voxels + ((int64_t)z->voxel[k] * s->n[1] + y->voxel[j]) * s->n[0], x, weight, middle, sums);
        }
    double sum = 0, blurred = 0, gauss = x->gauss_sum * y->gauss_sum * z->gauss_sum;
    for (int i = 0; i < x->n; i++) {
        sum += (double)(x->curve[i] * sums[0][i] + x->gauss[i] * sums[1][i]);
        blurred += (double)(x->gauss[i] * sums[0][i]);
    }
    double weights = gauss * (x->curve_sum / x->gauss_sum + y->curve_sum / y->gauss_sum + z->curve_sum / z->gauss_sum);
    return rs_steady((double)s->slope * (sum - weights * blurred / gauss) / gauss);
}

/* Along the normal the filter is narrower where the PSF is wider there (science C2.3). */
static double axial_sigma_mm(rs_psf psf, double sigma_mm)
{
    double p = rs_fwhm_to_sigma(psf.in_plane_mm), pz = rs_fwhm_to_sigma(psf.axial_mm), s2 = sigma_mm * sigma_mm;
    return sqrt(fmax(s2 + p * p - pz * pz, 0.15 * s2));
}

double rs_look_rho(const rs_detect_job *job, double sigma_mm)
{
    const rs_psf psf = job->quality->psf;
    double p = rs_fwhm_to_sigma(psf.in_plane_mm), pz = rs_fwhm_to_sigma(psf.axial_mm);
    double sigma_k_mm = axial_sigma_mm(psf, sigma_mm);
    rs_blur blur = {p * p + sigma_mm * sigma_mm, pz * pz + sigma_k_mm * sigma_k_mm};
    return sigma_mm * sigma_mm * rs_sphere_response(0.5 * rs_matched_diameter_mm(sigma_mm, p), blur);
}

rs_answer rs_look_answer(const rs_detect_job *job, const double index[3], double sigma_mm)
{
    const rs_psf psf = job->quality->psf;
    const rs_geometry *g = &job->volume->geometry;
    const double sigma[3] = {sigma_mm, sigma_mm, axial_sigma_mm(psf, sigma_mm)};
    axis_list axis[3];
    for (int a = 0; a < 3; a++)
        list_axis(a == 2 && job->sampler.spline_k, index[a], g->n[a], sigma[a] / g->spacing_mm[a], sigma[a], &axis[a]);
    double rho = rs_look_rho(job, sigma_mm);
    return (rs_answer){.response_hu = sigma_mm * sigma_mm * laplace_of(&job->sampler, axis) / rho, .rho = rho};
}
