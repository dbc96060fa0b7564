/* Ribs that push into the lung, and bulges where ribs end in cartilage (science F16). A rib is any tube of bone or
   cartilage that runs along the cage's wall; a push moves a stretch of it inwards, and soft tissue with it. */
#include "fissure.h"
#include "shapes.h"

enum { KNOB_PUSHES = 0, KNOB_PUSH, KNOB_LENGTH, KNOB_ENDS, KNOB_END, KNOB_END_HU, KNOBS };

static const rs_phantom_knob knobs[KNOBS] = {
    [KNOB_PUSHES] = {"pushes", {2, 8}, 0, 60, "ribs that push into the lung, of a patient"},
    [KNOB_PUSH] = {"push_mm", {1, 4}, 0, 12, "depth in the lung"},
    [KNOB_LENGTH] = {"length_mm", {20, 50}, 8, 150, "along the rib"},
    [KNOB_ENDS] = {"ends", {1, 6}, 0, 20, "bulges of cartilage, of a patient"},
    [KNOB_END] = {"end_mm", {8, 14}, 2, 30, "diameter of a bulge"},
    [KNOB_END_HU] = {"end_hu", {80, 280}, 0, 1000, "density of a bulge: cartilage to bone"},
};

#define SOFT_MM 1.6 /* of pleura and muscle between rib and lung */

/* Distance from the cage's wall, outwards; 1e3: no rib lies here. */
static double outside_cage(const rs_phantom_anatomy *a, const double p[3])
{
    rs_phantom_section s = rs_phantom_section_at(a, p[2]);
    rs_phantom_row row = rs_phantom_row_at(&s, p[1]);
    return s.lung && fabs(p[0] - row.middle_x) > row.gap_mm + 4.0 ? rs_phantom_cage(&s, &row, p[0]) : 1e3;
}

static void end_of(const rs_phantom_tube *t, int end, double p[3])
{
    for (int c = 0; c < 3; c++)
        p[c] = (double)(end == 0 ? t->a[c] : t->b[c]);
}

static bool is_rib(const rs_phantom_anatomy *a, const rs_phantom_tube *t)
{
    double p[3], q[3];
    if (t->layer != RS_PHANTOM_CORTEX && t->layer != RS_PHANTOM_MARROW && t->layer != RS_PHANTOM_CARTILAGE)
        return false;
    end_of(t, 0, p);
    end_of(t, 1, q);
    double from = outside_cage(a, p), to = outside_cage(a, q);
    return from > 2.0 && from < 11.0 && to > 2.0 && to < 11.0;
}

typedef struct push {
    double centre[3], half_mm, depth_mm;
} push;

/* How far a point of a rib moves: a smooth hump along it. Other ribs are 20 mm higher or lower. */
static double moved(const push *p, const double at[3])
{
    double square = 0.0;
    for (int c = 0; c < 3; c++)
        square += (at[c] - p->centre[c]) * (at[c] - p->centre[c]);
    double u = square / (p->half_mm * p->half_mm);
    if (u >= 1.0 || fabs(at[2] - p->centre[2]) > 10.0) return 0.0;
    return p->depth_mm * (1.0 - u) * (1.0 - u);
}

/* Moves the ribs around, and lays soft tissue over what moved. */
static rs_status push_rib(const rs_phantom_mode_call *call, const push *p, rs_phantom_shapes *soft)
{
    rs_phantom_model *m = call->model;
    for (int n = 0; n < m->n_great; n++) {
        rs_phantom_tube *t = &m->tubes.items[n];
        double end[2][3], inward[3], most = 0.0;
        if (t->layer != RS_PHANTOM_CORTEX && t->layer != RS_PHANTOM_MARROW && t->layer != RS_PHANTOM_CARTILAGE)
            continue;
        for (int e = 0; e < 2; e++) {
            end_of(t, e, end[e]);
            double by = moved(p, end[e]);
            if (by <= 0.0) continue;
            rs_phantom_lung_inward(&m->anatomy, end[e], inward);
            for (int c = 0; c < 3; c++) {
                end[e][c] += by * inward[c];
                (e == 0 ? t->a : t->b)[c] = (float)end[e][c];
            }
            most = by > most ? by : most;
        }
        if (most <= 0.0 || t->layer == RS_PHANTOM_MARROW) continue;
        rs_phantom_shape s = {.kind = RS_PHANTOM_SHAPE_CONE, .blend = RS_PHANTOM_BLEND_RAISE, .rough_mm = 0.15f};
        for (int c = 0; c < 3; c++) {
            s.centre[c] = end[0][c];
            s.end[c] = end[1][c];
        }
        s.size[0] = (double)t->radius_a + SOFT_MM;
        s.size[1] = (double)t->radius_b + SOFT_MM;
        s.hu = (float)m->anatomy.muscle_hu;
        RS_TRY(rs_phantom_shapes_add(call, soft, &s));
    }
    return RS_OK;
}

