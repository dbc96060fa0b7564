/* Shapes of inserted lesions: 60 % near-spheres, 25 % lobulated, 15 % irregular, every second of those with spicules
   (science D2.3, S1). A predicate: is this point inside? */
#include <math.h>

#include "insert_room.h"

static void draw_frame(rs_phantom_random *r, double axis[3][3])
{
    double dot = 0.0, size = 0.0;
    rs_phantom_direction(r, axis[0]);
    do {
        rs_phantom_direction(r, axis[1]);
        dot = axis[0][0] * axis[1][0] + axis[0][1] * axis[1][1] + axis[0][2] * axis[1][2];
    } while (fabs(dot) > 0.9);
    for (int c = 0; c < 3; c++) {
        axis[1][c] -= dot * axis[0][c];
        size += axis[1][c] * axis[1][c];
    }
    for (int c = 0; c < 3; c++)
        axis[1][c] /= sqrt(size);
    for (int c = 0; c < 3; c++)
        axis[2][c] = axis[0][(c + 1) % 3] * axis[1][(c + 2) % 3] - axis[0][(c + 2) % 3] * axis[1][(c + 1) % 3];
}

/* Ellipsoid and bumps; a bump covers 60 degrees around its direction, smooth at its foot. */
static bool body_has(const rs_insert_shape *s, const double d[3])
{
    double q[3], square = 0.0, grow = 1.0;
    for (int n = 0; n < 3; n++) {
        q[n] = (s->axis[n][0] * d[0] + s->axis[n][1] * d[1] + s->axis[n][2] * d[2]) / s->radius_mm[n];
        square += q[n] * q[n];
    }
    if (square <= s->lowest * s->lowest) return true;
    if (square > s->highest * s->highest) return false;
    double r = sqrt(square) + 1e-12;
    for (int b = 0; b < s->n_bumps; b++) {
        double cosine = (q[0] * s->bump[b][0] + q[1] * s->bump[b][1] + q[2] * s->bump[b][2]) / r;
        double foot = cosine > 0.5 ? 2.0 * (cosine - 0.5) : 0.0;
        grow += s->height[b] * foot * foot;
    }
    return r <= grow;
}

/* A cone from the origin to its tip. */
static bool spicule_has(const rs_insert_shape *s, int n, const double d[3])
{
    const double *u = s->spicule[n];
    double along = d[0] * u[0] + d[1] * u[1] + d[2] * u[2];
    if (along < 0.0 || along > s->spicule_mm[n]) return false;
    double width = s->spicule_width_mm * (1.0 - along / s->spicule_mm[n]);
    return d[0] * d[0] + d[1] * d[1] + d[2] * d[2] - along * along <= width * width;
}

int rs_insert_shape_at(const rs_insert_shape *s, const double d[3])
{
    if (d[0] * d[0] + d[1] * d[1] + d[2] * d[2] > s->reach_mm * s->reach_mm) return 0;
    bool inside = body_has(s, d);
    for (int n = 0; n < s->n_spicules && !inside; n++)
        inside = spicule_has(s, n, d);
    if (!inside) return 0;
    if (s->inner_scale <= 0.0) return 1;
    double e[3];
    for (int c = 0; c < 3; c++)
        e[c] = (d[c] - s->inner_offset_mm[c]) / s->inner_scale;
    return body_has(s, e) ? 2 : 1;
}

static void set_bounds(rs_insert_shape *s)
{
    double up = 0.0, down = 0.0, largest = 0.0;
    for (int b = 0; b < s->n_bumps; b++) {
        up += s->height[b] > 0.0 ? s->height[b] : 0.0;
        down += s->height[b] < 0.0 ? s->height[b] : 0.0;
    }
    for (int n = 0; n < 3; n++)
        largest = s->radius_mm[n] > largest ? s->radius_mm[n] : largest;
    s->lowest = 1.0 + down > 0.0 ? 1.0 + down : 0.0;
    s->highest = 1.0 + up;
    s->reach_mm = largest * s->highest;
    for (int n = 0; n < s->n_spicules; n++)
        if (s->spicule_mm[n] > s->reach_mm) s->reach_mm = s->spicule_mm[n];
    s->reach_mm *= 1.0001;
}

static double volume_of(const rs_insert_shape *s)
{
    enum { STEPS = 30 };
    double step = 2.0 * s->reach_mm / STEPS;
    int64_t count = 0;
    for (int32_t n = 0; n < STEPS * STEPS * STEPS; n++) {
        const int at[3] = {n % STEPS, n / STEPS % STEPS, n / STEPS / STEPS};
        double d[3];
        for (int c = 0; c < 3; c++)
            d[c] = (at[c] + 0.5) * step - s->reach_mm;
        count += rs_insert_shape_at(s, d) != 0;
    }
    return (double)count * step * step * step;
}

void rs_insert_shape_draw(rs_phantom_random *r, double diameter_mm, rs_insert_shape *out)
{
    rs_insert_shape s = {0};
    double factor[3], mean = 0.0, kind = rs_phantom_uniform(r, 0.0, 1.0), radius = 0.5 * diameter_mm;
    bool sphere = kind < 0.6, lobulated = !sphere && kind < 0.85, spiculated = kind >= 0.925 && diameter_mm >= 5.0;
    draw_frame(r, s.axis);
    for (int n = 0; n < 3; n++) {
        factor[n] = rs_phantom_uniform(r, -0.17, 0.17);
        mean += factor[n] / 3.0;
    }
    for (int n = 0; n < 3; n++)
        s.radius_mm[n] = radius * rs_phantom_exp(factor[n] - mean);
    s.name = sphere ? "near_sphere" : lobulated ? "lobulated" : "irregular";
    s.n_bumps = sphere ? 3 : lobulated ? 5 : RS_INSERT_BUMPS_MAX;
    for (int b = 0; b < s.n_bumps; b++) {
        rs_phantom_direction(r, s.bump[b]);
        s.height[b] = sphere      ? rs_phantom_uniform(r, 0.0, 0.08)
                      : lobulated ? rs_phantom_uniform(r, 0.0, 0.3)
                                  : rs_phantom_uniform(r, -0.35, 0.4);
    }
    s.n_spicules = spiculated ? RS_INSERT_SPICULES_MAX : 0;
    s.spicule_width_mm = radius * rs_phantom_uniform(r, 0.15, 0.3);
    for (int n = 0; n < s.n_spicules; n++) {
        rs_phantom_direction(r, s.spicule[n]);
        s.spicule_mm[n] = radius * rs_phantom_uniform(r, 1.3, 2.0);
    }
    set_bounds(&s);
    double scale = diameter_mm / rs_phantom_pow(6.0 * volume_of(&s) / M_PI, 1.0 / 3.0);
    for (int n = 0; n < 3; n++)
        s.radius_mm[n] *= scale;
    for (int n = 0; n < s.n_spicules; n++)
        s.spicule_mm[n] *= scale;
    s.spicule_width_mm *= scale;
    set_bounds(&s);
    *out = s;
}
