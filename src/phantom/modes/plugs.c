#include "mode.h"

const rs_phantom_mode rs_phantom_mode_plugs = {.name = "plugs", .failure = "F14"};