/* The n-th of the tubes that are ribs (begins: of the cartilages that begin there); -1 where there are fewer, *all: how
   many there are then. */
static int find_rib(const rs_phantom_model *m, int n, bool begins, int *all)
{
    *all = 0;
    for (int at = 0; at < m->n_great; at++) {
        const rs_phantom_tube *t = &m->tubes.items[at];
        bool wanted = begins ? t->layer == RS_PHANTOM_CARTILAGE && at > 0 && t[-1].layer != RS_PHANTOM_CARTILAGE
                             : t->layer == RS_PHANTOM_CORTEX;
        if (!wanted || !is_rib(&m->anatomy, t)) continue;
        if (*all == n) return at;
        ++*all;
    }
    return -1;
}

/* One of them, even odds. */
static int draw_rib(const rs_phantom_mode_call *call, bool begins)
{
    int all = 0, none = 0;
    (void)find_rib(call->model, -1, begins, &all);
    return find_rib(call->model, (int)rs_phantom_uniform(call->random, 0.0, all), begins, &none);
}

static rs_status add_push(const rs_phantom_mode_call *call, rs_phantom_shapes *soft)
{
    rs_phantom_model *m = call->model;
    int at = draw_rib(call, false);
    double depth = rs_phantom_draw(call, KNOB_PUSH), half = 0.5 * rs_phantom_draw(call, KNOB_LENGTH);
    if (at < 0) return RS_OK;
    push p = {.half_mm = half};
    double inward[3], tip[3];
    const double radius = (double)m->tubes.items[at].radius_a;
    end_of(&m->tubes.items[at], 0, p.centre);
    double out = outside_cage(&m->anatomy, p.centre);
    p.depth_mm = out - radius - SOFT_MM + depth;
    if (p.depth_mm <= 0.0) return RS_OK;
    RS_TRY(push_rib(call, &p, soft));
    rs_phantom_lung_inward(&m->anatomy, p.centre, inward);
    for (int c = 0; c < 3; c++)
        tip[c] = p.centre[c] + (out + 0.5 * depth) * inward[c];
    return rs_phantom_irrelevant_add(call, tip, 12.0, "rib");
}

static rs_status add_end(const rs_phantom_mode_call *call, rs_phantom_shapes *soft)
{
    rs_phantom_model *m = call->model;
    int at = draw_rib(call, true);
    double depth = rs_phantom_draw(call, KNOB_PUSH), radius = 0.5 * rs_phantom_draw(call, KNOB_END);
    rs_phantom_shape s = {.kind = RS_PHANTOM_SHAPE_CONE, .blend = RS_PHANTOM_BLEND_RAISE, .mottle_hu = 40.0f};
    double p[3], inward[3], tip[3];
    s.hu = (float)rs_phantom_draw(call, KNOB_END_HU);
    if (at < 0) return RS_OK;
    end_of(&m->tubes.items[at], 0, p);
    double out = outside_cage(&m->anatomy, p);
    rs_phantom_lung_inward(&m->anatomy, p, inward);
    for (int c = 0; c < 3; c++) {
        s.centre[c] = p[c] + (out + depth - radius) * inward[c];
        s.end[c] = p[c];
        tip[c] = p[c] + (out + 0.5 * depth) * inward[c];
    }
    s.size[0] = radius;
    s.size[1] = 0.8 * radius;
    s.rough_mm = 0.4f;
    RS_TRY(rs_phantom_shapes_add(call, soft, &s));
    return rs_phantom_irrelevant_add(call, tip, 2.0 * radius, "costal cartilage");
}

static rs_status tubes(const rs_phantom_mode_call *call)
{
    rs_phantom_shapes *soft = RS_ARENA_NEW(call->arena, rs_phantom_shapes, 1);
    if (soft == NULL) return rs_fail_memory(call->ctx, "the phantom");
    int pushes = (int)floor(rs_phantom_draw(call, KNOB_PUSHES) + 0.5);
    int ends = (int)floor(rs_phantom_draw(call, KNOB_ENDS) + 0.5);
    for (int n = 0; n < ends; n++)
        RS_TRY(add_end(call, soft));
    for (int n = 0; n < pushes; n++)
        RS_TRY(add_push(call, soft));
    call->model->drawn[RS_PHANTOM_MODE_ribs] = soft;
    return rs_phantom_shapes_sort(call, soft);
}

const rs_phantom_mode rs_phantom_mode_ribs = {
    .name = "ribs",
    .failure = "F16",
    .what = "ribs that push into the lung, bulging costal cartilage, neither true nor false",
    .share = 0.7,
    .knobs = knobs,
    .n_knobs = KNOBS,
    .tubes = tubes,
    .forbids = rs_phantom_shapes_forbid,
    .stages = RS_PHANTOM_STAGE_LUNG,
    .paint = rs_phantom_shapes_paint_stage,
};
