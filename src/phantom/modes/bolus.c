/* Contrast medium on its way in (science F12): the veins from one arm to the right atrium are far brighter than any
   artery, and a fan of streaks runs from them through the apices. */
#include "mode.h"
#include "streaks.h"

enum { POINTS = 6, FANS = 24, KNOB_VEIN = 0, KNOB_STREAK };

static const rs_phantom_knob knobs[] = {
    {"vein_hu", {600, 1500}, 100, 3000, "density of the injected vein"},
    {"streak_hu", {30, 150}, 0, 600, "brightest streak within 35 mm of the vein, either sign"},
};

typedef struct bolus {
    double point[POINTS][3]; /* of the vein, from the arm to the atrium */
    double radius[POINTS];
    double vein_hu, streak_hu;
    double first_mm, step_mm; /* heights of the fans: neighbours blend */
    rs_phantom_rays rays[FANS];
} bolus;

/* Axillary, subclavian and brachiocephalic vein, superior vena cava: its landmarks are those of the mediastinum. */
static void draw_vein(const rs_phantom_anatomy *a, bool left, bolus *b)
{
    const double *c = a->carina, heart = a->dome[0].top_mm + 26, s = left ? 1.0 : -1.0;
    const double up = a->height_mm - 8.0;
    const double right_line[POINTS][3] = {{-118, -14, up - 22}, {-84, -26, up + 2},   {-50, -20, up + 10},
                                          {-29, -8, c[2] + 58}, {-26, -8, c[2] + 10}, {-23, -4, heart + 30}};
    const double left_line[POINTS][3] = {{118, -14, up - 22},  {84, -26, up + 2},     {48, -18, up + 8},
                                         {26, -16, c[2] + 66}, {-25, -12, c[2] + 44}, {-24, -5, heart + 34}};
    const double radius[POINTS] = {4.5, 5.0, 5.5, left ? 5.6 : 6.6, left ? 6.6 : 7.6, 8.6};
    for (int n = 0; n < POINTS; n++) {
        for (int d = 0; d < 3; d++)
            b->point[n][d] = left ? left_line[n][d] : right_line[n][d];
        b->radius[n] = radius[n];
    }
    /* The outer ends follow the cage's size. */
    b->point[0][0] = s * 0.98 * a->cage_x;
    b->point[1][0] = s * 0.72 * a->cage_x;
}

static rs_status draw(const rs_phantom_mode_call *call, void **drawn)
{
    bolus *b = RS_ARENA_NEW(call->arena, bolus, 1);
    if (b == NULL) return rs_fail_memory(call->ctx, "the phantom's bolus");
    draw_vein(&call->model->anatomy, rs_phantom_uniform(call->random, 0.0, 1.0) < 0.5, b);
    b->vein_hu = rs_phantom_draw(call, KNOB_VEIN);
    b->streak_hu = rs_phantom_draw(call, KNOB_STREAK);
    b->step_mm = 5.0;
    b->first_mm = call->model->anatomy.height_mm + 10.0 - FANS * b->step_mm;
    for (int n = 0; n < FANS; n++)
        rs_phantom_rays_draw(call->random, 4, 22, &b->rays[n]);
    *drawn = b;
    return RS_OK;
}

/* The vein on top of what lies there; its wall of muscle and fat stays dark around it. */
static void paint(const void *drawn, rs_phantom_plane *plane, rs_phantom_stage stage)
{
    const bolus *b = drawn;
    (void)stage;
    for (int n = 0; n + 1 < POINTS; n++)
        rs_phantom_rod_paint(plane, &(rs_phantom_rod){b->point[n], b->point[n + 1],
                                                      0.5 * (b->radius[n] + b->radius[n + 1]), (float)b->vein_hu});
}

/* Where the vein crosses a height, arm aside: the mean over its pieces, with the length of vein that lies near that
   height. */
static double crossing(const bolus *b, double z, double out[2])
{
    double weight = 0.0;
    out[0] = out[1] = 0.0;
    for (int n = 2; n + 1 < POINTS; n++) {
        const double *p = b->point[n], *q = b->point[n + 1];
        for (int part = 0; part < 16; part++) {
            double t = (part + 0.5) / 16.0, away = fabs(p[2] + t * (q[2] - p[2]) - z) / 8.0;
            if (away >= 1.0) continue;
            double w = (1.0 - away) * b->radius[n];
            for (int c = 0; c < 2; c++)
                out[c] += w * (p[c] + t * (q[c] - p[c]));
            weight += w;
        }
    }
    for (int c = 0; c < 2; c++)
        out[c] /= weight > 0.0 ? weight : 1.0;
    return weight;
}

static void slice(const rs_phantom_model *model, const void *drawn, int32_t index, float *hu, float *scratch)
{
    (void)scratch;
    const bolus *b = drawn;
    double z = rs_phantom_z(&model->scan, index, b->point[3][1]), at[2];
    double weight = crossing(b, z, at), level = (z - b->first_mm) / b->step_mm;
    if (weight <= 0.0 || level <= 0.0 || level >= FANS - 1) return;
    /* The longer the way through the vein, the stronger; none below the cava's middle. */
    double strength =
        b->streak_hu * (weight > 25.0 ? 1.0 : 0.4 + 0.6 * weight / 25.0) * (level < 4.0 ? level / 4.0 : 1.0);
    int below = (int)level;
    for (int n = 0; n < 2; n++) {
        double share = n == 0 ? below + 1 - level : level - below;
        const rs_phantom_fan fan = {&b->rays[below + n], at[0], at[1], strength * sqrt(share), 35.0, 260.0};
        rs_phantom_fan_add(&model->scan, &fan, hu);
    }
}

const rs_phantom_mode rs_phantom_mode_bolus = {.name = "bolus",
                                               .failure = "F12",
                                               .what = "a vein full of contrast medium with streaks in the apices",
                                               .share = 0.2,
                                               .drawn_with = RS_PHANTOM_WITH_SCANNER,
                                               .knobs = knobs,
                                               .n_knobs = (int)(sizeof knobs / sizeof knobs[0]),
                                               .draw = draw,
                                               .stages = RS_PHANTOM_STAGE_VESSELS,
                                               .paint = paint,
                                               .slice = slice};
