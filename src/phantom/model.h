/* A whole phantom before its pixels: patient, scanner, tubes, lesions, texture; and its rendering slab by slab. */
#ifndef PHANTOM_MODEL_H
#define PHANTOM_MODEL_H

#include "anatomy.h"
#include "lesion.h"
#include "recipe.h"
#include "scan.h"

enum { RS_PHANTOM_TILE = 80 }; /* nodes of the texture's cube each way */
#define RS_PHANTOM_TILE_MM 1.6 /* pitch of its nodes; it repeats every 128 mm */

/* Tubes by height: those of bin n reach into [first_mm + n * bin_mm, + bin_mm). */
typedef struct rs_phantom_bins {
    double first_mm, bin_mm;
    int n_bins;
    const int32_t *begin; /* n_bins + 1 */
    const int32_t *tube;  /* by layer, then by index */
} rs_phantom_bins;

/* A thing that is neither true nor false. */
typedef struct rs_phantom_irrelevant {
    double centre[3], diameter_mm;
    const char *what;
} rs_phantom_irrelevant;

typedef struct rs_phantom_model {
    rs_phantom_options options;            /* as they were given */
    uint64_t seed, lesion_seed, scan_seed; /* of the anatomy; of the lesions; of this scan, time point mixed in */
    rs_phantom_recipe recipe;
    bool has[RS_PHANTOM_MODES];    /* modes of this patient */
    void *drawn[RS_PHANTOM_MODES]; /* what each of them paints */
    rs_phantom_irrelevant *irrelevant;
    int n_irrelevant, irrelevant_capacity;
    rs_phantom_anatomy anatomy;
    rs_phantom_scan scan;
    rs_phantom_tubes tubes;
    int n_great; /* the first of them: bones, great vessels, main airways */
    rs_phantom_bins bins;
    rs_phantom_lesions lesions, gone; /* gone: of time point 0, where this is time point 1 */
    const float *texture;             /* RS_PHANTOM_TILE^3, mean 0, SD 1 */
} rs_phantom_model;

/** Checks the options and builds the model in the arena. RS_OK; RS_USAGE; RS_NO_MEMORY. spheres: lesions without bumps.
 */
RS_MUST_USE rs_status rs_phantom_model_new(rs_context *ctx, rs_arena *arena, const rs_phantom_options *options,
                                           bool spheres, rs_phantom_model **out);

/** Slices of a slab: a function of the grid alone. */
int32_t rs_phantom_slab_slices(const rs_phantom_scan *scan);

/** Renders slices first … first + n - 1 (rising to the head) as HU + 1024, clamped to 0 … 4095. From worker scratch. */
RS_MUST_USE rs_status rs_phantom_render(rs_context *ctx, const rs_phantom_model *model, int32_t first, int32_t n,
                                        uint16_t *out);

/* One sub-slice in the making. */
typedef struct rs_phantom_plane {
    const rs_phantom_model *model;
    double z;
    float *hu;            /* columns x rows */
    float *cover;         /* of one layer; zero between layers */
    const float *texture; /* the cube's section at z: RS_PHANTOM_TILE^2 */
} rs_phantom_plane;

/** Paints one sub-slice: everything but blur and noise. */
void rs_phantom_paint(rs_phantom_plane *plane);

/* Its parts, in painting order: table and body wall; cage, abdomen, lungs; solids and spine; tubes; lesions. */
void rs_phantom_paint_body(rs_phantom_plane *plane);
void rs_phantom_paint_chest(rs_phantom_plane *plane);
void rs_phantom_paint_solids(rs_phantom_plane *plane, bool abdominal);
void rs_phantom_paint_spine(rs_phantom_plane *plane);
void rs_phantom_paint_tubes(rs_phantom_plane *plane, rs_phantom_layer first, rs_phantom_layer last);
void rs_phantom_paint_lesions(rs_phantom_plane *plane);

/* A box of pixels around [x0, x1] x [y0, y1] mm, cut at the image; empty where begin >= end. */
typedef struct rs_phantom_pixels {
    int32_t i0, i1, j0, j1; /* one past at the end */
} rs_phantom_pixels;

rs_phantom_pixels rs_phantom_pixels_of(const rs_phantom_scan *scan, double x0, double x1, double y0, double y1);

static inline double rs_phantom_x(const rs_phantom_scan *scan, int32_t i)
{
    return scan->corner_mm[0] + i * scan->pixel_mm;
}

static inline double rs_phantom_y(const rs_phantom_scan *scan, int32_t j)
{
    return scan->corner_mm[1] + j * scan->row_mm;
}

/* Height of a slice where it crosses y. */
static inline double rs_phantom_z(const rs_phantom_scan *scan, int32_t slice, double y)
{
    return scan->corner_mm[2] + slice * scan->spacing_mm + (y - scan->corner_mm[1]) * scan->rise_mm / scan->row_mm;
}

/* Share of a pixel inside a surface at a signed distance: the edge of a half plane seen through the pixel. */
static inline float rs_phantom_cover(double distance_mm, double pixel_mm)
{
    double c = 0.5 - distance_mm / pixel_mm;
    return (float)(c < 0.0 ? 0.0 : (c > 1.0 ? 1.0 : c));
}

/** The texture at a place of the plane; bilinear. */
float rs_phantom_texture_at(const rs_phantom_plane *plane, double x, double y);

#endif
