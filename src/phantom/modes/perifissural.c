#include "mode.h"

const rs_phantom_mode rs_phantom_mode_perifissural = {.name = "perifissural", .failure = "F4"};
