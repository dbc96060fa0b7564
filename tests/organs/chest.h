/* A chest of ellipsoids, given in patient space, so that every geometry shows the same patient. Volumes are closed
 * forms. */
#ifndef TESTS_ORGANS_CHEST_H
#define TESTS_ORGANS_CHEST_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "organs.h"
#include "restage/context.h"

/* Patient space, mm: x left, y back, z head; the lungs' centre is the origin. */
typedef struct chest {
    bool no_lungs, no_heart, filled_left;
    bool bridge;     /* a sheet of -650 HU joins the lungs in front */
    double bridge_x; /* where the sheet is dense: the pleurae of both lungs */
    bool stomach;    /* gas under the left dome */
    bool table;
    double mirror;  /* -1: the patient is mirrored against the header */
    double spine_y; /* +1 behind, -1 in front */
    double mass_mm; /* diameter of a mass of tissue; 0: none */
    double mass[3];
    double shift_hu;
    double body_x;    /* half width of the body; 0: 160 */
    double foam_hu;   /* all around the body; 0: air */
    double circle_mm; /* radius of the reconstruction circle; 0: none */
    double solid_cm;  /* of the right lung from its lower end, filled with tissue; 0: none */
    double fluid_cm;  /* behind the right lung, from its back; 0: none */
    double lung_hu;   /* breathed out, with main bronchi; 0: -860 without */
} chest;

#define CHEST_DEFAULT                                                                                                  \
    {                                                                                                                  \
        .mirror = 1, .spine_y = 1                                                                                      \
    }

/* Half axes of a lung, and its centre beside the middle. */
static const double lung_axes[3] = {52, 75, 105};
static const double lung_x = 68;

static bool in_ellipsoid(const double p[3], double x, double y, double z, double a, double b, double c)
{
    double u = (p[0] - x) / a, v = (p[1] - y) / b, w = (p[2] - z) / c;
    return u * u + v * v + w * w <= 1;
}

static double tissue_hu(const chest *c, const double p[3], bool *in_lung)
{
    double x = p[0], y = p[1], z = p[2], spine_y = 85 * c->spine_y;
    *in_lung = false;
    if (c->table && y > 118 && y < 123 && fabs(x) < 150) return 200;
    if (!in_ellipsoid((double[3]){x, y, 0}, 0, 0, 0, c->body_x > 0 ? c->body_x : 160, 118, 1))
        return c->foam_hu < 0 ? c->foam_hu : -1000;
    if ((x * x + (y - spine_y) * (y - spine_y)) < 16 * 16) return 350;
    if (c->mass_mm > 0 &&
        in_ellipsoid(p, c->mass[0], c->mass[1], c->mass[2], c->mass_mm / 2, c->mass_mm / 2, c->mass_mm / 2))
        return 40;
    if (!c->no_heart && in_ellipsoid(p, 24, -25, -40, 52, 38, 45)) return 40;
    if (x * x + (y - 10) * (y - 10) < 8.5 * 8.5 && z > 10) return -995;
    if (c->lung_hu < 0 && fabs(x) < 30 && (y - 10) * (y - 10) + (z - 15) * (z - 15) < 6 * 6) return -995;
    if (c->stomach && in_ellipsoid(p, 60, -20, -150, 35, 30, 25)) return -990;
    if (!c->no_lungs) {
        bool left = in_ellipsoid(p, lung_x, 0, 0, lung_axes[0], lung_axes[1], lung_axes[2]);
        bool right = in_ellipsoid(p, -lung_x, 0, 0, lung_axes[0], lung_axes[1], lung_axes[2]);
        bool lost = right && (z < 10 * c->solid_cm - lung_axes[2] || y > lung_axes[1] - 10 * c->fluid_cm);
        *in_lung = (left && !c->filled_left) || (right && !lost);
        if (*in_lung) return c->lung_hu < 0 ? c->lung_hu : -860;
        if (c->bridge && fabs(x) < 40 && y > 30 && y < 36 && z > 10 && z < 60)
            return fabs(x - c->bridge_x) < 2 ? -650 : -860;
    }
    return 40;
}

