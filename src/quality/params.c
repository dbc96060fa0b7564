/* Rows of params.def as table and struct. */
#include "params.h"

#include "restage/quality.h"

static const rs_param rows[] = {
#define X RS_PARAM_ROW
#include "params.def"
#undef X
};

const rs_param_table rs_quality_param_table = {"quality", rows, (int)(sizeof rows / sizeof *rows)};

void rs_quality_params_load(const rs_params *params, rs_quality_params *out)
{
    *out = (rs_quality_params){
#define X(type, name, def, min, max, unit, source, help)                                                               \
    .name = (type)(params ? rs_params_get(params, #name) : (double)(def)),
#include "params.def"
#undef X
    };
}
