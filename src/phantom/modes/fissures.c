#include "mode.h"

const rs_phantom_mode rs_phantom_mode_fissures = {.name = "fissures", .failure = "F5"};
