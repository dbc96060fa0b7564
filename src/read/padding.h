/* Values that are no image. */
#ifndef READ_PADDING_H
#define READ_PADDING_H

#include "convert.h"
#include "restage/volume.h"

#define PADDING_AIR_HU (-1024.0) /* what padding and the outside of the circle become */

/**
 * The outside of the circle, which many scanners do not declare (field reports R02; science B2): the value that fills
 * at least two corners of a slice below -1024 HU. A near-lossless codec blurs it: far below air everything goes that is
 * not above it.
 *
 * stored     values of the corners; HU = slope * stored + offset
 * low, high  range of the stored values that are no image
 * returns    false where there is none
 */
bool padding_corners(const int32_t stored[4], double slope, double offset, int32_t *low, int32_t *high);

/**
 * Finds the stored values of a CT slice that are no image, and what they become.
 *
 * columns, rows  of the picture at a->pixels
 * a              pixels, slope, offset are given; the paddings are filled in
 * returns        true where the header's padding lies among the values of the image and was not believed
 */
bool padding_find(const rs_volume *volume, const rs_dicom_image *image, int32_t columns, int32_t rows, convert_args *a);

#endif
