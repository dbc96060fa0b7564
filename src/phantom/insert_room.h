/* Lesions blended into a real scan (science D2), the inner side. Lengths and places are mm along the axes of the
   volume's grid, voxel (0, 0, 0) at 0: place[c] = index[c] * spacing_mm[c].

   scene    the scan with what is needed of it everywhere: where is searched, its noise
   patch    a box of it as float: HU, smoothed HU, share of the lung
   shape    is this point inside? A predicate of its own, shared neither with the phantom nor with a fit
   lesion   a shape or a cut-out at its place, with what it measures there
   render   lesion and patch to a box of differences in HU */
#ifndef PHANTOM_INSERT_ROOM_H
#define PHANTOM_INSERT_ROOM_H

#include "random.h"
#include "restage/arena.h"
#include "restage/insert.h"

/* Streams of random numbers of an insertion; those of a phantom are below. */
enum {
    RS_INSERT_STREAM_PLACE = 200,
    RS_INSERT_STREAM_SHAPE,
    RS_INSERT_STREAM_NOISE,
    RS_INSERT_STREAM_QUIET,
    RS_INSERT_STREAM_UID,
    RS_INSERT_STREAM_CUTOUT
};

#define RS_INSERT_DESCRIPTION "SYNTHETIC LESIONS" /* how the SeriesDescription of an insertion begins */

enum { RS_INSERT_BUMPS_MAX = 9, RS_INSERT_SPICULES_MAX = 8, RS_INSERT_LESIONS_MAX = 200 };

typedef enum rs_insert_density {
    RS_INSERT_SOLID = 0,
    RS_INSERT_PART_SOLID,
    RS_INSERT_GROUND_GLASS,
    RS_INSERT_CAVITY,
    RS_INSERT_CALCIFIED
} rs_insert_density;

typedef enum rs_insert_aim { RS_INSERT_ANYWHERE = 0, RS_INSERT_AT_VESSEL, RS_INSERT_AT_WALL } rs_insert_aim;

/* An ellipsoid with bumps (science S1), for some with spicules, and what lies within: a core, a calcification, a
   cavity, which is the body again, smaller and moved. */
typedef struct rs_insert_shape {
    double axis[3][3], radius_mm[3];
    double bump[RS_INSERT_BUMPS_MAX][3], height[RS_INSERT_BUMPS_MAX]; /* directions, and heights as shares */
    double spicule[RS_INSERT_SPICULES_MAX][3], spicule_mm[RS_INSERT_SPICULES_MAX], spicule_width_mm;
    int n_bumps, n_spicules;
    double lowest, highest;                 /* of the body, as shares of the ellipsoid */
    double inner_scale, inner_offset_mm[3]; /* scale 0: nothing within */
    double reach_mm;                        /* nothing of it lies further from its origin */
    const char *name;                       /* "near_sphere", "lobulated", "irregular" */
} rs_insert_shape;

struct rs_cutout;
struct rs_library;

typedef struct rs_insert_lesion {
    /* as drawn */
    int index;
    double diameter_mm; /* of equal volume, before a wall cuts it; of a cut-out that of its mask */
    rs_insert_aim aim;
    rs_insert_density density;
    rs_insert_shape shape;
    double outer_hu, inner_hu;
    bool from_library;
    const struct rs_cutout *cutout; /* NULL: by formula */
    double turn[3][3];              /* of the cut-out: its frame from the scan's, with flips */
    /* as placed */
    double origin_mm[3];
    /* as measured there */
    double vessel_share, wall_share; /* of the shell around it */
    double centre_mm[3], volume_mm3, core_volume_mm3;
    double background_hu; /* of the lung around it */
    double mean_hu;       /* of a cut-out that of its core */
    /* what it changes */
    int32_t begin[3], end[3];
    float *delta; /* HU; columns fastest */
} rs_insert_lesion;

/* The bounds of diameters, with their defaults. */
static inline double rs_insert_smallest_mm(const rs_insert_options *options)
{
    return options->smallest_mm == 0.0 ? 2.0 : options->smallest_mm;
}

