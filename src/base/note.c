/* Notes: facts that travel as data. */
#include "restage/note.h"

#include <stdarg.h>

#include "restage/context.h"
#include "restage/text.h"

rs_status rs_notes_add(rs_context *ctx, rs_arena *arena, rs_notes *notes, const char *code, const char *region,
                       const char *format, ...)
{
    char sentence[1024];
    va_list arguments;
    va_start(arguments, format);
    rs_text_vformat(sentence, sizeof(sentence), format, arguments);
    va_end(arguments);
    rs_note note = {rs_arena_text(arena, code), rs_arena_text(arena, sentence), rs_arena_text(arena, region)};
    void *items = notes->items;
    rs_note *place = rs_arena_push(arena, &items, notes->n, &notes->capacity, sizeof(*place));
    if (!place || !note.code || !note.sentence || (region && !note.region)) return rs_fail_memory(ctx, "the notes");
    notes->items = items;
    *place = note;
    notes->n++;
    return RS_OK;
}
