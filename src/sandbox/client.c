/* Asks a worker for pixels and waits for them, for its end, or for its time to run out. */
#define _GNU_SOURCE
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "restage/limits.h"

enum {
    WAIT_MS = 50,
    WAIT_FACTOR = 30, /* a worker may wait for a core so many times its CPU time */
    HELLO_SECONDS = 60,
    END_SECONDS = 30, /* from the order to stop a worker to the notice of its end */
    STRANGE = 1024    /* messages that nobody asked for, more than a socket holds: the worker is in a file's hands */
};
#define GRAIN ((size_t)4 << 20)       /* memory grows in steps of it */
#define KEPT_BYTES ((size_t)64 << 20) /* more is given back when its file is closed */

static double seconds_of(clockid_t clock)
{
    struct timespec t;
    return clock_gettime(clock, &t) ? 0 : (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double cpu_seconds(pid_t pid)
{
    clockid_t clock;
    return pid > 0 && clock_getcpuclockid(pid, &clock) == 0 ? seconds_of(clock) : 0;
}

static rs_status gone(rs_context *ctx)
{
    return rs_fail(ctx, RS_AGAIN, "the process that starts decoders has ended: try again, or with --sandbox=off");
}

static rs_status order(rs_context *ctx, const sandbox *s, const client_slot *slot, wire_order what)
{
    const wire_command command = {.serial = slot->born, .order = (int32_t)what, .slot = (int32_t)(slot - s->slot)};
    if (send(s->control, &command, sizeof(command), MSG_NOSIGNAL) == (ssize_t)sizeof(command)) return RS_OK;
    return gone(ctx);
}

/* Waits for a message on the slot's socket for up to WAIT_MS; one of another size is none that is known. */
static rs_status wait_for(rs_context *ctx, const sandbox *s, const client_slot *slot, wire_notice *out, bool *got)
{
    struct pollfd wait[2] = {{.fd = slot->socket, .events = POLLIN}, {.fd = s->control}};
    *got = false;
    RS_TRY(rs_context_check_cancel(ctx));
    if (poll(wait, 2, WAIT_MS) < 0 && errno != EINTR) return gone(ctx);
    const ssize_t n = recv(slot->socket, out, sizeof(*out), MSG_DONTWAIT);
    *got = n >= 0;
    if (n <= 0 && (wait[1].revents & (POLLHUP | POLLERR))) return gone(ctx);
    if (n >= 0 && n != (ssize_t)sizeof(*out)) *out = (wire_notice){0};
    return RS_OK;
}

static bool is_of(const client_slot *slot, const wire_notice *notice, wire_kind kind)
{
    return notice->kind == (int32_t)kind && notice->serial == slot->born;
}

/* The worker has died, or is to be replaced whatever it does. */
static void give_up(client_slot *slot)
{
    slot->started = false;
    slot->file = 0;
    slot->restarted++;
}

/* An idle worker has nothing to tell: a message is the notice of its end, or a sign that it is in a file's hands. */
static void look_at_idle(client_slot *slot)
{
    wire_notice notice;
    if (slot->started && recv(slot->socket, &notice, sizeof(notice), MSG_DONTWAIT) >= 0) give_up(slot);
}

rs_status client_start(rs_context *ctx, sandbox *s, client_slot *slot)
{
    wire_notice notice;
    bool got;
    look_at_idle(slot);
    if (slot->started) return RS_OK;
    slot->file = 0;
    slot->used = false;
    slot->born = sandbox_serial(s);
    RS_TRY(order(ctx, s, slot, WIRE_START));
    const double until = seconds_of(CLOCK_MONOTONIC) + HELLO_SECONDS;
    do {
        RS_TRY(wait_for(ctx, s, slot, &notice, &got));
        if (got && is_of(slot, &notice, WIRE_HELLO)) {
            slot->started = true;
            slot->pid = notice.pid;
            if (s->started) return RS_OK; /* the first worker spoke for all */
            s->limits = notice.limits != 0;
            s->landlock = notice.landlock != 0;
            s->seccomp = notice.seccomp != 0;
            memcpy(s->missing, notice.sentence, sizeof(s->missing));
            s->missing[sizeof(s->missing) - 1] = 0;
            return RS_OK;
        }
    } while (!(got && is_of(slot, &notice, WIRE_DIED)) && seconds_of(CLOCK_MONOTONIC) < until);
    return rs_fail(ctx, RS_AGAIN, "no decoding process could be started: try again, or with --sandbox=off");
}

/* Memory of the slot for at least so many bytes. */
static rs_status reserve(rs_context *ctx, client_slot *slot, size_t bytes)
{
    if (slot->mapped >= bytes) return RS_OK;
    const size_t whole = (bytes + GRAIN - 1) / GRAIN * GRAIN;
    slot->file = 0;
    if (slot->map) munmap(slot->map, slot->mapped);
    slot->map = NULL;
    slot->mapped = 0;
    if (ftruncate(slot->memory, (off_t)whole)) return rs_fail_memory(ctx, "a decoder");
    void *map = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_SHARED, slot->memory, 0);
    if (map == MAP_FAILED) return rs_fail_memory(ctx, "a decoder");
    slot->map = map;
    slot->mapped = whole;
    return RS_OK;
}

static rs_status tell_end(rs_context *ctx, const wire_notice *notice, const wire_request *r)
{
    switch (notice->end) {
    case WIRE_END_CPU:
        return rs_fail(ctx, RS_DATA, "decoder stopped: CPU limit (%d s)", (int)r->seconds);
    case WIRE_END_CALL:
        return rs_fail(ctx, RS_DATA, "decoder stopped: it made a system call that decoding does not need");
    case WIRE_END_EXIT:
        return rs_fail(ctx, RS_DATA, "decoder stopped: it ended by itself");
    case WIRE_END_STRANGE:
        return rs_fail(ctx, RS_DATA, "decoder stopped: its answer makes no sense");
    default:
        return rs_fail(ctx, RS_DATA, "decoder stopped: crash (signal %d)", (int)notice->signal);
    }
}

/* The answer to a request, or the notice of the worker's end; a worker that takes too long is stopped, as is one that
   tells what nobody asked for. */
static rs_status answer(rs_context *ctx, sandbox *s, client_slot *slot, const wire_request *r, wire_notice *out)
{
    const double cpu = cpu_seconds(slot->pid) + r->seconds + 1;
    double until = seconds_of(CLOCK_MONOTONIC) + (double)r->seconds * WAIT_FACTOR;
    bool stopped = false;
    for (int strange = 0;;) {
        bool got;
        RS_TRY(wait_for(ctx, s, slot, out, &got));
        if (got && is_of(slot, out, WIRE_DIED)) {
            give_up(slot);
            if (strange > STRANGE) out->end = WIRE_END_STRANGE;
            return RS_OK;
        }
        if (got && out->kind == WIRE_PIXELS && out->serial == r->serial && !stopped) return RS_OK;
        if (got && !stopped) strange++;
        const bool over = seconds_of(CLOCK_MONOTONIC) > until;
        if (stopped && over)
            return rs_fail(ctx, RS_AGAIN, "a decoding process cannot be ended: try again, or with --sandbox=off");
        if (stopped || !(over || strange > STRANGE || cpu_seconds(slot->pid) > cpu)) continue;
        RS_TRY(order(ctx, s, slot, WIRE_STOP));
        stopped = true;
        until = seconds_of(CLOCK_MONOTONIC) + END_SECONDS;
    }
}

/* A worker's sentence, as far as it is plain text. */
static rs_status tell_failure(rs_context *ctx, const wire_request *r, wire_notice *notice)
{
    notice->sentence[sizeof(notice->sentence) - 1] = 0;
    for (char *c = notice->sentence; *c; c++)
        if (*c < ' ' || *c > '~') *c = '?';
    if (notice->status == RS_NO_MEMORY) {
        return rs_fail(ctx, RS_DATA, "decoder stopped: memory limit (%llu MiB)",
                       (unsigned long long)((r->memory - r->span) >> 20));
    }
    if (notice->status == RS_DEFECT) return rs_fail(ctx, RS_DEFECT, "%s", notice->sentence);
    return rs_fail(ctx, RS_DATA, "%s", notice->sentence);
}

/* Nothing that a worker says about the pixels is taken unchecked. */
static rs_status take(rs_context *ctx, const client_slot *slot, const client_task *task, const wire_request *r,
                      const wire_notice *notice, rs_arena *arena, rs_dicom_pixels *out)
{
    const bool whole = notice->number == RS_DICOM_WHOLE;
    const bool sane = notice->n == task->frame_values * task->n_frames && notice->bytes >= 1 &&
                      notice->bytes <= task->value_bytes &&
                      (notice->bytes == 1 || notice->bytes == 2 || notice->bytes == 4 || notice->bytes == 8) &&
                      notice->bits_stored >= 1 && notice->bits_stored <= 8 * notice->bytes &&
                      (whole || (notice->number == RS_DICOM_FLOAT && notice->bytes == 4) ||
                       (notice->number == RS_DICOM_DOUBLE && notice->bytes == 8));
    if (!sane) return rs_fail(ctx, RS_DATA, "decoder stopped: its answer makes no sense");
    uint8_t *data = rs_arena_copy(arena, slot->map + r->out_at, (size_t)notice->n, (size_t)notice->bytes);
    if (!data) return rs_fail_memory(ctx, "a decoded picture");
    *out = (rs_dicom_pixels){.data = data,
                             .n = notice->n,
                             .bytes = notice->bytes,
                             .number = (rs_dicom_number)notice->number,
                             .big_endian = notice->big_endian != 0,
                             .is_signed = notice->is_signed != 0,
                             .bits_stored = notice->bits_stored};
    return RS_OK;
}

static wire_request request_of(rs_context *ctx, sandbox *s, const client_task *task)
{
    const int64_t seconds = rs_limit(ctx, RS_LIMIT_DECODE_SECONDS);
    const uint64_t out = (uint64_t)task->frame_values * (uint64_t)task->n_frames * (uint64_t)task->value_bytes;
    wire_request r = {.serial = sandbox_serial(s), .file = task->file, .n_bytes = task->n_bytes};
    r.first = task->first;
    r.n_frames = task->n_frames;
    r.seconds = seconds < 100000 ? (int32_t)seconds : 100000;
    r.out_at = (task->n_bytes + 4095) / 4096 * 4096;
    r.span = (r.out_at + out + GRAIN - 1) / GRAIN * GRAIN;
    r.memory = r.span + (uint64_t)rs_limit(ctx, RS_LIMIT_DECODE_BYTES) + 3 * out;
    return r;
}

/* Has the slot's worker decode: out is its answer, or the notice of its end. */
static rs_status request(rs_context *ctx, sandbox *s, client_slot *slot, const client_task *task, const wire_request *r,
                         wire_notice *out)
{
    RS_TRY(reserve(ctx, slot, (size_t)r->span));
    if (slot->file != task->file) {
        memcpy(slot->map, task->bytes, task->n_bytes);
        slot->file = task->file;
    }
    if (send(slot->socket, r, sizeof(*r), MSG_NOSIGNAL) != (ssize_t)sizeof(*r)) return gone(ctx);
    const rs_status status = answer(ctx, s, slot, r, out);
    /* Nobody waits for it any more: it must not write into the memory of the next file. */
    if (status != RS_OK) slot->started = false;
    if (status == RS_OK && out->kind == WIRE_PIXELS) slot->used = true;
    return status;
}

/* What an earlier file did to a worker may end it only now (its heap, say): that is not this file's fault, so a worker
   that has answered before is replaced once. Time is this file's own. */
static bool earlier_fault(const wire_notice *notice)
{
    return notice->kind == WIRE_DIED && notice->end != WIRE_END_CPU && notice->end != WIRE_END_NO_PROCESS;
}

static rs_status decode(rs_context *ctx, sandbox *s, client_slot *slot, const client_task *task, rs_arena *arena,
                        rs_dicom_pixels *out)
{
    wire_request r = request_of(ctx, s, task);
    wire_notice notice;
    RS_TRY(client_start(ctx, s, slot));
    const bool used = slot->used;
    RS_TRY(request(ctx, s, slot, task, &r, &notice));
    if (used && earlier_fault(&notice)) {
        r = request_of(ctx, s, task);
        RS_TRY(client_start(ctx, s, slot));
        RS_TRY(request(ctx, s, slot, task, &r, &notice));
        /* A file that ends two counts once: the same number for any number of threads. */
        if (notice.kind == WIRE_DIED) slot->restarted--;
    }
    if (notice.kind == WIRE_DIED) return tell_end(ctx, &notice, &r);
    slot->decoded += task->first == 0;
    if (notice.status != RS_OK) return tell_failure(ctx, &r, &notice);
    return take(ctx, slot, task, &r, &notice, arena, out);
}

rs_status client_decode(rs_context *ctx, sandbox *s, int worker, const client_task *task, rs_arena *arena,
                        rs_dicom_pixels *out)
{
    client_slot *slot = &s->slot[worker % s->n_slots];
    pthread_mutex_lock(&slot->lock);
    const rs_status status = decode(ctx, s, slot, task, arena, out);
    pthread_mutex_unlock(&slot->lock);
    return status;
}

void client_release(sandbox *s, int worker, uint64_t file)
{
    client_slot *slot = &s->slot[worker % s->n_slots];
    pthread_mutex_lock(&slot->lock);
    if (slot->file == file && slot->mapped > KEPT_BYTES) {
        fallocate(slot->memory, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, (off_t)slot->mapped);
        slot->file = 0;
    }
    pthread_mutex_unlock(&slot->lock);
}
