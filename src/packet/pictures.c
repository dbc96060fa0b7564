/* Crops around the marks: three planes, the calipers enlarged, and the slices beside the axial one. */
#include "pictures.h"

#include <math.h>
#include <string.h>

#include "restage/parallel.h"

#define FIELD_MM 40.0
#define FIELD_MAX_MM 160.0
#define CALIPER_FIELD_MM 16.0

/* Windows that radiologists read organs in. */
typedef struct window {
    const char *organ, *words;
    double low_hu, high_hu;
} window;

static const window windows[] = {
    {"lung",
     "lung window \xE2\x88\x92"
     "1350 to 150 HU",
     -1350, 150},
    {NULL,
     "soft tissue window \xE2\x88\x92"
     "160 to 240 HU",
     -160, 240},
};

typedef struct work {
    const rs_report *report;
    const rs_volume *volume;
    rs_arena *arena;
    rs_pictures *out;
    uint8_t *greys; /* of all crops, one behind the other */
} work;

static const window *window_of(const rs_report_mark *mark)
{
    const window *row = windows;
    while (row->organ && !(mark->organ && strcmp(row->organ, mark->organ) == 0))
        row++;
    return row;
}

const char *rs_window_words(const rs_report_mark *mark)
{
    return window_of(mark)->words;
}

/* Middle of the long axis: the calipers may lie in another slice than the centre. */
static bool calipers_middle(const rs_report_mark *mark, double lps_mm[3])
{
    for (int a = 0; a < 3; a++)
        lps_mm[a] = 0.5 * (mark->size.long_axis_ends_lps_mm[0][a] + mark->size.long_axis_ends_lps_mm[1][a]);
    return isfinite(lps_mm[0] + lps_mm[1] + lps_mm[2]);
}

/* The side of a square that shows the whole mark. */
static double field_of(const rs_geometry *geometry, const rs_report_mark *mark)
{
    double extent_mm = rs_view_extent_mm(geometry, mark), field_mm = FIELD_MM;
    while (field_mm < 1.7 * extent_mm && field_mm < FIELD_MAX_MM)
        field_mm += 20;
    return field_mm;
}

static bool choose_view(const rs_geometry *geometry, const rs_report_mark *mark, int which, rs_view *out)
{
    double middle[3], field_mm = CALIPER_FIELD_MM;
    if (which == RS_CROP_CALIPERS) {
        if (!calipers_middle(mark, middle)) return false;
        while (field_mm < 1.6 * mark->size.long_axis_mm && field_mm < FIELD_MAX_MM)
            field_mm += 4;
        rs_view_set(geometry, RS_PLANE_AXIAL, middle, field_mm, out);
        return true;
    }
    rs_plane plane = which < RS_PLANES ? (rs_plane)which : RS_PLANE_AXIAL;
    rs_view_set(geometry, plane, mark->position_lps_mm, field_of(geometry, mark), out);
    if (which < RS_PLANES) return true;
    int n = which - RS_CROP_FIRST_NEIGHBOUR, through = out->axis[2];
    out->centre[through] += n < RS_NEIGHBOURS ? n - RS_NEIGHBOURS : n - RS_NEIGHBOURS + 1;
    return out->centre[through] >= 0 && out->centre[through] <= geometry->n[through] - 1;
}

static rs_status make_crop(rs_context *ctx, int64_t item, int worker, void *arg)
{
    (void)ctx;
    (void)worker;
    const work *w = arg;
    int card = (int)(item / RS_CROPS), which = (int)(item % RS_CROPS);
    const rs_report_mark *mark = &w->report->marks[card];
    rs_crop *crop = &w->out->crops[card][which];
    if (!choose_view(&w->volume->geometry, mark, which, &crop->view)) return RS_OK;
    const window *row = window_of(mark);
    uint8_t *grey = w->greys + item * RS_CROP_PIXELS * RS_CROP_PIXELS;
    rs_view_sample(w->volume, &crop->view, row->low_hu, row->high_hu, RS_CROP_PIXELS, grey);
    crop->grey = grey;
    return RS_OK;
}

/* Masks and positions are those of source.geometry: pictures come from that volume and no other. */
static bool drawable(const rs_report *report, const rs_volume *volume)
{
    return volume && volume->voxels &&
           memcmp(volume->geometry.n, report->source.geometry.n, sizeof volume->geometry.n) == 0;
}

rs_status rs_pictures_make(rs_context *ctx, rs_arena *arena, const rs_report *report, const rs_sources *sources,
                           rs_pictures *out)
{
    *out = (rs_pictures){.n_cards = report->n_marks < RS_CARDS_MAX ? report->n_marks : RS_CARDS_MAX};
    rs_silhouette_make(sources, &out->silhouette);
    RS_TRY(rs_overview_make(ctx, arena, sources, &out->overview));
    if (out->n_cards == 0 || !drawable(report, sources->volume)) return RS_OK;
    work w = {report, sources->volume, arena, out, NULL};
    out->crops = rs_arena_alloc(arena, (size_t)out->n_cards, sizeof *out->crops);
    w.greys = rs_arena_alloc_raw(arena, (size_t)out->n_cards * RS_CROPS, RS_CROP_PIXELS * RS_CROP_PIXELS);
    if (!out->crops || !w.greys) return rs_fail_memory(ctx, "the pictures");
    out->geometry = &sources->volume->geometry;
    return rs_parallel_for(ctx, (int64_t)out->n_cards * RS_CROPS, make_crop, &w);
}
