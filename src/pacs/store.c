/* Tries and pauses: what is pending goes on one association, one object after the other; what was refused for now is
   tried again on a new one. */
#include "room.h"

#include <string.h>
#include <time.h>

enum { CLASSES_MAX = 8, COMMIT_WAIT_S = 10, SLICE_MS = 100 };

static double now_s(void)
{
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* A pause that Ctrl-C ends. */
static rs_status pause_for(rs_context *ctx, double seconds)
{
    for (double end_s = now_s() + seconds; now_s() < end_s;) {
        RS_TRY(rs_context_check_cancel(ctx));
        double left_s = end_s - now_s(), most_s = SLICE_MS * 1e-3;
        struct timespec t = {.tv_nsec = (long)(1e9 * (left_s < most_s ? left_s : most_s))};
        if (t.tv_nsec > 0) (void)nanosleep(&t, NULL);
    }
    return rs_context_check_cancel(ctx);
}

static bool is_open(rs_pacs_outcome outcome)
{
    return outcome == RS_PACS_PENDING || outcome == RS_PACS_AGAIN;
}

/* Classes of what is still to do, each once. */
static int classes_of(const rs_pacs_round *round, const char *out[CLASSES_MAX])
{
    int n = 0;
    for (int i = 0; i < round->n; i++) {
        bool listed = !is_open(round->objects[i].outcome);
        for (int c = 0; c < n && !listed; c++)
            listed = strcmp(out[c], round->objects[i].sop_class_uid) == 0;
        if (!listed && n < CLASSES_MAX - 1) out[n++] = round->objects[i].sop_class_uid;
    }
    return n;
}

rs_status rs_pacs_call(rs_context *ctx, const rs_pacs_round *round, const char *const *classes, int n,
                       rs_dicom_net **out)
{
    const rs_dicom_net_call to = {
        .calling_ae = round->options->calling_ae,
        .called_ae = round->peer->ae_title,
        .address = round->address,
        .port = round->peer->port,
        .sop_classes = classes,
        .n_sop_classes = n,
        .timeout_s = round->options->timeout_s,
    };
    return rs_dicom_net_open(ctx, &to, out);
}

/* The object that it refers to is in the packet, and not in the archive. */
static bool is_held(const rs_pacs_round *round, int i)
{
    for (int k = 0; k < i && round->packed[i].refers; k++)
        if (strcmp(round->packed[k].file, round->packed[i].refers) == 0)
            return !rs_pacs_is_there(round->objects[k].outcome);
    return false;
}

static rs_status take_answer(rs_context *ctx, rs_arena *arena, const rs_pacs_round *round,
                             const rs_dicom_answer *answer, rs_pacs_object *object)
{
    if (answer->no_context) {
        object->outcome = RS_PACS_NOT_TAKEN;
        return RS_OK;
    }
    object->status = answer->status;
    object->outcome = rs_pacs_status(answer->status, &object->meaning);
    object->comment = answer->comment[0] ? rs_arena_text(arena, answer->comment) : NULL;
    rs_log(ctx, RS_LOG_INFO, "%s: %04X, %s", object->file, (unsigned)answer->status,
           rs_pacs_outcome_name(object->outcome));
    if (object->outcome != RS_PACS_STORED && object->outcome != RS_PACS_WARNED) return RS_OK;
    round->result->n_sent++;
    return rs_pacs_note_sent(ctx, round->done_path, round->peer, object, round->withdrawn);
}

/* What is open, in its order, until something is refused for now. */
static rs_status store_open(rs_context *ctx, rs_arena *arena, const rs_pacs_round *round, rs_dicom_net *net)
{
    for (int i = 0; i < round->n; i++) {
        rs_pacs_object *object = &round->objects[i];
        const rs_packed *packed = &round->packed[i];
        rs_dicom_answer answer = {0};
        if (!is_open(object->outcome)) continue;
        if (is_held(round, i)) {
            object->outcome = RS_PACS_HELD;
            continue;
        }
        object->outcome = RS_PACS_AGAIN; /* until there is an answer */
        RS_TRY(rs_dicom_net_store(ctx, net, packed->dicom, packed->name.sop_class_uid, packed->name.sop_instance_uid,
                                  &answer));
        RS_TRY(take_answer(ctx, arena, round, &answer, object));
        rs_context_progress(ctx, "send", i + 1, round->n);
        if (object->outcome == RS_PACS_AGAIN)
            return rs_fail(ctx, RS_AGAIN, "the archive refused %s for now (%04X, %s)", object->file,
                           (unsigned)object->status, object->meaning);
    }
    return RS_OK;
}

/* Storage commitment for all that the archive took, on the association that stored it. */
static rs_status ask_commitment(rs_context *ctx, rs_arena *arena, const rs_pacs_round *round, rs_dicom_net *net)
{
    rs_dicom_name *names = RS_ARENA_NEW(arena, rs_dicom_name, round->n);
    bool *safe = RS_ARENA_NEW(arena, bool, round->n), reported = false;
    rs_dicom_answer answer = {0};
    const char *transaction = NULL, *text = rs_arena_printf(arena, "commit %p %.9f", (void *)round, now_s());
    if (!names || !safe || !text) return rs_fail_memory(ctx, "storage commitment");
    RS_TRY(rs_pacs_uid(ctx, arena, text, &transaction));
    int n = 0;
    for (int i = 0; i < round->n; i++)
        if (rs_pacs_is_there(round->objects[i].outcome)) names[n++] = round->packed[i].name;
    if (n == 0) return RS_OK;
    rs_status status = rs_dicom_net_commit(ctx, net, transaction, names, n, COMMIT_WAIT_S, safe, &reported, &answer);
    if (status != RS_OK && status != RS_AGAIN) return status;
    for (int i = 0, k = 0; i < round->n; i++) {
        if (!rs_pacs_is_there(round->objects[i].outcome)) continue;
        round->objects[i].asked = reported;
        round->objects[i].safe = reported && safe[k];
        k++;
    }
    if (answer.no_context)
        round->result->commit_note = "storage was not confirmed: the archive does not offer storage commitment";
    else if (!reported)
        round->result->commit_note = "storage was not confirmed on this association; the archive may do so on another";
    return RS_OK;
}

static rs_status one_try(rs_context *ctx, rs_arena *arena, const rs_pacs_round *round)
{
    const char *classes[CLASSES_MAX];
    rs_dicom_net *net = NULL;
    int n = classes_of(round, classes);
    if (n == 0) return RS_OK;
    if (round->options->commit) classes[n++] = RS_DICOM_COMMIT_CLASS;
    double begin_s = now_s();
    round->result->n_associations++;
    rs_status status = rs_pacs_call(ctx, round, classes, n, &net);
    if (status == RS_OK) status = store_open(ctx, arena, round, net);
    round->result->seconds += now_s() - begin_s;
    if (status == RS_OK && round->options->commit) status = ask_commitment(ctx, arena, round, net);
    rs_dicom_net_close(net);
    return status;
}

rs_status rs_pacs_store_all(rs_context *ctx, rs_arena *arena, const rs_pacs_round *round)
{
    RS_TRY(rs_pacs_done_check(ctx, round->done_path));
    rs_status status = one_try(ctx, arena, round);
    for (int w = 0; w < round->options->n_waits && status == RS_AGAIN; w++) {
        rs_log(ctx, RS_LOG_INFO, "try %d failed; the next in %.1f s", w + 1, round->options->waits_s[w]);
        RS_TRY(pause_for(ctx, round->options->waits_s[w]));
        status = one_try(ctx, arena, round);
    }
    return status;
}
