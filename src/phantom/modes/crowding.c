#include "mode.h"

const rs_phantom_mode rs_phantom_mode_crowding = {.name = "crowding", .failure = "F19", .drawn_with = RS_PHANTOM_WITH_LESIONS};
