#include "mode.h"

const rs_phantom_mode rs_phantom_mode_texture = {.name = "texture", .failure = "F20"};
