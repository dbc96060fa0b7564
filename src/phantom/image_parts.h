/* What both writers of CT images share: UIDs from random bits, and lists of texts. */
#ifndef PHANTOM_IMAGE_PARTS_H
#define PHANTOM_IMAGE_PARTS_H

#include "dicom/dicom.h"

/** The UID 2.25.* of 128 bits as a UUID of version 4, variant 1 (DICOM PS3.5 B.2). */
void rs_phantom_uid_text(uint64_t high, uint64_t low, char out[65]);

typedef struct rs_phantom_element {
    uint32_t tag;
    const char *text;
} rs_phantom_element;

/** Sets n elements. RS_OK; RS_NO_MEMORY; RS_DEFECT. */
RS_MUST_USE rs_status rs_phantom_set_all(rs_context *ctx, rs_dicom_out *out, const rs_phantom_element *elements,
                                         size_t n);

#define RS_PHANTOM_SET_ALL(ctx, out, elements)                                                                         \
    rs_phantom_set_all((ctx), (out), (elements), sizeof(elements) / sizeof((elements)[0]))

#endif
