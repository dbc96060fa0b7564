/* Lesions of known truth. Their shape is a predicate (is this point inside?), rendered and measured by super-sampling
   alone; no formula of a blurred sphere appears here, so that the phantom cannot agree with the fit by construction. */
#ifndef PHANTOM_LESION_H
#define PHANTOM_LESION_H

#include "anatomy.h"
#include "random.h"

enum { RS_PHANTOM_BUMPS_MAX = 9, RS_PHANTOM_SPICULES_MAX = 12, RS_PHANTOM_LESIONS_MAX = 200 };

typedef enum rs_phantom_attachment {
    RS_PHANTOM_FREE = 0,
    RS_PHANTOM_ON_VESSEL,
    RS_PHANTOM_ON_PLEURA
} rs_phantom_attachment;

/* What it is made of. All but the first two of one matter have an inner part. */
typedef enum rs_phantom_density {
    RS_PHANTOM_SOLID = 0,
    RS_PHANTOM_GROUND_GLASS,
    RS_PHANTOM_PART_SOLID, /* a solid core in ground glass */
    RS_PHANTOM_CAVITY,     /* air in a wall */
    RS_PHANTOM_CALCIFIED   /* a core of lime */
} rs_phantom_density;

/* At time point 1. */
typedef enum rs_phantom_fate {
    RS_PHANTOM_SAME = 0,
    RS_PHANTOM_GROWN,
    RS_PHANTOM_NEW,
    RS_PHANTOM_VANISHED
} rs_phantom_fate;

typedef struct rs_phantom_lesion {
    /* shape */
    double origin[3];                                                   /* of the shape's frame */
    double axis[3][3], radius[3];                                       /* of the ellipsoid below the bumps */
    double bump[RS_PHANTOM_BUMPS_MAX][3], height[RS_PHANTOM_BUMPS_MAX]; /* directions and heights as shares */
    int n_bumps;
    double spicule[RS_PHANTOM_SPICULES_MAX][3]; /* directions of thin cones from the origin */
    double spicule_end[RS_PHANTOM_SPICULES_MAX], spicule_mm[RS_PHANTOM_SPICULES_MAX]; /* tip; radius at half of it */
    int n_spicules;
    const rs_phantom_anatomy *clip; /* not NULL: only what lies in the lung belongs to it */
    double blend_mm;                /* the corner between it and the pleura is rounded within this; 0: sharp */
    double reach_mm;                /* nothing of it lies further from the origin */
    /* matter */
    rs_phantom_density density;
    double hu;                           /* of all of it, or of what lies around the inner part */
    double inner_share, inner_offset[3]; /* the inner part: the same shape, scaled and shifted; share 0: none */
    double inner_hu;
    /* truth */
    double centre[3];                                  /* centroid */
    double volume_mm3, equivalent_mm, core_volume_mm3; /* a cavity's air counts; core: of the inner part */
    double nominal_mm;                                 /* of equal volume before the pleura cut it */
    double mean_hu, contrast_hu;                       /* contrast: against the lung around it */
    double vessel_share, wall_share;                   /* of its shell (truth.h) */
    rs_phantom_attachment attachment;                  /* where it was meant to lie */
    const char *shape;                                 /* "near_sphere", "lobulated", "irregular", "spiculated" */
    int side;                                          /* 0 right, 1 left */
    rs_phantom_fate fate;
    int id_before; /* at time point 0, from 1; 0: new */
} rs_phantom_lesion;

/** Is a point inside? */
bool rs_phantom_lesion_has(const rs_phantom_lesion *lesion, const double p[3]);

/** 0 outside, 1 inside, 2 in its inner part. */
int rs_phantom_lesion_part(const rs_phantom_lesion *lesion, const double p[3]);

/** Fills centre, volumes, equivalent diameter and mean density by counting fine samples; 0 ml where nothing is inside.
 */
void rs_phantom_lesion_measure(rs_phantom_lesion *lesion);

/** Makes it larger by a factor of its diameter, about its origin. Measures nothing. */
void rs_phantom_lesion_scale(rs_phantom_lesion *lesion, double factor);

typedef struct rs_phantom_lesions {
    rs_phantom_lesion *items;
    int n;
    int asked; /* that were to be placed */
} rs_phantom_lesions;

struct rs_phantom_model;

