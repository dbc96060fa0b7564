/* Emphysema and bullae (science F8): holes of air in clusters, more of them towards the apices, as centrilobular
   emphysema has it; bullae at the pleura with thin walls, which push vessels away. */
#include "fissure.h"
#include "prune.h"
#include "shapes.h"

enum { KNOB_SHARE = 0, KNOB_HOLE, KNOB_BULLAE, KNOB_BULLA, KNOB_WALL, KNOB_LUNG, KNOB_AIR, KNOBS };

static const rs_phantom_knob knobs[KNOBS] = {
    [KNOB_SHARE] = {"air_share", {0.02, 0.4}, 0, 0.5, "of the lungs that the holes fill"},
    [KNOB_HOLE] = {"hole_mm", {2, 10}, 1.5, 30, "diameter of a hole"},
    [KNOB_BULLAE] = {"bullae", {0, 8}, 0, 60, "of a patient"},
    [KNOB_BULLA] = {"bulla_mm", {8, 60}, 4, 120, "diameter of a bulla; small ones are more frequent"},
    [KNOB_WALL] = {"wall_mm", {0.3, 0.9}, 0, 3, "of a bulla"},
    [KNOB_LUNG] = {"lung_hu", {-930, -905}, -980, -700, "mean density of the lung between"},
    [KNOB_AIR] = {"hu", {-980, -960}, -1000, -850, "density of holes and bullae"},
};

enum { HOLES_MAX = 40000, CLUSTER = 7 };

typedef struct airs {
    rs_phantom_shapes shapes;
    rs_phantom_shapes bullae; /* their air alone: places that no vessel and no lesion may have */
} airs;

static rs_status anatomy(const rs_phantom_mode_call *call)
{
    double hu = rs_phantom_draw(call, KNOB_LUNG);
    if (hu < call->model->anatomy.lung_hu) call->model->anatomy.lung_hu = hu;
    return RS_OK;
}

/* Between the ends of a knob: density falling as the cube of the diameter for holes, as its square for bullae. */
static double draw_diameter(const rs_phantom_mode_call *call, int knob)
{
    const rs_phantom_range *range = &call->setting->knob[knob];
    const double u = rs_phantom_uniform(call->random, 0.0, 1.0);
    if (knob == KNOB_BULLA) return 1.0 / (1.0 / range->low + (1.0 / range->high - 1.0 / range->low) * u);
    double a = 1.0 / (range->low * range->low), b = 1.0 / (range->high * range->high);
    return 1.0 / sqrt(a + (b - a) * u);
}

static rs_status add_hole(const rs_phantom_mode_call *call, airs *a, const double p[3], double radius_mm, float hu)
{
    rs_phantom_shape s = {.kind = RS_PHANTOM_SHAPE_CONE,
                          .blend = RS_PHANTOM_BLEND_LOWER,
                          .hu = hu,
                          .mottle_hu = 4.0f,
                          .rough_mm = (float)(0.12 * radius_mm)};
    for (int c = 0; c < 3; c++)
        s.centre[c] = s.end[c] = p[c];
    s.size[0] = s.size[1] = radius_mm;
    /* The mediastinum that a lobectomy shifts later on, and breath, move the lung's surface. */
    s.cut = call->model->has[RS_PHANTOM_MODE_lobectomy] || call->model->has[RS_PHANTOM_MODE_motion] ||
            rs_phantom_lung_distance(&call->model->anatomy, p, NULL) > -(1.4 * radius_mm + 1.0);
    return rs_phantom_shapes_add(call, &a->shapes, &s);
}

/* Clusters of overlapping holes until they fill the share; each hole counts less for what it shares with others. */
static rs_status add_holes(const rs_phantom_mode_call *call, airs *a)
{
    rs_phantom_random *r = call->random;
    const rs_phantom_anatomy *anatomy = &call->model->anatomy;
    const float hu = (float)rs_phantom_draw(call, KNOB_AIR);
    double left = rs_phantom_draw(call, KNOB_SHARE) * 1000.0 * rs_phantom_lung_ml(anatomy);
    double apical = rs_phantom_uniform(r, 0.0, 2.0);
    while (left > 0.0 && a->shapes.n < HOLES_MAX) {
        double p[3], radius = 0.5 * draw_diameter(call, KNOB_HOLE);
        if (!rs_phantom_lung_point(call, 1.0, p)) return RS_OK;
        double high = p[2] / anatomy->height_mm, keep = rs_phantom_uniform(r, 0.0, 1.0);
        if (keep > 0.2 + apical * high * high) continue;
        int holes = 1 + (int)rs_phantom_uniform(r, 0.0, CLUSTER);
        for (int n = 0; n < holes; n++) {
            RS_TRY(add_hole(call, a, p, radius, hu));
            left -= 0.65 * 4.0 / 3.0 * M_PI * radius * radius * radius;
            double way[3];
            rs_phantom_direction(r, way);
            for (int c = 0; c < 3; c++)
                p[c] += 1.1 * radius * way[c];
            radius *= rs_phantom_uniform(r, 0.7, 1.2);
        }
    }
    return RS_OK;
}

