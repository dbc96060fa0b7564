/* rs_parallel_for: the only file that knows OpenMP. */
#include "restage/parallel.h"

#include <omp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "context_private.h"

static _Thread_local const rs_context *inside; /* the context whose body this thread runs */
static _Thread_local int inside_worker;
static atomic_int forked; /* a forked child that enters a second region of gcc's libgomp hangs for ever */

static void mark_child(void)
{
    atomic_store(&forked, 1);
}

static void watch_forks(void)
{
    pthread_atfork(NULL, NULL, mark_child);
}

int rs_current_worker(const rs_context *ctx)
{
    return inside == ctx ? inside_worker : -1;
}

rs_arena *rs_scratch(rs_context *ctx)
{
    int worker = rs_current_worker(ctx);
    rs_worker *w = &ctx->worker[worker < 0 ? 0 : worker];
    if (!w->scratch) w->scratch = rs_arena_new();
    return w->scratch;
}

static void *wait_for_all(void *gate)
{
    pthread_mutex_lock(gate);
    pthread_mutex_unlock(gate);
    return NULL;
}

/* How many of the wanted threads can be had: gcc's libgomp ends the program where one cannot be made (memory, number of
   processes). It keeps those of a caller, so that each caller asks once. */
static int threads_to_be_had(int wanted)
{
    static _Thread_local int had = 1;
    pthread_t thread[RS_MAX_THREADS];
    pthread_mutex_t gate;
    int n = 1;
    if (wanted <= had) return wanted;
    pthread_mutex_init(&gate, NULL);
    pthread_mutex_lock(&gate);
    while (n < wanted && pthread_create(&thread[n], NULL, wait_for_all, &gate) == 0)
        n++;
    pthread_mutex_unlock(&gate);
    for (int t = 1; t < n; t++)
        pthread_join(thread[t], NULL);
    pthread_mutex_destroy(&gate);
    had = n;
    return n;
}

typedef struct job {
    rs_context *ctx;
    rs_body body;
    void *arg;
    atomic_llong failed_item; /* lowest failed so far; items above are skipped */
    pthread_mutex_t lock;
    rs_status status;
    char message[RS_MESSAGE_BYTES];
} job;

static void run_item(job *j, int64_t item, int worker)
{
    if (item > atomic_load(&j->failed_item)) return;
    rs_status status = RS_CANCELLED;
    const char *message = "interrupted; nothing was left behind";
    if (!rs_context_cancelled(j->ctx)) {
        inside = j->ctx;
        inside_worker = worker;
        status = j->body(j->ctx, item, worker, j->arg);
        inside = NULL;
        message = j->ctx->worker[worker].message;
    }
    if (status == RS_OK) return;
    pthread_mutex_lock(&j->lock);
    if (item < atomic_load(&j->failed_item)) {
        atomic_store(&j->failed_item, item);
        j->status = status;
        memcpy(j->message, message, strlen(message) + 1);
    }
    pthread_mutex_unlock(&j->lock);
}

static rs_status run_nested(rs_context *ctx, int64_t items, rs_body body, void *arg)
{
    int worker = inside_worker;
    for (int64_t item = 0; item < items; item++) {
        if (rs_context_cancelled(ctx)) return rs_context_check_cancel(ctx);
        RS_TRY(body(ctx, item, worker, arg));
    }
    return RS_OK;
}

rs_status rs_parallel_for(rs_context *ctx, int64_t items, rs_body body, void *arg)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch_forks);
    if (inside == ctx) return run_nested(ctx, items, body, arg);
    const rs_context *outer = inside;
    int outer_worker = inside_worker;
    job j = {.ctx = ctx, .body = body, .arg = arg, .status = RS_OK};
    atomic_init(&j.failed_item, INT64_MAX);
    pthread_mutex_init(&j.lock, NULL);
    int threads = atomic_load(&forked) || outer ? 1 : ctx->threads;
    if (threads > items) threads = items < 1 ? 1 : (int)items;
    threads = threads_to_be_had(threads);
    if (threads == 1) {
        for (int64_t item = 0; item < items; item++)
            run_item(&j, item, 0);
    } else {
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
        for (int64_t item = 0; item < items; item++)
            run_item(&j, item, omp_get_thread_num());
    }
    inside = outer;
    inside_worker = outer_worker;
    pthread_mutex_destroy(&j.lock);
    if (j.status != RS_OK) memcpy(ctx->message, j.message, sizeof(j.message));
    return j.status;
}
