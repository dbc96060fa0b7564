/* RTSTRUCT (DICOM PS3.3 A.19, C.8.8.5, C.8.8.6): its regions, their contours, and what they were drawn on. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "room.h"

#define FRAME_OF_REFERENCE RS_TAG(0x0020, 0x0052)
#define SERIES_UID RS_TAG(0x0020, 0x000e)
#define ROI_SEQUENCE RS_TAG(0x3006, 0x0020)
#define ROI_NUMBER RS_TAG(0x3006, 0x0022)
#define REFERENCED_FRAME RS_TAG(0x3006, 0x0024)
#define ROI_NAME RS_TAG(0x3006, 0x0026)
#define ROI_CONTOURS RS_TAG(0x3006, 0x0039)
#define CONTOURS RS_TAG(0x3006, 0x0040)
#define CONTOUR_TYPE RS_TAG(0x3006, 0x0042)
#define CONTOUR_DATA RS_TAG(0x3006, 0x0050)
#define REFERENCED_ROI RS_TAG(0x3006, 0x0084)
#define FRAMES RS_TAG(0x3006, 0x0010)
#define FRAME_STUDIES RS_TAG(0x3006, 0x0012)
#define FRAME_SERIES RS_TAG(0x3006, 0x0014)
#define CONTOUR_IMAGES RS_TAG(0x3006, 0x0016)
#define REFERENCED_INSTANCE RS_TAG(0x0008, 0x1155)

/* Smaller than a pixel of any scanner: a slip of the hand, not a region. */
static const double crumb_mm2 = 0.05;

/* Why contours of a region are not drawn. */
typedef struct left_out {
    int32_t open, points, crumbs, twins;
} left_out;

static rs_status add_instances(rs_masks *masks, const rs_dicom_item *item, rs_references *refs)
{
    int n = rs_dicom_item_count(item, CONTOUR_IMAGES);
    for (int i = 0; i < n; i++)
        RS_TRY(rs_references_add(masks, rs_dicom_item_at(item, CONTOUR_IMAGES, i), REFERENCED_INSTANCE,
                                 &refs->instances, &refs->n_instances, &refs->instances_capacity));
    return RS_OK;
}

static rs_status add_series(rs_masks *masks, const rs_dicom_item *study, rs_references *refs)
{
    int n = rs_dicom_item_count(study, FRAME_SERIES);
    for (int i = 0; i < n; i++) {
        const rs_dicom_item *series = rs_dicom_item_at(study, FRAME_SERIES, i);
        RS_TRY(rs_references_add(masks, series, SERIES_UID, &refs->series, &refs->n_series, &refs->series_capacity));
        RS_TRY(add_instances(masks, series, refs));
    }
    return RS_OK;
}

/* ReferencedFrameOfReferenceSequence names studies, series and images at once. */
static rs_status add_frames(rs_masks *masks, const rs_dicom_item *root, rs_references *refs)
{
    int n = rs_dicom_item_count(root, FRAMES);
    for (int i = 0; i < n; i++) {
        const rs_dicom_item *frame = rs_dicom_item_at(root, FRAMES, i);
        RS_TRY(rs_references_add(masks, frame, FRAME_OF_REFERENCE, &refs->frames, &refs->n_frames,
                                 &refs->frames_capacity));
        int n_studies = rs_dicom_item_count(frame, FRAME_STUDIES);
        for (int s = 0; s < n_studies; s++)
            RS_TRY(add_series(masks, rs_dicom_item_at(frame, FRAME_STUDIES, s), refs));
    }
    n = rs_dicom_item_count(root, ROI_SEQUENCE);
    for (int i = 0; i < n; i++)
        RS_TRY(rs_references_add(masks, rs_dicom_item_at(root, ROI_SEQUENCE, i), REFERENCED_FRAME, &refs->frames,
                                 &refs->n_frames, &refs->frames_capacity));
    return RS_OK;
}

static bool is_closed(const char *type)
{
    return strcmp(type, "CLOSED_PLANAR") == 0 || strcmp(type, "CLOSEDPLANAR_XOR") == 0;
}

