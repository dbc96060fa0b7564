/* Regions that somebody drew: one file (RTSTRUCT, SEG), listed and drawn on a small grid. */
#include <math.h>

#include "fuzz.h"
#include "restage/masks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
    rs_context *ctx = fuzz_context();
    rs_arena *arena = fuzz_arena();
    rs_masks *masks = NULL;
    fuzz_write("region.dcm", data, n_bytes);
    if (rs_masks_open(ctx, fuzz_path("region.dcm"), NULL, &masks) != RS_OK) return 0;
    const rs_geometry grid = {.n = {16, 12, 10},
                              .spacing_mm = {1, 1, 2.5},
                              .origin_lps_mm = {-8, -6, 0},
                              .axis = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    const int n = rs_masks_n(masks);
    for (int i = 0; i < n && i < 8; i++) {
        const rs_mask_region *region = rs_masks_region(masks, i);
        fuzz_expect(region->name != NULL && region->volume_mm3 >= 0, "a region without name or size");
        rs_mask mask = {0};
        if (rs_masks_draw(ctx, masks, i, &grid, arena, &mask) != RS_OK) continue;
        int64_t voxels = 0;
        for (int64_t v = 0; v < 16 * 12 * 10; v++) {
            fuzz_expect(mask.inside[v] <= 1, "a voxel that is neither in nor out");
            voxels += mask.inside[v];
        }
        fuzz_expect(voxels == mask.voxels, "the count of voxels is wrong");
        rs_mask_free(ctx, &mask);
    }
    rs_masks_close(masks);
    return 0;
}
