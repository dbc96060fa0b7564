/* Taps of a Gaussian with exact second moment (performance 3.1.2). */
#include <math.h>

#include "restage/kernels/gauss.h"

/* Taps of the sampled Gaussian of deviation s, summing to 1; returns their second moment. */
static double sampled(double s, int radius, double *taps)
{
    /* exp(-r^2 / 2 s^2) by its ratio: p_r = p_{r-1} q^(2r-1) */
    double q = exp(-0.5 / (s * s)), q2 = q * q, step = q, sum = 1.0, moment = 0.0;
    taps[0] = 1.0;
    for (int r = 1; r <= radius; r++) {
        taps[r] = taps[r - 1] * step;
        step *= q2;
        sum += 2.0 * taps[r];
        moment += 2.0 * taps[r] * r * r;
    }
    for (int r = 0; r <= radius; r++)
        taps[r] /= sum;
    return moment / sum;
}

int rs_gauss_taps(double variance_vox2, double *taps)
{
    taps[0] = 1.0;
    if (!(variance_vox2 > 0.0)) return 0;
    double sigma = sqrt(variance_vox2);
    int radius = (int)ceil(4.0 * sigma);
    radius = radius > RS_TAPS_MAX ? RS_TAPS_MAX : radius;
    if (radius == 1) {
        taps[1] = 0.5 * variance_vox2;
        taps[0] = 1.0 - variance_vox2;
        return 1;
    }
    /* s <- s sqrt(variance / moment) converges fast where the sampling is fine; below about 0.8 voxels by bisection. */
    double s = sigma, low = 0.5 * sigma, high = 3.0 * sigma;
    for (int step = 0; step < 80; step++) {
        double moment = sampled(s, radius, taps);
        if (fabs(moment - variance_vox2) <= 1e-14 * variance_vox2) break;
        if (moment > variance_vox2) high = s;
        if (moment < variance_vox2) low = s;
        s = sigma > 0.8 ? s * sqrt(variance_vox2 / moment) : 0.5 * (low + high);
    }
    return radius;
}
