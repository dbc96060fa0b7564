#include "mode.h"

const rs_phantom_mode rs_phantom_mode_densities = {.name = "densities", .failure = "F17", .drawn_with = RS_PHANTOM_WITH_LESIONS};
