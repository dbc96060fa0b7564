/* MetaImage, NIfTI, NRRD whose values are labels: each label above 0 is a region. */
#include <math.h>

#include "restage/formats.h"
#include "room.h"

enum { MAX_LABELS = 1000 }; /* more values than that are a picture */

/* The label that a stored value stands for; false: no whole number from 0 up. */
static bool label_of(const rs_volume *volume, int16_t stored, int32_t *out)
{
    double value = volume->slope * stored + volume->offset, whole = floor(value + 0.5);
    if (fabs(value - whole) > 1e-6 || whole < 0 || whole > INT32_MAX) return false;
    *out = (int32_t)whole;
    return true;
}

rs_status rs_label_volume_read(rs_masks *masks, const char *path)
{
    rs_context *ctx = masks->ctx;
    double rounding = 0;
    rs_format_head head;
    RS_TRY(rs_format_read_head(ctx, path, masks->arena, &head));
    if (head.n_volumes > 1)
        return rs_fail(ctx, RS_DATA, "it holds %d volumes, not one volume of labels", head.n_volumes);
    RS_TRY(rs_format_read(ctx, path, 0, masks->arena, &masks->volume, &rounding, &masks->notes));
    const rs_volume *volume = &masks->volume;
    masks->grid = volume->geometry;
    masks->has_grid = true;
    masks->label = volume->voxels;
    int64_t *count = RS_ARENA_NEW(masks->arena, int64_t, 65536), n = rs_geometry_voxels(&masks->grid);
    if (!count) return rs_fail_memory(ctx, "the labels");
    for (int64_t v = 0; v < n; v++)
        count[volume->voxels[v] + 32768]++;
    for (int32_t s = 0; s < 65536; s++) {
        rs_mask_region region = {.voxels = count[s]};
        const rs_outline outline = {0};
        if (count[s] == 0) continue;
        if (rounding > 0 || !label_of(volume, (int16_t)(s - 32768), &region.number))
            return rs_fail(ctx, RS_DATA,
                           "it is no volume of labels: it has values that are no whole numbers from 0 up");
        if (region.number == 0) continue;
        if (masks->n_regions == MAX_LABELS)
            return rs_fail(ctx, RS_DATA, "it is no volume of labels: it has more than %d different values", MAX_LABELS);
        region.name = rs_arena_printf(masks->arena, "label %d", region.number);
        if (!region.name) return rs_fail_memory(ctx, "the labels");
        region.volume_mm3 = (double)region.voxels * rs_geometry_voxel_mm3(&masks->grid);
        RS_TRY(rs_masks_push(masks, &region, &outline));
    }
    return RS_OK;
}
