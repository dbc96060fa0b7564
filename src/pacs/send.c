/* Filing: what was not sent before, in its order, and what the archive says afterwards. */
#include "room.h"

#include <string.h>

static rs_status set_up(rs_context *ctx, rs_arena *arena, const rs_pacs_packet *packet, const rs_pacs_peer *peer,
                        rs_pacs_round *round)
{
    rs_json *done = NULL;
    round->objects = RS_ARENA_NEW(arena, rs_pacs_object, packet->n_objects);
    if (!round->objects) return rs_fail_memory(ctx, "the objects of the packet");
    round->packed = packet->objects;
    round->n = packet->n_objects;
    round->done_path = packet->done_path;
    round->result->objects = round->objects;
    round->result->n_objects = round->n;
    RS_TRY(rs_pacs_done_read(ctx, packet->done_path, &done));
    const bool withdrawn = rs_pacs_was_withdrawn(done, peer, packet);
    for (int i = 0; i < round->n; i++) {
        const rs_packed *p = &packet->objects[i];
        const bool sent = rs_pacs_was_sent(done, peer, p->file, p->name.sop_instance_uid);
        round->objects[i] = (rs_pacs_object){
            .file = p->file,
            .sop_class_uid = p->name.sop_class_uid,
            .sop_instance_uid = p->name.sop_instance_uid,
            .outcome = sent ? RS_PACS_ALREADY : RS_PACS_PENDING,
            .status = -1,
        };
    }
    rs_json_free(done);
    /* An archive that acts on rejection notes refuses their objects from then on. */
    return withdrawn ? rs_fail(ctx, RS_DATA,
                               "this packet was withdrawn from that archive: run restage with another parameter or a "
                               "--review, which gives other UIDs, and send that packet")
                     : RS_OK;
}

static rs_status check_safe(rs_context *ctx, const rs_pacs_round *round)
{
    for (int i = 0; i < round->n; i++)
        if (round->objects[i].asked && !round->objects[i].safe)
            return rs_fail(ctx, RS_UNAVAILABLE, "the archive does not answer for %s (storage commitment failed)",
                           round->objects[i].file);
    return RS_OK;
}

/* A try that ended early says why; here is added what stands. */
static rs_status add_counts(rs_context *ctx, rs_arena *arena, const rs_pacs_round *round, rs_status status)
{
    int there = 0;
    if (status != RS_AGAIN && status != RS_UNAVAILABLE && status != RS_CANCELLED) return status;
    for (int i = 0; i < round->n; i++)
        there += rs_pacs_is_there(round->objects[i].outcome);
    const char *why = status == RS_CANCELLED ? "interrupted" : rs_arena_text(arena, rs_context_message(ctx));
    if (!why) return rs_fail_memory(ctx, "the sentence of a failure");
    return rs_fail(ctx, status, "%s; %d of %d objects are in the archive%s", why, there, round->n,
                   there < round->n ? ", and restage send sends the rest" : "");
}

static rs_status check_shown(rs_context *ctx, rs_arena *arena, const rs_pacs_round *round)
{
    const rs_status status = rs_pacs_verify(ctx, round, NULL);
    if (status != RS_OK) return add_counts(ctx, arena, round, status);
    for (int i = 0; i < round->n; i++) {
        const rs_pacs_object *object = &round->objects[i];
        if (object->verified && !object->shown && rs_pacs_is_there(object->outcome))
            return rs_fail(ctx, RS_AGAIN,
                           "the archive took %s and does not show it: it may need time; restage send --verify asks "
                           "again",
                           object->file);
    }
    return RS_OK;
}

static rs_status send_open(rs_context *ctx, rs_arena *arena, const rs_pacs_round *round)
{
    rs_status status = rs_pacs_store_all(ctx, arena, round);
    if (status == RS_OK || (status == RS_AGAIN && round->result->n_associations > 0)) {
        rs_status settled = rs_pacs_duplicates(ctx, arena, round);
        if (settled != RS_OK) return settled;
    }
    if (status != RS_OK) return add_counts(ctx, arena, round, status);
    RS_TRY(rs_pacs_tell(ctx, round));
    if (round->options->verify) RS_TRY(check_shown(ctx, arena, round));
    return check_safe(ctx, round);
}

rs_status rs_pacs_send(rs_context *ctx, rs_arena *arena, const char *packet, const rs_pacs_peer *peer,
                       const rs_pacs_options *options, rs_pacs_result *result)
{
    rs_pacs_options settled;
    rs_pacs_packet opened;
    rs_pacs_result own = {0};
    char address[16];
    RS_TRY(rs_pacs_settle(ctx, options, &settled));
    rs_context_stand(ctx, "send", -1);
    RS_TRY(rs_pacs_packet_open(ctx, arena, packet, &opened));
    rs_pacs_round round = {.peer = peer, .address = address, .options = &settled, .result = &own};
    rs_status status = rs_pacs_allowed(ctx, &opened, peer, &settled, address);
    if (status == RS_OK) status = set_up(ctx, arena, &opened, peer, &round);
    if (status == RS_OK) status = send_open(ctx, arena, &round);
    rs_pacs_packet_close(&opened);
    if (result) *result = own;
    return status;
}
