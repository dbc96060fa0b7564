/* Crops of a volume: geometry, sampling, outlines. */
#include "view.h"

#include <math.h>
#include <string.h>

#define OUTSIDE 48       /* grey of what was not imaged: neither black nor any tissue of the lung window */
#define OBLIQUE_COS 0.95 /* 18 degrees */
#define LETTER_COS 0.3   /* a second letter from here */

static int most_along(const rs_geometry *geometry, int direction, int taken)
{
    int best = -1;
    for (int a = 0; a < 3; a++) {
        if (a == taken) continue;
        if (best < 0 || fabs(geometry->axis[a][direction]) > fabs(geometry->axis[best][direction])) best = a;
    }
    return best;
}

void rs_view_set(const rs_geometry *geometry, rs_plane plane, const double lps_mm[3], double field_mm, rs_view *out)
{
    /* Patient directions to the right, down, and through, and whether they are wanted backwards (feet down). */
    static const int directions[RS_PLANES][3] = {{0, 1, 2}, {0, 2, 1}, {1, 2, 0}};
    static const int down_wanted[RS_PLANES] = {1, -1, -1};
    int of[3];
    of[2] = most_along(geometry, 2, -1);
    of[0] = most_along(geometry, 0, of[2]);
    of[1] = 3 - of[0] - of[2];
    const int *d = directions[plane];
    *out = (rs_view){.field_mm = field_mm};
    for (int s = 0; s < 3; s++)
        out->axis[s] = of[d[s]];
    out->sign[0] = geometry->axis[out->axis[0]][d[0]] < 0 ? -1 : 1;
    out->sign[1] = (geometry->axis[out->axis[1]][d[1]] < 0 ? -1 : 1) * down_wanted[plane];
    out->oblique = fabs(geometry->axis[out->axis[2]][d[2]]) < OBLIQUE_COS;
    rs_geometry_to_index(geometry, lps_mm, out->centre);
    double *through = &out->centre[out->axis[2]];
    double last = geometry->n[out->axis[2]] - 1;
    *through = floor(*through + 0.5);
    *through = *through < 0 ? 0 : *through > last ? last : *through;
}

/* Index below a place along an axis and the weight of the next; false outside the outermost voxels' borders. */
static bool between(double place, int32_t n, int32_t *below, double *share)
{
    if (!(place >= -0.5 && place <= n - 0.5)) return false;
    double low = floor(place);
    low = low < 0 ? 0 : low > n - 2 ? n - 2 : low;
    if (n < 2) low = 0;
    double rest = place - low;
    *below = (int32_t)low;
    *share = n < 2 || rest < 0 ? 0 : rest > 1 ? 1 : rest;
    return true;
}

void rs_view_sample(const rs_volume *volume, const rs_view *view, double low, double high, int pixels, uint8_t *out)
{
    const rs_geometry *g = &volume->geometry;
    const int64_t step[3] = {1, g->n[0], (int64_t)g->n[0] * g->n[1]};
    int right = view->axis[0], down = view->axis[1];
    int64_t right_step = g->n[right] > 1 ? step[right] : 0, down_step = g->n[down] > 1 ? step[down] : 0;
    double mm = view->field_mm / pixels;
    const int16_t *slice = volume->voxels + (int64_t)view->centre[view->axis[2]] * step[view->axis[2]];
    for (int y = 0; y < pixels; y++) {
        int32_t row = 0;
        double v = 0, off = (y + 0.5 - 0.5 * pixels) * mm;
        bool in_rows = between(view->centre[down] + view->sign[1] * off / g->spacing_mm[down], g->n[down], &row, &v);
        for (int x = 0; x < pixels; x++) {
            int32_t column = 0;
            double u = 0, across = (x + 0.5 - 0.5 * pixels) * mm;
            bool inside = in_rows && between(view->centre[right] + view->sign[0] * across / g->spacing_mm[right],
                                             g->n[right], &column, &u);
            uint8_t *to = &out[(size_t)y * (size_t)pixels + (size_t)x];
            *to = OUTSIDE;
            if (!inside) continue;
            const int16_t *at = slice + column * step[right] + row * step[down];
            double top = at[0] + u * (at[right_step] - at[0]);
            double bottom = at[down_step] + u * (at[down_step + right_step] - at[down_step]);
            double value = volume->slope * (top + v * (bottom - top)) + volume->offset;
            double grey = 255 * (value - low) / (high - low);
            *to = (uint8_t)(grey <= 0 ? 0 : grey >= 255 ? 255 : grey + 0.5);
        }
    }
}