static inline double rs_insert_largest_mm(const rs_insert_options *options)
{
    return options->largest_mm == 0.0 ? 10.0 : options->largest_mm;
}

/* A lesion that is there already. */
typedef struct rs_insert_real {
    double lps_mm[3], diameter_mm;
} rs_insert_real;

typedef struct rs_insert_scene {
    const rs_insert_input *in;
    const rs_insert_options *options;
    char digest[65];     /* of voxels and grid */
    char changes[65];    /* of what the lesions change, once they are rendered: other pixels get other UIDs */
    uint8_t search[256]; /* by label: is it searched? */
    int64_t *before;     /* searched voxels before a row, rows * slices + 1 of them */
    int64_t n_rows;
    double psf_sigma_mm[3];
    double noise_hu;           /* SD; 0: not known, and none is added */
    double kept_share;         /* of its SD that the smoothing leaves in scan minus smoothed scan */
    double noise_sigma_vox[3]; /* of the Gaussian that makes white noise as coarse as the scan's */
    rs_insert_real *real;
    int n_real;
    struct rs_library *library; /* NULL: none; what was drawn of it changes as lesions are */
} rs_insert_scene;

/** Counts what is searched, digests the voxels, measures what smoothing does to the noise. RS_OK; RS_DATA (nothing is
    searched); RS_NO_MEMORY; RS_CANCELLED. */
RS_MUST_USE rs_status rs_insert_scene_new(rs_context *ctx, rs_arena *arena, const rs_insert_input *in,
                                          const rs_insert_options *options, rs_insert_scene *out);

/** A voxel of what is searched, each as likely. */
void rs_insert_random_voxel(const rs_insert_scene *scene, rs_phantom_random *random, int32_t ijk[3]);

/* --- patch --- */

typedef struct rs_insert_patch {
    int32_t begin[3], n[3]; /* may reach beyond the volume: there the nearest voxel is repeated */
    double spacing_mm[3];
    float *hu, *smooth; /* smoothed by 0.8 mm (SD) */
    float *lung;        /* share of what is searched, blurred as the scan is */
    float *far;         /* the same, blurred as smooth is: below 1 where smooth holds something of the wall */
    bool whole;         /* lung is 1 everywhere */
} rs_insert_patch;

/** A box around a place. Everything in the arena. RS_OK; RS_NO_MEMORY; RS_CANCELLED. */
RS_MUST_USE rs_status rs_insert_patch_new(rs_context *ctx, rs_arena *arena, const rs_insert_scene *scene,
                                          const int32_t begin[3], const int32_t end[3], rs_insert_patch *out);

/** Trilinear value of one of its fields; at the border the nearest voxel is repeated. */
double rs_insert_patch_at(const rs_insert_patch *patch, const float *field, const double place_mm[3]);

/** Gaussian of a box of those voxels; out not in. */
RS_MUST_USE rs_status rs_insert_blur(rs_context *ctx, const int32_t n[3], const double spacing_mm[3],
                                     const double sigma_mm[3], const float *in, float *out);

/** SD of the window of 7 x 7 voxels in plane around *values without its plane (science D1.1); row: voxels of a row. */
double rs_insert_window_sd(const float *values, int32_t row);

typedef struct rs_insert_noise_args {
    const rs_insert_scene *scene;
    const rs_insert_patch *patch;
    uint64_t key;
    double coarser; /* times the coarseness of the scan's noise */
} rs_insert_noise_args;

/** The box of the patch as noise of the scan's coarseness, mean 0, SD 1; out: as many floats as the patch has. */
RS_MUST_USE rs_status rs_insert_noise(rs_context *ctx, rs_arena *arena, const rs_insert_noise_args *args, float *out);

/* --- shape --- */

/** Draws a shape of that diameter (of equal volume); inner_scale and inner_offset_mm are left 0. */
void rs_insert_shape_draw(rs_phantom_random *random, double diameter_mm, rs_insert_shape *out);

