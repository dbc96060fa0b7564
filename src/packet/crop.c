/* What is drawn over a crop, and what is written below it. */
#include <math.h>

#include "pictures.h"
#include "restage/text.h"

static void caliper(const rs_draw *to, const rs_geometry *geometry, const rs_view *view, const double ends_lps_mm[2][3])
{
    double from[2], end[2];
    if (!isfinite(ends_lps_mm[0][0])) return;
    double off = rs_view_place(geometry, view, ends_lps_mm[0], from);
    double other = rs_view_place(geometry, view, ends_lps_mm[1], end);
    if (!(off < 1 && other < 1)) return;
    rs_draw_line(to, "under", from[0], from[1], end[0], end[1]);
    rs_draw_line(to, "caliper", from[0], from[1], end[0], end[1]);
}

static void ticks(const rs_draw *to)
{
    rs_draw_line(to, "tick", 10, 50, 24, 50);
    rs_draw_line(to, "tick", 76, 50, 90, 50);
    rs_draw_line(to, "tick", 50, 10, 50, 24);
    rs_draw_line(to, "tick", 50, 76, 50, 90);
}

static void frame(const rs_draw *to, const rs_geometry *geometry, const rs_view *view)
{
    static const double at[4][2] = {{5, 52}, {95, 52}, {50, 7}, {50, 98}};
    const double bar_mm = view->field_mm >= 40 ? 10 : 5, bar = 100 * bar_mm / view->field_mm;
    char letters[4][4], words[16];
    rs_view_letters(geometry, view, letters);
    for (int l = 0; l < 4; l++)
        rs_draw_text(to, "letter", at[l][0], at[l][1], letters[l]);
    (void)rs_text_format(words, sizeof words, "%.0f mm", bar_mm);
    rs_draw_line(to, "under", 4, 95, 4 + bar, 95);
    rs_draw_line(to, "scale", 4, 95, 4 + bar, 95);
    rs_draw_text(to, "scale", 4, 92.5, words);
}

rs_status rs_crop_draw(rs_context *ctx, const rs_draw *to, const rs_pictures *pictures, const rs_report_mark *mark,
                       int card, int which)
{
    const rs_view *view = &pictures->crops[card][which].view;
    if (which == RS_CROP_CALIPERS) {
        caliper(to, pictures->geometry, view, mark->size.long_axis_ends_lps_mm);
        caliper(to, pictures->geometry, view, mark->size.short_axis_ends_lps_mm);
        frame(to, pictures->geometry, view);
        return RS_OK;
    }
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "an outline");
    rs_arena_mark where = rs_arena_where(scratch);
    rs_svg_mask mask;
    rs_status status = rs_view_mask(ctx, scratch, pictures->geometry, view, mark, &mask);
    if (status == RS_OK) {
        rs_draw_outline(to, "under", &mask);
        rs_draw_outline(to, "outline", &mask);
    }
    rs_arena_rewind(scratch, where);
    RS_TRY(status);
    ticks(to);
    frame(to, pictures->geometry, view);
    return RS_OK;
}

/* The number of slice k of the source; -1 where it has none, or k counts slices of a resampled volume. */
static int64_t number_of(const rs_report *report, const rs_report_slice *known, int32_t k)
{
    if (k == known->k) return known->number;
    const rs_report_filing *filing = &report->filing;
    if (report->source.resampled || filing->n_images != report->source.geometry.n[2]) return -1;
    return k >= 0 && k < filing->n_images ? filing->images[k].number : -1;
}

void rs_crop_caption(rs_buffer *out, const rs_pictures *pictures, const rs_report *report, const rs_report_mark *mark,
                     int card, int which)
{
    static const char *const planes[] = {"axial", "coronal", "sagittal", "calipers"};
    const rs_view *view = &pictures->crops[card][which].view;
    const rs_report_slice *slice = which == RS_CROP_CALIPERS ? &mark->size.axes_slice : &mark->slice;
    int32_t index = (int32_t)view->centre[view->axis[2]];
    rs_buffer_printf(out, "%s%s", view->oblique ? "oblique, near " : "",
                     which < RS_CROP_FIRST_NEIGHBOUR ? planes[which] : planes[0]);
    if (which == RS_PLANE_CORONAL || which == RS_PLANE_SAGITTAL) return;
    int64_t number = view->axis[2] == 2 ? number_of(report, slice, index) : -1;
    if (number >= 0)
        rs_buffer_printf(out, ", slice %lld", (long long)number);
    else
        rs_buffer_printf(out, ", %c = %d", "ijk"[view->axis[2]], index);
}
