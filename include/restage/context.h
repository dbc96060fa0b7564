/* The context: threads, kernel tier, log sink, progress, cancellation, the last message. One per calling thread;
   contexts share nothing mutable. */
#ifndef RESTAGE_CONTEXT_H
#define RESTAGE_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "restage/log.h"
#include "restage/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rs_context rs_context;

/* Kernel tiers, slowest first; RS_TIER_UNKNOWN asks for the best that this CPU has. X(NAME, name) */
#define RS_TIER_TABLE(X) X(REF, ref) X(PORTABLE, portable) X(AVX2, avx2) X(NEON, neon)

typedef enum rs_tier {
    RS_TIER_UNKNOWN = 0,
#define RS_TIER_ENUM(NAME, name) RS_TIER_##NAME,
    RS_TIER_TABLE(RS_TIER_ENUM)
#undef RS_TIER_ENUM
        RS_TIER_COUNT
} rs_tier;

/* station: name of the station; done of total items, total 0 where it is not known. Called from the calling thread or a
   worker, never twice at once. */
typedef void (*rs_progress_sink)(void *user, const char *station, int64_t done, int64_t total);

typedef struct rs_context_options {
    int threads;            /* workers; 0: every core that the affinity mask and the cgroup's quota allow */
    rs_log_level log_level; /* lines above this level are dropped; RS_LOG_OFF (0) by default */
    rs_log_sink log;        /* NULL: no log */
    void *log_user;
    rs_progress_sink progress; /* NULL: none */
    void *progress_user;
} rs_context_options;

/**
 * A context.
 *
 * options  NULL for the defaults
 * out      given to you; end it with rs_context_free
 * returns  RS_OK; RS_USAGE (threads below 0 or above 1,024); RS_NO_MEMORY
 */
RS_API RS_MUST_USE rs_status rs_context_new(const rs_context_options *options, rs_context **out);

/** Ends a context and every scratch arena and pooled block in it; accepts NULL. */
RS_API void rs_context_free(rs_context *ctx);

/** The sentence of the last failure ("" before the first; inside a parallel body that of its worker); lives until the
   next failure or the end of the context. */
RS_API const char *rs_context_message(const rs_context *ctx);

/** Workers of rs_parallel_for, at least 1. */
RS_API int rs_context_threads(const rs_context *ctx);

/** Asks the work to stop at the next item; may be called from a signal handler and from any thread. */
RS_API void rs_context_cancel(rs_context *ctx);

/** True once rs_context_cancel was called. */
RS_API bool rs_context_cancelled(const rs_context *ctx);

/** RS_CANCELLED with its sentence once rs_context_cancel was called, else RS_OK. */
RS_API RS_MUST_USE rs_status rs_context_check_cancel(rs_context *ctx);

/**
 * Says where the work stands, so that a failure can be told with it; what a station sets holds until the next one does.
 *
 * station  a static name ("read"); NULL: none
 * series   SeriesNumber that is worked on; -1: none, or not one alone
 * threads  from the thread that the context belongs to
 */
RS_API void rs_context_stand(rs_context *ctx, const char *station, int64_t series);

/** The station and the series that rs_context_stand named last; NULL and -1 before. */
RS_API const char *rs_context_station(const rs_context *ctx);
RS_API int64_t rs_context_series(const rs_context *ctx);

/**
 * Hands something to the context that it ends, before all else, in rs_context_free (the processes of the sandbox). One
 * a context; what was there before is ended first.
 */
RS_API void rs_context_attach(rs_context *ctx, void *thing, void (*end)(void *thing));
/** What was attached, NULL where nothing was. */
RS_API void *rs_context_attached(const rs_context *ctx);

/** Reports progress of a station to the sink, if there is one. */
RS_API void rs_context_progress(rs_context *ctx, const char *station, int64_t done, int64_t total);

/** The tier that was set by name, RS_TIER_UNKNOWN before; what it means is the kernels' business (kernels.h). */
RS_API rs_tier rs_context_tier(const rs_context *ctx);

/** Stores the tier without asking whether this CPU has it; use rs_context_set_tier of kernels.h. */
RS_API void rs_context_store_tier(rs_context *ctx, rs_tier tier);

/** Name of a tier ("avx2"); static. */
RS_API const char *rs_tier_name(rs_tier tier);

/** Cores that the affinity mask and the cgroup's CPU quota allow, at least 1. */
RS_API int rs_usable_cores(void);

/** Peak resident memory of this process in MB (10^6 bytes), 0 where the system does not say. */
RS_API double rs_peak_memory_mb(void);

/**
 * Records a failure: what, where, what to do, in one sentence without a full stop.
 *
 * status   returned unchanged, so that `return rs_fail(…)` reads well
 * format   as printf, always with a decimal point; never a patient's attribute
 * threads  inside a parallel body it writes to the worker's own message
 */
RS_API rs_status rs_fail(rs_context *ctx, rs_status status, const char *format, ...) RS_PRINTF(3, 4);

/** RS_NO_MEMORY with its sentence; what: "the volume", "the candidates", … */
RS_API rs_status rs_fail_memory(rs_context *ctx, const char *what);

/** Reports a broken invariant; used by RS_CHECK. */
RS_API rs_status rs_fail_check(rs_context *ctx, const char *condition, const char *file, int line);

#ifdef __cplusplus
}
#endif
#endif
