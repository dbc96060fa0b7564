/* A chest after a lobe was taken out (science F10): the lobe's airways and vessels are gone, the rest of that lung has
   grown into its room, heart and mediastinum have come over and the diaphragm up; at the hilum a line of staples in a
   scar, along the ribs thickened pleura. */
#include <string.h>

#include "effusion.h"
#include "streaks.h"
#include "warp.h"

enum { KNOB_SHIFT = 0, KNOB_SCAR, KNOB_LINE, KNOB_PLEURA, KNOB_RISE };

static const rs_phantom_knob knobs[] = {
    {"shift_mm", {5, 30}, 0, 45, "of the mediastinum to the side of the operation"},
    {"scar_mm", {3, 8}, 0, 20, "thickness of the scar along the staples"},
    {"line_mm", {20, 45}, 0, 80, "length of the line of staples"},
    {"pleura_mm", {1, 4}, 0, 12, "thickness of the pleura where it is thickened"},
    {"rise_mm", {5, 25}, 0, 50, "of the diaphragm on that side"},
};

enum { POINTS = 8, STAPLES_MAX = 160 };

#define METAL_HU 16000.0f /* of the wire itself, far beyond what a scan stores */
#define STAPLE_MM 1.0
#define STAPLE_RADIUS_MM 0.1
#define GROWTH_MM 90.0 /* the rest of the lung gives from this far on */

typedef struct lobectomy {
    const rs_phantom_anatomy *anatomy;
    int side;
    bool upper; /* the upper lobe is gone, or the lower */
    double fissure_z, hilum[3];
    double scar_mm, pleura_mm, scar_hu;
    double line[POINTS][3], radius[POINTS]; /* the scar */
    double staple[STAPLES_MAX][2][3];
    int n_staples;
} lobectomy;

/* Signed distance from the fissure as it was into the lobe that is left. */
static double into_rest(const lobectomy *l, const double p[3])
{
    double slope = l->anatomy->fissure_slope;
    double above = (p[2] - l->fissure_z - slope * p[1]) / sqrt(1.0 + slope * slope);
    return l->upper ? -above : above;
}

/* Room of the lung ahead of a point, along the fissure's normal towards the lobe that is gone. */
static double room_ahead(const lobectomy *l, const double p[3], const double normal[3])
{
    const double step = 8.0;
    double way = 0.0;
    for (int n = 0; n < 26; n++, way += step) {
        const double at[3] = {p[0], p[1] + (way + step) * normal[1], p[2] + (way + step) * normal[2]};
        if (rs_phantom_lung_distance(l->anatomy, at, NULL) > -2.0) break;
    }
    return way;
}

/* The lung left over grows into the room: a point t behind the fissure by what is left of the room, less the farther
   behind, and not at the hilum. */
static void grow(const lobectomy *l, double t, double hilum2, double p[3])
{
    double slope = l->anatomy->fissure_slope, size = sqrt(1.0 + slope * slope), sign = l->upper ? 1.0 : -1.0;
    const double normal[3] = {0.0, -sign * slope / size, sign / size};
    if (t >= GROWTH_MM) return;
    double room = room_ahead(l, p, normal) - t, share = 1.0 - t / GROWTH_MM, near = hilum2 / (35.0 * 35.0);
    if (room <= 0.0) return;
    for (int c = 0; c < 3; c++)
        p[c] += normal[c] * room * share * share * near / (1.0 + near);
}

