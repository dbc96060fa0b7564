/* Regions: labels of one organ in one volume. */
#include "restage/regions.h"

#include <string.h>

#include "restage/context.h"
#include "restage/text.h"

/* A region that ends nearer than this to slices that are missing may go on there: the tip of a recess is thinner than
   what segmentation finds. */
#define NEAR_END_MM 10.0

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

/* Counts and clears the labels of a slice. Pages without a label are left untouched: they take no memory. */
static void clear_slice(rs_regions *regions, int32_t k, int64_t count[RS_REGIONS_MAX + 1])
{
    const int64_t n = (int64_t)regions->geometry.n[0] * regions->geometry.n[1];
    uint8_t *labels = regions->labels + k * n;
    for (int64_t v = 0; v < n; v++) {
        if (labels[v] == 0 || labels[v] > RS_REGIONS_MAX) continue;
        count[labels[v]]++;
        labels[v] = 0;
    }
}

/* The box ends at slices that images show. */
static void shrink_box(const rs_regions *regions, rs_region *region)
{
    while (region->begin[2] < region->end[2] && !rs_regions_is_seen(regions, region->begin[2]))
        region->begin[2]++;
    while (region->begin[2] < region->end[2] && !rs_regions_is_seen(regions, region->end[2] - 1))
        region->end[2]--;
    for (int a = 0; a < 3 && region->begin[2] == region->end[2]; a++)
        region->begin[a] = region->end[a] = 0;
}

/* Does the region go on behind slices that no image shows? Its box ends at slices that one does. */
static bool spans_unseen(const rs_regions *regions, const rs_region *region)
{
    for (int32_t k = region->begin[2]; k < region->end[2]; k++) {
        if (!rs_regions_is_seen(regions, k)) return true;
    }
    return false;
}

/* spans: also without a label there, as interpolation shows, the region may lie in the unseen slices. */
static rs_status take_from(rs_context *ctx, rs_region *region, double ml, bool spans, const char *why, rs_arena *arena)
{
    if (region->role != RS_ROLE_SEARCH || region->state == RS_NOT_ASSESSED || !(ml > 0 || spans)) return RS_OK;
    const bool whole = region->end[2] == region->begin[2];
    char part[80] = "what of it lies there is not searched";
    if (ml > 0) (void)rs_text_format(part, sizeof(part), "about %.1f ml of it lie there and are not searched", ml);
    region->searched_ml = whole || region->searched_ml < ml ? 0 : region->searched_ml - ml;
    region->state = whole ? RS_NOT_ASSESSED : RS_ASSESSED_PARTLY;
    region->reason = rs_arena_printf(arena, "%s%s%s: %s", region->reason ? region->reason : "",
                                     region->reason ? "; " : "", why, part);
    return region->reason ? RS_OK : rs_fail_memory(ctx, "a reason");
}

rs_status rs_regions_leave_out(rs_context *ctx, rs_regions *regions, const rs_unseen *unseen, int n, const char *why,
                               rs_arena *arena)
{
    int64_t count[RS_REGIONS_MAX + 1] = {0};
    regions->unseen = unseen;
    regions->n_unseen = n;
    if (!regions->labels) return RS_OK;
    for (int u = 0; u < n; u++) {
        for (int32_t k = unseen[u].begin; k < unseen[u].end; k++)
            clear_slice(regions, k, count);
    }
    const double voxel_ml = rs_geometry_voxel_mm3(&regions->geometry) / 1000;
    for (int r = 0; r < regions->n; r++) {
        shrink_box(regions, &regions->region[r]);
        const bool spans = spans_unseen(regions, &regions->region[r]);
        RS_TRY(take_from(ctx, &regions->region[r], (double)count[r + 1] * voxel_ml, spans, why, arena));
    }
    return RS_OK;
}

rs_status rs_regions_open_end(rs_context *ctx, rs_regions *regions, const bool open[2], const char *why,
                              rs_arena *arena)
{
    const double step_mm = regions->geometry.spacing_mm[2];
    const int32_t last = regions->geometry.n[2];
    for (int r = 0; r < regions->n; r++) {
        rs_region *region = &regions->region[r];
        if (region->end[2] == region->begin[2]) continue;
        const bool near = (open[0] && region->begin[2] * step_mm < NEAR_END_MM) ||
                          (open[1] && (last - region->end[2]) * step_mm < NEAR_END_MM);
        RS_TRY(take_from(ctx, region, 0, near, why, arena));
    }
    return RS_OK;
}

bool rs_regions_is_seen(const rs_regions *regions, int32_t k)
{
    for (int u = 0; u < regions->n_unseen; u++) {
        if (k >= regions->unseen[u].begin && k < regions->unseen[u].end) return false;
    }
    return true;
}

rs_unseen rs_regions_seen_around(const rs_regions *regions, int32_t k)
{
    rs_unseen seen = {0, regions->geometry.n[2]};
    if (!rs_regions_is_seen(regions, k)) return seen;
    for (int u = 0; u < regions->n_unseen; u++) {
        if (regions->unseen[u].end <= k) seen.begin = regions->unseen[u].end;
        if (regions->unseen[u].begin > k && regions->unseen[u].begin < seen.end) seen.end = regions->unseen[u].begin;
    }
    return seen;
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
