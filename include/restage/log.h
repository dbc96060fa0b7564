/* Log lines for people who run restage. Values of patient attributes and file names are never arguments: say series
   number, slice index, a short hash. */
#ifndef RESTAGE_LOG_H
#define RESTAGE_LOG_H

#include "restage/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rs_context;

typedef enum rs_log_level { RS_LOG_OFF = 0, RS_LOG_WARNING, RS_LOG_INFO, RS_LOG_DEBUG } rs_log_level;

/* line: one line without its end; called from any thread, never twice at once. */
typedef void (*rs_log_sink)(void *user, rs_log_level level, const char *line);

/** Writes one line to the context's sink where the level asks for it; as printf, with a decimal point. */
RS_API void rs_log(struct rs_context *ctx, rs_log_level level, const char *format, ...) RS_PRINTF(3, 4);

/** Name of a level ("info"); static. */
RS_API const char *rs_log_level_name(rs_log_level level);

#ifdef __cplusplus
}
#endif
#endif
