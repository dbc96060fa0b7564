/* The searched organs from the front and from the side, brightest voxel along each line, with the marks as numbered
 * dots. */
#include "page.h"

#include <math.h>

#include "restage/arena.h"
#include "restage/parallel.h"
#include "restage/text.h"

#define LOW_HU (-1000.0)
#define HIGH_HU 200.0
#define BACKGROUND 24 /* outside what was searched */
#define MARGIN_VOX 6
#define NOTHING INT16_MIN
#define LEAST_MM 140.0 /* height of a picture at least */

enum { FRONT = 0, SIDE = 1, N_SIDES = 2 };
enum { NUMBERED = 12 }; /* more numbers than these hide each other */

/* A picture has one row a slice and one column a voxel of the box along its axis: 0 (front), 1 (side). */
typedef struct overview {
    const rs_volume *volume;
    const rs_regions *regions;
    uint8_t search[256];
    int32_t begin[3], end[3];
    int sign[3];            /* of axis a along patient direction a */
    int16_t *most[N_SIDES]; /* stored numbers: slopes are positive, so the largest is the brightest */
} overview;

static int32_t length(const overview *o, int axis)
{
    return o->end[axis] - o->begin[axis];
}

/* Where index n of an axis lies in the picture: x and y of the patient rise to the right, z upwards. */
static int32_t turned(const overview *o, int axis, int32_t n)
{
    bool rising = axis == 2 ? o->sign[2] < 0 : o->sign[axis] > 0;
    return rising ? n - o->begin[axis] : o->end[axis] - 1 - n;
}

static uint8_t grey_of(const rs_volume *volume, int16_t voxel)
{
    if (voxel == NOTHING) return BACKGROUND;
    double grey = 255 * (volume->slope * voxel + volume->offset - LOW_HU) / (HIGH_HU - LOW_HU);
    return (uint8_t)(grey <= BACKGROUND ? BACKGROUND : grey >= 255 ? 255 : grey + 0.5);
}

/* One slice is one row of both pictures. */
static rs_status project(rs_context *ctx, int64_t item, int worker, void *arg)
{
    (void)ctx;
    (void)worker;
    const overview *o = arg;
    const rs_geometry *g = &o->volume->geometry;
    int32_t k = o->begin[2] + (int32_t)item, row = turned(o, 2, k);
    int16_t *front = o->most[FRONT] + (int64_t)row * length(o, 0), *side = o->most[SIDE] + (int64_t)row * length(o, 1);
    int64_t first = turned(o, 0, o->begin[0]), step = first == 0 ? 1 : -1;
    for (int32_t j = o->begin[1]; j < o->end[1]; j++) {
        int64_t line = ((int64_t)k * g->n[1] + j) * g->n[0] + o->begin[0];
        const uint8_t *labels = o->regions->labels + line;
        const int16_t *voxels = o->volume->voxels + line;
        int16_t *to_front = front + first, most = NOTHING;
        for (int32_t i = 0; i < length(o, 0); i++, to_front += step) {
            if (!o->search[labels[i]]) continue;
            if (voxels[i] > *to_front) *to_front = voxels[i];
            if (voxels[i] > most) most = voxels[i];
        }
        side[turned(o, 1, j)] = most;
    }
    return RS_OK;
}

/* Only for slices across the body and rows across the patient, as nearly every chest is stored. */
static bool prepare(overview *o)
{
    const rs_geometry *g = &o->volume->geometry;
    if (!rs_regions_search_box(o->regions, o->begin, o->end)) return false;
    for (int a = 0; a < 3; a++) {
        if (rs_geometry_axis_along(g, a, &o->sign[a]) != a) return false;
        o->begin[a] = o->begin[a] > MARGIN_VOX ? o->begin[a] - MARGIN_VOX : 0;
        o->end[a] = o->end[a] + MARGIN_VOX < g->n[a] ? o->end[a] + MARGIN_VOX : g->n[a];
    }
    rs_regions_search_table(o->regions, o->search);
    return true;
}

static void dots(rs_buffer *out, const overview *o, int side, const rs_report *report)
{
    const rs_geometry *g = &o->volume->geometry;
    for (int m = report->n_marks - 1; m >= 0; m--) {
        double ijk[3], at[2];
        rs_geometry_to_index(g, report->marks[m].position_lps_mm, ijk);
        const int axes[2] = {side, 2};
        for (int s = 0; s < 2; s++) {
            int a = axes[s];
            bool rising = a == 2 ? o->sign[2] < 0 : o->sign[a] > 0;
            double from = rising ? ijk[a] - o->begin[a] + 0.5 : o->end[a] - 0.5 - ijk[a];
            at[s] = from * g->spacing_mm[a];
        }
        rs_svg_rect(out, "dot", at[0] - 3, at[1] - 3, 6, 6);
        if (m >= NUMBERED) continue;
        char number[16];
        (void)rs_text_format(number, sizeof number, "%d", report->marks[m].rank);
        rs_svg_text(out, "number", at[0] + 4.5, at[1] + 3.5, number);
    }
}