static rs_phantom_seen moves(const void *arg, double p[3], float *radius_mm)
{
    const lobectomy *l = arg;
    const rs_phantom_anatomy *a = l->anatomy;
    (void)radius_mm;
    if ((p[0] < 0.0 ? 0 : 1) == l->side) {
        double t = into_rest(l, p), hilum2 = 0.0;
        for (int c = 0; c < 3; c++)
            hilum2 += (p[c] - l->hilum[c]) * (p[c] - l->hilum[c]);
        if (t < 0.0 && hilum2 > 20.0 * 20.0) return RS_PHANTOM_TAKEN;
        grow(l, t < 0.0 ? 0.0 : t, hilum2, p);
    }
    p[0] += rs_phantom_shift_at(a, p[1], p[2]) * (1.0 - rs_phantom_ramp((fabs(p[0]) - 25.0) / 75.0));
    for (int n = 0; n < a->n_solids; n++)
        if (!a->solid[n].abdominal && rs_phantom_solid_distance(&a->solid[n], p) < -1.0) return RS_PHANTOM_COVERED;
    rs_phantom_section s = rs_phantom_section_at(a, p[2]);
    return rs_phantom_diaphragm(&s, p[0], p[1]) < 0.5 ? RS_PHANTOM_IN_LUNG : RS_PHANTOM_COVERED;
}

/* Great vessels, gullet and airways come over with the heart; bones do not. */
static void shift_middle(rs_phantom_model *m)
{
    rs_phantom_anatomy *a = &m->anatomy;
    for (int n = 0; n < m->n_great; n++) {
        rs_phantom_tube *t = &m->tubes.items[n];
        if (t->layer < RS_PHANTOM_SOFT) continue;
        t->a[0] += (float)rs_phantom_shift_at(a, (double)t->a[1], (double)t->a[2]);
        t->b[0] += (float)rs_phantom_shift_at(a, (double)t->b[1], (double)t->b[2]);
    }
    for (int n = 0; n < a->n_solids; n++) {
        double *c = a->solid[n].centre;
        if (!a->solid[n].abdominal && fabs(c[0]) < 75.0) c[0] += rs_phantom_shift_at(a, c[1], c[2]);
    }
    double *marks[] = {a->carina,        a->bronchus_end[0], a->bronchus_end[1], a->artery_end[0],
                       a->artery_end[1], a->vein_end[0],     a->vein_end[1]};
    for (size_t n = 0; n < sizeof marks / sizeof marks[0]; n++)
        marks[n][0] += rs_phantom_shift_at(a, marks[n][1], marks[n][2]);
}

/* The scar runs from the hilum outwards, winding, with the staples in it. */
static rs_status draw_line(const rs_phantom_mode_call *call, lobectomy *l)
{
    rs_phantom_random *r = call->random;
    const double sign = l->side == 0 ? -1.0 : 1.0, length = rs_phantom_draw(call, KNOB_LINE);
    double d[3] = {sign, rs_phantom_uniform(r, -0.7, 0.3),
                   l->upper ? rs_phantom_uniform(r, 0.1, 0.8) : rs_phantom_uniform(r, -0.8, -0.1)};
    double size = sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]), bow[3];
    rs_phantom_direction(r, bow);
    for (int n = 0; n < POINTS; n++) {
        double t = (double)n / (POINTS - 1);
        for (int c = 0; c < 3; c++)
            l->line[n][c] = call->model->anatomy.bronchus_end[l->side][c] + (13.0 * (c == 0 ? sign : 0.0)) +
                            length * (t * d[c] / size + 0.7 * t * (1.0 - t) * bow[c]);
        l->radius[n] = 0.5 * l->scar_mm * rs_phantom_uniform(r, 0.6, 1.25);
        if (n > 0 && length > 0.0)
            RS_TRY(rs_phantom_irrelevant_add(call, l->line[n], l->scar_mm + length / POINTS, "staple line"));
    }
    /* Two rows, 2 mm apart, a staple every 1.2 mm. */
    l->n_staples = 2 * (int)(length / 1.2);
    if (l->n_staples > STAPLES_MAX) l->n_staples = STAPLES_MAX;
    for (int n = 0; n < l->n_staples; n++) {
        double at = (double)(n / 2) / (0.5 * l->n_staples) * (POINTS - 1.001), part = at - floor(at), along[3];
        const double *from = l->line[(int)at], *to = l->line[(int)at + 1];
        double step = 1e-6;
        for (int c = 0; c < 3; c++) {
            along[c] = to[c] - from[c];
            step += along[c] * along[c];
        }
        for (int c = 0; c < 3; c++) {
            double middle = from[c] + part * along[c] + (c == 2 ? (n % 2 == 0 ? 1.0 : -1.0) : 0.0) +
                            rs_phantom_uniform(r, -0.25, 0.25);
            for (int end = 0; end < 2; end++)
                l->staple[n][end][c] = middle + (end - 0.5) * STAPLE_MM * along[c] / sqrt(step);
        }
    }
    return RS_OK;
}

