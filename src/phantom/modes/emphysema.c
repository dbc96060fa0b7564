#include "mode.h"

const rs_phantom_mode rs_phantom_mode_emphysema = {.name = "emphysema", .failure = "F8"};
