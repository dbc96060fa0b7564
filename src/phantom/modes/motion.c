/* Beating heart and breath (science F15). Around the heart a slice is the mean of two phases, a shift apart, so that
   edges and vessels there are double; and while a few slices were taken the diaphragm stood at two heights. */
#include "mode.h"
#include "warp.h"

enum { KNOB_SHIFT = 0, KNOB_REACH, KNOB_DIAPHRAGM, KNOB_SLICES };

static const rs_phantom_knob knobs[] = {
    {"shift_mm", {1, 6}, 0, 12, "between the heart's two phases"},
    {"reach_mm", {30, 30}, 5, 60, "from the heart, where the shift has faded"},
    {"diaphragm_mm", {2, 8}, 0, 25, "between the diaphragm's two heights"},
    {"slices", {3, 6}, 0, 40, "slices taken while it moved"},
};

enum { CELL = 8 };

typedef struct motion {
    double shift[2]; /* of one phase against the mean, x and y */
    double reach_mm, diaphragm_mm;
    double low, high; /* heights of the slices with two diaphragms */
    rs_phantom_solid heart[RS_PHANTOM_SOLIDS_MAX];
    int n_hearts;
} motion;

static rs_status draw(const rs_phantom_mode_call *call, void **drawn)
{
    const rs_phantom_anatomy *a = &call->model->anatomy;
    const rs_phantom_scan *s = &call->model->scan;
    motion *m = RS_ARENA_NEW(call->arena, motion, 1);
    if (m == NULL) return rs_fail_memory(call->ctx, "the phantom's motion");
    double d[3], shift = rs_phantom_draw(call, KNOB_SHIFT);
    rs_phantom_direction(call->random, d);
    double size = sqrt(d[0] * d[0] + d[1] * d[1]) + 1e-6;
    for (int c = 0; c < 2; c++)
        m->shift[c] = 0.5 * shift * d[c] / size;
    m->reach_mm = rs_phantom_draw(call, KNOB_REACH);
    m->diaphragm_mm = rs_phantom_draw(call, KNOB_DIAPHRAGM);
    double slices = floor(rs_phantom_draw(call, KNOB_SLICES) + 0.5);
    m->low = a->dome[1].top_mm - rs_phantom_uniform(call->random, 4.0, 18.0);
    m->high = m->low + slices * s->spacing_mm;
    for (int n = 0; n < a->n_solids; n++) /* shoulder blades lie beside it, far from the middle */
        if (!a->solid[n].abdominal && fabs(a->solid[n].centre[0]) < 75.0) m->heart[m->n_hearts++] = a->solid[n];
    *drawn = m;
    return RS_OK;
}

/* 1 in the heart, nothing beyond the reach. */
static double weight_at(const motion *m, const double p[3])
{
    double nearest = m->reach_mm;
    for (int n = 0; n < m->n_hearts; n++) {
        double d = rs_phantom_solid_distance(&m->heart[n], p);
        nearest = d < nearest ? d : nearest;
    }
    return 1.0 - rs_phantom_ramp(nearest / m->reach_mm);
}

static float bilinear(const rs_phantom_scan *scan, const float *from, double i, double j)
{
    i = i < 0.0 ? 0.0 : (i > scan->columns - 1.001 ? scan->columns - 1.001 : i);
    j = j < 0.0 ? 0.0 : (j > scan->rows - 1.001 ? scan->rows - 1.001 : j);
    int32_t x = (int32_t)i, y = (int32_t)j;
    const float u = (float)(i - x), v = (float)(j - y);
    const float *a = from + (size_t)y * (size_t)scan->columns + x, *b = a + scan->columns;
    float top = a[0] + u * (a[1] - a[0]), bottom = b[0] + u * (b[1] - b[0]);
    return top + v * (bottom - top);
}

