#include "mode.h"

const rs_phantom_mode rs_phantom_mode_motion = {.name = "motion", .failure = "F15"};
