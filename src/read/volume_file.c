/* A volume file (MetaImage, NIfTI, NRRD) as the series' volume. */
#include "volume_file.h"

rs_status read_volume_file(rs_context *ctx, const rs_series *series, rs_arena *arena, rs_volume *out,
                           rs_read_facts *facts)
{
    (void)series, (void)arena, (void)out, (void)facts;
    return rs_fail(ctx, RS_DATA, "volume files cannot be read: convert it to DICOM");
}
