/* Density of the dependent lung and ground glass (science F7): the lung grows denser to the back, and patches with
   frayed edges lie at the back of the bases, some of them anywhere. */
#include "fissure.h"
#include "shapes.h"

enum { KNOB_GRADIENT = 0, KNOB_SHARE, KNOB_HU, KNOB_SIZE, KNOB_EDGE, KNOBS };

static const rs_phantom_knob knobs[KNOBS] = {
    [KNOB_GRADIENT] = {"gradient_hu", {100, 250}, 0, 500, "of the back over the front"},
    [KNOB_SHARE] = {"volume_share", {0, 0.3}, 0, 0.5, "of the lungs that patches fill"},
    [KNOB_HU] = {"hu", {-700, -500}, -850, -200, "density of a patch"},
    [KNOB_SIZE] = {"size_mm", {10, 60}, 4, 150, "diameter of a patch"},
    [KNOB_EDGE] = {"edge_mm", {1.5, 5}, 0, 20, "how far the texture moves the edge of a patch, SD"},
};

enum { PATCHES_MAX = 400 };

typedef struct patch {
    double centre[3], radius[3], reach_mm, edge_mm;
    float hu;
} patch;

typedef struct patches {
    patch items[PATCHES_MAX];
    int n;
} patches;

/* The front keeps most of its density: what the back gains, it gains. */
static rs_status anatomy(const rs_phantom_mode_call *call)
{
    rs_phantom_anatomy *a = &call->model->anatomy;
    double more = rs_phantom_draw(call, KNOB_GRADIENT) - a->lung_gradient_hu;
    a->lung_gradient_hu += more;
    a->lung_hu += 0.4 * more;
    return RS_OK;
}

/* Six in ten lie flat at the back of the bases. */
static bool draw_patch(const rs_phantom_mode_call *call, patch *p)
{
    enum { TRIES = 60 };
    rs_phantom_random *r = call->random;
    const rs_phantom_anatomy *a = &call->model->anatomy;
    const bool dependent = rs_phantom_uniform(r, 0.0, 1.0) < 0.6;
    double radius = 0.5 * rs_phantom_draw(call, KNOB_SIZE);
    p->hu = (float)rs_phantom_draw(call, KNOB_HU);
    p->edge_mm = rs_phantom_draw(call, KNOB_EDGE);
    for (int c = 0; c < 3; c++)
        p->radius[c] = radius * rs_phantom_uniform(r, 0.7, 1.3);
    if (dependent) p->radius[1] *= 0.45;
    for (int n = 0; n < TRIES; n++) {
        if (!rs_phantom_lung_point(call, 1.0, p->centre)) return false;
        double back[3] = {p->centre[0], p->centre[1] + 0.8 * p->radius[1], p->centre[2]};
        bool at_the_back = p->centre[1] > 0.3 * a->cage_y && rs_phantom_lung_distance(a, back, NULL) > 0.0;
        if (!dependent || (at_the_back && p->centre[2] < 0.7 * a->height_mm)) break;
    }
    p->reach_mm = 0.0;
    for (int c = 0; c < 3; c++)
        p->reach_mm = p->radius[c] > p->reach_mm ? p->radius[c] : p->reach_mm;
    p->reach_mm += 2.5 * p->edge_mm;
    return true;
}

static rs_status draw(const rs_phantom_mode_call *call, void **drawn)
{
    patches *all = RS_ARENA_NEW(call->arena, patches, 1);
    if (all == NULL) return rs_fail_memory(call->ctx, "the phantom");
    double left = rs_phantom_draw(call, KNOB_SHARE) * 1000.0 * rs_phantom_lung_ml(&call->model->anatomy);
    while (left > 0.0 && all->n < PATCHES_MAX) {
        patch *p = &all->items[all->n];
        if (!draw_patch(call, p)) break;
        /* About four tenths of one lie outside the lung or in another. */
        left -= 0.6 * 4.0 / 3.0 * M_PI * p->radius[0] * p->radius[1] * p->radius[2];
        all->n++;
    }
    *drawn = all;
    return RS_OK;
}

/* Adds a patch to the plane's cover: the larger stands, in units of HU above the lung. */
static rs_phantom_pixels cover_patch(const patch *p, rs_phantom_plane *plane)
{
    const rs_phantom_scan *scan = &plane->model->scan;
    rs_phantom_pixels box = {0, 0, 0, 0};
    const double dz = (plane->z - p->centre[2]) / p->radius[2];
    if (fabs(plane->z - p->centre[2]) > p->reach_mm) return box;
    box = rs_phantom_pixels_of(scan, p->centre[0] - p->reach_mm, p->centre[0] + p->reach_mm, p->centre[1] - p->reach_mm,
                               p->centre[1] + p->reach_mm);
    const double narrow = p->radius[1] < p->radius[0] ? p->radius[1] : p->radius[0];
    for (int32_t j = box.j0; j < box.j1; j++) {
        const double y = rs_phantom_y(scan, j), dy = (y - p->centre[1]) / p->radius[1];
        const float over = p->hu - (float)rs_phantom_lung_hu(&plane->model->anatomy, y);
        float *line = plane->cover + (size_t)j * (size_t)scan->columns;
        if (over <= 0.0f) continue;
        for (int32_t i = box.i0; i < box.i1; i++) {
            const double x = rs_phantom_x(scan, i), dx = (x - p->centre[0]) / p->radius[0];
            double d = (sqrt(dx * dx + dy * dy + dz * dz) - 1.0) * narrow;
            if (d > 2.5 * p->edge_mm) continue;
            /* The texture at another place: it frays the edge and does not go with the density below. */
            float fray = rs_phantom_texture_at(plane, -1.7 * x + 31.0, -1.7 * y + 57.0);
            d += p->edge_mm * (double)fray;
            float share = rs_phantom_cover(d, 1.0 + p->edge_mm) * (0.85f + 0.15f * fray) * over;
            line[i] = share > line[i] ? share : line[i];
        }
    }
    return box;
}

static void paint(const void *drawn, rs_phantom_plane *plane, rs_phantom_stage stage)
{
    (void)stage;
    const patches *all = drawn;
    const rs_phantom_scan *scan = &plane->model->scan;
    rs_phantom_section section = rs_phantom_section_at(&plane->model->anatomy, plane->z);
    rs_phantom_pixels box = {0, 0, 0, 0};
    if (!section.lung) return;
    for (int n = 0; n < all->n; n++) {
        rs_phantom_pixels one = cover_patch(&all->items[n], plane);
        rs_phantom_pixels_join(&box, &one);
    }
    for (int32_t j = box.j0; j < box.j1; j++) {
        rs_phantom_row row = rs_phantom_row_at(&section, rs_phantom_y(scan, j));
        float *line = plane->hu + (size_t)j * (size_t)scan->columns;
        float *cover = plane->cover + (size_t)j * (size_t)scan->columns;
        for (int32_t i = box.i0; i < box.i1; i++) {
            if (cover[i] == 0.0f) continue;
            double d = rs_phantom_lung(&section, &row, rs_phantom_x(scan, i));
            line[i] += cover[i] * rs_phantom_cover(d, scan->pixel_mm);
            cover[i] = 0.0f;
        }
    }
}

const rs_phantom_mode rs_phantom_mode_dependent = {
    .name = "dependent",
    .failure = "F7",
    .what = "density rising to the back, patches of ground glass",
    .share = 0.5,
    .knobs = knobs,
    .n_knobs = KNOBS,
    .anatomy = anatomy,
    .draw = draw,
    .stages = RS_PHANTOM_STAGE_LUNG,
    .paint = paint,
};
