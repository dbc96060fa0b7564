#include "mode.h"

const rs_phantom_mode rs_phantom_mode_effusion = {.name = "effusion", .failure = "F9"};
