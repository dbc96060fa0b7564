/* A volume file (MetaImage, NIfTI, NRRD) as the series' volume. */
#ifndef READ_VOLUME_FILE_H
#define READ_VOLUME_FILE_H

#include "restage/context.h"
#include "restage/read.h"

/** As rs_read_volume, for a series with volume_file. */
RS_MUST_USE rs_status read_volume_file(rs_context *ctx, const rs_series *series, rs_arena *arena, rs_volume *out,
                                       rs_read_facts *facts);

#endif
