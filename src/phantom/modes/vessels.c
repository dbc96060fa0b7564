/* The vessels of a real chest (science F, anatomy): trees to smaller branches than the plain phantom's, trunks with
   side branches, winding as vessels do, of uneven calibre. Tuned by bench/honesty.py. */
#include "mode.h"

enum { KNOB_PITCH = 0, KNOB_MURRAY, KNOB_CALIBRE, KNOB_TORTUOSITY, KNOB_STRAIGHT, KNOB_BEADING, KNOB_BLOOD, KNOBS };

static const rs_phantom_knob knobs[KNOBS] = {
    [KNOB_PITCH] = {"pitch_mm", {5.6, 6.0}, 4, 12, "of the points that the trees run to: smaller, denser"},
    [KNOB_MURRAY] = {"murray", {2.55, 2.75}, 2.2, 4, "exponent: larger, thicker small branches"},
    [KNOB_CALIBRE] = {"calibre", {1.0, 1.1}, 0.5, 2, "of the vessels, times the plain phantom's"},
    [KNOB_TORTUOSITY] = {"tortuosity", {0.08, 0.16}, 0, 0.6, "SD of the direction, rad a root of mm"},
    [KNOB_STRAIGHT] = {"straight", {0.05, 0.1}, 0.01, 2, "price of the way to the hilum: more, straighter trunks"},
    [KNOB_BEADING] = {"beading", {0.02, 0.07}, 0, 0.5, "SD of the radius along a vessel, as a share"},
    [KNOB_BLOOD] = {"blood_hu", {35, 300}, 20, 600, "density of blood: native or with contrast medium"},
};

/* The heart is drawn before; its chambers hold the same blood. */
static void fill(rs_phantom_anatomy *a, double blood_hu)
{
    for (int n = 0; n < a->n_solids; n++)
        if (!a->solid[n].abdominal && a->solid[n].hu == (float)a->blood_hu) a->solid[n].hu = (float)blood_hu;
    a->blood_hu = blood_hu;
}

static rs_status anatomy(const rs_phantom_mode_call *call)
{
    rs_phantom_growth *growth = &call->model->anatomy.growth;
    growth->pitch_mm = rs_phantom_draw(call, KNOB_PITCH);
    growth->murray = rs_phantom_draw(call, KNOB_MURRAY);
    growth->calibre = rs_phantom_draw(call, KNOB_CALIBRE);
    growth->tortuosity = rs_phantom_draw(call, KNOB_TORTUOSITY);
    growth->straight = rs_phantom_draw(call, KNOB_STRAIGHT);
    growth->beading = rs_phantom_draw(call, KNOB_BEADING);
    fill(&call->model->anatomy, rs_phantom_draw(call, KNOB_BLOOD));
    return RS_OK;
}

const rs_phantom_mode rs_phantom_mode_vessels = {
    .name = "vessels",
    .failure = "F2",
    .what = "vessels as dense, winding and uneven as those of a real chest",
    .share = 1.0,
    .knobs = knobs,
    .n_knobs = KNOBS,
    .anatomy = anatomy,
};
