/* A made scan to insert lesions into, for the tests beside it. */
#ifndef INSERT_WORLD_H
#define INSERT_WORLD_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "insert_room.h"
#include "library.h"
#include "restage/files.h"
#include "restage/formats.h"
#include "restage/json.h"
#include "truth.h"

enum { LUNG = -850, WALL = 40 };

/* A box of lung in tissue, left and right half labelled apart; a vessel of 1.5 mm radius along k in each. */
typedef struct world {
    rs_context *ctx;
    rs_arena *arena;
    rs_series series;
    rs_volume volume;
    rs_regions regions;
    rs_quality quality;
    rs_insert_input in;
    rs_insert_options options;
} world;

static const int32_t edge = 10; /* voxels of wall on each side */

static inline double random_normal(uint64_t index)
{
    rs_phantom_random r = {rs_phantom_key(9, 1, index), 0};
    return rs_phantom_normal(&r);
}

static inline bool is_lung(const int32_t n[3], const int32_t at[3])
{
    for (int c = 0; c < 3; c++)
        if (at[c] < edge || at[c] >= n[c] - edge) return false;
    return true;
}

static inline void fill(world *w, double noise_hu, bool vessels)
{
    const rs_geometry *g = &w->volume.geometry;
    double gain = noise_hu / (0.5 * sqrt(1.5) * 0.5 * sqrt(1.5)); /* of the weights 1/4 1/2 1/4 along both axes */
    for (int32_t k = 0; k < g->n[2]; k++) {
        for (int32_t j = 0; j < g->n[1]; j++) {
            for (int32_t i = 0; i < g->n[0]; i++) {
                const int32_t at[3] = {i, j, k};
                int64_t v = ((int64_t)k * g->n[1] + j) * g->n[0] + i;
                double hu = is_lung(g->n, at) ? LUNG : WALL, sum = 0.0;
                for (int side = 0; side < 2 && vessels; side++) {
                    double x = (i - g->n[0] * (side == 0 ? 0.3 : 0.7)) * g->spacing_mm[0],
                           y = (j - g->n[1] * 0.5) * g->spacing_mm[1];
                    if (x * x + y * y < 1.5 * 1.5) hu = WALL;
                }
                for (int n = 0; n < 9 && noise_hu > 0.0; n++) {
                    static const double weight[3] = {0.25, 0.5, 0.25};
                    uint64_t index = (uint64_t)(v + (int64_t)(n / 3) * g->n[0] + n % 3 + 1);
                    sum += weight[n / 3] * weight[n % 3] * random_normal(index);
                }
                w->volume.voxels[v] = (int16_t)floor(hu + gain * sum + 0.5);
                w->regions.labels[v] = is_lung(g->n, at) ? (i < g->n[0] / 2 ? 1 : 2) : 0;
            }
        }
    }
}

static inline world *world_of(int threads, const double spacing_mm[3], double fwhm_mm, double axial_mm, double noise_hu,
                              bool vessels)
{
    world *w = calloc(1, sizeof *w);
    const rs_context_options options = {.threads = threads};
    assert_non_null(w);
    assert_int_equal(rs_context_new(&options, &w->ctx), RS_OK);
    w->arena = rs_arena_new();
    rs_geometry g = {
        .n = {110, 100, 70}, .origin_lps_mm = {-30.0, -20.0, 100.0}, .axis = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    for (int c = 0; c < 3; c++)
        g.spacing_mm[c] = spacing_mm[c];
    assert_int_equal(rs_volume_new(w->ctx, &g, &w->volume), RS_OK);
    assert_int_equal(rs_regions_new(w->ctx, &g, &w->regions), RS_OK);
    for (int r = 0; r < 2; r++) {
        w->regions.region[r] = (rs_region){.name = "lung",
                                           .role = RS_ROLE_SEARCH,
                                           .side = r == 0 ? RS_SIDE_RIGHT : RS_SIDE_LEFT,
                                           .state = RS_ASSESSED,
                                           .searched_ml = 100.0};
        for (int c = 0; c < 3; c++) {
            w->regions.region[r].begin[c] = edge;
            w->regions.region[r].end[c] = g.n[c] - edge;
        }
    }
    w->regions.n = 2;
    w->series.kernel = "B31f";
    w->series.series_instance_uid = "1.2.3";
    w->series.kvp = (double)NAN;
    w->quality = (rs_quality){.noise_hu = noise_hu > 0.0 ? noise_hu : (double)NAN,
                              .psf = {fwhm_mm, axial_mm},
                              .thickness_mm = spacing_mm[2],
                              .autocorrelation = {1.0, 2.0 / 3.0, 1.0 / 6.0, 0.0}};
    w->in = (rs_insert_input){&w->series, &w->volume, &w->regions, &w->quality};
    w->options = (rs_insert_options){.seed = 3, .vessel_share = (double)NAN, .wall_share = (double)NAN};
    fill(w, noise_hu, vessels);
    return w;
}

static inline void world_end(world *w)
{
    rs_arena_free(w->arena);
    rs_volume_free(w->ctx, &w->volume);
    rs_regions_free(w->ctx, &w->regions);
    rs_context_free(w->ctx);
    free(w);
}

static const double fine_mm[3] = {0.7, 0.7, 1.0}, thick_mm[3] = {0.7, 0.7, 2.5}, cube_mm[3] = {0.7, 0.7, 0.7};

static inline rs_insert_lesion sphere(double radius_mm, double hu)
{
    rs_insert_lesion l = {.diameter_mm = 2.0 * radius_mm, .outer_hu = hu};
    l.shape = (rs_insert_shape){.lowest = 1.0, .highest = 1.0, .reach_mm = radius_mm * 1.0001, .name = "near_sphere"};
    for (int c = 0; c < 3; c++) {
        l.shape.axis[c][c] = 1.0;
        l.shape.radius_mm[c] = radius_mm;
    }
    return l;
}

/* Renders it at a place; the scene is made anew. */
static inline void render(world *w, rs_insert_scene *s, rs_insert_lesion *l, const double origin_mm[3])
{
    assert_int_equal(rs_insert_scene_new(w->ctx, w->arena, &w->in, &w->options, s), RS_OK);
    memcpy(l->origin_mm, origin_mm, sizeof l->origin_mm);
    rs_insert_lesion_box(s, l);
    int64_t voxels = 1;
    for (int c = 0; c < 3; c++)
        voxels *= l->end[c] - l->begin[c];
    l->delta = RS_ARENA_NEW(w->arena, float, voxels);
    assert_non_null(l->delta);
    assert_int_equal(rs_insert_render(w->ctx, s, l), RS_OK);
}

static inline double delta_at(const rs_insert_lesion *l, int32_t i, int32_t j, int32_t k)
{
    if (i < l->begin[0] || i >= l->end[0] || j < l->begin[1] || j >= l->end[1] || k < l->begin[2] || k >= l->end[2])
        return 0.0;
    int64_t wide = l->end[0] - l->begin[0], high = l->end[1] - l->begin[1];
    return (double)l->delta[((k - l->begin[2]) * high + j - l->begin[1]) * wide + i - l->begin[0]];
}

static inline double sum_mm3(const world *w, const rs_insert_lesion *l)
{
    double sum = 0.0;
    int64_t n = 1;
    for (int c = 0; c < 3; c++)
        n *= l->end[c] - l->begin[c];
    for (int64_t v = 0; v < n; v++)
        sum += (double)l->delta[v];
    return sum * rs_geometry_voxel_mm3(&w->volume.geometry);
}

#endif
