/* Figures of evaluation.html: curves of FROC on a logarithmic axis, and calibration. */
#include "html.h"

#include <math.h>

#include "restage/text.h"

/* The frame of the curves, in units of the picture. */
enum { LEFT = 34, TOP = 8, WIDTH = 316, HEIGHT = 190, BELOW = 30, CLASSES = 4, LEGEND_ROW = 13 };

/* Left end of the axis, in powers of 2 of false marks a scan; what lies below stands at the edge. */
static const double first_power = -4;

typedef struct axis {
    double last_power;
} axis;

static double x_of(const axis *a, double false_marks)
{
    double power = false_marks > 0 ? log2(false_marks) : first_power;
    power = power < first_power ? first_power : power > a->last_power ? a->last_power : power;
    return LEFT + WIDTH * (power - first_power) / (a->last_power - first_power);
}

static double y_of(double sensitivity)
{
    return TOP + HEIGHT * (1 - sensitivity);
}

static void add_point(rs_buffer *out, char command, double x, double y)
{
    rs_buffer_printf(out, "%c%.1f %.1f", command, rs_round_decimals(x, 1), rs_round_decimals(y, 1));
}

static axis axis_of(const rs_evaluation *e)
{
    axis a = {.last_power = 3};
    for (int r = 0; r < e->n_froc; r++)
        while (a.last_power < 7 && exp2(a.last_power) < e->froc[r].greatest_false_marks)
            a.last_power++;
    return a;
}

static void draw_axes(rs_buffer *out, const axis *a)
{
    static const char *const names[] = {"1/16", "1/8", "1/4", "1/2", "1", "2", "4", "8", "16", "32", "64", "128"};
    for (int power = (int)first_power; power <= (int)a->last_power; power++) {
        const double x = x_of(a, exp2(power));
        rs_svg_line(out, "grid", x, TOP, x, TOP + HEIGHT);
        rs_svg_text(out, "x", x, TOP + HEIGHT + 11, names[power - (int)first_power]);
    }
    for (int tenth = 0; tenth <= 10; tenth += 2) {
        char label[8];
        rs_text_format(label, sizeof label, "%.1f", tenth / 10.0);
        rs_svg_line(out, "grid", LEFT, y_of(tenth / 10.0), LEFT + WIDTH, y_of(tenth / 10.0));
        rs_svg_text(out, "y", LEFT - 4, y_of(tenth / 10.0) + (tenth == 0 ? -1 : 3), label);
    }
    rs_svg_rect(out, "frame", LEFT, TOP, WIDTH, HEIGHT);
    rs_svg_text(out, "x", LEFT + WIDTH / 2.0, TOP + HEIGHT + 24, "false marks a scan");
}

/* Lower bounds to the right, upper bounds back. */
static void draw_band(rs_buffer *out, const axis *a, const rs_froc *f)
{
    char command = 'M';
    if (f->n_band < 2) return;
    rs_buffer_text(out, "<path class=\"band\" d=\"");
    for (int i = 0; i < f->n_band; i++) {
        if (!isfinite(f->band_low[i])) continue;
        add_point(out, command, x_of(a, f->band_false_marks[i]), y_of(f->band_low[i]));
        command = 'L';
    }
    for (int i = f->n_band - 1; i >= 0; i--)
        if (isfinite(f->band_high[i]) && command == 'L')
            add_point(out, 'L', x_of(a, f->band_false_marks[i]), y_of(f->band_high[i]));
    rs_buffer_text(out, command == 'L' ? "Z\"/>" : "\"/>");
}

static void draw_curve(rs_buffer *out, const axis *a, const rs_froc *f, int style)
{
    if (f->n_curve == 0 || !isfinite(f->greatest_sensitivity)) return; /* no lesion, no sensitivity */
    rs_buffer_printf(out, "<path class=\"c%d\" d=\"", style);
    for (int i = 0; i < f->n_curve; i++)
        add_point(out, i == 0 ? 'M' : 'L', x_of(a, f->curve[i].false_marks), y_of(f->curve[i].sensitivity));
    rs_buffer_text(out, "\"/>");
}

