/* The blurred step fitted to the voxels around a place: damped Gauss-Newton in six unknowns (science D1.3; the two
   tilts take up what the direction of the normal was wrong). */
#include <math.h>
#include <string.h>

#include "edges.h"

enum { UNKNOWNS = 6, LUNG = 0, CONTRAST, SHIFT, TILT, SIGMA = 5, MOST_STEPS = 25 };

/* Where the tube sees one slice only, nothing tells the tilt across it: 0 with a spread of 0.1 at a noise of 30 HU. */
static const double tilt_stiffness = 30.0 * 30.0 / (0.1 * 0.1);

typedef struct normal_equations {
    double a[UNKNOWNS][UNKNOWNS], b[UNKNOWNS], square;
} normal_equations;

static void accumulate(const rs_step_table *table, const rs_edge_samples *samples, const double v[UNKNOWNS],
                       normal_equations *out)
{
    memset(out, 0, sizeof *out);
    for (int t = TILT; t < SIGMA; t++) {
        out->square += tilt_stiffness * v[t] * v[t];
        out->a[t][t] = tilt_stiffness;
        out->b[t] = -tilt_stiffness * v[t];
    }
    double per_sigma = 1 / v[SIGMA];
    for (int n = 0; n < samples->n; n++) {
        const rs_edge_sample *s = &samples->items[n];
        double x0 = (double)s->across_mm[0], x1 = (double)s->across_mm[1], density;
        double u = ((double)s->along_mm - v[SHIFT] - v[TILT] * x0 - v[TILT + 1] * x1) * per_sigma;
        double step = rs_step_at(table, u, &density), slope = -v[CONTRAST] * density * per_sigma;
        const double by[UNKNOWNS] = {1, step, slope, slope * x0, slope * x1, slope * u};
        double error = (double)s->hu - v[LUNG] - v[CONTRAST] * step;
        out->square += error * error;
        for (int r = 0; r < UNKNOWNS; r++) {
            out->b[r] += by[r] * error;
            for (int c = 0; c <= r; c++)
                out->a[r][c] += by[r] * by[c];
        }
    }
}

/* Cholesky of the damped matrix; false where it is singular. */
static bool solve(const normal_equations *e, double damping, double out[UNKNOWNS])
{
    double l[UNKNOWNS][UNKNOWNS] = {{0}};
    for (int r = 0; r < UNKNOWNS; r++) {
        for (int c = 0; c <= r; c++) {
            double sum = e->a[r][c] * (r == c ? 1 + damping : 1);
            for (int m = 0; m < c; m++)
                sum -= l[r][m] * l[c][m];
            if (r == c) {
                if (!(sum > 1e-9)) return false;
                l[r][r] = sqrt(sum);
            } else {
                l[r][c] = sum / l[c][c];
            }
        }
    }
    for (int r = 0; r < UNKNOWNS; r++) {
        out[r] = e->b[r];
        for (int m = 0; m < r; m++)
            out[r] -= l[r][m] * out[m];
        out[r] /= l[r][r];
    }
    for (int r = UNKNOWNS - 1; r >= 0; r--) {
        for (int m = r + 1; m < UNKNOWNS; m++)
            out[r] -= l[m][r] * out[m];
        out[r] /= l[r][r];
    }
    return true;
}

static bool begin(const rs_edge_samples *samples, double v[UNKNOWNS])
{
    double sum[2] = {0, 0};
    int n[2] = {0, 0};
    for (int s = 0; s < samples->n; s++) {
        int side = samples->items[s].along_mm > 0;
        if (fabsf(samples->items[s].along_mm) < 1) continue;
        sum[side] += (double)samples->items[s].hu;
        n[side]++;
    }
    if (n[0] < 5 || n[1] < 5) return false;
    memset(v, 0, sizeof(double) * UNKNOWNS);
    v[LUNG] = sum[0] / n[0];
    v[CONTRAST] = sum[1] / n[1] - v[LUNG];
    v[SIGMA] = 0.5;
    return v[CONTRAST] > 100;
}

bool rs_edge_fit(const rs_step_table *table, const rs_edge_samples *samples, rs_edge_point *point)
{
    double v[UNKNOWNS], next[UNKNOWNS], change[UNKNOWNS], damping = 1e-2;
    normal_equations now, then;
    bool rests = false;
    if (!begin(samples, v)) return false;
    accumulate(table, samples, v, &now);
    for (int step = 0; step < MOST_STEPS && !rests; step++) {
        if (!solve(&now, damping, change)) return false;
        for (int r = 0; r < UNKNOWNS; r++)
            next[r] = v[r] + change[r];
        bool sane = next[SIGMA] > 0.08 && next[SIGMA] < 6;
        if (sane) accumulate(table, samples, next, &then);
        if (!sane || then.square > now.square) {
            damping *= 8;
            if (damping > 1e6) return false;
            continue;
        }
        rests = then.square > now.square * (1 - 1e-5);
        memcpy(v, next, sizeof v);
        now = then;
        damping *= 0.2;
    }
    point->lung_hu = v[LUNG];
    point->contrast_hu = v[CONTRAST];
    point->shift_mm = v[SHIFT];
    point->tilt[0] = v[TILT];
    point->tilt[1] = v[TILT + 1];
    point->variance_mm2 = v[SIGMA] * v[SIGMA];
    point->residual_hu = sqrt(now.square / (samples->n > UNKNOWNS ? samples->n - UNKNOWNS : 1));
    return rests;
}
