/* The features of science C6.1 from one table of samples: direction by distance. */
#include <math.h>
#include <string.h>

#include "rays.h"
#include "tensor.h"

enum { STEPS_MAX = 40 };
static const double half_share = 0.45; /* of peak minus background, above the background */
static const double gradient_floor_hu_mm = 18;
static const double gradient_step_mm = 0.7;
static const double contrast_hu = 900; /* solid tissue minus lung */

/* value[ray][step] at distance step * step_mm, up to n_inside[ray] steps: there the ray leaves the image. */
typedef struct ray_table {
    const rs_directions *directions;
    double step_mm;
    int n_steps;
    int n_inside[RS_RAYS_FULL];
    float value[RS_RAYS_FULL][STEPS_MAX];
} ray_table;

typedef struct shell {
    float value[RS_RAYS_FULL]; /* of the rays seen */
    int ray[RS_RAYS_FULL];
    int n;
} shell;

static void place_on_ray(const rs_ray_scene *scene, const double index[3], const double unit[3], double distance_mm,
                         double at[3])
{
    for (int a = 0; a < 3; a++)
        at[a] = index[a] + distance_mm * unit[a] / scene->spacing_mm[a];
}

static void fill_table(const rs_ray_scene *scene, const rs_candidate *c, ray_table *t)
{
    t->step_mm = fmax(0.3, c->radius_mm / 6);
    t->n_steps = (int)((2.4 * c->radius_mm + 3) / t->step_mm) + 1;
    if (t->n_steps > STEPS_MAX) t->n_steps = STEPS_MAX;
    for (int n = 0; n < t->directions->n; n++) {
        int step = 0;
        for (; step < t->n_steps; step++) {
            double at[3];
            place_on_ray(scene, c->index, t->directions->unit[n], step * t->step_mm, at);
            if (!rs_sampler_value(scene->sampler, at, &t->value[n][step])) break;
        }
        t->n_inside[n] = step;
    }
}

/* Linear between samples; the last sample of the table stands for what lies beyond it. */
static bool on_ray(const ray_table *t, int ray, double distance_mm, float *out)
{
    double at = distance_mm / t->step_mm;
    int step = (int)at;
    if (step >= t->n_steps - 1) {
        step = t->n_steps - 2;
        at = t->n_steps - 1;
    }
    if (step + 1 >= t->n_inside[ray]) return false;
    float rest = (float)(at - step), low = t->value[ray][step];
    *out = low + rest * (t->value[ray][step + 1] - low);
    return true;
}

static void take_shell(const ray_table *t, double distance_mm, shell *out)
{
    out->n = 0;
    for (int n = 0; n < t->directions->n; n++)
        if (on_ray(t, n, distance_mm, &out->value[out->n])) out->ray[out->n++] = n;
}

/* Value of rank share * (n - 1), rounded down; peak for an empty shell. */
static float quantile(const shell *s, double share, float empty)
{
    float sorted[RS_RAYS_FULL];
    if (s->n == 0) return empty;
    memcpy(sorted, s->value, (size_t)s->n * sizeof *sorted);
    for (int n = 1; n < s->n; n++) {
        float value = sorted[n];
        int m = n;
        for (; m > 0 && sorted[m - 1] > value; m--)
            sorted[m] = sorted[m - 1];
        sorted[m] = value;
    }
    return sorted[(int)(share * (s->n - 1))];
}

static float share_above(const shell *s, float level)
{
    int above = 0;
    for (int n = 0; n < s->n; n++)
        above += s->value[n] > level;
    return s->n ? (float)above / (float)s->n : 0;
}

/* Groups of at least two neighbouring rays above the level, and the share of the largest. */
static void count_limbs(const rs_directions *d, const shell *s, float level, rs_candidate *c)
{
    bool above[RS_RAYS_FULL] = {false};
    int stack[RS_RAYS_FULL], groups = 0, largest = 0;
    for (int n = 0; n < s->n; n++)
        above[s->ray[n]] = s->value[n] > level;
    for (int start = 0; start < d->n; start++) {
        if (!above[start]) continue;
        int top = 0, size = 0;
        above[start] = false;
        stack[top++] = start;
        while (top > 0) {
            int ray = stack[--top];
            size++;
            for (int m = 0; m < d->n_neighbours[ray]; m++) {
                int next = d->neighbour[ray][m];
                if (!above[next]) continue;
                above[next] = false;
                stack[top++] = next;
            }
        }
        groups += size >= 2;
        if (size > largest) largest = size;
    }
    c->feature[RS_FEATURE_limbs] = (float)groups;
    c->feature[RS_FEATURE_limb_share] = (float)largest / (float)d->n;
}

/* Distance at which a ray first falls to the level; the end of the table where it never does, -1 where the ray leaves
   the image before. */
static double extent_mm(const ray_table *t, int ray, float level)
{
    for (int step = 1; step < t->n_inside[ray]; step++) {
        float before = t->value[ray][step - 1], here = t->value[ray][step];
        if (here <= level) return t->step_mm * (step - 1 + (double)((before - level) / (before - here)));
    }
    return t->n_inside[ray] < t->n_steps ? -1 : t->step_mm * (t->n_steps - 1);
}

