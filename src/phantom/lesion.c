/* Shapes of lesions and their truth by counting samples (science S1: ellipsoids with axis factors e^+-0.17 and bumps).
 */
#include "lesion.h"

#include <string.h>

#include "random.h"

/* About the signed distance from the surface of ellipsoid and bumps; q: in units of its radii. */
static double body_distance(const rs_phantom_lesion *l, const double q[3])
{
    double grow = 1.0, rr = sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2]) + 1e-12;
    for (int b = 0; b < l->n_bumps; b++) {
        /* A bump covers 60 degrees around its direction, smooth at its foot. */
        double cosine = (q[0] * l->bump[b][0] + q[1] * l->bump[b][1] + q[2] * l->bump[b][2]) / rr;
        double foot = cosine > 0.5 ? 2.0 * (cosine - 0.5) : 0.0;
        grow += l->height[b] * foot * foot;
    }
    return rr - grow;
}

static bool in_spicule(const rs_phantom_lesion *l, const double d[3])
{
    double square = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
    for (int n = 0; n < l->n_spicules; n++) {
        double along = d[0] * l->spicule[n][0] + d[1] * l->spicule[n][1] + d[2] * l->spicule[n][2];
        if (along <= 0.0 || along >= l->spicule_end[n]) continue;
        double thick = 2.0 * l->spicule_mm[n] * (1.0 - along / l->spicule_end[n]);
        if (square - along * along < thick * thick) return true;
    }
    return false;
}

/* Smooth minimum of two distances (polynomial, Quilez): rounds the corner between two bodies within k. */
static double smooth_minimum(double a, double b, double k)
{
    double h = fabs(a - b) < k ? (k - fabs(a - b)) / k : 0.0;
    return (a < b ? a : b) - h * h * k / 4.0;
}

bool rs_phantom_lesion_has(const rs_phantom_lesion *l, const double p[3])
{
    double d[3], q[3];
    for (int c = 0; c < 3; c++)
        d[c] = p[c] - l->origin[c];
    if (d[0] * d[0] + d[1] * d[1] + d[2] * d[2] > l->reach_mm * l->reach_mm) return false;
    for (int n = 0; n < 3; n++)
        q[n] = (l->axis[n][0] * d[0] + l->axis[n][1] * d[1] + l->axis[n][2] * d[2]) / l->radius[n];
    double body = body_distance(l, q);
    bool inside = body <= 0.0 || in_spicule(l, d);
    if (l->clip == NULL) return inside;
    if (!inside && l->blend_mm <= 0.0) return false;
    double mean = (l->radius[0] + l->radius[1] + l->radius[2]) / 3.0;
    if (!inside && body * mean > l->blend_mm) return false;
    double wall = -rs_phantom_lung_distance(l->clip, p, NULL);
    return wall > 0.0 && (inside || smooth_minimum(body * mean, wall, l->blend_mm) < 0.0);
}

int rs_phantom_lesion_part(const rs_phantom_lesion *l, const double p[3])
{
    if (!rs_phantom_lesion_has(l, p)) return 0;
    if (l->inner_share <= 0.0) return 1;
    double d[3], q[3];
    for (int c = 0; c < 3; c++)
        d[c] = p[c] - l->origin[c] - l->inner_offset[c];
    for (int n = 0; n < 3; n++)
        q[n] = (l->axis[n][0] * d[0] + l->axis[n][1] * d[1] + l->axis[n][2] * d[2]) / (l->radius[n] * l->inner_share);
    return body_distance(l, q) <= 0.0 ? 2 : 1;
}

void rs_phantom_lesion_scale(rs_phantom_lesion *l, double factor)
{
    for (int n = 0; n < 3; n++) {
        l->radius[n] *= factor;
        l->inner_offset[n] *= factor;
    }
    for (int n = 0; n < l->n_spicules; n++)
        l->spicule_end[n] *= factor;
    l->reach_mm = (l->reach_mm - l->blend_mm) * factor + l->blend_mm;
}

void rs_phantom_lesion_measure(rs_phantom_lesion *l)
{
    const int steps = l->n_spicules > 0 ? 96 : 72; /* spicules are thin */
    double step = 2.0 * l->reach_mm / steps, sum[3] = {0};
    int64_t count = 0, inner = 0;
    for (int32_t s = 0; s < steps * steps * steps; s++) {
        int at[3] = {s % steps, s / steps % steps, s / steps / steps};
        double p[3];
        for (int c = 0; c < 3; c++)
            p[c] = l->origin[c] - l->reach_mm + (at[c] + 0.5) * step;
        int part = rs_phantom_lesion_part(l, p);
        if (part == 0) continue;
        count++;
        inner += part == 2;
        for (int c = 0; c < 3; c++)
            sum[c] += p[c];
    }
    double share = count > 0 ? (double)inner / (double)count : 0.0;
    l->volume_mm3 = (double)count * step * step * step;
    l->core_volume_mm3 = (double)inner * step * step * step;
    l->mean_hu = l->hu + share * (l->inner_hu - l->hu);
    l->equivalent_mm = count > 0 ? rs_phantom_pow(6.0 * l->volume_mm3 / M_PI, 1.0 / 3.0) : 0.0;
    for (int c = 0; c < 3; c++)
        l->centre[c] = count > 0 ? sum[c] / (double)count : l->origin[c];
}
