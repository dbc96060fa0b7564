/* The same shapes as SVG or on a sheet. */
#include "draw.h"

#include "say.h"

#include <math.h>
#include <string.h>

#define NO_FILL (-1)

/* How a style looks on paper. */
typedef struct look {
    const char *name;
    rs_stroke stroke;
    double pt; /* of a text; 0: none */
    bool bold, middle;
    uint32_t text_rgb;
    bool on_dark; /* a text with a dark box behind it */
} look;

static const look looks[] = {
    {"base", {0.15, 0x999999, NO_FILL, 0}, 0, false, false, 0, false},
    {"five", {0.25, 0x1a1a1a, NO_FILL, 0.6}, 0, false, false, 0, false},
    {"above", {0, 0, 0x7a1f4f, 0}, 0, false, false, 0, false},
    {"near", {0, 0, 0x8a4b00, 0}, 0, false, false, 0, false},
    {"below", {0, 0, 0x0b4f8a, 0}, 0, false, false, 0, false},
    {"unsettled", {0, 0, 0x4d4d4d, 0}, 0, false, false, 0, false},
    {"arrow", {0, 0, 0x1a1a1a, 0}, 0, false, false, 0, false},
    {"point", {0.45, 0x1a1a1a, NO_FILL, 0}, 0, false, false, 0, false},
    {"under", {0.75, 0x000000, NO_FILL, 0}, 0, false, false, 0, false},
    {"outline", {0.25, 0xffffff, NO_FILL, 0}, 0, false, false, 0, false},
    {"caliper", {0.35, 0xffd23f, NO_FILL, 0}, 0, false, false, 0, false},
    {"tick", {0.2, 0xffffff, NO_FILL, 0}, 0, false, false, 0, false},
    {"scale", {0.6, 0xffffff, NO_FILL, 0}, 7, false, false, 0xffffff, true},
    {"letter", {0, 0, NO_FILL, 0}, 7, true, true, 0xffffff, true},
    {"ring", {0.25, 0xffffff, NO_FILL, 0}, 0, false, false, 0, false},
    {"dot", {0.45, 0x000000, 0xffd23f, 0}, 0, false, false, 0, false},
    {"number", {0, 0, NO_FILL, 0}, 7, true, false, 0xffffff, true},
    {"body", {0.25, 0x1a1a1a, NO_FILL, 0}, 0, false, false, 0, false},
    {"solid", {0.2, 0x1a1a1a, 0x1a1a1a, 0}, 0, false, false, 0, false},
    {"hatch", {0.35, 0x1a1a1a, NO_FILL, 0}, 0, false, false, 0, false},
    {"label", {0, 0, NO_FILL, 0}, 7, false, false, 0x1a1a1a, false},
    {"stipple", {0, 0, 0x1a1a1a, 0}, 0, false, false, 0, false},
};

static const look *look_of(const char *name)
{
    size_t s = 0;
    while (s < sizeof looks / sizeof looks[0] - 1 && strcmp(looks[s].name, name) != 0)
        s++;
    return &looks[s];
}

static double across(const rs_draw *to, double x)
{
    return to->at_mm[0] + x * to->mm_per_unit[0];
}

static double down(const rs_draw *to, double y)
{
    return to->at_mm[1] + y * to->mm_per_unit[1];
}

void rs_draw_line(const rs_draw *to, const char *style, double x1, double y1, double x2, double y2)
{
    if (to->svg)
        rs_svg_line(to->svg, style, x1, y1, x2, y2);
    else
        rs_paper_line(to->paper, &look_of(style)->stroke, across(to, x1), down(to, y1), across(to, x2), down(to, y2));
}

void rs_draw_rect(const rs_draw *to, const char *style, double x, double y, double width, double height)
{
    if (to->svg)
        rs_svg_rect(to->svg, style, x, y, width, height);
    else
        rs_paper_rect(to->paper, &look_of(style)->stroke, across(to, x), down(to, y), width * to->mm_per_unit[0],
                      height * to->mm_per_unit[1]);
}