/* Shortest over longest axis of the body whose rays end at the level: second moments of volume go with extent^5. A ray
   that leaves the image before counts with the mean extent of the others. */
static float elongation(const ray_table *t, float level)
{
    const rs_directions *d = t->directions;
    double extent[RS_RAYS_FULL], sum = 0, moment[6] = {0}, rising[3];
    int n_seen = 0;
    for (int n = 0; n < d->n; n++) {
        extent[n] = extent_mm(t, n, level);
        if (extent[n] < 0) continue;
        sum += extent[n];
        n_seen++;
    }
    for (int n = 0; n < d->n; n++) {
        const double *u = d->unit[n];
        double rho = extent[n] >= 0 ? extent[n] : sum / (n_seen > 0 ? n_seen : 1), weight = rho * rho * rho * rho * rho;
        moment[0] += weight * u[0] * u[0];
        moment[1] += weight * u[1] * u[1];
        moment[2] += weight * u[2] * u[2];
        moment[3] += weight * u[0] * u[1];
        moment[4] += weight * u[0] * u[2];
        moment[5] += weight * u[1] * u[2];
    }
    rs_tensor_eigenvalues(moment, rising);
    return rising[2] > 0 && rising[0] > 0 ? (float)sqrt(rising[0] / rising[2]) : 0;
}

static bool gradient_at(const rs_ray_scene *scene, const double at[3], double gradient[3])
{
    for (int a = 0; a < 3; a++) {
        double low_at[3] = {at[0], at[1], at[2]}, high_at[3] = {at[0], at[1], at[2]};
        float low, high;
        low_at[a] -= gradient_step_mm / scene->spacing_mm[a];
        high_at[a] += gradient_step_mm / scene->spacing_mm[a];
        if (!rs_sampler_value(scene->sampler, low_at, &low)) return false;
        if (!rs_sampler_value(scene->sampler, high_at, &high)) return false;
        gradient[a] = (double)(high - low) / (2 * gradient_step_mm);
    }
    return true;
}

static float convergence(const rs_ray_scene *scene, const rs_directions *d, const rs_candidate *c)
{
    double sum = 0;
    int n_seen = 0;
    for (int n = 0; n < d->n; n++) {
        double at[3], g[3];
        const double *u = d->unit[n];
        place_on_ray(scene, c->index, u, c->radius_mm, at);
        if (!gradient_at(scene, at, g)) continue;
        double size = sqrt(g[0] * g[0] + g[1] * g[1] + g[2] * g[2]);
        sum -= (g[0] * u[0] + g[1] * u[1] + g[2] * u[2]) / (size + gradient_floor_hu_mm);
        n_seen++;
    }
    return n_seen ? (float)(sum / n_seen) : 0;
}

static float share_outside(const rs_ray_scene *scene, const rs_directions *d, const rs_candidate *c)
{
    const rs_geometry *g = &scene->regions->geometry;
    int outside = 0, n_seen = 0;
    for (int n = 0; n < d->n; n++) {
        double at[3];
        int32_t voxel[3];
        bool inside = true;
        place_on_ray(scene, c->index, d->unit[n], c->radius_mm + 2, at);
        for (int a = 0; a < 3; a++) {
            voxel[a] = (int32_t)floor(at[a] + 0.5);
            inside = inside && voxel[a] >= 0 && voxel[a] < g->n[a];
        }
        if (!inside) continue;
        int64_t here = ((int64_t)voxel[2] * g->n[1] + voxel[1]) * g->n[0] + voxel[0];
        outside += !scene->searched[scene->regions->labels[here]];
        n_seen++;
    }
    return n_seen ? (float)outside / (float)n_seen : 0;
}

void rs_rays_features(const rs_ray_scene *scene, const rs_directions *d, rs_candidate *c)
{
    ray_table t = {.directions = d};
    shell near, far;
    float *f = c->feature;
    fill_table(scene, c, &t);
    take_shell(&t, c->radius_mm + 0.7 * scene->psf_in_plane_mm + 0.8, &near);
    take_shell(&t, 1.8 * c->radius_mm + scene->psf_in_plane_mm + 1, &far);
    float peak = t.value[0][0], background = quantile(&near, 0.2, peak);
    float half = background + (float)half_share * (peak - background), turn = scene->bright ? 1.0F : -1.0F;
    rs_curvature curvature = rs_rays_curvature(scene, d, c->index, c->radius_mm);
    f[RS_FEATURE_e3_e1] = (float)curvature.e3_e1;
    f[RS_FEATURE_e2_e1] = (float)curvature.e2_e1;
    f[RS_FEATURE_elong] = elongation(&t, half);
    count_limbs(d, &near, half, c);
    f[RS_FEATURE_shell1] = share_above(&near, half);
    f[RS_FEATURE_shell2] = share_above(&far, half);
    f[RS_FEATURE_conv] = convergence(scene, d, c);
    f[RS_FEATURE_contrast] = (peak - background) / (float)contrast_hu;
    f[RS_FEATURE_ln_scale] = (float)log(c->scale_mm);
    f[RS_FEATURE_shell_median_hu] = turn * quantile(&near, 0.5, peak);
    f[RS_FEATURE_wall] = share_outside(scene, d, c);
    f[RS_FEATURE_peak_hu] = turn * peak;
    f[RS_FEATURE_background_hu] = turn * background;
}
