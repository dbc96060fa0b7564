/* The two projections. */
#include "page.h"

#include "restage/text.h"

#define LEAST_MM                                                                                                       \
    140.0 /* height of a picture at least: letters would be as large as a thin slab's picture otherwise                \
           */

static rs_status picture(rs_page *page, int side)
{
    static const char *const names[] = {"from the front", "from the patient's left"};
    const rs_overview *o = &page->pictures->overview;
    rs_buffer *out = page->out;
    double width = o->width_mm[side], height = o->height_mm;
    double above = height < LEAST_MM ? 0.5 * (LEAST_MM - height) : 0;
    const double box[4] = {0, -above, width, height + 2 * above};
    const rs_draw to = {.svg = out};
    char label[96];
    (void)rs_text_format(label, sizeof label, "Searched organs %s with %d marks", names[side], page->report->n_marks);
    rs_buffer_text(out, "<figure>");
    rs_svg_begin(out, box, "mip", label);
    rs_buffer_printf(out, "<image width=\"%.2f\" height=\"%.2f\" preserveAspectRatio=\"none\" href=\"", width, height);
    RS_TRY(rs_markup_png(page->ctx, out, o->grey[side], o->columns[side], o->rows));
    rs_buffer_text(out, "\"/>");
    rs_overview_draw(&to, o, side, page->report);
    rs_svg_end(out);
    rs_buffer_printf(out, "<figcaption>%s</figcaption></figure>\n", names[side]);
    return RS_OK;
}

rs_status rs_page_overview(rs_page *page)
{
    const rs_overview *o = &page->pictures->overview;
    if (!o->there) return RS_OK;
    rs_buffer_text(page->out, "<section>\n<h2>Overview</h2>\n<div class=\"mips\">\n");
    for (int side = 0; side < RS_OVERVIEWS; side++)
        RS_TRY(picture(page, side));
    rs_buffer_printf(page->out,
                     "</div>\n<p class=\"minor\">Brightest voxel of what was searched along each line of sight. "
                     "%sDots: the marks, the first 12 with their number. Not for reading: the scan is.</p>\n"
                     "</section>\n",
                     o->has_band ? "Dark bands across: slices that are missing, not searched. " : "");
    return RS_OK;
}
