/* Reads what a person wrote as JSON, key by key. The first thing that is wrong is remembered with its path; what is
   read after it is nothing, so that a reader asks once, at its end. */
#ifndef PIPELINE_TOLD_H
#define PIPELINE_TOLD_H

#include "restage/arena.h"
#include "restage/context.h"
#include "restage/json.h"

typedef struct rs_told {
    rs_context *ctx;
    rs_arena *arena;
    const char *file; /* "the file of --context" */
    rs_status status;
    const char *text; /* the whole file */
    rs_json *root;
    char sha256[65];
} rs_told;

/* A value and where it stands: "treatments[1].date". value NULL: not given. */
typedef struct rs_told_at {
    rs_told *told;
    const rs_json *value;
    const char *path;
} rs_told_at;

/**
 * Reads and parses a whole file.
 *
 * returns  RS_OK; RS_NO_INPUT (not there); RS_DATA (no JSON, no object); RS_IO; RS_NO_MEMORY; each naming file
 * out      end it with rs_told_close
 */
RS_MUST_USE rs_status rs_told_open(rs_context *ctx, rs_arena *arena, const char *file, const char *path, size_t limit,
                                   rs_told *out);
void rs_told_close(rs_told *told);

/** The root; a member of an object; an entry of an array. */
rs_told_at rs_told_root(rs_told *told);
rs_told_at rs_told_member(rs_told_at object, const char *key);
rs_told_at rs_told_entry(rs_told_at array, int index);

/** Refuses a value that is no object, and keys that are not of the list. */
void rs_told_keys(rs_told_at object, const char *const *keys, int n);

/** Entries of an array of at most most; 0 where it is not given. */
int rs_told_size(rs_told_at array, int most);

/** A text of 1 to 1000 bytes without control characters; NULL: not given. */
const char *rs_told_text(rs_told_at value);

/** One of the words. */
const char *rs_told_word(rs_told_at value, const char *const *words, int n);

/** "2024", "2024-03" or "2024-03-31", a day that there is. */
const char *rs_told_date(rs_told_at value);

/** 1, 0; -1: not given. */
int rs_told_truth(rs_told_at value);

/** A whole number of 0 to most; -1: not given. */
int32_t rs_told_whole(rs_told_at value, int32_t most);

/** Three numbers within 10 m of the origin; false: not given. */
bool rs_told_position(rs_told_at value, double out[3]);

/** Remembers a failure of the caller's: "FILE: PATH SENTENCE". */
void rs_told_refuse(rs_told_at at, const char *sentence);

#endif
