/* The axial section of a mask that is largest, and its contour: sub-pixel at the half level, or along the pixels' edges
   (science C10.1). */
#include <math.h>
#include <string.h>

#include "room.h"

/* Among slices of equal count the brighter one lies nearer to the middle. */
static int32_t largest_slice(const rs_crop *crop, const uint8_t *mask)
{
    int64_t plane = (int64_t)crop->n[0] * crop->n[1], most = 0;
    double brightest = 0.0;
    int32_t best = -1;
    for (int32_t k = 0; k < crop->n[2]; k++) {
        int64_t n = 0;
        double sum = 0.0;
        for (int64_t v = k * plane; v < (k + 1) * plane; v++) {
            if (!mask[v]) continue;
            n++;
            sum += (double)crop->hu[v];
        }
        if (n < most || n == 0 || (n == most && sum <= brightest)) continue;
        most = n, brightest = sum, best = k;
    }
    return best;
}

static void set_box(const rs_crop *crop, const uint8_t *slice, rs_section *out)
{
    int32_t low[2] = {crop->n[0], crop->n[1]}, high[2] = {-1, -1};
    for (int32_t j = 0; j < crop->n[1]; j++)
        for (int32_t i = 0; i < crop->n[0]; i++) {
            if (!slice[(int64_t)j * crop->n[0] + i]) continue;
            const int32_t at[2] = {i, j};
            for (int a = 0; a < 2; a++) {
                low[a] = at[a] < low[a] ? at[a] : low[a];
                high[a] = at[a] > high[a] ? at[a] : high[a];
            }
        }
    for (int a = 0; a < 2; a++) {
        out->begin[a] = low[a] - 2;
        out->n[a] = high[a] - low[a] + 5;
        out->spacing_mm[a] = crop->spacing_mm[a];
    }
}

/* Marks what is 4- or 8-connected to a pixel within pixels that hold a value; returns their number. */
static int flood(const rs_section *s, uint8_t *pixels, int32_t *stack, int32_t start, uint8_t from, uint8_t to,
                 bool diagonal)
{
    int n = 0, count = 0;
    stack[n++] = start;
    pixels[start] = to;
    while (n > 0) {
        int32_t at = stack[--n], i = at % s->n[0], j = at / s->n[0];
        count++;
        for (int m = 0; m < 9; m++) {
            int32_t x = i + m % 3 - 1, y = j + m / 3 - 1, next = y * s->n[0] + x;
            if (x < 0 || y < 0 || x >= s->n[0] || y >= s->n[1] || (!diagonal && m % 2 == 0)) continue;
            if (pixels[next] != from) continue;
            pixels[next] = to;
            stack[n++] = next;
        }
    }
    return count;
}

/* inside: 1 in the largest component with its holes, 2 in those holes. */
static void keep_largest(rs_section *s, int32_t *stack)
{
    int32_t pixels = s->n[0] * s->n[1], best = -1;
    int most = 0;
    for (int32_t p = 0; p < pixels; p++) {
        if (s->inside[p] != 1) continue;
        int n = flood(s, s->inside, stack, p, 1, 3, true);
        if (n > most) most = n, best = p;
    }
    s->area_voxels = most;
    if (best >= 0) flood(s, s->inside, stack, best, 3, 4, true);
    for (int32_t p = 0; p < pixels; p++)
        s->inside[p] = s->inside[p] == 4;
    flood(s, s->inside, stack, 0, 0, 5, false);
    for (int32_t p = 0; p < pixels; p++)
        s->inside[p] = s->inside[p] == 5 ? 0 : s->inside[p] == 0 ? 2 : 1;
}

/* Closing by a 3 x 3 square: chords may pass over a notch of one or two pixels. */
static void close_section(rs_section *s)
{
    int32_t pixels = s->n[0] * s->n[1];
    memset(s->closed, 0, (size_t)pixels);
    for (int32_t p = 0; p < pixels; p++) {
        int32_t i = p % s->n[0], j = p / s->n[0];
        bool all = true;
        for (int m = 0; m < 9 && all; m++) {
            int32_t x = i + m % 3 - 1, y = j + m / 3 - 1;
            bool any = false;
            for (int q = 0; q < 9 && !any; q++) {
                int32_t u = x + q % 3 - 1, v = y + q / 3 - 1;
                any = u >= 0 && v >= 0 && u < s->n[0] && v < s->n[1] && s->inside[v * s->n[0] + u];
            }
            all = any;
        }
        s->closed[p] = all;
    }
}

/* Image minus level; what is cut off from the section lies below, what it encloses above. */
static void set_field(const rs_crop *crop, const rs_segment *segment, rs_section *s)
{
    float level = (float)segment->level_hu, half = fmaxf((float)(0.5 * segment->contrast_hu), 1.0F);
    for (int32_t y = 0; y < s->n[1]; y++)
        for (int32_t x = 0; x < s->n[0]; x++) {
            int32_t p = y * s->n[0] + x, i = s->begin[0] + x, j = s->begin[1] + y;
            bool outside = i < 0 || j < 0 || i >= crop->n[0] || j >= crop->n[1];
            float above = outside ? -half : crop->hu[rs_crop_at(crop, i, j, s->k)] - level;
            if (s->inside[p])
                s->field[p] = s->inside[p] == 2 ? half : fmaxf(above, 1e-3F * half);
            else
                s->field[p] = above >= 0.0F ? -half : fminf(above, -1e-3F * half);
        }
}

