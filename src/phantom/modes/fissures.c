/* Thick fissures and pleura (science F5): the three sheets at a thickness of their own in place of the thin ones of
   every phantom, some of them incomplete towards the hilum, with thickened patches; and patches on the costal pleura.
 */
#include "fissure.h"

enum {
    KNOB_THICKNESS = 0,
    KNOB_HU,
    KNOB_INCOMPLETE,
    KNOB_PATCHES,
    KNOB_PATCH,
    KNOB_WIDTH,
    KNOB_PLAQUES,
    KNOB_BOW,
    KNOBS
};

static const rs_phantom_knob knobs[KNOBS] = {
    [KNOB_THICKNESS] = {"thickness_mm", {0.6, 1.5}, 0.1, 4, "of each sheet"},
    [KNOB_HU] = {"hu", {-600, -250}, -800, 100, "of a sheet; patches are denser"},
    [KNOB_INCOMPLETE] = {"incomplete_share", {0.2, 0.2}, 0, 1, "of the fissures"},
    [KNOB_PATCHES] = {"patches", {1, 5}, 0, 40, "thickened places of the fissures"},
    [KNOB_PATCH] = {"patch_mm", {2, 4}, 0.5, 10, "thickness of a patch"},
    [KNOB_WIDTH] = {"width_mm", {6, 24}, 2, 80, "of a patch"},
    [KNOB_PLAQUES] = {"plaques", {0, 4}, 0, 40, "thickened places of the costal pleura"},
    [KNOB_BOW] = {"bow_mm", {2, 10}, 0, 30, "by which a fissure curves 50 mm beside its middle"},
};

enum { PATCHES_MAX = 40 };

typedef struct patch {
    double centre[3], radius_mm, thickness_mm;
    int fissure;
} patch;

typedef struct sheets {
    double thickness_mm[RS_PHANTOM_FISSURES], hu;
    double missing_mm[RS_PHANTOM_FISSURES]; /* nothing of it lies nearer to the midline; 0: whole */
    patch patches[PATCHES_MAX], plaques[PATCHES_MAX];
    int n_patches, n_plaques;
} sheets;

/* The thin ones give way. */
static rs_status anatomy(const rs_phantom_mode_call *call)
{
    call->model->anatomy.fissure_bow = rs_phantom_draw(call, KNOB_BOW) / (50.0 * 50.0);
    call->model->anatomy.fissure_mm = 0.0;
    return RS_OK;
}

static rs_status draw(const rs_phantom_mode_call *call, void **drawn)
{
    rs_phantom_random *r = call->random;
    sheets *s = RS_ARENA_NEW(call->arena, sheets, 1);
    double inward[3];
    if (s == NULL) return rs_fail_memory(call->ctx, "the phantom");
    s->hu = rs_phantom_draw(call, KNOB_HU);
    double share = rs_phantom_draw(call, KNOB_INCOMPLETE);
    for (int n = 0; n < RS_PHANTOM_FISSURES; n++) {
        double chance = rs_phantom_uniform(r, 0.0, 1.0), where = rs_phantom_uniform(r, 40.0, 85.0);
        s->thickness_mm[n] = rs_phantom_draw(call, KNOB_THICKNESS);
        s->missing_mm[n] = chance < share ? where : 0.0;
    }
    int patches = (int)floor(rs_phantom_draw(call, KNOB_PATCHES) + 0.5);
    int plaques = (int)floor(rs_phantom_draw(call, KNOB_PLAQUES) + 0.5);
    for (int n = 0; n < patches + plaques; n++) {
        bool on_fissure = n < patches;
        patch *p = on_fissure ? &s->patches[s->n_patches] : &s->plaques[s->n_plaques];
        p->fissure = (int)rs_phantom_uniform(r, 0.0, RS_PHANTOM_FISSURES);
        p->thickness_mm = rs_phantom_draw(call, KNOB_PATCH);
        p->radius_mm = 0.5 * rs_phantom_draw(call, KNOB_WIDTH) * (on_fissure ? 1.0 : 1.6);
        if (on_fissure) {
            s->n_patches += rs_phantom_fissure_point(call, p->fissure, 2.0, p->centre) ? 1 : 0;
        } else {
            s->n_plaques += rs_phantom_pleura_point(call, p->centre, inward) ? 1 : 0;
        }
    }
    *drawn = s;
    return RS_OK;
}

