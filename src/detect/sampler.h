/* Values of the volume between its voxels, for rays; private to the room. */
#ifndef DETECT_SAMPLER_H
#define DETECT_SAMPLER_H

#include "restage/context.h"
#include "restage/volume.h"

/* Linear in plane; along k linear, or by cubic B-spline where slices lie far apart (science C5.1). */
typedef struct rs_sampler {
    const int16_t *voxels; /* of the volume, or spline coefficients along k */
    int32_t n[3];
    float slope, offset; /* of the stored numbers; already turned for dark lesions */
    float low, high;     /* range of the stored numbers before slope and offset */
    bool spline_k;
    rs_block block; /* owner of the coefficients */
} rs_sampler;

typedef struct rs_sampler_wish {
    double clip_low_hu, clip_high_hu;
    bool bright;              /* false: values are negated, so that lesions are bright */
    double native_spacing_mm; /* slices farther apart get the spline */
} rs_sampler_wish;

/**
 * Makes a sampler; where it needs the spline it takes a block of the size of the volume for the coefficients.
 *
 * out      end it with rs_sampler_free
 * returns  RS_OK; RS_NO_MEMORY; RS_CANCELLED
 */
RS_MUST_USE rs_status rs_sampler_make(rs_context *ctx, const rs_volume *volume, const rs_sampler_wish *wish,
                                      rs_sampler *out);
void rs_sampler_free(rs_context *ctx, rs_sampler *sampler);

/** The slice that stands for one beyond the first or the last of n, for the spline. */
int32_t rs_sampler_mirrored(int32_t k, int32_t n);

/** Value at a fractional index; false beyond the outermost voxel centres (*out untouched): a ray ends there. */
bool rs_sampler_value(const rs_sampler *sampler, const double ijk[3], float *out);

#endif
