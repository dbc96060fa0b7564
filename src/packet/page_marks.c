/* The table of marks and what its words mean. */
#include "page.h"

#define DAGGER "\xE2\x80\xA0"

static void place(rs_buffer *out, const rs_report_mark *mark)
{
    rs_buffer_text(out, "<td class=\"n\" data-h=\"Place\">");
    if (mark->side) {
        rs_markup_text(out, mark->side);
        rs_buffer_text(out, " ");
    }
    rs_markup_text(out, mark->organ ? mark->organ : "outside the organs");
    if (mark->lobe) {
        bool approximate = mark->lobe_basis && mark->lobe_basis[0] == 'a';
        rs_buffer_text(out, approximate ? ", ~" : ", ");
        rs_markup_text(out, mark->lobe);
    }
    rs_buffer_text(out, "</td><td class=\"n\" data-h=\"Slice\">");
    if (mark->slice.number >= 0)
        rs_buffer_printf(out, "%lld", (long long)mark->slice.number);
    else
        rs_buffer_printf(out, "k %d", mark->slice.k);
    rs_buffer_text(out, "</td>");
}

static void row(rs_buffer *out, const rs_report_mark *mark, bool has_card)
{
    const rs_page_class *of = rs_page_class_of(mark->size.size_class);
    rs_buffer_text(out, "<tr><th scope=\"row\">");
    if (has_card) rs_buffer_printf(out, "<a href=\"#%s\">", mark->id);
    rs_markup_text(out, mark->id);
    rs_buffer_text(out, has_card ? "</a>" : "");
    rs_buffer_text(out, mark->pointed ? " " DAGGER "</th>" : "</th>");
    place(out, mark);
    rs_page_element(out, "td class=\"n\" data-h=\"Size\"", mark->size.text);
    rs_buffer_text(out, "<td class=\"bars\" data-h=\"0 to 20 mm\">");
    rs_page_bar(out, &mark->size);
    rs_buffer_printf(out,
                     "</td><td class=\"n %s\" data-h=\"Class\">%s</td><td class=\"n\" data-h=\"Long \xC3\x97 short\">",
                     of->style_class, of->words);
    rs_page_value(out, mark->size.long_axis_mm, "", NULL);
    rs_buffer_text(out, " \xC3\x97 ");
    rs_page_value(out, mark->size.short_axis_mm, "mm", NULL);
    rs_buffer_text(out, "</td><td class=\"n\" data-h=\"Depth\">");
    rs_page_value(out, mark->depth_to_pleura_mm, "mm", NULL);
    rs_buffer_text(out, "</td><td class=\"n\" data-h=\"P\">");
    rs_page_p(out, mark);
    rs_buffer_text(out, "</td><td class=\"reader\" data-h=\"reader\"><span class=\"boxes\">");
    static const char letters[] = "MONU";
    for (int l = 0; letters[l]; l++)
        rs_buffer_printf(out, "<i>%c</i>", letters[l]);
    rs_buffer_text(out, "</span></td></tr>\n");
}

static bool any_pointed(const rs_report *report)
{
    for (int m = 0; m < report->n_marks; m++) {
        if (report->marks[m].pointed) return true;
    }
    return false;
}

static void key(rs_buffer *out, const rs_report *report)
{
    rs_buffer_text(out,
                   "<div class=\"key\">\n<p>Size: diameter with its 95 % interval. Bar: 0 to 20 mm, finer to 10 mm; "
                   "the dashed line is 5 mm, the block the interval, the stroke the size, an arrow an open end. "
                   "Class:</p>\n<ul>\n");
    for (int c = 0; rs_page_class_at(c); c++) {
        const rs_page_class *of = rs_page_class_at(c);
        rs_buffer_printf(out, "<li><b class=\"%s\">%s</b>: %s</li>\n", of->style_class, of->words, of->meaning);
    }
    rs_buffer_text(out, "</ul>\n");
    if (any_pointed(report))
        rs_buffer_text(out, "<p>" DAGGER " pointed at by a person: measured and listed whatever its P.</p>\n");
    rs_buffer_text(out, "<p>Slice: that of the centre. Long \xC3\x97 short: calipers in the axial "
                        "slice of the largest section, which may be a neighbour. Depth: to the pleura. P: ");
    rs_markup_text(out, report->operating_point.p_definition);
    rs_buffer_text(out, ". <span class=\"reader\">reader: M metastasis, O other, N not real, U unsure</span>; tick one "
                        "with a pen.</p>\n</div>\n");
}

void rs_page_marks(rs_buffer *out, const rs_report *report)
{
    static const char *const heads[] = {
        "Mark",  "Place", "Slice", "Size", "0 \xC2\xB7 5 \xC2\xB7 10 \xC2\xB7 20 mm", "Class", "Long \xC3\x97 short",
        "Depth", "P",     "reader"};
    if (report->n_marks == 0) return;
    rs_buffer_text(out, "<section>\n<h2>Marks</h2>\n");
    rs_buffer_text(out, "<table class=\"stack marks\"><thead><tr>");
    for (size_t h = 0; h < sizeof heads / sizeof heads[0]; h++)
        rs_buffer_printf(out, "<th scope=\"col\">%s</th>", heads[h]);
    rs_buffer_text(out, "</tr></thead><tbody>\n");
    for (int m = 0; m < report->n_marks; m++)
        row(out, &report->marks[m], m < RS_CARDS_MAX);
    rs_buffer_text(out, "</tbody></table>\n");
    key(out, report);
    rs_buffer_text(out, "</section>\n");
}
