/* Inside of the measure room: the crop around a mark, the sphere fit, the segmentation, the calipers. Lengths in mm
   along i, j, k from the centre of the crop's first voxel unless a name says otherwise. */
#ifndef MEASURE_ROOM_H
#define MEASURE_ROOM_H

#include "measure.h"

#include "restage/quality.h"

/* Values of params.def for one run. */
struct rs_measure_settings {
#define X RS_PARAM_FIELD
#include "params.def"
#undef X
};

void rs_measure_settings_load(const rs_params *params, struct rs_measure_settings *out);

/* ---- crop.c ---- */

/* Voxels around a mark, cut at the image. */
typedef struct rs_crop {
    int32_t begin[3], n[3];
    double spacing_mm[3];
    float *hu;
    uint8_t *searched;   /* 1 where the search went */
    bool at_image[3][2]; /* this face of the crop is a face of the image, or slices are missing behind it */
    int64_t count;
} rs_crop;

typedef struct rs_crop_request {
    const rs_volume *volume;
    const rs_regions *regions;
    double index[3];
    double reach_mm[3];
} rs_crop_request;

RS_MUST_USE rs_status rs_crop_take(rs_context *ctx, const rs_crop_request *request, rs_arena *arena, rs_crop *out);

static inline int64_t rs_crop_at(const rs_crop *crop, int32_t i, int32_t j, int32_t k)
{
    return ((int64_t)k * crop->n[1] + j) * crop->n[0] + i;
}

/* The voxel nearest to a point, at the crop's end if need be, was searched. */
bool rs_crop_is_searched(const rs_crop *crop, const double at_mm[3]);

/* q-quantile (0 to 1) of values, which are reordered; NaN for none. */
double rs_quantile(float *values, int64_t n, double q);

/* ---- sphere.c ---- */

#define RS_SPHERE_STEP_MM 0.04
#define RS_SPHERE_SHIFTS 7

/* A ball of unit contrast under the PSF: S, S'/r and dS/dR over r; anisotropy by shifts along k (science C9.1). */
typedef struct rs_sphere {
    double radius_mm, sigma_mm;
    int n_shifts, n_rows;
    double shift_mm[RS_SPHERE_SHIFTS], weight[RS_SPHERE_SHIFTS];
    double (*row)[3]; /* room for capacity rows */
    int capacity;
} rs_sphere;

/* S and its derivatives by x, y, z (of the point) and R. */
typedef struct rs_sphere_value {
    double s, by[3], by_radius;
} rs_sphere_value;

/* Sets PSF and shifts. */
void rs_sphere_set_psf(rs_sphere *sphere, const rs_psf *psf);
/* Tabulates for a radius; 0 beyond the table's end. */
void rs_sphere_set_radius(rs_sphere *sphere, double radius_mm);
void rs_sphere_at(const rs_sphere *sphere, const double point_mm[3], rs_sphere_value *out);
/* Share of the contrast that is left at the centre, E of science C2.1, for an isotropic FWHM. */
double rs_sphere_peak(double diameter_mm, double fwhm_mm);
/* (fxy^2 fz)^(1/3) */
double rs_psf_mean_mm(const rs_psf *psf);

/* ---- fit.c; its state is in window.h ---- */

typedef struct rs_fit_request {
    const rs_crop *crop;
    const rs_quality *quality;
    const rs_measure_profile *profile;
    const struct rs_measure_settings *settings;
    double start_mm[3], start_radius_mm;
    double start_contrast_hu, start_background_hu;
    bool attached, on_wall; /* to anything; to the wall of what is searched */
} rs_fit_request;

typedef struct rs_fit {
    const char *reason; /* NULL: the fit stands */
    double centre_mm[3], contrast_hu, background_hu;
    double diameter_mm, low_mm, high_mm;
    double peak_share; /* observed peak over contrast */
    bool prior_dropped;
    bool has_core;                     /* a ball in the ball: contrast_hu is that of the outer one */
    double core_hu, core_mm;           /* contrast of the core over the ball, its diameter */
    double doubt_mm;                   /* with ground glass that may lie around the ball; 0: none */
    double sd_noise, sd_psf, sd_model; /* of ln d */
    double misfit;                     /* RMS inside over contrast */
    double integral_mm;                /* diameter by the partial-volume integral */
} rs_fit;

RS_MUST_USE rs_status rs_fit_sphere(rs_context *ctx, const rs_fit_request *request, rs_arena *scratch, rs_fit *out);

/* ---- grow.c ---- */

/* Geodesic distance in micrometres by 26 neighbours. */
typedef struct rs_grow {
    const rs_crop *crop;
    int32_t step_um[27];
    int32_t *distance_um; /* INT32_MAX where not reached */
    int64_t *queue, n_sources;
    uint8_t *queued;
} rs_grow;

