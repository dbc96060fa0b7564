/* A file of which only what is looked at is read: the header, and the pixels of a frame once they are asked for. */
#ifndef DICOM_SOURCE_H
#define DICOM_SOURCE_H

#include "restage/files.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rs_source {
    rs_file file;
    uint8_t *bytes;            /* room for the whole file, and a 0 */
    size_t n_head;             /* read from the start */
    size_t tail_begin, n_tail; /* read behind the pixels */
} rs_source;

/**
 * Opens a file; as rs_file_read, but reads its first kilobytes only.
 *
 * arena    for the room, which takes memory where it is read into
 * out      end it with rs_source_close
 */
RS_MUST_USE rs_status rs_source_open(rs_context *ctx, rs_arena *arena, const char *path, bool follow, rs_source *out);
void rs_source_close(rs_source *source);

/** Has n bytes at pos, and all before them, read. RS_OK; RS_IO; RS_AGAIN (the file changed). */
RS_MUST_USE rs_status rs_source_head(rs_context *ctx, rs_source *source, size_t pos, size_t n);

/** Has n bytes at pos read, which lie behind the pixels. */
RS_MUST_USE rs_status rs_source_tail(rs_context *ctx, rs_source *source, size_t pos, size_t n);

/** Reads n bytes at pos to where they belong. */
RS_MUST_USE rs_status rs_source_read(rs_context *ctx, rs_source *source, size_t pos, size_t n);

#ifdef __cplusplus
}
#endif
#endif
