/* Projections of what was searched. */
#include "overview.h"

#include <math.h>

#include "restage/arena.h"
#include "restage/parallel.h"
#include "restage/text.h"

#define LOW_HU (-1000.0)
#define HIGH_HU 200.0
#define BACKGROUND 24 /* outside what was searched */
#define MARGIN_VOX 6
#define NOTHING INT16_MIN
#define DOT_MM 3.2  /* radius in the patient */
#define NEAR_MM 7.0 /* numbers that lie nearer than this along both axes hide each other */

enum { NUMBERED = 12 }; /* more numbers than these hide each other */

/* A picture has one row a slice and one column a voxel of the box along its axis: 0 (front), 1 (side). */
typedef struct projection {
    const rs_overview *o;
    const rs_volume *volume;
    const rs_regions *regions;
    uint8_t search[256];
    int16_t *most[RS_OVERVIEWS]; /* stored numbers: slopes are positive, so the largest is the brightest */
} projection;

static int32_t length(const rs_overview *o, int axis)
{
    return o->end[axis] - o->begin[axis];
}

/* Where index n of an axis lies in the picture: x and y of the patient rise to the right, z upwards. */
static int32_t turned(const rs_overview *o, int axis, int32_t n)
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
    const projection *p = arg;
    const rs_overview *o = p->o;
    const rs_geometry *g = o->geometry;
    int32_t k = o->begin[2] + (int32_t)item, row = turned(o, 2, k);
    int16_t *front = p->most[0] + (int64_t)row * length(o, 0), *side = p->most[1] + (int64_t)row * length(o, 1);
    int64_t first = turned(o, 0, o->begin[0]), step = first == 0 ? 1 : -1;
    for (int32_t j = o->begin[1]; j < o->end[1]; j++) {
        int64_t line = ((int64_t)k * g->n[1] + j) * g->n[0] + o->begin[0];
        const uint8_t *labels = p->regions->labels + line;
        const int16_t *voxels = p->volume->voxels + line;
        int16_t *to_front = front + first, most = NOTHING;
        for (int32_t i = 0; i < length(o, 0); i++, to_front += step) {
            if (!p->search[labels[i]]) continue;
            if (voxels[i] > *to_front) *to_front = voxels[i];
            if (voxels[i] > most) most = voxels[i];
        }
        side[turned(o, 1, j)] = most;
    }
    for (int s = 0; s < RS_OVERVIEWS; s++) {
        const int16_t *from = s == RS_OVERVIEW_FRONT ? front : side;
        uint8_t *grey = o->grey[s] + (int64_t)row * o->columns[s];
        for (int c = 0; c < o->columns[s]; c++)
            grey[c] = grey_of(p->volume, from[c]);
    }
    return RS_OK;
}

/* Only for slices across the body and rows across the patient, as nearly every chest is stored. */
static bool prepare(rs_overview *o, const rs_sources *sources)
{
    if (!sources->volume || !sources->regions || !sources->volume->voxels || !sources->regions->labels) return false;
    const rs_geometry *g = o->geometry = &sources->volume->geometry;
    if (!rs_regions_search_box(sources->regions, o->begin, o->end)) return false;
    for (int a = 0; a < 3; a++) {
        if (rs_geometry_axis_along(g, a, &o->sign[a]) != a) return false;
        o->begin[a] = o->begin[a] > MARGIN_VOX ? o->begin[a] - MARGIN_VOX : 0;
        o->end[a] = o->end[a] + MARGIN_VOX < g->n[a] ? o->end[a] + MARGIN_VOX : g->n[a];
    }
    for (int s = 0; s < RS_OVERVIEWS; s++) {
        o->columns[s] = length(o, s);
        o->width_mm[s] = o->columns[s] * g->spacing_mm[s];
    }
    o->rows = length(o, 2);
    o->height_mm = o->rows * g->spacing_mm[2];
    return true;
}

static bool has_band(const projection *p)
{
    const int columns = p->o->columns[RS_OVERVIEW_FRONT];
    bool begun = false, empty_since = false;
    for (int32_t row = 0; row < p->o->rows; row++) {
        const int16_t *line = p->most[RS_OVERVIEW_FRONT] + (int64_t)row * columns;
        int32_t i = 0;
        while (i < columns && line[i] == NOTHING)
            i++;
        if (i < columns && empty_since) return true;
        if (i < columns) begun = true;
        empty_since = begun && i == columns;
    }
    return false;
}

