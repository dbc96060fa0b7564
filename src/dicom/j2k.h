/* JPEG 2000 and HTJ2K: our own look at the codestream's header, then OpenJPEG. */
#ifndef DICOM_J2K_H
#define DICOM_J2K_H

#include "scan.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the header of a codestream promises (ISO/IEC 15444-1 A.5.1, SIZ). */
typedef struct rs_j2k {
    const uint8_t *bytes; /* the bare codestream, without the boxes of a JP2 file */
    size_t n_bytes;
    uint64_t n_tiles;
    int precision;
    bool is_signed;
} rs_j2k;

/**
 * Reads the header of one frame and holds it against the image attributes: nothing that a codestream says is allocated
 * before it was checked here (integration B.2, 27).
 *
 * returns  RS_OK; RS_DATA
 */
RS_MUST_USE rs_status rs_j2k_check(rs_context *ctx, const rs_dicom_image *image, const uint8_t *bytes, size_t n_bytes,
                                   rs_j2k *out);

/**
 * Decodes it: rows * columns values of 1 byte (8 bits allocated) or 2 (16), little endian, negative ones in two's
 * complement.
 *
 * returns  RS_OK; RS_DATA (damaged, cut); RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_j2k_decode(rs_context *ctx, const rs_dicom_image *image, const rs_j2k *stream, uint8_t *out);

#ifdef __cplusplus
}
#endif
#endif
