/* What a lesion touches, measured as an insertion into a real scan measures it: rays from its origin leave it, and a
   millimetre further lies lung, a vessel or wall (science D2.2). */
#include <math.h>

#include "lesion.h"
#include "model.h"
#include "truth.h"

static const double step_mm = 0.2;
/* Radius of a vessel that counts. insert counts what the scan, smoothed by 0.8 mm, shows above -600 HU: a vessel of
   1,000 HU above the lung under a total blur of SD 0.93 mm reaches that on its axis from r = 0.72 mm on
   (1 - exp(-r^2 / 2 SD^2) = 0.26). */
static const double least_mm = 0.72;

enum { NEAR_MAX = 512 };

/* Radius at which such a smoothed image shows a vessel, -600 HU: its profile is about a Gaussian of the axis' height
   and of SD^2 + r^2 / 4; a wall, its limit, moves out by 0.5 mm. The plain patient's truth has the vessel's own radius.
 */
static double seen_mm(const rs_phantom_lesions_args *args, double radius)
{
    const double blur = 0.93 * 0.93, shown = 0.26;
    if (args->model == NULL || args->model->recipe.name == NULL) return radius;
    double over = (1.0 - rs_phantom_exp(-radius * radius / (2.0 * blur))) / shown;
    if (over <= 1.0) return 0.0;
    double seen = sqrt(2.0 * (blur + 0.25 * radius * radius) * rs_phantom_log(over));
    return seen < radius + 0.5 ? seen : radius + 0.5;
}

/* Tubes that reach into the neighbourhood of a lesion. */
typedef struct near_tubes {
    const rs_phantom_tube *items[NEAR_MAX];
    int n;
} near_tubes;

static double squared_distance_to_axis(const rs_phantom_tube *t, const double p[3])
{
    double along = 0.0, length = 1e-9, square = 0.0;
    for (int c = 0; c < 3; c++) {
        double e = (double)t->b[c] - (double)t->a[c];
        along += e * (p[c] - (double)t->a[c]);
        length += e * e;
    }
    along /= length;
    along = along < 0.0 ? 0.0 : (along > 1.0 ? 1.0 : along);
    for (int c = 0; c < 3; c++) {
        double e = p[c] - (double)t->a[c] - along * ((double)t->b[c] - (double)t->a[c]);
        square += e * e;
    }
    return square;
}

static void find_near(const rs_phantom_tubes *tubes, const rs_phantom_lesion *l, near_tubes *out)
{
    out->n = 0;
    for (int n = 0; n < tubes->n && out->n < NEAR_MAX; n++) {
        const rs_phantom_tube *t = &tubes->items[n];
        double radius = (double)(t->radius_a > t->radius_b ? t->radius_a : t->radius_b);
        double reach = l->reach_mm + RS_TRUTH_SHELL_MM + radius + 0.5;
        if (t->layer == RS_PHANTOM_LUMEN || radius < least_mm) continue;
        if (squared_distance_to_axis(t, l->origin) < reach * reach) out->items[out->n++] = t;
    }
}

/* 0 lung, 1 vessel, 2 wall. */
static int matter_at(const rs_phantom_lesions_args *args, const near_tubes *near, const double p[3])
{
    const rs_phantom_anatomy *a = args->anatomy;
    if (rs_phantom_lung_distance(a, p, NULL) > 0.0) return 2;
    for (int n = 0; n < a->n_solids; n++)
        if (!a->solid[n].abdominal && rs_phantom_solid_distance(&a->solid[n], p) < 0.0) return 2;
    for (int n = 0; n < near->n; n++) {
        const rs_phantom_tube *t = near->items[n];
        double radius = 0.5 * (double)(t->radius_a + t->radius_b);
        if (t->layer == RS_PHANTOM_VESSEL) radius = seen_mm(args, radius);
        if (squared_distance_to_axis(t, p) < radius * radius)
            return t->layer == RS_PHANTOM_VESSEL || t->layer == RS_PHANTOM_WALL ? 1 : 2;
    }
    return 0;
}

void rs_phantom_lesion_shell(const rs_phantom_lesions_args *args, rs_phantom_lesion *l)
{
    int count[3] = {0};
    double phase[2] = {1.0, 0.0};
    near_tubes near;
    find_near(args->tubes, l, &near);
    for (int n = 0; n < RS_TRUTH_RAYS; n++) {
        double u[3], p[3], last = 0.0;
        rs_truth_turn_ray(n, phase, u);
        for (double t = 0.0; t <= l->reach_mm; t += step_mm) {
            for (int c = 0; c < 3; c++)
                p[c] = l->origin[c] + t * u[c];
            if (rs_phantom_lesion_has(l, p)) last = t;
        }
        for (int c = 0; c < 3; c++)
            p[c] = l->origin[c] + (last + RS_TRUTH_SHELL_MM) * u[c];
        count[matter_at(args, &near, p)]++;
    }
    l->vessel_share = (double)count[1] / RS_TRUTH_RAYS;
    l->wall_share = (double)count[2] / RS_TRUTH_RAYS;
}