static rs_status picture(rs_context *ctx, rs_buffer *out, const overview *o, int side, const rs_report *report,
                         uint8_t *grey)
{
    static const char *const names[] = {"from the front", "from the patient's left"};
    static const char *const letters[][4] = {{"R", "L", "H", "F"}, {"A", "P", "H", "F"}};
    const double *spacing = o->volume->geometry.spacing_mm;
    double width = length(o, side) * spacing[side], height = length(o, 2) * spacing[2];
    /* A thin slab is drawn in a square: letters would be as large as its picture otherwise. */
    double above = height < LEAST_MM ? 0.5 * (LEAST_MM - height) : 0, shown = height + 2 * above;
    const double box[4] = {0, -above, width, shown};
    char label[96];
    (void)rs_text_format(label, sizeof label, "Searched organs %s with %d marks", names[side], report->n_marks);
    rs_buffer_text(out, "<figure>");
    rs_svg_begin(out, box, "mip", label);
    rs_buffer_printf(out, "<image width=\"%.2f\" height=\"%.2f\" preserveAspectRatio=\"none\" href=\"", width, height);
    for (int64_t p = 0; p < (int64_t)length(o, side) * length(o, 2); p++)
        grey[p] = grey_of(o->volume, o->most[side][p]);
    RS_TRY(rs_markup_png(ctx, out, grey, length(o, side), length(o, 2)));
    rs_buffer_text(out, "\"/>");
    dots(out, o, side, report);
    rs_svg_text(out, "letter", 8, 0.5 * height, letters[side][0]);
    rs_svg_text(out, "letter", width - 8, 0.5 * height, letters[side][1]);
    double bottom = height + above;
    rs_svg_text(out, "letter", 0.5 * width, 12 - above, letters[side][2]);
    rs_svg_text(out, "letter", 0.5 * width, bottom - 3, letters[side][3]);
    rs_svg_line(out, "scale", 6, bottom - 5, 56, bottom - 5);
    rs_svg_text(out, "scale", 6, bottom - 8, "50 mm");
    rs_svg_end(out);
    rs_buffer_printf(out, "<figcaption>%s</figcaption></figure>\n", names[side]);
    return RS_OK;
}

/* Slices with nothing searched between others where something was. */
static bool has_band(const overview *o)
{
    const int32_t columns = length(o, 0);
    bool begun = false, empty_since = false;
    for (int32_t row = 0; row < length(o, 2); row++) {
        const int16_t *line = o->most[FRONT] + (int64_t)row * columns;
        int32_t i = 0;
        while (i < columns && line[i] == NOTHING)
            i++;
        if (i < columns && empty_since) return true;
        if (i < columns) begun = true;
        empty_since = begun && i == columns;
    }
    return false;
}

static rs_status make(rs_context *ctx, rs_buffer *out, overview *o, const rs_report *report, rs_arena *arena)
{
    uint8_t *grey[N_SIDES];
    for (int side = 0; side < N_SIDES; side++) {
        int64_t pixels = (int64_t)length(o, side) * length(o, 2);
        o->most[side] = RS_ARENA_RAW(arena, int16_t, pixels);
        grey[side] = RS_ARENA_RAW(arena, uint8_t, pixels);
        if (!o->most[side] || !grey[side]) return rs_fail_memory(ctx, "the overview");
        for (int64_t p = 0; p < pixels; p++)
            o->most[side][p] = NOTHING;
    }
    RS_TRY(rs_parallel_for(ctx, length(o, 2), project, o));
    rs_buffer_text(out, "<section>\n<h2>Overview</h2>\n<div class=\"mips\">\n");
    for (int side = 0; side < N_SIDES; side++)
        RS_TRY(picture(ctx, out, o, side, report, grey[side]));
    rs_buffer_printf(out,
                     "</div>\n<p class=\"minor\">Brightest voxel of what was searched along each line of sight. "
                     "%sSquares: the marks, the first 12 with their number. Not for reading: the scan is.</p>\n"
                     "</section>\n",
                     has_band(o) ? "Dark bands across: slices that are missing, not searched. " : "");
    return RS_OK;
}

rs_status rs_page_overview(rs_context *ctx, rs_buffer *out, const rs_report *report, const rs_sources *sources)
{
    overview o = {.volume = sources->volume, .regions = sources->regions};
    if (!o.volume || !o.regions || !o.volume->voxels || !o.regions->labels || !prepare(&o)) return RS_OK;
    rs_arena *arena = rs_arena_new();
    if (!arena) return rs_fail_memory(ctx, "the overview");
    rs_status status = make(ctx, out, &o, report, arena);
    rs_arena_free(arena);
    return status;
}