static double square_to(const patch *p, double x, double y, double z)
{
    double dx = x - p->centre[0], dy = y - p->centre[1], dz = z - p->centre[2];
    return (dx * dx + dy * dy + dz * dz) / (p->radius_mm * p->radius_mm);
}

/* Thickness of a sheet at a place, and how much of a patch lies there (0 to 1). */
static double thickness_at(const sheets *s, int fissure, const double p[3], double *patched)
{
    double thickness = s->thickness_mm[fissure];
    *patched = 0.0;
    for (int n = 0; n < s->n_patches; n++) {
        double square = s->patches[n].fissure == fissure ? square_to(&s->patches[n], p[0], p[1], p[2]) : 1.0;
        if (square >= 1.0) continue;
        double t = s->thickness_mm[fissure] + (s->patches[n].thickness_mm - s->thickness_mm[fissure]) * (1.0 - square);
        if (t > thickness) thickness = t;
        if (1.0 - square > *patched) *patched = 1.0 - square;
    }
    return thickness;
}

/* Share of a pixel that a layer fills whose middle passes it at a distance. */
static float layer_share(double distance_mm, double thickness_mm, double h)
{
    double high = distance_mm + 0.5 * h, low = distance_mm - 0.5 * h;
    if (high > 0.5 * thickness_mm) high = 0.5 * thickness_mm;
    if (low < -0.5 * thickness_mm) low = -0.5 * thickness_mm;
    return high > low ? (float)((high - low) / h) : 0.0f;
}

static void paint_pixel(const sheets *s, rs_phantom_plane *plane, const rs_phantom_section *section, int fissure,
                        int32_t i, int32_t j)
{
    const rs_phantom_anatomy *a = &plane->model->anatomy;
    const rs_phantom_scan *scan = &plane->model->scan;
    const double h = scan->pixel_mm, p[3] = {rs_phantom_x(scan, i), rs_phantom_y(scan, j), plane->z};
    double patched = 0.0, d = rs_phantom_oblique(a, p[0], p[1], p[2]);
    if (fissure == RS_PHANTOM_HORIZONTAL) {
        if (d < 0.0) return;
        d = rs_phantom_horizontal(a, p[0], p[1], p[2]);
    }
    float texture = rs_phantom_texture_at(plane, p[0], p[1]);
    double thickness = thickness_at(s, fissure, p, &patched);
    float share = layer_share(d, thickness, h);
    if (share <= 0.0f) return;
    if (s->missing_mm[fissure] > 0.0) { /* its edge frays */
        double inside = fabs(p[0]) - s->missing_mm[fissure] - 5.0 * (double)texture;
        share *= rs_phantom_cover(-inside, 2.0);
    }
    rs_phantom_row row = rs_phantom_row_at(section, p[1]);
    share *= rs_phantom_cover(rs_phantom_lung(section, &row, p[0]), h);
    float *v = plane->hu + (size_t)j * (size_t)scan->columns + i;
    float hu = (float)(s->hu + (20.0 - s->hu) * patched) + 20.0f * texture;
    if (hu > *v) *v += (hu - *v) * share;
}

