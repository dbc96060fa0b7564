/* Station quality: how noisy and how sharp a scan is; plain numbers, with how they were found. */
#include "restage/quality.h"

#include <math.h>

#include "edges.h"
#include "noise.h"
#include "psf.h"
#include "resolution.h"
#include "restage/arena.h"
#include "restage/context.h"

static rs_status measure_psf(rs_context *ctx, const rs_edge_request *request, rs_arena *arena, rs_quality *out)
{
    rs_edges edges;
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "the edge of the lung");
    rs_arena_mark mark = rs_arena_where(scratch);
    rs_status status = rs_edges_find(ctx, request, scratch, &edges);
    if (status == RS_OK) status = rs_resolution_from_edges(ctx, &edges, request->params, arena, out);
    rs_arena_rewind(scratch, mark);
    return status;
}

rs_status rs_quality_measure(rs_context *ctx, const rs_volume *volume, const rs_regions *regions,
                             const rs_scan_facts *facts, rs_arena *arena, rs_quality *out)
{
    rs_quality quality = {0};
    rs_quality_params params;
    RS_TRY(rs_context_check_cancel(ctx));
    rs_quality_params_load(facts->params, &params);
    quality.thickness_mm = facts->thickness_mm > 0 ? facts->thickness_mm : volume->geometry.spacing_mm[2];
    rs_psf_from_table(facts, &quality);
    RS_TRY(rs_noise_measure(ctx, volume, regions, &params, arena, &quality));
    const rs_edge_request request = {
        .volume = volume, .regions = regions, .params = &params, .noise_hu = quality.noise_hu};
    RS_TRY(measure_psf(ctx, &request, arena, &quality));
    RS_TRY(rs_psf_note(ctx, facts, &params, arena, &quality));
    *out = quality;
    return RS_OK;
}
