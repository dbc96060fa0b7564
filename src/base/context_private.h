/* What a context holds; seen by base alone. */
#ifndef BASE_CONTEXT_PRIVATE_H
#define BASE_CONTEXT_PRIVATE_H

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "restage/arena.h"
#include "restage/context.h"
#include "restage/limits.h"

enum { RS_MESSAGE_BYTES = 1024, RS_POOL_SLOTS = 32, RS_MAX_THREADS = 1024 };

typedef struct rs_worker {
    rs_arena *scratch;
    char message[RS_MESSAGE_BYTES];
} rs_worker;

struct rs_context {
    int threads;
    rs_worker *worker; /* one a thread */
    char message[RS_MESSAGE_BYTES];
    const char *station; /* where the work stands */
    int64_t series;
    rs_tier tier;
    atomic_int cancelled; /* lock-free: set from signal handlers */
    rs_log_level log_level;
    rs_log_sink log;
    void *log_user;
    rs_progress_sink progress;
    void *progress_user;
    pthread_mutex_t lock; /* sinks and pool */
    rs_block pool[RS_POOL_SLOTS];
    void *attached; /* rs_context_attach */
    void (*attached_end)(void *thing);
    int64_t limit[RS_LIMIT_COUNT]; /* 0: the table's */
};

/* Worker of the calling thread while it is inside rs_parallel_for of this context, else -1. */
int rs_current_worker(const rs_context *ctx);

#endif
