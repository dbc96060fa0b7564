/* What no file may exceed (integration B.1): one table, named in every refusal that it causes. */
#ifndef RESTAGE_LIMITS_H
#define RESTAGE_LIMITS_H

#include <stdint.h>

#include "restage/context.h"

#ifdef __cplusplus
extern "C" {
#endif

/* X(NAME, name, default, unit or "", what) */
// clang-format off
#define RS_LIMIT_TABLE(X)                                                                                              \
    X(FILES,          files,            50000,       "",      "files in one input")                                    \
    X(FOLDER_DEPTH,   folder-depth,     16,          "",      "folders one in another")                                \
    X(FILE_BYTES,     file-bytes,       4294967296,  "bytes", "size of one file")                                      \
    X(STUDY_BYTES,    study-bytes,      34359738368, "bytes", "all files of one study")                                \
    X(NESTING,        nesting,          32,          "",      "sequences one in another")                              \
    X(ELEMENTS,       elements,         1000000,     "",      "elements of one data set")                              \
    X(ITEMS,          items,            300000,      "",      "items of one data set")                                 \
    X(DISORDER,       disorder,         1000,        "",      "elements out of order or repeated")                     \
    X(HEADER_BYTES,   header-bytes,     67108864,    "bytes", "what stands before the pixels")                         \
    X(VALUE_BYTES,    value-bytes,      16777216,    "bytes", "one value of the header")                               \
    X(FRAGMENTS,      fragments,        64,          "",      "fragments a frame (4,096 are always allowed)")          \
    X(SIDE,           side,             8192,        "",      "rows or columns")                                       \
    X(FRAMES,         frames,           20000,       "",      "frames of one file")                                    \
    X(VOXELS,         voxels,           1073741824,  "",      "voxels of one volume (never more than this)")            \
    X(TILES,          tiles,            4096,        "",      "tiles of a JPEG 2000 picture")                          \
    X(SCANS,          scans,            64,          "",      "scans of a progressive JPEG (4 are the most of others)") \
    X(INFLATED_BYTES, inflated-bytes,   16777216,    "bytes", "what a compressed file holds beyond its pixels")        \
    X(DECODE_SECONDS, decode-seconds,   5,           "s",     "CPU time to decode one frame of a file")                \
    X(DECODE_BYTES,   decode-bytes,     536870912,   "bytes", "memory to decode one file, beyond three frames of it")
// clang-format on

typedef enum rs_limit_name {
#define RS_LIMIT_ENUM(NAME, name, value, unit, what) RS_LIMIT_##NAME,
    RS_LIMIT_TABLE(RS_LIMIT_ENUM)
#undef RS_LIMIT_ENUM
        RS_LIMIT_COUNT
} rs_limit_name;

typedef struct rs_limit_row {
    const char *name; /* "folder-depth" */
    int64_t value;    /* the default */
    const char *unit, *what;
} rs_limit_row;

/** The table; RS_LIMIT_COUNT rows, static. */
RS_API const rs_limit_row *rs_limit_table(void);

/** A limit as it stands in this context. */
RS_API int64_t rs_limit(const rs_context *ctx, rs_limit_name name);

/**
 * Sets a limit from "NAME=VALUE", before any file is opened.
 *
 * returns  RS_OK; RS_USAGE (no such limit, with the nearest name; no whole number above 0)
 */
RS_API RS_MUST_USE rs_status rs_limit_set(rs_context *ctx, const char *text);

#ifdef __cplusplus
}
#endif
#endif
