/* What of vessels looks like a lesion (science F2): hairpin bends, swollen junctions, ends cut off at the fissures. The
   vessels of the lung stand in the list of tubes branch by branch, each a chain whose radius falls without a step. */
#include "fissure.h"
#include "tree.h"

enum { KNOB_BENDS = 0, KNOB_ANGLE, KNOB_JUNCTIONS, KNOB_SWELLING, KNOB_CUTS, KNOB_STUBS, KNOBS };

static const rs_phantom_knob knobs[KNOBS] = {
    [KNOB_BENDS] = {"bend_share", {0.1, 0.1}, 0, 1, "of the branches bend sharply"},
    [KNOB_ANGLE] = {"angle_deg", {20, 60}, 10, 150, "between the limbs of a bend"},
    [KNOB_JUNCTIONS] = {"junction_share", {0.05, 0.2}, 0, 1, "of the junctions are swollen"},
    [KNOB_SWELLING] = {"swelling", {1.2, 1.7}, 1, 3, "radius of a junction over its vessel's"},
    [KNOB_CUTS] = {"cut_share", {0.6, 1}, 0, 1, "of the branches that cross a fissure end there"},
    [KNOB_STUBS] = {"stub_share", {0.02, 0.06}, 0, 1, "of the branches have a short side branch"},
};

#define LEAST_MM 0.35f /* radii between which a vessel is changed */
#define MOST_MM 1.7f

typedef struct chain {
    int first, n;
} chain;

static chain next_chain(const rs_phantom_tubes *tubes, int from, int end)
{
    chain c = {from, 0};
    while (c.first < end && tubes->items[c.first].layer != RS_PHANTOM_VESSEL)
        c.first++;
    for (int n = c.first; n < end && tubes->items[n].layer == RS_PHANTOM_VESSEL; n++) {
        if (n > c.first && tubes->items[n].radius_a != tubes->items[n - 1].radius_b) break;
        c.n++;
    }
    return c;
}

static double length_of(const rs_phantom_tube *t, double along[3])
{
    double square = 1e-12;
    for (int c = 0; c < 3; c++) {
        along[c] = (double)t->b[c] - (double)t->a[c];
        square += along[c] * along[c];
    }
    for (int c = 0; c < 3; c++)
        along[c] /= sqrt(square);
    return sqrt(square);
}

/* A unit vector across. */
static void across(rs_phantom_random *r, const double along[3], double out[3])
{
    double dot = 0.0, square = 0.0;
    do {
        rs_phantom_direction(r, out);
        dot = out[0] * along[0] + out[1] * along[1] + out[2] * along[2];
    } while (fabs(dot) > 0.95);
    for (int c = 0; c < 3; c++) {
        out[c] -= dot * along[c];
        square += out[c] * out[c];
    }
    for (int c = 0; c < 3; c++)
        out[c] /= sqrt(square);
}

/* Pulls the middle of a tube aside until its halves stand at the angle. */
static rs_status bend(const rs_phantom_mode_call *call, int at)
{
    rs_phantom_tubes *tubes = &call->model->tubes;
    rs_phantom_tube t = tubes->items[at], second = t;
    double along[3], aside[3], apex[3], length = length_of(&t, along);
    double half = 0.5 * rs_phantom_draw(call, KNOB_ANGLE) * M_PI / 180.0;
    /* cot x by its series: to 1e-3 up to 75 degrees */
    double q = half * half, high = 0.5 * length * (1.0 / half) * (1.0 - q / 3.0 - q * q / 45.0 - q * q * q * 0.0021164);
    if (high > 6.0) high = 6.0;
    across(call->random, along, aside);
    for (int c = 0; c < 3; c++)
        apex[c] = 0.5 * ((double)t.a[c] + (double)t.b[c]) + high * aside[c];
    if (!rs_phantom_in_air(&call->model->anatomy, apex)) return RS_OK;
    for (int c = 0; c < 3; c++)
        tubes->items[at].b[c] = second.a[c] = (float)apex[c];
    tubes->items[at].radius_b = second.radius_a = 0.5f * (t.radius_a + t.radius_b);
    return rs_phantom_tube_add(call->ctx, call->arena, tubes, &second);
}

