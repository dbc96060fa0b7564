/* The scanner as numbers: grid, PSF in plane, slice profile, noise; and the filters on one slice. */
#ifndef PHANTOM_SCAN_H
#define PHANTOM_SCAN_H

#include <stdbool.h>

#include "restage/phantom.h"

enum { RS_PHANTOM_TAPS = 33, RS_PHANTOM_PROFILE = 257, RS_PHANTOM_PARTS = 2 };

/* A symmetric filter along one axis: tap[0] in the middle, tap[n] n pixels away. */
typedef struct rs_phantom_taps {
    float tap[RS_PHANTOM_TAPS];
    int n; /* taps in use, the middle included */
} rs_phantom_taps;

/* Two Gaussians, weighted: a family of PSF and of noise filters that is not Gaussian and yet separable in parts. */
typedef struct rs_phantom_filter {
    rs_phantom_taps part[RS_PHANTOM_PARTS];
    float weight[RS_PHANTOM_PARTS];
} rs_phantom_filter;

typedef struct rs_phantom_scan {
    uint64_t seed;
    int32_t columns, rows, slices;
    double pixel_mm, spacing_mm, thickness_mm;
    double corner_mm[3]; /* anatomy's position of the centre of voxel (0, 0, 0); slices rise to the head */
    double shift_mm[3];  /* LPS of the series minus the anatomy's coordinates */
    const char *kernel;
    double psf_fwhm_mm, psf_second_weight, psf_second_scale; /* true FWHM in plane, pixel aperture included */
    double slice_fwhm_mm, slope_mm;                          /* slice profile: box of thickness with box of slope */
    double noise_hu;
    double uneven;  /* noise at shoulders and base over that of the middle */
    double row_mm;  /* step of a row along y: the pixel by the cosine of the tilt */
    double rise_mm; /* and along z, positive to the head; 0: slices are level */
    double tilt_deg;
    int32_t use[2];          /* rows that painting is for, one past at the end */
    int bits;                /* stored: 12 to 16 */
    bool is_signed, flip[3]; /* pixels as HU without an intercept; columns, rows, slices written the other way round */
    double sub_mm;           /* step of the sub-slices, a whole part of the spacing */
    int per_slice;           /* sub-slices a spacing */
    int reach;               /* sub-slices on each side that a slice sees */
    float profile[RS_PHANTOM_PROFILE]; /* weight of the sub-slices -reach … reach; sum 1 */
    rs_phantom_filter psf, noise;
    float noise_gain;     /* of the filtered field, so that its SD is noise_hu */
    float noise_along[3]; /* weights of the slices at distance 0, 1, 2 */
} rs_phantom_scan;

/** Draws a scanner for the options (sizes at their defaults where 0). lung_middle_mm: height that a short scan is
 * centred on. */
void rs_phantom_scan_draw(const rs_phantom_options *options, double lung_middle_mm, rs_phantom_scan *out);

/** Another width of the slices around the same middle; PSF and noise are to be set afterwards. */
void rs_phantom_scan_view(rs_phantom_scan *scan, double view_mm);

/* The PSF in plane: FWHM with the pixel's aperture, weight and width of the second Gaussian over the first. */
void rs_phantom_scan_psf(rs_phantom_scan *scan, double fwhm_mm, double second_weight, double second_scale);

/* The spectrum of the noise: white noise through a Gaussian less a share of a wider one, and its SD; along the normal
   the plain phantom's sharing between neighbouring slices, times shared. */
typedef struct rs_phantom_spectrum {
    double core_mm, ring_mm, ring_weight, noise_hu, shared;
} rs_phantom_spectrum;
void rs_phantom_scan_noise(rs_phantom_scan *scan, const rs_phantom_spectrum *spectrum);

/** Leans the slices about the x axis by that angle, their middle kept: the back of a slice rises to the head where it
    is positive. The table still steps by spacing_mm along z. */
void rs_phantom_scan_tilt(rs_phantom_scan *scan, double tilt_deg);

/** Sine and cosine of an angle of at most a right one. */
void rs_phantom_sine(double degrees, double out[2]);

/** Filters a plane: out = sum of weight * part(in). scratch: one plane. The border is repeated. */
void rs_phantom_filter_plane(const rs_phantom_filter *filter, int32_t columns, int32_t rows, const float *in,
                             float *out, float *scratch);

/** White noise of a slice mixed along the normal, SD such that noise_gain * filtered has the wanted SD. */
void rs_phantom_white(const rs_phantom_scan *scan, int32_t slice, float *out);

#endif