rs_status rs_section_take(rs_context *ctx, const rs_crop *crop, const rs_segment *segment, rs_arena *scratch,
                          rs_section *out)
{
    memset(out, 0, sizeof *out);
    out->k = largest_slice(crop, segment->mask);
    if (out->k < 0) return RS_OK;
    const uint8_t *slice = segment->mask + (int64_t)out->k * crop->n[0] * crop->n[1];
    set_box(crop, slice, out);
    int32_t pixels = out->n[0] * out->n[1];
    out->inside = RS_ARENA_NEW(scratch, uint8_t, pixels);
    out->closed = RS_ARENA_NEW(scratch, uint8_t, pixels);
    out->field = RS_ARENA_NEW(scratch, float, pixels);
    out->edges = RS_ARENA_NEW(scratch, rs_edge, 4 * pixels);
    int32_t *stack = RS_ARENA_RAW(scratch, int32_t, pixels);
    if (!out->inside || !out->closed || !out->field || !out->edges || !stack)
        return rs_fail_memory(ctx, "the calipers");
    for (int32_t p = 0; p < pixels; p++) {
        int32_t i = out->begin[0] + p % out->n[0], j = out->begin[1] + p / out->n[0];
        bool outside = i < 0 || j < 0 || i >= crop->n[0] || j >= crop->n[1];
        out->inside[p] = !outside && slice[(int64_t)j * crop->n[0] + i];
    }
    keep_largest(out, stack);
    close_section(out);
    set_field(crop, segment, out);
    return RS_OK;
}

static void add_edge(rs_section *s, const double from[2], const double to[2])
{
    rs_edge *e = &s->edges[s->n_edges++];
    for (int a = 0; a < 2; a++) {
        e->from[a] = (s->begin[a] + from[a]) * s->spacing_mm[a];
        e->to[a] = (s->begin[a] + to[a]) * s->spacing_mm[a];
    }
}

/* Where the field is 0 on side m of the cell (x, y): 0 low y, 1 high x, 2 high y, 3 low x. */
static void crossing(const rs_section *s, int32_t x, int32_t y, int side, double out[2])
{
    static const int ends[4][4] = {{0, 0, 1, 0}, {1, 0, 1, 1}, {1, 1, 0, 1}, {0, 1, 0, 0}};
    const int *e = ends[side];
    double a = (double)s->field[(y + e[1]) * s->n[0] + x + e[0]];
    double b = (double)s->field[(y + e[3]) * s->n[0] + x + e[2]];
    double t = a / (a - b);
    out[0] = x + e[0] + t * (e[2] - e[0]);
    out[1] = y + e[1] + t * (e[3] - e[1]);
}

static void add_cell_edge(rs_section *s, int32_t x, int32_t y, int from, int to)
{
    double a[2], b[2];
    crossing(s, x, y, from, a);
    crossing(s, x, y, to, b);
    add_edge(s, a, b);
}

/* Marching squares: corners 0 (x, y), 1 (x+1, y), 2 (x+1, y+1), 3 (x, y+1); from each side where the boundary, walked
   0-1-2-3, leaves the section, to the next where it enters. */
static void add_cell(rs_section *s, int32_t x, int32_t y)
{
    const float *f = s->field;
    int32_t n = s->n[0], p = y * n + x;
    const bool in[4] = {f[p] > 0, f[p + 1] > 0, f[p + n + 1] > 0, f[p + n] > 0};
    float middle = f[p] + f[p + 1] + f[p + n + 1] + f[p + n];
    int leave[2], enter[2], n_leave = 0, n_enter = 0;
    for (int side = 0; side < 4; side++) {
        if (in[side] && !in[(side + 1) % 4]) leave[n_leave++] = side;
        if (!in[side] && in[(side + 1) % 4]) enter[n_enter++] = side;
    }
    if (n_leave == 1) add_cell_edge(s, x, y, leave[0], enter[0]);
    if (n_leave != 2) return;
    /* A saddle: the mean of the corners decides whether the two parts are joined. */
    for (int m = 0; m < 2; m++) {
        int wanted = middle > 0.0F ? (leave[m] + 1) % 4 : (leave[m] + 3) % 4;
        add_cell_edge(s, x, y, leave[m], enter[0] == wanted ? enter[0] : enter[1]);
    }
}

void rs_section_contour(rs_section *section)
{
    section->n_edges = 0;
    for (int32_t y = 0; y + 1 < section->n[1]; y++)
        for (int32_t x = 0; x + 1 < section->n[0]; x++)
            add_cell(section, x, y);
}

void rs_section_outline(rs_section *section)
{
    static const int step[4][2] = {{0, -1}, {1, 0}, {0, 1}, {-1, 0}};
    static const double corner[4][2] = {{-0.5, -0.5}, {0.5, -0.5}, {0.5, 0.5}, {-0.5, 0.5}};
    section->n_edges = 0;
    for (int32_t y = 1; y + 1 < section->n[1]; y++)
        for (int32_t x = 1; x + 1 < section->n[0]; x++) {
            if (!section->inside[y * section->n[0] + x]) continue;
            for (int side = 0; side < 4; side++) {
                if (section->inside[(y + step[side][1]) * section->n[0] + x + step[side][0]]) continue;
                const double *a = corner[side], *b = corner[(side + 1) % 4];
                add_edge(section, (double[2]){x + a[0], y + a[1]}, (double[2]){x + b[0], y + b[1]});
            }
        }
}