/* A sheet crosses a column of pixels in a short stretch: of its equation in y. */
static void paint_sheet(const sheets *s, rs_phantom_plane *plane, const rs_phantom_section *section, int fissure)
{
    const rs_phantom_anatomy *a = &plane->model->anatomy;
    const rs_phantom_scan *scan = &plane->model->scan;
    const bool level = fissure == RS_PHANTOM_HORIZONTAL;
    const double slope = level ? 0.12 : a->fissure_slope, back = 1.25 * a->cage_y;
    double thickest = s->thickness_mm[fissure];
    for (int n = 0; n < s->n_patches; n++)
        if (s->patches[n].thickness_mm > thickest) thickest = s->patches[n].thickness_mm;
    double reach = (0.5 * thickest + scan->pixel_mm) * sqrt(1.0 + slope * slope) / slope;
    rs_phantom_pixels all = fissure == 1 ? rs_phantom_pixels_of(scan, 0.0, section->a, -1e3, 1e3)
                                         : rs_phantom_pixels_of(scan, -section->a, 0.0, -1e3, 1e3);
    for (int32_t i = all.i0; i < all.i1; i++) {
        double x = rs_phantom_x(scan, i), bow = rs_phantom_fissure_bow(a, x);
        if ((x < 0.0) == (fissure == 1)) continue;
        double y = level ? (plane->z - a->minor_z - bow) / slope : (plane->z - a->fissure_z[fissure] + bow) / slope;
        double y0 = y - reach < -back ? -back : y - reach, y1 = y + reach > back ? back : y + reach;
        if (y0 > y1) continue;
        rs_phantom_pixels box = rs_phantom_pixels_of(scan, x, x, y0, y1);
        for (int32_t j = box.j0; j < box.j1; j++)
            paint_pixel(s, plane, section, fissure, i, j);
    }
}

/* A flat lens on the pleura, continuous with the wall. */
static void paint_plaque(const patch *p, rs_phantom_plane *plane, const rs_phantom_section *section)
{
    const rs_phantom_scan *scan = &plane->model->scan;
    const double h = scan->pixel_mm;
    if (fabs(plane->z - p->centre[2]) > p->radius_mm) return;
    rs_phantom_pixels box = rs_phantom_pixels_of(scan, p->centre[0] - p->radius_mm, p->centre[0] + p->radius_mm,
                                                 p->centre[1] - p->radius_mm, p->centre[1] + p->radius_mm);
    for (int32_t j = box.j0; j < box.j1; j++) {
        double y = rs_phantom_y(scan, j);
        rs_phantom_row row = rs_phantom_row_at(section, y);
        float *line = plane->hu + (size_t)j * (size_t)scan->columns;
        for (int32_t i = box.i0; i < box.i1; i++) {
            double x = rs_phantom_x(scan, i), square = square_to(p, x, y, plane->z);
            if (square >= 1.0) continue;
            double d = rs_phantom_lung(section, &row, x), high = p->thickness_mm * sqrt(1.0 - square);
            if (d < -high - h || d > 0.5 * h || line[i] > 30.0f) continue;
            line[i] += (30.0f - line[i]) * rs_phantom_cover(-d - high, h);
        }
    }
}

static void paint(const void *drawn, rs_phantom_plane *plane, rs_phantom_stage stage)
{
    (void)stage;
    const sheets *s = drawn;
    rs_phantom_section section = rs_phantom_section_at(&plane->model->anatomy, plane->z);
    if (!section.lung) return;
    for (int n = 0; n < RS_PHANTOM_FISSURES; n++)
        paint_sheet(s, plane, &section, n);
    for (int n = 0; n < s->n_plaques; n++)
        paint_plaque(&s->plaques[n], plane, &section);
}

const rs_phantom_mode rs_phantom_mode_fissures = {
    .name = "fissures",
    .failure = "F5",
    .what = "thick and incomplete fissures, thickened patches of them and of the pleura",
    .share = 0.8,
    .knobs = knobs,
    .n_knobs = KNOBS,
    .anatomy = anatomy,
    .draw = draw,
    .stages = RS_PHANTOM_STAGE_LUNG,
    .paint = paint,
};