/* The side without fluid, where there is fluid. */
static int side_of(const rs_phantom_model *m)
{
    if (m->has[RS_PHANTOM_MODE_effusion]) return 1 - rs_phantom_effusion_side(m);
    rs_phantom_random random =
        rs_phantom_random_of(m->seed, RS_PHANTOM_STREAM_HAS, RS_PHANTOM_MODES + RS_PHANTOM_MODE_lobectomy);
    return rs_phantom_uniform(&random, 0.0, 1.0) < 0.5 ? 0 : 1;
}

static rs_status anatomy(const rs_phantom_mode_call *call)
{
    call->model->anatomy.dome[side_of(call->model)].top_mm += rs_phantom_draw(call, KNOB_RISE);
    return RS_OK;
}

static rs_status tubes(const rs_phantom_mode_call *call)
{
    rs_phantom_model *m = call->model;
    rs_phantom_anatomy *a = &m->anatomy;
    lobectomy *l = RS_ARENA_NEW(call->arena, lobectomy, 1);
    if (l == NULL) return rs_fail_memory(call->ctx, "the phantom's lobectomy");
    l->anatomy = a;
    l->side = side_of(m);
    l->upper = rs_phantom_uniform(call->random, 0.0, 1.0) < 0.55;
    l->fissure_z = a->fissure_z[l->side];
    memcpy(l->hilum, a->bronchus_end[l->side], sizeof l->hilum);
    a->shift_mm = (l->side == 0 ? -1.0 : 1.0) * rs_phantom_draw(call, KNOB_SHIFT);
    shift_middle(m);
    RS_TRY(rs_phantom_warp_tubes(call, moves, l));
    /* The fissure between what is left and what is gone is none. */
    a->fissure_z[l->side] = l->upper ? 1e4 : -1e4;
    if (l->side == 0 && !l->upper) a->minor_z -= 30.0;
    m->drawn[RS_PHANTOM_MODE_lobectomy] = l;
    return RS_OK;
}

static rs_status draw(const rs_phantom_mode_call *call, void **drawn)
{
    lobectomy *l = *drawn;
    l->scar_mm = rs_phantom_draw(call, KNOB_SCAR);
    l->pleura_mm = rs_phantom_draw(call, KNOB_PLEURA);
    l->scar_hu = rs_phantom_uniform(call->random, 15, 45);
    return draw_line(call, l);
}

static bool forbids(const rs_phantom_model *model, const void *drawn, const double p[3], double radius_mm)
{
    const lobectomy *l = drawn;
    (void)model;
    for (int n = 0; n + 1 < POINTS; n++)
        if (rs_phantom_cone_distance(l->line[n], l->line[n + 1], &l->radius[n], p) < radius_mm + 3.0) return true;
    return false;
}

