/* Segmentation objects (DICOM PS3.3 A.51, C.8.20): binary ones and label maps; fractional ones are no masks. */
#include <stdlib.h>
#include <string.h>

#include "sandbox/decode.h"
#include "seg_grid.h"

#define FRAME_OF_REFERENCE RS_TAG(0x0020, 0x0052)
#define SERIES_UID RS_TAG(0x0020, 0x000e)
#define REFERENCED_INSTANCE RS_TAG(0x0008, 0x1155)
#define REFERENCED_SERIES RS_TAG(0x0008, 0x1115)
#define REFERENCED_INSTANCES RS_TAG(0x0008, 0x114a)
#define DERIVATION RS_TAG(0x0008, 0x9124)
#define SOURCE_IMAGES RS_TAG(0x0008, 0x2112)
#define SEGMENTATION_TYPE RS_TAG(0x0062, 0x0001)
#define SEGMENTS RS_TAG(0x0062, 0x0002)
#define SEGMENT_NUMBER RS_TAG(0x0062, 0x0004)
#define SEGMENT_LABEL RS_TAG(0x0062, 0x0005)

enum { MAX_SEGMENT = INT16_MAX }; /* labels are int16 voxels */

static rs_status add_instances(rs_masks *masks, const rs_dicom_item *item, uint32_t sequence, rs_references *refs)
{
    int n = rs_dicom_item_count(item, sequence);
    for (int i = 0; i < n; i++)
        RS_TRY(rs_references_add(masks, rs_dicom_item_at(item, sequence, i), REFERENCED_INSTANCE, &refs->instances,
                                 &refs->n_instances, &refs->instances_capacity));
    return RS_OK;
}

static rs_status add_sources(rs_masks *masks, const rs_dicom_item *group, rs_references *refs)
{
    int n = rs_dicom_item_count(group, DERIVATION);
    for (int i = 0; i < n; i++)
        RS_TRY(add_instances(masks, rs_dicom_item_at(group, DERIVATION, i), SOURCE_IMAGES, refs));
    return RS_OK;
}

static rs_status check_references(rs_masks *masks, const rs_dicom_item *root, const rs_study *study)
{
    rs_references refs = {0};
    RS_TRY(rs_references_add(masks, root, FRAME_OF_REFERENCE, &refs.frames, &refs.n_frames, &refs.frames_capacity));
    int n = rs_dicom_item_count(root, REFERENCED_SERIES);
    for (int i = 0; i < n; i++) {
        const rs_dicom_item *series = rs_dicom_item_at(root, REFERENCED_SERIES, i);
        RS_TRY(rs_references_add(masks, series, SERIES_UID, &refs.series, &refs.n_series, &refs.series_capacity));
        RS_TRY(add_instances(masks, series, REFERENCED_INSTANCES, &refs));
    }
    RS_TRY(add_instances(masks, root, SOURCE_IMAGES, &refs));
    n = rs_dicom_item_count(root, RS_SHARED_GROUPS);
    for (int i = 0; i < n; i++)
        RS_TRY(add_sources(masks, rs_dicom_item_at(root, RS_SHARED_GROUPS, i), &refs));
    n = rs_dicom_item_count(root, RS_FRAME_GROUPS);
    for (int i = 0; i < n; i++)
        RS_TRY(add_sources(masks, rs_dicom_item_at(root, RS_FRAME_GROUPS, i), &refs));
    return rs_references_check(masks, &refs, study);
}

static rs_status check_type(rs_masks *masks, const rs_dicom_item *root, bool *label_map)
{
    rs_context *ctx = masks->ctx;
    const char *type = rs_dicom_item_text(masks->file, root, SEGMENTATION_TYPE, masks->arena);
    if (!type) return rs_fail_memory(ctx, "the segments");
    *label_map = strcmp(type, "LABELMAP") == 0;
    if (*label_map || strcmp(type, "BINARY") == 0) return RS_OK;
    if (strcmp(type, "FRACTIONAL") == 0)
        return rs_fail(ctx, RS_DATA,
                       "it is a fractional segmentation: its values are probabilities or shares of a voxel, not a "
                       "mask; have it written as a binary one with the limit that is meant");
    return rs_fail(ctx, RS_DATA, "its SegmentationType is \"%s\", not BINARY or LABELMAP", type);
}

