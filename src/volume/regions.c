/* Regions: labels of one organ in one volume. */
#include "restage/regions.h"

#include <string.h>

#include "restage/context.h"

rs_status rs_regions_new(rs_context *ctx, const rs_geometry *geometry, rs_regions *out)
{
    rs_regions regions = {.geometry = *geometry};
    size_t bytes = (size_t)rs_geometry_voxels(geometry);
    RS_TRY(rs_block_take_zero(ctx, bytes, "the labels of the organs", &regions.block));
    regions.labels = regions.block.data;
    *out = regions;
    return RS_OK;
}

void rs_regions_free(rs_context *ctx, rs_regions *regions)
{
    rs_block_give(ctx, &regions->block);
    *regions = (rs_regions){.n = 0};
}

int rs_regions_at(const rs_regions *regions, int32_t i, int32_t j, int32_t k)
{
    const int32_t *n = regions->geometry.n;
    if (!regions->labels || i < 0 || j < 0 || k < 0 || i >= n[0] || j >= n[1] || k >= n[2]) return -1;
    return regions->labels[((int64_t)k * n[1] + j) * n[0] + i] - 1;
}

static bool is_searched(const rs_region *region)
{
    return region->role == RS_ROLE_SEARCH && region->state != RS_NOT_ASSESSED && region->end[0] > region->begin[0];
}

void rs_regions_search_table(const rs_regions *regions, uint8_t table[256])
{
    memset(table, 0, 256);
    for (int r = 0; r < regions->n; r++)
        table[r + 1] = is_searched(&regions->region[r]);
}

bool rs_regions_search_box(const rs_regions *regions, int32_t begin[3], int32_t end[3])
{
    bool any = false;
    for (int r = 0; r < regions->n; r++) {
        const rs_region *region = &regions->region[r];
        if (!is_searched(region)) continue;
        for (int a = 0; a < 3; a++) {
            if (!any || region->begin[a] < begin[a]) begin[a] = region->begin[a];
            if (!any || region->end[a] > end[a]) end[a] = region->end[a];
        }
        any = true;
    }
    return any;
}

const char *rs_side_name(rs_side side)
{
    return side == RS_SIDE_LEFT ? "left" : side == RS_SIDE_RIGHT ? "right" : NULL;
}

const char *rs_side_basis_name(rs_side_basis basis)
{
    switch (basis) {
    case RS_SIDE_BASIS_ANATOMY_AND_ORIENTATION:
        return "anatomy_and_orientation";
    case RS_SIDE_BASIS_ORIENTATION:
        return "orientation";
    default:
        return NULL;
    }
}

const char *rs_assessed_name(rs_assessed state)
{
    switch (state) {
    case RS_ASSESSED:
        return "assessed";
    case RS_ASSESSED_PARTLY:
        return "partly";
    default:
        return "not_assessed";
    }
}
