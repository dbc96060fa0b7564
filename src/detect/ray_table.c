/* The table of rays. Well inside the image a ray is sampled in float from the corner of a box around the candidate,
   sixteen samples at once and without a look at the border; elsewhere sample by sample. */
#include "ray_table.h"

#include <math.h>

#include "scales.h"

void rs_ray_fan_make(int n, const double spacing_mm[3], rs_ray_fan *out)
{
    rs_directions directions;
    rs_directions_make(n, &directions);
    *out = (rs_ray_fan){.n = n};
    for (int a = 0; a < 3; a++) {
        out->vox_per_mm[a] = 1 / spacing_mm[a];
        for (int r = 0; r < n; r++)
            out->step_vox[r][a] = (float)rs_steady(directions.unit[r][a] / spacing_mm[a]);
    }
}

/* Distances along a ray, mm. */
static void distances(double radius_mm, float out[RS_RAY_STEPS])
{
    for (int t = 0; t < RS_RAY_STEPS; t++) {
        double u = 0.2 * t;
        out[t] = (float)(u * radius_mm + 0.4 * u * u);
    }
}

/* A box that holds every sample with all that it is made of: its first voxel, and where the centre lies in it. */
typedef struct ray_box {
    const int16_t *first;
    float centre[3];
    int32_t row, slice; /* voxels from one to the next */
} ray_box;

/* False where the box leaves the image. */
static bool box_around(const rs_sampler *s, const rs_ray_fan *fan, const double index[3], double reach_mm, ray_box *out)
{
    int64_t first = 0, step = 1;
    for (int a = 0; a < 3; a++) {
        double reach = reach_mm * fan->vox_per_mm[a] + 1, low = floor(index[a] - reach);
        low -= a == 2 && s->spline_k; /* a spline is made of one slice more on either side */
        if (!(low >= 0) || !(index[a] + reach + 2 <= s->n[a] - 1)) return false;
        out->centre[a] = (float)(index[a] - low);
        first += (int64_t)low * step;
        step *= s->n[a];
    }
    out->first = s->voxels + first;
    out->row = s->n[0];
    out->slice = s->n[0] * s->n[1];
    return true;
}

/* Sixteen samples: their first corners, and the weights between the corners. */
typedef struct ray_samples {
    int32_t corner[RS_RAY_STEPS];
    float x[RS_RAY_STEPS], y[RS_RAY_STEPS], z[RS_RAY_STEPS];
} ray_samples;

static inline void place_samples(const ray_box *box, const float step_vox[3], const float *mm, ray_samples *out)
{
    for (int t = 0; t < RS_RAY_STEPS; t++) {
        float x = box->centre[0] + mm[t] * step_vox[0], y = box->centre[1] + mm[t] * step_vox[1];
        float z = box->centre[2] + mm[t] * step_vox[2];
        int32_t i = (int32_t)x, j = (int32_t)y, k = (int32_t)z;
        out->x[t] = x - (float)i;
        out->y[t] = y - (float)j;
        out->z[t] = z - (float)k;
        out->corner[t] = k * box->slice + j * box->row + i;
    }
}

/* Bilinear values in one slice, of the stored numbers cut to the sampler's range. */
static inline void plane_values(const rs_sampler *s, const int16_t *first, const ray_box *box, const ray_samples *at,
                                float out[RS_RAY_STEPS])
{
    float v[4][RS_RAY_STEPS];
    for (int t = 0; t < RS_RAY_STEPS; t++) {
        const int16_t *voxel = first + at->corner[t];
        v[0][t] = voxel[0];
        v[1][t] = voxel[1];
        v[2][t] = voxel[box->row];
        v[3][t] = voxel[box->row + 1];
    }
    for (int c = 0; c < 4; c++)
        for (int t = 0; t < RS_RAY_STEPS; t++) {
            float value = v[c][t] < s->low ? s->low : v[c][t];
            v[c][t] = value > s->high ? s->high : value;
        }
    for (int t = 0; t < RS_RAY_STEPS; t++) {
        float top = v[0][t] + at->x[t] * (v[1][t] - v[0][t]), bottom = v[2][t] + at->x[t] * (v[3][t] - v[2][t]);
        out[t] = top + at->y[t] * (bottom - top);
    }
}