typedef struct rs_phantom_lesions_args {
    const struct rs_phantom_model
        *model; /* its recipe, its modes, where they forbid lesions; NULL: the plain patient */
    const rs_phantom_anatomy *anatomy;
    rs_phantom_tubes *tubes;      /* a vessel that ends in a lesion is added */
    double low_mm[3], high_mm[3]; /* the scanned box at time point 0, anatomy's coordinates */
    uint64_t seed;
    int wanted;                     /* -1: drawn */
    double smallest_mm, largest_mm; /* 0: 2 and 30 */
    bool spheres;                   /* no axis factors, no bumps */
} rs_phantom_lesions_args;

/** How many lesions the patient of a seed has: none in 30 %, 5 on average. */
int rs_phantom_lesions_number(uint64_t seed);

/** The same with a recipe's share of empty patients and its mean. */
int rs_phantom_lesions_number_of(uint64_t seed, double empty_share, double mean);

/** Draws and places lesions; fewer than wanted where no place is left. */
RS_MUST_USE rs_status rs_phantom_lesions_draw(rs_context *ctx, rs_arena *arena, const rs_phantom_lesions_args *args,
                                              rs_phantom_lesions *out);

/** The same by the recipe and the lesion modes of a patient. */
RS_MUST_USE rs_status rs_phantom_lesions_draw_by_recipe(rs_context *ctx, rs_arena *arena,
                                                        const rs_phantom_lesions_args *args, rs_phantom_lesions *out);

/** Draws lesions more, of time point 1. */
RS_MUST_USE rs_status rs_phantom_lesions_add_new(rs_context *ctx, rs_arena *arena, const rs_phantom_lesions_args *args,
                                                 int wanted, rs_phantom_lesions *all);

/** Turns the lesions of time point 0 into those of time point 1; those that vanished or that its scan leaves out go to
    gone. */
RS_MUST_USE rs_status rs_phantom_lesions_follow(rs_context *ctx, rs_arena *arena, const rs_phantom_lesions_args *args,
                                                rs_phantom_lesions *lesions, rs_phantom_lesions *gone);

/** Measures the shares of vessel and wall in a lesion's shell. */
void rs_phantom_lesion_shell(const rs_phantom_lesions_args *args, rs_phantom_lesion *lesion);

/* --- what the files that draw lesions share --- */

/** Log-normal between the ends; even in ln d where they leave next to nothing of it, or log_sd is 0. */
typedef struct rs_phantom_sizes {
    double smallest_mm, largest_mm, median_mm, log_sd;
} rs_phantom_sizes;
double rs_phantom_size_draw(rs_phantom_random *random, const rs_phantom_sizes *sizes);

/** Three orthonormal axes; the first is given where first is not NULL. */
void rs_phantom_frame_draw(rs_phantom_random *random, const double *first, double axis[3][3]);

/** Scales a shape to a diameter of equal volume. */
void rs_phantom_lesion_fit(rs_phantom_lesion *lesion, double diameter_mm);

/** One lesion that is being placed. */
typedef struct rs_phantom_place {
    const rs_phantom_lesions_args *args;
    rs_phantom_random *random;
    const rs_phantom_lesions *all; /* that have a place; kept apart from them */
    rs_phantom_lesion *lesion;     /* its origin is set */
    double branch_mm[2];           /* diameters of vessels for one on a vessel */
    double offset[2];              /* of its centre from the vessel's axis, in radii */
} rs_phantom_place;

/** Finds a place where its attachment says; false where there is none. Not for the pleura. */
bool rs_phantom_place_find(const rs_phantom_place *place);

/** In the scanned box, in lung, with that margin, and nowhere that a mode forbids. */
bool rs_phantom_place_clear(const rs_phantom_lesions_args *args, const double p[3], double margin_mm);

/** Far enough from all others. */
bool rs_phantom_place_apart(const rs_phantom_lesions *all, const rs_phantom_lesion *lesion);

/** Distance from a point to the surface of the nearest vessel or airway of at least that radius; *nearest (may be
    NULL): its number, -1: none within 60 mm. */
double rs_phantom_to_vessel(const rs_phantom_tubes *tubes, const double p[3], double radius_mm, int *nearest);

/** Centroid, volumes, side, contrast, shell: the truth of a lesion that has its place. */
void rs_phantom_lesion_settle(const rs_phantom_lesions_args *args, rs_phantom_lesion *lesion);

#endif
