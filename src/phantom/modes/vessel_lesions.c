/* Lesions on vessels (science F1). Drawn by lesion_draw.c. */
#include "lesion_modes.h"
#include "mode.h"

static const rs_phantom_knob knobs[RS_VESSEL_LESIONS_KNOBS] = {
    [RS_VESSEL_LESIONS_LESION_SHARE] = {"lesion_share", {0.25, 0.25}, 0, 1, "of the lesions that are put on a vessel"},
    [RS_VESSEL_LESIONS_BRANCH_MM] =
        {"branch_mm", {1.5, 3}, 0.4, 6, "diameter of the vessel, at most 0.8 of the lesion's; below 1.44 none is seen"},
    [RS_VESSEL_LESIONS_OFFSET_RADII] =
        {"offset_radii", {0, 1}, 0, 1.5, "from the vessel's axis to the lesion's centre, in radii of the lesion"},
    [RS_VESSEL_LESIONS_LIMBS] = {"limbs", {1, 2}, 1, 2, "1: the vessel ends in the lesion; 2: it passes through"},
};

const rs_phantom_mode rs_phantom_mode_vessel_lesions = {
    .name = "vessel_lesions",
    .failure = "F1",
    .what = "Lesions on vessels, which a shape filter takes for a part of them.",
    .share = 1.0,
    .knobs = knobs,
    .n_knobs = RS_VESSEL_LESIONS_KNOBS,
    .drawn_with = RS_PHANTOM_WITH_LESIONS,
};
