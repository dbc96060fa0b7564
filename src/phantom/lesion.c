/* Shapes of lesions and their truth by counting samples (science S1: ellipsoids with axis factors e^+-0.17 and bumps).
 */
#include "lesion.h"

#include <string.h>

#include "random.h"

bool rs_phantom_lesion_has(const rs_phantom_lesion *l, const double p[3])
{
    double d[3], q[3], qq = 0.0, rr = 0.0;
    for (int c = 0; c < 3; c++)
        d[c] = p[c] - l->origin[c];
    if (d[0] * d[0] + d[1] * d[1] + d[2] * d[2] > l->reach_mm * l->reach_mm) return false;
    for (int n = 0; n < 3; n++) {
        q[n] = (l->axis[n][0] * d[0] + l->axis[n][1] * d[1] + l->axis[n][2] * d[2]) / l->radius[n];
        qq += q[n] * q[n];
    }
    double grow = 1.0;
    rr = sqrt(qq) + 1e-12;
    for (int b = 0; b < l->n_bumps; b++) {
        /* A bump covers 60 degrees around its direction, smooth at its foot. */
        double cosine = (q[0] * l->bump[b][0] + q[1] * l->bump[b][1] + q[2] * l->bump[b][2]) / rr;
        double foot = cosine > 0.5 ? 2.0 * (cosine - 0.5) : 0.0;
        grow += l->height[b] * foot * foot;
    }
    if (rr > grow) return false;
    return l->clip == NULL || rs_phantom_lung_distance(l->clip, p, NULL) < 0.0;
}

void rs_phantom_lesion_measure(rs_phantom_lesion *l)
{
    enum { STEPS = 72 };
    double step = 2.0 * l->reach_mm / STEPS, sum[3] = {0};
    int64_t count = 0;
    for (int32_t s = 0; s < STEPS * STEPS * STEPS; s++) {
        int at[3] = {s % STEPS, s / STEPS % STEPS, s / STEPS / STEPS};
        double p[3];
        for (int c = 0; c < 3; c++)
            p[c] = l->origin[c] - l->reach_mm + (at[c] + 0.5) * step;
        if (!rs_phantom_lesion_has(l, p)) continue;
        count++;
        for (int c = 0; c < 3; c++)
            sum[c] += p[c];
    }
    l->volume_mm3 = (double)count * step * step * step;
    l->equivalent_mm = count > 0 ? rs_phantom_pow(6.0 * l->volume_mm3 / M_PI, 1.0 / 3.0) : 0.0;
    for (int c = 0; c < 3; c++)
        l->centre[c] = count > 0 ? sum[c] / (double)count : l->origin[c];
}
