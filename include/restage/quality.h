/* Noise and resolution of one scan. */
#ifndef RESTAGE_QUALITY_H
#define RESTAGE_QUALITY_H

#include <stdbool.h>

#include "restage/note.h"
#include "restage/param.h"
#include "restage/regions.h"
#include "restage/volume.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Point spread function, mm: FWHM of the Gaussian that blurs an edge as the scan does (the best fit of a blurred step).
   That is what a lesion's border undergoes; the FWHM of a point's image is a little smaller where the kernel is smooth
   and larger where it is sharp. */
typedef struct rs_psf {
    double in_plane_mm, axial_mm;
} rs_psf;

typedef struct rs_quality {
    double noise_hu;         /* SD in soft tissue or lung, plane removed; NaN where it cannot be found */
    double noise_error;      /* relative, 1 SD; NaN where there is no noise */
    const char *noise_basis; /* "lung windows", "body windows", or a sentence why not */
    int n_noise_windows;
    rs_psf psf;
    rs_psf psf_error;             /* relative, 1 SD */
    const char *psf_basis;        /* "edge of the lung, … places", or "kernel table" */
    bool psf_measured;            /* from edges, in plane at least */
    bool axial_measured;          /* along the normal as well; else that half comes from the slice thickness */
    int n_edge_points;            /* places on the lung's edge that passed every gate */
    double thickness_mm;          /* of a slice by the header; where it is silent, the spacing */
    double autocorrelation[4];    /* of the noise in plane at 0, 1, 2, 3 pixels */
    double autocorrelation_axial; /* next slice */
    rs_notes notes;
} rs_quality;

/* Facts of the series that the fallback needs; no header is read here. */
typedef struct rs_scan_facts {
    const char *kernel; /* ConvolutionKernel, "" where the header has none */
    const char *manufacturer;
    double thickness_mm;     /* 0: unknown */
    const rs_params *params; /* values of rs_quality_param_table; NULL: its defaults */
} rs_scan_facts;

/* Rows that quality reads; joined by the pipeline. */
RS_API extern const rs_param_table rs_quality_param_table;

/**
 * Noise from quiet windows, PSF from the edge of what is searched against the tissue outside (science D1.1 to D1.4);
 * where fewer than quality_least_edges places (60) serve, the PSF comes from a table by kernel (D1.5), with a note.
 *
 * out      texts in the arena
 * returns  RS_OK; RS_NO_MEMORY; RS_CANCELLED
 */
RS_API RS_MUST_USE rs_status rs_quality_measure(struct rs_context *ctx, const rs_volume *volume,
                                                const rs_regions *regions, const rs_scan_facts *facts, rs_arena *arena,
                                                rs_quality *out);

#ifdef __cplusplus
}
#endif
#endif
