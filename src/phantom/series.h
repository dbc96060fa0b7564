/* The phantom as DICOM: one CT image a slice, with what a scanner would write and nothing more. */
#ifndef PHANTOM_SERIES_H
#define PHANTOM_SERIES_H

#include "model.h"

/* What a UID of a phantom names. */
typedef enum rs_phantom_uid_of {
    RS_PHANTOM_UID_STUDY = 1,
    RS_PHANTOM_UID_SERIES,
    RS_PHANTOM_UID_FRAME,
    RS_PHANTOM_UID_IMAGE
} rs_phantom_uid_of;

/* Changes whenever the same seed and options give other pixels: it goes into every UID. */
enum { RS_PHANTOM_GENERATION = 1 };

/** UID 2.25.* (DICOM PS3.5 B.2) of a part of the phantom of these options and the recipe's digest (""); index tells
    images apart. What is at its default is left out, so that a plain phantom's UIDs stay. */
typedef struct rs_phantom_identity {
    const rs_phantom_options *options;
    const char *digest;
} rs_phantom_identity;
void rs_phantom_uid(const rs_phantom_identity *of, rs_phantom_uid_of what, uint32_t index, char out[65]);

/** Name of the file of a slice (0 at the feet): IM0001.dcm is the one at the head. */
void rs_phantom_file_name(const rs_phantom_scan *scan, int32_t slice, char out[16]);

/** Encodes one slice; bytes in the arena. voxels: HU + 1024. */
RS_MUST_USE rs_status rs_phantom_encode(rs_context *ctx, rs_arena *arena, const rs_phantom_model *model, int32_t slice,
                                        const uint16_t *voxels, uint8_t **bytes, size_t *n_bytes);

/** truth.json: everything that a test or a fit of P may want to know; lists in the arena; text to be freed with
 * rs_json_text_free. */
RS_MUST_USE rs_status rs_phantom_truth(rs_context *ctx, rs_arena *arena, const rs_phantom_model *model, char **text,
                                       size_t *bytes);

#endif