void rs_draw_circle(const rs_draw *to, const char *style, double x, double y, double radius)
{
    if (to->svg)
        rs_svg_circle(to->svg, style, x, y, radius);
    else
        rs_paper_circle(to->paper, &look_of(style)->stroke, across(to, x), down(to, y), radius * to->mm_per_unit[0]);
}

void rs_draw_polygon(const rs_draw *to, const char *style, const double (*at)[2], int n)
{
    enum { MOST = 64 };
    double placed[MOST][2];
    if (to->svg) {
        rs_svg_polygon(to->svg, style, at, n);
        return;
    }
    for (int i = 0; i < n && i < MOST; i++) {
        placed[i][0] = across(to, at[i][0]);
        placed[i][1] = down(to, at[i][1]);
    }
    rs_paper_polygon(to->paper, &look_of(style)->stroke, (const double(*)[2])placed, n < MOST ? n : MOST);
}

void rs_draw_text(const rs_draw *to, const char *style, double x, double y, const char *text)
{
    if (to->svg) {
        rs_svg_text(to->svg, style, x, y, text);
        return;
    }
    const look *row = look_of(style);
    const rs_type type = {row->pt, row->bold, row->text_rgb};
    double width = rs_paper_width(to->paper, &type, text), left = across(to, x) - (row->middle ? 0.5 * width : 0);
    double line = down(to, y), size = rs_paper_leading_mm(&type);
    if (row->on_dark)
        rs_paper_rect(to->paper, &(rs_stroke){0, 0, 0x000000, 0}, left - 0.3, line - 0.68 * size, width + 0.6,
                      0.8 * size);
    (void)rs_paper_text(to->paper, &type, left, line, text);
}

static void edge(void *arg, double x1, double y1, double x2, double y2)
{
    const void *const *both = arg;
    const rs_draw *to = both[0];
    rs_paper_line(to->paper, &look_of(both[1])->stroke, across(to, x1), down(to, y1), across(to, x2), down(to, y2));
}

void rs_draw_outline(const rs_draw *to, const char *style, const rs_svg_mask *mask)
{
    if (to->svg) {
        rs_svg_outline(to->svg, style, mask);
        return;
    }
    const void *both[2] = {to, style};
    rs_markup_edges(mask, edge, both);
}

double rs_bar_place(double mm)
{
    if (!(mm > 0)) return 0;
    if (mm <= 10) return 8 * mm;
    return mm < 20 ? 80 + 40 * log2(0.1 * mm) : 120;
}

void rs_draw_bar(const rs_draw *to, const rs_report_size *size)
{
    static const double head[3][2] = {{118, 3.5}, {127, 8}, {118, 12.5}};
    static const double ticks_mm[] = {0, 10, 20};
    const rs_say_class *row = rs_say_class_of(size->size_class);
    rs_draw_line(to, "base", 0, 8, 120, 8);
    for (size_t t = 0; t < sizeof ticks_mm / sizeof ticks_mm[0]; t++)
        rs_draw_line(to, "base", rs_bar_place(ticks_mm[t]), 6, rs_bar_place(ticks_mm[t]), 10);
    rs_draw_line(to, "five", 40, 0, 40, 16);
    bool open = !isfinite(size->high_mm) || size->high_mm > 20;
    double low = rs_bar_place(size->low_mm), high = open ? 120 : rs_bar_place(size->high_mm);
    if (isfinite(size->low_mm)) {
        rs_draw_rect(to, row->style, low, 5.5, high - low < 1 ? 1 : high - low, 5);
        if (open) rs_draw_polygon(to, "arrow", head, 3);
    }
    double point = strcmp(size->source ? size->source : "", "fit") == 0 ? size->fit_mm : size->equivalent_mm;
    if (isfinite(point) && point <= 20) rs_draw_line(to, "point", rs_bar_place(point), 2, rs_bar_place(point), 14);
}
