/* Figures of the report, drawn once for both formats: as SVG for report.html, on a sheet for report.pdf. A figure has
   its own units; the style names stand for classes of the style sheet there and for rows of a table here. */
#ifndef PACKET_DRAW_H
#define PACKET_DRAW_H

#include "markup/markup.h"
#include "paper.h"
#include "restage/report.h"

typedef struct rs_draw {
    rs_buffer *svg;        /* NULL: on paper */
    rs_paper *paper;       /* NULL: as SVG */
    double at_mm[2];       /* where (0, 0) of the figure lies on the sheet */
    double mm_per_unit[2]; /* across and down */
} rs_draw;

void rs_draw_line(const rs_draw *to, const char *style, double x1, double y1, double x2, double y2);
void rs_draw_rect(const rs_draw *to, const char *style, double x, double y, double width, double height);
/** radius: in units across. */
void rs_draw_circle(const rs_draw *to, const char *style, double x, double y, double radius);
void rs_draw_polygon(const rs_draw *to, const char *style, const double (*at)[2], int n);
void rs_draw_text(const rs_draw *to, const char *style, double x, double y, const char *text);
/** The outline of a mask along the edges of its cells. */
void rs_draw_outline(const rs_draw *to, const char *style, const rs_svg_mask *mask);

/** A bar of the interval low to high with a stroke at the size, across the 5 mm line; 128 x 16 units. */
void rs_draw_bar(const rs_draw *to, const rs_report_size *size);
/** Place of a length in the bar: 0 … 120, linear to 10 mm, logarithmic from there to 20 mm, the end for what is longer.
 */
double rs_bar_place(double mm);

#endif
