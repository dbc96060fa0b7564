/* Trees to tubes: radii by Murray's law (r^gamma adds up over a branching), arteries beside their airways, every branch
   a chain of short tubes that winds a little and tapers. */
#include "tree.h"

#include <string.h>

/* A branch drawn as a winding chain. */
typedef struct chain {
    const double *start, *end;
    double radius_mm;
    double winding;    /* of the sideways steps, as a share of the length */
    double tortuosity; /* 0: winds; else its direction walks at random (science F) */
    double beading;
    rs_phantom_layer layer;
} chain;

typedef struct vessel_plan {
    const rs_phantom_anatomy *anatomy;
    double gamma;                         /* Murray's exponent */
    double artery_mm, vein_mm, airway_mm; /* radii at the hilum */
    int side;
} vessel_plan;

enum { CHAIN_MAX = 24 };

static double length_of(const chain *c, double d[3])
{
    double square = 0.0;
    for (int n = 0; n < 3; n++) {
        d[n] = c->end[n] - c->start[n];
        square += d[n] * d[n];
    }
    return sqrt(square);
}

static rs_status add_chain(rs_context *ctx, rs_arena *arena, rs_phantom_tubes *tubes, const chain *c,
                           rs_phantom_random *random)
{
    double d[3], points[CHAIN_MAX + 1][3], bow[3], step[3], length = length_of(c, d);
    int parts = (int)(length / 2.5) + 1;
    if (parts > CHAIN_MAX) parts = CHAIN_MAX;
    /* One branch in ten has a sharp bend (science F2). */
    double bend = rs_phantom_uniform(random, 0.0, 1.0) < 0.1 ? 4.0 : 1.0;
    rs_phantom_direction(random, bow);
    for (int p = 0; p <= parts; p++) {
        double s = (double)p / parts, free = p == 0 || p == parts ? 0.0 : 1.0;
        rs_phantom_direction(random, step);
        for (int n = 0; n < 3; n++)
            points[p][n] = c->start[n] + s * d[n] +
                           c->winding * length * (bend * 4.0 * s * (1.0 - s) * bow[n] + free * 0.5 * step[n]);
    }
    return rs_phantom_path_add(
        ctx, arena, tubes,
        &(rs_phantom_path){(const double(*)[3])points, parts + 1, c->radius_mm * 1.04, c->radius_mm * 0.96, c->layer});
}

/* Sideways steps of a direction that walks at random, bent back so that they end where the branch does. */
static int walk(const chain *c, rs_phantom_random *random, double aside[CHAIN_MAX + 1][3])
{
    double d[3], turn[3] = {0, 0, 0}, length = length_of(c, d);
    int parts = (int)(length / 1.5) + 1;
    if (parts > CHAIN_MAX) parts = CHAIN_MAX;
    double step = length / parts, sd = c->tortuosity * sqrt(step);
    memset(aside[0], 0, sizeof aside[0]);
    for (int p = 1; p <= parts; p++) {
        for (int n = 0; n < 3; n++) {
            turn[n] += sd * rs_phantom_normal(random);
            aside[p][n] = aside[p - 1][n] + step * turn[n];
        }
    }
    for (int p = 1; p <= parts; p++)
        for (int n = 0; n < 3; n++)
            aside[p][n] -= p == parts ? aside[p][n] : aside[parts][n] * p / parts;
    return parts;
}

/* A vessel as a recipe asks for it; straighter where it would leave the lung. */
static rs_status add_vessel(rs_context *ctx, rs_arena *arena, rs_phantom_tubes *tubes,
                            const rs_phantom_anatomy *anatomy, const chain *c, rs_phantom_random *random)
{
    double aside[CHAIN_MAX + 1][3], points[CHAIN_MAX + 1][3], gain = 1.0;
    int parts = walk(c, random, aside);
    for (int round = 0; round < 3; round++, gain *= 0.4) {
        bool inside = true;
        for (int p = 0; p <= parts; p++) {
            for (int n = 0; n < 3; n++)
                points[p][n] = c->start[n] + (c->end[n] - c->start[n]) * p / parts + gain * aside[p][n];
            inside = inside && (p == 0 || p == parts || rs_phantom_in_air(anatomy, points[p]));
        }
        if (inside) break;
    }
    double radius = c->radius_mm * 1.04;
    for (int p = 0; p < parts; p++) {
        double bead = 1.0 + c->beading * rs_phantom_normal(random);
        double next = c->radius_mm * (1.04 - 0.08 * (p + 1) / parts) * (bead > 0.4 ? bead : 0.4);
        rs_phantom_tube tube = {.radius_a = (float)radius, .radius_b = (float)next, .layer = c->layer};
        for (int n = 0; n < 3; n++) {
            tube.a[n] = (float)points[p][n];
            tube.b[n] = (float)points[p + 1][n];
        }
        radius = next;
        RS_TRY(rs_phantom_tube_add(ctx, arena, tubes, &tube));
    }
    return RS_OK;
}

