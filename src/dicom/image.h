/* Image attributes held against each other, against the bytes that are there, and against the codec's own header. */
#ifndef DICOM_IMAGE_H
#define DICOM_IMAGE_H

#include "scan.h"

#ifdef __cplusplus
extern "C" {
#endif

/** As rs_dicom_file_image. */
RS_MUST_USE rs_status rs_image_read(rs_context *ctx, const rs_scan *scan, rs_dicom_image *out);

/**
 * Does the codec's own header promise the same picture (JPEG, JPEG-LS: SOF; RLE: segments; JPEG 2000: SIZ)?
 *
 * bytes    one frame, fragments joined
 * returns  RS_OK; RS_DATA
 */
RS_MUST_USE rs_status rs_image_check_codestream(rs_context *ctx, const rs_scan *scan, const rs_dicom_image *image,
                                                const uint8_t *bytes, size_t n_bytes);

/**
 * Does each RLE segment give just the bytes of one frame? DCMTK takes short ones and leaves the rest to chance.
 *
 * returns  RS_OK; RS_DATA
 */
RS_MUST_USE rs_status rs_image_check_rle(rs_context *ctx, const rs_dicom_image *image, const uint8_t *bytes,
                                         size_t n_bytes);

#ifdef __cplusplus
}
#endif
#endif
