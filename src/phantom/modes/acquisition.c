#include "mode.h"

const rs_phantom_mode rs_phantom_mode_acquisition = {.name = "acquisition", .failure = "F18"};
