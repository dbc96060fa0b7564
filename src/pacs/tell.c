/* One sentence for what is not there, and what to do; the status of the whole. */
#include "room.h"

#include "restage/files.h"
#include "restage/text.h"

static void add_object(rs_buffer *text, const rs_pacs_object *object)
{
    rs_buffer_printf(text, "%s%s: %s", text->bytes ? "; " : "", object->file, rs_pacs_outcome_meaning(object->outcome));
    if (object->status >= 0 && object->meaning)
        rs_buffer_printf(text, " (%04X, %s)", (unsigned)object->status, object->meaning);
}

rs_status rs_pacs_tell(rs_context *ctx, const rs_pacs_round *round)
{
    rs_buffer text = {0};
    int missing = 0, open = 0, held = 0;
    for (int i = 0; i < round->n; i++) {
        const rs_pacs_object *object = &round->objects[i];
        if (rs_pacs_is_there(object->outcome)) continue;
        missing++;
        open += object->outcome == RS_PACS_AGAIN || object->outcome == RS_PACS_PENDING;
        held += object->outcome == RS_PACS_HELD;
        add_object(&text, object);
    }
    if (missing == 0) return RS_OK;
    rs_status status = text.failed ? rs_fail_memory(ctx, "the sentence of a failure")
                                   : rs_fail(ctx, open ? RS_AGAIN : RS_UNAVAILABLE,
                                             "%d of %d objects are not in the "
                                             "archive: %s%s",
                                             missing, round->n, text.data,
                                             held ? "; a packet made with --no-seg needs no segmentation" : "");
    rs_buffer_free(&text);
    return status;
}
