/* Lesions of known truth. Their shape is a predicate (is this point inside?), rendered and measured by super-sampling
   alone; no formula of a blurred sphere appears here, so that the phantom cannot agree with the fit by construction. */
#ifndef PHANTOM_LESION_H
#define PHANTOM_LESION_H

#include "anatomy.h"

enum { RS_PHANTOM_BUMPS_MAX = 9, RS_PHANTOM_LESIONS_MAX = 200 };

typedef enum rs_phantom_attachment {
    RS_PHANTOM_FREE = 0,
    RS_PHANTOM_ON_VESSEL,
    RS_PHANTOM_ON_PLEURA
} rs_phantom_attachment;

typedef struct rs_phantom_lesion {
    /* shape */
    double origin[3];                                                   /* of the shape's frame */
    double axis[3][3], radius[3];                                       /* of the ellipsoid below the bumps */
    double bump[RS_PHANTOM_BUMPS_MAX][3], height[RS_PHANTOM_BUMPS_MAX]; /* directions and heights as shares */
    int n_bumps;
    const rs_phantom_anatomy *clip; /* not NULL: only what lies in the lung belongs to it */
    double reach_mm;                /* nothing of it lies further from the origin */
    /* truth */
    double centre[3]; /* centroid */
    double volume_mm3, equivalent_mm;
    double hu, contrast_hu; /* against the lung around it */
    rs_phantom_attachment attachment;
    const char *shape; /* "near_sphere", "lobulated", "irregular" */
    int side;          /* 0 right, 1 left */
} rs_phantom_lesion;

/** Is a point inside? */
bool rs_phantom_lesion_has(const rs_phantom_lesion *lesion, const double p[3]);

/** Fills centre, volume and equivalent diameter by counting fine samples; 0 ml where nothing is inside. */
void rs_phantom_lesion_measure(rs_phantom_lesion *lesion);

typedef struct rs_phantom_lesions {
    rs_phantom_lesion *items;
    int n;
} rs_phantom_lesions;

struct rs_phantom_model;

typedef struct rs_phantom_lesions_args {
    const struct rs_phantom_model *model; /* its modes, and where they forbid lesions */
    const rs_phantom_anatomy *anatomy;
    const rs_phantom_tubes *tubes;
    double low_mm[3], high_mm[3]; /* the scanned box, anatomy's coordinates */
    uint64_t seed;
    int wanted;                     /* -1: drawn */
    double smallest_mm, largest_mm; /* 0: 2 and 30 */
    bool spheres;                   /* no axis factors, no bumps */
} rs_phantom_lesions_args;

/** How many lesions the patient of a seed has: none in 30 %, 5 on average. */
int rs_phantom_lesions_number(uint64_t seed);

/** Draws and places lesions; fewer than wanted where no place is left. */
RS_MUST_USE rs_status rs_phantom_lesions_draw(rs_context *ctx, rs_arena *arena, const rs_phantom_lesions_args *args,
                                              rs_phantom_lesions *out);

#endif
