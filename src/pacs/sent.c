/* sent[] of done.json: one row an object that an archive took, with status and time. The file is replaced in one step,
   so that it is whole whatever happens. */
#include "room.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "restage/files.h"
#include "restage/text.h"

enum { DONE_MAX = 1 << 20 };

rs_status rs_pacs_done_read(rs_context *ctx, const char *path, rs_json **out)
{
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "done.json");
    rs_arena_mark mark = rs_arena_where(scratch);
    uint8_t *text = NULL;
    size_t bytes = 0;
    rs_status status = rs_file_read(ctx, scratch, path, DONE_MAX, false, &text, &bytes);
    if (status == RS_OK) status = rs_json_parse(ctx, (const char *)text, bytes, out);
    rs_arena_rewind(scratch, mark);
    if (status == RS_NO_INPUT)
        return rs_fail(ctx, RS_NO_INPUT, "there is no %s, so it is no packet of restage: give the OUT of a run", path);
    return status;
}

rs_status rs_pacs_done_check(rs_context *ctx, const char *path)
{
    char folder[4096];
    const char *slash = strrchr(path, '/');
    (void)rs_text_format(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
    if (access(folder, W_OK | X_OK) == 0) return RS_OK;
    return rs_fail(
        ctx, RS_IO,
        "what is stored is noted in done.json, which cannot be replaced in %s (%s): nothing was sent; make the "
        "folder writable, or copy it",
        folder, strerror(errno));
}

static bool same(const rs_json *row, const char *key, const char *text)
{
    const char *value = rs_json_text(rs_json_get(row, key));
    return value && strcmp(value, text) == 0;
}

static void peer_text(const rs_pacs_peer *peer, char out[300])
{
    (void)rs_text_format(out, 300, "%s@%s:%d", peer->ae_title, peer->host, peer->port);
}

bool rs_pacs_was_sent(const rs_json *done, const rs_pacs_peer *peer, const char *file, const char *uid)
{
    char to[300] = "";
    if (peer) peer_text(peer, to);
    for (const rs_json *row = rs_json_first(rs_json_get(done, "sent")); row; row = rs_json_next(row))
        if ((!peer || same(row, "peer", to)) && same(row, "file", file) && same(row, "sop_instance_uid", uid))
            return true;
    return false;
}

static bool is_object_of(const rs_pacs_packet *packet, const char *uid)
{
    for (int i = 0; i < packet->n_objects && uid; i++)
        if (strcmp(packet->objects[i].name.sop_instance_uid, uid) == 0) return true;
    return false;
}

bool rs_pacs_was_withdrawn(const rs_json *done, const rs_pacs_peer *peer, const rs_pacs_packet *packet)
{
    char to[300];
    peer_text(peer, to);
    for (const rs_json *row = rs_json_first(rs_json_get(done, "sent")); row; row = rs_json_next(row)) {
        if (!same(row, "peer", to) || !same(row, "file", RS_PACS_NOTE)) continue;
        for (const rs_json *uid = rs_json_first(rs_json_get(row, "withdraws")); uid; uid = rs_json_next(uid))
            if (is_object_of(packet, rs_json_text(uid))) return true;
    }
    return false;
}

static void now_text(char out[32])
{
    time_t now = time(NULL);
    struct tm parts;
    if (!gmtime_r(&now, &parts) || strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) out[0] = 0;
}

static rs_json *row_of(const rs_pacs_peer *peer, const rs_pacs_object *object, const rs_pacs_packet *withdrawn)
{
    char to[300], when[32], status[8];
    peer_text(peer, to);
    now_text(when);
    (void)rs_text_format(status, sizeof status, "%04X", (unsigned)object->status & 0xffffu);
    rs_json *row = rs_json_object();
    rs_json_set_text(row, "file", object->file);
    rs_json_set_text(row, "sop_instance_uid", object->sop_instance_uid);
    rs_json_set_text(row, "peer", to);
    rs_json_set_text(row, "outcome", rs_pacs_outcome_name(object->outcome));
    rs_json_set_text(row, "status", status);
    rs_json_set_text(row, "time", when);
    rs_json *uids = withdrawn ? rs_json_array() : NULL;
    for (int i = 0; withdrawn && i < withdrawn->n_objects; i++)
        rs_json_add_text(uids, withdrawn->objects[i].name.sop_instance_uid);
    if (withdrawn) rs_json_set(row, "withdraws", uids);
    return row;
}

rs_status rs_pacs_note_sent(rs_context *ctx, const char *done_path, const rs_pacs_peer *peer,
                            const rs_pacs_object *object, const rs_pacs_packet *withdrawn)
{
    rs_json *done = NULL;
    char *text = NULL;
    size_t bytes = 0;
    RS_TRY(rs_pacs_done_read(ctx, done_path, &done));
    rs_json *sent = rs_json_member(done, "sent");
    if (!sent) {
        rs_json_free(done);
        return rs_fail(ctx, RS_DATA, "done.json has no list sent: it was changed");
    }
    rs_json_add(sent, row_of(peer, object, withdrawn));
    rs_status status = rs_json_print(ctx, done, &text, &bytes);
    rs_json_free(done);
    RS_TRY(status);
    const void *part = text;
    status = rs_file_write(ctx, done_path, true, &part, &bytes, 1);
    rs_json_text_free(text);
    if (status == RS_OK) return RS_OK;
    char why[256];
    (void)rs_text_format(why, sizeof why, "%s", rs_context_message(ctx));
    return rs_fail(ctx, status == RS_CANT_CREATE ? RS_IO : status,
                   "%s was stored, and done.json cannot say so (%s); the next send will send it again", object->file,
                   why);
}
