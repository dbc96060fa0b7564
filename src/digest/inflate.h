/* Deflate in both directions over zlib, never past a cap (integration A.1, B.1). */
#ifndef DIGEST_INFLATE_H
#define DIGEST_INFLATE_H

#include <stddef.h>
#include <stdint.h>

#include "restage/arena.h"
#include "restage/status.h"

struct rs_context;

#ifdef __cplusplus
extern "C" {
#endif

typedef enum rs_deflate_wrap {
    RS_DEFLATE_RAW = 0, /* DICOM PS3.5 A.5 */
    RS_DEFLATE_GZIP     /* .nii.gz, NRRD gzip */
} rs_deflate_wrap;

typedef enum rs_inflated {
    RS_INFLATED_ALL = 0, /* the stream ended */
    RS_INFLATED_CAP,     /* more would follow than was asked for */
    RS_INFLATED_CUT,     /* the input ends before the stream does */
    RS_INFLATED_DAMAGED
} rs_inflated;

/**
 * Inflates up to cap bytes.
 *
 * arena    for the output, which grows as bytes come (never more than twice what was inflated)
 * how      what ended it; bytes behind the end of the stream are ignored
 * returns  RS_OK whatever ended it; RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_inflate(struct rs_context *ctx, rs_arena *arena, rs_deflate_wrap wrap, const uint8_t *bytes,
                                 size_t n_bytes, size_t cap, uint8_t **out, size_t *n_out, rs_inflated *how);

/** Inflates into room that is there; *n_out bytes were written, room at most. RS_OK whatever ended it; RS_NO_MEMORY. */
RS_MUST_USE rs_status rs_inflate_into(struct rs_context *ctx, rs_deflate_wrap wrap, const uint8_t *bytes,
                                      size_t n_bytes, uint8_t *room, size_t room_bytes, size_t *n_out,
                                      rs_inflated *how);

/**
 * Deflates parts one behind the other; a gzip header without name and time, so that the same bytes come out.
 *
 * out      as rs_buffer of files.h would, but in the arena
 * returns  RS_OK; RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_deflate(struct rs_context *ctx, rs_arena *arena, rs_deflate_wrap wrap,
                                 const void *const *parts, const size_t *part_bytes, int n_parts, uint8_t **out,
                                 size_t *n_out);

/** Version of zlib, as "1.2.13"; static. */
const char *rs_zlib_library_version(void);

#ifdef __cplusplus
}
#endif
#endif
