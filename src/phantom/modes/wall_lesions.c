#include "mode.h"

const rs_phantom_mode rs_phantom_mode_wall_lesions = {.name = "wall_lesions", .failure = "F3", .drawn_with = RS_PHANTOM_WITH_LESIONS};
