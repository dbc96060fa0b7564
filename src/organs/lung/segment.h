/* The functions that the row of the lungs names. */
#ifndef LUNG_SEGMENT_H
#define LUNG_SEGMENT_H

#include "organs.h"

extern const rs_param_table rs_lung_param_table;

rs_status lung_suits(rs_context *ctx, const rs_series *series, rs_arena *arena, rs_suits *out);
rs_status lung_segment(rs_context *ctx, const rs_volume *volume, const rs_params *params, rs_arena *arena,
                       rs_regions *out);
rs_status lung_place(rs_context *ctx, const rs_volume *volume, const rs_regions *regions, const double lps_mm[3],
                     rs_arena *arena, rs_place *out);
rs_status lung_absent(rs_context *ctx, const char *reason, rs_arena *arena, rs_regions *out);

#endif
