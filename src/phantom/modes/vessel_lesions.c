#include "mode.h"

const rs_phantom_mode rs_phantom_mode_vessel_lesions = {.name = "vessel_lesions", .failure = "F1", .drawn_with = RS_PHANTOM_WITH_LESIONS};
