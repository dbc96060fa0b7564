/* A ball with another in it: the solid core of ground glass, lime in the middle, a cavity. A single ball would catch
   the core, or nothing, or something between. */
#include <math.h>
#include <string.h>

#include "core.h"

#define FIRST_STEPS 6
#define REST_LN_R 0.02 /* of the shell, between two runs: beside its error nothing */
#define RUNS 2         /* of the passes: a thin shell is slow to come to rest */
#define LEAST_CORE_HU 120.0
#define LEAST_SHELL_HU 60.0 /* of ground glass over dense lung */
#define LARGEST_CORE 0.9    /* of the radius: the rest is no shell */
#define HALO_HU 35.0      /* of medians beside the ball over those further off, where ground glass may lie around it */
#define LIME_SHORT 0.1    /* of the contrast, by which the middle may be less bright than its ball */
#define GLASS_MISFIT 0.15 /* RMS over contrast, where the ball may be a mixture of glass and core */
#define LEAST_MISFIT 0.05 /* from which there is something to explain inside */

/* Radius at which the halo around the present ball has fallen to half; 0: there is none. */
static double halo_radius(const rs_fit_state *state, const rs_shells *p, double *halo_hu, double *background_hu)
{
    const int from = rs_shells_edge(state);
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
    return b * RS_SHELL_MM;
}

static double top_hu(const double value[RS_FIT_UNKNOWNS])
{
    return value[RS_FIT_BACKGROUND] + value[RS_FIT_CONTRAST];
}

/* Ball and core around the present centre. */
static void place(rs_fit_state *state, double radius_mm, double core_mm, double shell_hu, double core_hu)
{
    double *value = state->value;
    memcpy(value + RS_FIT_CORE_X, value, 3 * sizeof *value);
    value[RS_FIT_CORE_LN_R] = log(core_mm);
    value[RS_FIT_LN_R] = log(fmin(radius_mm, state->largest_radius_mm));
    value[RS_FIT_CONTRAST] = shell_hu;
    value[RS_FIT_CORE_CONTRAST] = core_hu;
}

/* Beside other tissue there is neither ground glass nor an edge that lime could hide. */
static bool lies_in_air(const rs_fit_state *state)
{
    return state->value[RS_FIT_BACKGROUND] < state->request->settings->density_solid_hu;
}

/* Mean error within half the radius; NaN where no voxel lies there. */
static double middle_error(const rs_fit_state *state)
{
    const double *value = state->value, half = 0.5 * exp(value[RS_FIT_LN_R]);
    double error = 0.0;
    int64_t n = 0;
    for (int64_t v = 0; v < state->n; v++) {
        const rs_fit_voxel *voxel = &state->voxels[v];
        double r2 = 0.0;
        for (int a = 0; a < 3; a++)
            r2 += (voxel->at_mm[a] - value[a]) * (voxel->at_mm[a] - value[a]);
        if (r2 > half * half) continue;
        error += voxel->error_hu;
        n++;
    }
    return n > 0 ? error / (double)n : (double)NAN;
}

/* Lime outshines the soft tissue around it: the ball ends between the two edges. */
static bool begin_in_lime(rs_fit_state *state)
{
    const struct rs_measure_settings *s = state->request->settings;
    const double top = top_hu(state->value), radius = exp(state->value[RS_FIT_LN_R]);
    if (top < s->fit_lime_hu || !lies_in_air(state)) return false;
    /* A ball under another PSF than its own can be brighter than anything in the image. */
    if (!(middle_error(state) > -LIME_SHORT * state->value[RS_FIT_CONTRAST])) return false;
    place(state, 1.06 * radius, 0.9 * radius, s->fit_soft_hu - state->value[RS_FIT_BACKGROUND],
          (top - s->fit_soft_hu) / 0.6);
    state->soft_shell = true;
    state->use_prior = false;
    return true;
}

static bool begin_in_glass(rs_fit_state *state, const rs_shells *shells)
{
    if (!lies_in_air(state)) return false;
    if (rs_shells_halo(state, shells) < HALO_HU && rs_fit_misfit(state) < GLASS_MISFIT) return false;
    const double radius = exp(state->value[RS_FIT_LN_R]);
    place(state, 1.3 * radius, 0.8 * radius, 280.0, 600.0);
    state->use_prior = false;
    return true;
}

