/* What the archive shows, on an association of its own: the one that stores proposes nothing but storage. */
#include "room.h"

/* Who asked for it by --verify must not read "nothing wrong" where nothing was looked at. */
static rs_status not_answered(rs_context *ctx, const rs_dicom_answer *answer)
{
    const bool again = !answer->no_context && rs_pacs_status(answer->status, NULL) == RS_PACS_AGAIN;
    return rs_fail(ctx, again ? RS_AGAIN : RS_UNAVAILABLE,
                   "the archive does not answer queries at level IMAGE%s, so that what it shows is not verified",
                   again ? " now" : "");
}

rs_status rs_pacs_verify(rs_context *ctx, const rs_pacs_round *round, const bool *which)
{
    static const char *const classes[] = {RS_DICOM_FIND_CLASS};
    rs_dicom_net *net = NULL;
    bool any = !which;
    for (int i = 0; i < round->n && !any; i++)
        any = which[i];
    if (!any) return RS_OK;
    rs_status status = rs_pacs_call(ctx, round, classes, 1, &net);
    for (int i = 0; i < round->n && status == RS_OK; i++) {
        rs_pacs_object *object = &round->objects[i];
        rs_dicom_answer answer = {0};
        bool shown = false;
        if (which && !which[i]) continue;
        status = rs_dicom_net_find(ctx, net, &round->packed[i].name, &shown, &answer);
        if (status != RS_OK) break;
        if (answer.no_context || answer.status != 0) {
            if (!which) status = not_answered(ctx, &answer);
            break;
        }
        object->verified = true;
        object->shown = shown;
    }
    rs_dicom_net_close(net);
    return status;
}

/* "It is there already" holds only for an object that the archive shows (PS3.7 C.4.2: 0111). */
rs_status rs_pacs_duplicates(rs_context *ctx, rs_arena *arena, const rs_pacs_round *round)
{
    bool *which = RS_ARENA_NEW(arena, bool, round->n);
    if (!which) return rs_fail_memory(ctx, "the objects of the packet");
    for (int i = 0; i < round->n; i++)
        which[i] = round->objects[i].outcome == RS_PACS_DUPLICATE && !round->objects[i].verified;
    RS_TRY(rs_pacs_verify(ctx, round, which));
    for (int i = 0; i < round->n; i++) {
        rs_pacs_object *object = &round->objects[i];
        if (object->outcome != RS_PACS_DUPLICATE) continue;
        if (object->verified && object->shown)
            RS_TRY(rs_pacs_note_sent(ctx, round->done_path, round->peer, object, round->withdrawn));
        else
            object->outcome = RS_PACS_FINAL;
    }
    return RS_OK;
}