rs_status rs_overview_make(rs_context *ctx, rs_arena *arena, const rs_sources *sources, rs_overview *out)
{
    *out = (rs_overview){0};
    if (!prepare(out, sources)) return RS_OK;
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "the overview");
    rs_arena_mark where = rs_arena_where(scratch);
    projection p = {.o = out, .volume = sources->volume, .regions = sources->regions};
    rs_regions_search_table(sources->regions, p.search);
    rs_status status = RS_OK;
    for (int s = 0; s < RS_OVERVIEWS && status == RS_OK; s++) {
        int64_t pixels = (int64_t)out->columns[s] * out->rows;
        p.most[s] = RS_ARENA_RAW(scratch, int16_t, pixels);
        out->grey[s] = RS_ARENA_RAW(arena, uint8_t, pixels);
        if (!p.most[s] || !out->grey[s]) status = rs_fail_memory(ctx, "the overview");
        for (int64_t i = 0; i < pixels && status == RS_OK; i++)
            p.most[s][i] = NOTHING;
    }
    if (status == RS_OK) status = rs_parallel_for(ctx, out->rows, project, &p);
    if (status == RS_OK) {
        out->has_band = has_band(&p);
        out->there = true;
    }
    rs_arena_rewind(scratch, where);
    return status;
}

/* Where a mark lies on the picture, mm. */
static void place(const rs_overview *o, int side, const rs_report_mark *mark, double at[2])
{
    const int axes[2] = {side, 2};
    double ijk[3];
    rs_geometry_to_index(o->geometry, mark->position_lps_mm, ijk);
    for (int s = 0; s < 2; s++) {
        int a = axes[s];
        bool rising = a == 2 ? o->sign[2] < 0 : o->sign[a] > 0;
        double from = rising ? ijk[a] - o->begin[a] + 0.5 : o->end[a] - 0.5 - ijk[a];
        at[s] = from * o->geometry->spacing_mm[a];
    }
}

/* The number of a mark, with those of later marks that lie so near that their numbers would hide it. */
static void number(const rs_draw *to, const rs_overview *o, int side, const rs_report *report, int m, bool *told)
{
    double at[2], other[2];
    char text[64];
    place(o, side, &report->marks[m], at);
    int n = rs_text_format(text, sizeof text, "%d", report->marks[m].rank);
    for (int l = m + 1; l < report->n_marks && l < NUMBERED && n > 0 && n < (int)sizeof text; l++) {
        place(o, side, &report->marks[l], other);
        if (told[l] || fabs(other[0] - at[0]) > NEAR_MM || fabs(other[1] - at[1]) > NEAR_MM) continue;
        n += rs_text_format(text + n, sizeof text - (size_t)n, ", %d", report->marks[l].rank);
        told[l] = true;
    }
    rs_draw_text(to, "number", at[0] + DOT_MM + 3, at[1] + DOT_MM, text);
}

void rs_overview_draw(const rs_draw *to, const rs_overview *o, int side, const rs_report *report)
{
    static const char *const letters[][4] = {{"R", "L", "H", "F"}, {"A", "P", "H", "F"}};
    double width = o->width_mm[side], height = o->height_mm;
    bool told[NUMBERED] = {false};
    for (int m = report->n_marks - 1; m >= 0; m--) {
        double at[2];
        place(o, side, &report->marks[m], at);
        rs_draw_circle(to, "ring", at[0], at[1], DOT_MM + 1.2);
        rs_draw_circle(to, "dot", at[0], at[1], DOT_MM);
    }
    for (int m = 0; m < report->n_marks && m < NUMBERED; m++)
        if (!told[m]) number(to, o, side, report, m, told);
    rs_draw_text(to, "letter", 9, 0.5 * height, letters[side][0]);
    rs_draw_text(to, "letter", width - 9, 0.5 * height, letters[side][1]);
    rs_draw_text(to, "letter", 0.5 * width, 13, letters[side][2]);
    rs_draw_text(to, "letter", 0.5 * width, height - 4, letters[side][3]);
    rs_draw_line(to, "scale", 6, height - 5, 56, height - 5);
    rs_draw_text(to, "scale", 6, height - 9, "50 mm");
}
