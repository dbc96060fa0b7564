/* A ball with another in it: the solid core of ground glass, lime in the middle, a cavity. A single ball would catch
   the core or nothing. Where to begin is read off the median over all directions, which vessels hardly move. */
#include <math.h>
#include <string.h>

#include "window.h"

#define BIN_MM 0.5
#define MOST_BINS 64
#define LEAST_IN_BIN 12
#define HALO_FROM 0.4 /* FWHM beyond the radius: within, the ball's own misfit is large */
#define HALO_HU 70.0  /* of ground glass over the lung: -700 HU in lung of -840 at half its level */
#define FIRST_STEPS 6
#define LEAST_CORE_HU 120.0
#define HALO_GAIN 0.3     /* of the squares beyond those of the noise, outside the ball */
#define CORE_GAIN 0.35    /* inside, where the shell is soft tissue */
#define FAINT_GAIN 0.8    /* inside, where the shell is fainter: whatever is not round looks so */
#define LEAST_MISFIT 0.05 /* RMS over contrast, from which there is something to explain */

/* Median HU of shells around a place, less what the present ball adds there. */
typedef struct shells {
    int n;
    double hu[MOST_BINS];
} shells;

static int bin_of(const rs_fit_state *state, int64_t v)
{
    const rs_crop *crop = state->request->crop;
    if (state->centre_searched && !crop->searched[v]) return MOST_BINS;
    int32_t plane = crop->n[0] * crop->n[1], at = (int32_t)v, k = at / plane, row = at % plane;
    const double *s = crop->spacing_mm, *c = state->value;
    double x = row % crop->n[0] * s[0] - c[0], y = row / crop->n[0] * s[1] - c[1], z = k * s[2] - c[2];
    double bin = sqrt(x * x + y * y + z * z) / BIN_MM;
    return bin < MOST_BINS ? (int)bin : MOST_BINS;
}

static void take_profile(const rs_fit_state *state, float *room, shells *out)
{
    const rs_crop *crop = state->request->crop;
    int64_t first[MOST_BINS + 2] = {0};
    for (int64_t v = 0; v < crop->count; v++)
        first[bin_of(state, v) + 1]++;
    for (int b = 0; b <= MOST_BINS; b++)
        first[b + 1] += first[b];
    int64_t next[MOST_BINS + 1];
    memcpy(next, first, sizeof next);
    for (int64_t v = 0; v < crop->count; v++)
        room[next[bin_of(state, v)]++] = crop->hu[v];
    out->n = 0;
    const double contrast = state->value[RS_FIT_CONTRAST];
    for (int b = 0; b < MOST_BINS; b++) {
        int64_t n = first[b + 1] - first[b];
        if (n < LEAST_IN_BIN && b > 2) break;
        out->hu[b] = n > 0 ? rs_quantile(room + first[b], n, 0.5) : (double)NAN;
        double off = (b + 0.5) * BIN_MM / sqrt(3.0); /* along the diagonal: between plane and axis */
        rs_sphere_value ball;
        rs_sphere_at(&state->sphere, (double[3]){off, off, off}, &ball);
        out->hu[b] -= contrast * ball.s;
        out->n = b + 1;
    }
}

/* Radius at which the halo around the present ball has fallen to half; 0: there is none. */
static double halo_radius(const rs_fit_state *state, const shells *p, double *halo_hu, double *background_hu)
{
    double edge = exp(state->value[RS_FIT_LN_R]) + HALO_FROM * state->psf.in_plane_mm;
    int from = (int)(edge / BIN_MM);
    double low = INFINITY;
    for (int b = from; b < p->n; b++)
        low = fmin(low, p->hu[b]);
    if (from + 2 >= p->n || !(p->hu[from] - low > HALO_HU)) return 0.0;
    double half = low + 0.5 * (p->hu[from] - low);
    int b = from;
    while (b < p->n && p->hu[b] > half)
        b++;
    *halo_hu = p->hu[from];
    *background_hu = low;
    return b * BIN_MM;
}

/* Squares of the errors inside the zone, beyond a radius around a centre, over those that noise makes. */
static double squares_beyond(const rs_fit_state *state, const double centre_mm[3], double radius_mm)
{
    double sum = 0.0, noise2 = state->noise_hu * state->noise_hu;
    for (int64_t v = 0; v < state->n; v++) {
        const rs_fit_voxel *voxel = &state->voxels[v];
        double r2 = 0.0;
        for (int a = 0; a < 3; a++)
            r2 += (voxel->at_mm[a] - centre_mm[a]) * (voxel->at_mm[a] - centre_mm[a]);
        if (voxel->inside && r2 >= radius_mm * radius_mm) sum += voxel->error_hu * voxel->error_hu - noise2;
    }
    return sum;
}

