/* What a ball with a core has to explain better than the ball alone. */
#include <math.h>
#include <string.h>

#include "core.h"

#define CORE_GAIN 0.35   /* of the squares beyond those of the noise, where the shell is soft tissue */
#define FAINT_GAIN 0.8   /* where it is fainter: whatever is not round looks so */
#define LIME_LOSS 0.02   /* of the squares, that lime in soft tissue may explain worse than lime alone */
#define GLASS_GAIN 0.2   /* least of the squares, for ground glass */
#define GLASS_SLOPE 0.33 /* of what may be left for it, see has_glass */
#define GLASS_END 1.1
#define GLASS_FIRST_HOPE 0.95   /* after a few steps, of the squares */
#define GLASS_HOPE 0.9          /* after some more */
#define GLASS_HOPE_OF_BOTH 0.35 /* squares times medians */
#define INSIDE_HOPE 0.75
#define DOUBT 2.0      /* times as much may be left where the shell is not taken, but not excluded either */
#define GLASS_HU 200.0 /* by which its core may be off soft tissue */

/* Squares of the errors beyond those that noise makes: of the zone that is never down-weighted, or up to a radius. */
static double squares(const rs_fit_state *state, const double centre_mm[3], double radius_mm)
{
    double sum = 0.0, noise2 = state->noise_hu * state->noise_hu;
    for (int64_t v = 0; v < state->n; v++) {
        const rs_fit_voxel *voxel = &state->voxels[v];
        double r2 = 0.0;
        for (int a = 0; a < 3; a++)
            r2 += (voxel->at_mm[a] - centre_mm[a]) * (voxel->at_mm[a] - centre_mm[a]);
        if (r2 <= radius_mm * radius_mm) sum += voxel->error_hu * voxel->error_hu - noise2;
    }
    return sum;
}

/* Errors of the ball with a core and of the ball alone, over the same voxels. */
typedef struct merit {
    double zone[2], squares[2], medians[2]; /* with the core, without */
} merit;

static void add_merit(const rs_fit_state *state, const double at[RS_FIT_UNKNOWNS], double reach, float *room, int which,
                      merit *out)
{
    out->squares[which] = squares(state, at, reach);
    out->medians[which] = rs_shells_squares(state, at, reach, room);
    out->zone[which] = 0.0;
    for (int64_t v = 0; v < state->n; v++)
        if (state->voxels[v].inside)
            out->zone[which] +=
                state->voxels[v].error_hu * state->voxels[v].error_hu - state->noise_hu * state->noise_hu;
}

/* Ground glass around a core lies on all sides: it takes the errors from the medians over all directions as from all
   voxels. What is left of both, multiplied, may be the more, the less the core looks like what the ball had caught: a
   neighbour or a second edge by motion leaves the ball as it is. */
static bool has_glass(rs_fit_state *state, const double found[RS_FIT_UNKNOWNS], const double kept[RS_FIT_UNKNOWNS],
                      const merit *m)
{
    const struct rs_measure_settings *s = state->request->settings;
    double core_hu = found[RS_FIT_BACKGROUND] + found[RS_FIT_CONTRAST] + found[RS_FIT_CORE_CONTRAST];
    if (found[RS_FIT_CONTRAST] >= s->fit_contrast_low_hu || found[RS_FIT_CORE_CONTRAST] < 0.0) return false;
    if (fabs(core_hu - s->fit_soft_hu) > GLASS_HU || m->squares[1] <= 0.0 || m->medians[1] <= 0.0) return false;
    double left = fmax(m->squares[0] / m->squares[1], 0.0), of_medians = m->medians[0] / m->medians[1];
    double same = exp(found[RS_FIT_CORE_LN_R] - kept[RS_FIT_LN_R]), most = GLASS_SLOPE * (GLASS_END - same);
    if (left >= 1.0 - GLASS_GAIN || left * of_medians >= DOUBT * most) return false;
    if (left * of_medians < most) return true;
    state->doubt_mm = fmax(state->doubt_mm, 2.0 * exp(found[RS_FIT_LN_R]));
    return false;
}

static bool explains_better(rs_fit_state *state, const double found[RS_FIT_UNKNOWNS],
                            const double kept[RS_FIT_UNKNOWNS], rs_core_way by, const merit *m)
{
    if (by == RS_CORE_IN_GLASS || by == RS_CORE_IN_HALO) return has_glass(state, found, kept, m);
    if (by == RS_CORE_IN_LIME) return m->squares[0] <= (1.0 + LIME_LOSS) * m->squares[1];
    bool faint = found[RS_FIT_CONTRAST] < state->request->settings->fit_contrast_low_hu;
    return m->zone[1] > 0.0 && m->zone[0] < (1.0 - (faint ? FAINT_GAIN : CORE_GAIN)) * m->zone[1];
}

/* Leaves the ball with its core as it was; kept: the values of the ball alone. */
static void weigh(rs_fit_state *state, const double kept[RS_FIT_UNKNOWNS], float *room, merit *out)
{
    double found[RS_FIT_UNKNOWNS], reach;
    rs_fit_settle(state);
    memcpy(found, state->value, sizeof found);
    reach = exp(found[RS_FIT_LN_R]) + 0.5 * state->psf.in_plane_mm;
    add_merit(state, found, reach, room, 0, out);
    memcpy(state->value, kept, sizeof found);
    state->n_unknowns = RS_FIT_OF_BALL;
    rs_fit_evaluate(state);
    add_merit(state, found, reach, room, 1, out);
    memcpy(state->value, found, sizeof found);
    state->n_unknowns = RS_FIT_UNKNOWNS;
}

bool rs_core_promises(rs_fit_state *state, const double kept[RS_FIT_UNKNOWNS], rs_core_way by, int round, float *room)
{
    merit m;
    if (by == RS_CORE_IN_LIME) return true;
    weigh(state, kept, room, &m);
    if (by == RS_CORE_INSIDE) return m.zone[0] < INSIDE_HOPE * m.zone[1];
    if (round == 0) return m.squares[0] < GLASS_FIRST_HOPE * m.squares[1];
    double left = m.squares[0] / m.squares[1];
    return left < GLASS_HOPE && left * m.medians[0] < GLASS_HOPE_OF_BOTH * m.medians[1];
}

bool rs_core_is_better(rs_fit_state *state, const double kept[RS_FIT_UNKNOWNS], rs_core_way by, float *room)
{
    merit m;
    weigh(state, kept, room, &m);
    return explains_better(state, state->value, kept, by, &m);
}
