#include "mode.h"

const rs_phantom_mode rs_phantom_mode_bolus = {.name = "bolus", .failure = "F12"};