static uint32_t noise_state(int64_t index)
{
    uint64_t h = (uint64_t)index * UINT64_C(0x9E3779B97F4A7C15);
    h ^= h >> 29;
    h *= UINT64_C(0xBF58476D1CE4E5B9);
    return (uint32_t)(h >> 40);
}

/* Fills a volume; *lung_ml: what is lung by construction, left and right. */
static void render(const chest *c, rs_volume *volume, double lung_ml[2])
{
    const rs_geometry *g = &volume->geometry;
    int64_t at = 0;
    lung_ml[0] = lung_ml[1] = 0;
    for (int32_t k = 0; k < g->n[2]; k++) {
        for (int32_t j = 0; j < g->n[1]; j++) {
            for (int32_t i = 0; i < g->n[0]; i++, at++) {
                double p[3];
                bool in_lung = false;
                rs_geometry_to_lps(g, (double[3]){i, j, k}, p);
                bool left = p[0] > 0;
                p[0] *= c->mirror;
                double hu = tissue_hu(c, p, &in_lung) + (noise_state(at) % 61) - 30.0;
                bool beyond = c->circle_mm > 0 && hypot(p[0], p[1]) > c->circle_mm;
                in_lung = in_lung && !beyond;
                volume->voxels[at] = beyond ? -1024 : (int16_t)lround(hu + c->shift_hu);
                if (in_lung) lung_ml[left ? 0 : 1] += rs_geometry_voxel_mm3(g) / 1000;
            }
        }
    }
}

/* A grid of the whole chest by its axes: rows of axes are patient directions of i, j, k. */
static rs_geometry grid(const double axes[3][3], const int32_t n[3], const double mm[3])
{
    rs_geometry g;
    memset(&g, 0, sizeof g);
    for (int a = 0; a < 3; a++) {
        g.n[a] = n[a];
        g.spacing_mm[a] = mm[a];
        memcpy(g.axis[a], axes[a], sizeof g.axis[a]);
    }
    double centre[3] = {(n[0] - 1) / 2.0, (n[1] - 1) / 2.0, (n[2] - 1) / 2.0}, p[3];
    rs_geometry_to_lps(&g, centre, p);
    for (int a = 0; a < 3; a++)
        g.origin_lps_mm[a] = -p[a] + (a == 2 ? -20 : 0); /* the lungs lie a little above the middle */
    return g;
}

static const double hfs[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};

static inline rs_geometry whole_chest(void)
{
    return grid(hfs, (const int32_t[3]){170, 132, 116}, (const double[3]){2, 2, 2.5});
}

typedef struct result {
    rs_context *ctx;
    rs_params *params;
    rs_arena *arena;
    rs_volume volume;
    rs_regions regions;
    double lung_ml[2];
} result;

static void segment_threads(const chest *c, rs_geometry g, int threads, result *r)
{
    const rs_organ *organ = rs_organs_at(0);
    memset(r, 0, sizeof *r);
    assert_int_equal(rs_context_new(&(rs_context_options){.threads = threads}, &r->ctx), RS_OK);
    assert_int_equal(rs_params_new(r->ctx, &organ->params, 1, &r->params), RS_OK);
    r->arena = rs_arena_new();
    assert_int_equal(rs_volume_new(r->ctx, &g, &r->volume), RS_OK);
    render(c, &r->volume, r->lung_ml);
    assert_int_equal(organ->segment(r->ctx, &r->volume, r->params, r->arena, &r->regions), RS_OK);
}

static inline void segment(const chest *c, rs_geometry g, result *r)
{
    segment_threads(c, g, 2, r);
}

static inline void end(result *r)
{
    rs_regions_free(r->ctx, &r->regions);
    rs_volume_free(r->ctx, &r->volume);
    rs_params_free(r->params);
    rs_arena_free(r->arena);
    rs_context_free(r->ctx);
}

/* Region at a place in patient space. */
static inline int region_at(const result *r, double x, double y, double z)
{
    double index[3];
    rs_geometry_to_index(&r->volume.geometry, (double[3]){x, y, z}, index);
    return rs_regions_at(&r->regions, (int32_t)lround(index[0]), (int32_t)lround(index[1]), (int32_t)lround(index[2]));
}

enum { BODY = 0, TRACHEA, LEFT, RIGHT };

#endif
