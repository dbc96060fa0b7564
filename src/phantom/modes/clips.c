/* Surgical clips and what they do to a slice (science F11): short rods of metal at a hilum, in the mediastinum or near
   the wall, each with a fan of streaks in the slices that it lies in. */
#include "mode.h"
#include "streaks.h"

enum { CLIPS_MAX = 32, KNOB_CLIPS = 0, KNOB_STREAK, KNOB_LENGTH };

static const rs_phantom_knob knobs[] = {
    {"clips", {1, 12}, 0, CLIPS_MAX, "clips a patient"},
    {"streak_hu", {50, 400}, 0, 1500, "brightest streak 5 mm from a clip, either sign"},
    {"length_mm", {3, 7}, 1, 20, "length of a clip"},
};

typedef struct clip {
    double a[3], b[3]; /* ends */
    double streak_hu;
    rs_phantom_rays rays;
} clip;

typedef struct clips {
    int n;
    clip item[CLIPS_MAX];
} clips;

#define METAL_HU 3000.0f
#define METAL_MM 0.55 /* half the thickness of a closed clip */

/* Most clips of a patient lie together, along the vessels that were tied. */
static void draw_place(const rs_phantom_mode_call *call, const double middle[3], double p[3])
{
    const double spread[3] = {14, 14, 22};
    for (int c = 0; c < 3; c++)
        p[c] = middle[c] + spread[c] * rs_phantom_uniform(call->random, -1.0, 1.0);
}

static void draw_middle(const rs_phantom_mode_call *call, double p[3])
{
    const rs_phantom_anatomy *a = &call->model->anatomy;
    int side = rs_phantom_uniform(call->random, 0.0, 1.0) < 0.5 ? 0 : 1;
    double kind = rs_phantom_uniform(call->random, 0.0, 1.0), sign = side == 0 ? -1.0 : 1.0;
    for (int c = 0; c < 3; c++)
        p[c] = a->artery_end[side][c];
    if (kind < 0.6) { /* at the hilum */
        p[0] += sign * 8.0;
    } else if (kind < 0.8) { /* in front of the heart, after a bypass */
        p[0] = 25.0;
        p[1] = -0.6 * a->cage_y;
    } else { /* in the axilla or the breast */
        p[0] = sign * 1.12 * a->cage_x;
        p[1] = -0.35 * a->cage_y;
    }
}

static rs_status draw(const rs_phantom_mode_call *call, void **drawn)
{
    clips *all = RS_ARENA_NEW(call->arena, clips, 1);
    if (all == NULL) return rs_fail_memory(call->ctx, "the phantom's clips");
    double middle[3], d[3], p[3];
    draw_middle(call, middle);
    all->n = (int)(rs_phantom_draw(call, KNOB_CLIPS) + 0.5);
    for (int n = 0; n < all->n; n++) {
        clip *it = &all->item[n];
        draw_place(call, middle, p);
        rs_phantom_direction(call->random, d);
        double half = 0.5 * rs_phantom_draw(call, KNOB_LENGTH);
        for (int c = 0; c < 3; c++) {
            it->a[c] = p[c] - half * d[c];
            it->b[c] = p[c] + half * d[c];
        }
        it->streak_hu = rs_phantom_draw(call, KNOB_STREAK);
        rs_phantom_rays_draw(call->random, 3, 26, &it->rays);
        RS_TRY(rs_phantom_irrelevant_add(call, p, 2.0 * half, "clip"));
    }
    *drawn = all;
    return RS_OK;
}

static bool forbids(const rs_phantom_model *model, const void *drawn, const double p[3], double radius_mm)
{
    const clips *all = drawn;
    (void)model;
    for (int n = 0; n < all->n; n++) {
        double square = 0.0, margin = radius_mm + 6.0;
        for (int c = 0; c < 3; c++) {
            double e = p[c] - 0.5 * (all->item[n].a[c] + all->item[n].b[c]);
            square += e * e;
        }
        if (square < margin * margin) return true;
    }
    return false;
}

static void paint(const void *drawn, rs_phantom_plane *plane, rs_phantom_stage stage)
{
    const clips *all = drawn;
    (void)stage;
    for (int n = 0; n < all->n; n++)
        rs_phantom_rod_paint(plane, &(rs_phantom_rod){all->item[n].a, all->item[n].b, METAL_MM, METAL_HU});
}

static void slice(const rs_phantom_model *model, const void *drawn, int32_t index, float *hu, float *scratch)
{
    (void)scratch;
    const clips *all = drawn;
    for (int n = 0; n < all->n; n++) {
        const clip *it = &all->item[n];
        double low = it->a[2] < it->b[2] ? it->a[2] : it->b[2], high = it->a[2] + it->b[2] - low;
        /* Metal shadows the detector's neighbouring rows as well. */
        const double range[2] = {low - 0.8, high + 0.8}, y = 0.5 * (it->a[1] + it->b[1]);
        double share = rs_phantom_slice_share(&model->scan, index, y, range);
        if (share <= 0.0) continue;
        const rs_phantom_fan fan = {&it->rays, 0.5 * (it->a[0] + it->b[0]), y, it->streak_hu * share, 5.0, 160.0};
        rs_phantom_fan_add(&model->scan, &fan, hu);
    }
}

const rs_phantom_mode rs_phantom_mode_clips = {.name = "clips",
                                               .failure = "F11",
                                               .what = "surgical clips of metal with streaks around them",
                                               .share = 0.15,
                                               .knobs = knobs,
                                               .n_knobs = (int)(sizeof knobs / sizeof knobs[0]),
                                               .draw = draw,
                                               .forbids = forbids,
                                               .stages = RS_PHANTOM_STAGE_OVER,
                                               .paint = paint,
                                               .slice = slice};
