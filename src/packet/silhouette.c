/* The body from the front. */
#include "silhouette.h"

#include <math.h>

enum { CORNERS_MAX = 48, CROSSINGS_MAX = 16 };

#define LUNG_TOP 310.0
#define LUNG_BOTTOM 545.0
#define WHOLE_LUNG_MM 150.0 /* less is a slab: then nobody knows where in the lung it lies, and it is drawn amid it */
#define HATCH 42.0
#define DOTS 30.0
#define DOT_RADIUS 5.0

typedef struct shape {
    double at[CORNERS_MAX][2];
    int n;
} shape;

/* Right half of each outline in the drawing, from top to bottom; the other half mirrors it. Units: mm of a grown-up. */
static const double body_half[][2] = {{0, 0},     {45, 12},   {72, 50},   {80, 105},  {68, 165},  {48, 205},
                                      {50, 245},  {120, 270}, {185, 300}, {205, 350}, {190, 420}, {172, 520},
                                      {160, 640}, {158, 700}, {172, 780}, {185, 870}, {183, 960}, {175, 1040},
                                      {30, 1040}, {12, 920},  {0, 915}};
static const double lung[][2] = {{62, 310}, {95, 345}, {122, 410}, {136, 480}, {138, 545},
                                 {85, 520}, {40, 528}, {30, 440},  {28, 370},  {44, 325}};

static shape body(void)
{
    enum { HALF = sizeof body_half / sizeof body_half[0] };
    shape out = {.n = 0};
    for (int i = 0; i < HALF; i++) {
        out.at[out.n][0] = 210 + body_half[i][0];
        out.at[out.n++][1] = body_half[i][1];
    }
    for (int i = HALF - 2; i > 0; i--) {
        out.at[out.n][0] = 210 - body_half[i][0];
        out.at[out.n++][1] = body_half[i][1];
    }
    return out;
}

/* side 0 lies at the left of the drawing. */
static shape lung_of(int side)
{
    shape out = {.n = sizeof lung / sizeof lung[0]};
    for (int i = 0; i < out.n; i++) {
        out.at[i][0] = 210 + (side ? 1 : -1) * lung[i][0];
        out.at[i][1] = lung[i][1];
    }
    return out;
}

/* What lies below y (keep_below) or above it. */
static shape cut(const shape *from, double y, bool keep_below)
{
    shape out = {.n = 0};
    for (int i = 0; i < from->n && out.n < CORNERS_MAX - 1; i++) {
        const double *a = from->at[i], *b = from->at[(i + 1) % from->n];
        bool a_in = keep_below ? a[1] >= y : a[1] <= y, b_in = keep_below ? b[1] >= y : b[1] <= y;
        if (a_in) {
            out.at[out.n][0] = a[0];
            out.at[out.n++][1] = a[1];
        }
        if (a_in != b_in) {
            out.at[out.n][0] = a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]);
            out.at[out.n++][1] = y;
        }
    }
    return out;
}

static bool inside(const shape *of, double x, double y)
{
    bool in = false;
    for (int i = 0, j = of->n - 1; i < of->n; j = i++) {
        const double *a = of->at[i], *b = of->at[j];
        if ((a[1] > y) != (b[1] > y) && x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0])) in = !in;
    }
    return in;
}

/* Lines x + y = c across a shape. */
static void hatch(const rs_draw *to, const shape *of)
{
    for (double c = HATCH; c < RS_SILHOUETTE_WIDTH + RS_SILHOUETTE_HEIGHT; c += HATCH) {
        double x[CROSSINGS_MAX];
        int n = 0;
        for (int i = 0; i < of->n && n < CROSSINGS_MAX; i++) {
            const double *a = of->at[i], *b = of->at[(i + 1) % of->n];
            double u = a[0] + a[1] - c, v = b[0] + b[1] - c;
            if ((u > 0) == (v > 0)) continue;
            double found = a[0] + u / (u - v) * (b[0] - a[0]);
            int at = n++;
            for (; at > 0 && x[at - 1] > found; at--)
                x[at] = x[at - 1];
            x[at] = found;
        }
        for (int i = 0; i + 1 < n; i += 2)
            rs_draw_line(to, "hatch", x[i], c - x[i], x[i + 1], c - x[i + 1]);
    }
}

