/* Plan and grids of the pyramid. */
#include "levels.h"

#include <math.h>

#include "restage/kernels.h"
#include "restage/kernels/halve.h"
#include "restage/kernels/hessian.h"
#include "restage/kernels/laplace.h"

static const double least_steps = 1.6; /* sigma in steps of the grid that reports it (performance 3.3.4) */

static double in_plane_mm(const rs_volume *v)
{
    return fmax(v->geometry.spacing_mm[0], v->geometry.spacing_mm[1]);
}

/* Level of a scale: how often the plane may be halved. */
static int level_of(const rs_volume *volume, double sigma_mm)
{
    int level = 0;
    double step_mm = 2 * in_plane_mm(volume);
    while (level + 1 < RS_LEVELS_MAX && sigma_mm >= least_steps * step_mm) {
        level++;
        step_mm *= 2;
    }
    return level;
}

static rs_status halve(rs_context *ctx, const rs_levels_wish *wish, const rs_level *from, rs_level *to)
{
    const rs_geometry *g = &from->view.geometry;
    double first_mm = wish->scales->scale[to->first_reported].sigma_mm;
    struct rs_halve_args args = {.in = from->view.voxels, .axes = {1, 1, 0}};
    args.axes[2] = 2 * g->spacing_mm[2] * least_steps <= first_mm;
    if (from->block.data == NULL) {
        int16_t one = rs_volume_stored(wish->volume, wish->clip_low_hu);
        int16_t other = rs_volume_stored(wish->volume, wish->clip_high_hu);
        args.low = one < other ? one : other; /* a slope may be negative */
        args.high = one < other ? other : one;
    }
    to->view = from->view;
    for (int a = 0; a < 3; a++) {
        args.n[a] = g->n[a];
        to->step[a] = from->step[a] * (args.axes[a] ? 2 : 1);
        to->view.geometry.spacing_mm[a] = g->spacing_mm[a] * (args.axes[a] ? 2 : 1);
        to->blur_mm2[a] = from->blur_mm2[a] + (args.axes[a] ? rs_halve_variance_mm2(g->spacing_mm[a]) : 0);
    }
    rs_halve_size(args.n, args.axes, to->view.geometry.n);
    size_t bytes = (size_t)rs_geometry_voxels(&to->view.geometry) * sizeof(int16_t);
    RS_TRY(rs_block_take(ctx, bytes, "the pyramid of the search", &to->block));
    args.out = to->view.voxels = to->block.data;
    return rs_context_kernels(ctx)->halve(ctx, &args);
}

/* Slices between the stored ones, and what the filter has to do at each scale. */
static void prepare(const rs_levels_wish *wish, rs_level *level)
{
    const rs_geometry *g = &level->view.geometry;
    double first_mm = wish->scales->scale[level->first_reported].sigma_mm;
    double widest_mm = fmax(wish->native_spacing_mm, first_mm / least_steps);
    double p = rs_fwhm_to_sigma(wish->psf.in_plane_mm), pz = rs_fwhm_to_sigma(wish->psf.axial_mm);
    level->up = g->n[2] > 1 ? (int32_t)ceil(g->spacing_mm[2] / widest_mm - 1e-9) : 1;
    for (int a = 0; a < 3; a++)
        level->spacing_mm[a] = g->spacing_mm[a] / (a == 2 ? level->up : 1);
    for (int n = level->first; n < level->first + level->n_computed; n++) {
        const rs_scale *s = &wish->scales->scale[n];
        double variance[3], wall_variance[3];
        for (int a = 0; a < 3; a++) {
            double whole = a == 2 ? s->sigma_k_mm : s->sigma_mm, rest = whole * whole - level->blur_mm2[a];
            level->sigma_mm[n][a] = sqrt(fmax(rest, 0));
            variance[a] = rs_laplace_variance_mm2(level->sigma_mm[n][a], level->spacing_mm[a]) + level->blur_mm2[a];
            wall_variance[a] =
                rs_hessian_variance_mm2(level->sigma_mm[n][a], level->spacing_mm[a]) + level->blur_mm2[a];
        }
        rs_blur blur = {p * p + 0.5 * (variance[0] + variance[1]), pz * pz + variance[2]};
        rs_blur wall_blur = {p * p + 0.5 * (wall_variance[0] + wall_variance[1]), pz * pz + wall_variance[2]};
        level->rho[n] = s->sigma_mm * s->sigma_mm * rs_sphere_response(0.5 * s->diameter_mm, blur);
        level->wall_rho[n] = s->sigma_mm * s->sigma_mm * rs_sphere_determinant(0.5 * s->diameter_mm, wall_blur);
    }
}

static void plan(const rs_levels_wish *wish, rs_levels *out)
{
    const rs_scales *scales = wish->scales;
    out->n = 0;
    for (int n = 0; n < scales->n;) {
        int depth = level_of(wish->volume, scales->scale[n].sigma_mm), end = n + 1;
        while (end < scales->n && level_of(wish->volume, scales->scale[end].sigma_mm) == depth)
            end++;
        rs_level *level = &out->level[out->n++];
        *level = (rs_level){.first_reported = n, .end_reported = end};
        level->first = n > 0 ? n - 1 : 0;
        level->n_computed = (end < scales->n ? end + 1 : end) - level->first;
        n = end;
    }
}

rs_status rs_levels_make(rs_context *ctx, const rs_levels_wish *wish, rs_levels *out)
{
    rs_level base = {.view = *wish->volume, .step = {1, 1, 1}};
    base.view.block = (rs_block){0};
    plan(wish, out);
    int depth = 0;
    const rs_level *from = &base;
    for (int n = 0; n < out->n; n++) {
        rs_level *to = &out->level[n];
        int wanted = level_of(wish->volume, wish->scales->scale[to->first_reported].sigma_mm);
        if (wanted == 0) {
            to->view = base.view;
            for (int a = 0; a < 3; a++)
                to->step[a] = 1;
        }
        for (; depth < wanted; depth++) {
            rs_level made = *to;
            made.block = (rs_block){0};
            rs_status status = halve(ctx, wish, from, &made);
            rs_block_give(ctx, &to->block); /* a grid that no scale is searched on */
            *to = made;
            if (status != RS_OK) {
                rs_levels_free(ctx, out);
                return status;
            }
            from = to;
        }
        from = to;
        prepare(wish, to);
    }
    return RS_OK;
}

void rs_levels_free(rs_context *ctx, rs_levels *levels)
{
    for (int n = 0; n < levels->n; n++)
        rs_block_give(ctx, &levels->level[n].block);
    levels->n = 0;
}
