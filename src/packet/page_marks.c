/* The table of marks and what its words mean. */
#include "page.h"

#define DAGGER "\xE2\x80\xA0"

static void said_cell(rs_page *page, const char *cell)
{
    rs_page_element(page->out, cell, rs_page_text(&page->said));
}

static void place(rs_page *page, const rs_report_mark *mark)
{
    rs_buffer *said = rs_page_new(&page->said);
    if (mark->side) rs_buffer_printf(said, "%s ", mark->side);
    rs_buffer_text(said, mark->organ ? mark->organ : "outside the organs");
    bool approximate = mark->lobe_basis && mark->lobe_basis[0] == 'a';
    if (mark->lobe) rs_buffer_printf(said, approximate ? ", ~%s" : ", %s", mark->lobe);
    said_cell(page, "td class=\"n\" data-h=\"Place\"");
    rs_say_slice(rs_page_new(&page->said), &mark->slice);
    said_cell(page, "td class=\"n\" data-h=\"Slice\"");
}

/* Boxes for a pen, or what a reader said already. */
static void verdict(rs_page *page, const rs_report_mark *mark)
{
    static const char letters[] = "MONU";
    rs_buffer_text(page->out, "<td class=\"reader\" data-h=\"reader\">");
    rs_page_element(page->out, "b", mark->review.text);
    rs_buffer_text(page->out, "<span class=\"boxes\">");
    for (int l = 0; letters[l]; l++)
        rs_buffer_printf(page->out, "<i>%c</i>", letters[l]);
    rs_buffer_text(page->out, "</span></td></tr>\n");
}

static void row(rs_page *page, const rs_report_mark *mark, bool has_card)
{
    const rs_say_class *of = rs_say_class_of(mark->size.size_class);
    rs_buffer *out = page->out;
    rs_buffer_text(out, rs_say_not_real(mark) ? "<tr class=\"crossed\"><th scope=\"row\">" : "<tr><th scope=\"row\">");
    if (has_card) rs_buffer_printf(out, "<a href=\"#%s\">", mark->id);
    rs_markup_text(out, mark->id);
    rs_buffer_text(out, has_card ? "</a>" : "");
    rs_buffer_text(out, mark->pointed ? " " DAGGER "</th>" : "</th>");
    place(page, mark);
    rs_page_element(out, "td class=\"n\" data-h=\"Size\"", mark->size.text);
    rs_buffer_text(out, "<td class=\"bars\" data-h=\"0 to 20 mm\">");
    rs_page_bar(out, &mark->size);
    rs_buffer_printf(out, "</td><td class=\"n %s\" data-h=\"Class\">%s</td>", of->style, of->words);
    rs_say_value(rs_page_new(&page->said), mark->size.long_axis_mm, "", NULL);
    rs_buffer_text(&page->said, " \xC3\x97 ");
    rs_say_value(&page->said, mark->size.short_axis_mm, "mm", NULL);
    said_cell(page, "td class=\"n\" data-h=\"Long \xC3\x97 short\"");
    rs_say_value(rs_page_new(&page->said), mark->depth_to_pleura_mm, "mm", NULL);
    said_cell(page, "td class=\"n\" data-h=\"Depth\"");
    rs_say_p(rs_page_new(&page->said), mark);
    said_cell(page, "td class=\"n\" data-h=\"P\"");
    verdict(page, mark);
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
    rs_buffer_text(
        out, "<div class=\"key\">\n<p>Size: diameter with its 95 % interval. Bar: 0 to 20 mm, logarithmic from 10 mm; "
             "the dashed line is 5 mm, the block the interval, the stroke the size, an arrow an open end, or one "
             "beyond the scale. "
             "Class:</p>\n<ul>\n");
    for (int c = 0; rs_say_class_at(c); c++) {
        const rs_say_class *of = rs_say_class_at(c);
        rs_buffer_printf(out, "<li><b class=\"%s\">%s</b>: %s</li>\n", of->style, of->words, of->meaning);
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

void rs_page_marks(rs_page *page)
{
    rs_buffer *out = page->out;
    const rs_report *report = page->report;
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
        row(page, &report->marks[m], m < page->pictures->n_cards);
    rs_buffer_text(out, "</tbody></table>\n");
    key(out, report);
    rs_buffer_text(out, "</section>\n");
}
