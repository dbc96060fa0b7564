#include "grid.h"

#include <math.h>
#include <string.h>

/* Cosine between two axes: past this they are no grid's; below the other it is the rounding of the header's numbers. */
#define SHEARED 1e-3
#define STRAIGHT 1e-5

static double dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

void grid_flip(grid_vectors *v, bool x, bool y)
{
    const bool flip[2] = {x, y};
    for (int d = 0; d < 2; d++) {
        for (int a = 0; flip[d] && a < 3; a++)
            v->step[a][d] = -v->step[a][d] + 0; /* no "-0" */
        if (flip[d]) v->origin[d] = -v->origin[d] + 0;
    }
}

rs_status grid_without_directions(rs_context *ctx, rs_arena *arena, const double spacing_mm[3], grid_vectors *out,
                                  raw_file *file)
{
    *out = (grid_vectors){0};
    for (int a = 0; a < 3; a++)
        out->step[a][a] = spacing_mm[a];
    file->head.basis = "none";
    return rs_notes_add(ctx, arena, &file->head.notes, "no_directions", NULL,
                        "the file does not say how the image lies in the patient: columns are taken to run to the "
                        "left, rows to the back, slices to the head");
}

static double triple(double axis[3][3])
{
    return axis[0][0] * (axis[1][1] * axis[2][2] - axis[1][2] * axis[2][1]) -
           axis[0][1] * (axis[1][0] * axis[2][2] - axis[1][2] * axis[2][0]) +
           axis[0][2] * (axis[1][0] * axis[2][1] - axis[1][1] * axis[2][0]);
}

/* Lengths into spacing, directions into axis. */
static rs_status split_lengths(rs_context *ctx, const grid_vectors *v, rs_geometry *g)
{
    for (int a = 0; a < 3; a++) {
        const double length = sqrt(dot(v->step[a], v->step[a]));
        if (!(length > 0) || !isfinite(length) || !isfinite(v->origin[a]))
            return rs_fail(ctx, RS_DATA, "the spacing or the origin of axis %d is no number above 0", a + 1);
        g->spacing_mm[a] = length;
        g->origin_lps_mm[a] = v->origin[a];
        for (int d = 0; d < 3; d++)
            g->axis[a][d] = v->step[a][d] / length;
    }
    return RS_OK;
}

/* Rows keep their direction, columns their plane (Gram-Schmidt). */
static void straighten(rs_geometry *g)
{
    for (int a = 1; a < 3; a++) {
        for (int b = 0; b < a; b++) {
            const double along = dot(g->axis[a], g->axis[b]);
            for (int d = 0; d < 3; d++)
                g->axis[a][d] -= along * g->axis[b][d];
        }
        const double length = sqrt(dot(g->axis[a], g->axis[a]));
        for (int d = 0; d < 3; d++)
            g->axis[a][d] /= length;
    }
}

/* Does the axis run to the right, the front or the feet more than anything else? */
static bool runs_back(const double axis[3])
{
    int most = 0;
    for (int d = 1; d < 3; d++)
        if (fabs(axis[d]) > fabs(axis[most])) most = d;
    return axis[most] < 0;
}

static void turn(raw_file *file, int a)
{
    rs_geometry *g = &file->head.geometry;
    for (int d = 0; d < 3; d++) {
        g->origin_lps_mm[d] += (g->n[a] - 1) * g->spacing_mm[a] * g->axis[a][d];
        g->axis[a][d] = -g->axis[a][d] + 0; /* no "-0" */
    }
    file->turned[a] = true;
}

rs_status grid_set(rs_context *ctx, rs_arena *arena, const grid_vectors *v, raw_file *file)
{
    rs_geometry *g = &file->head.geometry;
    RS_TRY(split_lengths(ctx, v, g));
    double worst = 0;
    for (int a = 0; a < 3; a++)
        worst = fmax(worst, fabs(dot(g->axis[a], g->axis[(a + 1) % 3])));
    if (worst > SHEARED)
        return rs_fail(ctx, RS_DATA,
                       "the axes of the volume are not at right angles (off by %.2f degrees): resample it onto an "
                       "orthogonal grid",
                       asin(fmin(worst, 1)) * 180 / acos(-1.0));
    if (worst > STRAIGHT)
        RS_TRY(rs_notes_add(ctx, arena, &file->head.notes, "axes_straightened", NULL,
                            "the axes of the volume are off a right angle by %.3f degrees and were put right",
                            worst * 180 / acos(-1.0)));
    straighten(g);
    if (triple(g->axis) < 0) {
        int n_back = 0, back = 2;
        for (int a = 0; a < 3; a++)
            if (runs_back(g->axis[a])) n_back++, back = a;
        turn(file, n_back == 1 ? back : 2);
    }
    return RS_OK;
}
