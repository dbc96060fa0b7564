/* Volumes of closed form for the tests of the search. */
#ifndef TESTS_DETECT_SCENE_H
#define TESTS_DETECT_SCENE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "detect.h"
#include "restage/context.h"

typedef struct scene {
    rs_context *ctx;
    rs_arena *arena;
    rs_volume volume;
    rs_regions regions;
    rs_quality quality;
    rs_detect_profile profile;
} scene;

/* A value at a place in mm. */
typedef double (*field)(const double mm[3], const void *arg);

static inline double uniform(uint64_t *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 7;
    *s ^= *s << 17;
    return (double)(*s >> 11) / 9007199254740992.0;
}

static inline double normal(uint64_t *s)
{
    double sum = -6;
    for (int n = 0; n < 12; n++)
        sum += uniform(s);
    return sum;
}

typedef struct scene_wish {
    int32_t n[3];
    double spacing_mm[3];
    rs_psf psf;
    int threads;
    field value; /* HU */
    const void *arg;
    double noise_hu;
} scene_wish;

static const double map_score[] = {0, 1000}, map_p[] = {0, 1};
static const rs_operating_point point = {.name = "default", .p = 0.3};

/* The whole grid is one searched region. */
static inline void scene_open(scene *s, const scene_wish *w)
{
    rs_geometry g = {.axis = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    uint64_t seed = 88172645463325252ULL;
    memset(s, 0, sizeof *s);
    for (int a = 0; a < 3; a++) {
        g.n[a] = w->n[a];
        g.spacing_mm[a] = w->spacing_mm[a];
    }
    assert_int_equal(rs_context_new(&(rs_context_options){.threads = w->threads ? w->threads : 1}, &s->ctx), RS_OK);
    s->arena = rs_arena_new();
    assert_non_null(s->arena);
    assert_int_equal(rs_volume_new(s->ctx, &g, &s->volume), RS_OK);
    assert_int_equal(rs_regions_new(s->ctx, &g, &s->regions), RS_OK);
    int64_t at = 0;
    for (int k = 0; k < w->n[2]; k++)
        for (int j = 0; j < w->n[1]; j++)
            for (int i = 0; i < w->n[0]; i++) {
                double mm[3] = {i * w->spacing_mm[0], j * w->spacing_mm[1], k * w->spacing_mm[2]};
                double hu = w->value(mm, w->arg) + (w->noise_hu > 0 ? w->noise_hu * normal(&seed) : 0);
                s->volume.voxels[at++] = (int16_t)lrint(hu);
            }
    memset(s->regions.labels, 1, (size_t)at);
    s->regions.n = 1;
    s->regions.region[0] = (rs_region){.name = "lung", .role = RS_ROLE_SEARCH, .searched_ml = 100};
    memcpy(s->regions.region[0].end, w->n, sizeof w->n);
    s->quality.psf = w->psf;
    s->profile = (rs_detect_profile){.bright = true,
                                     .clip_low_hu = -1000,
                                     .clip_high_hu = 200,
                                     .min_diameter_mm = 1.5,
                                     .max_diameter_mm = 30,
                                     .calibration = {map_score, map_p, 2, "test"},
                                     .points = &point,
                                     .n_points = 1};
}

static inline void scene_close(scene *s)
{
    rs_regions_free(s->ctx, &s->regions);
    rs_volume_free(s->ctx, &s->volume);
    rs_arena_free(s->arena);
    rs_context_free(s->ctx);
}

static inline rs_detect_wish scene_wish_of(const scene *s)
{
    return (rs_detect_wish){.profile = &s->profile, .point = rs_detect_point(&s->profile, NULL, NULL, "default")};
}

static inline rs_candidates scene_detect_as(scene *s, const rs_detect_wish *wish, rs_marks *marks)
{
    rs_candidates out;
    assert_int_equal(rs_detect(s->ctx, &s->volume, &s->quality, &s->regions, wish, s->arena, &out, marks), RS_OK);
    return out;
}

/* The defaults but for one value. */
static inline rs_params *scene_params(const rs_context *ctx, const char *name, double value)
{
    static const rs_param_table *tables[1];
    rs_params *params;
    tables[0] = &rs_detect_param_table;
    assert_int_equal(rs_params_new((rs_context *)ctx, tables, 1, &params), RS_OK);
    const rs_setting setting = {name, value};
    assert_int_equal(rs_params_default((rs_context *)ctx, params, &setting), RS_OK);
    return params;
}

static inline rs_candidates scene_detect(scene *s, rs_marks *marks)
{
    rs_marks found;
    const rs_detect_wish wish = scene_wish_of(s);
    rs_candidates out = scene_detect_as(s, &wish, &found);
    if (marks) *marks = found;
    return out;
}

/* A sphere of contrast 870 HU in -860 HU, blurred by the PSF: exact for an isotropic Gaussian, and by a sum over the
   rest of the blur along k. */
typedef struct sphere {
    double centre_mm[3], radius_mm, contrast_hu;
    double sigma_mm, more_sigma_k_mm;
} sphere;

static inline double blurred_sphere(double r, double radius, double p)
{
    double a = (radius - r) / (sqrt(2) * p), b = (radius + r) / (sqrt(2) * p);
    if (r < 1e-6) return erf(b) - sqrt(2 / M_PI) * radius / p * exp(-b * b);
    return 0.5 * (erf(a) + erf(b)) - p / (r * sqrt(2 * M_PI)) * (exp(-a * a) - exp(-b * b));
}

static inline double sphere_value(const double mm[3], const void *arg)
{
    const sphere *s = arg;
    double x = mm[0] - s->centre_mm[0], y = mm[1] - s->centre_mm[1], z = mm[2] - s->centre_mm[2], sum = 0, weight = 0;
    double reach = s->radius_mm + 5 * s->sigma_mm + 4 * s->more_sigma_k_mm;
    if (x * x + y * y + z * z > reach * reach) return -860;
    for (int n = -12; n <= 12; n++) {
        double t = n / 3.0, w = exp(-0.5 * t * t), dz = z + t * s->more_sigma_k_mm;
        sum += w * blurred_sphere(sqrt(x * x + y * y + dz * dz), s->radius_mm, s->sigma_mm);
        weight += w;
    }
    return -860 + s->contrast_hu * sum / weight;
}

static inline sphere sphere_in(const rs_psf *psf, double diameter_mm)
{
    double p = psf->in_plane_mm / 2.3548, pz = psf->axial_mm / 2.3548;
    return (sphere){.radius_mm = 0.5 * diameter_mm,
                    .contrast_hu = 870,
                    .sigma_mm = p,
                    .more_sigma_k_mm = pz > p ? sqrt(pz * pz - p * p) : 0};
}

#endif
