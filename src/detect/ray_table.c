/* The table of rays. Well inside the image the kernel fan samples a box around the candidate, in float and without a
   look at the border; elsewhere sample by sample. */
#include "ray_table.h"

#include <math.h>

#include "restage/kernels.h"
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

/* A box that holds every sample with all that it is made of, and where the centre lies in it; false where it leaves the
   image. */
static bool box_around(const rs_ray_look *look, double reach_mm, rs_fan_args *out)
{
    const rs_sampler *s = look->sampler;
    int64_t first = 0, step = 1;
    for (int a = 0; a < 3; a++) {
        double reach = reach_mm * look->fan->vox_per_mm[a] + 1, low = floor(look->index[a] - reach);
        low -= a == 2 && s->spline_k; /* a spline is made of one slice more on either side */
        if (!(low >= 0) || !(look->index[a] + reach + 2 <= s->n[a] - 1)) return false;
        out->centre[a] = (float)(look->index[a] - low);
        first += (int64_t)low * step;
        step *= s->n[a];
    }
    out->box = s->voxels + first;
    out->row = s->n[0];
    out->slice = s->n[0] * s->n[1];
    return true;
}

static inline float cut(float hu)
{
    hu = hu < RS_RAY_LOW_HU ? RS_RAY_LOW_HU : hu;
    return hu > RS_RAY_HIGH_HU ? RS_RAY_HIGH_HU : hu;
}

static void table_at_border(const rs_ray_look *look, const float *mm, float *out)
{
    const rs_ray_fan *fan = look->fan;
    float mean = 0;
    for (int t = 0; t < RS_RAY_STEPS; t++) {
        bool inside[RS_RAYS_FULL];
        float sum = 0;
        int n = 0;
        for (int r = 0; r < fan->n; r++) {
            double at[3];
            float hu = 0;
            for (int a = 0; a < 3; a++)
                at[a] = look->index[a] + (double)(mm[t] * fan->step_vox[r][a]);
            inside[r] = rs_sampler_value(look->sampler, at, &hu);
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

rs_status rs_ray_table(rs_context *ctx, const rs_ray_look *look, float *out)
{
    const rs_sampler *s = look->sampler;
    float mm[RS_RAY_STEPS];
    rs_fan_args args = {.step = look->fan->step_vox,
                        .mm = mm,
                        .rays = look->fan->n,
                        .spline_k = s->spline_k,
                        .low = s->low,
                        .high = s->high,
                        .slope = s->slope,
                        .offset = s->offset,
                        .least = RS_RAY_LOW_HU,
                        .most = RS_RAY_HIGH_HU,
                        .out = out};
    distances(look->radius_mm, mm);
    if (box_around(look, (double)mm[RS_RAY_STEPS - 1], &args)) return rs_context_kernels(ctx)->fan(ctx, &args);
    table_at_border(look, mm, out);
    return RS_OK;
}
