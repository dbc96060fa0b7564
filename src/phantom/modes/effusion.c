/* Fluid behind a lung, its surface rising along the walls, and the lobe that it has emptied (science F9). The level is
   that which holds the wanted volume; airways and vessels move out of the fluid, those of a collapsed lobe into it. */
#include "effusion.h"

#include <string.h>

#include "warp.h"

enum { KNOB_VOLUME = 0, KNOB_FLUID, KNOB_COLLAPSE, KNOB_LOBE, KNOB_BAND };

static const rs_phantom_knob knobs[] = {
    {"volume_ml", {50, 800}, 5, 2000, "fluid"},
    {"fluid_hu", {0, 20}, -20, 100, "its density"},
    {"collapse_share", {0.4, 0.4}, 0, 1, "of these patients have a lower lobe without air"},
    {"lobe_hu", {40, 60}, 0, 150, "density of a lobe without air"},
    {"band_mm", {2, 9}, 0, 40, "lung pressed together beside the fluid"},
};

#define RISE_MM 26.0 /* of the surface at a wall, and how far from the wall it is halved */
#define RISE_HALF_MM 13.0
#define LEAN 0.3 /* deeper by that share of the way down */

typedef struct effusion {
    const rs_phantom_anatomy *anatomy;
    int side;
    double volume_ml, fluid_hu, lobe_hu, band_mm;
    double level_mm; /* of the surface in the middle, at z = 0 */
    bool collapsed;
    double hilum[3], base[3], radius[2]; /* the lobe: a cone from the hilum to the base */
    double give_mm;                      /* lung within this of the fluid moves */
} effusion;

int rs_phantom_effusion_side(const rs_phantom_model *model)
{
    rs_phantom_random random =
        rs_phantom_random_of(model->seed, RS_PHANTOM_STREAM_HAS, RS_PHANTOM_MODES + RS_PHANTOM_MODE_effusion);
    return rs_phantom_uniform(&random, 0.0, 1.0) < 0.5 ? 0 : 1;
}

double rs_phantom_effusion_ml(const void *drawn, double *hu)
{
    const effusion *e = drawn;
    *hu = e->fluid_hu;
    return e->volume_ml;
}

/* How far a place lies below the fluid's surface along y were the level 0; *steep: length of its gradient. */
static double depth_of(const rs_phantom_section *s, const rs_phantom_row *row, double x, double *steep)
{
    double wall = rs_phantom_cage(s, row, x), below = rs_phantom_diaphragm(s, x, row->y);
    double in = wall > below ? -wall : -below;
    if (in < 0.0) in = 0.0;
    double half = RISE_HALF_MM * RISE_HALF_MM, rise = RISE_MM * half / (half + in * in);
    double slope = 2.0 * in * rise / (half + in * in);
    *steep = sqrt(1.0 + LEAN * LEAN + slope * slope);
    return row->y + rise - LEAN * s->z;
}

/* Signed distance to the fluid, negative inside. */
static double fluid_distance(const effusion *e, const rs_phantom_section *s, const rs_phantom_row *row, double x)
{
    double steep = 1.0, depth = depth_of(s, row, x, &steep);
    return (e->level_mm - depth) / steep;
}

static double lobe_distance(const effusion *e, const double p[3])
{
    return e->collapsed ? rs_phantom_cone_distance(e->hilum, e->base, e->radius, p) : 1e3;
}

/* The level under which the wanted volume lies, from a lattice of 4 mm: a histogram of depths. */
static void fill(effusion *e)
{
    enum { STEP = 4, BINS = 1024 };
    const rs_phantom_anatomy *a = e->anatomy;
    int32_t count[BINS] = {0};
    double sign = e->side == 0 ? -1.0 : 1.0, steep = 1.0, want = e->volume_ml * 1000.0 / (STEP * STEP * STEP);
    for (double z = -20.0; z < a->height_mm; z += STEP) {
        rs_phantom_section s = rs_phantom_section_at(a, z);
        for (double y = -120.0; y < 130.0; y += STEP) {
            rs_phantom_row row = rs_phantom_row_at(&s, y);
            for (double x = 0.5 * STEP; x < 150.0; x += STEP) {
                const double p[3] = {sign * x, y, z};
                if (rs_phantom_lung(&s, &row, p[0]) > 0.0 || lobe_distance(e, p) < 0.0) continue;
                bool solid = false;
                for (int n = 0; n < a->n_solids && !solid; n++)
                    solid = !a->solid[n].abdominal && rs_phantom_solid_distance(&a->solid[n], p) < 0.0;
                int bin = (int)(2.0 * (depth_of(&s, &row, p[0], &steep) + 256.0));
                if (!solid) count[bin < 0 ? 0 : (bin >= BINS ? BINS - 1 : bin)]++;
            }
        }
    }
    int bin = BINS - 1;
    double sum = 0.0;
    while (bin > 0 && sum + count[bin] < want)
        sum += count[bin--];
    double part = count[bin] > 0 ? (want - sum) / count[bin] : 0.0;
    e->level_mm = (bin + 1 - (part < 1.0 ? part : 1.0)) / 2.0 - 256.0;
}

