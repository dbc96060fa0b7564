/* Processes that decode compressed pixels for the program, with nothing in reach (integration B.4). */
#ifndef RESTAGE_SANDBOX_H
#define RESTAGE_SANDBOX_H

#include <stdbool.h>

#include "restage/context.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum rs_sandbox_mode {
    RS_SANDBOX_AUTO = 0, /* compressed and deflated files; missing layers are noted */
    RS_SANDBOX_ALL,      /* every file; RS_USAGE where a layer is missing on this machine */
    RS_SANDBOX_OFF
} rs_sandbox_mode;

/**
 * Forks a template process, which forks one decoding worker a thread of the context and starts a new one where one
 * dies. To be called while the program is small and has one thread; without it files are decoded in the program.
 *
 * returns  RS_OK; RS_USAGE (RS_SANDBOX_ALL, and what this machine lacks); RS_AGAIN (no process to be had);
 *          RS_NO_MEMORY
 * the context ends the processes in rs_context_free
 */
RS_API RS_MUST_USE rs_status rs_sandbox_start(rs_context *ctx, rs_sandbox_mode mode);

/* The layers that are active, for done.json. */
typedef struct rs_sandbox_layers {
    bool started;
    rs_sandbox_mode mode;
    bool process, limits, landlock, seccomp;
    const char *missing;        /* why a layer is missing; NULL: none is */
    int64_t decoded, restarted; /* files decoded so far by workers; workers that died, one a file */
} rs_sandbox_layers;

/** What stands between a hostile file and this machine; all false where nothing was started. */
RS_API rs_sandbox_layers rs_sandbox_active(const rs_context *ctx);

/** Name of a mode ("auto"); static. */
RS_API const char *rs_sandbox_mode_name(rs_sandbox_mode mode);

/** "auto", "all", "off" to a mode; false for anything else. */
RS_API bool rs_sandbox_mode_from(const char *text, rs_sandbox_mode *out);

#ifdef __cplusplus
}
#endif
#endif
