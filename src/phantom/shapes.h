/* Things that a mode draws once and paints into every sub-slice: cones with round ends, curved plates, tetrahedra; each
   by a signed distance, sorted by height so that a sub-slice looks at its own alone. */
#ifndef PHANTOM_SHAPES_H
#define PHANTOM_SHAPES_H

#include "mode.h"

typedef enum rs_phantom_shape_kind {
    RS_PHANTOM_SHAPE_CONE = 1, /* from centre to end, radii size[0] and size[1] */
    RS_PHANTOM_SHAPE_PLATE,    /* an ellipse: half axes size[0], size[1], half thickness size[2] in its middle */
    RS_PHANTOM_SHAPE_FACETS    /* four planes, corners rounded by size[0] */
} rs_phantom_shape_kind;

/* What a shape does to what lies there. */
typedef enum rs_phantom_blend {
    RS_PHANTOM_BLEND_OVER = 0,
    RS_PHANTOM_BLEND_RAISE, /* leaves denser things alone: a scar that a vessel crosses */
    RS_PHANTOM_BLEND_LOWER
} rs_phantom_blend;

typedef struct rs_phantom_shape {
    rs_phantom_shape_kind kind;
    rs_phantom_blend blend;
    bool cut; /* at the surface of the lungs */
    float hu;
    float rough_mm, mottle_hu; /* how the texture moves its surface and its density, per SD */
    double centre[3], end[3], size[3];
    double axis[3][3];            /* of a plate: along size[0], along size[1], normal */
    double bend[2];               /* of a plate: it rises by bend * q^2 along its normal, 1/mm */
    double facet[4][4];           /* outward normal, offset from the centre */
    double low_mm[3], high_mm[3]; /* its box; filled when it is added */
} rs_phantom_shape;

typedef struct rs_phantom_shapes {
    rs_phantom_shape *items;
    int n, capacity;
    double first_mm;
    int n_bins;           /* of 2 mm */
    const int32_t *begin; /* n_bins + 1 */
    const int32_t *shape; /* in the order of their adding: later ones over earlier ones */
} rs_phantom_shapes;

/** Signed distance, negative inside; about right near the surface. */
double rs_phantom_shape_distance(const rs_phantom_shape *shape, const double p[3]);

/** Three orthonormal axes, the last along normal, the first as near to along as can be. */
void rs_phantom_frame(const double normal[3], const double along[3], double axis[3][3]);

/** Planes through the four corners of a tetrahedron, around their middle. */
void rs_phantom_facets(double corner[4][3], double rounding_mm, rs_phantom_shape *out);

/** Adds a copy; sort when all are there. RS_OK; RS_NO_MEMORY. */
RS_MUST_USE rs_status rs_phantom_shapes_add(const rs_phantom_mode_call *call, rs_phantom_shapes *shapes,
                                            const rs_phantom_shape *shape);
RS_MUST_USE rs_status rs_phantom_shapes_sort(const rs_phantom_mode_call *call, rs_phantom_shapes *shapes);

void rs_phantom_shapes_paint(const rs_phantom_shapes *shapes, rs_phantom_plane *plane);

/** Widens a box to hold another; an empty one holds nothing. */
void rs_phantom_pixels_join(rs_phantom_pixels *all, const rs_phantom_pixels *box);

/** Does one of them lie within radius_mm of a point? */
bool rs_phantom_shapes_near(const rs_phantom_shapes *shapes, const double p[3], double radius_mm);

/* Hooks of a mode whose drawn is an rs_phantom_shapes and nothing more. */

/** Draws as many as the knob says, each by add_one. RS_OK; RS_NO_MEMORY. */
RS_MUST_USE rs_status rs_phantom_shapes_scatter(const rs_phantom_mode_call *call, int number_knob,
                                                rs_status (*add_one)(const rs_phantom_mode_call *call,
                                                                     rs_phantom_shapes *shapes),
                                                void **drawn);
/** rs_phantom_mode.paint */
void rs_phantom_shapes_paint_stage(const void *drawn, rs_phantom_plane *plane, rs_phantom_stage stage);
/** rs_phantom_mode.forbids: lesions keep 2 mm away. */
bool rs_phantom_shapes_forbid(const rs_phantom_model *model, const void *drawn, const double p[3], double radius_mm);

#endif
