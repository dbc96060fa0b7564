/* Scars, bands, plates of collapsed lung (science F6): thin ellipses, a little bent, ragged, with spicules. Plates lie
   near the domes and nearly level; bands reach the pleura; the rest lie anywhere. */
#include "fissure.h"
#include "shapes.h"

#include <string.h>

enum { KNOB_NUMBER = 0, KNOB_THICKNESS, KNOB_LENGTH, KNOB_WIDTH, KNOB_HU, KNOB_SPICULES, KNOBS };

static const rs_phantom_knob knobs[KNOBS] = {
    [KNOB_NUMBER] = {"number", {1, 5}, 0, 30, "of a patient"},
    [KNOB_THICKNESS] = {"thickness_mm", {1, 3}, 0.3, 10, "in the middle"},
    [KNOB_LENGTH] = {"length_mm", {10, 60}, 3, 120, "the longer axis"},
    [KNOB_WIDTH] = {"width_share", {0.12, 0.7}, 0.02, 1, "of the length"},
    [KNOB_HU] = {"hu", {-120, 40}, -600, 200, "density"},
    [KNOB_SPICULES] = {"spicules", {0, 6}, 0, 20, "of each"},
};

#define IRRELEVANT_MM 8.0 /* pitch of the places by which a scar is listed */

/* Where it lies and how: the normal of its middle and the direction of its length. */
static bool draw_place(const rs_phantom_mode_call *call, double length_mm, double p[3], double normal[3],
                       double along[3])
{
    enum { TRIES = 40 };
    const rs_phantom_anatomy *a = &call->model->anatomy;
    double kind = rs_phantom_uniform(call->random, 0.0, 1.0), inward[3];
    rs_phantom_direction(call->random, normal);
    rs_phantom_direction(call->random, along);
    if (kind < 0.35) { /* from the pleura inwards */
        if (!rs_phantom_pleura_point(call, p, inward)) return false;
        for (int c = 0; c < 3; c++) {
            along[c] = inward[c] + 0.5 * along[c];
            p[c] += 0.42 * length_mm * inward[c];
        }
        return true;
    }
    for (int n = 0; n < TRIES; n++) {
        if (!rs_phantom_lung_point(call, 6.0, p)) return false;
        rs_phantom_section s = rs_phantom_section_at(a, p[2]);
        double above = -rs_phantom_diaphragm(&s, p[0], p[1]);
        if (kind > 0.75 || (above > 6.0 && above < 35.0)) break;
    }
    if (kind <= 0.75) {
        for (int c = 0; c < 3; c++)
            normal[c] *= 0.7;
        normal[2] += 0.8;
    }
    return true;
}

/* A point of a plate by its coordinates along its axes. */
static void on_plate(const rs_phantom_shape *s, double u, double v, double out[3])
{
    double w = s->bend[0] * u * u + s->bend[1] * v * v;
    for (int c = 0; c < 3; c++)
        out[c] = s->centre[c] + u * s->axis[0][c] + v * s->axis[1][c] + w * s->axis[2][c];
}

static rs_status list(const rs_phantom_mode_call *call, const rs_phantom_shape *s)
{
    const int nu = (int)(s->size[0] / IRRELEVANT_MM + 0.5), nv = (int)(s->size[1] / IRRELEVANT_MM + 0.5);
    for (int m = -nv; m <= nv; m++) {
        for (int n = -nu; n <= nu; n++) {
            double p[3], u = n * IRRELEVANT_MM / s->size[0], v = m * IRRELEVANT_MM / s->size[1];
            if (u * u + v * v > 0.95) continue;
            on_plate(s, n * IRRELEVANT_MM, m * IRRELEVANT_MM, p);
            if (rs_phantom_lung_distance(&call->model->anatomy, p, NULL) > 0.0) continue;
            RS_TRY(rs_phantom_irrelevant_add(call, p, IRRELEVANT_MM + 2.0, "scar"));
        }
    }
    return RS_OK;
}