RS_MUST_USE rs_status rs_grow_new(rs_context *ctx, const rs_crop *crop, rs_arena *scratch, rs_grow *out);
/* Lengths along i, j, k by which it measures; the spacing at first. */
void rs_grow_metric(rs_grow *grow, const double spacing_mm[3]);
void rs_grow_clear(rs_grow *grow);
void rs_grow_source(rs_grow *grow, int64_t voxel, int32_t distance_um);
/* Spreads from the sources through allowed voxels up to the limit; true where the limit stopped it. */
bool rs_grow_run(rs_grow *grow, const uint8_t *allowed, int32_t limit_um);

/* ---- segment.c, opening.c ---- */

typedef struct rs_segment_request {
    const rs_crop *crop;
    const rs_quality *quality;
    const struct rs_measure_settings *settings;
    double centre_mm[3], radius_mm;
    double background_hu, contrast_hu, peak_share; /* contrast 0: found here */
    double bound_mm[2];                            /* half axes in plane and along k of what may belong to it; 0: all */
} rs_segment_request;

typedef struct rs_segment {
    const char *reason;  /* NULL: there is a mask */
    uint8_t *mask;       /* over the crop */
    const float *smooth; /* what the region was found on */
    int64_t n_voxels;
    double background_hu, contrast_hu, level_hu;
    double volume_mm3, mask_volume_mm3, equivalent_mm;
    double mean_hu, core_hu, core_sd_hu, cavity_share, attached_share;
    double rim_hu, rim_mm; /* of ground glass around it: over the lung further off, diameter with it; 0: none */
    bool leak, opened, touches_image, touches_crop;
    bool only_searched; /* the mark lies in what was searched: the rest is another tissue */
    double sd;          /* relative, of the diameter */
} rs_segment;

RS_MUST_USE rs_status rs_segment_mark(rs_context *ctx, const rs_segment_request *request, rs_arena *scratch,
                                      rs_segment *out);
/* Distance of every voxel of the mask from its border (half a voxel at the border itself); returns the largest in mm.
 */
double rs_segment_depth(rs_grow *grow, const uint8_t *mask);
/* Takes thin appendages off the mask; false (mask untouched) where the opening leaves nothing. work: two a voxel. */
bool rs_segment_open(rs_grow *grow, const rs_segment_request *request, uint8_t *mask, uint8_t *work);
/* Mean, core, attachment, cavity of the mask. grow: scratch. */
void rs_segment_describe(const rs_segment_request *request, rs_grow *grow, float *room, rs_segment *segment);

/* ---- section.c, calipers.c ---- */

typedef struct rs_edge {
    double from[2], to[2]; /* mm along i and j; the section on the left */
} rs_edge;

/* The largest section of a mask: its largest component, holes filled. */
typedef struct rs_section {
    int32_t n[2], begin[2], k; /* in voxels of the crop, with a margin of one all round */
    double spacing_mm[2];
    uint8_t *inside, *closed;
    float *field; /* positive inside */
    rs_edge *edges;
    int n_edges;
    int64_t area_voxels;
} rs_section;

RS_MUST_USE rs_status rs_section_take(rs_context *ctx, const rs_crop *crop, const rs_segment *segment,
                                      rs_arena *scratch, rs_section *out);
/* Contour at field 0 by marching squares; and the outline of the mask by its pixels' edges. */
void rs_section_contour(rs_section *section);
void rs_section_outline(rs_section *section);

typedef struct rs_calipers {
    double long_mm, short_mm;
    double long_ends[2][2], short_ends[2][2]; /* mm along i and j of the crop */
} rs_calipers;

/* False where there is no chord. */
bool rs_calipers_measure(const rs_section *section, rs_calipers *out);

/* ---- describe.c, decide.c ---- */

typedef struct rs_mark_facts {
    const rs_candidate *candidate;
    const rs_quality *quality;
    const rs_geometry *geometry;
    const struct rs_measure_settings *settings;
    double largest_fit_mm; /* of the organ's profile */
    const rs_fit *fit;
    const rs_segment *segment;
    rs_unseen seen;           /* slices around the mark that images show */
    rs_attachment attachment; /* as it is printed */
} rs_mark_facts;

rs_attachment rs_attachment_of(const rs_candidate *candidate, const struct rs_measure_settings *settings);
rs_density rs_density_of(const rs_mark_facts *facts);
/* Fills low, high, source, class and their reasons from what stands in size. */
void rs_size_decide(const rs_mark_facts *facts, const double index[3], rs_size *size);

#endif
