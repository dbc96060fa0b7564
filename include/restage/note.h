/* Facts that are no errors: a region only partly assessed, a fallback, files passed over. They are data: a station puts
   them into its product, the report prints them in `limitations`. */
#ifndef RESTAGE_NOTE_H
#define RESTAGE_NOTE_H

#include "restage/arena.h"
#include "restage/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rs_note {
    const char *code;     /* short and stable, for programs: "psf_from_table" */
    const char *sentence; /* for people, without a full stop */
    const char *region;   /* name of the region it speaks of, or NULL */
} rs_note;

typedef struct rs_notes {
    rs_note *items;
    int n, capacity;
} rs_notes;

/**
 * Appends a note whose texts are copied into the arena.
 *
 * format   the sentence, as printf, with a decimal point
 * returns  RS_OK; RS_NO_MEMORY
 */
RS_API RS_MUST_USE rs_status rs_notes_add(struct rs_context *ctx, rs_arena *arena, rs_notes *notes, const char *code,
                                          const char *region, const char *format, ...) RS_PRINTF(6, 7);

#ifdef __cplusplus
}
#endif
#endif
