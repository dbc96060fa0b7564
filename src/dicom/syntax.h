/* Transfer syntaxes by their UID string, ours: DCMTK takes an unknown one for Explicit VR Little Endian (integration
   A.2.9). */
#ifndef DICOM_SYNTAX_H
#define DICOM_SYNTAX_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum rs_codec {
    RS_CODEC_UNKNOWN = 0,
    RS_CODEC_NONE, /* words as they lie in the file */
    RS_CODEC_RLE,
    RS_CODEC_JPEG,
    RS_CODEC_JPEG_LS,
    RS_CODEC_J2K,
    RS_CODEC_HTJ2K,
    RS_CODEC_ENCAPSULATED, /* words in fragments */
    RS_CODEC_FOREIGN       /* known by name, not decoded */
} rs_codec;

typedef struct rs_syntax {
    const char *uid, *name;
    rs_codec codec;
    bool implicit, big_endian, deflated;
    unsigned char process[2]; /* JPEG: the SOF markers that may stand in the stream (integration B.2, 25) */
} rs_syntax;

/** Row of a UID, NULL where it is unknown. */
const rs_syntax *rs_syntax_find(const char *uid);

#ifdef __cplusplus
}
#endif
#endif
