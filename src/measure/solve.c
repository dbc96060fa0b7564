/* Weighted least squares of ball, contrast and background: Levenberg-Marquardt with the analytic Jacobian (science
 * C9.4). */
#include <math.h>
#include <string.h>

#include "window.h"

#define N RS_FIT_UNKNOWNS
#define CORE_OFF 0.25   /* SD of the core's place, of the radius */
#define CORE_SHARE 0.55 /* of the radius: middle of what cores have */
#define CORE_LN_SD 0.5
#define SOFT_SD_HU 0.5     /* beside the noise of all voxels: as good as fixed */
#define MOST_LN_R_STEP 0.4 /* science C9.4 */
#define REST_MM 2e-4
#define REST_LN_R 5e-5

/* Weighted squares of one voxel into the sums. */
static void add_voxel(rs_fit_state *state, const rs_fit_voxel *voxel, double w)
{
    const double *jac = voxel->jacobian;
    state->cost += w * voxel->error_hu * voxel->error_hu;
    for (int r = 0; r < state->n_unknowns; r++) {
        state->gradient[r] += w * jac[r] * voxel->error_hu;
        for (int c = 0; c <= r; c++)
            state->normal[r][c] += w * jac[r] * jac[c];
    }
}

/* Derivatives by place and radius of one ball of the model; its value. */
static double add_ball(const rs_sphere *sphere, const double value[4], double contrast, const double at_mm[3],
                       double *jac)
{
    double point[3];
    rs_sphere_value at;
    for (int a = 0; a < 3; a++)
        point[a] = at_mm[a] - value[a];
    rs_sphere_at(sphere, point, &at);
    for (int a = 0; a < 3; a++)
        jac[a] = -contrast * at.by[a];
    jac[RS_FIT_LN_R] = contrast * at.by_radius * sphere->radius_mm;
    return at.s;
}

/* A Gaussian prior on the difference of two unknowns. */
static void add_difference(rs_fit_state *state, int one, int other, double expected, double sd)
{
    double p = 1.0 / (sd * sd), off = expected - (state->value[one] - state->value[other]);
    state->cost += p * off * off;
    state->gradient[one] += p * off;
    state->gradient[other] -= p * off;
    state->normal[one][one] += p;
    state->normal[other][other] += p;
    state->normal[one > other ? one : other][one > other ? other : one] -= p;
}

/* Background and contrast of the shell make soft tissue. */
static void add_soft_shell(rs_fit_state *state)
{
    double p = 1.0 / (SOFT_SD_HU * SOFT_SD_HU), *g = state->gradient;
    double off =
        state->request->settings->fit_soft_hu - state->value[RS_FIT_BACKGROUND] - state->value[RS_FIT_CONTRAST];
    state->cost += p * off * off;
    g[RS_FIT_CONTRAST] += p * off;
    g[RS_FIT_BACKGROUND] += p * off;
    state->normal[RS_FIT_CONTRAST][RS_FIT_CONTRAST] += p;
    state->normal[RS_FIT_BACKGROUND][RS_FIT_BACKGROUND] += p;
    state->normal[RS_FIT_BACKGROUND][RS_FIT_CONTRAST] += p;
}

static void add_priors(rs_fit_state *state)
{
    if (state->use_prior) {
        const rs_measure_profile *profile = state->request->profile;
        double p = 1.0 / (profile->contrast_prior_sd_hu * profile->contrast_prior_sd_hu);
        double off = profile->contrast_prior_hu - state->value[RS_FIT_CONTRAST];
        state->cost += p * off * off;
        state->gradient[RS_FIT_CONTRAST] += p * off;
        state->normal[RS_FIT_CONTRAST][RS_FIT_CONTRAST] += p;
    }
    if (state->n_unknowns == RS_FIT_OF_BALL) return;
    if (state->soft_shell) add_soft_shell(state);
    double off_mm = CORE_OFF * state->sphere.radius_mm;
    for (int a = 0; a < 3; a++)
        add_difference(state, RS_FIT_CORE_X + a, RS_FIT_X + a, 0.0, off_mm);
    add_difference(state, RS_FIT_CORE_LN_R, RS_FIT_LN_R, log(CORE_SHARE), CORE_LN_SD);
}

void rs_fit_evaluate(rs_fit_state *state)
{
    const double *value = state->value;
    const bool has_core = state->n_unknowns > RS_FIT_OF_BALL;
    double contrast = value[RS_FIT_CONTRAST], core = value[RS_FIT_CORE_CONTRAST];
    double precision = 1.0 / (state->noise_hu * state->noise_hu);
    memset(state->normal, 0, sizeof state->normal);
    memset(state->gradient, 0, sizeof state->gradient);
    state->cost = 0.0;
    rs_sphere_set_radius(&state->sphere, exp(value[RS_FIT_LN_R]));
    if (has_core) rs_sphere_set_radius(&state->core, exp(value[RS_FIT_CORE_LN_R]));
    for (int64_t v = 0; v < state->n; v++) {
        rs_fit_voxel *voxel = &state->voxels[v];
        double *jac = voxel->jacobian;
        jac[RS_FIT_CONTRAST] = add_ball(&state->sphere, value, contrast, voxel->at_mm, jac);
        jac[RS_FIT_BACKGROUND] = 1.0;
        voxel->error_hu = voxel->hu - value[RS_FIT_BACKGROUND] - contrast * jac[RS_FIT_CONTRAST];
        if (has_core) {
            jac[RS_FIT_CORE_CONTRAST] =
                add_ball(&state->core, value + RS_FIT_CORE_X, core, voxel->at_mm, jac + RS_FIT_CORE_X);
            voxel->error_hu -= core * jac[RS_FIT_CORE_CONTRAST];
        }
        double w = voxel->weight * precision;
        if (w > 0.0) add_voxel(state, voxel, w);
    }
    add_priors(state);
    for (int r = 0; r < state->n_unknowns; r++)
        for (int c = r + 1; c < state->n_unknowns; c++)
            state->normal[r][c] = state->normal[c][r];
}

