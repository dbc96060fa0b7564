/* Lesions for the tests, by a renderer of their own: shapes are sampled on a fine grid, each fine voxel by 2 x 2 x 2
   points, blurred along each axis by the profile itself, and read at the voxel centres. It shares nothing with the
   model of the fit. Noise is white noise under a ramp-like kernel, so its autocorrelation is known. */
#ifndef TESTS_MEASURE_SCENE_H
#define TESTS_MEASURE_SCENE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"

#include "restage/arena.h"
#include "restage/context.h"
#include "restage/regions.h"

#define PER_SIGMA 2.354820045030949

typedef enum scene_profile { PROFILE_GAUSS, PROFILE_TRAPEZOID, PROFILE_TRIANGLE } scene_profile;

/* Step of the fine grid for a shape of this radius, mm. */
static inline double scene_fine_mm(double radius)
{
    return radius < 6.0 ? 0.2 : 0.4;
}

typedef struct scene_random {
    uint64_t state;
} scene_random;

/* splitmix64 */
static inline double scene_uniform(scene_random *r)
{
    uint64_t z = (r->state += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static inline double scene_between(scene_random *r, double low, double high)
{
    return low + (high - low) * scene_uniform(r);
}

static inline double scene_normal(scene_random *r)
{
    double u = 1.0 - scene_uniform(r), v = scene_uniform(r);
    return sqrt(-2.0 * log(u)) * cos(2.0 * M_PI * v);
}

#define SCENE_BUMPS 4

/* An ellipsoid with bumps, or what custom says; all in mm from the middle of the grid's voxel n / 2. */
typedef struct scene_shape {
    double centre[3], radius, axis[3], turn[3][3];
    double bump[SCENE_BUMPS][3], height[SCENE_BUMPS];
    double cut_normal[3], cut_at; /* the part with normal . x > cut_at is gone; no cut when the normal is 0 */
} scene_shape;

typedef struct scene {
    int32_t n[3];
    double spacing[3];
    double fxy, fz;
    scene_profile profile;
    double background, contrast, noise, texture;
    uint64_t seed;
} scene;

static inline void scene_ball(scene_shape *s, double x, double y, double z, double radius)
{
    memset(s, 0, sizeof *s);
    s->centre[0] = x, s->centre[1] = y, s->centre[2] = z;
    s->radius = radius;
    for (int a = 0; a < 3; a++)
        s->axis[a] = 1.0, s->turn[a][a] = 1.0;
}

/* S1 of science: axis factors e^(+-0.17), bumps, turned at random. */
static inline void scene_blob(scene_shape *s, double radius, scene_random *r)
{
    double q[4], norm = 0.0, product = 1.0;
    for (int c = 0; c < 4; c++)
        q[c] = scene_normal(r), norm += q[c] * q[c];
    for (int c = 0; c < 4; c++)
        q[c] /= sqrt(norm);
    double w = q[0], x = q[1], y = q[2], z = q[3];
    const double turn[3][3] = {{1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)},
                               {2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)},
                               {2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)}};
    memcpy(s->turn, turn, sizeof turn);
    s->radius = radius;
    for (int a = 0; a < 3; a++)
        s->axis[a] = exp(scene_between(r, -0.17, 0.17)), product *= s->axis[a];
    for (int a = 0; a < 3; a++)
        s->axis[a] /= cbrt(product);
    for (int b = 0; b < SCENE_BUMPS; b++) {
        double length = 0.0;
        for (int a = 0; a < 3; a++)
            s->bump[b][a] = scene_normal(r), length += s->bump[b][a] * s->bump[b][a];
        for (int a = 0; a < 3; a++)
            s->bump[b][a] /= sqrt(length);
        s->height[b] = scene_between(r, -0.1, 0.2);
    }
}

/* Signed distance from the surface, roughly; negative inside. */
static inline double scene_distance(const scene_shape *s, const double at[3])
{
    double d[3], u[3], r = 0.0, q = 0.0;
    for (int a = 0; a < 3; a++)
        d[a] = at[a] - s->centre[a], r += d[a] * d[a];
    r = sqrt(r);
    for (int a = 0; a < 3; a++) {
        u[a] = (s->turn[a][0] * d[0] + s->turn[a][1] * d[1] + s->turn[a][2] * d[2]) / s->axis[a];
        q += u[a] * u[a];
    }
    double factor = 1.0;
    for (int b = 0; b < SCENE_BUMPS && r > 0.0; b++) {
        double c = (s->bump[b][0] * d[0] + s->bump[b][1] * d[1] + s->bump[b][2] * d[2]) / r;
        if (c > 0.0) factor += s->height[b] * c * c * c * c * c * c;
    }
    double out = sqrt(q) - s->radius * factor, over = 0.0;
    for (int a = 0; a < 3; a++)
        over += s->cut_normal[a] * at[a];
    bool cut = s->cut_normal[0] != 0.0 || s->cut_normal[1] != 0.0 || s->cut_normal[2] != 0.0;
    return cut ? fmax(out, over - s->cut_at) : out;
}

