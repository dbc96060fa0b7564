/* Places that a person points at (--at): each belongs to the first case whose volume holds it. */
#include <math.h>
#include <string.h>

#include "stations.h"

static bool holds(const rs_case *c, const double lps_mm[3])
{
    double index[3];
    if (!c->volume) return false;
    rs_geometry_to_index(&c->volume->geometry, lps_mm, index);
    return rs_geometry_holds(&c->volume->geometry, index);
}

static int case_of(const rs_line *line, const double lps_mm[3])
{
    for (int c = 0; c < line->n_cases; c++)
        if (holds(&line->cases[c], lps_mm)) return c;
    return -1;
}

/* Corners of the image along the patient's axes. */
static void image_box(const rs_geometry *geometry, double low_mm[3], double high_mm[3])
{
    for (int d = 0; d < 3; d++)
        low_mm[d] = (double)INFINITY, high_mm[d] = -(double)INFINITY;
    for (int corner = 0; corner < 8; corner++) {
        double index[3], lps_mm[3];
        for (int a = 0; a < 3; a++)
            index[a] = corner >> a & 1 ? geometry->n[a] - 0.5 : -0.5;
        rs_geometry_to_lps(geometry, index, lps_mm);
        for (int d = 0; d < 3; d++) {
            low_mm[d] = fmin(low_mm[d], lps_mm[d]);
            high_mm[d] = fmax(high_mm[d], lps_mm[d]);
        }
    }
}

static rs_status refuse(rs_context *ctx, const rs_line *line, const double lps_mm[3])
{
    const rs_case *first = NULL;
    double low_mm[3], high_mm[3];
    for (int c = 0; c < line->n_cases && !first; c++)
        if (line->cases[c].volume) first = &line->cases[c];
    if (!first)
        return rs_fail(ctx, RS_USAGE, "--at has no image to measure in: %s",
                       line->n_cases > 0 && line->cases[0].pick.reason ? line->cases[0].pick.reason : "none was read");
    image_box(&first->volume->geometry, low_mm, high_mm);
    return rs_fail(ctx, RS_USAGE,
                   "--at %.1f,%.1f,%.1f lies outside the image, which spans x %.1f to %.1f, y %.1f to %.1f, z %.1f to "
                   "%.1f (LPS, mm)",
                   lps_mm[0], lps_mm[1], lps_mm[2], low_mm[0], high_mm[0], low_mm[1], high_mm[1], low_mm[2],
                   high_mm[2]);
}

rs_status rs_points_assign(rs_context *ctx, rs_line *line)
{
    const rs_run_options *options = line->options;
    for (int c = 0; c < line->n_cases && options->n_at > 0; c++) {
        line->cases[c].at_lps_mm = rs_arena_alloc(line->arena, (size_t)options->n_at, sizeof(double[3]));
        if (!line->cases[c].at_lps_mm) return rs_fail_memory(ctx, "the places to measure");
    }
    for (int p = 0; p < options->n_at; p++) {
        int c = case_of(line, options->at_lps_mm[p]);
        if (c < 0) return refuse(ctx, line, options->at_lps_mm[p]);
        rs_case *owner = &line->cases[c];
        memcpy(owner->at_lps_mm[owner->n_at++], options->at_lps_mm[p], sizeof(double[3]));
    }
    return RS_OK;
}
