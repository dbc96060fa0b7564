/* A worker: takes files' bytes from memory that it shares with the program, gives pixels back the same way. */
#define _GNU_SOURCE
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "layers.h"
#include "restage/limits.h"
#include "restage/text.h"
#include "template.h"

typedef struct worker {
    rs_context *ctx;
    worker_decoder decoder;
    rs_arena *arena; /* of the open file */
    layers layers;
    int socket, memory;
    uint8_t *map;
    size_t mapped;
    rs_dicom_file *file;
    uint64_t file_serial;
} worker;

static void tell(const worker *w, const wire_notice *notice)
{
    if (write(w->socket, notice, sizeof(*notice)) != (ssize_t)sizeof(*notice)) _exit(1);
}

static void close_file(worker *w)
{
    rs_dicom_file_close(w->file);
    w->file = NULL;
    w->file_serial = 0;
    rs_arena_rewind(w->arena, (rs_arena_mark){0});
}

/* The memory may have grown since the last request; what points into the old map goes. */
static bool map_memory(worker *w, size_t span)
{
    if (w->map && w->mapped >= span) return true;
    close_file(w);
    if (w->map) munmap(w->map, w->mapped);
    void *map = mmap(NULL, span, PROT_READ | PROT_WRITE, MAP_SHARED, w->memory, 0);
    w->map = map == MAP_FAILED ? NULL : map;
    w->mapped = w->map ? span : 0;
    return w->map != NULL;
}

static rs_status decode(worker *w, const wire_request *r, wire_notice *out)
{
    rs_dicom_pixels pixels;
    if (!map_memory(w, (size_t)r->span)) return rs_fail_memory(w->ctx, "a file");
    if (!w->file || w->file_serial != r->file) {
        close_file(w);
        RS_TRY(rs_dicom_file_open(w->ctx, w->arena, w->map, (size_t)r->n_bytes, &w->file));
        w->file_serial = r->file;
    }
    RS_TRY(w->decoder(w->ctx, w->file, r->first, r->n_frames, &pixels));
    const uint64_t need = (uint64_t)pixels.n * (uint64_t)pixels.bytes;
    RS_CHECK(w->ctx, r->out_at <= r->span && need <= r->span - r->out_at);
    memcpy(w->map + r->out_at, pixels.data, (size_t)need);
    out->n = pixels.n;
    out->bytes = pixels.bytes;
    out->number = (int32_t)pixels.number;
    out->bits_stored = pixels.bits_stored;
    out->big_endian = pixels.big_endian;
    out->is_signed = pixels.is_signed;
    return RS_OK;
}

static void serve(worker *w, const wire_request *r)
{
    wire_notice notice = {.kind = WIRE_PIXELS, .serial = r->serial};
    layers_arm(&w->layers, r->memory, r->seconds);
    notice.status = decode(w, r, &notice);
    layers_disarm();
    if (notice.status != RS_OK) {
        rs_text_format(notice.sentence, sizeof(notice.sentence), "%s", rs_context_message(w->ctx));
        close_file(w);
    }
    tell(w, &notice);
}

/* The limits that the program was given. */
static bool copy_limits(rs_context *to, const rs_context *from)
{
    const rs_limit_row *rows = rs_limit_table();
    for (int i = 0; i < RS_LIMIT_COUNT; i++) {
        char text[96];
        rs_text_format(text, sizeof(text), "%s=%lld", rows[i].name, (long long)rs_limit(from, (rs_limit_name)i));
        if (rs_limit_set(to, text) != RS_OK) return false;
    }
    return true;
}

/* Pictures of the same size come one after the other: what one leaves is kept for the next, as page faults cost more
   than decoding. */
static void keep_memory(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
    mallopt(M_TOP_PAD, 4 << 20);
#endif
}

_Noreturn void worker_run(const template_job *job, const template_slot *slot, pid_t template_pid)
{
    const rs_context_options one = {.threads = 1};
    worker w = {.decoder = job->decoder, .socket = slot->socket, .memory = slot->memory};
    /* The template's end is the worker's. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != template_pid) _exit(1);
    signal(SIGCHLD, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    int keep[] = {slot->socket, slot->memory};
    template_close_others(keep, 2);
    keep_memory();
    w.arena = rs_arena_new();
    if (!w.arena || rs_context_new(&one, &w.ctx) != RS_OK || !copy_limits(w.ctx, job->ctx)) _exit(1);
    wire_notice hello = {.kind = WIRE_HELLO, .serial = slot->serial, .pid = getpid()};
    layers_enter(&w.layers);
    hello.limits = w.layers.limits;
    hello.landlock = w.layers.landlock;
    hello.seccomp = w.layers.seccomp;
    memcpy(hello.sentence, w.layers.missing, sizeof(w.layers.missing));
    tell(&w, &hello);
    for (;;) {
        wire_request request;
        const ssize_t n = read(w.socket, &request, sizeof(request));
        if (n != (ssize_t)sizeof(request)) _exit(0); /* the program is gone */
        serve(&w, &request);
    }
}
