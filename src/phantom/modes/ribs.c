#include "mode.h"

const rs_phantom_mode rs_phantom_mode_ribs = {.name = "ribs", .failure = "F16"};
