#include "mode.h"

const rs_phantom_mode rs_phantom_mode_granulomas = {.name = "granulomas", .failure = "F13"};