static void draw_legend(rs_buffer *out, const rs_evaluation *e, int n)
{
    for (int r = 0; r < n; r++) {
        rs_buffer label = {0};
        char style[8];
        const double y = TOP + HEIGHT + BELOW + 8 + r * LEGEND_ROW;
        rs_text_format(style, sizeof style, "c%d", r);
        rs_html_rule(&label, &e->froc[r]);
        rs_buffer_printf(&label, ": CPM ");
        rs_html_number(&label, e->froc[r].cpm, 3);
        rs_svg_line(out, style, LEFT, y - 3, LEFT + 26, y - 3);
        rs_svg_text(out, "key", LEFT + 32, y, label.failed || label.data == NULL ? "" : label.data);
        out->failed |= label.failed;
        rs_buffer_free(&label);
    }
}

void rs_html_curves(rs_buffer *out, const rs_evaluation *e)
{
    const axis a = axis_of(e);
    const int n = e->n_froc < CLASSES ? e->n_froc : CLASSES;
    const double box[4] = {0, 0, LEFT + WIDTH + 8, TOP + HEIGHT + BELOW + LEGEND_ROW * n + 4};
    rs_buffer_text(out, "<figure>\n");
    rs_svg_begin(out, box, "plot",
                 "Sensitivity by false marks a scan, one curve for each rule; the numbers stand in the "
                 "table below");
    draw_axes(out, &a);
    if (n > 0) draw_band(out, &a, &e->froc[0]);
    for (int r = 0; r < n; r++) /* the dashed ones stand on the unbroken one where they coincide */
        draw_curve(out, &a, &e->froc[r], r);
    draw_legend(out, e, n);
    rs_svg_end(out);
    rs_buffer_text(out, "\n<figcaption>Share of the lesions that are found (upright) by false marks a scan (across, "
                        "logarithmic; fewer than 1/16 stand at the left edge).");
    if (n > 0 && e->froc[0].n_band > 1)
        rs_buffer_text(out, " Shaded: 95 % of the bootstrap over scans, of the first curve.");
    rs_buffer_text(out, "</figcaption>\n</figure>\n");
}

enum { SIDE = 190 };

static double side_x(double p)
{
    return LEFT + SIDE * p;
}

static double side_y(double share)
{
    return TOP + SIDE * (1 - share);
}

static void draw_bin(rs_buffer *out, const rs_calibration_bin *bin)
{
    double low, high;
    const double x = side_x(bin->mean_p), y = side_y(bin->share);
    rs_wilson(bin->positive, bin->n, &low, &high);
    rs_svg_line(out, "whisker", x, side_y(low), x, side_y(high));
    rs_svg_rect(out, "dot", x - 2.5, y - 2.5, 5, 5);
}

void rs_html_calibration(rs_buffer *out, const rs_calibration *c)
{
    const double box[4] = {0, 0, LEFT + SIDE + 12, TOP + SIDE + BELOW};
    if (c->n_bins == 0) return;
    rs_buffer_text(out, "<figure>\n");
    rs_svg_begin(out, box, "plot square", "Share of marks that hit a lesion, by their P");
    for (int tenth = 0; tenth <= 10; tenth += 2) {
        char label[8];
        const double v = tenth / 10.0;
        rs_text_format(label, sizeof label, "%.1f", v);
        rs_svg_line(out, "grid", LEFT, side_y(v), LEFT + SIDE, side_y(v));
        rs_svg_line(out, "grid", side_x(v), TOP, side_x(v), TOP + SIDE);
        rs_svg_text(out, "y", LEFT - 4, side_y(v) + 3, label);
        rs_svg_text(out, "x", side_x(v), TOP + SIDE + 11, label);
    }
    rs_svg_rect(out, "frame", LEFT, TOP, SIDE, SIDE);
    rs_svg_line(out, "even", LEFT, TOP + SIDE, LEFT + SIDE, TOP);
    for (int b = 0; b < c->n_bins; b++)
        draw_bin(out, &c->bins[b]);
    rs_svg_text(out, "x", LEFT + SIDE / 2.0, TOP + SIDE + 24, "mean P of the bin");
    rs_svg_end(out);
    rs_buffer_text(out,
                   "\n<figcaption>Share of marks that hit a lesion (upright, with Wilson's 95 %) by their mean P, in "
                   "bins of equal numbers of marks of P 0.05 and more. Dashed: P keeps its word.</figcaption>\n"
                   "</figure>\n");
}
