/* The rows of this folder's parameters. */
#include "segment.h"

static const rs_param rows[] = {
#define X(...) RS_PARAM_ROW(__VA_ARGS__)
#include "params.def"
#undef X
};

const rs_param_table rs_lung_param_table = {"organs/lung", rows, (int)(sizeof rows / sizeof rows[0])};
