/* The ladder of scales and what a sphere answers at each; private to the room (science C1, C2). */
#ifndef DETECT_SCALES_H
#define DETECT_SCALES_H

#include "restage/quality.h"

#define RS_SCALES_MAX 48

typedef struct rs_scale {
    double sigma_mm;    /* s in plane; the one that names the scale */
    double sigma_k_mm;  /* along the normal, smaller where the PSF is wider there (science C2.3) */
    double diameter_mm; /* of the sphere that answers best (science C1.1) */
} rs_scale;

typedef struct rs_scales {
    rs_scale scale[RS_SCALES_MAX];
    int n;
    double ratio; /* between neighbours */
} rs_scales;

typedef struct rs_scales_wish {
    double smallest_mm, ratio; /* asked for */
    double min_diameter_mm, max_diameter_mm;
    rs_psf psf;
} rs_scales_wish;

/** Scales from max(smallest, 0.85 sigma of the PSF, matched to the least diameter) to the one of the largest diameter.
 */
void rs_scales_make(const rs_scales_wish *wish, rs_scales *out);

/** Scale between the rungs of the ladder. */
double rs_scale_mm(const rs_scales *scales, double step);

/**
 * Diameter matched to a scale in an image of in-plane PSF sigma p: R^2 = t (3 t - 5 p^2) / s^2, t = s^2 + p^2; never
 * below the FWHM of the PSF, where a scale tells nothing about the size (science C1.1, C2.2).
 */
double rs_matched_diameter_mm(double sigma_mm, double psf_sigma_mm);

/* Variances of the whole blur, PSF and filter, in mm2. */
typedef struct rs_blur {
    double in_plane_mm2, axial_mm2;
} rs_blur;

/**
 * Negative Laplacian at the centre of a blurred sphere of contrast 1, in 1/mm2: the normalised response is this times
 * sigma^2. With equal variances t it is sqrt(2/pi) R^3 t^(-5/2) exp(-R^2/2t) (science C2.2); with unequal ones the
 * integral along the normal is done numerically.
 */
double rs_sphere_response(double radius_mm, rs_blur blur);

/**
 * 3 cbrt(determinant) of the negative Hessian there, in 1/mm2: with equal variances the same, else less (science
 * C6A.8).
 */
double rs_sphere_determinant(double radius_mm, rs_blur blur);

/**
 * A value that came from libm, to 24 bits: its last bit differs between CPUs with and without FMA, and no result may
 * show that (contract 3).
 */
static inline double rs_steady(double value)
{
    return (double)(float)value;
}

/** PSF sigma of a FWHM. */
double rs_fwhm_to_sigma(double fwhm_mm);

#endif