static rs_status add_branch(rs_context *ctx, rs_arena *arena, rs_phantom_tubes *tubes,
                            const rs_phantom_anatomy *anatomy, const chain *c, rs_phantom_random *random)
{
    if (c->tortuosity > 0.0) return add_vessel(ctx, arena, tubes, anatomy, c, random);
    return add_chain(ctx, arena, tubes, c, random);
}

static double murray(double root_mm, int leaves, int all, double gamma)
{
    return root_mm * rs_phantom_pow((double)leaves / all, 1.0 / gamma);
}

/* Where the artery of a branch ends: beside the airway's end, on one side of it throughout a tree. */
static void beside(const rs_phantom_branch *b, double distance_mm, const double towards[3], double out[3])
{
    double d[3], dd = 1e-12, dot = 0.0, size = 1e-6;
    for (int c = 0; c < 3; c++) {
        d[c] = b->end[c] - b->start[c];
        dd += d[c] * d[c];
        dot += d[c] * towards[c];
    }
    for (int c = 0; c < 3; c++) {
        out[c] = towards[c] - dot / dd * d[c];
        size += out[c] * out[c];
    }
    for (int c = 0; c < 3; c++)
        out[c] = b->end[c] + out[c] * distance_mm / sqrt(size);
}

static double wall_of(double lumen_mm)
{
    return 0.25 + 0.16 * lumen_mm;
}

/* Does the straight line of a branch stay within the lung? */
static bool stays_in_air(const rs_phantom_anatomy *anatomy, const rs_phantom_branch *b)
{
    for (int part = 0; part <= 6; part++) {
        double p[3];
        for (int c = 0; c < 3; c++)
            p[c] = b->start[c] + part / 6.0 * (b->end[c] - b->start[c]);
        if (!rs_phantom_in_air(anatomy, p)) return false;
    }
    return true;
}

static rs_status add_airways(rs_context *ctx, rs_arena *arena, const vessel_plan *plan, const rs_phantom_tree *tree,
                             rs_phantom_random *random, rs_phantom_tubes *tubes)
{
    int all = tree->n > 0 ? tree->items[0].leaves : 1;
    for (int n = 0; n < tree->n; n++) {
        const rs_phantom_branch *b = &tree->items[n];
        double lumen = murray(plan->airway_mm, b->leaves, all, plan->gamma);
        /* Ends below what any CT shows; no air in the heart. */
        if (lumen < 0.45 || (b->parent >= 0 && !stays_in_air(plan->anatomy, b))) continue;
        rs_phantom_random same = *random; /* wall and lumen wind alike */
        chain wall = {b->start, b->end, lumen + wall_of(lumen), 0.03, 0.0, 0.0, RS_PHANTOM_WALL};
        chain hole = {b->start, b->end, lumen, 0.03, 0.0, 0.0, RS_PHANTOM_LUMEN};
        RS_TRY(add_chain(ctx, arena, tubes, &wall, random));
        RS_TRY(add_chain(ctx, arena, tubes, &hole, &same));
    }
    return RS_OK;
}

