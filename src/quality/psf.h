/* Resolution by the name of the reconstruction kernel; private to the room. */
#ifndef QUALITY_PSF_H
#define QUALITY_PSF_H

#include "kernel_class.h"
#include "params.h"
#include "restage/quality.h"

/** Fills psf, psf_error and psf_basis from the kernel and out->thickness_mm; not measured. */
void rs_psf_from_table(const rs_scan_facts *facts, rs_quality *out);

/** Adds the note "psf_from_table" that says what was taken and why, where either half was not measured. RS_OK;
    RS_NO_MEMORY. */
RS_MUST_USE rs_status rs_psf_note(struct rs_context *ctx, const rs_scan_facts *facts, const rs_quality_params *params,
                                  rs_arena *arena, rs_quality *out);

#endif