/* Out of the fluid along y: depths from give_mm above the surface on are pressed together above it. */
static void press(const effusion *e, double p[3])
{
    rs_phantom_section s = rs_phantom_section_at(e->anatomy, p[2]);
    rs_phantom_row row = rs_phantom_row_at(&s, p[1]);
    double steep = 1.0, over = depth_of(&s, &row, p[0], &steep) - e->level_mm + e->give_mm;
    if (over <= 0.0) return;
    double share = over / e->give_mm;
    p[1] -= over - e->give_mm * share / (1.0 + share);
}

/* Into the lobe: along and across the cone. */
static void shrink(const effusion *e, double weight, double p[3], float *radius_mm)
{
    double along = 0.0, length = 1e-9;
    for (int c = 0; c < 3; c++) {
        along += (e->base[c] - e->hilum[c]) * (p[c] - e->hilum[c]);
        length += (e->base[c] - e->hilum[c]) * (e->base[c] - e->hilum[c]);
    }
    along /= length;
    along = along < 0.0 ? 0.0 : (along > 0.97 ? 0.97 : along);
    double wide = (e->radius[0] + along * (e->radius[1] - e->radius[0])) / 85.0;
    for (int c = 0; c < 3; c++) {
        double axis = e->hilum[c] + along * (e->base[c] - e->hilum[c]);
        p[c] += weight * (axis + wide * (p[c] - axis) - p[c]);
    }
    *radius_mm *= (float)(1.0 - 0.25 * weight);
}

static rs_phantom_seen moves(const void *arg, double p[3], float *radius_mm)
{
    const effusion *e = arg;
    if ((p[0] < 0.0 ? 0 : 1) != e->side) return RS_PHANTOM_IN_LUNG;
    if (e->collapsed) {
        double weight = rs_phantom_ramp(-rs_phantom_above_fissure(e->anatomy, e->side, p) / 20.0);
        shrink(e, weight, p, radius_mm);
        if (lobe_distance(e, p) < 0.0) return RS_PHANTOM_IN_LUNG;
    }
    press(e, p);
    rs_phantom_section s = rs_phantom_section_at(e->anatomy, p[2]);
    rs_phantom_row row = rs_phantom_row_at(&s, p[1]);
    bool inside = fluid_distance(e, &s, &row, p[0]) > 0.5 && rs_phantom_lung(&s, &row, p[0]) < 1.0;
    return inside ? RS_PHANTOM_IN_LUNG : RS_PHANTOM_COVERED;
}

static void place_lobe(const rs_phantom_mode_call *call, effusion *e)
{
    const rs_phantom_anatomy *a = e->anatomy;
    const double sign = e->side == 0 ? -1.0 : 1.0, *h = a->bronchus_end[e->side];
    const double hilum[3] = {h[0], h[1] + 6.0, h[2] - 4.0};
    const double base[3] = {sign * rs_phantom_uniform(call->random, 34, 44), a->spine_y - 14.0,
                            a->dome[e->side].top_mm - rs_phantom_uniform(call->random, 18, 30)};
    memcpy(e->hilum, hilum, sizeof hilum);
    memcpy(e->base, base, sizeof base);
    e->radius[0] = 9.0;
    e->radius[1] = rs_phantom_uniform(call->random, 24, 34);
}