static inline double scene_share(const scene_shape *s, const double at[3])
{
    double d = scene_distance(s, at), step = scene_fine_mm(s->radius);
    if (d > 2.5 * step) return 0.0;
    if (d < -2.5 * step) return 1.0;
    int n = 0;
    for (int m = 0; m < 8; m++) {
        double p[3] = {at[0] + (m & 1 ? 0.25 : -0.25) * step, at[1] + (m & 2 ? 0.25 : -0.25) * step,
                       at[2] + (m & 4 ? 0.25 : -0.25) * step};
        n += scene_distance(s, p) <= 0.0;
    }
    return n / 8.0;
}

/* Value of a blur profile of this FWHM-by-sigma at x; not normalised. */
static inline double scene_profile_at(scene_profile profile, double fwhm, double x)
{
    double sigma = fwhm / PER_SIGMA, width;
    x = fabs(x);
    switch (profile) {
    case PROFILE_TRAPEZOID: /* boxes of widths w and w / 2: variance 5/4 w^2 / 12 */
        width = sigma * sqrt(12.0 / 1.25);
        if (x <= 0.25 * width) return 1.0;
        return x >= 0.75 * width ? 0.0 : (0.75 * width - x) / (0.5 * width);
    case PROFILE_TRIANGLE: /* variance w^2 / 6 */
        width = sigma * sqrt(6.0);
        return x >= width ? 0.0 : 1.0 - x / width;
    default:
        return exp(-0.5 * x * x / (sigma * sigma));
    }
}

/* Weights of n_fine fine samples (from first, step apart) for n voxels. */
static inline double *scene_weights(scene_profile profile, double fwhm, int n, double spacing, double first, int n_fine,
                                    double step)
{
    double *w = calloc((size_t)n * (size_t)n_fine, sizeof *w);
    double total = 0.0;
    for (int m = -4000; m <= 4000; m++)
        total += scene_profile_at(profile, fwhm, m * 0.001 * 5.0) * 0.005;
    for (int i = 0; i < n; i++)
        for (int f = 0; f < n_fine; f++) {
            double x = first + f * step - (i - n / 2) * spacing;
            w[(size_t)i * (size_t)n_fine + (size_t)f] = scene_profile_at(profile, fwhm, x) * step / total;
        }
    return w;
}

/* Contracts the last axis of in (rows x n_fine) to n voxels, and puts it first: out is n x rows. */
static inline float *scene_contract(float *in, int64_t rows, int n_fine, const double *w, int n)
{
    float *out = calloc((size_t)(rows * n), sizeof *out);
    for (int i = 0; i < n; i++) {
        const double *row = w + (size_t)i * (size_t)n_fine;
        int low = 0, high = n_fine;
        while (low < high && row[low] < 1e-9)
            low++;
        while (high > low && row[high - 1] < 1e-9)
            high--;
        for (int64_t r = 0; r < rows; r++) {
            double sum = 0.0;
            for (int f = low; f < high; f++)
                sum += row[f] * (double)in[r * n_fine + f];
            out[(int64_t)i * rows + r] = (float)sum;
        }
    }
    free(in);
    return out;
}

/* Blurred share of the shape at every voxel, columns fastest; the shape's own volume in mm3. */
static inline float *scene_render(const scene *sc, const scene_shape *shape, double *volume_mm3)
{
    double step = scene_fine_mm(shape->radius), reach = 1.35 * shape->radius + 2.0 * step;
    int n_fine = 2 * (int)ceil(reach / step) + 1;
    double first[3], sum = 0.0;
    for (int a = 0; a < 3; a++)
        first[a] = shape->centre[a] - 0.5 * (n_fine - 1) * step;
    float *fine = calloc((size_t)n_fine * (size_t)n_fine * (size_t)n_fine, sizeof *fine), *at = fine;
    for (int k = 0; k < n_fine; k++)
        for (int j = 0; j < n_fine; j++)
            for (int i = 0; i < n_fine; i++, at++) {
                double p[3] = {first[0] + i * step, first[1] + j * step, first[2] + k * step};
                *at = (float)scene_share(shape, p);
                sum += (double)*at;
            }
    if (volume_mm3) *volume_mm3 = sum * step * step * step;
    int64_t rows = (int64_t)n_fine * n_fine;
    for (int a = 0; a < 3; a++) {
        double *w = scene_weights(a == 2 ? sc->profile : PROFILE_GAUSS, a == 2 ? sc->fz : sc->fxy, sc->n[a],
                                  sc->spacing[a], first[a], n_fine, step);
        fine = scene_contract(fine, rows, n_fine, w, sc->n[a]);
        free(w);
        rows = rows / n_fine * sc->n[a];
    }
    /* The axes were put first one after another, i, j, k: k is slowest. */
    return fine;
}

