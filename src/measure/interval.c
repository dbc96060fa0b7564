/* How sure a fitted diameter is: noise with its correlation, prior, and the floor of the model (science C9.5). */
#include <math.h>

#include "window.h"

#define LAGS 3 /* in plane, voxels; 1 along k */

/* Correlation of the noise at an in-plane distance in voxels, between the measured whole lags. */
static double correlation(const rs_quality *quality, double lag)
{
    if (lag >= LAGS) return lag > LAGS ? 0.0 : quality->autocorrelation[LAGS];
    int at = (int)lag;
    double f = lag - at, low = at == 0 ? 1.0 : quality->autocorrelation[at];
    return low + f * (quality->autocorrelation[at + 1] - low);
}

static void fill_lags(const rs_quality *quality, double table[2 * LAGS + 1][2 * LAGS + 1])
{
    for (int j = -LAGS; j <= LAGS; j++)
        for (int i = -LAGS; i <= LAGS; i++)
            table[j + LAGS][i + LAGS] = correlation(quality, sqrt((double)(i * i + j * j)));
}

static double inflation(const rs_quality *quality)
{
    double table[2 * LAGS + 1][2 * LAGS + 1], sum = 0.0;
    fill_lags(quality, table);
    for (int j = 0; j <= 2 * LAGS; j++)
        for (int i = 0; i <= 2 * LAGS; i++)
            sum += table[j][i];
    return fmax(sum * (1.0 + 2.0 * quality->autocorrelation_axial), 1.0);
}

static double correlated_sum(const rs_fit_state *state, const float *field, const rs_fit_voxel *voxel,
                             double table[2 * LAGS + 1][2 * LAGS + 1])
{
    const rs_crop *crop = state->request->crop;
    double axial = state->request->quality->autocorrelation_axial, sum = 0.0;
    int32_t plane = crop->n[0] * crop->n[1], at = (int32_t)voxel->crop_index;
    int32_t k = at / plane, j = at % plane / crop->n[0], i = at % crop->n[0];
    for (int32_t z = k > 0 ? k - 1 : 0; z <= k + 1 && z < crop->n[2]; z++) {
        double in_plane = 0.0;
        for (int32_t y = j > LAGS ? j - LAGS : 0; y <= j + LAGS && y < crop->n[1]; y++)
            for (int32_t x = i > LAGS ? i - LAGS : 0; x <= i + LAGS && x < crop->n[0]; x++)
                in_plane += table[y - j + LAGS][x - i + LAGS] * (double)field[rs_crop_at(crop, x, y, z)];
        sum += in_plane * (z == k ? 1.0 : axial);
    }
    return sum;
}

double rs_fit_noise_variance(const rs_fit_state *state, float *field)
{
    rs_fit_matrix inverse;
    if (!rs_fit_invert(state->normal, state->n_unknowns, inverse)) return NAN;
    double precision = 1.0 / (state->noise_hu * state->noise_hu), table[2 * LAGS + 1][2 * LAGS + 1];
    fill_lags(state->request->quality, table);
    double white = 0.0, coloured = 0.0;
    for (int64_t v = 0; v < state->n; v++) {
        const rs_fit_voxel *voxel = &state->voxels[v];
        double influence = 0.0;
        for (int u = 0; u < state->n_unknowns; u++)
            influence += inverse[RS_FIT_LN_R][u] * voxel->jacobian[u];
        field[voxel->crop_index] = (float)(influence * voxel->weight * precision);
    }
    for (int64_t v = 0; v < state->n; v++) {
        double own = (double)field[state->voxels[v].crop_index];
        if (own == 0.0) continue;
        white += own * own;
        coloured += own * correlated_sum(state, field, &state->voxels[v], table);
    }
    for (int64_t v = 0; v < state->n; v++)
        field[state->voxels[v].crop_index] = 0.0F;
    double variance = fmax(coloured, 0.25 * white) / precision;
    if (state->use_prior) {
        double sd = state->request->profile->contrast_prior_sd_hu;
        double share = inverse[RS_FIT_LN_R][RS_FIT_CONTRAST] / sd;
        variance += share * share;
    }
    return variance;
}

double rs_fit_model_sd(const rs_fit_state *state, double diameter_mm)
{
    const struct rs_measure_settings *s = state->request->settings;
    const rs_psf *psf = &state->psf;
    double shape = s->fit_floor_shape * rs_psf_mean_mm(psf) / diameter_mm;
    double axial = s->fit_floor_axial * fmax(psf->axial_mm - psf->in_plane_mm, 0.0) / diameter_mm;
    double constant = s->fit_floor_constant;
    double sd = fmin(sqrt(constant * constant + shape * shape + axial * axial), s->fit_floor_max);
    /* Neither soft tissue nor of one piece: ground glass fades, lime is not where the middle is. */
    if (!state->use_prior || state->n_unknowns > RS_FIT_OF_BALL)
        sd = sqrt(sd * sd + s->fit_floor_matter * s->fit_floor_matter);
    if (!state->request->attached) return sd;
    double more = s->fit_attached_constant, near = s->fit_attached_mm / diameter_mm;
    return sqrt(sd * sd + more * more + near * near);
}

double rs_fit_snr(const rs_fit_state *state)
{
    double sum = 0.0;
    for (int64_t v = 0; v < state->n; v++) {
        double s = state->voxels[v].jacobian[RS_FIT_CONTRAST];
        sum += state->voxels[v].weight * s * s;
    }
    sum *= state->stride * state->stride; /* what all voxels would sum up to */
    return state->value[RS_FIT_CONTRAST] * sqrt(sum / inflation(state->request->quality)) / state->noise_hu;
}
