/* Station quality: how noisy and how sharp a scan is; plain numbers, with how they were found. */
#include "restage/quality.h"

#include "noise.h"
#include "psf.h"
#include "restage/context.h"

rs_status rs_quality_measure(rs_context *ctx, const rs_volume *volume, const rs_regions *regions,
                             const rs_scan_facts *facts, rs_arena *arena, rs_quality *out)
{
    rs_quality quality = {0};
    RS_TRY(rs_context_check_cancel(ctx));
    RS_TRY(rs_psf_from_table(ctx, facts, volume->geometry.spacing_mm[2], arena, &quality));
    RS_TRY(rs_noise_measure(ctx, volume, regions, arena, &quality));
    *out = quality;
    return RS_OK;
}