#define NOISE_REACH 3

static inline double scene_noise_kernel(int i, int j)
{
    double r2 = (double)(i * i + j * j);
    return exp(-r2 / (2.0 * 0.64)) - 0.16 * exp(-r2 / (2.0 * 2.56));
}

static const double scene_axial_kernel[3] = {0.3, 1.0, 0.3};

/* Autocorrelation that the noise has, at 0 to 3 pixels and in the next slice. */
static inline void scene_autocorrelation(double out[4], double *axial)
{
    for (int lag = 0; lag < 4; lag++) {
        out[lag] = 0.0;
        for (int j = -NOISE_REACH; j <= NOISE_REACH; j++)
            for (int i = -NOISE_REACH; i <= NOISE_REACH - lag; i++)
                out[lag] += scene_noise_kernel(i, j) * scene_noise_kernel(i + lag, j);
    }
    for (int lag = 3; lag >= 0; lag--)
        out[lag] /= out[0];
    *axial = (2.0 * 0.3) / (1.0 + 2.0 * 0.09);
}

static inline float *scene_noise_field(const scene *sc, scene_random *r)
{
    int32_t m[3] = {sc->n[0] + 2 * NOISE_REACH, sc->n[1] + 2 * NOISE_REACH, sc->n[2] + 2};
    int64_t plane = (int64_t)m[0] * m[1];
    float *white = malloc((size_t)(plane * m[2]) * sizeof *white);
    float *out = calloc((size_t)sc->n[0] * (size_t)sc->n[1] * (size_t)sc->n[2], sizeof *out);
    for (int64_t v = 0; v < plane * m[2]; v++)
        white[v] = (float)scene_normal(r);
    float *mixed = calloc((size_t)plane, sizeof *mixed);
    double power = 0.0, kernel[2 * NOISE_REACH + 1][2 * NOISE_REACH + 1];
    for (int j = -NOISE_REACH; j <= NOISE_REACH; j++)
        for (int i = -NOISE_REACH; i <= NOISE_REACH; i++) {
            kernel[j + NOISE_REACH][i + NOISE_REACH] = scene_noise_kernel(i, j);
            power += scene_noise_kernel(i, j) * scene_noise_kernel(i, j);
        }
    double scale = sc->noise / sqrt(power * 1.18);
    for (int32_t k = 0; k < sc->n[2]; k++) {
        for (int64_t v = 0; v < plane; v++) {
            double sum = 0.0;
            for (int c = 0; c < 3; c++)
                sum += scene_axial_kernel[c] * (double)white[(k + c) * plane + v];
            mixed[v] = (float)sum;
        }
        for (int32_t j = 0; j < sc->n[1]; j++)
            for (int32_t i = 0; i < sc->n[0]; i++) {
                double sum = 0.0;
                for (int y = 0; y <= 2 * NOISE_REACH; y++)
                    for (int x = 0; x <= 2 * NOISE_REACH; x++)
                        sum += kernel[y][x] * (double)mixed[(int64_t)(j + y) * m[0] + i + x];
                out[((int64_t)k * sc->n[1] + j) * sc->n[0] + i] = (float)(sum * scale);
            }
    }
    free(white);
    free(mixed);
    return out;
}

/* Smooth waves of random direction stand for the structure of the lung. */
static inline double scene_texture(const double wave[8][4], const double at[3])
{
    double sum = 0.0;
    for (int w = 0; w < 8; w++)
        sum += cos(wave[w][0] * at[0] + wave[w][1] * at[1] + wave[w][2] * at[2] + wave[w][3]);
    return sum * 0.5; /* variance of 8 cosines is 4 */
}

/* A volume, everything searched; ended by scene_free. */
typedef struct scene_case {
    rs_volume volume;
    rs_regions regions;
    rs_quality quality;
    double volume_mm3;
} scene_case;