/* region_of: of each segment number, the index of its region and 1; 0: none. */
static rs_status read_segments(rs_masks *masks, const rs_dicom_item *root, int32_t *region_of)
{
    rs_context *ctx = masks->ctx;
    int n = rs_dicom_item_count(root, SEGMENTS);
    for (int i = 0; i < n; i++) {
        const rs_dicom_item *item = rs_dicom_item_at(root, SEGMENTS, i);
        rs_mask_region region = {0};
        rs_outline outline = {0};
        int64_t number;
        if (rs_dicom_item_integer(item, SEGMENT_NUMBER, &number) != RS_DICOM_FOUND || number < 0 ||
            number > MAX_SEGMENT)
            return rs_fail(ctx, RS_DATA, "its segment %d has no usable number", i + 1);
        if (number == 0) continue; /* the background of a label map */
        region.number = (int32_t)number;
        region.name = rs_dicom_item_text(masks->file, item, SEGMENT_LABEL, masks->arena);
        if (region.name && !*region.name) region.name = rs_arena_printf(masks->arena, "segment %d", region.number);
        if (!region.name) return rs_fail_memory(ctx, "the segments");
        if (region_of[number]) return rs_fail(ctx, RS_DATA, "it has two segments of number %d", region.number);
        RS_TRY(rs_masks_push(masks, &region, &outline));
        region_of[number] = masks->n_regions;
    }
    return RS_OK;
}

/* Order of frames by region and place, so that two at one place stand side by side. */
static int by_place(const void *a, const void *b)
{
    const rs_mask_frame *x = a, *y = b;
    if (x->region != y->region) return x->region < y->region ? -1 : 1;
    return x->k < y->k ? -1 : x->k > y->k;
}

/* Gives every frame its region and refuses two at one place. */
static rs_status place_frames(rs_masks *masks, const rs_seg_frames *frames, bool label_map, const int32_t *region_of)
{
    rs_context *ctx = masks->ctx;
    rs_mask_frame *own = RS_ARENA_RAW(masks->arena, rs_mask_frame, frames->n);
    rs_mask_frame *sorted = RS_ARENA_RAW(masks->arena, rs_mask_frame, frames->n);
    if (!own || !sorted) return rs_fail_memory(ctx, "the frames");
    for (int32_t f = 0; f < frames->n; f++) {
        int64_t segment = frames->items[f].segment;
        own[f] = (rs_mask_frame){-1, frames->items[f].k};
        if (label_map) continue;
        if (segment < 0 || segment > MAX_SEGMENT || !region_of[segment])
            return rs_fail(ctx, RS_DATA, "its frame %d belongs to a segment that it does not describe", f + 1);
        own[f].region = region_of[segment] - 1;
    }
    memcpy(sorted, own, (size_t)frames->n * sizeof *own);
    qsort(sorted, (size_t)frames->n, sizeof *sorted, by_place);
    for (int32_t f = 1; f < frames->n; f++)
        if (by_place(&sorted[f - 1], &sorted[f]) == 0)
            return rs_fail(ctx, RS_DATA, "two of its frames show %s at the same place",
                           label_map ? "labels" : masks->regions[sorted[f].region].name);
    masks->frames = own;
    masks->n_frames = frames->n;
    return RS_OK;
}

static int64_t count_bits(const uint8_t *bits, int64_t begin, int64_t end)
{
    int64_t n = 0;
    for (int64_t p = begin; p < end; p++) {
        if (p % 8 == 0 && end - p >= 8) {
            n += __builtin_popcount(bits[p / 8]);
            p += 7;
        } else {
            n += (bits[p / 8] >> (p % 8)) & 1;
        }
    }
    return n;
}