/* Thin cones from the plate into the lung. */
static rs_status add_spicules(const rs_phantom_mode_call *call, rs_phantom_shapes *shapes, const rs_phantom_shape *s)
{
    rs_phantom_random *r = call->random;
    int number = (int)floor(rs_phantom_draw(call, KNOB_SPICULES) + 0.5);
    for (int n = 0; n < number; n++) {
        rs_phantom_shape spicule = {.kind = RS_PHANTOM_SHAPE_CONE, .blend = RS_PHANTOM_BLEND_RAISE, .cut = true};
        double way[3], length = rs_phantom_uniform(r, 5.0, 16.0);
        on_plate(s, s->size[0] * rs_phantom_uniform(r, -0.9, 0.9), s->size[1] * rs_phantom_uniform(r, -0.7, 0.7),
                 spicule.centre);
        rs_phantom_direction(r, way);
        for (int c = 0; c < 3; c++)
            spicule.end[c] = spicule.centre[c] + length * way[c];
        spicule.size[0] = 0.5 * s->size[2] + 0.3;
        spicule.size[1] = 0.15;
        spicule.hu = s->hu;
        RS_TRY(rs_phantom_shapes_add(call, shapes, &spicule));
    }
    return RS_OK;
}

static rs_status add_one(const rs_phantom_mode_call *call, rs_phantom_shapes *shapes)
{
    rs_phantom_random *r = call->random;
    rs_phantom_shape s = {
        .kind = RS_PHANTOM_SHAPE_PLATE, .blend = RS_PHANTOM_BLEND_RAISE, .cut = true, .mottle_hu = 25.0f};
    double normal[3], along[3], length = rs_phantom_draw(call, KNOB_LENGTH);
    s.size[0] = 0.5 * length;
    s.size[1] = 0.5 * length * rs_phantom_draw(call, KNOB_WIDTH);
    s.size[2] = 0.5 * rs_phantom_draw(call, KNOB_THICKNESS);
    if (s.size[1] < s.size[2]) s.size[1] = s.size[2];
    s.hu = (float)rs_phantom_draw(call, KNOB_HU);
    s.rough_mm = (float)(0.3 * s.size[2]);
    s.bend[0] = rs_phantom_uniform(r, -0.5, 0.5) / (length + 20.0);
    s.bend[1] = rs_phantom_uniform(r, -0.5, 0.5) / (length + 20.0);
    if (!draw_place(call, length, s.centre, normal, along)) return RS_OK;
    rs_phantom_frame(along, normal, s.axis); /* its length above all: normals are free to turn around it */
    double axis[3][3];
    memcpy(axis[0], s.axis[2], sizeof axis[0]);
    memcpy(axis[2], s.axis[0], sizeof axis[2]);
    for (int c = 0; c < 3; c++)
        axis[1][c] = axis[2][(c + 1) % 3] * axis[0][(c + 2) % 3] - axis[2][(c + 2) % 3] * axis[0][(c + 1) % 3];
    memcpy(s.axis, axis, sizeof axis);
    RS_TRY(rs_phantom_shapes_add(call, shapes, &s));
    RS_TRY(add_spicules(call, shapes, &s));
    return list(call, &s);
}

static rs_status draw(const rs_phantom_mode_call *call, void **drawn)
{
    return rs_phantom_shapes_scatter(call, KNOB_NUMBER, add_one, drawn);
}

static bool forbids(const rs_phantom_model *model, const void *drawn, const double p[3], double radius_mm)
{
    (void)model;
    return rs_phantom_shapes_near(drawn, p, radius_mm + 1.0);
}

const rs_phantom_mode rs_phantom_mode_scars = {
    .name = "scars",
    .failure = "F6",
    .what = "plates, bands and spicules of scar and collapsed lung, neither true nor false",
    .share = 0.5,
    .knobs = knobs,
    .n_knobs = KNOBS,
    .draw = draw,
    .forbids = forbids,
    .stages = RS_PHANTOM_STAGE_VESSELS,
    .paint = rs_phantom_shapes_paint_stage,
};