static bool begin_in_halo(rs_fit_state *state, const rs_shells *shells)
{
    double halo_hu, background_hu, top = top_hu(state->value), ball = exp(state->value[RS_FIT_LN_R]);
    double radius = halo_radius(state, shells, &halo_hu, &background_hu);
    if (!lies_in_air(state) || radius <= 0.0 || 2.0 * radius < state->request->settings->fit_release_mm) return false;
    double shell = fmin(fmax(halo_hu - background_hu, 150.0), 500.0);
    place(state, fmax(radius, 1.15 * ball), ball, shell, fmax(top - background_hu - shell, 200.0));
    state->value[RS_FIT_BACKGROUND] = background_hu;
    state->use_prior = false;
    return true;
}

/* What fits badly inside has another core: brighter or darker by the sign of the error in the middle. */
static bool begin_inside(rs_fit_state *state)
{
    if (rs_fit_misfit(state) < LEAST_MISFIT) return false;
    const double error = middle_error(state), radius = exp(state->value[RS_FIT_LN_R]);
    if (isnan(error)) return false;
    place(state, radius, 0.55 * radius, state->value[RS_FIT_CONTRAST], error < 0.0 ? -300.0 : 300.0);
    return true;
}

static bool is_sound(const rs_fit_state *state, rs_core_way by)
{
    const double *value = state->value;
    double core = value[RS_FIT_CORE_CONTRAST], shell = value[RS_FIT_CONTRAST];
    double share = exp(value[RS_FIT_CORE_LN_R] - value[RS_FIT_LN_R]);
    if (exp(value[RS_FIT_LN_R]) >= 0.99 * state->largest_radius_mm) return false;
    if (by == RS_CORE_IN_LIME) return core > 0.0; /* how thin its shell is nobody sees */
    return fabs(core) >= LEAST_CORE_HU && shell >= LEAST_SHELL_HU && share < LARGEST_CORE;
}

/* A few steps tell most of what comes to nothing. */
static bool promises(rs_fit_state *state, const double kept[RS_FIT_UNKNOWNS], rs_core_way by, float *room)
{
    for (int round = 0; round < 2; round++) {
        rs_fit_window(state);
        rs_fit_evaluate(state);
        rs_fit_weights(state, true);
        rs_fit_solve(state, FIRST_STEPS);
        if (!is_sound(state, by) || !rs_core_promises(state, kept, by, round, room)) return false;
        if (by == RS_CORE_IN_LIME || by == RS_CORE_INSIDE) return true;
    }
    return true;
}

static bool comes_to_rest(rs_fit_state *state, rs_core_way by, float *room)
{
    double last = INFINITY;
    for (int run = 0; run < RUNS; run++) {
        const char *reason = rs_fit_run(state, true, room);
        double ln_r = state->value[RS_FIT_LN_R];
        if (!is_sound(state, by)) return false;
        if (!reason || fabs(ln_r - last) < REST_LN_R) return true;
        if (strcmp(reason, "did not converge") != 0) return false;
        last = ln_r;
    }
    return false;
}

static bool begin(rs_fit_state *state, rs_core_way by, const rs_shells *shells)
{
    switch (by) {
    case RS_CORE_IN_LIME:
        return begin_in_lime(state);
    case RS_CORE_IN_GLASS:
        return begin_in_glass(state, shells);
    case RS_CORE_IN_HALO:
        return begin_in_halo(state, shells);
    default:
        return begin_inside(state);
    }
}

bool rs_fit_try_core(rs_fit_state *state, float *room)
{
    double kept[RS_FIT_UNKNOWNS];
    const bool prior = state->use_prior;
    rs_shells shells;
    /* Beside the wall no shell is seen whole, and what the fit says of it does not count (decide.c). */
    if (state->request->on_wall) return false;
    memcpy(kept, state->value, sizeof kept);
    rs_shells_take(state, room, &shells);
    for (rs_core_way by = 0; by < RS_CORE_WAYS; by++) {
        if (begin(state, by, &shells)) {
            state->n_unknowns = RS_FIT_UNKNOWNS;
            if (promises(state, kept, by, room) && comes_to_rest(state, by, room) &&
                rs_core_is_better(state, kept, by, room)) {
                rs_fit_settle(state);
                return true;
            }
        }
        state->n_unknowns = RS_FIT_OF_BALL;
        state->use_prior = prior;
        state->soft_shell = false;
        memcpy(state->value, kept, sizeof kept);
        rs_fit_settle(state);
    }
    return false;
}