double rs_view_place(const rs_geometry *geometry, const rs_view *view, const double lps_mm[3], double out[2])
{
    double ijk[3];
    rs_geometry_to_index(geometry, lps_mm, ijk);
    for (int s = 0; s < 2; s++) {
        int a = view->axis[s];
        double mm = view->sign[s] * (ijk[a] - view->centre[a]) * geometry->spacing_mm[a];
        out[s] = 50 + 100 * mm / view->field_mm;
    }
    return fabs(ijk[view->axis[2]] - view->centre[view->axis[2]]);
}

static void letters(const double direction[3], int sign, char out[4])
{
    static const char names[3][2] = {{'R', 'L'}, {'A', 'P'}, {'F', 'H'}};
    int order[3] = {0, 1, 2}, n = 0;
    for (int a = 1; a < 3; a++) {
        for (int b = a; b > 0 && fabs(direction[order[b]]) > fabs(direction[order[b - 1]]); b--) {
            int other = order[b];
            order[b] = order[b - 1];
            order[b - 1] = other;
        }
    }
    for (int a = 0; a < 3; a++) {
        double part = sign * direction[order[a]];
        if (a == 0 || fabs(part) >= LETTER_COS) out[n++] = names[order[a]][part > 0];
    }
    out[n] = 0;
}

void rs_view_letters(const rs_geometry *geometry, const rs_view *view, char out[4][4])
{
    for (int s = 0; s < 2; s++) {
        letters(geometry->axis[view->axis[s]], -view->sign[s], out[2 * s]);
        letters(geometry->axis[view->axis[s]], view->sign[s], out[2 * s + 1]);
    }
}

rs_status rs_view_mask(rs_context *ctx, rs_arena *arena, const rs_geometry *geometry, const rs_view *view,
                       const rs_report_mark *mark, rs_svg_mask *out)
{
    int32_t middle[2], half[2];
    for (int s = 0; s < 2; s++) {
        int a = view->axis[s];
        half[s] = (int32_t)(0.5 * view->field_mm / geometry->spacing_mm[a]) + 2;
        middle[s] = (int32_t)floor(view->centre[a] + 0.5);
        double mm = view->sign[s] * (middle[s] - view->centre[a]) * geometry->spacing_mm[a];
        out->step[s] = 100 * geometry->spacing_mm[a] / view->field_mm;
        out->at[s] = 50 + 100 * mm / view->field_mm - (half[s] + 0.5) * out->step[s];
    }
    out->columns = 2 * half[0] + 1;
    out->rows = 2 * half[1] + 1;
    uint8_t *cells = RS_ARENA_NEW(arena, uint8_t, (int64_t)out->columns * out->rows);
    if (!cells) return rs_fail_memory(ctx, "an outline");
    out->cells = cells;
    for (int r = 0; r < mark->n_runs; r++) {
        int32_t at[3] = {mark->runs[r].i, mark->runs[r].j, mark->runs[r].k};
        for (int32_t c = 0; c < mark->runs[r].count; c++, at[0]++) {
            if (at[view->axis[2]] != (int32_t)view->centre[view->axis[2]]) continue;
            int32_t x = half[0] + view->sign[0] * (at[view->axis[0]] - middle[0]);
            int32_t y = half[1] + view->sign[1] * (at[view->axis[1]] - middle[1]);
            if (x >= 0 && y >= 0 && x < out->columns && y < out->rows) cells[(int64_t)y * out->columns + x] = 1;
        }
    }
    return RS_OK;
}

double rs_view_extent_mm(const rs_geometry *geometry, const rs_report_mark *mark)
{
    int32_t low[3] = {INT32_MAX, INT32_MAX, INT32_MAX}, high[3] = {INT32_MIN, INT32_MIN, INT32_MIN};
    for (int r = 0; r < mark->n_runs; r++) {
        const int32_t from[3] = {mark->runs[r].i, mark->runs[r].j, mark->runs[r].k};
        for (int a = 0; a < 3; a++) {
            int32_t to = from[a] + (a == 0 ? mark->runs[r].count : 1);
            if (from[a] < low[a]) low[a] = from[a];
            if (to > high[a]) high[a] = to;
        }
    }
    double most_mm = 0;
    for (int a = 0; a < 3 && mark->n_runs > 0; a++) {
        double mm = (high[a] - low[a]) * geometry->spacing_mm[a];
        if (mm > most_mm) most_mm = mm;
    }
    return most_mm;
}