static rs_status read_contour(rs_masks *masks, const rs_dicom_item *item, int number, const char *roi, rs_contour *out,
                              left_out *left)
{
    rs_context *ctx = masks->ctx;
    double *values = NULL;
    int n = 0;
    *out = (rs_contour){0};
    const char *type = rs_dicom_item_text(masks->file, item, CONTOUR_TYPE, masks->arena);
    if (!type) return rs_fail_memory(ctx, "the contours");
    if (!is_closed(type)) {
        left->open++;
        return RS_OK;
    }
    rs_dicom_found found = rs_dicom_item_real_list(item, CONTOUR_DATA, masks->arena, &values, &n);
    if (found == RS_DICOM_BAD || n % 3 != 0)
        return rs_fail(ctx, RS_DATA, "contour %d of the region \"%s\" has coordinates that are no triples of numbers",
                       number, roi);
    n /= 3;
    if (n < 3) {
        left->points++;
        return RS_OK;
    }
    for (int v = 0; v < 3 * n; v++)
        if (fabs(values[v]) > 1e6)
            return rs_fail(ctx, RS_DATA, "contour %d of the region \"%s\" lies more than a kilometre away", number,
                           roi);
    rs_contour contour = {.corner_lps_mm = (const double(*)[3])values, .n = n};
    rs_contour_normal(contour.corner_lps_mm, n, contour.normal);
    const double *area = contour.normal;
    if (area[0] * area[0] + area[1] * area[1] + area[2] * area[2] < crumb_mm2 * crumb_mm2)
        left->crumbs++;
    else
        *out = contour;
    return RS_OK;
}

static rs_status tell_left_out(rs_masks *masks, const char *name, const left_out *left)
{
    if (left->open > 0)
        RS_TRY(rs_notes_add(masks->ctx, masks->arena, &masks->notes, "region_contours_open", name,
                            "contours of the region that are points or open lines, not drawn: %d", left->open));
    if (left->twins > 0)
        RS_TRY(rs_notes_add(masks->ctx, masks->arena, &masks->notes, "region_contours_twice", name,
                            "contours of the region that stand in the file more than once, drawn once: %d",
                            left->twins));
    if (left->points + left->crumbs > 0)
        RS_TRY(rs_notes_add(masks->ctx, masks->arena, &masks->notes, "region_contours_crumbs", name,
                            "contours of the region too small to be drawn: %d (of fewer than 3 points %d, of less than "
                            "%.2f mm2 %d)",
                            left->points + left->crumbs, left->points, crumb_mm2, left->crumbs));
    return RS_OK;
}

/* An item of a sequence, and the number of the region that it speaks of. */
typedef struct drawn_item {
    int64_t roi;
    int index;
    const rs_dicom_item *item;
} drawn_item;

