/* Products of one organ on one series, and their end. */
#include "case.h"

bool rs_case_is_searched(const rs_case *c)
{
    for (int r = 0; c->volume && c->regions && r < c->regions->n; r++) {
        const rs_region *region = &c->regions->region[r];
        bool assessed = region->state == RS_ASSESSED || region->state == RS_ASSESSED_PARTLY;
        if (region->role == RS_ROLE_SEARCH && assessed) return true;
    }
    return false;
}

bool rs_case_has_work(const rs_case *c)
{
    return rs_case_is_searched(c) || (c->volume && c->n_at > 0);
}

rs_report_case rs_case_for_report(const rs_case *c)
{
    return (rs_report_case){
        .organ = c->pick.organ,
        .series = c->pick.series,
        .reason = c->pick.reason,
        .volume = c->volume,
        .resampled = c->read ? c->read->resampled : NULL,
        .padded_voxels = c->read ? c->read->padded_voxels : 0,
        .rounding = c->read ? c->read->rounding : 0,
        .read_notes = c->read ? &c->read->notes : NULL,
        .bed = c->bed,
        .treated = (const rs_given_region *const *)c->treated,
        .regions = c->regions,
        .quality = c->quality,
        .candidates = c->candidates,
        .marks = c->marks,
        .lesions = c->lesions,
        .point = c->point,
    };
}

void rs_case_free(rs_context *ctx, rs_case *c)
{
    if (c->regions) rs_regions_free(ctx, c->regions);
    if (c->volume && !c->shares_volume) rs_volume_free(ctx, c->volume);
    c->regions = NULL;
    c->volume = NULL;
}
