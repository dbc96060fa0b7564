/* Lesions at the pleura, flat and rounded into the wall (science F3). Drawn by lesion_draw.c. */
#include "lesion_modes.h"
#include "mode.h"

static const rs_phantom_knob knobs[RS_WALL_LESIONS_KNOBS] = {
    [RS_WALL_LESIONS_LESION_SHARE] = {"lesion_share", {0.2, 0.2}, 0, 1, "of the lesions that are put at the wall"},
    [RS_WALL_LESIONS_CUT_RADII] = {"cut_radii",
                                   {0.3, 0.9},
                                   0.05,
                                   1.5,
                                   "depth that the pleura cuts off, in half axes of the lesion towards the wall"},
    [RS_WALL_LESIONS_CONTACT] = {"contact_share", {0.2, 0.6}, 0, 0.8, "of the directions in which wall lies behind it"},
    [RS_WALL_LESIONS_FLATNESS] = {"flatness", {0.5, 1}, 0.2, 1.2, "axis towards the wall against those along it"},
    [RS_WALL_LESIONS_BLEND_MM] = {"blend_mm", {0.5, 2}, 0, 5, "within which its corner with the wall is rounded"},
};

const rs_phantom_mode rs_phantom_mode_wall_lesions = {
    .name = "wall_lesions",
    .failure = "F3",
    .what = "Lesions with a flat base at the pleura or the diaphragm, rounded into the wall.",
    .share = 1.0,
    .knobs = knobs,
    .n_knobs = RS_WALL_LESIONS_KNOBS,
    .drawn_with = RS_PHANTOM_WITH_LESIONS,
};
