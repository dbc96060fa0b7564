/* Words, numbers and the interval bar, which every part of the page uses. */
#include "page.h"

#include <math.h>
#include <string.h>

static const rs_page_class classes[] = {
    {"above_5mm", "above 5 mm", "above", "the whole 95 % interval lies above 5.0 mm"},
    {"near_5mm", "near 5 mm", "near", "the interval holds 5.0 mm and is at most 2.0 mm wide"},
    {"below_5mm", "below 5 mm", "below", "the whole interval lies below 5.0 mm"},
    {"indeterminate", "indeterminate", "unsettled",
     "the interval holds 5.0 mm and is wider than 2.0 mm, or is not known"},
};
enum { N_CLASSES = sizeof classes / sizeof classes[0] };

const rs_page_class *rs_page_class_of(const char *code)
{
    int at = 0;
    while (at < N_CLASSES - 1 && !(code && strcmp(classes[at].code, code) == 0))
        at++;
    return &classes[at];
}

const rs_page_class *rs_page_class_at(int n)
{
    return n < N_CLASSES ? &classes[n] : NULL;
}

void rs_page_words(rs_buffer *out, const char *code)
{
    char words[64];
    size_t n = 0;
    for (; code && code[n] && n < sizeof words - 1; n++)
        words[n] = code[n] == '_' ? ' ' : code[n];
    words[n] = 0;
    rs_markup_text(out, words);
}

void rs_page_value(rs_buffer *out, double value, const char *unit, const char *reason)
{
    char digits[32];
    if (isfinite(value)) {
        rs_report_number(value, digits);
        rs_buffer_printf(out, "%s%s%s", digits, *unit ? "\xC2\xA0" : "", unit);
        return;
    }
    rs_buffer_text(out, "<span class=\"none\">not known");
    if (reason) rs_buffer_text(out, ": ");
    rs_markup_text(out, reason);
    rs_buffer_text(out, "</span>");
}

void rs_page_p(rs_buffer *out, const rs_report_mark *mark)
{
    if (mark->p_text)
        rs_markup_text(out, mark->p_text);
    else
        rs_page_value(out, (double)NAN, "", mark->p_reason);
}

void rs_page_element(rs_buffer *out, const char *name_and_attributes, const char *text)
{
    if (!text) return;
    rs_buffer_printf(out, "<%s>", name_and_attributes);
    rs_markup_text(out, text);
    rs_buffer_printf(out, "</%.*s>\n", (int)strcspn(name_and_attributes, " "), name_and_attributes);
}

/* Eight units a mm to 10 mm, four from there to 20; what is larger ends there in an arrow. */
static double along(double mm)
{
    if (!(mm > 0)) return 0;
    return mm <= 10 ? 8 * mm : mm < 20 ? 40 + 4 * mm : 120;
}

void rs_page_bar(rs_buffer *out, const rs_report_size *size)
{
    static const double box[4] = {0, 0, 128, 16};
    const rs_page_class *row = rs_page_class_of(size->size_class);
    rs_svg_begin(out, box, "bar", size->text);
    rs_svg_line(out, "base", 0, 8, 120, 8);
    rs_svg_line(out, "five", 40, 0, 40, 16);
    double low = along(size->low_mm), high = isfinite(size->high_mm) ? along(size->high_mm) : 120;
    bool open = !isfinite(size->high_mm) || size->high_mm > 20;
    if (isfinite(size->low_mm)) {
        rs_svg_rect(out, row->style_class, low, 5.5, high - low < 1 ? 1 : high - low, 5);
        if (open) rs_svg_text(out, "arrow", 119, 11.5, "\xE2\x96\xB6");
    }
    double point = strcmp(size->source ? size->source : "", "fit") == 0 ? size->fit_mm : size->equivalent_mm;
    if (isfinite(point) && point <= 20) rs_svg_line(out, "point", along(point), 2, along(point), 14);
    rs_svg_end(out);
}
