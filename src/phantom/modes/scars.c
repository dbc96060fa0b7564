#include "mode.h"

const rs_phantom_mode rs_phantom_mode_scars = {.name = "scars", .failure = "F6"};
