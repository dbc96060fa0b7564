/* The program's side of the sandbox. */
#ifndef SANDBOX_CLIENT_H
#define SANDBOX_CLIENT_H

#include <pthread.h>
#include <sys/types.h>

#include "restage/sandbox.h"
#include "template.h"

/* One worker and the memory that it shares with the program. */
typedef struct client_slot {
    pthread_mutex_t lock;
    int socket, memory;
    bool started;  /* said hello and was not heard to die */
    bool used;     /* it has answered */
    uint64_t born; /* the worker's number */
    pid_t pid;
    uint8_t *map;
    size_t mapped;
    uint64_t file;              /* whose bytes stand in the memory; 0: nobody's */
    int64_t decoded, restarted; /* files that came back; workers that died, one a file */
} client_slot;

typedef struct sandbox {
    rs_arena *arena;
    rs_sandbox_mode mode;
    bool started;
    pid_t program, template_pid;
    int control;
    int n_slots;
    client_slot slot[SANDBOX_SLOTS];
    bool limits, landlock, seccomp;
    char missing[WIRE_SENTENCE];
    pthread_mutex_t lock;
    uint64_t serial; /* of files and requests */
} sandbox;

/* What one file asks of a worker. */
typedef struct client_task {
    uint64_t file; /* a number of its own */
    const uint8_t *bytes;
    size_t n_bytes;
    int32_t first, n_frames;
    int64_t frame_values;
    int32_t value_bytes; /* at most */
} client_task;

/** The sandbox of a context; NULL where none was started, or the context belongs to another process (a fork). */
sandbox *sandbox_of(const rs_context *ctx);

/** As rs_sandbox_start, with another decoder in the workers. */
RS_MUST_USE rs_status sandbox_start(rs_context *ctx, rs_sandbox_mode mode, worker_decoder decoder);

/** The next number of a file or a request. */
uint64_t sandbox_serial(sandbox *s);

/** Has a worker say hello: starts it where it is not running. RS_OK; RS_AGAIN; RS_CANCELLED. */
RS_MUST_USE rs_status client_start(rs_context *ctx, sandbox *s, client_slot *slot);

/**
 * Decodes by a worker; the values are copied into the arena.
 *
 * returns  as rs_decode_pixels
 */
RS_MUST_USE rs_status client_decode(rs_context *ctx, sandbox *s, int worker, const client_task *task, rs_arena *arena,
                                    rs_dicom_pixels *out);

/** A file is closed: large memory is given back. */
void client_release(sandbox *s, int worker, uint64_t file);

#endif
