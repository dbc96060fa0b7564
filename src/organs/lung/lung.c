/* The lungs in CT: the row of organs.def. What differs between organs stands here as data. */
#include "segment.h"

#include "calibration.inc"

static const rs_operating_point points[] = {
    {"low", POINT_LOW_P, POINT_LOW_PER_LITRE, POINT_LOW_PER_SCAN, CALIBRATION_BASIS},
    {"default", POINT_DEFAULT_P, POINT_DEFAULT_PER_LITRE, POINT_DEFAULT_PER_SCAN, CALIBRATION_BASIS},
    {"high", POINT_HIGH_P, POINT_HIGH_PER_LITRE, POINT_HIGH_PER_SCAN, CALIBRATION_BASIS},
};

const rs_organ rs_organ_ct_lung = {
    .id = "ct-lung",
    .name = "lungs",
    .modality = "CT",
    .suits = lung_suits,
    .segment = lung_segment,
    .place = lung_place,
    .absent = lung_absent,
    /* science B5, C1.2 */
    .detect = {.bright = true,
               .clip_low_hu = -1000,
               .clip_high_hu = 200,
               .min_diameter_mm = 2,
               .max_diameter_mm = 30,
               .calibration = {calibration_score, calibration_p,
                               (int)(sizeof calibration_score / sizeof calibration_score[0]), CALIBRATION_BASIS},
               .mass_calibration = {mass_calibration_score, mass_calibration_p,
                                    (int)(sizeof mass_calibration_score / sizeof mass_calibration_score[0]),
                                    MASS_CALIBRATION_BASIS},
               .points = points,
               .n_points = (int)(sizeof points / sizeof points[0]),
               .by_networks = true},
    /* science C9.2; contract 6 */
    .measure = {.contrast_prior_hu = 870, .contrast_prior_sd_hu = 90, .largest_fit_mm = 20},
    .codes = {.organ = {"39607008", "SCT", "Lung"},
              .left = {"44029006", "SCT", "Left lung"},
              .right = {"3341006", "SCT", "Right lung"}},
    .settings = NULL,
    .params = &rs_lung_param_table,
};
