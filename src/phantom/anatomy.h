/* The patient as numbers: a thorax by closed forms (cage, mediastinum, domes of the diaphragm, layers of the body wall)
   and lists of solids (ellipsoids) and tubes (cones with round ends). Coordinates are mm, x to the patient's left, y to
   the back, z to the head; x = 0 is the midline, z = 0 the lowest point of the lungs. */
#ifndef PHANTOM_ANATOMY_H
#define PHANTOM_ANATOMY_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "restage/arena.h"
#include "restage/context.h"

/* What is painted over what: later layers over earlier ones. */
typedef enum rs_phantom_layer {
    RS_PHANTOM_CARTILAGE = 0,
    RS_PHANTOM_CORTEX,
    RS_PHANTOM_MARROW,
    RS_PHANTOM_SOFT,   /* oesophagus, muscles around the trachea */
    RS_PHANTOM_BLOOD,  /* great vessels */
    RS_PHANTOM_VESSEL, /* arteries and veins of the lung */
    RS_PHANTOM_WALL,   /* of airways */
    RS_PHANTOM_LUMEN,
    RS_PHANTOM_LAYERS
} rs_phantom_layer;

/* A cone with round ends. */
typedef struct rs_phantom_tube {
    float a[3], b[3], radius_a, radius_b;
    int32_t layer;
} rs_phantom_tube;

typedef struct rs_phantom_tubes {
    rs_phantom_tube *items;
    int n, capacity;
} rs_phantom_tubes;

/* An ellipsoid: rows of axis are its unit axes. */
typedef struct rs_phantom_solid {
    double centre[3], axis[3][3], radius[3];
    float hu;
    bool abdominal; /* painted before the lungs and kept below the diaphragm */
} rs_phantom_solid;

enum { RS_PHANTOM_SOLIDS_MAX = 32 };

/* Mean density of aerated lung over all patients in inspiration, and how far the lightest and densest lie off it. */
enum { RS_PHANTOM_LUNG_HU = -860, RS_PHANTOM_LUNG_HALF_HU = 35 };

/* One dome of the diaphragm. */
typedef struct rs_phantom_dome {
    double top_mm, drop_mm, tilt_mm;
    double centre_x, centre_y, radius_x, radius_y;
} rs_phantom_dome;

/* How the trees of the lung grow. */
typedef struct rs_phantom_growth {
    double pitch_mm;   /* of the points that airways, arteries and veins run to */
    double murray;     /* exponent; 0: drawn */
    double calibre;    /* of the vessels, times the drawn ones at the hilum */
    double tortuosity; /* SD of a vessel's direction, rad a root of mm; 0: a bow with jitter */
    double asymmetry;  /* of branchings: how far off the middle a cloud is parted, as a share of the way to it */
    double beading;    /* SD of the radius along a vessel, as a share */
    double straight;   /* not 0: trunks with side branches (tree_span.c); the price of the way to the hilum */
} rs_phantom_growth;

typedef struct rs_phantom_anatomy {
    double height_mm;                  /* of the lungs, sulcus to apex */
    double cage_x, cage_y, cage_top_x; /* half axes of the cage; at the apices */
    double squareness;                 /* of the cage's section */
    double body_x, body_y;             /* half axes of the body */
    double skin_mm, fat_mm;
    double table_y; /* of the table's surface, below the back */
    double carina[3];
    double bronchus_end[2][3], artery_end[2][3], vein_end[2][3]; /* at the hila, right and left: the trees start here */
    rs_phantom_dome dome[2];                                     /* right, left */
    double spine_y;
    double fissure_z[2], fissure_slope, minor_z; /* oblique ones at y = 0, right and left; the horizontal one */
    double fissure_bow;                          /* how they curve from side to side, 1/mm */
    double fissure_mm;                           /* thickness */
    double shift_mm; /* of heart and mediastinum to the left; not of the spine, nor of the inlet of the thorax */
    double blood_hu, organ_hu, fat_hu, muscle_hu; /* blood: native or with contrast medium */
    double lung_hu, lung_gradient_hu;             /* mean; dependent minus non-dependent over the whole depth */
    double lung_rank;                             /* how dense among others, -1 to 1: lung_hu was drawn by it */
    double texture_hu;                            /* SD */
    rs_phantom_growth growth;
    rs_phantom_solid solid[RS_PHANTOM_SOLIDS_MAX];
    int n_solids;
} rs_phantom_anatomy;

/* What of the closed forms depends on z alone. */
typedef struct rs_phantom_section {
    const rs_phantom_anatomy *anatomy;
    double z, share;                                       /* z / height */
    double a, b, centre_y, a_slope, b_slope, centre_slope; /* of the cage, with their derivatives along z */
    double middle_mm, front_mm;                            /* half widths of the mediastinum */
    bool lung;                                             /* the lungs reach this height */
} rs_phantom_section;

/* What depends on z and y alone. */
typedef struct rs_phantom_row {
    double y, v;
    double gap_mm, gap_slope; /* half width of the mediastinum here, and its derivative along y */
    double middle_x;          /* its middle */
} rs_phantom_row;

/** Draws a patient. */
void rs_phantom_anatomy_draw(uint64_t seed, rs_phantom_anatomy *out);

