/* The context: options, messages, cancellation, progress, log. */
#include "restage/context.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "context_private.h"
#include "fault.h"
#include "restage/text.h"

rs_status rs_context_new(const rs_context_options *options, rs_context **out)
{
    static const rs_context_options defaults;
    if (!options) options = &defaults;
    if (options->threads < 0 || options->threads > RS_MAX_THREADS) return RS_USAGE;
    rs_context *ctx = rs_fault_allocation() ? NULL : calloc(1, sizeof(*ctx));
    if (!ctx) return RS_NO_MEMORY;
    ctx->series = -1;
    ctx->threads = options->threads ? options->threads : rs_usable_cores();
    ctx->worker = rs_fault_allocation() ? NULL : calloc((size_t)ctx->threads, sizeof(*ctx->worker));
    if (!ctx->worker) {
        free(ctx);
        return RS_NO_MEMORY;
    }
    pthread_mutex_init(&ctx->lock, NULL);
    ctx->log_level = options->log_level;
    ctx->log = options->log;
    ctx->log_user = options->log_user;
    ctx->progress = options->progress;
    ctx->progress_user = options->progress_user;
    *out = ctx;
    return RS_OK;
}

void rs_context_attach(rs_context *ctx, void *thing, void (*end)(void *thing))
{
    if (ctx->attached_end) ctx->attached_end(ctx->attached);
    ctx->attached = thing;
    ctx->attached_end = end;
}

void *rs_context_attached(const rs_context *ctx)
{
    return ctx->attached;
}

void rs_context_free(rs_context *ctx)
{
    if (!ctx) return;
    rs_context_attach(ctx, NULL, NULL);
    for (int i = 0; i < ctx->threads; i++)
        rs_arena_free(ctx->worker[i].scratch);
    rs_block_trim(ctx);
    pthread_mutex_destroy(&ctx->lock);
    free(ctx->worker);
    free(ctx);
}

const char *rs_context_message(const rs_context *ctx)
{
    if (!ctx) return "out of memory";
    int worker = rs_current_worker(ctx);
    return worker < 0 ? ctx->message : ctx->worker[worker].message;
}

int rs_context_threads(const rs_context *ctx)
{
    return ctx->threads;
}

void rs_context_cancel(rs_context *ctx)
{
    atomic_store(&ctx->cancelled, 1);
}

bool rs_context_cancelled(const rs_context *ctx)
{
    return atomic_load(&((rs_context *)(uintptr_t)ctx)->cancelled) != 0;
}

rs_status rs_context_check_cancel(rs_context *ctx)
{
    return rs_context_cancelled(ctx) ? rs_fail(ctx, RS_CANCELLED, "interrupted; nothing was left behind") : RS_OK;
}

void rs_context_stand(rs_context *ctx, const char *station, int64_t series)
{
    ctx->station = station;
    ctx->series = series < 0 ? -1 : series;
}

const char *rs_context_station(const rs_context *ctx)
{
    return ctx->station;
}

int64_t rs_context_series(const rs_context *ctx)
{
    return ctx->series;
}

void rs_context_progress(rs_context *ctx, const char *station, int64_t done, int64_t total)
{
    if (!ctx->progress) return;
    pthread_mutex_lock(&ctx->lock);
    ctx->progress(ctx->progress_user, station, done, total);
    pthread_mutex_unlock(&ctx->lock);
}

rs_tier rs_context_tier(const rs_context *ctx)
{
    return ctx->tier;
}

void rs_context_store_tier(rs_context *ctx, rs_tier tier)
{
    ctx->tier = tier;
}

const char *rs_tier_name(rs_tier tier)
{
    switch (tier) {
#define RS_TIER_CASE(NAME, name)                                                                                       \
    case RS_TIER_##NAME:                                                                                               \
        return #name;
        RS_TIER_TABLE(RS_TIER_CASE)
#undef RS_TIER_CASE
    default:
        return "unknown";
    }
}

double rs_peak_memory_mb(void)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage)) return 0;
    return (double)usage.ru_maxrss * 1024.0 / 1e6;
}

static char *message_buffer(rs_context *ctx)
{
    int worker = rs_current_worker(ctx);
    return worker < 0 ? ctx->message : ctx->worker[worker].message;
}

rs_status rs_fail(rs_context *ctx, rs_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    rs_text_vformat(message_buffer(ctx), RS_MESSAGE_BYTES, format, arguments);
    va_end(arguments);
    return status;
}

rs_status rs_fail_memory(rs_context *ctx, const char *what)
{
    return rs_fail(ctx, RS_NO_MEMORY, "out of memory for %s: free some memory, or use fewer threads, and try again",
                   what);
}

rs_status rs_fail_check(rs_context *ctx, const char *condition, const char *file, int line)
{
    return rs_fail(ctx, RS_DEFECT, "a defect of restage: %s does not hold (%s:%d); please report it", condition, file,
                   line);
}

void rs_log(rs_context *ctx, rs_log_level level, const char *format, ...)
{
    if (!ctx->log || level > ctx->log_level) return;
    char line[RS_MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    rs_text_vformat(line, sizeof(line), format, arguments);
    va_end(arguments);
    pthread_mutex_lock(&ctx->lock);
    ctx->log(ctx->log_user, level, line);
    pthread_mutex_unlock(&ctx->lock);
}

const char *rs_log_level_name(rs_log_level level)
{
    static const char *const names[] = {"off", "warning", "info", "debug"};
    return (unsigned)level < sizeof(names) / sizeof(names[0]) ? names[level] : "unknown";
}
