/* Files of regions: opened by what they are, listed, drawn. */
#include "room.h"

#include <math.h>
#include <string.h>

#include "restage/files.h"
#include "restage/formats.h"
#include "restage/limits.h"
#include "restage/text.h"

#define RTSTRUCT_CLASS "1.2.840.10008.5.1.4.1.1.481.3"
#define SEG_CLASS "1.2.840.10008.5.1.4.1.1.66.4"
#define LABELMAP_CLASS "1.2.840.10008.5.1.4.1.1.66.7"

rs_status rs_masks_push(rs_masks *masks, const rs_mask_region *region, const rs_outline *outline)
{
    rs_mask_region *r =
        rs_arena_push(masks->arena, (void **)&masks->regions, masks->n_regions, &masks->regions_capacity, sizeof *r);
    rs_outline *o =
        rs_arena_push(masks->arena, (void **)&masks->outlines, masks->n_regions, &masks->outlines_capacity, sizeof *o);
    if (!r || !o) return rs_fail_memory(masks->ctx, "the regions");
    *r = *region;
    if (masks->kind != RS_MASKS_RTSTRUCT)
        for (int d = 0; d < 3; d++)
            r->centre_lps_mm[d] = (double)NAN;
    *o = *outline;
    masks->n_regions++;
    return RS_OK;
}

static rs_status read_dicom(rs_masks *masks, const char *path, const rs_study *study)
{
    rs_context *ctx = masks->ctx;
    uint8_t *bytes;
    size_t n_bytes;
    RS_TRY(rs_file_read(ctx, masks->arena, path, (size_t)rs_limit(ctx, RS_LIMIT_FILE_BYTES), true, &bytes, &n_bytes));
    rs_status status = rs_dicom_file_open(ctx, masks->arena, bytes, n_bytes, &masks->file);
    if (status == RS_NO_INPUT)
        return rs_fail(ctx, RS_DATA, "it is no file of regions: give an RTSTRUCT, a SEG or a label volume");
    RS_TRY(status);
    RS_TRY(rs_dicom_file_parse(ctx, masks->file));
    const char *class = rs_dicom_file_text(masks->file, RS_TAG(0x0008, 0x0016), masks->arena);
    if (!class) return rs_fail_memory(ctx, "the regions");
    if (strcmp(class, RTSTRUCT_CLASS) == 0) {
        masks->kind = RS_MASKS_RTSTRUCT;
        return rs_rtstruct_read(masks, study);
    }
    if (strcmp(class, SEG_CLASS) == 0 || strcmp(class, LABELMAP_CLASS) == 0) {
        masks->kind = RS_MASKS_SEG;
        return rs_seg_read(masks, study);
    }
    return rs_fail(ctx, RS_DATA, "it is a DICOM object of class %s, no RTSTRUCT and no SEG", class);
}

static rs_status read_file(rs_masks *masks, const char *path, const rs_study *study)
{
    if (rs_format_reads(path)) {
        masks->kind = RS_MASKS_VOLUME;
        RS_TRY(rs_label_volume_read(masks, path));
    } else {
        RS_TRY(read_dicom(masks, path, study));
    }
    if (masks->n_regions == 0) return rs_fail(masks->ctx, RS_NO_INPUT, "there is no region in it");
    return RS_OK;
}

rs_status rs_masks_open(rs_context *ctx, const char *path, const rs_study *study, rs_masks **out)
{
    rs_arena *arena = rs_arena_new();
    rs_masks *masks = arena ? RS_ARENA_NEW(arena, rs_masks, 1) : NULL;
    if (!masks) {
        rs_arena_free(arena);
        return rs_fail_memory(ctx, "the regions");
    }
    masks->ctx = ctx;
    masks->arena = arena;
    masks->path = path;
    rs_status status = read_file(masks, path, study);
    if (status != RS_OK)
        rs_masks_close(masks);
    else
        *out = masks;
    return status;
}

void rs_masks_close(rs_masks *masks)
{
    if (!masks) return;
    rs_dicom_file_close(masks->file);
    rs_volume_free(masks->ctx, &masks->volume);
    rs_arena_free(masks->arena);
}

