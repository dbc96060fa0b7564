/* Long and short axis on the contour of a section: the greatest distance of two contour points with the chord inside,
   and the longest chord perpendicular to it (science C10.1, RECIST 1.1). */
#include <math.h>

#include "room.h"

#define MOST_CROSSINGS 64

static bool is_inside(const rs_section *s, double x_mm, double y_mm)
{
    int32_t i = (int32_t)floor(x_mm / s->spacing_mm[0] - s->begin[0] + 0.5);
    int32_t j = (int32_t)floor(y_mm / s->spacing_mm[1] - s->begin[1] + 0.5);
    return i >= 0 && j >= 0 && i < s->n[0] && j < s->n[1] && s->closed[j * s->n[0] + i];
}

/* The ends lie on the contour, where the nearest pixel may be outside: they are not asked. */
static bool chord_inside(const rs_section *s, const double a[2], const double b[2], double length)
{
    double voxel = fmax(s->spacing_mm[0], s->spacing_mm[1]), end = voxel / length;
    int n = (int)ceil(2.0 * length / voxel);
    for (int m = 1; m < n; m++) {
        double t = (double)m / n;
        if (t < end || t > 1.0 - end) continue;
        if (!is_inside(s, a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]))) return false;
    }
    return true;
}

static bool find_long(const rs_section *s, rs_calipers *out)
{
    double best = 0.0;
    for (int m = 0; m < s->n_edges; m++)
        for (int n = m + 1; n < s->n_edges; n++) {
            const double *a = s->edges[m].from, *b = s->edges[n].from;
            double x = b[0] - a[0], y = b[1] - a[1], d2 = x * x + y * y;
            if (d2 <= best * best) continue;
            double d = sqrt(d2);
            if (d <= best || !chord_inside(s, a, b, d)) continue;
            best = d;
            for (int c = 0; c < 2; c++)
                out->long_ends[0][c] = a[c], out->long_ends[1][c] = b[c];
        }
    out->long_mm = best;
    return best > 0.0;
}

/* Crossings of the contour with the line at this position along the long axis, sorted across it. */
static int crossings(const rs_section *s, const double along[2], double position, double across[MOST_CROSSINGS])
{
    int n = 0;
    for (int m = 0; m < s->n_edges && n < MOST_CROSSINGS; m++) {
        const double *p = s->edges[m].from, *q = s->edges[m].to;
        double a = p[0] * along[0] + p[1] * along[1] - position, b = q[0] * along[0] + q[1] * along[1] - position;
        if ((a < 0.0) == (b < 0.0)) continue;
        double t = a / (a - b), x = p[0] + t * (q[0] - p[0]), y = p[1] + t * (q[1] - p[1]);
        double value = -x * along[1] + y * along[0];
        int at = n++;
        for (; at > 0 && across[at - 1] > value; at--)
            across[at] = across[at - 1];
        across[at] = value;
    }
    return n;
}

static void find_short(const rs_section *s, rs_calipers *out)
{
    const double *a = out->long_ends[0], *b = out->long_ends[1];
    double along[2] = {(b[0] - a[0]) / out->long_mm, (b[1] - a[1]) / out->long_mm};
    double first = a[0] * along[0] + a[1] * along[1], step = 0.1 * fmin(s->spacing_mm[0], s->spacing_mm[1]);
    int n_lines = (int)(out->long_mm / step);
    for (int line = 1; line < n_lines; line++) {
        double across[MOST_CROSSINGS], position = first + line * step;
        int n = crossings(s, along, position, across);
        for (int m = 0; m + 1 < n; m += 2) {
            if (across[m + 1] - across[m] <= out->short_mm) continue;
            out->short_mm = across[m + 1] - across[m];
            for (int e = 0; e < 2; e++) {
                out->short_ends[e][0] = position * along[0] - across[m + e] * along[1];
                out->short_ends[e][1] = position * along[1] + across[m + e] * along[0];
            }
        }
    }
}

bool rs_calipers_measure(const rs_section *section, rs_calipers *out)
{
    *out = (rs_calipers){0};
    if (section->k < 0 || section->n_edges < 3 || !find_long(section, out)) return false;
    find_short(section, out);
    return out->short_mm > 0.0;
}
