/* Stored values of one slice to voxels of the volume. Plain loops, no files. */
#ifndef READ_CONVERT_H
#define READ_CONVERT_H

#include <stdbool.h>
#include <stdint.h>

#include "dicom/dicom.h"
#include "restage/study.h"

/* value = slope * stored + offset of this slice, or what the lookup table says; voxel = (value - volume_offset) /
   volume_slope, rounded. */
typedef struct convert_args {
    rs_dicom_pixels pixels;
    double slope, offset;    /* of the slice */
    const rs_lookup *lookup; /* NULL: none */
    double volume_slope, volume_offset;
    bool exact;     /* every voxel is a whole number before rounding */
    int n_paddings; /* ranges of stored values that are no image */
    int32_t padding_low[2], padding_high[2];
    int16_t padding_voxel;
    int64_t n;
    int16_t *out;
} convert_args;

typedef struct convert_result {
    double low, high; /* voxels before they were cut to int16 (wide ones: rounded), without padding; low > high: all is
                         padding */
    double rounding;  /* largest, in units of the value */
    int64_t n_padded;
    int64_t n_bad; /* stored values that are no numbers (NaN, infinity) */
} convert_result;

/** One stored value of up to 16 bits, masked and sign extended. */
int32_t convert_stored(const rs_dicom_pixels *pixels, int64_t i);

/** More than 16 bits, or floating point. */
bool convert_is_wide(const rs_dicom_pixels *pixels);

void convert_slice(const convert_args *args, convert_result *result);

#endif
