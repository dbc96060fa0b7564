/* A region that has a grid of its own, on another grid: the file's voxel that holds the centre. */
#include <math.h>
#include <string.h>

#include "restage/parallel.h"
#include "room.h"

typedef struct transfer {
    const rs_masks *masks;
    int region;
    rs_mask *mask;
    double origin[3], step[3][3]; /* index in the file of voxel 0 0 0 of the grid, and what a step along an axis adds */
    int32_t *frame_of_slice;      /* of the file's grid; -1: none; NULL: frame k is slice k */
    int64_t *voxels;              /* of each slice of the grid */
} transfer;

static void relate(transfer *t)
{
    const rs_geometry *grid = &t->mask->geometry, *own = &t->masks->grid;
    rs_geometry_to_index(own, grid->origin_lps_mm, t->origin);
    for (int a = 0; a < 3; a++) {
        for (int d = 0; d < 3; d++) {
            double cosine = 0;
            for (int x = 0; x < 3; x++)
                cosine += grid->axis[a][x] * own->axis[d][x];
            t->step[a][d] = grid->spacing_mm[a] * cosine / own->spacing_mm[d];
        }
    }
}

/* True where grid and file have the same voxels, of which either may lack some. */
static bool same_lattice(const transfer *t)
{
    const int32_t *n = t->mask->geometry.n;
    for (int d = 0; d < 3; d++) {
        if (fabs(t->origin[d] - floor(t->origin[d] + 0.5)) > 0.02) return false;
        for (int a = 0; a < 3; a++)
            if (fabs(t->step[a][d] - (a == d)) * n[a] > 0.02) return false;
    }
    return true;
}

static bool file_holds(const transfer *t, const double at[3])
{
    const rs_masks *masks = t->masks;
    const int32_t *n = masks->grid.n;
    int64_t index[3];
    for (int d = 0; d < 3; d++) {
        double nearest = floor(at[d] + 0.5 + 1e-6); /* a centre on a face, whatever the rounding: the voxel above */
        if (!(nearest >= 0 && nearest < n[d])) return false;
        index[d] = (int64_t)nearest;
    }
    int64_t f = t->frame_of_slice ? t->frame_of_slice[index[2]] : index[2];
    if (f < 0) return false;
    int64_t voxel = (f * n[1] + index[1]) * n[0] + index[0];
    if (!masks->label) return (masks->bits[voxel / 8] >> (voxel % 8)) & 1;
    return floor(masks->volume.slope * masks->label[voxel] + masks->volume.offset + 0.5) ==
           masks->regions[t->region].number;
}

static rs_status transfer_slice(rs_context *ctx, int64_t item, int worker, void *arg)
{
    const transfer *t = arg;
    (void)ctx;
    (void)worker;
    const int32_t *n = t->mask->geometry.n;
    uint8_t *out = t->mask->inside + item * n[0] * n[1];
    int64_t voxels = 0;
    for (int32_t j = 0; j < n[1]; j++) {
        for (int32_t i = 0; i < n[0]; i++) {
            double at[3];
            for (int d = 0; d < 3; d++)
                at[d] = t->origin[d] + i * t->step[0][d] + j * t->step[1][d] + (double)item * t->step[2][d];
            bool in = file_holds(t, at);
            *out++ = in;
            voxels += in;
        }
    }
    t->voxels[item] = voxels;
    return RS_OK;
}

static rs_status find_frames(rs_context *ctx, transfer *t, rs_arena *scratch)
{
    const rs_masks *masks = t->masks;
    if (!masks->frames) return RS_OK;
    t->frame_of_slice = RS_ARENA_RAW(scratch, int32_t, masks->grid.n[2]);
    if (!t->frame_of_slice) return rs_fail_memory(ctx, "a mask");
    for (int32_t k = 0; k < masks->grid.n[2]; k++)
        t->frame_of_slice[k] = -1;
    for (int32_t f = 0; f < masks->n_frames; f++)
        if (masks->frames[f].region < 0 || masks->frames[f].region == t->region)
            t->frame_of_slice[masks->frames[f].k] = f;
    return RS_OK;
}

static rs_status tell(rs_context *ctx, const transfer *t, rs_arena *arena)
{
    const rs_mask_region *region = &t->masks->regions[t->region];
    rs_mask *mask = t->mask;
    if (!same_lattice(t))
        return rs_notes_add(ctx, arena, &mask->notes, "region_other_grid", region->name,
                            "the region has another grid than the images: %.3f ml in its file, %.3f ml as drawn",
                            region->volume_mm3 / 1000,
                            (double)mask->voxels * rs_geometry_voxel_mm3(&mask->geometry) / 1000);
    if (mask->voxels == region->voxels) return RS_OK;
    return rs_notes_add(ctx, arena, &mask->notes, "region_outside", region->name,
                        "%lld of the %lld voxels of the region lie outside the images",
                        (long long)(region->voxels - mask->voxels), (long long)region->voxels);
}

rs_status rs_draw_grid(rs_context *ctx, const rs_masks *masks, int index, rs_arena *arena, rs_mask *mask)
{
    const int32_t n_slices = mask->geometry.n[2];
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "a mask");
    rs_arena_mark mark = rs_arena_where(scratch);
    transfer t = {.masks = masks, .region = index, .mask = mask, .voxels = RS_ARENA_NEW(scratch, int64_t, n_slices)};
    rs_status status = t.voxels ? RS_OK : rs_fail_memory(ctx, "a mask");
    relate(&t);
    if (status == RS_OK) status = find_frames(ctx, &t, scratch);
    if (status == RS_OK) status = rs_parallel_for(ctx, n_slices, transfer_slice, &t);
    for (int32_t k = 0; status == RS_OK && k < n_slices; k++)
        mask->voxels += t.voxels[k];
    if (status == RS_OK) status = tell(ctx, &t, arena);
    rs_arena_rewind(scratch, mark);
    return status;
}
