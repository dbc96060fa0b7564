/* Diameter of the sphere whose image, blurred by the scan's PSF, fits best, with its 95 % interval (science C9.1-5). It
   knows no organ: contrast prior and largest size come with the profile. */
#include <math.h>
#include <string.h>

#include "window.h"

#define NOISE_UNKNOWN_HU 30.0
#define CENTRE_REACH_MM 2.5 /* science C9.4 */
#define MOST_STEPS 15
#define MOST_STEPS_OF_CORE 20
#define LEAST_VOXELS 20
#define Z95 1.96

static bool is_usable(double x)
{
    return isfinite(x) && x > 0.0;
}

void rs_fit_set_psf(rs_fit_state *state, const rs_psf *psf)
{
    rs_sphere_set_psf(&state->sphere, psf);
    rs_sphere_set_psf(&state->core, psf);
}

static void set_psf(rs_fit_state *state)
{
    const rs_psf *psf = &state->request->quality->psf;
    const double *spacing = state->request->crop->spacing_mm;
    state->psf.in_plane_mm = is_usable(psf->in_plane_mm) ? psf->in_plane_mm : 1.1;
    state->psf.axial_mm = is_usable(psf->axial_mm) ? psf->axial_mm : 1.05 * spacing[2];
    rs_fit_set_psf(state, &state->psf);
}

/* Room for the window of the largest ball. */
static int64_t most_voxels(const rs_fit_state *state)
{
    const rs_crop *crop = state->request->crop;
    const double *s = crop->spacing_mm;
    double in_plane = state->largest_radius_mm + 1.3 * state->psf.in_plane_mm + 1.0;
    double axial = state->largest_radius_mm + 1.1 * state->psf.axial_mm + 0.8;
    double most = 4.0 * M_PI / 3.0 * (in_plane + s[0]) * (in_plane + s[1]) * (axial + s[2]) / (s[0] * s[1] * s[2]);
    return (double)crop->count < most ? crop->count : (int64_t)most;
}

static rs_status begin(rs_context *ctx, const rs_fit_request *request, rs_arena *scratch, rs_fit_state *state)
{
    memset(state, 0, sizeof *state);
    state->request = request;
    state->largest_radius_mm = 0.75 * request->profile->largest_fit_mm;
    set_psf(state);
    double wider = 1.5 * state->psf.in_plane_mm; /* refits with other PSFs use the same table */
    state->sphere.capacity = (int)((state->largest_radius_mm + 6.0 * wider) / RS_SPHERE_STEP_MM) + 4;
    state->sphere.row = rs_arena_alloc_raw(scratch, (size_t)state->sphere.capacity, sizeof *state->sphere.row);
    state->core.capacity = state->sphere.capacity;
    state->core.row = rs_arena_alloc_raw(scratch, (size_t)state->core.capacity, sizeof *state->core.row);
    state->n_unknowns = RS_FIT_OF_BALL;
    state->capacity = most_voxels(state);
    state->voxels = RS_ARENA_RAW(scratch, rs_fit_voxel, state->capacity);
    if (!state->sphere.row || !state->core.row || !state->voxels) return rs_fail_memory(ctx, "the sphere fit");
    state->noise_known = is_usable(request->quality->noise_hu);
    state->noise_hu = state->noise_known ? fmax(request->quality->noise_hu, 1.0) : NOISE_UNKNOWN_HU;
    state->use_prior = is_usable(request->profile->contrast_prior_sd_hu);
    state->centre_reach_mm = fmax(CENTRE_REACH_MM, 0.5 * request->start_radius_mm);
    state->centre_searched = rs_crop_is_searched(request->crop, request->start_mm);
    for (int a = 0; a < 3; a++)
        state->value[a] = request->start_mm[a];
    state->value[RS_FIT_LN_R] = log(fmin(fmax(request->start_radius_mm, 0.5), state->largest_radius_mm));
    state->value[RS_FIT_CONTRAST] = request->start_contrast_hu;
    state->value[RS_FIT_BACKGROUND] = request->start_background_hu;
    return RS_OK;
}

/* Median absolute error outside the ball stands for a noise that nobody could measure. */
static void estimate_noise(rs_fit_state *state, float *room)
{
    int64_t n = 0;
    for (int64_t v = 0; v < state->n; v++)
        if (!state->voxels[v].inside) room[n++] = (float)fabs(state->voxels[v].error_hu);
    if (n > LEAST_VOXELS) state->noise_hu = fmax(1.4826 * rs_quantile(room, n, 0.5), 5.0);
}