static rs_status take_bits(rs_masks *masks)
{
    size_t n_bytes;
    const int64_t frame = (int64_t)masks->grid.n[0] * masks->grid.n[1];
    RS_TRY(rs_dicom_file_bits(masks->ctx, masks->file, &masks->bits, &n_bytes));
    RS_CHECK(masks->ctx, (int64_t)n_bytes * 8 >= frame * masks->n_frames);
    for (int32_t f = 0; f < masks->n_frames; f++)
        masks->regions[masks->frames[f].region].voxels += count_bits(masks->bits, f * frame, (f + 1) * frame);
    return RS_OK;
}

/* Values of one frame of a label map, of 8 or 16 bits. */
static rs_status take_labels(rs_masks *masks, rs_decode *decode, int32_t f, int16_t *out)
{
    rs_dicom_pixels p;
    RS_TRY(rs_decode_pixels(masks->ctx, decode, f, 1, &p));
    if (p.n != (int64_t)masks->grid.n[0] * masks->grid.n[1])
        return rs_fail(masks->ctx, RS_DATA, "it changed while it was read");
    if (p.number != RS_DICOM_WHOLE || p.is_signed || p.bytes > 2)
        return rs_fail(masks->ctx, RS_DATA, "its labels are not whole numbers of 8 or 16 bits");
    for (int64_t v = 0; v < p.n; v++) {
        uint32_t value = p.data[v * p.bytes];
        if (p.bytes == 2) {
            uint32_t other = p.data[v * 2 + 1];
            value = p.big_endian ? value << 8 | other : other << 8 | value;
        }
        if (value > MAX_SEGMENT) return rs_fail(masks->ctx, RS_DATA, "it has a label above %d", MAX_SEGMENT);
        out[v] = (int16_t)value;
    }
    return RS_OK;
}

static rs_status count_labels(rs_masks *masks, rs_decode *decode, int64_t *count)
{
    const int64_t frame = (int64_t)masks->grid.n[0] * masks->grid.n[1];
    for (int32_t f = 0; f < masks->n_frames; f++) {
        int16_t *values = masks->volume.voxels + f * frame;
        RS_TRY(take_labels(masks, decode, f, values));
        for (int64_t v = 0; v < frame; v++)
            count[values[v]]++;
    }
    return RS_OK;
}

/* Frames are kept in the order of the file. Label maps are often compressed: a worker decodes them, as it does images
   (integration B.4). */
static rs_status take_label_map(rs_masks *masks)
{
    rs_context *ctx = masks->ctx;
    rs_decode *decode;
    int64_t *count = RS_ARENA_NEW(masks->arena, int64_t, MAX_SEGMENT + 1);
    if (!count) return rs_fail_memory(ctx, "the segments");
    rs_geometry stack = masks->grid;
    stack.n[2] = masks->n_frames;
    RS_TRY(rs_volume_new(ctx, &stack, &masks->volume));
    RS_TRY(rs_decode_open(ctx, 0, masks->arena, masks->path, true, &decode));
    rs_status status = count_labels(masks, decode, count);
    rs_decode_close(decode);
    RS_TRY(status);
    for (int r = 0; r < masks->n_regions; r++)
        masks->regions[r].voxels = count[masks->regions[r].number];
    masks->label = masks->volume.voxels;
    return RS_OK;
}

rs_status rs_seg_read(rs_masks *masks, const rs_study *study)
{
    const rs_dicom_item *root = rs_dicom_file_root(masks->file);
    bool label_map;
    rs_seg_frames frames = {0};
    int32_t *region_of = RS_ARENA_NEW(masks->arena, int32_t, MAX_SEGMENT + 1);
    if (!region_of) return rs_fail_memory(masks->ctx, "the segments");
    RS_TRY(check_type(masks, root, &label_map));
    RS_TRY(read_segments(masks, root, region_of));
    if (masks->n_regions == 0) return RS_OK;
    RS_TRY(check_references(masks, root, study));
    RS_TRY(rs_seg_grid(masks, root, !label_map, &frames));
    RS_TRY(place_frames(masks, &frames, label_map, region_of));
    RS_TRY(label_map ? take_label_map(masks) : take_bits(masks));
    for (int r = 0; r < masks->n_regions; r++)
        masks->regions[r].volume_mm3 = (double)masks->regions[r].voxels * rs_geometry_voxel_mm3(&masks->grid);
    return RS_OK;
}