static inline void scene_geometry(const scene *sc, rs_geometry *g)
{
    memset(g, 0, sizeof *g);
    for (int a = 0; a < 3; a++) {
        g->n[a] = sc->n[a];
        g->spacing_mm[a] = sc->spacing[a];
        g->axis[a][a] = 1.0;
        g->origin_lps_mm[a] = 10.0 * (a + 1);
    }
}

static inline bool scene_make(rs_context *ctx, const scene *sc, const scene_shape *shapes, int n_shapes,
                              scene_case *out)
{
    memset(out, 0, sizeof *out);
    rs_geometry g;
    scene_geometry(sc, &g);
    if (rs_volume_new(ctx, &g, &out->volume) != RS_OK || rs_regions_new(ctx, &g, &out->regions) != RS_OK) return false;
    scene_random r = {sc->seed * 977 + 5};
    int64_t count = rs_geometry_voxels(&g);
    float *noise = sc->noise > 0.0 ? scene_noise_field(sc, &r) : calloc((size_t)count, sizeof *noise);
    double wave[8][4];
    for (int w = 0; w < 8; w++) {
        for (int a = 0; a < 3; a++)
            wave[w][a] = scene_between(&r, -0.5, 0.5);
        wave[w][3] = scene_between(&r, 0.0, 2.0 * M_PI);
    }
    float *sum = calloc((size_t)count, sizeof *sum);
    for (int s = 0; s < n_shapes; s++) {
        float *one = scene_render(sc, &shapes[s], s == 0 ? &out->volume_mm3 : NULL);
        for (int64_t v = 0; v < count; v++)
            sum[v] += one[v];
        free(one);
    }
    for (int64_t v = 0; v < count; v++) {
        double at[3] = {(double)(v % g.n[0]) * g.spacing_mm[0], (double)(v / g.n[0] % g.n[1]) * g.spacing_mm[1],
                        (double)(v / g.n[0] / g.n[1]) * g.spacing_mm[2]};
        double share = fmin((double)sum[v], 1.0);
        double hu = sc->background + sc->contrast * share + (double)noise[v] +
                    (1.0 - share) * sc->texture * scene_texture(wave, at);
        out->volume.voxels[v] = rs_volume_stored(&out->volume, hu);
    }
    free(sum);
    free(noise);
    memset(out->regions.labels, 1, (size_t)count);
    out->regions.n = 1;
    out->regions.region[0] =
        (rs_region){.name = "lung", .role = RS_ROLE_SEARCH, .state = RS_ASSESSED, .end = {g.n[0], g.n[1], g.n[2]}};
    out->quality = (rs_quality){.noise_hu = sc->noise > 0.0 ? sc->noise : 5.0,
                                .psf = {sc->fxy, sc->fz},
                                .psf_error = {0.06, 0.08},
                                .psf_measured = true};
    scene_autocorrelation(out->quality.autocorrelation, &out->quality.autocorrelation_axial);
    return true;
}

static inline void scene_free(rs_context *ctx, scene_case *c)
{
    rs_regions_free(ctx, &c->regions);
    rs_volume_free(ctx, &c->volume);
}

/* A mark at a place given in mm from voxel n / 2. */
static inline rs_candidate scene_mark(const scene_case *c, double x, double y, double z, double radius)
{
    const rs_geometry *g = &c->volume.geometry;
    rs_candidate out = {.radius_mm = radius, .scale_mm = radius / 1.73};
    const double at[3] = {x, y, z};
    for (int a = 0; a < 3; a++)
        out.index[a] = g->n[a] / 2 + at[a] / g->spacing_mm[a];
    rs_geometry_to_lps(g, out.index, out.lps_mm);
    return out;
}

/* Measures one mark; its texts and runs live in the arena. */
static inline rs_status scene_measure(rs_context *ctx, const scene_case *c, rs_candidate *mark, const rs_params *params,
                                      rs_arena *arena, rs_lesion *out)
{
    static const int first = 0;
    static const rs_measure_profile lung = {
        .contrast_prior_hu = 870.0, .contrast_prior_sd_hu = 90.0, .largest_fit_mm = 20.0};
    rs_candidates candidates = {.items = mark, .n = 1};
    rs_marks marks = {.candidate = &first, .n = 1};
    rs_lesions lesions;
    RS_TRY(rs_measure(ctx, &c->volume, &c->quality, &c->regions, &candidates, &marks, &lung, params, arena, &lesions));
    *out = lesions.items[0];
    return RS_OK;
}

#endif
