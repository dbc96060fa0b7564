/* A file in memory, in pieces: what libtiff writes and reads back. Pixels that stay where they are are borrowed, not
   copied. */
#ifndef FORMATS_TIFF_SINK_H
#define FORMATS_TIFF_SINK_H

#include "tiff.h"

typedef struct sink_piece {
    size_t at, bytes, capacity;
    char *own; /* NULL: borrowed */
    const void *data;
} sink_piece;

typedef struct sink {
    rs_arena *arena;
    sink_piece *pieces; /* by rising at, without gaps */
    int n, capacity;
    size_t position, end;
    const void *borrow; /* a write of just these bytes takes the pointer */
    size_t borrow_bytes;
    bool failed; /* out of memory */
} sink;

/** Writes at the position, over what is there or behind the end. */
void sink_write(sink *to, const void *data, size_t bytes);

/** Reads from the position; returns how many bytes there were. */
size_t sink_read(sink *from, void *out, size_t bytes);

#endif
