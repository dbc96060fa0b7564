/* A card a mark: pictures in three planes, the calipers, every number with its interval or the reason why there is
 * none. */
#include "page.h"

#include <math.h>
#include <string.h>

#include "restage/arena.h"
#include "restage/parallel.h"
#include "restage/text.h"

enum { N_PICTURES = 4, PIXELS = 128, CALIPERS = 3 }; /* the three planes, and the slice of the calipers enlarged */

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

typedef struct picture {
    rs_view view;
    rs_buffer uri;
    bool there;
} picture;

typedef struct pictures {
    const rs_report *report;
    const rs_volume *volume;
    picture (*of)[N_PICTURES];
} pictures;

static const window *window_of(const rs_report_mark *mark)
{
    const window *row = windows;
    while (row->organ && !(mark->organ && strcmp(row->organ, mark->organ) == 0))
        row++;
    return row;
}

/* Middle of the long axis: the calipers may lie in another slice than the centre. */
static bool calipers_middle(const rs_report_mark *mark, double lps_mm[3])
{
    for (int a = 0; a < 3; a++)
        lps_mm[a] = 0.5 * (mark->size.long_axis_ends_lps_mm[0][a] + mark->size.long_axis_ends_lps_mm[1][a]);
    return isfinite(lps_mm[0] + lps_mm[1] + lps_mm[2]);
}

static void choose_view(const pictures *all, const rs_report_mark *mark, int which, picture *out)
{
    const rs_geometry *geometry = &all->volume->geometry;
    double extent_mm = rs_view_extent_mm(geometry, mark), middle[3];
    double field_mm = FIELD_MM;
    while (field_mm < 1.7 * extent_mm && field_mm < FIELD_MAX_MM)
        field_mm += 20;
    out->there = true;
    if (which < CALIPERS) {
        rs_view_set(geometry, (rs_plane)which, mark->position_lps_mm, field_mm, &out->view);
        return;
    }
    out->there = calipers_middle(mark, middle);
    field_mm = CALIPER_FIELD_MM;
    while (out->there && field_mm < 1.6 * mark->size.long_axis_mm && field_mm < FIELD_MAX_MM)
        field_mm += 4;
    if (out->there) rs_view_set(geometry, RS_PLANE_AXIAL, middle, field_mm, &out->view);
}

static rs_status make_picture(rs_context *ctx, int64_t item, int worker, void *arg)
{
    (void)worker;
    const pictures *all = arg;
    const rs_report_mark *mark = &all->report->marks[item / N_PICTURES];
    picture *out = &all->of[item / N_PICTURES][item % N_PICTURES];
    choose_view(all, mark, (int)(item % N_PICTURES), out);
    if (!out->there) return RS_OK;
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "a picture");
    rs_arena_mark where = rs_arena_where(scratch);
    uint8_t *grey = RS_ARENA_RAW(scratch, uint8_t, PIXELS * PIXELS);
    rs_status status = grey ? RS_OK : rs_fail_memory(ctx, "a picture");
    if (grey) {
        const window *row = window_of(mark);
        rs_view_sample(all->volume, &out->view, row->low_hu, row->high_hu, PIXELS, grey);
        status = rs_markup_png(ctx, &out->uri, grey, PIXELS, PIXELS);
    }
    rs_arena_rewind(scratch, where);
    return status;
}

static void caliper(rs_buffer *out, const rs_geometry *geometry, const rs_view *view, const double ends_lps_mm[2][3])
{
    double from[2], to[2];
    if (!isfinite(ends_lps_mm[0][0])) return;
    double off = rs_view_place(geometry, view, ends_lps_mm[0], from);
    double other = rs_view_place(geometry, view, ends_lps_mm[1], to);
    if (!(off < 1 && other < 1)) return;
    rs_svg_line(out, "under", from[0], from[1], to[0], to[1]);
    rs_svg_line(out, "caliper", from[0], from[1], to[0], to[1]);
}

/* Outline, or calipers; ticks that point at the middle; letters; a scale bar. */
static rs_status draw_over(rs_context *ctx, rs_buffer *out, const rs_geometry *geometry, const rs_report_mark *mark,
                           const picture *from, bool calipers)
{
    static const double at[4][2] = {{4, 52}, {96, 52}, {50, 7}, {50, 98}};
    const double bar_mm = from->view.field_mm >= 40 ? 10 : 5, bar = 100 * bar_mm / from->view.field_mm;
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "an outline");
    rs_arena_mark where = rs_arena_where(scratch);
    rs_svg_mask mask;
    rs_status status = rs_view_mask(ctx, scratch, geometry, &from->view, mark, &mask);
    if (status == RS_OK && !calipers) {
        rs_svg_outline(out, "under", &mask);
        rs_svg_outline(out, "outline", &mask);
    }
    rs_arena_rewind(scratch, where);
    RS_TRY(status);
    if (calipers) {
        caliper(out, geometry, &from->view, mark->size.long_axis_ends_lps_mm);
        caliper(out, geometry, &from->view, mark->size.short_axis_ends_lps_mm);
    } else {
        rs_svg_line(out, "tick", 10, 50, 24, 50);
        rs_svg_line(out, "tick", 76, 50, 90, 50);
        rs_svg_line(out, "tick", 50, 10, 50, 24);
        rs_svg_line(out, "tick", 50, 76, 50, 90);
    }
    char letters[4][4], words[16];
    rs_view_letters(geometry, &from->view, letters);
    for (int l = 0; l < 4; l++)
        rs_svg_text(out, "letter", at[l][0], at[l][1], letters[l]);
    (void)rs_text_format(words, sizeof words, "%.0f mm", bar_mm);
    rs_svg_line(out, "under", 4, 95, 4 + bar, 95);
    rs_svg_line(out, "scale", 4, 95, 4 + bar, 95);
    rs_svg_text(out, "scale", 4, 92.5, words);
    return RS_OK;
}