rs_masks_kind rs_masks_kind_of(const rs_masks *masks)
{
    return masks->kind;
}

int rs_masks_n(const rs_masks *masks)
{
    return masks->n_regions;
}

const rs_mask_region *rs_masks_region(const rs_masks *masks, int index)
{
    return index >= 0 && index < masks->n_regions ? &masks->regions[index] : NULL;
}

const rs_notes *rs_masks_notes(const rs_masks *masks)
{
    return &masks->notes;
}

const char *rs_masks_kind_name(rs_masks_kind kind)
{
    static const char *const names[] = {"unknown", "RTSTRUCT", "SEG", "label volume"};
    return kind >= 0 && (size_t)kind < sizeof names / sizeof names[0] ? names[kind] : names[0];
}

static rs_status wrong_roi(rs_context *ctx, const rs_masks *masks, const char *what)
{
    char list[600] = "";
    int at = 0, r = 0;
    for (; r < masks->n_regions && at + 120 < (int)sizeof list; r++)
        at += rs_text_format(list + at, sizeof list - (size_t)at, "%s%d \"%.80s\"", r > 0 ? ", " : "",
                             masks->regions[r].number, masks->regions[r].name);
    return rs_fail(ctx, RS_USAGE, "%s, name one with --roi NAME or its number: %s%s", what, list,
                   r < masks->n_regions ? ", ..." : "");
}

rs_status rs_masks_find(rs_context *ctx, const rs_masks *masks, const char *roi, int *index)
{
    int found = -1, n = 0;
    int64_t number = 0;
    if (!roi && masks->n_regions > 1) return wrong_roi(ctx, masks, "the file holds several regions");
    for (int r = 0; r < masks->n_regions; r++) {
        if (roi && strcmp(masks->regions[r].name, roi) != 0) continue;
        found = r;
        n++;
    }
    bool is_number = n == 0 && rs_text_integer(roi, &number);
    for (int r = 0; is_number && r < masks->n_regions; r++) {
        if (masks->regions[r].number != number) continue;
        found = r;
        n++;
    }
    if (n == 0) return wrong_roi(ctx, masks, "the file holds no such region");
    if (n > 1) return wrong_roi(ctx, masks, "the file holds several regions of that name");
    *index = found;
    return RS_OK;
}

bool rs_masks_grid(const rs_masks *masks, rs_geometry *out)
{
    if (masks->has_grid) *out = masks->grid;
    return masks->has_grid;
}

static rs_status draw(rs_context *ctx, const rs_masks *masks, int index, rs_arena *arena, rs_mask *mask)
{
    if (masks->kind == RS_MASKS_RTSTRUCT)
        RS_TRY(rs_draw_contours(ctx, &masks->outlines[index], masks->regions[index].name, arena, mask));
    else
        RS_TRY(rs_draw_grid(ctx, masks, index, arena, mask));
    mask->volume_mm3 = (double)mask->voxels * rs_geometry_voxel_mm3(&mask->geometry);
    return RS_OK;
}

rs_status rs_masks_draw(rs_context *ctx, const rs_masks *masks, int index, const rs_geometry *grid, rs_arena *arena,
                        rs_mask *out)
{
    RS_CHECK(ctx, index >= 0 && index < masks->n_regions);
    rs_mask mask = {.geometry = *grid};
    if (!rs_geometry_is_regular(grid))
        return rs_fail(ctx, RS_DATA, "no region can be drawn on a grid whose spacing is not known");
    RS_TRY(rs_block_take(ctx, (size_t)rs_geometry_voxels(grid), "a mask", &mask.block));
    mask.inside = mask.block.data;
    rs_status status = draw(ctx, masks, index, arena, &mask);
    if (status != RS_OK)
        rs_mask_free(ctx, &mask);
    else
        *out = mask;
    return status;
}

void rs_mask_free(rs_context *ctx, rs_mask *mask)
{
    rs_block_give(ctx, &mask->block);
    *mask = (rs_mask){0};
}