/** Adds ribs, vertebral arches, sternum, clavicles; great vessels and main airways. RS_OK; RS_NO_MEMORY. */
RS_MUST_USE rs_status rs_phantom_skeleton(rs_context *ctx, rs_arena *arena, const rs_phantom_anatomy *anatomy,
                                          rs_phantom_tubes *tubes);
RS_MUST_USE rs_status rs_phantom_mediastinum(rs_context *ctx, rs_arena *arena, const rs_phantom_anatomy *anatomy,
                                             rs_phantom_tubes *tubes);

/** One tube more. */
RS_MUST_USE rs_status rs_phantom_tube_add(rs_context *ctx, rs_arena *arena, rs_phantom_tubes *tubes,
                                          const rs_phantom_tube *tube);

/** A tube along points: radius_mm at the first, linear to end_mm at the last. */
typedef struct rs_phantom_path {
    const double (*points)[3];
    int n;
    double radius_mm, end_mm;
    rs_phantom_layer layer;
} rs_phantom_path;
RS_MUST_USE rs_status rs_phantom_path_add(rs_context *ctx, rs_arena *arena, rs_phantom_tubes *tubes,
                                          const rs_phantom_path *path);

/** How far the mediastinum's shift moves a place of it. */
double rs_phantom_shift_at(const rs_phantom_anatomy *anatomy, double y, double z);

rs_phantom_section rs_phantom_section_at(const rs_phantom_anatomy *anatomy, double z);
rs_phantom_row rs_phantom_row_at(const rs_phantom_section *section, double y);

/* Signed distance (mm, about right near the surface; negative inside) to the cage's inner wall. The section is a
   squircle u2 + v2 - q u2 v2 = 1; distance is f over its gradient. */
static inline double rs_phantom_cage(const rs_phantom_section *s, const rs_phantom_row *row, double x)
{
    double u = x / s->a, v = row->v, q = s->anatomy->squareness;
    double uu = u * u, vv = v * v;
    if (uu > 1.7 || vv > 1.7) return 1e3; /* the squircle's other branch */
    double f = uu + vv - q * uu * vv - 1.0;
    double fu = 2.0 * u * (1.0 - q * vv), fv = 2.0 * v * (1.0 - q * uu);
    double fz = fu * u * s->a_slope / s->a + fv * (v * s->b_slope + s->centre_slope) / s->b;
    double g = fu * fu / (s->a * s->a) + fv * fv / (s->b * s->b) + fz * fz;
    return f / sqrt(g + 1e-9);
}

/* Signed distance to the diaphragm: positive below it. */
static inline double rs_phantom_diaphragm(const rs_phantom_section *s, double x, double y)
{
    const rs_phantom_dome *d = &s->anatomy->dome[x < 0.0 ? 0 : 1];
    if (s->z > d->top_mm + fabs(d->tilt_mm) + 10.0) return d->top_mm - s->z;
    double u = (x - d->centre_x) / d->radius_x, v = (y - d->centre_y) / d->radius_y;
    double r2 = u * u + v * v;
    if (r2 > 1.6) r2 = 1.6;
    double slope = d->drop_mm * (0.3 + 2.1 * r2 * r2); /* d/d(r2) */
    double height = d->top_mm - d->drop_mm * (0.3 * r2 + 0.7 * r2 * r2 * r2) - d->tilt_mm * v;
    double zx = -slope * 2.0 * u / d->radius_x, zy = -slope * 2.0 * v / d->radius_y - d->tilt_mm / d->radius_y;
    return (height - s->z) / sqrt(1.0 + zx * zx + zy * zy);
}

/* Signed distance to the lungs by their closed forms: cage, mediastinum, diaphragm. Solids and tubes lie over them. */
static inline double rs_phantom_lung(const rs_phantom_section *s, const rs_phantom_row *row, double x)
{
    if (!s->lung) return 1e3;
    double d = rs_phantom_cage(s, row, x);
    double gap = (row->gap_mm - fabs(x - row->middle_x)) / sqrt(1.0 + row->gap_slope * row->gap_slope);
    if (gap > d) d = gap;
    double below = rs_phantom_diaphragm(s, x, row->y);
    return below > d ? below : d;
}

/** Signed distance to the lungs at a point; *side 0 right, 1 left (may be NULL). */
double rs_phantom_lung_distance(const rs_phantom_anatomy *anatomy, const double p[3], int *side);

/** Signed distance to an ellipsoid (exact on its surface). */
double rs_phantom_solid_distance(const rs_phantom_solid *solid, const double p[3]);

/** Tubes of the layers that lie over the lungs (blood, soft, wall) that may come nearer than mm to a box: their indices
    in near (room for all), and how many. */
int rs_phantom_tubes_around(const rs_phantom_tubes *tubes, const double low[3], const double high[3], double mm,
                            int32_t *near);

/** Does a tube come nearer to p than mm? 0: is p inside it? */
bool rs_phantom_tube_near(const rs_phantom_tube *tube, const double p[3], double mm);

/** Density of aerated lung without texture. */
static inline double rs_phantom_lung_hu(const rs_phantom_anatomy *anatomy, double y)
{
    double v = y / (2.0 * anatomy->cage_y);
    return anatomy->lung_hu + anatomy->lung_gradient_hu * (v > 1.0 ? 1.0 : (v < -1.0 ? -1.0 : v));
}

#endif
