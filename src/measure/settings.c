/* The room's rows of parameters: the table that others join, and the struct that the room reads. */
#include "room.h"

static const rs_param rows[] = {
#define X RS_PARAM_ROW
#include "params.def"
#undef X
};

const rs_param_table rs_measure_param_table = {"measure", rows, (int)(sizeof rows / sizeof rows[0])};

void rs_measure_settings_load(const rs_params *params, struct rs_measure_settings *out)
{
#define X(type, name, def, min, max, unit, source, help) out->name = (type)rs_params_get(params, #name);
#include "params.def"
#undef X
}
