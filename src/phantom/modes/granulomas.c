/* Lesions with lime in them: granulomas, and metastases that calcify (science F13). Drawn by lesion_draw.c. */
#include "lesion_modes.h"
#include "mode.h"

static const rs_phantom_knob knobs[RS_GRANULOMAS_KNOBS] = {
    [RS_GRANULOMAS_LESION_SHARE] = {"lesion_share", {0.1, 0.1}, 0, 1, "of the solid lesions that are calcified"},
    [RS_GRANULOMAS_CORE_HU] = {"core_hu", {200, 1000}, 100, 2500, "of the calcified part"},
    [RS_GRANULOMAS_CORE_SHARE] = {"core_share", {0.4, 1}, 0.1, 1, "diameter of the calcified part against the whole"},
};

const rs_phantom_mode rs_phantom_mode_granulomas = {
    .name = "granulomas",
    .failure = "F13",
    .what = "Lesions with a calcified core: still lesions, since metastases calcify too.",
    .share = 1.0,
    .knobs = knobs,
    .n_knobs = RS_GRANULOMAS_KNOBS,
    .drawn_with = RS_PHANTOM_WITH_LESIONS,
};