/* A ball where a branch leaves its parent. */
static rs_status swell(const rs_phantom_mode_call *call, int at)
{
    rs_phantom_tube ball = call->model->tubes.items[at];
    const float share = 0.3f * ball.radius_a;
    double along[3], length = length_of(&ball, along);
    if (length < 0.5) return RS_OK;
    for (int c = 0; c < 3; c++)
        ball.b[c] = ball.a[c] + share * (float)along[c];
    ball.radius_a *= (float)rs_phantom_draw(call, KNOB_SWELLING);
    ball.radius_b = ball.radius_a;
    return rs_phantom_tube_add(call->ctx, call->arena, &call->model->tubes, &ball);
}

/* A side branch of a few millimetres with a blunt end. */
static rs_status add_twig(const rs_phantom_mode_call *call, int at)
{
    rs_phantom_tube twig = call->model->tubes.items[at];
    double along[3], aside[3], end[3], length = rs_phantom_uniform(call->random, 2.0, 5.0);
    (void)length_of(&twig, along);
    across(call->random, along, aside);
    for (int c = 0; c < 3; c++) {
        end[c] = (double)twig.a[c] + length * (0.8 * aside[c] + 0.6 * along[c]);
        twig.b[c] = (float)end[c];
    }
    twig.radius_a = twig.radius_b = twig.radius_a * (float)rs_phantom_uniform(call->random, 0.7, 1.0);
    if (!rs_phantom_in_air(&call->model->anatomy, end)) return RS_OK;
    return rs_phantom_tube_add(call->ctx, call->arena, &call->model->tubes, &twig);
}

/* Distance to the oblique fissure, and above it on the right to the horizontal one: whichever changes its sign. */
static double fissure_of(const rs_phantom_anatomy *a, const float p[3], int which)
{
    const double x = (double)p[0], y = (double)p[1], z = (double)p[2], d = rs_phantom_oblique(a, x, y, z);
    if (which == 0) return d;
    return x < 0.0 && d > 0.0 ? rs_phantom_horizontal(a, x, y, z) : 1e3;
}

/* Shortens a tube that crosses a fissure: its round end touches it. */
static bool ends_at_fissure(const rs_phantom_anatomy *a, rs_phantom_tube *t)
{
    double along[3], length = length_of(t, along);
    for (int which = 0; which < 2; which++) {
        double from = fissure_of(a, t->a, which), to = fissure_of(a, t->b, which);
        if ((from > 0.0) == (to > 0.0) || fabs(from - to) > 50.0) continue;
        double share = from / (from - to) - (double)t->radius_a / length;
        for (int c = 0; c < 3; c++)
            t->b[c] = t->a[c] + (float)(share < 0.05 ? 0.05 : share) * (t->b[c] - t->a[c]);
        return true;
    }
    return false;
}

/* What comes behind in the branch is gone. */
static void cut(rs_phantom_model *m, const chain *c)
{
    bool gone = false;
    for (int n = c->first; n < c->first + c->n; n++) {
        rs_phantom_tube *t = &m->tubes.items[n];
        if (gone) {
            t->radius_a = t->radius_b = 0.0f;
        } else {
            gone = ends_at_fissure(&m->anatomy, t);
        }
    }
}

static rs_status tubes(const rs_phantom_mode_call *call)
{
    rs_phantom_model *m = call->model;
    rs_phantom_random *r = call->random;
    const int end = m->tubes.n;
    double share[KNOBS];
    for (int k = 0; k < KNOBS; k++)
        share[k] = k == KNOB_ANGLE || k == KNOB_SWELLING ? 0.0 : rs_phantom_draw(call, k);
    for (chain c = next_chain(&m->tubes, m->n_great, end); c.n > 0; c = next_chain(&m->tubes, c.first + c.n, end)) {
        double chance[4];
        for (int n = 0; n < 4; n++)
            chance[n] = rs_phantom_uniform(r, 0.0, 1.0);
        const float radius = m->tubes.items[c.first].radius_a;
        if (radius < LEAST_MM || radius > MOST_MM) continue;
        if (chance[0] < share[KNOB_CUTS]) cut(m, &c);
        if (chance[1] < share[KNOB_BENDS]) RS_TRY(bend(call, c.first + c.n / 2));
        if (chance[2] < share[KNOB_JUNCTIONS]) RS_TRY(swell(call, c.first));
        if (chance[3] < share[KNOB_STUBS]) RS_TRY(add_twig(call, c.first + c.n / 2));
    }
    return RS_OK;
}

const rs_phantom_mode rs_phantom_mode_decoys = {
    .name = "decoys",
    .failure = "F2",
    .what = "hairpin bends, swollen junctions, stubs and cut ends of vessels",
    .share = 1.0,
    .knobs = knobs,
    .n_knobs = KNOBS,
    .tubes = tubes,
};
