/* Lesions in a cluster, some of them touching (science F19). Drawn by lesion_draw.c. */
#include "lesion_modes.h"
#include "mode.h"

static const rs_phantom_knob knobs[RS_CROWDING_KNOBS] = {
    [RS_CROWDING_LESIONS] = {"lesions", {3, 8}, 2, 20, "of the cluster, beside the patient's others"},
    [RS_CROWDING_REACH_MM] = {"reach_mm", {15, 15}, 4, 40, "within which their centres lie around the first"},
    [RS_CROWDING_TOUCHING_PAIRS] = {"touching_pairs", {1, 2}, 0, 10, "that touch"},
    [RS_CROWDING_LARGEST_MM] = {"largest_mm", {8, 8}, 2, 20, "diameter in a cluster"},
};

const rs_phantom_mode rs_phantom_mode_crowding = {
    .name = "crowding",
    .failure = "F19",
    .what = "A cluster of lesions near each other, pairs of them touching.",
    .share = 0.1,
    .knobs = knobs,
    .n_knobs = RS_CROWDING_KNOBS,
    .drawn_with = RS_PHANTOM_WITH_LESIONS,
};
