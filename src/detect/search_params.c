/* Rows of params.def as table and struct. */
#include "search_params.h"

#include "detect.h"

static const rs_param rows[] = {
#define X RS_PARAM_ROW
#include "params.def"
#undef X
};

const rs_param_table rs_detect_param_table = {"detect", rows, (int)(sizeof rows / sizeof *rows)};

void rs_detect_params_load(const rs_params *params, rs_detect_params *out)
{
    *out = (rs_detect_params){
#define X(type, name, def, min, max, unit, source, help)                                                               \
    .name = (type)(params ? rs_params_get(params, #name) : (double)(def)),
#include "params.def"
#undef X
    };
}
