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
    HELLO_SECONDS = 60
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
    const wire_command command = {.order = (int32_t)what, .slot = (int32_t)(slot - s->slot)};
    if (send(s->control, &command, sizeof(command), MSG_NOSIGNAL) == (ssize_t)sizeof(command)) return RS_OK;
    return gone(ctx);
}

/* Waits for a message on the slot's socket for up to WAIT_MS. */
static rs_status wait_for(rs_context *ctx, const sandbox *s, const client_slot *slot, wire_notice *out, bool *got)
{
    struct pollfd wait[2] = {{.fd = slot->socket, .events = POLLIN}, {.fd = s->control}};
    *got = false;
    RS_TRY(rs_context_check_cancel(ctx));
    if (poll(wait, 2, WAIT_MS) < 0 && errno != EINTR) return gone(ctx);
    const ssize_t n = recv(slot->socket, out, sizeof(*out), MSG_DONTWAIT);
    *got = n == (ssize_t)sizeof(*out);
    if (!*got && ((wait[1].revents & (POLLHUP | POLLERR)) || n == 0)) return gone(ctx);
    return RS_OK;
}

rs_status client_start(rs_context *ctx, sandbox *s, client_slot *slot)
{
    wire_notice notice;
    bool got;
    /* What an idle worker's end left behind. */
    while (recv(slot->socket, &notice, sizeof(notice), MSG_DONTWAIT) == (ssize_t)sizeof(notice)) {
        if (notice.kind != WIRE_DIED) continue;
        slot->started = false;
        slot->restarted++;
    }
    if (slot->started) return RS_OK;
    slot->file = 0;
    RS_TRY(order(ctx, s, slot, WIRE_START));
    const double until = seconds_of(CLOCK_MONOTONIC) + HELLO_SECONDS;
    do {
        RS_TRY(wait_for(ctx, s, slot, &notice, &got));
        if (got && notice.kind == WIRE_HELLO) {
            slot->started = true;
            slot->pid = notice.pid;
            if (s->started) return RS_OK; /* the first worker spoke for all */
            s->limits = notice.limits;
            s->landlock = notice.landlock;
            s->seccomp = notice.seccomp;
            memcpy(s->missing, notice.sentence, sizeof(s->missing));
            s->missing[sizeof(s->missing) - 1] = 0;
            return RS_OK;
        }
    } while (!(got && notice.kind == WIRE_DIED) && seconds_of(CLOCK_MONOTONIC) < until);
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
    default:
        return rs_fail(ctx, RS_DATA, "decoder stopped: crash (signal %d)", (int)notice->signal);
    }
}

/* The answer to a request; a worker that takes too long is stopped, and its end is the answer. */
static rs_status answer(rs_context *ctx, sandbox *s, client_slot *slot, const wire_request *r, wire_notice *out)
{
    const double cpu = cpu_seconds(slot->pid) + r->seconds + 1;
    const double until = seconds_of(CLOCK_MONOTONIC) + (double)r->seconds * WAIT_FACTOR;
    bool stopped = false;
    for (;;) {
        bool got;
        RS_TRY(wait_for(ctx, s, slot, out, &got));
        if (got && out->kind == WIRE_DIED) {
            slot->started = false;
            slot->file = 0;
            slot->restarted++;
            return tell_end(ctx, out, r);
        }
        if (got && out->kind == WIRE_PIXELS && out->serial == r->serial && !stopped) return RS_OK;
        const bool late = cpu_seconds(slot->pid) > cpu || seconds_of(CLOCK_MONOTONIC) > until;
        if (!late || stopped) continue;
        RS_TRY(order(ctx, s, slot, WIRE_STOP));
        stopped = true;
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
                             .big_endian = notice->big_endian,
                             .is_signed = notice->is_signed,
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

static rs_status decode(rs_context *ctx, sandbox *s, client_slot *slot, const client_task *task, rs_arena *arena,
                        rs_dicom_pixels *out)
{
    const wire_request r = request_of(ctx, s, task);
    wire_notice notice;
    RS_TRY(client_start(ctx, s, slot));
    RS_TRY(reserve(ctx, slot, (size_t)r.span));
    if (slot->file != task->file) {
        memcpy(slot->map, task->bytes, task->n_bytes);
        slot->file = task->file;
    }
    if (send(slot->socket, &r, sizeof(r), MSG_NOSIGNAL) != (ssize_t)sizeof(r)) return gone(ctx);
    RS_TRY(answer(ctx, s, slot, &r, &notice));
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