static int by_roi(const void *a, const void *b)
{
    const drawn_item *x = a, *y = b;
    if (x->roi != y->roi) return x->roi < y->roi ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

/* Items by their number. */
static rs_status list_items(rs_masks *masks, const rs_dicom_item *root, uint32_t sequence, uint32_t tag,
                            drawn_item **out, int *n)
{
    int count = rs_dicom_item_count(root, sequence);
    drawn_item *items = RS_ARENA_NEW(masks->arena, drawn_item, count);
    if (!items) return rs_fail_memory(masks->ctx, "the contours");
    *n = 0;
    for (int i = 0; i < count; i++) {
        drawn_item one = {.index = i, .item = rs_dicom_item_at(root, sequence, i)};
        if (rs_dicom_item_integer(one.item, tag, &one.roi) == RS_DICOM_FOUND) items[(*n)++] = one;
    }
    if (*n > 1) qsort(items, (size_t)*n, sizeof *items, by_roi);
    *out = items;
    return RS_OK;
}

static int first_of(const drawn_item *items, int n, int64_t roi)
{
    int begin = 0, end = n;
    while (begin < end) {
        int middle = begin + (end - begin) / 2;
        if (items[middle].roi < roi)
            begin = middle + 1;
        else
            end = middle;
    }
    return begin;
}

static rs_status read_item(rs_masks *masks, const rs_dicom_item *item, const char *name, rs_outline *outline,
                           left_out *left, rs_references *refs)
{
    int n = rs_dicom_item_count(item, CONTOURS);
    for (int i = 0; i < n; i++) {
        const rs_dicom_item *one = rs_dicom_item_at(item, CONTOURS, i);
        rs_contour *contour = rs_arena_push(masks->arena, (void **)&outline->contours, outline->n_contours,
                                            &outline->contours_capacity, sizeof *contour);
        if (!contour) return rs_fail_memory(masks->ctx, "the contours");
        RS_TRY(read_contour(masks, one, i + 1, name, contour, left));
        outline->n_contours += contour->n > 0;
        RS_TRY(add_instances(masks, one, refs));
    }
    return RS_OK;
}

static rs_status read_roi(rs_masks *masks, const rs_dicom_item *roi, const drawn_item *items, int n_items,
                          rs_references *refs)
{
    rs_mask_region region = {.voxels = -1};
    rs_outline outline = {.frame_uid = rs_dicom_item_text(masks->file, roi, REFERENCED_FRAME, masks->arena)};
    left_out left = {0};
    int64_t number;
    if (!outline.frame_uid) return rs_fail_memory(masks->ctx, "the regions");
    if (rs_dicom_item_integer(roi, ROI_NUMBER, &number) != RS_DICOM_FOUND || number != (int32_t)number)
        return rs_fail(masks->ctx, RS_DATA, "its region %d has no number", masks->n_regions + 1);
    region.number = (int32_t)number;
    region.name = rs_dicom_item_text(masks->file, roi, ROI_NAME, masks->arena);
    if (region.name && !*region.name) region.name = rs_arena_printf(masks->arena, "region %d", region.number);
    if (!region.name) return rs_fail_memory(masks->ctx, "the regions");
    for (int i = first_of(items, n_items, number); i < n_items && items[i].roi == number; i++)
        RS_TRY(read_item(masks, items[i].item, region.name, &outline, &left, refs));
    RS_TRY(rs_outline_drop_twins(masks, &outline, &left.twins));
    region.n_contours = outline.n_contours;
    region.n_left_out = left.open + left.points + left.crumbs + left.twins;
    for (int d = 0; d < 3; d++)
        outline.centre_lps_mm[d] = (double)NAN;
    if (outline.n_contours > 0) RS_TRY(rs_outline_measure(masks, &outline, region.name, &region.volume_mm3));
    memcpy(region.centre_lps_mm, outline.centre_lps_mm, sizeof region.centre_lps_mm);
    RS_TRY(tell_left_out(masks, region.name, &left));
    return rs_masks_push(masks, &region, &outline);
}

rs_status rs_rtstruct_read(rs_masks *masks, const rs_study *study)
{
    const rs_dicom_item *root = rs_dicom_file_root(masks->file);
    rs_references refs = {0};
    drawn_item *rois = NULL, *items = NULL;
    int n_rois, n_items, n = rs_dicom_item_count(root, ROI_SEQUENCE);
    RS_TRY(list_items(masks, root, ROI_SEQUENCE, ROI_NUMBER, &rois, &n_rois));
    for (int i = 1; i < n_rois; i++)
        if (rois[i].roi == rois[i - 1].roi)
            return rs_fail(masks->ctx, RS_DATA, "two of its regions have the number %lld", (long long)rois[i].roi);
    RS_TRY(list_items(masks, root, ROI_CONTOURS, REFERENCED_ROI, &items, &n_items));
    for (int i = 0; i < n; i++)
        RS_TRY(read_roi(masks, rs_dicom_item_at(root, ROI_SEQUENCE, i), items, n_items, &refs));
    RS_TRY(add_frames(masks, root, &refs));
    return rs_references_check(masks, &refs, study);
}