/* One cell of pixels with the shift at its middle blended from its corners. */
static void blend_cell(const motion *m, const rs_phantom_scan *scan, const double weight[4], const int32_t at[2],
                       const float *from, float *to)
{
    for (int32_t dj = 0; dj < CELL && at[1] + dj < scan->rows; dj++) {
        double t = (double)dj / CELL, left = weight[0] + t * (weight[2] - weight[0]),
               right = weight[1] + t * (weight[3] - weight[1]);
        float *row = to + (size_t)(at[1] + dj) * (size_t)scan->columns;
        for (int32_t di = 0; di < CELL && at[0] + di < scan->columns; di++) {
            double w = left + (right - left) * di / CELL, i = at[0] + di, j = at[1] + dj;
            if (w <= 0.0) continue;
            double u = w * m->shift[0] / scan->pixel_mm, v = w * m->shift[1] / scan->row_mm;
            row[at[0] + di] = 0.5f * (bilinear(scan, from, i + u, j + v) + bilinear(scan, from, i - u, j - v));
        }
    }
}

static void slice(const rs_phantom_model *model, const void *drawn, int32_t index, float *hu, float *scratch)
{
    const motion *m = drawn;
    const rs_phantom_scan *scan = &model->scan;
    double x0 = 1e9, x1 = -1e9, y0 = 1e9, y1 = -1e9, z = rs_phantom_z(scan, index, 0.0);
    for (int n = 0; n < m->n_hearts; n++) {
        double r = m->heart[n].radius[0] + m->reach_mm;
        if (fabs(z - m->heart[n].centre[2]) > r + 150.0 * fabs(scan->rise_mm) / scan->row_mm) continue;
        x0 = m->heart[n].centre[0] - r < x0 ? m->heart[n].centre[0] - r : x0;
        x1 = m->heart[n].centre[0] + r > x1 ? m->heart[n].centre[0] + r : x1;
        y0 = m->heart[n].centre[1] - r < y0 ? m->heart[n].centre[1] - r : y0;
        y1 = m->heart[n].centre[1] + r > y1 ? m->heart[n].centre[1] + r : y1;
    }
    if (x0 > x1) return;
    rs_phantom_pixels box = rs_phantom_pixels_of(scan, x0, x1, y0, y1);
    for (size_t p = 0; p < (size_t)scan->columns * (size_t)scan->rows; p++)
        scratch[p] = hu[p];
    for (int32_t j = box.j0; j < box.j1; j += CELL) {
        for (int32_t i = box.i0; i < box.i1; i += CELL) {
            double weight[4];
            for (int corner = 0; corner < 4; corner++) {
                double y = rs_phantom_y(scan, j + (corner >> 1) * CELL);
                const double p[3] = {rs_phantom_x(scan, i + (corner & 1) * CELL), y, rs_phantom_z(scan, index, y)};
                weight[corner] = weight_at(m, p);
            }
            if (weight[0] + weight[1] + weight[2] + weight[3] > 0.0)
                blend_cell(m, scan, weight, (const int32_t[2]){i, j}, scratch, hu);
        }
    }
}

/* Every other sub-slice of the slices in question has the other diaphragm. */
static void phase(const void *drawn, int64_t sub, double z, rs_phantom_anatomy *anatomy)
{
    const motion *m = drawn;
    if (z < m->low || z >= m->high) return;
    for (int side = 0; side < 2; side++)
        anatomy->dome[side].top_mm += (sub & 1) != 0 ? 0.5 * m->diaphragm_mm : -0.5 * m->diaphragm_mm;
}

const rs_phantom_mode rs_phantom_mode_motion = {.name = "motion",
                                                .failure = "F15",
                                                .what = "double edges around the heart and at the diaphragm",
                                                .share = 0.3,
                                                .knobs = knobs,
                                                .n_knobs = (int)(sizeof knobs / sizeof knobs[0]),
                                                .drawn_with = RS_PHANTOM_WITH_SCANNER,
                                                .draw = draw,
                                                .slice = slice,
                                                .phase = phase};
