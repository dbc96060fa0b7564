/* What the writers share: the parts that a file's voxels are made of. */
#ifndef FORMATS_VALUES_H
#define FORMATS_VALUES_H

#include "restage/context.h"
#include "restage/formats.h"

/* What the options say is unknown, for the header; NULL: nothing. */
static inline const char *rs_unknown(const rs_format_options *options)
{
    if (options->unknown_place) return "place in the patient unknown";
    return options->unknown_pitch ? "distance of slices unknown: a single slice" : NULL;
}

/* Voxels of n volumes as they go into a file. */
typedef struct values {
    const char *type;  /* "uint8", "int16", "float32" */
    const void **data; /* one a volume */
    size_t *bytes;
    int n;
    rs_block *block; /* one a volume; empty where the volume's own voxels serve */
} values;

/**
 * The values of volumes: uint8 for labels; int16 where slope and offset are 1 and 0, or where the file says them
 * (scaled); else float.
 *
 * returns  RS_OK; RS_DATA (a label outside 0 … 255); RS_NO_MEMORY
 * out      end it with values_free
 */
RS_MUST_USE rs_status values_of(rs_context *ctx, rs_arena *arena, const rs_volume *volumes, int n, bool labels,
                                bool scaled, values *out);
void values_free(rs_context *ctx, values *v);

#endif