static rs_status tubes(const rs_phantom_mode_call *call)
{
    rs_phantom_model *m = call->model;
    effusion *e = RS_ARENA_NEW(call->arena, effusion, 1);
    if (e == NULL) return rs_fail_memory(call->ctx, "the phantom's effusion");
    e->anatomy = &m->anatomy;
    e->side = rs_phantom_effusion_side(m);
    e->volume_ml = rs_phantom_draw(call, KNOB_VOLUME);
    e->fluid_hu = rs_phantom_draw(call, KNOB_FLUID);
    e->lobe_hu = rs_phantom_draw(call, KNOB_LOBE);
    e->band_mm = rs_phantom_draw(call, KNOB_BAND);
    e->collapsed = rs_phantom_uniform(call->random, 0.0, 1.0) < rs_phantom_draw(call, KNOB_COLLAPSE);
    place_lobe(call, e);
    fill(e);
    rs_phantom_section s = rs_phantom_section_at(&m->anatomy, e->hilum[2]);
    rs_phantom_row row = rs_phantom_row_at(&s, e->hilum[1]);
    double steep = 1.0, free_mm = e->level_mm - depth_of(&s, &row, m->anatomy.bronchus_end[e->side][0], &steep);
    e->give_mm = free_mm > 50.0 ? 50.0 : (free_mm < 10.0 ? 10.0 : free_mm);
    RS_TRY(rs_phantom_warp_tubes(call, moves, e));
    m->drawn[RS_PHANTOM_MODE_effusion] = e;
    return RS_OK;
}

/* Once more, for other modes may have changed the lungs meanwhile. */
static rs_status draw(const rs_phantom_mode_call *call, void **drawn)
{
    (void)call;
    fill(*drawn);
    return RS_OK;
}

static bool forbids(const rs_phantom_model *model, const void *drawn, const double p[3], double radius_mm)
{
    const effusion *e = drawn;
    (void)model;
    if ((p[0] < 0.0 ? 0 : 1) != e->side) return false;
    rs_phantom_section s = rs_phantom_section_at(e->anatomy, p[2]);
    rs_phantom_row row = rs_phantom_row_at(&s, p[1]);
    return fluid_distance(e, &s, &row, p[0]) < radius_mm + 1.0 || lobe_distance(e, p) < radius_mm + 1.0;
}

/* Lung beside the fluid: less air the nearer, in patches. */
static float pressed_hu(const effusion *e, float lung, double distance_mm, float mottle)
{
    double reach = e->band_mm * (1.0 + 0.35 * (double)mottle);
    if (reach <= 0.0 || distance_mm >= reach) return lung;
    double t = 1.0 - (distance_mm < 0.0 ? 0.0 : distance_mm) / reach;
    return lung + (float)(t * t * (3.0 - 2.0 * t)) * ((float)e->lobe_hu - lung);
}

static void paint(const void *drawn, rs_phantom_plane *plane, rs_phantom_stage stage)
{
    const effusion *e = drawn;
    const rs_phantom_scan *scan = &plane->model->scan;
    const double h = scan->pixel_mm;
    rs_phantom_section s = rs_phantom_section_at(&plane->model->anatomy, plane->z);
    (void)stage;
    if (!s.lung) return;
    rs_phantom_pixels box = rs_phantom_pixels_of(scan, e->side == 0 ? -s.a - 1 : 0.0, e->side == 0 ? 0.0 : s.a + 1,
                                                 s.centre_y - s.b - 1, s.centre_y + s.b + 1);
    for (int32_t j = box.j0; j < box.j1; j++) {
        rs_phantom_row row = rs_phantom_row_at(&s, rs_phantom_y(scan, j));
        float *line = plane->hu + (size_t)j * (size_t)scan->columns;
        for (int32_t i = box.i0; i < box.i1; i++) {
            const double p[3] = {rs_phantom_x(scan, i), row.y, plane->z};
            if ((p[0] < 0.0 ? 0 : 1) != e->side) continue;
            double d = rs_phantom_lung(&s, &row, p[0]);
            if (d > 0.5 * h) continue;
            double wet = fluid_distance(e, &s, &row, p[0]), lobe = lobe_distance(e, p);
            if (wet > 2.0 * e->band_mm + h && lobe > h) continue;
            float mottle = rs_phantom_texture_at(plane, p[0], row.y), fluid = rs_phantom_cover(wet, h);
            float solid = (float)e->lobe_hu + 5.0f * mottle, share = rs_phantom_cover(lobe - 1.5 * (double)mottle, h);
            float value = pressed_hu(e, line[i], wet, mottle);
            value += ((float)e->fluid_hu - value) * fluid;
            value += (solid - value) * share;
            line[i] += (value - line[i]) * rs_phantom_cover(d, h);
        }
    }
}

const rs_phantom_mode rs_phantom_mode_effusion = {.name = "effusion",
                                                  .failure = "F9",
                                                  .what = "fluid behind a lung, and a lobe without air",
                                                  .share = 0.12,
                                                  .knobs = knobs,
                                                  .n_knobs = (int)(sizeof knobs / sizeof knobs[0]),
                                                  .tubes = tubes,
                                                  .draw = draw,
                                                  .forbids = forbids,
                                                  .stages = RS_PHANTOM_STAGE_LUNG,
                                                  .paint = paint};