static bool moved(const double before[RS_FIT_UNKNOWNS], const double after[RS_FIT_UNKNOWNS])
{
    for (int a = 0; a < 3; a++)
        if (fabs(after[a] - before[a]) > 2e-3) return true;
    return fabs(after[RS_FIT_LN_R] - before[RS_FIT_LN_R]) > 5e-4;
}

void rs_fit_settle(rs_fit_state *state)
{
    rs_fit_window(state);
    rs_fit_evaluate(state);
    rs_fit_weights(state, true);
}

const char *rs_fit_run(rs_fit_state *state, bool robust_from_start, float *room)
{
    bool rests = false;
    for (int pass = 0; pass < state->request->settings->fit_passes; pass++) {
        rs_fit_window(state);
        if (state->n < LEAST_VOXELS || state->window_share < 0.5) return "outside the image";
        rs_fit_evaluate(state);
        rs_fit_weights(state, pass > 0 || robust_from_start);
        double before[RS_FIT_UNKNOWNS];
        memcpy(before, state->value, sizeof before);
        rests = rs_fit_solve(state, state->n_unknowns > RS_FIT_OF_BALL ? MOST_STEPS_OF_CORE : MOST_STEPS);
        if (!state->noise_known) estimate_noise(state, room);
        if (2.0 * exp(state->value[RS_FIT_LN_R]) > 1.25 * state->request->profile->largest_fit_mm) return NULL;
        /* Nothing moved under these weights: another pass would take the same window and weights. */
        if (rests && (pass > 0 || robust_from_start) && !moved(before, state->value)) return NULL;
    }
    return rests ? NULL : "did not converge";
}

static double diameter_of(const rs_fit_state *state)
{
    return 2.0 * exp(state->value[RS_FIT_LN_R]) * state->request->settings->fit_diameter_factor;
}

/* Science C9.2: a free fit that is sure of another contrast drops the prior. */
static const char *release_prior(rs_fit_state *state, float *room, bool *dropped)
{
    const struct rs_measure_settings *s = state->request->settings;
    double first = diameter_of(state), start = 2.0 * state->request->start_radius_mm, kept[RS_FIT_UNKNOWNS];
    *dropped = false;
    if (!state->use_prior || fmax(first, start) < s->fit_release_mm) return NULL;
    memcpy(kept, state->value, sizeof kept);
    state->use_prior = false;
    const char *reason = rs_fit_run(state, true, room);
    double d = diameter_of(state), contrast = state->value[RS_FIT_CONTRAST];
    bool sure = !reason && d >= s->fit_release_mm && rs_sphere_peak(d, rs_psf_mean_mm(&state->psf)) > 0.95;
    if (sure && (contrast < s->fit_contrast_low_hu || contrast > s->fit_contrast_high_hu)) {
        *dropped = true;
        return NULL;
    }
    state->use_prior = true;
    memcpy(state->value, kept, sizeof kept);
    rs_fit_settle(state);
    return NULL;
}

static const char *judge(const rs_fit_state *state, const rs_fit *fit)
{
    const struct rs_measure_settings *s = state->request->settings;
    double far = 0.0;
    for (int a = 0; a < 3; a++) {
        double d = state->value[a] - state->request->start_mm[a];
        far += d * d;
    }
    if (fit->contrast_hu <= 0.0 || rs_fit_snr(state) < s->fit_snr_limit) return "lost in the noise";
    if (exp(state->value[RS_FIT_LN_R]) < 0.21) return "smaller than the resolution";
    if (sqrt(far) > 0.999 * state->centre_reach_mm) return "drifted away from the mark";
    if (fabs(fit->integral_mm / fit->diameter_mm - 1.0) > s->fit_shape_limit) return "shape";
    if (fit->misfit > s->fit_misfit_limit) return "shape";
    return NULL;
}

