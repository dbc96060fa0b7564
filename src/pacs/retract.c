/* Withdrawing: the note is made, written, sent, and the archive asked what it still shows. */
#include "room.h"

#include "restage/files.h"

typedef struct withdrawal {
    rs_pacs_packet packet;
    rs_packed note;
    const uint8_t *bytes;
    size_t n_bytes;
} withdrawal;

static rs_status make_note(rs_context *ctx, rs_arena *arena, withdrawal *w)
{
    uint8_t *bytes = NULL;
    RS_TRY(rs_pacs_rejection(ctx, arena, &w->packet, &bytes, &w->n_bytes, &w->note.name));
    w->bytes = bytes;
    w->note.file = RS_PACS_NOTE;
    return rs_dicom_file_open(ctx, arena, bytes, w->n_bytes, &w->note.dicom);
}

/* The archive took the note; the objects are listed behind it once it was asked for them. */
static rs_status check_gone(rs_context *ctx, rs_arena *arena, const withdrawal *w, const rs_pacs_round *note)
{
    const int n = w->packet.n_objects;
    rs_pacs_object *all = RS_ARENA_NEW(arena, rs_pacs_object, n + 1);
    if (!all) return rs_fail_memory(ctx, "the objects of the packet");
    all[0] = note->objects[0];
    for (int i = 0; i < n; i++)
        all[i + 1] = (rs_pacs_object){.file = w->packet.objects[i].file,
                                      .sop_class_uid = w->packet.objects[i].name.sop_class_uid,
                                      .sop_instance_uid = w->packet.objects[i].name.sop_instance_uid,
                                      .status = -1};
    rs_pacs_round round = *note;
    round.packed = w->packet.objects;
    round.objects = all + 1;
    round.n = n;
    note->result->objects = all;
    note->result->n_objects = n + 1;
    const rs_status status = rs_pacs_verify(ctx, &round, NULL);
    if (status == RS_UNAVAILABLE || status == RS_AGAIN) {
        const char *why = rs_arena_text(arena, rs_context_message(ctx));
        return rs_fail(ctx, status, "the note is in the archive, but whether it acted on it is open: %s",
                       why ? why : "");
    }
    RS_TRY(status);
    int shown = 0;
    for (int i = 0; i < n; i++)
        shown += round.objects[i].shown;
    if (shown == 0) return RS_OK;
    return rs_fail(ctx, RS_UNAVAILABLE,
                   "the archive does not act on rejection notes; ask its administrator (it took the note and still "
                   "shows %d of %d objects)",
                   shown, n);
}

/* The folder may have been copied, or sent by another program: the note goes out, and that is said. */
static rs_status look_for_sent(rs_context *ctx, const withdrawal *w, const rs_pacs_peer *peer, rs_pacs_result *result)
{
    rs_json *done = NULL;
    bool any = false;
    RS_TRY(rs_pacs_done_read(ctx, w->packet.done_path, &done));
    for (int i = 0; i < w->packet.n_objects; i++)
        any |= rs_pacs_was_sent(done, peer, w->packet.objects[i].file, w->packet.objects[i].name.sop_instance_uid);
    rs_json_free(done);
    if (any) return RS_OK;
    result->unsent_note = peer ? "done.json does not say that this packet was ever sent to that archive: the note "
                                 "withdraws what came there another way, if anything did"
                               : "done.json does not say that this packet was ever sent to an archive";
    return RS_OK;
}

static rs_status send_note(rs_context *ctx, rs_arena *arena, withdrawal *w, const rs_pacs_peer *peer,
                           const rs_pacs_options *options, rs_pacs_result *result)
{
    char address[16];
    rs_json *done = NULL;
    rs_pacs_options plain = *options;
    plain.commit = false;
    RS_TRY(rs_pacs_allowed(ctx, &w->packet, peer, options, address));
    rs_pacs_object *object = RS_ARENA_NEW(arena, rs_pacs_object, 1);
    if (!object) return rs_fail_memory(ctx, "the rejection note");
    RS_TRY(rs_pacs_done_read(ctx, w->packet.done_path, &done));
    const bool sent = rs_pacs_was_sent(done, peer, RS_PACS_NOTE, w->note.name.sop_instance_uid);
    rs_json_free(done);
    *object = (rs_pacs_object){.file = RS_PACS_NOTE,
                               .sop_class_uid = w->note.name.sop_class_uid,
                               .sop_instance_uid = w->note.name.sop_instance_uid,
                               .outcome = sent ? RS_PACS_ALREADY : RS_PACS_PENDING,
                               .status = -1};
    result->objects = object;
    result->n_objects = 1;
    const rs_pacs_round round = {
        .packed = &w->note,
        .objects = object,
        .n = 1,
        .peer = peer,
        .address = address,
        .done_path = w->packet.done_path,
        .withdrawn = &w->packet,
        .options = &plain,
        .result = result,
    };
    RS_TRY(rs_pacs_store_all(ctx, arena, &round));
    RS_TRY(rs_pacs_duplicates(ctx, arena, &round));
    RS_TRY(rs_pacs_tell(ctx, &round));
    return options->verify ? check_gone(ctx, arena, w, &round) : RS_OK;
}

static rs_status withdraw(rs_context *ctx, rs_arena *arena, withdrawal *w, const rs_pacs_peer *peer, const char *file,
                          const rs_pacs_options *options, rs_pacs_result *result)
{
    RS_TRY(make_note(ctx, arena, w));
    RS_TRY(look_for_sent(ctx, w, peer, result));
    if (file) {
        const void *part = w->bytes;
        RS_TRY(rs_file_write(ctx, file, true, &part, &w->n_bytes, 1));
    }
    return peer ? send_note(ctx, arena, w, peer, options, result) : RS_OK;
}

rs_status rs_pacs_retract(rs_context *ctx, rs_arena *arena, const char *packet, const rs_pacs_peer *peer,
                          const char *file, const rs_pacs_options *options, rs_pacs_result *result)
{
    rs_pacs_options settled;
    rs_pacs_result own = {0};
    withdrawal w = {0};
    RS_TRY(rs_pacs_settle(ctx, options, &settled));
    if (!peer && !file) return rs_fail(ctx, RS_USAGE, "a rejection note goes to a peer, or to a file");
    rs_context_stand(ctx, "retract", -1);
    RS_TRY(rs_pacs_packet_open(ctx, arena, packet, &w.packet));
    rs_status status = withdraw(ctx, arena, &w, peer, file, &settled, &own);
    if (w.note.dicom) rs_dicom_file_close(w.note.dicom);
    rs_pacs_packet_close(&w.packet);
    if (result) *result = own;
    return status;
}
