/* The grid of a segmentation, from its functional groups (DICOM PS3.3 C.7.6.16.2). */
#include "seg_grid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MEASURES RS_TAG(0x0028, 0x9110)
#define PIXEL_SPACING RS_TAG(0x0028, 0x0030)
#define SPACING_BETWEEN RS_TAG(0x0018, 0x0088)
#define THICKNESS RS_TAG(0x0018, 0x0050)
#define ORIENTATIONS RS_TAG(0x0020, 0x9116)
#define ORIENTATION RS_TAG(0x0020, 0x0037)
#define POSITIONS RS_TAG(0x0020, 0x9113)
#define POSITION RS_TAG(0x0020, 0x0032)
#define SEGMENT_IDS RS_TAG(0x0062, 0x000a)
#define SEGMENT_ID RS_TAG(0x0062, 0x000b)

enum { MAX_SLICES = 20000 };

/* Functional groups of one frame: its own before those shared by all. */
typedef struct groups {
    const rs_dicom_item *own, *shared;
} groups;

static const rs_dicom_item *group(const groups *g, uint32_t macro)
{
    const rs_dicom_item *found = rs_dicom_item_at(g->own, macro, 0);
    return found ? found : rs_dicom_item_at(g->shared, macro, 0);
}

static bool reals(const groups *g, uint32_t macro, uint32_t tag, double *out, int n)
{
    return rs_dicom_item_reals(group(g, macro), tag, out, n) == RS_DICOM_FOUND;
}

/* Axes and pixel spacing of one frame. */
static bool plane_of(const groups *g, rs_geometry *out)
{
    double o[6], spacing[2];
    if (!reals(g, ORIENTATIONS, ORIENTATION, o, 6) || !reals(g, MEASURES, PIXEL_SPACING, spacing, 2)) return false;
    for (int a = 0; a < 2; a++) {
        double length = sqrt(rs_dot(o + 3 * a, o + 3 * a));
        if (!(fabs(length - 1) < 1e-2)) return false;
        for (int d = 0; d < 3; d++)
            out->axis[a][d] = o[3 * a + d] / length;
    }
    const double *u = out->axis[0], *v = out->axis[1];
    if (fabs(rs_dot(u, v)) > 1e-3) return false;
    out->axis[2][0] = u[1] * v[2] - u[2] * v[1];
    out->axis[2][1] = u[2] * v[0] - u[0] * v[2];
    out->axis[2][2] = u[0] * v[1] - u[1] * v[0];
    out->spacing_mm[0] = spacing[1]; /* PixelSpacing: between rows first */
    out->spacing_mm[1] = spacing[0];
    out->spacing_mm[2] = 1;
    return spacing[0] > 0 && spacing[1] > 0;
}

static bool same_plane(const rs_geometry *a, const rs_geometry *b)
{
    for (int x = 0; x < 3; x++)
        if (fabs(rs_dot(a->axis[x], b->axis[x]) - 1) > 1e-6) return false;
    return fabs(a->spacing_mm[0] - b->spacing_mm[0]) < 1e-4 && fabs(a->spacing_mm[1] - b->spacing_mm[1]) < 1e-4;
}

static rs_status read_frame(rs_masks *masks, const groups *g, int32_t f, bool segments, rs_seg_frame *out)
{
    rs_geometry plane = masks->grid;
    if (!plane_of(g, &plane) || !reals(g, POSITIONS, POSITION, out->at_lps_mm, 3))
        return rs_fail(masks->ctx, RS_DATA, "its frame %d does not say where it lies (position, orientation, spacing)",
                       f + 1);
    if (f == 0) masks->grid = plane;
    if (!same_plane(&masks->grid, &plane))
        return rs_fail(masks->ctx, RS_DATA, "its frame %d has another orientation or spacing than the first", f + 1);
    out->along_mm = rs_dot(out->at_lps_mm, masks->grid.axis[2]);
    if (!segments) return RS_OK;
    if (rs_dicom_item_integer(group(g, SEGMENT_IDS), SEGMENT_ID, &out->segment) != RS_DICOM_FOUND)
        return rs_fail(masks->ctx, RS_DATA, "its frame %d does not say to which segment it belongs", f + 1);
    return RS_OK;
}