static void linear_ray(const rs_sampler *s, const ray_box *box, const ray_samples *at, float out[RS_RAY_STEPS])
{
    float near[RS_RAY_STEPS], far[RS_RAY_STEPS];
    plane_values(s, box->first, box, at, near);
    plane_values(s, box->first + box->slice, box, at, far);
    for (int t = 0; t < RS_RAY_STEPS; t++)
        out[t] = near[t] + at->z[t] * (far[t] - near[t]);
}

static void spline_ray(const rs_sampler *s, const ray_box *box, const ray_samples *at, float out[RS_RAY_STEPS])
{
    float plane[4][RS_RAY_STEPS];
    for (int n = 0; n < 4; n++)
        plane_values(s, box->first + (n - 1) * (int64_t)box->slice, box, at, plane[n]);
    for (int t = 0; t < RS_RAY_STEPS; t++) {
        float z = at->z[t], u = 1 - z;
        out[t] = u * u * u / 6 * plane[0][t] + (2.0F / 3 - z * z * (1 - 0.5F * z)) * plane[1][t] +
                 (2.0F / 3 - u * u * (1 - 0.5F * u)) * plane[2][t] + z * z * z / 6 * plane[3][t];
    }
}

static inline float cut(float hu)
{
    hu = hu < RS_RAY_LOW_HU ? RS_RAY_LOW_HU : hu;
    return hu > RS_RAY_HIGH_HU ? RS_RAY_HIGH_HU : hu;
}

static void table_within(const rs_sampler *s, const rs_ray_fan *fan, const ray_box *box, const float *mm, float *out)
{
    ray_samples at;
    float value[RS_RAY_STEPS];
    for (int r = 0; r < fan->n; r++, out += RS_RAY_STEPS) {
        place_samples(box, fan->step_vox[r], mm, &at);
        if (s->spline_k)
            spline_ray(s, box, &at, value);
        else
            linear_ray(s, box, &at, value);
        for (int t = 0; t < RS_RAY_STEPS; t++)
            out[t] = cut(s->slope * value[t] + s->offset);
    }
}

static void table_at_border(const rs_sampler *s, const rs_ray_fan *fan, const double index[3], const float *mm,
                            float *out)
{
    float mean = 0;
    for (int t = 0; t < RS_RAY_STEPS; t++) {
        bool inside[RS_RAYS_FULL];
        float sum = 0;
        int n = 0;
        for (int r = 0; r < fan->n; r++) {
            double at[3];
            float hu = 0;
            for (int a = 0; a < 3; a++)
                at[a] = index[a] + (double)(mm[t] * fan->step_vox[r][a]);
            inside[r] = rs_sampler_value(s, at, &hu);
            if (!inside[r]) continue;
            out[r * RS_RAY_STEPS + t] = cut(hu);
            sum += cut(hu);
            n++;
        }
        if (n > 0) mean = sum / (float)n;
        for (int r = 0; r < fan->n; r++)
            if (!inside[r]) out[r * RS_RAY_STEPS + t] = mean;
    }
}

void rs_ray_table(const rs_sampler *sampler, const rs_ray_fan *fan, const double index[3], double radius_mm, float *out)
{
    float mm[RS_RAY_STEPS];
    ray_box box;
    distances(radius_mm, mm);
    if (box_around(sampler, fan, index, (double)mm[RS_RAY_STEPS - 1], &box))
        table_within(sampler, fan, &box, mm, out);
    else
        table_at_border(sampler, fan, index, mm, out);
}
