/* Which fragments of the encapsulated pixels make which frame (DICOM PS3.5 A.4). */
#ifndef DICOM_FRAMES_H
#define DICOM_FRAMES_H

#include "scan.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The fragments of frame f stand from begin[f] to begin[f + 1], each behind its head of 8 bytes. */
typedef struct rs_frames {
    size_t *begin; /* n + 1; NULL: not sought yet */
    int32_t n;
    size_t longest; /* bytes of the longest frame, fragments joined */
} rs_frames;

/**
 * Finds them. Offset tables are not believed: as many fragments as frames, or one frame, need none, and else a frame
 * begins where a fragment begins like a codestream (integration B.2, 22).
 *
 * arena    for the table
 * returns  RS_OK; RS_DATA (the beginnings do not make the frames that the header promises); RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_frames_find(rs_context *ctx, rs_arena *arena, const rs_scan *scan, const rs_dicom_image *image,
                                     rs_frames *out);

/**
 * The bytes of one frame: in place where it is one fragment, else joined in the arena.
 *
 * returns  RS_OK; RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_frame_bytes(rs_context *ctx, rs_arena *arena, const rs_scan *scan, const rs_frames *frames,
                                     int32_t frame, const uint8_t **out, size_t *n_bytes);

#ifdef __cplusplus
}
#endif
#endif
