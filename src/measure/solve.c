/* Weighted least squares of ball, contrast and background: Levenberg-Marquardt with the analytic Jacobian (science
 * C9.4). */
#include <math.h>
#include <string.h>

#include "window.h"

#define N RS_FIT_UNKNOWNS
#define MOST_LN_R_STEP 0.4 /* science C9.4 */
#define REST_MM 2e-4
#define REST_LN_R 5e-5

void rs_fit_evaluate(rs_fit_state *state)
{
    const double *value = state->value;
    double radius = exp(value[RS_FIT_LN_R]), contrast = value[RS_FIT_CONTRAST];
    double precision = 1.0 / (state->noise_hu * state->noise_hu);
    memset(state->normal, 0, sizeof state->normal);
    memset(state->gradient, 0, sizeof state->gradient);
    state->cost = 0.0;
    rs_sphere_set_radius(&state->sphere, radius);
    for (int64_t v = 0; v < state->n; v++) {
        rs_fit_voxel *voxel = &state->voxels[v];
        double point[3], *jac = voxel->jacobian;
        rs_sphere_value at;
        for (int a = 0; a < 3; a++)
            point[a] = voxel->at_mm[a] - value[a];
        rs_sphere_at(&state->sphere, point, &at);
        for (int a = 0; a < 3; a++)
            jac[a] = -contrast * at.by[a];
        jac[RS_FIT_LN_R] = contrast * at.by_radius * radius;
        jac[RS_FIT_CONTRAST] = at.s;
        jac[RS_FIT_BACKGROUND] = 1.0;
        voxel->error_hu = voxel->hu - value[RS_FIT_BACKGROUND] - contrast * at.s;
        double w = voxel->weight * precision;
        if (w <= 0.0) continue;
        state->cost += w * voxel->error_hu * voxel->error_hu;
        for (int r = 0; r < N; r++) {
            state->gradient[r] += w * jac[r] * voxel->error_hu;
            for (int c = 0; c <= r; c++)
                state->normal[r][c] += w * jac[r] * jac[c];
        }
    }
    if (state->use_prior) {
        const rs_measure_profile *profile = state->request->profile;
        double p = 1.0 / (profile->contrast_prior_sd_hu * profile->contrast_prior_sd_hu);
        double off = profile->contrast_prior_hu - contrast;
        state->cost += p * off * off;
        state->gradient[RS_FIT_CONTRAST] += p * off;
        state->normal[RS_FIT_CONTRAST][RS_FIT_CONTRAST] += p;
    }
    for (int r = 0; r < N; r++)
        for (int c = r + 1; c < N; c++)
            state->normal[r][c] = state->normal[c][r];
}

/* Lower triangle of the Cholesky factor. */
static bool factor(const rs_fit_matrix a, rs_fit_matrix l)
{
    for (int r = 0; r < N; r++)
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

static void back_substitute(const rs_fit_matrix l, const double in[N], double out[N])
{
    for (int r = 0; r < N; r++) {
        double sum = in[r];
        for (int m = 0; m < r; m++)
            sum -= l[r][m] * out[m];
        out[r] = sum / l[r][r];
    }
    for (int r = N - 1; r >= 0; r--) {
        double sum = out[r];
        for (int m = r + 1; m < N; m++)
            sum -= l[m][r] * out[m];
        out[r] = sum / l[r][r];
    }
}

bool rs_fit_invert(const rs_fit_matrix a, rs_fit_matrix out)
{
    rs_fit_matrix l;
    if (!factor(a, l)) return false;
    for (int c = 0; c < N; c++) {
        double unit[N] = {0}, column[N];
        unit[c] = 1.0;
        back_substitute(l, unit, column);
        for (int r = 0; r < N; r++)
            out[r][c] = column[r];
    }
    return true;
}

/* Keeps the centre within reach of where the fit began, and the radius in what the tables hold. */
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
}

static bool step(const rs_fit_state *state, double lambda, double value[N])
{
    rs_fit_matrix damped, l;
    double delta[N];
    memcpy(damped, state->normal, sizeof damped);
    for (int r = 0; r < N; r++)
        damped[r][r] *= 1.0 + lambda;
    if (!factor(damped, l)) return false;
    back_substitute(l, state->gradient, delta);
    delta[RS_FIT_LN_R] = fmin(fmax(delta[RS_FIT_LN_R], -MOST_LN_R_STEP), MOST_LN_R_STEP);
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