/* A wall, and air in it. Where two meet, the later one's wall parts them. */
static rs_status add_bulla(const rs_phantom_mode_call *call, airs *a)
{
    double p[3], inward[3], radius = 0.5 * draw_diameter(call, KNOB_BULLA), wall = rs_phantom_draw(call, KNOB_WALL);
    double inside = rs_phantom_uniform(call->random, 0.5, 1.0), turn[3];
    rs_phantom_shape s = {.kind = RS_PHANTOM_SHAPE_CONE, .cut = true, .hu = -250.0f};
    if (!rs_phantom_pleura_point(call, p, inward)) return RS_OK;
    rs_phantom_direction(call->random, turn);
    for (int c = 0; c < 3; c++) { /* longer than wide */
        s.centre[c] = p[c] + inside * radius * inward[c];
        s.end[c] = s.centre[c] + 0.4 * radius * turn[c];
    }
    s.size[0] = radius;
    s.size[1] = 0.85 * radius;
    s.rough_mm = 0.5f;
    RS_TRY(rs_phantom_shapes_add(call, &a->shapes, &s));
    s.hu = (float)rs_phantom_draw(call, KNOB_AIR);
    s.size[0] -= wall;
    s.size[1] -= wall;
    RS_TRY(rs_phantom_shapes_add(call, &a->shapes, &s));
    return rs_phantom_shapes_add(call, &a->bullae, &s);
}

/* Here rather than in draw: vessels stay out of bullae, and they are tubes. */
static rs_status tubes(const rs_phantom_mode_call *call)
{
    rs_phantom_model *m = call->model;
    airs *a = RS_ARENA_NEW(call->arena, airs, 1);
    if (a == NULL) return rs_fail_memory(call->ctx, "the phantom");
    RS_TRY(add_holes(call, a));
    int bullae = (int)floor(rs_phantom_draw(call, KNOB_BULLAE) + 0.5);
    for (int n = 0; n < bullae; n++)
        RS_TRY(add_bulla(call, a));
    RS_TRY(rs_phantom_shapes_sort(call, &a->shapes));
    RS_TRY(rs_phantom_shapes_sort(call, &a->bullae));
    const int n_pieces = m->tubes.n - m->n_great;
    rs_phantom_tube *piece = m->tubes.items + m->n_great;
    bool *gone = rs_arena_alloc(call->arena, (size_t)n_pieces + 1, sizeof *gone);
    if (gone == NULL) return rs_fail_memory(call->ctx, "the phantom");
    for (int n = 0; n < n_pieces; n++) {
        const rs_phantom_tube *t = &piece[n];
        const double start[3] = {(double)t->a[0], (double)t->a[1], (double)t->a[2]},
                     end[3] = {(double)t->b[0], (double)t->b[1], (double)t->b[2]};
        if (t->radius_a > 2.0f ||
            (!rs_phantom_shapes_near(&a->bullae, start, 0.0) && !rs_phantom_shapes_near(&a->bullae, end, 0.0)))
            continue;
        gone[n] = true;
    }
    RS_TRY(rs_phantom_prune(call, gone, INFINITY));
    for (int n = 0; n < n_pieces; n++)
        if (gone[n]) piece[n].radius_a = piece[n].radius_b = 0.0f;
    m->drawn[RS_PHANTOM_MODE_emphysema] = a;
    return RS_OK;
}

static bool forbids(const rs_phantom_model *model, const void *drawn, const double p[3], double radius_mm)
{
    (void)model;
    return rs_phantom_shapes_near(&((const airs *)drawn)->bullae, p, radius_mm + 1.0);
}

static void paint(const void *drawn, rs_phantom_plane *plane, rs_phantom_stage stage)
{
    (void)stage;
    rs_phantom_shapes_paint(&((const airs *)drawn)->shapes, plane);
}

const rs_phantom_mode rs_phantom_mode_emphysema = {
    .name = "emphysema",
    .failure = "F8",
    .what = "holes of air in the lung, bullae with thin walls at the pleura",
    .share = 0.3,
    .knobs = knobs,
    .n_knobs = KNOBS,
    .anatomy = anatomy,
    .tubes = tubes,
    .forbids = forbids,
    .stages = RS_PHANTOM_STAGE_LUNG,
    .paint = paint,
};