/* Lower triangle of the Cholesky factor. */
static bool factor(const rs_fit_matrix a, int n, rs_fit_matrix l)
{
    for (int r = 0; r < n; r++)
        for (int c = 0; c <= r; c++) {
            double sum = a[r][c];
            for (int m = 0; m < c; m++)
                sum -= l[r][m] * l[c][m];
            if (r != c)
                l[r][c] = sum / l[c][c];
            else if (sum > 1e-12 * fabs(a[r][r]) && isfinite(sum))
                l[r][r] = sqrt(sum);
            else
                return false;
        }
    return true;
}

static void back_substitute(const rs_fit_matrix l, int n, const double in[N], double out[N])
{
    for (int r = 0; r < n; r++) {
        double sum = in[r];
        for (int m = 0; m < r; m++)
            sum -= l[r][m] * out[m];
        out[r] = sum / l[r][r];
    }
    for (int r = n - 1; r >= 0; r--) {
        double sum = out[r];
        for (int m = r + 1; m < n; m++)
            sum -= l[m][r] * out[m];
        out[r] = sum / l[r][r];
    }
}

bool rs_fit_invert(const rs_fit_matrix a, int n, rs_fit_matrix out)
{
    rs_fit_matrix l;
    if (!factor(a, n, l)) return false;
    for (int c = 0; c < n; c++) {
        double unit[N] = {0}, column[N];
        unit[c] = 1.0;
        back_substitute(l, n, unit, column);
        for (int r = 0; r < n; r++)
            out[r][c] = column[r];
    }
    return true;
}

/* The core lies in the ball: a second ball beside the first would be a neighbour. */
static void bound_core(double value[N])
{
    double *core = value + RS_FIT_CORE_X, off = 0.0;
    value[RS_FIT_CORE_LN_R] = fmin(fmax(value[RS_FIT_CORE_LN_R], log(0.2)), value[RS_FIT_LN_R] - 0.05);
    double most = exp(value[RS_FIT_LN_R]) - exp(value[RS_FIT_CORE_LN_R]);
    for (int a = 0; a < 3; a++)
        off += (core[a] - value[a]) * (core[a] - value[a]);
    off = sqrt(off);
    if (off <= most) return;
    for (int a = 0; a < 3; a++)
        core[a] = value[a] + (core[a] - value[a]) * most / off;
}

/* Keeps the centre within reach of where the fit began, the radius in what the tables hold, the core in the ball. */
static void bound(const rs_fit_state *state, double value[N])
{
    const double *start = state->request->start_mm;
    double far = 0.0;
    for (int a = 0; a < 3; a++)
        far += (value[a] - start[a]) * (value[a] - start[a]);
    far = sqrt(far);
    if (far > state->centre_reach_mm)
        for (int a = 0; a < 3; a++)
            value[a] = start[a] + (value[a] - start[a]) * state->centre_reach_mm / far;
    value[RS_FIT_LN_R] = fmin(fmax(value[RS_FIT_LN_R], log(0.2)), log(state->largest_radius_mm));
    if (state->n_unknowns > RS_FIT_OF_BALL) bound_core(value);
}

static bool step(const rs_fit_state *state, double lambda, double value[N])
{
    const int n = state->n_unknowns, ln_r[2] = {RS_FIT_LN_R, RS_FIT_CORE_LN_R};
    rs_fit_matrix damped, l;
    double delta[N] = {0};
    memcpy(damped, state->normal, sizeof damped);
    for (int r = 0; r < n; r++)
        damped[r][r] *= 1.0 + lambda;
    if (!factor(damped, n, l)) return false;
    back_substitute(l, n, state->gradient, delta);
    for (int b = 0; b < 2; b++)
        delta[ln_r[b]] = fmin(fmax(delta[ln_r[b]], -MOST_LN_R_STEP), MOST_LN_R_STEP);
    for (int r = 0; r < N; r++)
        value[r] = state->value[r] + delta[r];
    bound(state, value);
    return true;
}

static bool at_rest(const double before[N], const double after[N])
{
    for (int a = 0; a < 3; a++)
        if (fabs(after[a] - before[a]) > REST_MM) return false;
    return fabs(after[RS_FIT_LN_R] - before[RS_FIT_LN_R]) < REST_LN_R;
}

bool rs_fit_solve(rs_fit_state *state, int most_steps)
{
    double lambda = 1e-3;
    rs_fit_evaluate(state);
    for (int s = 0; s < most_steps; s++) {
        double before[N], next[N], cost = state->cost;
        memcpy(before, state->value, sizeof before);
        if (!step(state, lambda, next)) {
            lambda = lambda * 10.0 + 1e-6;
            if (lambda > 1e6) return false;
            continue;
        }
        memcpy(state->value, next, sizeof next);
        rs_fit_evaluate(state);
        if (state->cost <= cost) {
            lambda *= 0.2;
            if (at_rest(before, next)) return true;
            continue;
        }
        bool tiny = at_rest(before, next);
        memcpy(state->value, before, sizeof before);
        rs_fit_evaluate(state);
        if (tiny) return true;
        lambda = fmax(lambda * 8.0, 1e-4);
    }
    return false;
}
