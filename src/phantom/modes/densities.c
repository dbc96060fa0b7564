/* Lesions that are not solid throughout (science F17). Drawn by lesion_draw.c. */
#include "lesion_modes.h"
#include "mode.h"

static const rs_phantom_knob knobs[RS_DENSITIES_KNOBS] = {
    [RS_DENSITIES_PART_SOLID_SHARE] = {"part_solid_share", {0.1, 0.1}, 0, 1, "of the lesions, from 5 mm up"},
    [RS_DENSITIES_GROUND_GLASS_SHARE] = {"ground_glass_share", {0.1, 0.1}, 0, 1, "of the lesions, from 4 mm up"},
    [RS_DENSITIES_CAVITY_SHARE] = {"cavity_share", {0.05, 0.05}, 0, 1, "of the lesions that have room for a lumen"},
    [RS_DENSITIES_CORE_SHARE] = {"core_share", {0.3, 0.7}, 0.1, 0.9, "diameter of a solid core against the whole"},
    [RS_DENSITIES_GLASS_HU] = {"glass_hu", {-700, -450}, -800, -200, "of ground glass"},
    [RS_DENSITIES_WALL_MM] = {"wall_mm", {1, 3}, 0.5, 10, "of a cavity"},
};

const rs_phantom_mode rs_phantom_mode_densities = {
    .name = "densities",
    .failure = "F17",
    .what = "Part-solid lesions, pure ground glass and cavities; the rest is solid.",
    .share = 1.0,
    .knobs = knobs,
    .n_knobs = RS_DENSITIES_KNOBS,
    .drawn_with = RS_PHANTOM_WITH_LESIONS,
};
