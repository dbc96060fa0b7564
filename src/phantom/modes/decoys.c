#include "mode.h"

const rs_phantom_mode rs_phantom_mode_decoys = {.name = "decoys", .failure = "F2"};