static bool begin_in_halo(rs_fit_state *state, float *room)
{
    shells p;
    double halo_hu, background_hu;
    take_profile(state, room, &p);
    double radius = halo_radius(state, &p, &halo_hu, &background_hu);
    if (radius <= 0.0 || 2.0 * radius < state->request->settings->fit_release_mm) return false;
    double *value = state->value, top = value[RS_FIT_BACKGROUND] + value[RS_FIT_CONTRAST];
    memcpy(value + RS_FIT_CORE_X, value, 3 * sizeof *value);
    value[RS_FIT_CORE_LN_R] = value[RS_FIT_LN_R];
    value[RS_FIT_LN_R] = log(fmin(fmax(radius, 1.15 * exp(value[RS_FIT_LN_R])), state->largest_radius_mm));
    value[RS_FIT_BACKGROUND] = background_hu;
    value[RS_FIT_CONTRAST] = fmin(fmax(halo_hu - background_hu, 150.0), 500.0);
    value[RS_FIT_CORE_CONTRAST] = fmax(top - background_hu - value[RS_FIT_CONTRAST], 200.0);
    state->use_prior = false;
    return true;
}

/* What fits badly inside has another core: brighter or darker by the sign of the error in the middle. */
static bool begin_inside(rs_fit_state *state)
{
    double *value = state->value, error = 0.0, weight = 0.0;
    if (rs_fit_misfit(state) < LEAST_MISFIT) return false;
    for (int64_t v = 0; v < state->n; v++) {
        const rs_fit_voxel *voxel = &state->voxels[v];
        double r2 = 0.0, half = 0.5 * exp(value[RS_FIT_LN_R]);
        for (int a = 0; a < 3; a++)
            r2 += (voxel->at_mm[a] - value[a]) * (voxel->at_mm[a] - value[a]);
        if (r2 > half * half) continue;
        error += voxel->error_hu;
        weight += 1.0;
    }
    if (weight <= 0.0) return false;
    memcpy(value + RS_FIT_CORE_X, value, 3 * sizeof *value);
    value[RS_FIT_CORE_LN_R] = value[RS_FIT_LN_R] + log(0.55);
    value[RS_FIT_CORE_CONTRAST] = error < 0.0 ? -300.0 : 300.0;
    /* Around lime lies soft tissue. */
    const rs_measure_profile *expected = state->request->profile;
    const double sd = expected->contrast_prior_sd_hu;
    if (isfinite(sd) && sd > 0.0 && value[RS_FIT_CONTRAST] > expected->contrast_prior_hu + 2.0 * sd) {
        value[RS_FIT_CORE_CONTRAST] += value[RS_FIT_CONTRAST] - expected->contrast_prior_hu;
        value[RS_FIT_CONTRAST] = expected->contrast_prior_hu;
        state->use_prior = true;
    }
    return true;
}

static bool is_sound(const rs_fit_state *state)
{
    const double *value = state->value;
    double core = value[RS_FIT_CORE_CONTRAST], shell = value[RS_FIT_CONTRAST];
    double share = exp(value[RS_FIT_CORE_LN_R] - value[RS_FIT_LN_R]);
    return fabs(core) >= LEAST_CORE_HU && shell >= HALO_HU && share < 0.9 &&
           exp(value[RS_FIT_LN_R]) < 0.99 * state->largest_radius_mm;
}

/* Both models over the same voxels, of a halo those outside the ball; leaves the better one's values and number of
   unknowns. kept: those of the ball. */
static bool explains_better(rs_fit_state *state, const double kept[RS_FIT_UNKNOWNS], bool halo)
{
    double found[RS_FIT_UNKNOWNS];
    double beyond = halo ? exp(kept[RS_FIT_LN_R]) + HALO_FROM * state->psf.in_plane_mm : 0.0;
    rs_fit_settle(state);
    double with_core = squares_beyond(state, kept, beyond);
    memcpy(found, state->value, sizeof found);
    memcpy(state->value, kept, sizeof found);
    state->n_unknowns = RS_FIT_OF_BALL;
    rs_fit_evaluate(state);
    double without = squares_beyond(state, kept, beyond);
    bool faint = found[RS_FIT_CONTRAST] < state->request->settings->fit_contrast_low_hu;
    double gain = halo ? HALO_GAIN : faint ? FAINT_GAIN : CORE_GAIN;
    if (without <= 0.0 || with_core >= (1.0 - gain) * without) return false;
    memcpy(state->value, found, sizeof found);
    state->n_unknowns = RS_FIT_UNKNOWNS;
    return true;
}

/* A few steps tell most of what comes to nothing. */
static bool promises(rs_fit_state *state)
{
    rs_fit_window(state);
    rs_fit_evaluate(state);
    rs_fit_weights(state, true);
    rs_fit_solve(state, FIRST_STEPS);
    return is_sound(state);
}

bool rs_fit_try_core(rs_fit_state *state, float *room)
{
    double kept[RS_FIT_UNKNOWNS];
    const bool prior = state->use_prior;
    bool better = false;
    memcpy(kept, state->value, sizeof kept);
    for (int way = 0; way < 2 && !better; way++) {
        if (way == 0 ? begin_in_halo(state, room) : begin_inside(state)) {
            state->n_unknowns = RS_FIT_UNKNOWNS;
            better = promises(state) && rs_fit_run(state, true, room) == NULL && is_sound(state) &&
                     explains_better(state, kept, way == 0);
            if (better) break;
        }
        state->n_unknowns = RS_FIT_OF_BALL;
        state->use_prior = prior;
        memcpy(state->value, kept, sizeof kept);
        rs_fit_settle(state);
    }
    rs_fit_settle(state);
    return better;
}