/* Square of the change of ln d when the PSF is wider by its error. */
static double psf_variance(rs_fit_state *state, double in_plane_factor, double axial_factor)
{
    rs_psf psf = {state->psf.in_plane_mm * in_plane_factor, state->psf.axial_mm * axial_factor};
    double kept[RS_FIT_UNKNOWNS];
    memcpy(kept, state->value, sizeof kept);
    rs_fit_set_psf(state, &psf);
    rs_fit_solve(state, MOST_STEPS);
    double change = state->value[RS_FIT_LN_R] - kept[RS_FIT_LN_R];
    memcpy(state->value, kept, sizeof kept);
    rs_fit_set_psf(state, &state->psf);
    return change * change;
}

static double error_or(double error, double otherwise)
{
    return is_usable(error) ? fmin(error, 0.45) : otherwise;
}

static void set_interval(rs_fit_state *state, float *field, rs_fit *fit)
{
    const rs_fit_request *request = state->request;
    const rs_psf *error = &request->quality->psf_error;
    fit->sd_noise = sqrt(rs_fit_noise_variance(state, field));
    double by_in_plane = psf_variance(state, 1.0 + error_or(error->in_plane_mm, 0.06), 1.0);
    double by_axial = psf_variance(state, 1.0, 1.0 + error_or(error->axial_mm, 0.08));
    fit->sd_psf = sqrt(by_in_plane + by_axial);
    fit->sd_model = rs_fit_model_sd(state, fit->diameter_mm);
    double sd = sqrt(fit->sd_noise * fit->sd_noise + fit->sd_psf * fit->sd_psf + fit->sd_model * fit->sd_model);
    fit->low_mm = fit->diameter_mm * exp(-Z95 * sd);
    fit->high_mm = fit->diameter_mm * exp(Z95 * sd);
    if (!fit->has_core && state->doubt_mm > fit->diameter_mm)
        fit->doubt_mm = state->doubt_mm * exp(Z95 * fmax(sd, request->settings->fit_floor_matter));
    if (!isfinite(sd)) fit->reason = "did not converge";
}

static void take_values(rs_fit_state *state, rs_fit *fit)
{
    rs_sphere_value peak;
    rs_fit_evaluate(state);
    rs_sphere_at(&state->sphere, (double[3]){0, 0, 0}, &peak);
    memcpy(fit->centre_mm, state->value, sizeof fit->centre_mm);
    fit->contrast_hu = state->value[RS_FIT_CONTRAST];
    fit->has_core = state->n_unknowns > RS_FIT_OF_BALL;
    if (fit->has_core) {
        fit->core_hu = state->value[RS_FIT_CORE_CONTRAST];
        fit->core_mm = 2.0 * exp(state->value[RS_FIT_CORE_LN_R]);
    }
    fit->background_hu = state->value[RS_FIT_BACKGROUND];
    fit->diameter_mm = diameter_of(state);
    fit->peak_share = peak.s;
    fit->misfit = rs_fit_misfit(state);
    /* The integral holds for one contrast only. */
    fit->integral_mm = fit->diameter_mm * (fit->has_core ? 1.0 : cbrt(rs_fit_integral_ratio(state)));
    if (fit->has_core) fit->prior_dropped = !state->use_prior;
}

rs_status rs_fit_sphere(rs_context *ctx, const rs_fit_request *request, rs_arena *scratch, rs_fit *out)
{
    rs_fit_state state;
    memset(out, 0, sizeof *out);
    RS_TRY(begin(ctx, request, scratch, &state));
    float *field = RS_ARENA_NEW(scratch, float, request->crop->count);
    float *room = RS_ARENA_RAW(scratch, float, request->crop->count);
    if (!field || !room) return rs_fail_memory(ctx, "the sphere fit");
    double largest = request->profile->largest_fit_mm;
    out->reason = rs_fit_run(&state, false, room);
    if (!out->reason && diameter_of(&state) <= 1.25 * largest)
        out->reason = release_prior(&state, room, &out->prior_dropped);
    if (state.n >= LEAST_VOXELS && (!out->reason || strcmp(out->reason, "did not converge") == 0) &&
        rs_fit_try_core(&state, room))
        out->reason = NULL;
    take_values(&state, out);
    /* one decimal as it is printed: 20.04 is no fit above 20.0 */
    if (out->diameter_mm >= largest + 0.05)
        out->reason = largest == 20.0 ? "larger than 20 mm" : "larger than what is fitted";
    if (!out->reason) out->reason = judge(&state, out);
    if (!out->reason) set_interval(&state, field, out);
    return RS_OK;
}
