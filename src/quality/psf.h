/* Resolution by the name of the reconstruction kernel; private to the room. */
#ifndef QUALITY_PSF_H
#define QUALITY_PSF_H

#include "params.h"
#include "restage/quality.h"

/* Classes of kernels, softest first. */
typedef enum rs_kernel_class {
    RS_KERNEL_UNKNOWN = 0,
    RS_KERNEL_SMOOTH,
    RS_KERNEL_MEDIUM,
    RS_KERNEL_SHARP
} rs_kernel_class;

/**
 * Class of a ConvolutionKernel as the vendors spell it ("B45f", "STANDARD", "FC13", "YA", "LUNG"); letters of either
 * case, what follows a backslash or a blank belongs to the next value and is not looked at.
 *
 * kernel   NULL and "" are unknown
 * source   science D1.5
 */
rs_kernel_class rs_kernel_class_of(const char *kernel);

/** FWHM in plane of a class, mm; unknown kernels get the middle one. */
double rs_kernel_in_plane_mm(rs_kernel_class kernel_class);

/** Fills psf, psf_error and psf_basis from the kernel and out->thickness_mm; not measured. */
void rs_psf_from_table(const rs_scan_facts *facts, rs_quality *out);

/** Adds the note "psf_from_table" that says what was taken and why, where either half was not measured. RS_OK;
    RS_NO_MEMORY. */
RS_MUST_USE rs_status rs_psf_note(struct rs_context *ctx, const rs_scan_facts *facts, const rs_quality_params *params,
                                  rs_arena *arena, rs_quality *out);

#endif