static rs_status read_frames(rs_masks *masks, const rs_dicom_item *root, bool segments, rs_seg_frames *out)
{
    rs_context *ctx = masks->ctx;
    rs_dicom_image image;
    RS_TRY(rs_dicom_file_image(ctx, masks->file, &image));
    if (!image.has_pixels) return rs_fail(ctx, RS_DATA, "it has no pixels");
    int n = rs_dicom_item_count(root, RS_FRAME_GROUPS);
    if (n != image.frames)
        return rs_fail(ctx, RS_DATA, "it has %d frames, but says of %d where they lie", image.frames, n);
    masks->grid.n[0] = image.columns;
    masks->grid.n[1] = image.rows;
    *out = (rs_seg_frames){RS_ARENA_NEW(masks->arena, rs_seg_frame, n), n};
    if (!out->items) return rs_fail_memory(ctx, "the frames");
    groups g = {NULL, rs_dicom_item_at(root, RS_SHARED_GROUPS, 0)};
    for (int32_t f = 0; f < n; f++) {
        g.own = rs_dicom_item_at(root, RS_FRAME_GROUPS, f);
        RS_TRY(read_frame(masks, &g, f, segments, &out->items[f]));
    }
    return RS_OK;
}

/* Do all places lie at whole steps from the first? */
static bool fits(const double *along_mm, int32_t n, double step_mm)
{
    if (!(step_mm > 0)) return false;
    for (int32_t i = 1; i < n; i++) {
        double steps = (along_mm[i] - along_mm[0]) / step_mm;
        if (fabs(steps - floor(steps + 0.5)) > 0.05) return false;
    }
    return true;
}

/* Distance of slices: as the file says it, where the places agree, else the smallest between places. Frames that are
   empty are often left out, so that places may have holes. */
static rs_status find_step(rs_masks *masks, const rs_dicom_item *root, double *along_mm, int32_t n, double *step_mm)
{
    const groups g = {rs_dicom_item_at(root, RS_FRAME_GROUPS, 0), rs_dicom_item_at(root, RS_SHARED_GROUPS, 0)};
    double said_mm = 0, thickness_mm = 0, smallest_mm = INFINITY;
    (void)reals(&g, MEASURES, SPACING_BETWEEN, &said_mm, 1);
    (void)reals(&g, MEASURES, THICKNESS, &thickness_mm, 1);
    for (int32_t i = 1; i < n; i++)
        if (along_mm[i] - along_mm[i - 1] > 1e-3) smallest_mm = fmin(smallest_mm, along_mm[i] - along_mm[i - 1]);
    if (fits(along_mm, n, said_mm))
        *step_mm = said_mm;
    else if (isfinite(smallest_mm) && fits(along_mm, n, smallest_mm))
        *step_mm = smallest_mm;
    else if (!isfinite(smallest_mm) && thickness_mm > 0)
        *step_mm = thickness_mm;
    else
        return rs_fail(masks->ctx, RS_DATA,
                       isfinite(smallest_mm) ? "its frames lie at uneven distances"
                                             : "the thickness of its one slice is not known");
    return RS_OK;
}

static rs_status set_slices(rs_masks *masks, rs_seg_frames *frames, const double *along_mm, double step_mm)
{
    rs_geometry *grid = &masks->grid;
    double last = floor((along_mm[frames->n - 1] - along_mm[0]) / step_mm + 0.5);
    if (last >= MAX_SLICES)
        return rs_fail(masks->ctx, RS_DATA, "its frames reach over more than %d slices", MAX_SLICES);
    grid->n[2] = (int32_t)last + 1;
    grid->spacing_mm[2] = last > 0 ? (along_mm[frames->n - 1] - along_mm[0]) / last : step_mm;
    int32_t lowest = 0;
    for (int32_t f = 0; f < frames->n; f++)
        if (frames->items[f].along_mm < frames->items[lowest].along_mm) lowest = f;
    memcpy(grid->origin_lps_mm, frames->items[lowest].at_lps_mm, sizeof grid->origin_lps_mm);
    for (int32_t f = 0; f < frames->n; f++) {
        double ijk[3];
        rs_geometry_to_index(grid, frames->items[f].at_lps_mm, ijk);
        if (fabs(ijk[0]) > 0.05 || fabs(ijk[1]) > 0.05)
            return rs_fail(masks->ctx, RS_DATA, "its frame %d is shifted beside the others", f + 1);
        frames->items[f].k = (int32_t)floor(ijk[2] + 0.5);
    }
    return RS_OK;
}

rs_status rs_seg_grid(rs_masks *masks, const rs_dicom_item *root, bool segments, rs_seg_frames *out)
{
    double step_mm = 0;
    RS_TRY(read_frames(masks, root, segments, out));
    double *along_mm = RS_ARENA_RAW(masks->arena, double, out->n);
    if (!along_mm) return rs_fail_memory(masks->ctx, "the frames");
    for (int32_t f = 0; f < out->n; f++)
        along_mm[f] = out->items[f].along_mm;
    qsort(along_mm, (size_t)out->n, sizeof *along_mm, rs_by_value);
    RS_TRY(find_step(masks, root, along_mm, out->n, &step_mm));
    RS_TRY(set_slices(masks, out, along_mm, step_mm));
    masks->has_grid = true;
    return RS_OK;
}
