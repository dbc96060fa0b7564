/* The room's parameters as a struct; private to the room. */
#ifndef DETECT_SEARCH_PARAMS_H
#define DETECT_SEARCH_PARAMS_H

#include "restage/param.h"

typedef struct rs_detect_params {
#define X RS_PARAM_FIELD
#include "params.def"
#undef X
} rs_detect_params;

/** Values by name; the defaults for NULL. */
void rs_detect_params_load(const rs_params *params, rs_detect_params *out);

#endif