static rs_status add_arteries(rs_context *ctx, rs_arena *arena, const vessel_plan *plan, const rs_phantom_tree *tree,
                              rs_phantom_random *random, rs_phantom_tubes *tubes)
{
    const rs_phantom_growth *growth = &plan->anatomy->growth;
    int all = tree->n > 0 ? tree->items[0].leaves : 1;
    double(*ends)[3] = rs_arena_alloc_raw(arena, (size_t)tree->n, sizeof *ends);
    if (ends == NULL) return rs_fail_memory(ctx, "the phantom's vessels");
    double towards[3] = {plan->side == 0 ? -0.75 : 0.75, -0.45, 0.5};
    for (int n = 0; n < tree->n; n++) {
        const rs_phantom_branch *b = &tree->items[n];
        double lumen = murray(plan->airway_mm, b->leaves, all, plan->gamma);
        double radius = murray(plan->artery_mm, b->leaves, all, plan->gamma);
        beside(b, radius + lumen + wall_of(lumen) + 0.2, towards, ends[n]);
        if (b->leaves == 1) memcpy(ends[n], b->end, sizeof ends[n]);
        const double *start = b->parent < 0 ? plan->anatomy->artery_end[plan->side] : ends[b->parent];
        chain artery = {start, ends[n], radius, 0.035, growth->tortuosity, growth->beading, RS_PHANTOM_VESSEL};
        RS_TRY(add_branch(ctx, arena, tubes, plan->anatomy, &artery, random));
    }
    return RS_OK;
}

static rs_status add_veins(rs_context *ctx, rs_arena *arena, const vessel_plan *plan, const rs_phantom_tree *tree,
                           rs_phantom_random *random, rs_phantom_tubes *tubes)
{
    const rs_phantom_growth *growth = &plan->anatomy->growth;
    int all = tree->n > 0 ? tree->items[0].leaves : 1;
    for (int n = 0; n < tree->n; n++) {
        const rs_phantom_branch *b = &tree->items[n];
        double radius = murray(plan->vein_mm, b->leaves, all, plan->gamma);
        chain vein = {b->start, b->end, radius, 0.04, growth->tortuosity, growth->beading, RS_PHANTOM_VESSEL};
        RS_TRY(add_branch(ctx, arena, tubes, plan->anatomy, &vein, random));
    }
    return RS_OK;
}

rs_status rs_phantom_vessels(rs_context *ctx, rs_arena *arena, const rs_phantom_anatomy *anatomy, uint64_t seed,
                             rs_phantom_tubes *tubes)
{
    rs_phantom_random body = rs_phantom_random_of(seed, RS_PHANTOM_STREAM_AIRWAY, 9);
    vessel_plan plan = {.anatomy = anatomy, .gamma = rs_phantom_uniform(&body, 2.7, 2.9)};
    const double drawn_mm = rs_phantom_uniform(&body, 5.6, 6.8), calibre = anatomy->growth.calibre;
    plan.artery_mm = calibre * drawn_mm;
    if (anatomy->growth.murray > 0.0) plan.gamma = anatomy->growth.murray;
    plan.vein_mm = plan.artery_mm * rs_phantom_uniform(&body, 0.9, 1.05);
    plan.airway_mm = drawn_mm * rs_phantom_uniform(&body, 0.8, 0.95);
    rs_phantom_tubes great = *tubes; /* those that the clouds must stay away from; the arena keeps them */
    for (int side = 0; side < 2; side++) {
        plan.side = side;
        for (int veins = 0; veins < 2; veins++) {
            int stream = veins != 0 ? RS_PHANTOM_STREAM_VEIN : RS_PHANTOM_STREAM_AIRWAY;
            rs_phantom_random random = rs_phantom_random_of(seed, (uint64_t)stream, (uint64_t)side);
            rs_phantom_cloud_args args = {anatomy, &great, side, anatomy->growth.pitch_mm,
                                          rs_phantom_key(seed, (uint64_t)stream, 2 + (uint64_t)side)};
            rs_phantom_cloud cloud = {0};
            rs_phantom_tree tree = {0};
            RS_TRY(rs_phantom_cloud_draw(ctx, arena, &args, &cloud));
            const double *root = veins != 0 ? anatomy->vein_end[side] : anatomy->bronchus_end[side];
            rs_phantom_tree_args grow = {anatomy, root, &cloud};
            if (anatomy->growth.straight > 0.0) {
                RS_TRY(rs_phantom_tree_span(ctx, arena, &grow, &tree));
            } else {
                RS_TRY(rs_phantom_tree_grow(ctx, arena, &grow, &random, &tree));
            }
            if (veins != 0) {
                RS_TRY(add_veins(ctx, arena, &plan, &tree, &random, tubes));
            } else {
                RS_TRY(add_airways(ctx, arena, &plan, &tree, &random, tubes));
                RS_TRY(add_arteries(ctx, arena, &plan, &tree, &random, tubes));
            }
        }
    }
    return RS_OK;
}
