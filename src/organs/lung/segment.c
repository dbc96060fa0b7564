/* Body, trachea, left and right lung of a chest CT: the steps in their order. */
#include "segment.h"

#include "lung.h"

static const rs_region rows[LUNG_REGIONS] = {
    [LUNG_BODY] = {.name = "body", .role = RS_ROLE_BODY, .side = RS_SIDE_NONE},
    [LUNG_TRACHEA] = {.name = "trachea", .role = RS_ROLE_AIRWAY, .side = RS_SIDE_NONE},
    [LUNG_LEFT] = {.name = "lung", .role = RS_ROLE_SEARCH, .side = RS_SIDE_LEFT, .state = RS_NOT_ASSESSED},
    [LUNG_RIGHT] = {.name = "lung", .role = RS_ROLE_SEARCH, .side = RS_SIDE_RIGHT, .state = RS_NOT_ASSESSED},
};

static void list_regions(rs_regions *out)
{
    out->n = LUNG_REGIONS;
    for (int r = 0; r < LUNG_REGIONS; r++)
        out->region[r] = rows[r];
}

rs_status lung_absent(rs_context *ctx, const char *reason, rs_arena *arena, rs_regions *out)
{
    const char *copy = rs_arena_text(arena, reason);
    if (!copy) return rs_fail_memory(ctx, "a reason");
    *out = (rs_regions){.n = 2, .region = {rows[LUNG_LEFT], rows[LUNG_RIGHT]}};
    for (int r = 0; r < out->n; r++)
        out->region[r].reason = copy;
    return RS_OK;
}

/* No lung: what was found of the body stays, both lungs are not assessed. */
static rs_status end_without(lung_work *work, const char *reason)
{
    RS_TRY(lung_report_coverage(work));
    for (int r = LUNG_LEFT; r <= LUNG_RIGHT; r++) {
        work->out->region[r].state = RS_NOT_ASSESSED;
        work->out->region[r].reason = reason;
        work->out->region[r].side_basis = RS_SIDE_BASIS_UNKNOWN;
    }
    return RS_OK;
}

static rs_status run(lung_work *work)
{
    bool found = false;
    double low_z = 0, high_z = 0;
    RS_TRY(lung_find_body(work));
    if (work->gate_failed)
        return end_without(work,
                           "the numbers are no HU of a body: air and soft tissue have no peak where they should, as "
                           "in a grey scale without its rescale");
    rs_log(work->ctx, RS_LOG_DEBUG, "air in the body: below %.0f HU", work->air_hu);
    RS_TRY(lung_judge_air(work, true, &found, &low_z, &high_z));
    if (!found) return end_without(work, "no lung in the images");
    RS_TRY(lung_find_middle(work, low_z, high_z));
    RS_TRY(lung_find_airway(work, low_z, high_z));
    RS_TRY(lung_judge_air(work, false, &found, &low_z, &high_z));
    if (!found) return end_without(work, "no lung in the images");
    RS_TRY(lung_give_sides(work));
    RS_TRY(lung_ask_heart(work));
    RS_TRY(lung_close(work));
    RS_TRY(lung_ask_outline(work));
    RS_TRY(lung_ask_mirror(work));
    return lung_report_coverage(work);
}

rs_status lung_segment(rs_context *ctx, const rs_volume *volume, const rs_params *params, rs_arena *arena,
                       rs_regions *out)
{
    const rs_geometry *g = &volume->geometry;
    rs_regions regions;
    RS_TRY(rs_regions_new(ctx, g, &regions));
    list_regions(&regions);
    lung_work work = {.ctx = ctx,
                      .volume = volume,
                      .params = params,
                      .arena = arena,
                      .own = rs_arena_new(),
                      .out = &regions,
                      .labels = regions.labels,
                      .n = {g->n[0], g->n[1], g->n[2]},
                      .slice = (int64_t)g->n[0] * g->n[1],
                      .voxel_ml = rs_geometry_voxel_mm3(g) / 1000};
    lung_frame_of(g, &work.frame);
    rs_status status = work.own ? run(&work) : rs_fail_memory(ctx, "the lungs");
    rs_arena_free(work.own);
    if (status == RS_OK)
        *out = regions;
    else
        rs_regions_free(ctx, &regions);
    return status;
}
