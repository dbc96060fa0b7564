#include "mode.h"

const rs_phantom_mode rs_phantom_mode_granulomas = {.name = "granulomas", .failure = "F13", .drawn_with = RS_PHANTOM_WITH_LESIONS};