static void caption(rs_buffer *out, const rs_report_mark *mark, const picture *from, int which)
{
    static const char *const planes[N_PICTURES] = {"axial", "coronal", "sagittal", "calipers"};
    const rs_report_slice *slice = which == CALIPERS ? &mark->size.axes_slice : &mark->slice;
    int32_t index = (int32_t)from->view.centre[from->view.axis[2]];
    rs_buffer_printf(out, "<figcaption>%s%s", from->view.oblique ? "oblique, near " : "", planes[which]);
    if (which == RS_PLANE_CORONAL || which == RS_PLANE_SAGITTAL) {
        rs_buffer_text(out, "</figcaption>");
        return;
    }
    if (from->view.axis[2] == 2 && index == slice->k && slice->number >= 0)
        rs_buffer_printf(out, ", slice %lld</figcaption>", (long long)slice->number);
    else
        rs_buffer_printf(out, ", %c = %d</figcaption>", "ijk"[from->view.axis[2]], index);
}

static rs_status figures(rs_context *ctx, rs_buffer *out, const pictures *all, int m)
{
    static const double box[4] = {0, 0, 100, 100};
    const rs_report_mark *mark = &all->report->marks[m];
    rs_buffer_text(out, "<div class=\"planes\">\n");
    for (int w = 0; w < N_PICTURES; w++) {
        const picture *from = &all->of[m][w];
        if (!from->there) continue;
        char label[160];
        (void)rs_text_format(label, sizeof label, "%s, %s, %s", mark->id, mark->size.text ? mark->size.text : "",
                             w == CALIPERS ? "calipers" : "outline");
        rs_buffer_text(out, "<figure>");
        rs_svg_begin(out, box, "crop", label);
        rs_buffer_text(out, "<image width=\"100\" height=\"100\" href=\"");
        rs_buffer_add(out, from->uri.data, from->uri.bytes);
        rs_buffer_text(out, "\"/>");
        RS_TRY(draw_over(ctx, out, &all->volume->geometry, mark, from, w == CALIPERS));
        rs_svg_end(out);
        caption(out, mark, from, w);
        rs_buffer_text(out, "</figure>\n");
    }
    rs_buffer_text(out, "</div>\n");
    return RS_OK;
}

static rs_status card(rs_context *ctx, rs_buffer *out, const pictures *all, int m)
{
    const rs_report_mark *mark = &all->report->marks[m];
    const rs_page_class *of = rs_page_class_of(mark->size.size_class);
    rs_buffer_printf(out, "<article class=\"card\" id=\"%s\">\n<h3>%s <span>", mark->id, mark->id);
    rs_markup_text(out, mark->size.text);
    rs_buffer_printf(out, "</span> <b class=\"%s\">%s</b>", of->style_class, of->words);
    if (mark->pointed) rs_buffer_text(out, " <span class=\"pointed\">pointed at by a person</span>");
    if (all->of) rs_buffer_printf(out, " <small>%s; outline: segmented voxels</small>", window_of(mark)->words);
    rs_buffer_text(out, "</h3>\n");
    if (all->of) RS_TRY(figures(ctx, out, all, m));
    rs_page_facts(out, mark);
    rs_buffer_text(out, "<p class=\"reader\">reader: <i></i>metastasis <i></i>other <i></i>not real <i></i>unsure "
                        "<span class=\"pen\">initials</span></p>\n</article>\n");
    return RS_OK;
}

static rs_status cards(rs_context *ctx, rs_buffer *out, const pictures *all, int n)
{
    rs_buffer_text(out, "<section class=\"cards\">\n<h2>Mark by mark</h2>\n");
    if (n < all->report->n_marks)
        rs_buffer_printf(out,
                         "<p>The first %d of %d marks have a card; all stand in the table and in lesions.csv.</p>\n", n,
                         all->report->n_marks);
    for (int m = 0; m < n; m++)
        RS_TRY(card(ctx, out, all, m));
    rs_buffer_text(out, "</section>\n");
    return RS_OK;
}

/* Masks and positions are those of source.geometry: pictures come from that volume and no other. */
static bool drawable(const rs_report *report, const rs_volume *volume)
{
    return volume && volume->voxels &&
           memcmp(volume->geometry.n, report->source.geometry.n, sizeof volume->geometry.n) == 0;
}

rs_status rs_page_cards(rs_context *ctx, rs_buffer *out, const rs_report *report, const rs_volume *volume)
{
    int n = report->n_marks < RS_CARDS_MAX ? report->n_marks : RS_CARDS_MAX;
    if (n == 0) return RS_OK;
    rs_arena *arena = rs_arena_new();
    if (!arena) return rs_fail_memory(ctx, "the pictures");
    pictures all = {report, volume, NULL};
    rs_status status = RS_OK;
    if (drawable(report, volume)) {
        all.of = rs_arena_alloc(arena, (size_t)n, sizeof *all.of);
        status = all.of ? rs_parallel_for(ctx, (int64_t)n * N_PICTURES, make_picture, &all)
                        : rs_fail_memory(ctx, "the pictures");
    }
    if (status == RS_OK) status = cards(ctx, out, &all, n);
    for (int i = 0; all.of && i < n * N_PICTURES; i++)
        rs_buffer_free(&all.of[i / N_PICTURES][i % N_PICTURES].uri);
    rs_arena_free(arena);
    return status;
}
