/* The voxels that a fit sees: an ellipsoid around the ball, and how much each of them counts (science C9.3). */
#include <math.h>

#include "room.h"
#include "window.h"

/* A large ball has more voxels than it needs: their noise is correlated, and the models answer for what is left. */
#define MANY_VOXELS 6000
#define LARGEST_STRIDE 3

/* Half axes of the window in plane and along k: science C9.3 */
static void window_axes(const rs_psf *psf, double radius, double axes[2])
{
    axes[0] = radius + 1.3 * psf->in_plane_mm + 1.0;
    axes[1] = radius + 1.1 * psf->axial_mm + 0.8;
}

static double ellipsoid(const double d[3], double in_plane, double axial)
{
    double x = d[0] / in_plane, y = d[1] / in_plane, z = d[2] / axial;
    return x * x + y * y + z * z;
}

static void take_voxel(rs_fit_state *state, const double at[3], int64_t crop_index)
{
    rs_fit_voxel *v = &state->voxels[state->n++];
    for (int a = 0; a < 3; a++)
        v->at_mm[a] = at[a];
    v->hu = (double)state->request->crop->hu[crop_index];
    v->crop_index = crop_index;
    v->weight = 1.0;
    v->inside = false; /* until the weights are known: a window that is left at once never learns them */
}

/* Of many voxels every second or third column and row do, others from slice to slice. */
static int32_t window_stride(const rs_crop *crop, const double axes[2])
{
    const double *s = crop->spacing_mm, n = 4.0 * M_PI / 3.0 * axes[0] * axes[0] * axes[1] / (s[0] * s[1] * s[2]);
    int32_t stride = 1;
    while (stride < LARGEST_STRIDE && n > (double)MANY_VOXELS * stride * stride)
        stride++;
    return stride;
}

/* Is a column or row among those taken of slice k? Any of the three may be negative. */
static bool is_taken(const rs_fit_state *state, int32_t at, int32_t k)
{
    return (at + k) % state->stride == 0;
}

/* One row of the window; returns how many of its voxels there would be without an end of the crop. */
static int64_t take_row(rs_fit_state *state, int32_t j, int32_t k, const double axes[2])
{
    const rs_crop *crop = state->request->crop;
    const double *s = crop->spacing_mm, *c = state->value;
    double y = j * s[1] - c[1], z = k * s[2] - c[2];
    double left = 1.0 - y * y / (axes[0] * axes[0]) - z * z / (axes[1] * axes[1]);
    if (left <= 0.0) return 0;
    double half = axes[0] * sqrt(left);
    int32_t first = (int32_t)ceil((c[0] - half) / s[0]), last = (int32_t)floor((c[0] + half) / s[0]);
    bool row_inside = j >= 0 && j < crop->n[1] && k >= 0 && k < crop->n[2];
    int64_t whole = 0;
    for (int32_t i = first; i <= last; i++) {
        if (!is_taken(state, i, k)) continue;
        whole++;
        if (!row_inside || i < 0 || i >= crop->n[0] || state->n >= state->capacity) continue;
        take_voxel(state, (double[3]){i * s[0], j * s[1], k * s[2]}, rs_crop_at(crop, i, j, k));
    }
    return whole;
}

void rs_fit_window(rs_fit_state *state)
{
    const rs_crop *crop = state->request->crop;
    double axes[2];
    window_axes(&state->psf, exp(state->value[RS_FIT_LN_R]), axes);
    const double *s = crop->spacing_mm, *c = state->value;
    int64_t whole = 0;
    state->n = 0;
    state->stride = window_stride(crop, axes);
    for (int32_t k = (int32_t)ceil((c[2] - axes[1]) / s[2]); k <= (int32_t)floor((c[2] + axes[1]) / s[2]); k++)
        for (int32_t j = (int32_t)ceil((c[1] - axes[0]) / s[1]); j <= (int32_t)floor((c[1] + axes[0]) / s[1]); j++)
            if (is_taken(state, j, k)) whole += take_row(state, j, k, axes);
    state->window_share = whole > 0 ? (double)state->n / (double)whole : 0.0;
}

static double robust_weight(double error, double threshold)
{
    double e = fabs(error);
    if (e <= threshold) return 1.0;
    if (e > 2.5 * threshold) return 0.0;
    return threshold * threshold / (e * e);
}

void rs_fit_weights(rs_fit_state *state, bool robust)
{
    const struct rs_measure_settings *s = state->request->settings;
    const rs_crop *crop = state->request->crop;
    double radius = exp(state->value[RS_FIT_LN_R]), zone = radius + s->fit_robust_zone * state->psf.in_plane_mm;
    double threshold = s->fit_robust_factor * fmax(1.2 * state->noise_hu, 25.0);
    for (int64_t v = 0; v < state->n; v++) {
        rs_fit_voxel *voxel = &state->voxels[v];
        double d[3];
        for (int a = 0; a < 3; a++)
            d[a] = voxel->at_mm[a] - state->value[a];
        voxel->inside = ellipsoid(d, zone, zone) <= 1.0;
        voxel->weight = 1.0;
        if (voxel->inside) continue;
        /* What was not searched is another tissue, not the background of this mark. */
        if (!crop->searched[voxel->crop_index] && state->centre_searched)
            voxel->weight = 0.0;
        else if (robust)
            voxel->weight = robust_weight(voxel->error_hu, threshold);
    }
}

double rs_fit_integral_ratio(const rs_fit_state *state)
{
    double radius = exp(state->value[RS_FIT_LN_R]), contrast = state->value[RS_FIT_CONTRAST];
    double in_plane = radius + 0.8 * state->psf.in_plane_mm, axial = radius + 0.8 * state->psf.axial_mm;
    double sum_error = 0.0, sum_model = 0.0;
    for (int64_t v = 0; v < state->n; v++) {
        const rs_fit_voxel *voxel = &state->voxels[v];
        double d[3];
        for (int a = 0; a < 3; a++)
            d[a] = voxel->at_mm[a] - state->value[a];
        if (ellipsoid(d, in_plane, axial) > 1.0) continue;
        sum_error += voxel->weight * voxel->error_hu;
        sum_model += contrast * voxel->jacobian[RS_FIT_CONTRAST];
    }
    return sum_model > 0.0 ? fmax(1.0 + sum_error / sum_model, 0.0) : 0.0;
}

double rs_fit_misfit(const rs_fit_state *state)
{
    double sum = 0.0;
    int64_t n = 0;
    for (int64_t v = 0; v < state->n; v++) {
        if (!state->voxels[v].inside) continue;
        sum += state->voxels[v].error_hu * state->voxels[v].error_hu;
        n++;
    }
    if (n == 0) return INFINITY;
    double excess = sum / (double)n - state->noise_hu * state->noise_hu;
    double contrast = state->value[RS_FIT_CONTRAST];
    if (state->n_unknowns > RS_FIT_OF_BALL)
        contrast = fmax(fabs(contrast), fabs(contrast + state->value[RS_FIT_CORE_CONTRAST]));
    return sqrt(fmax(excess, 0.0)) / fabs(contrast);
}
