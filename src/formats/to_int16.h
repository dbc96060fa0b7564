/* Voxels of any type as the house keeps them. */
#ifndef FORMATS_TO_INT16_H
#define FORMATS_TO_INT16_H

#include "raw_file.h"

/**
 * Reads one volume of a file into the voxels of out, which has the head's grid; sets its slope and offset.
 *
 * Whole values that fit are kept as they are (slope 1). Whole stored numbers that span at most 65,536 keep the file's
 * slope. Others are kept in steps of a power of two, at most 1.
 *
 * rounding  largest, in units of the value
 * returns   RS_OK; RS_DATA (a value that is not finite, values that 16 bits do not hold); RS_IO; RS_AGAIN;
 *           RS_NO_MEMORY; RS_CANCELLED
 */
RS_MUST_USE rs_status to_int16(rs_context *ctx, const raw_file *file, const raw_source *source, int32_t index,
                               rs_volume *out, double *rounding);

#endif
