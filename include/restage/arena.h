/* Memory. Arenas (bump, 64-byte aligned, freed whole) hold products and scratch; blocks of the pool hold volumes and
   masks and are reused between stations to spare page faults. No other file of the house allocates. */
#ifndef RESTAGE_ARENA_H
#define RESTAGE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "restage/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rs_context;
typedef struct rs_arena rs_arena;

typedef struct rs_arena_mark {
    void *block;
    size_t used;
} rs_arena_mark;

/** An arena; NULL when out of memory. End it with rs_arena_free. */
RS_API rs_arena *rs_arena_new(void);

/** Ends an arena and everything in it; accepts NULL. */
RS_API void rs_arena_free(rs_arena *arena);

/**
 * count * size bytes, zeroed, 64-byte aligned; NULL when out of memory or when the product overflows. A count of 0
 * gives a valid pointer.
 */
RS_API void *rs_arena_alloc(rs_arena *arena, size_t count, size_t size);

/** The same without zeroing: for scratch that is written before it is read. */
RS_API void *rs_arena_alloc_raw(rs_arena *arena, size_t count, size_t size);

/** Copy of a text; NULL when out of memory or for NULL. */
RS_API char *rs_arena_text(rs_arena *arena, const char *text);

/** Printed text (decimal point in any locale); NULL when out of memory. */
RS_API char *rs_arena_printf(rs_arena *arena, const char *format, ...) RS_PRINTF(2, 3);

/** Copy of count * size bytes; NULL when out of memory. */
RS_API void *rs_arena_copy(rs_arena *arena, const void *data, size_t count, size_t size);

/**
 * Room for one more item in a growing array that lives in an arena: doubles the capacity when full (the old array stays
 * in the arena).
 *
 * items     in and out; NULL at the start
 * n         items in use; capacity in and out
 * returns   pointer to items[n], zeroed; NULL when out of memory. The caller counts n up.
 */
RS_API void *rs_arena_push(rs_arena *arena, void **items, int n, int *capacity, size_t size);

/** Where an arena stands, and back to it: what was allocated since is gone, its blocks are kept. */
RS_API rs_arena_mark rs_arena_where(const rs_arena *arena);
RS_API void rs_arena_rewind(rs_arena *arena, rs_arena_mark mark);

/* count items of a type, zeroed, or NULL */
#define RS_ARENA_NEW(arena, type, count) ((type *)rs_arena_alloc((arena), (size_t)(count), sizeof(type)))
#define RS_ARENA_RAW(arena, type, count) ((type *)rs_arena_alloc_raw((arena), (size_t)(count), sizeof(type)))

/**
 * The scratch arena of the calling worker (of the caller outside rs_parallel_for). Take a mark first and rewind to it
 * at the end: what is in it dies with the call. NULL when out of memory.
 */
RS_API rs_arena *rs_scratch(struct rs_context *ctx);

/** A block of the pool: bytes of zero-or-old content, page aligned, huge pages asked for. */
typedef struct rs_block {
    void *data;
    size_t bytes;    /* asked for */
    size_t reserved; /* mapped */
    bool sparse;     /* from rs_block_take_zero: not for reuse */
} rs_block;

/**
 * Takes a block from the context's pool or maps a new one. Its content is undefined.
 *
 * returns  RS_OK; RS_NO_MEMORY (what names it in the sentence: "the volume")
 */
RS_API RS_MUST_USE rs_status rs_block_take(struct rs_context *ctx, size_t bytes, const char *what, rs_block *out);

/**
 * Maps a new block of zeros whose small pages take memory only once something is written to them: for labels that are
 * 0 in most of the image. It is unmapped when it is given back.
 *
 * returns  as rs_block_take
 */
RS_API RS_MUST_USE rs_status rs_block_take_zero(struct rs_context *ctx, size_t bytes, const char *what, rs_block *out);

/** Gives a block back for reuse (a later rs_block_take may hand it out); accepts an empty one, and empties it. */
RS_API void rs_block_give(struct rs_context *ctx, rs_block *block);

/** Unmaps every block that was given back. */
RS_API void rs_block_trim(struct rs_context *ctx);

/* Heap memory for third-party libraries that want hooks (JSON): counted by RS_FAIL_ALLOC as all else. */
RS_API void *rs_heap_alloc(size_t bytes);
RS_API void rs_heap_free(void *memory);

#ifdef __cplusplus
}
#endif
#endif
