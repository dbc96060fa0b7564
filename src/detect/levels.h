/* The pyramid: which scales are searched on which grid; private to the room (performance 3.3, science C1.3). */
#ifndef DETECT_LEVELS_H
#define DETECT_LEVELS_H

#include "restage/context.h"
#include "restage/volume.h"
#include "scales.h"

#define RS_LEVELS_MAX 6

/* One grid of the pyramid. Its fine grid has `up` slices for every one that is stored. */
typedef struct rs_level {
    rs_volume view;                    /* n, spacing, slope, offset and voxels of the stored grid; no owner */
    rs_block block;                    /* owner of the voxels of a halved grid */
    int32_t step[3];                   /* voxels of the volume a stored voxel */
    int32_t up;                        /* fine slices a stored slice */
    double spacing_mm[3];              /* of the fine grid */
    double blur_mm2[3];                /* variance that halving brought */
    int first, n_computed;             /* scales whose response is computed here */
    int first_reported, end_reported;  /* scales whose maxima are taken here */
    double sigma_mm[RS_SCALES_MAX][3]; /* of the filter that is left to apply, by scale */
    double rho[RS_SCALES_MAX];         /* s^2 x Laplacian at the matched sphere of contrast 1 (science C2.2) */
    double wall_rho[RS_SCALES_MAX];    /* the same of the determinant (science C6A.8) */
} rs_level;

typedef struct rs_levels {
    rs_level level[RS_LEVELS_MAX];
    int n;
} rs_levels;

typedef struct rs_levels_wish {
    const rs_volume *volume;
    const rs_scales *scales;
    rs_psf psf;
    double clip_low_hu, clip_high_hu;
    double native_spacing_mm; /* slices farther apart are interpolated */
} rs_levels_wish;

/**
 * Plans the levels and makes the halved grids.
 *
 * A scale is reported on the coarsest grid whose steps are at most sigma / 1.6; one scale more is computed on either
 * side for the parabola in scale. out      end it with rs_levels_free returns  RS_OK; RS_NO_MEMORY; RS_CANCELLED
 */
RS_MUST_USE rs_status rs_levels_make(rs_context *ctx, const rs_levels_wish *wish, rs_levels *out);
void rs_levels_free(rs_context *ctx, rs_levels *levels);

#endif
