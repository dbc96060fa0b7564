#include "mode.h"

const rs_phantom_mode rs_phantom_mode_clips = {.name = "clips", .failure = "F11"};