static void stipple(const rs_draw *to, const shape *of, const shape *but, int n_but)
{
    for (int row = 0; row * DOTS < RS_SILHOUETTE_HEIGHT; row++) {
        for (double x = row % 2 ? 0.5 * DOTS : 0; x < RS_SILHOUETTE_WIDTH; x += DOTS) {
            double y = row * DOTS;
            bool in = inside(of, x, y);
            for (int b = 0; b < n_but; b++)
                in = in && !inside(&but[b], x, y);
            if (in) rs_draw_circle(to, "stipple", x, y, DOT_RADIUS);
        }
    }
}

static void fill(const rs_draw *to, const shape *of, rs_assessed state)
{
    if (of->n < 3) return;
    if (state == RS_ASSESSED)
        rs_draw_polygon(to, "solid", (const double(*)[2])of->at, of->n);
    else if (state == RS_ASSESSED_PARTLY)
        hatch(to, of);
    else
        stipple(to, of, NULL, 0);
}

static void legend(const rs_draw *to)
{
    static const char *const words[] = {"assessed", "partly assessed", "imaged, not assessed", "not imaged"};
    static const rs_assessed states[] = {RS_ASSESSED, RS_ASSESSED_PARTLY, RS_NOT_ASSESSED};
    for (int r = 0; r < 4; r++) {
        const double top = 330 + 118 * r;
        const shape swatch = {{{460, top}, {560, top}, {560, top + 74}, {460, top + 74}}, 4};
        if (r < 3) fill(to, &swatch, states[r]);
        rs_draw_polygon(to, "body", (const double(*)[2])swatch.at, swatch.n);
        rs_draw_text(to, "label", 590, top + 62, words[r]);
    }
}

void rs_silhouette_make(const rs_sources *sources, rs_silhouette *out)
{
    int32_t begin[3], end[3];
    int sign;
    *out = (rs_silhouette){0};
    if (!sources->volume || !sources->regions || !rs_regions_search_box(sources->regions, begin, end)) return;
    const rs_geometry *g = &sources->volume->geometry;
    if (rs_geometry_axis_along(g, 2, &sign) != 2) return;
    /* Slices from the head: of the first image, of the lung's ends, of the last image. */
    double first = sign > 0 ? g->n[2] - end[2] : begin[2], last = sign > 0 ? g->n[2] - begin[2] : end[2];
    double lung_mm = (last - first) * g->spacing_mm[2], whole = LUNG_BOTTOM - LUNG_TOP;
    double scale = lung_mm >= WHOLE_LUNG_MM ? whole / lung_mm : 1, middle = 0.5 * (LUNG_TOP + LUNG_BOTTOM);
    double above = scale * 0.5 * (first + last) * g->spacing_mm[2];
    out->there = true;
    out->top = fmax(0, middle - above);
    out->bottom = fmin(RS_SILHOUETTE_HEIGHT, middle - above + scale * g->n[2] * g->spacing_mm[2]);
    for (int r = 0; r < sources->regions->n; r++) {
        const rs_region *region = &sources->regions->region[r];
        if (region->role != RS_ROLE_SEARCH) continue;
        if (region->side != RS_SIDE_LEFT) out->state[0] = region->state;
        if (region->side != RS_SIDE_RIGHT) out->state[1] = region->state;
    }
}

void rs_silhouette_draw(const rs_draw *to, const rs_silhouette *silhouette)
{
    if (!silhouette->there) return;
    const shape whole = body(), lungs[2] = {lung_of(0), lung_of(1)};
    shape from_top = cut(&whole, silhouette->top, true), imaged = cut(&from_top, silhouette->bottom, false);
    stipple(to, &imaged, lungs, 2);
    for (int s = 0; s < 2; s++) {
        shape below = cut(&lungs[s], silhouette->top, true), seen = cut(&below, silhouette->bottom, false);
        fill(to, &seen, silhouette->state[s]);
        rs_draw_polygon(to, "body", (const double(*)[2])lungs[s].at, lungs[s].n);
    }
    rs_draw_polygon(to, "body", (const double(*)[2])whole.at, whole.n);
    rs_draw_text(to, "label", 0, 60, "R");
    rs_draw_text(to, "label", 375, 60, "L");
    legend(to);
}
