/* Points on fissures, in lungs, on the pleura. */
#include "fissure.h"

enum { TRIES = 400 };

double rs_phantom_fissure_z(const rs_phantom_anatomy *a, int fissure, double x, double y)
{
    if (fissure == RS_PHANTOM_HORIZONTAL) return a->minor_z + 0.12 * y + rs_phantom_fissure_bow(a, x);
    return a->fissure_z[fissure] + a->fissure_slope * y - rs_phantom_fissure_bow(a, x);
}

void rs_phantom_fissure_normal(const rs_phantom_anatomy *a, int fissure, double x, double out[3])
{
    double bow = 2.0 * a->fissure_bow * (fabs(x) - 60.0) * (x < 0.0 ? -1.0 : 1.0);
    out[0] = fissure == RS_PHANTOM_HORIZONTAL ? -bow : bow;
    out[1] = fissure == RS_PHANTOM_HORIZONTAL ? -0.12 : -a->fissure_slope;
    out[2] = 1.0;
    double size = sqrt(out[0] * out[0] + out[1] * out[1] + 1.0);
    for (int c = 0; c < 3; c++)
        out[c] /= size;
}

static bool is_inside(const rs_phantom_anatomy *a, const double p[3], double margin_mm)
{
    if (rs_phantom_lung_distance(a, p, NULL) > -margin_mm) return false;
    for (int n = 0; n < a->n_solids; n++)
        if (!a->solid[n].abdominal && rs_phantom_solid_distance(&a->solid[n], p) < margin_mm) return false;
    return true;
}

bool rs_phantom_fissure_point(const rs_phantom_mode_call *call, int fissure, double margin_mm, double p[3])
{
    const rs_phantom_anatomy *a = &call->model->anatomy;
    for (int n = 0; n < TRIES; n++) {
        double x = rs_phantom_uniform(call->random, 12.0, a->cage_x);
        p[0] = fissure == 1 ? x : -x;
        p[1] = rs_phantom_uniform(call->random, -a->cage_y, 1.2 * a->cage_y);
        p[2] = rs_phantom_fissure_z(a, fissure, p[0], p[1]);
        if (fissure == RS_PHANTOM_HORIZONTAL && rs_phantom_oblique(a, p[0], p[1], p[2]) < margin_mm) continue;
        if (is_inside(a, p, margin_mm)) return true;
    }
    return false;
}

bool rs_phantom_lung_point(const rs_phantom_mode_call *call, double margin_mm, double p[3])
{
    const rs_phantom_anatomy *a = &call->model->anatomy;
    for (int n = 0; n < TRIES; n++) {
        p[0] = rs_phantom_uniform(call->random, -a->cage_x, a->cage_x);
        p[1] = rs_phantom_uniform(call->random, -a->cage_y, 1.2 * a->cage_y);
        p[2] = rs_phantom_uniform(call->random, -20.0, a->height_mm);
        if (is_inside(a, p, margin_mm)) return true;
    }
    return false;
}

void rs_phantom_lung_inward(const rs_phantom_anatomy *a, const double p[3], double out[3])
{
    double square = 1e-12;
    for (int c = 0; c < 3; c++) {
        double up[3] = {p[0], p[1], p[2]}, down[3] = {p[0], p[1], p[2]};
        up[c] += 0.5;
        down[c] -= 0.5;
        out[c] = rs_phantom_lung_distance(a, down, NULL) - rs_phantom_lung_distance(a, up, NULL);
        square += out[c] * out[c];
    }
    for (int c = 0; c < 3; c++)
        out[c] /= sqrt(square);
}

bool rs_phantom_pleura_point(const rs_phantom_mode_call *call, double p[3], double inward[3])
{
    const rs_phantom_anatomy *a = &call->model->anatomy;
    for (int n = 0; n < TRIES; n++) {
        double way[3], low = 0.0, high = 120.0, at[3];
        if (!rs_phantom_lung_point(call, 8.0, p)) return false;
        rs_phantom_direction(call->random, way);
        way[0] = p[0] < 0.0 ? -fabs(way[0]) : fabs(way[0]);
        way[2] *= 0.3; /* the wall of ribs rather than domes */
        for (int round = 0; round < 40; round++) {
            double middle = 0.5 * (low + high);
            for (int c = 0; c < 3; c++)
                at[c] = p[c] + middle * way[c];
            if (rs_phantom_lung_distance(a, at, NULL) < 0.0) {
                low = middle;
            } else {
                high = middle;
            }
        }
        for (int c = 0; c < 3; c++)
            p[c] += low * way[c];
        rs_phantom_section s = rs_phantom_section_at(a, p[2]);
        rs_phantom_row row = rs_phantom_row_at(&s, p[1]);
        rs_phantom_lung_inward(a, p, inward);
        if (!s.lung || fabs(rs_phantom_cage(&s, &row, p[0])) > 0.5 || fabs(p[0] - row.middle_x) < row.gap_mm + 6.0)
            continue;
        return true;
    }
    return false;
}

double rs_phantom_lung_ml(const rs_phantom_anatomy *a)
{
    const double step = 6.0;
    int64_t n = 0;
    for (double z = -20.0; z < a->height_mm; z += step)
        for (double y = -a->cage_y; y < 1.25 * a->cage_y; y += step)
            for (double x = -a->cage_x; x < a->cage_x; x += step)
                n += is_inside(a, (const double[3]){x, y, z}, 0.0) ? 1 : 0;
    return (double)n * step * step * step / 1000.0;
}
