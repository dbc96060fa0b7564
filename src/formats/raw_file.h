/* What a reader finds in a header: the grid, and where the voxels lie and how they are kept. The rest of reading is the
   same for all formats. */
#ifndef FORMATS_RAW_FILE_H
#define FORMATS_RAW_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "restage/context.h"
#include "restage/formats.h"

/* X(NAME, C type, name) */
// clang-format off
#define RAW_TYPE_TABLE(X)                                                                                              \
    X(INT8,   int8_t,   "int8")   X(UINT8,  uint8_t,  "uint8")  X(INT16,   int16_t, "int16")                           \
    X(UINT16, uint16_t, "uint16") X(INT32,  int32_t,  "int32")  X(UINT32,  uint32_t, "uint32")                         \
    X(INT64,  int64_t,  "int64")  X(UINT64, uint64_t, "uint64") X(FLOAT32, float,    "float32")                        \
    X(FLOAT64, double,  "float64")
// clang-format on

typedef enum raw_type {
    RAW_UNKNOWN = 0,
#define RAW_TYPE_ENUM(NAME, type, name) RAW_##NAME,
    RAW_TYPE_TABLE(RAW_TYPE_ENUM)
#undef RAW_TYPE_ENUM
} raw_type;

typedef enum raw_packing {
    RAW_PLAIN = 0,
    RAW_GZIP, /* a gzip stream from `at` to the end of the file */
    RAW_ZLIB  /* a zlib stream, or gzip, as MetaIO takes both */
} raw_packing;

typedef struct raw_file {
    rs_format_head head; /* grid right-handed; head.type by raw_check */
    raw_type type;
    bool swapped;     /* bytes of a number stand the other way round */
    const char *path; /* of the file with the voxels */
    bool beside;      /* it is another than the header's: a link is not followed */
    uint64_t at;      /* where the voxels, or the stream that holds them, begin in it */
    uint64_t skip;    /* bytes of the inflated stream before the voxels */
    bool at_end;      /* the voxels are the last bytes of the file, whatever `at` says */
    raw_packing packing;
    bool interleaved; /* the fourth axis runs fastest */
    bool turned[3];   /* the file runs along this axis the other way than the head's grid */
} raw_file;

/* Reads the head of one format; fills all of raw_file but head.type. */
typedef rs_status (*raw_reader)(rs_context *ctx, const char *path, rs_arena *arena, raw_file *out);

/* The first bytes of a file, for a header. */
typedef struct raw_start {
    uint8_t *bytes; /* with a 0 behind them */
    size_t n;
} raw_start;

/** At most limit bytes from the beginning. RS_OK; RS_NO_INPUT (not there, no regular file); RS_IO; RS_NO_MEMORY. */
RS_MUST_USE rs_status raw_read_start(rs_context *ctx, rs_arena *arena, const char *path, size_t limit, raw_start *out);

/** Bytes of a number of this type. */
size_t raw_type_bytes(raw_type type);

/** Whole numbers? */
bool raw_type_is_whole(raw_type type);

/**
 * Is what the header says true? Sizes against the limits and against the file.
 *
 * returns  RS_OK; RS_NO_INPUT (no file beside the header); RS_DATA; RS_IO; RS_NO_MEMORY
 */
RS_MUST_USE rs_status raw_check(rs_context *ctx, rs_arena *arena, raw_file *file);

/* The voxels of one volume in a file, open for reading. */
typedef struct raw_source {
    const raw_file *file;
    int fd;         /* -1: unpacked */
    uint64_t at;    /* of the volume's first voxel: in the file, or in block */
    rs_block block; /* the inflated stream */
} raw_source;

/** Opens it, and inflates a packed one. As raw_check; end it with raw_close. */
RS_MUST_USE rs_status raw_open(rs_context *ctx, const raw_file *file, int32_t index, raw_source *out);
void raw_close(rs_context *ctx, raw_source *source);

/**
 * Bytes of slice k of the file as they stand: the voxels of a slice one behind the other, or, interleaved, those of all
 * volumes between them.
 *
 * room     raw_slice_bytes; used where the slice is not in memory already
 * threads  any number at once
 */
RS_MUST_USE rs_status raw_slice(rs_context *ctx, const raw_source *source, int32_t k, uint8_t *room,
                                const uint8_t **out);
size_t raw_slice_bytes(const raw_file *file);

#endif
