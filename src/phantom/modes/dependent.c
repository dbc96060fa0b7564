#include "mode.h"

const rs_phantom_mode rs_phantom_mode_dependent = {.name = "dependent", .failure = "F7"};
