/* The few shapes of SVG that a report draws. */
#include "markup.h"

#include "restage/text.h"

/* To 0.01, without noughts at the end. */
static void number(rs_buffer *out, double value)
{
    double rounded = rs_round_decimals(value, 2);
    if (rounded == (double)(int64_t)rounded)
        rs_buffer_printf(out, "%lld", (long long)rounded);
    else
        rs_buffer_printf(out, "%.*f", rounded * 10 == (double)(int64_t)(rounded * 10) ? 1 : 2, rounded);
}

static void attribute(rs_buffer *out, const char *name, double value)
{
    rs_buffer_printf(out, " %s=\"", name);
    number(out, value);
    rs_buffer_text(out, "\"");
}

static void open_shape(rs_buffer *out, const char *shape, const char *style_class)
{
    rs_buffer_printf(out, "<%s class=\"%s\"", shape, style_class);
}

void rs_svg_begin(rs_buffer *out, const double box[4], const char *style_class, const char *label)
{
    open_shape(out, "svg", style_class);
    rs_buffer_text(out, " viewBox=\"");
    for (int i = 0; i < 4; i++) {
        if (i) rs_buffer_text(out, " ");
        number(out, box[i]);
    }
    rs_buffer_text(out, "\" role=\"img\" aria-label=\"");
    rs_markup_text(out, label);
    rs_buffer_text(out, "\">");
}

void rs_svg_end(rs_buffer *out)
{
    rs_buffer_text(out, "</svg>");
}

void rs_svg_line(rs_buffer *out, const char *style_class, double x1, double y1, double x2, double y2)
{
    open_shape(out, "line", style_class);
    attribute(out, "x1", x1);
    attribute(out, "y1", y1);
    attribute(out, "x2", x2);
    attribute(out, "y2", y2);
    rs_buffer_text(out, "/>");
}

void rs_svg_rect(rs_buffer *out, const char *style_class, double x, double y, double width, double height)
{
    open_shape(out, "rect", style_class);
    attribute(out, "x", x);
    attribute(out, "y", y);
    attribute(out, "width", width);
    attribute(out, "height", height);
    rs_buffer_text(out, "/>");
}

void rs_svg_circle(rs_buffer *out, const char *style_class, double x, double y, double radius)
{
    open_shape(out, "circle", style_class);
    attribute(out, "cx", x);
    attribute(out, "cy", y);
    attribute(out, "r", radius);
    rs_buffer_text(out, "/>");
}

void rs_svg_polygon(rs_buffer *out, const char *style_class, const double (*at)[2], int n)
{
    open_shape(out, "polygon", style_class);
    rs_buffer_text(out, " points=\"");
    for (int i = 0; i < n; i++) {
        if (i) rs_buffer_text(out, " ");
        number(out, at[i][0]);
        rs_buffer_text(out, ",");
        number(out, at[i][1]);
    }
    rs_buffer_text(out, "\"/>");
}

void rs_svg_text(rs_buffer *out, const char *style_class, double x, double y, const char *text)
{
    open_shape(out, "text", style_class);
    attribute(out, "x", x);
    attribute(out, "y", y);
    rs_buffer_text(out, ">");
    rs_markup_text(out, text);
    rs_buffer_text(out, "</text>");
}

static int cell(const rs_svg_mask *mask, int column, int row)
{
    bool inside = column >= 0 && row >= 0 && column < mask->columns && row < mask->rows;
    return inside && mask->cells[(size_t)row * (size_t)mask->columns + (size_t)column];
}

/* The edges along one direction (0 along rows, 1 along columns), neighbours joined. */
static void edges(const rs_svg_mask *mask, int along, rs_markup_edge edge, void *arg)
{
    int length = along ? mask->rows : mask->columns, lines = along ? mask->columns : mask->rows;
    for (int line = 0; line <= lines; line++) {
        for (int from = 0; from < length; from++) {
            int to = from;
            while (to < length && (along ? cell(mask, line - 1, to) != cell(mask, line, to)
                                         : cell(mask, to, line - 1) != cell(mask, to, line)))
                to++;
            if (to == from) continue;
            double begin[2], end[2];
            begin[along] = mask->at[along] + from * mask->step[along];
            end[along] = mask->at[along] + to * mask->step[along];
            begin[1 - along] = end[1 - along] = mask->at[1 - along] + line * mask->step[1 - along];
            edge(arg, begin[0], begin[1], end[0], end[1]);
            from = to;
        }
    }
}

void rs_markup_edges(const rs_svg_mask *mask, rs_markup_edge edge, void *arg)
{
    edges(mask, 0, edge, arg);
    edges(mask, 1, edge, arg);
}

static void path_edge(void *arg, double x1, double y1, double x2, double y2)
{
    rs_buffer *out = arg;
    rs_buffer_text(out, "M");
    number(out, x1);
    rs_buffer_text(out, " ");
    number(out, y1);
    bool down = x1 == x2;
    rs_buffer_text(out, down ? "V" : "H");
    number(out, down ? y2 : x2);
}

void rs_svg_outline(rs_buffer *out, const char *style_class, const rs_svg_mask *mask)
{
    bool any = false;
    for (size_t c = 0; c < (size_t)mask->columns * (size_t)mask->rows; c++)
        any |= mask->cells[c] != 0;
    if (!any) return;
    open_shape(out, "path", style_class);
    rs_buffer_text(out, " d=\"");
    rs_markup_edges(mask, path_edge, out);
    rs_buffer_text(out, "\"/>");
}
