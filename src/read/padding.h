/* Stored values that are no image. */
#ifndef READ_PADDING_H
#define READ_PADDING_H

#include "convert.h"
#include "restage/volume.h"

/**
 * Finds the stored values of a CT slice that are no image, and what they become.
 *
 * columns, rows  of the picture at a->pixels
 * a              pixels, slope, offset are given; the paddings are filled in
 * returns        true where the header's padding lies among the values of the image and was not believed
 */
bool padding_find(const rs_volume *volume, const rs_dicom_image *image, int32_t columns, int32_t rows, convert_args *a);

#endif
