/* The packet that --force replaces: what was sent of it, and withdrawn, stands in its done.json and nowhere else, so
   the new one goes on with it. */
#include "restage/files.h"
#include "stations.h"

enum { MOST_BYTES = 1 << 20 };

static rs_status read_done(rs_context *ctx, const rs_line *line, rs_arena *scratch, rs_json **out)
{
    uint8_t *text = NULL;
    size_t bytes = 0;
    const char *path = rs_arena_printf(scratch, "%s/done.json", line->out);
    if (!path) return rs_fail_memory(ctx, "the packet that is replaced");
    rs_status status = rs_file_read(ctx, scratch, path, MOST_BYTES, false, &text, &bytes);
    if (status == RS_NO_INPUT) return RS_OK; /* no packet: an empty folder, or nothing at all */
    if (status == RS_OK) status = rs_json_parse(ctx, (const char *)text, bytes, out);
    if (status == RS_OK || status == RS_NO_MEMORY || status == RS_CANCELLED) return status;
    const char *why = rs_arena_text(scratch, rs_context_message(ctx));
    return rs_fail(
        ctx, RS_CANT_CREATE,
        "what was sent of the packet that --force would replace cannot be read in its done.json (%s): remove "
        "the folder, or name another",
        why ? why : "");
}

rs_status rs_replaced_read(rs_context *ctx, const rs_line *line, rs_json **out)
{
    rs_arena *scratch = rs_scratch(ctx);
    *out = NULL;
    if (!line->options->force) return RS_OK;
    if (!scratch) return rs_fail_memory(ctx, "the packet that is replaced");
    const rs_arena_mark mark = rs_arena_where(scratch);
    const rs_status status = read_done(ctx, line, scratch, out);
    rs_arena_rewind(scratch, mark);
    return status;
}
