/* The room's parameters as a struct; private to the room. */
#ifndef QUALITY_PARAMS_H
#define QUALITY_PARAMS_H

#include "restage/param.h"

typedef struct rs_quality_params {
#define X RS_PARAM_FIELD
#include "params.def"
#undef X
} rs_quality_params;

/** Values by name; the defaults for NULL. */
void rs_quality_params_load(const rs_params *params, rs_quality_params *out);

#endif
