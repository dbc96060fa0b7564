/* Perifissural densities (science F4): flat-based tetrahedra on a fissure, as the lymph nodes and folds there look. */
#include "fissure.h"
#include "shapes.h"

enum { KNOB_NUMBER = 0, KNOB_SIZE, KNOB_HU, KNOBS };

static const rs_phantom_knob knobs[KNOBS] = {
    [KNOB_NUMBER] = {"number", {1, 5}, 0, 40, "of a patient"},
    [KNOB_SIZE] = {"size_mm", {3, 8}, 1, 20, "longest edge"},
    [KNOB_HU] = {"hu", {0, 40}, -400, 200, "density"},
};

/* A triangle in the fissure and a corner beside it: a regular tetrahedron is 0.96 wide and 0.82 high in these units. */
static rs_status add_one(const rs_phantom_mode_call *call, rs_phantom_shapes *shapes)
{
    rs_phantom_random *r = call->random;
    const rs_phantom_anatomy *a = &call->model->anatomy;
    double p[3], normal[3], along[3], axis[3][3], corner[4][3], size = rs_phantom_draw(call, KNOB_SIZE);
    int fissure = (int)rs_phantom_uniform(r, 0.0, RS_PHANTOM_FISSURES);
    rs_phantom_shape s = {.blend = RS_PHANTOM_BLEND_RAISE, .mottle_hu = 8.0f, .cut = true};
    s.hu = (float)rs_phantom_draw(call, KNOB_HU);
    s.rough_mm = (float)(0.02 * size);
    rs_phantom_direction(r, along);
    double up = rs_phantom_uniform(r, 0.0, 1.0) < 0.5 ? -1.0 : 1.0, high = rs_phantom_uniform(r, 0.55, 0.85);
    double wide = rs_phantom_uniform(r, 0.7, 0.96), lean = rs_phantom_uniform(r, -0.3, 0.3);
    if (!rs_phantom_fissure_point(call, fissure, 3.0, p)) return RS_OK;
    rs_phantom_fissure_normal(a, fissure, p[0], normal);
    rs_phantom_frame(normal, along, axis);
    /* In units of the longest edge: across the base, beside it, above it; less the rounding, which adds to all. */
    const double at[4][3] = {
        {-0.46, -0.3 * wide, 0.0}, {0.46, -0.3 * wide, 0.0}, {lean, 0.6 * wide, 0.0}, {0.5 * lean, 0.0, up * high}};
    for (int n = 0; n < 4; n++)
        for (int c = 0; c < 3; c++)
            corner[n][c] = p[c] + size * (at[n][0] * axis[0][c] + at[n][1] * axis[1][c] + at[n][2] * axis[2][c]);
    rs_phantom_facets(corner, 0.04 * size, &s);
    RS_TRY(rs_phantom_shapes_add(call, shapes, &s));
    return rs_phantom_irrelevant_add(call, s.centre, size, "perifissural");
}

static rs_status draw(const rs_phantom_mode_call *call, void **drawn)
{
    return rs_phantom_shapes_scatter(call, KNOB_NUMBER, add_one, drawn);
}

const rs_phantom_mode rs_phantom_mode_perifissural = {
    .name = "perifissural",
    .failure = "F4",
    .what = "tetrahedra on the fissures, neither true nor false",
    .share = 0.6,
    .knobs = knobs,
    .n_knobs = KNOBS,
    .draw = draw,
    .forbids = rs_phantom_shapes_forbid,
    .stages = RS_PHANTOM_STAGE_VESSELS,
    .paint = rs_phantom_shapes_paint_stage,
};