/* Thickened pleura along the ribs, in patches, most of it low. */
static void paint_pleura(const lobectomy *l, rs_phantom_plane *plane)
{
    const rs_phantom_scan *scan = &plane->model->scan;
    const rs_phantom_anatomy *a = &plane->model->anatomy;
    const double h = scan->pixel_mm;
    rs_phantom_section s = rs_phantom_section_at(a, plane->z);
    double low = 1.0 - rs_phantom_ramp((s.share - 0.35) / 0.4), most = l->pleura_mm * (0.35 + 0.65 * low);
    if (!s.lung || most <= 0.0) return;
    rs_phantom_pixels box = rs_phantom_pixels_of(scan, -s.a - 1, s.a + 1, s.centre_y - s.b - 1, s.centre_y + s.b + 1);
    for (int32_t j = box.j0; j < box.j1; j++) {
        rs_phantom_row row = rs_phantom_row_at(&s, rs_phantom_y(scan, j));
        float *line = plane->hu + (size_t)j * (size_t)scan->columns;
        for (int32_t i = box.i0; i < box.i1; i++) {
            double x = rs_phantom_x(scan, i);
            if ((x < row.middle_x ? 0 : 1) != l->side) continue;
            double wall = rs_phantom_cage(&s, &row, x);
            if (wall < -2.0 * most - h || wall > h || rs_phantom_lung(&s, &row, x) > 0.5 * h) continue;
            double thick =
                most * (0.6 + 0.7 * (double)rs_phantom_texture_at(plane, 0.35 * x, 0.35 * row.y + plane->z * 0.2));
            line[i] += ((float)l->scar_hu - line[i]) * rs_phantom_cover(-wall - thick, h) * (thick > 0.0 ? 1.0f : 0.0f);
        }
    }
}

static void paint_scar(const lobectomy *l, rs_phantom_plane *plane)
{
    const rs_phantom_scan *scan = &plane->model->scan;
    const double reach = l->scar_mm * 1.5 + 2.0;
    double low[3], high[3];
    memcpy(low, l->line[0], sizeof low);
    memcpy(high, l->line[0], sizeof high);
    for (int n = 1; n < POINTS; n++) {
        for (int c = 0; c < 3; c++) {
            low[c] = l->line[n][c] < low[c] ? l->line[n][c] : low[c];
            high[c] = l->line[n][c] > high[c] ? l->line[n][c] : high[c];
        }
    }
    if (plane->z < low[2] - reach || plane->z > high[2] + reach) return;
    rs_phantom_pixels box =
        rs_phantom_pixels_of(scan, low[0] - reach, high[0] + reach, low[1] - reach, high[1] + reach);
    for (int32_t j = box.j0; j < box.j1; j++) {
        float *row = plane->hu + (size_t)j * (size_t)scan->columns;
        for (int32_t i = box.i0; i < box.i1; i++) {
            const double p[3] = {rs_phantom_x(scan, i), rs_phantom_y(scan, j), plane->z};
            double best = 1e3;
            for (int n = 0; n + 1 < POINTS; n++) {
                double d = rs_phantom_cone_distance(l->line[n], l->line[n + 1], &l->radius[n], p);
                best = d < best ? d : best;
            }
            if (best > 2.0) continue;
            best -= 0.7 * (double)rs_phantom_texture_at(plane, 1.5 * p[0], 1.5 * p[1]);
            if (row[i] < (float)l->scar_hu)
                row[i] += ((float)l->scar_hu - row[i]) * rs_phantom_cover(best, scan->pixel_mm);
        }
    }
}

static void paint(const void *drawn, rs_phantom_plane *plane, rs_phantom_stage stage)
{
    const lobectomy *l = drawn;
    if (stage == RS_PHANTOM_STAGE_LUNG) {
        paint_pleura(l, plane);
    } else if (stage == RS_PHANTOM_STAGE_VESSELS) {
        paint_scar(l, plane);
    } else {
        for (int n = 0; n < l->n_staples; n++)
            rs_phantom_rod_paint(plane,
                                 &(rs_phantom_rod){l->staple[n][0], l->staple[n][1], STAPLE_RADIUS_MM, METAL_HU});
    }
}

const rs_phantom_mode rs_phantom_mode_lobectomy = {.name = "lobectomy",
                                                   .failure = "F10",
                                                   .what = "a lobe gone, the others expanded, staples and a scar",
                                                   .share = 0.2,
                                                   .knobs = knobs,
                                                   .n_knobs = (int)(sizeof knobs / sizeof knobs[0]),
                                                   .anatomy = anatomy,
                                                   .tubes = tubes,
                                                   .draw = draw,
                                                   .forbids = forbids,
                                                   .stages = RS_PHANTOM_STAGE_LUNG | RS_PHANTOM_STAGE_VESSELS |
                                                             RS_PHANTOM_STAGE_OVER,
                                                   .paint = paint};
