/* Mucus in airways and thick walls of airways (science F14). The airways of the lung stand in the list of tubes branch
   by branch, the wall's chain before the lumen's and as long (vessels.c). */
#include "shapes.h"

enum { KNOB_NUMBER = 0, KNOB_LENGTH, KNOB_HU, KNOB_WIDER, KNOB_WALL, KNOB_THICK, KNOBS };

static const rs_phantom_knob knobs[KNOBS] = {
    [KNOB_NUMBER] = {"number", {2, 20}, 0, 100, "plugs of a patient"},
    [KNOB_LENGTH] = {"length_mm", {3, 15}, 1, 40, "of a plug"},
    [KNOB_HU] = {"hu", {10, 40}, -100, 150, "of mucus"},
    [KNOB_WIDER] = {"wider", {1.0, 1.5}, 1, 3, "a plugged lumen, times its own width"},
    [KNOB_WALL] = {"wall", {1.8, 2.2}, 1, 4, "a thick wall, times its own thickness"},
    [KNOB_THICK] = {"thick_share", {0.2, 0.8}, 0, 1, "of the branches without plugs that have thick walls"},
};

/* Lumina that a plug may fill: narrower ones show nothing, wider ones are not plugged without collapse. */
#define LUMEN_LEAST_MM 0.7f
#define LUMEN_MOST_MM 3.2f

/* A branch: its walls at first … first + n - 1, its lumina behind them. */
typedef struct airway {
    int first, n;
} airway;

static airway next_airway(const rs_phantom_tubes *tubes, int from)
{
    airway a = {from, 0};
    while (a.first < tubes->n && tubes->items[a.first].layer != RS_PHANTOM_WALL)
        a.first++;
    int at = a.first, lumina = 0;
    while (at < tubes->n && tubes->items[at].layer == RS_PHANTOM_WALL)
        at++;
    a.n = at - a.first;
    while (at < tubes->n && tubes->items[at].layer == RS_PHANTOM_LUMEN && lumina < a.n) {
        at++;
        lumina++;
    }
    return a.n > 0 && lumina == a.n ? a : (airway){tubes->n, 0};
}

static void thicken(rs_phantom_tubes *tubes, const airway *a, double factor)
{
    const float times = (float)factor;
    for (int n = a->first; n < a->first + a->n; n++) {
        rs_phantom_tube *wall = &tubes->items[n];
        const rs_phantom_tube *lumen = wall + a->n;
        wall->radius_a = lumen->radius_a + times * (wall->radius_a - lumen->radius_a);
        wall->radius_b = lumen->radius_b + times * (wall->radius_b - lumen->radius_b);
    }
}

/* Fills a stretch of a branch with mucus. */
static rs_status plug(const rs_phantom_mode_call *call, const airway *a, rs_phantom_shapes *shapes)
{
    const rs_phantom_tubes *tubes = &call->model->tubes;
    double left = rs_phantom_draw(call, KNOB_LENGTH), wider = rs_phantom_draw(call, KNOB_WIDER);
    const float hu = (float)rs_phantom_draw(call, KNOB_HU);
    int at = (int)rs_phantom_uniform(call->random, 0.0, 0.7 * a->n);
    for (; at < a->n && left > 0.0; at++) {
        const rs_phantom_tube *t = &tubes->items[a->first + a->n + at];
        rs_phantom_shape s = {.kind = RS_PHANTOM_SHAPE_CONE, .hu = hu, .mottle_hu = 6.0f};
        double length = 0.0, middle[3];
        for (int c = 0; c < 3; c++) {
            double e = (double)t->b[c] - (double)t->a[c];
            length += e * e;
        }
        length = sqrt(length);
        double share = left < length ? left / length : 1.0;
        for (int c = 0; c < 3; c++) {
            s.centre[c] = (double)t->a[c];
            s.end[c] = (double)t->a[c] + share * ((double)t->b[c] - (double)t->a[c]);
            middle[c] = 0.5 * (s.centre[c] + s.end[c]);
        }
        s.size[0] = wider * (double)t->radius_a + 0.1;
        s.size[1] = wider * (double)t->radius_b + 0.1;
        left -= length;
        RS_TRY(rs_phantom_shapes_add(call, shapes, &s));
        RS_TRY(rs_phantom_irrelevant_add(call, middle, 2.0 * s.size[0] + share * length + 1.0, "mucus plug"));
    }
    return RS_OK;
}

static rs_status tubes(const rs_phantom_mode_call *call)
{
    rs_phantom_model *m = call->model;
    rs_phantom_shapes *shapes = RS_ARENA_NEW(call->arena, rs_phantom_shapes, 1);
    if (shapes == NULL) return rs_fail_memory(call->ctx, "the phantom");
    double thick_share = rs_phantom_draw(call, KNOB_THICK), number = floor(rs_phantom_draw(call, KNOB_NUMBER) + 0.5);
    int wide = 0;
    for (airway a = next_airway(&m->tubes, m->n_great); a.n > 0; a = next_airway(&m->tubes, a.first + 2 * a.n)) {
        float lumen = m->tubes.items[a.first + a.n].radius_a;
        wide += lumen > LUMEN_LEAST_MM && lumen < LUMEN_MOST_MM ? 1 : 0;
    }
    double left = wide;
    for (airway a = next_airway(&m->tubes, m->n_great); a.n > 0; a = next_airway(&m->tubes, a.first + 2 * a.n)) {
        float lumen = m->tubes.items[a.first + a.n].radius_a;
        double chance = rs_phantom_uniform(call->random, 0.0, 1.0), factor = rs_phantom_draw(call, KNOB_WALL);
        double thick = rs_phantom_uniform(call->random, 0.0, 1.0);
        if (lumen <= LUMEN_LEAST_MM || lumen >= LUMEN_MOST_MM) continue;
        bool plugged = chance * left < number; /* exactly as many as drawn: one pass of selection sampling */
        left -= 1.0;
        if (plugged || thick < thick_share) thicken(&m->tubes, &a, factor);
        if (!plugged) continue;
        number -= 1.0;
        RS_TRY(plug(call, &a, shapes));
    }
    m->drawn[RS_PHANTOM_MODE_plugs] = shapes;
    return rs_phantom_shapes_sort(call, shapes);
}

const rs_phantom_mode rs_phantom_mode_plugs = {
    .name = "plugs",
    .failure = "F14",
    .what = "mucus in airways, neither true nor false; thick walls of airways",
    .share = 0.5,
    .knobs = knobs,
    .n_knobs = KNOBS,
    .tubes = tubes,
    .forbids = rs_phantom_shapes_forbid,
    .stages = RS_PHANTOM_STAGE_AIRWAYS,
    .paint = rs_phantom_shapes_paint_stage,
};
