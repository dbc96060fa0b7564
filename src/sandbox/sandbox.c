/* Starts and ends the processes. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"

sandbox *sandbox_of(const rs_context *ctx)
{
    sandbox *s = rs_context_attached(ctx);
    return s && s->started && s->program == getpid() ? s : NULL;
}

uint64_t sandbox_serial(sandbox *s)
{
    pthread_mutex_lock(&s->lock);
    const uint64_t serial = ++s->serial;
    pthread_mutex_unlock(&s->lock);
    return serial;
}

static void close_if(int fd)
{
    if (fd >= 0) close(fd);
}

static void end_sandbox(void *thing)
{
    sandbox *s = thing;
    close_if(s->control);
    for (int i = 0; i < s->n_slots; i++) {
        client_slot *slot = &s->slot[i];
        close_if(slot->socket);
        close_if(slot->memory);
        if (slot->map) munmap(slot->map, slot->mapped);
        pthread_mutex_destroy(&slot->lock);
    }
    /* The template ends its workers first. */
    if (s->template_pid > 0 && s->program == getpid()) {
        while (waitpid(s->template_pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    pthread_mutex_destroy(&s->lock);
    rs_arena_free(s->arena);
}

static rs_status no_process(rs_context *ctx)
{
    return rs_fail(ctx, RS_AGAIN, "no process for decoding could be made (%s): try again, or with --sandbox=off",
                   strerror(errno));
}

/* The same thing under a number above 2: the template gives 0 to 2 another end, and a program may have been started
   with those closed. -1: it was -1, or there is no number left. */
static int above_streams(int fd)
{
    if (fd < 0 || fd > 2) return fd;
    const int above = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    close(fd);
    return above;
}

static rs_status make_pair(rs_context *ctx, int *mine, int *theirs)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) return no_process(ctx);
    *mine = above_streams(pair[0]);
    *theirs = above_streams(pair[1]);
    if (*mine >= 0 && *theirs >= 0) return RS_OK;
    close_if(*theirs);
    *theirs = -1;
    return no_process(ctx);
}

/* A pair of sockets and shared memory, which can grow but not be cut off under the program's hands. */
static rs_status make_slot(rs_context *ctx, client_slot *mine, template_slot *theirs)
{
    RS_TRY(make_pair(ctx, &mine->socket, &theirs->socket));
    mine->memory = theirs->memory = above_streams(memfd_create("restage-decode", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (mine->memory < 0) return no_process(ctx);
    if (fcntl(mine->memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_SEAL)) return no_process(ctx);
    return RS_OK;
}

static rs_status fork_template(rs_context *ctx, sandbox *s, template_job *job)
{
    RS_TRY(make_pair(ctx, &s->control, &job->control));
    const pid_t pid = fork();
    if (pid == 0) template_run(job);
    s->template_pid = pid;
    close(job->control);
    return pid < 0 ? no_process(ctx) : RS_OK;
}

static rs_status start(rs_context *ctx, sandbox *s, worker_decoder decoder)
{
    template_job job = {.ctx = ctx, .decoder = decoder, .n_slots = s->n_slots};
    rs_status status = RS_OK;
    for (int i = 0; i < s->n_slots; i++)
        job.slot[i] = (template_slot){.socket = -1, .memory = -1};
    for (int i = 0; i < s->n_slots && status == RS_OK; i++)
        status = make_slot(ctx, &s->slot[i], &job.slot[i]);
    if (status == RS_OK) status = rs_dicom_prepare(ctx);
    if (status == RS_OK) status = fork_template(ctx, s, &job);
    for (int i = 0; i < s->n_slots; i++)
        close_if(job.slot[i].socket);
    RS_TRY(status);
    /* The first worker says what this machine offers; the others are started when they are needed. */
    RS_TRY(client_start(ctx, s, &s->slot[0]));
    if (s->mode == RS_SANDBOX_ALL && s->missing[0])
        return rs_fail(ctx, RS_USAGE, "--sandbox=all wants more than this machine offers: %s", s->missing);
    s->started = true;
    return RS_OK;
}

rs_status sandbox_start(rs_context *ctx, rs_sandbox_mode mode, worker_decoder decoder)
{
    rs_arena *arena = rs_arena_new();
    sandbox *s = arena ? RS_ARENA_NEW(arena, sandbox, 1) : NULL;
    if (!s) {
        rs_arena_free(arena);
        return rs_fail_memory(ctx, "the decoding processes");
    }
    s->arena = arena;
    s->mode = mode;
    s->program = getpid();
    s->control = -1;
    pthread_mutex_init(&s->lock, NULL);
    if (mode != RS_SANDBOX_OFF)
        s->n_slots = rs_context_threads(ctx) < SANDBOX_SLOTS ? rs_context_threads(ctx) : SANDBOX_SLOTS;
    for (int i = 0; i < s->n_slots; i++) {
        s->slot[i].socket = s->slot[i].memory = -1;
        pthread_mutex_init(&s->slot[i].lock, NULL);
    }
    rs_context_attach(ctx, s, end_sandbox);
    const rs_status status = mode == RS_SANDBOX_OFF ? RS_OK : start(ctx, s, decoder);
    if (status != RS_OK) rs_context_attach(ctx, NULL, NULL);
    return status;
}

rs_status rs_sandbox_start(rs_context *ctx, rs_sandbox_mode mode)
{
    return sandbox_start(ctx, mode, rs_dicom_file_pixels);
}

rs_sandbox_layers rs_sandbox_active(const rs_context *ctx)
{
    sandbox *s = rs_context_attached(ctx);
    rs_sandbox_layers layers = {.mode = RS_SANDBOX_OFF};
    if (!s) return layers;
    layers.mode = s->mode;
    layers.started = layers.process = s->started;
    if (!s->started) return layers;
    layers.limits = s->limits;
    layers.landlock = s->landlock;
    layers.seccomp = s->seccomp;
    layers.missing = s->missing[0] ? s->missing : NULL;
    for (int i = 0; i < s->n_slots; i++) {
        pthread_mutex_lock(&s->slot[i].lock);
        layers.decoded += s->slot[i].decoded;
        layers.restarted += s->slot[i].restarted;
        pthread_mutex_unlock(&s->slot[i].lock);
    }
    return layers;
}

const char *rs_sandbox_mode_name(rs_sandbox_mode mode)
{
    static const char *const names[] = {"auto", "all", "off"};
    return (unsigned)mode < sizeof(names) / sizeof(names[0]) ? names[mode] : "unknown";
}

bool rs_sandbox_mode_from(const char *text, rs_sandbox_mode *out)
{
    for (int i = RS_SANDBOX_AUTO; i <= RS_SANDBOX_OFF; i++) {
        if (strcmp(text, rs_sandbox_mode_name((rs_sandbox_mode)i)) != 0) continue;
        *out = (rs_sandbox_mode)i;
        return true;
    }
    return false;
}
