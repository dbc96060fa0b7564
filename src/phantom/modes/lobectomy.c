#include "mode.h"

const rs_phantom_mode rs_phantom_mode_lobectomy = {.name = "lobectomy", .failure = "F10"};
