/* Files: whole reads that trust nothing, and a folder that is whole or absent (contract 3, integration D.1). */
#ifndef RESTAGE_FILES_H
#define RESTAGE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "restage/arena.h"
#include "restage/context.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Reads a regular file whole.
 *
 * path     opened O_NONBLOCK | O_CLOEXEC, a link at its end refused unless follow
 * limit    bytes; a larger file is refused (RS_DATA)
 * out      bytes and a terminating 0 behind them, in the arena
 * returns  RS_OK; RS_NO_INPUT (not there, no regular file); RS_DATA (larger than limit; no rights to read it); RS_IO;
 *          RS_AGAIN (changed while read); RS_NO_MEMORY
 */
RS_API RS_MUST_USE rs_status rs_file_read(rs_context *ctx, rs_arena *arena, const char *path, size_t limit, bool follow,
                                          uint8_t **out, size_t *out_bytes);

/* A regular file that is open for reading by pieces. */
typedef struct rs_file {
    int fd;
    size_t n_bytes;
    int64_t mtime_s, mtime_ns;
} rs_file;

/** Opens it as rs_file_read does. End it with rs_file_close. */
RS_API RS_MUST_USE rs_status rs_file_open(rs_context *ctx, const char *path, size_t limit, bool follow, rs_file *out);

/** Reads begin … end - 1 of it to the same places of bytes. RS_OK; RS_IO; RS_AGAIN (it is not what was opened). */
RS_API RS_MUST_USE rs_status rs_file_fill(rs_context *ctx, const rs_file *file, uint8_t *bytes, size_t begin,
                                          size_t end);

RS_API void rs_file_close(rs_file *file);

/* A folder in the making: OUT.partial-PID-HOST-RANDOM8 beside OUT, renamed at the end. */
typedef struct rs_folder rs_folder;

/**
 * Starts a folder.
 *
 * replaces  NULL: OUT must not exist; else the name of a file by which a folder that may be replaced is known
 *           ("done.json"): OUT must not exist, be empty, or hold that file, so that no other folder is ever lost
 * returns   RS_OK; RS_CANT_CREATE (exists; parent missing or not writable); RS_IO; RS_NO_MEMORY
 * out       end it with rs_folder_commit or rs_folder_abandon
 */
RS_API RS_MUST_USE rs_status rs_folder_begin(rs_context *ctx, const char *path, const char *replaces, rs_folder **out);

/** A folder below it, 0700. */
RS_API RS_MUST_USE rs_status rs_folder_make(rs_context *ctx, rs_folder *folder, const char *name);

/** Writes one file (0600, synced); name may hold one '/'. RS_IO where the disk is full or fails. */
RS_API RS_MUST_USE rs_status rs_folder_write(rs_context *ctx, rs_folder *folder, const char *name, const void *data,
                                             size_t bytes);

/** Syncs the folder and renames it to its place; with force swaps with an existing one and removes that. Frees folder.
 */
RS_API RS_MUST_USE rs_status rs_folder_commit(rs_context *ctx, rs_folder *folder);

/** Removes everything that was written; accepts NULL. Frees folder. */
RS_API void rs_folder_abandon(rs_context *ctx, rs_folder *folder);

/** Path of the folder while it is in the making; lives as long as folder. For writers that must stream. */
RS_API const char *rs_folder_path(const rs_folder *folder);

/**
 * Writes one file outside a folder in the same way: beside it under a partial name, synced, renamed.
 *
 * returns  RS_OK; RS_CANT_CREATE (exists and not force; not writable); RS_IO
 */
RS_API RS_MUST_USE rs_status rs_file_write(rs_context *ctx, const char *path, bool force, const void *const *parts,
                                           const size_t *part_bytes, int n_parts);

/* Growing text or bytes in memory, for writers; a failed append is remembered and told at the end. Begins as {0}. */
typedef struct rs_buffer {
    char *data;             /* terminated by 0; NULL until something was appended */
    size_t bytes, capacity; /* without the terminating 0 */
    bool failed;            /* memory was lacking: what stands in data is not all */
} rs_buffer;

/** Appends bytes; does nothing once failed is set. */
RS_API void rs_buffer_add(rs_buffer *buffer, const void *data, size_t bytes);

/** Appends a text, without its terminating 0. */
RS_API void rs_buffer_text(rs_buffer *buffer, const char *text);

/** Appends printed text, with a decimal point in any locale. */
RS_API void rs_buffer_printf(rs_buffer *buffer, const char *format, ...) RS_PRINTF(2, 3);

/** Ends it: frees the data and makes it {0} again. */
RS_API void rs_buffer_free(rs_buffer *buffer);

/* A row of a CSV table in the making: a comma before every cell but the first. Begins as {.to = buffer}. */
typedef struct rs_csv_row {
    rs_buffer *to;
    bool begun;
} rs_csv_row;

/** A text by RFC 4180; one that a spreadsheet would take for a formula gets a quote before it. NULL: an empty cell. */
RS_API void rs_csv_text(rs_csv_row *row, const char *text);

/** A number that is printed already; "": an empty cell. */
RS_API void rs_csv_digits(rs_csv_row *row, const char *digits);

/** A whole number. */
RS_API void rs_csv_whole(rs_csv_row *row, int64_t value);

/** Ends the row. */
RS_API void rs_csv_end(rs_csv_row *row);

#ifdef __cplusplus
}
#endif
#endif
