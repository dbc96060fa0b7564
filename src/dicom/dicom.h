/* DCMTK behind C. Plain structs, handles, rs_status; every DCMTK header stays in *.cc, no exception leaves. */
#ifndef DICOM_DICOM_H
#define DICOM_DICOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "restage/arena.h"
#include "restage/context.h"
#include "restage/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- reading ------------------------------------------------------------------------------------------------------ */

typedef struct rs_dicom_file rs_dicom_file;

/**
 * Parses a file that was read whole (integration A.2.1: the bytes, not a path).
 *
 * bytes    borrowed until rs_dicom_file_close
 * returns  RS_OK; RS_NO_INPUT (no DICOM at all); RS_DATA (DICOM, but refused: the sentence says why); RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_dicom_file_open(rs_context *ctx, const uint8_t *bytes, size_t n_bytes, rs_dicom_file **out);
void rs_dicom_file_close(rs_dicom_file *file);

/* --- writing ------------------------------------------------------------------------------------------------------ */

typedef struct rs_dicom_out rs_dicom_out;

#define RS_TAG(group, element) (((uint32_t)(group) << 16) | (uint32_t)(element))

/** An empty data set. End it with rs_dicom_out_free. */
RS_MUST_USE rs_status rs_dicom_out_new(rs_context *ctx, rs_dicom_out **out);
void rs_dicom_out_free(rs_dicom_out *out);

/** Sets a top-level element from its text (multiple values parted by '\'); the VR comes from the dictionary. */
RS_MUST_USE rs_status rs_dicom_out_text(rs_context *ctx, rs_dicom_out *out, uint32_t tag, const char *value);

/** Sets a US or SS element. */
RS_MUST_USE rs_status rs_dicom_out_number(rs_context *ctx, rs_dicom_out *out, uint32_t tag, int32_t value);

/** Sets PixelData as OW, little endian words; copied. */
RS_MUST_USE rs_status rs_dicom_out_pixels(rs_context *ctx, rs_dicom_out *out, const uint16_t *words, size_t n_words);

/**
 * Encodes the data set with file meta (Explicit VR Little Endian, our implementation UID) into bytes of the arena. The
 * same elements give the same bytes.
 */
RS_MUST_USE rs_status rs_dicom_out_encode(rs_context *ctx, rs_dicom_out *out, rs_arena *arena, uint8_t **bytes,
                                          size_t *n_bytes);

/** Name and version of the DICOM library, e.g. "DCMTK 3.6.7"; static. */
const char *rs_dicom_library(void);

#ifdef __cplusplus
}
#endif
#endif