/** 0 outside, 1 inside, 2 in what lies within. from_origin_mm: place minus origin. */
int rs_insert_shape_at(const rs_insert_shape *shape, const double from_origin_mm[3]);

/* --- place --- */

/** Draws size, shape, density of a lesion; cutout left NULL. */
void rs_insert_lesion_draw(const rs_insert_scene *scene, int index, rs_insert_lesion *out);

/** Box of the voxels that a lesion changes. */
void rs_insert_lesion_box(const rs_insert_scene *scene, rs_insert_lesion *lesion);

/** Is a place inside the lesion, or what shows of a cut-out, and in the lung? 0, 1, 2 as the shape's. */
int rs_insert_lesion_at(const rs_insert_lesion *lesion, const rs_insert_patch *patch, const double place_mm[3]);

/** Looks for a place, apart from the n lesions before it and from the real ones; *found false where none is left. */
RS_MUST_USE rs_status rs_insert_place(rs_context *ctx, const rs_insert_scene *scene, const rs_insert_lesion *before,
                                      int n, rs_insert_lesion *lesion, bool *found);

/* --- render --- */

/** Fills delta (room for the box of the lesion) and what is measured from samples: centre, volumes, contrast. RS_OK;
    RS_NO_MEMORY; RS_CANCELLED. */
RS_MUST_USE rs_status rs_insert_render(rs_context *ctx, const rs_insert_scene *scene, rs_insert_lesion *lesion);

/* Shares of the voxels of a box, seen through the PSF: of the whole lesion, and of what lies within it. */
typedef struct rs_insert_cover {
    float *whole, *inner; /* inner NULL: not asked for */
    double volume_mm3, inner_mm3, centre_mm[3];
} rs_insert_cover;

/** Samples the shape finely and blurs it; whole and inner cover begin … end of the lesion. */
RS_MUST_USE rs_status rs_insert_cover_new(rs_context *ctx, rs_arena *arena, const rs_insert_scene *scene,
                                          const rs_insert_lesion *lesion, const rs_insert_patch *patch,
                                          rs_insert_cover *out);

/* --- outputs --- */

typedef struct rs_insertion {
    rs_insert_scene *scene;
    rs_insert_lesion *lesions;
    int n;
} rs_insertion;

/** Digests what the rendered lesions change, into the scene. RS_OK; RS_NO_MEMORY. */
RS_MUST_USE rs_status rs_insert_digest_changes(rs_context *ctx, const rs_insertion *insertion);

/** UIDs 2.25.* of study, series, frame (what 1, 2, 3) and images (4, by slice). */
void rs_insert_uid(const rs_insert_scene *scene, int what, uint32_t index, char out[65]);

/** Slice k with its lesions as DICOM; bytes in the arena. */
RS_MUST_USE rs_status rs_insert_encode(rs_context *ctx, rs_arena *arena, const rs_insertion *insertion, int32_t k,
                                       uint8_t **bytes, size_t *n_bytes);

/** truth.json; to be freed with rs_json_text_free. */
RS_MUST_USE rs_status rs_insert_truth(rs_context *ctx, rs_arena *arena, const rs_insertion *insertion, char **text,
                                      size_t *bytes);

/** Reads the real lesions of a series from annotations.json or a LUNA16 CSV; in the arena. */
RS_MUST_USE rs_status rs_insert_ignore_read(rs_context *ctx, rs_arena *arena, const char *path, const char *series_uid,
                                            rs_insert_real **out, int *n);

/* --- plain CSV --- */

enum { RS_INSERT_CELLS_MAX = 64 };

/** Cuts a line at its commas, in place; returns the number of cells. */
int rs_insert_split(char *line, char *cells[RS_INSERT_CELLS_MAX]);

/** The next line of a text, without its end; NULL behind the last. */
char *rs_insert_line(char **at);

/** Where columns of these names stand in a head line; -1: nowhere. Returns the number of cells of the line. */
int rs_insert_columns(char *line, const char *const *names, int n, int *columns);

#endif
