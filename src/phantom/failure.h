/* A failure to read a file that an option names. */
#ifndef PHANTOM_FAILURE_H
#define PHANTOM_FAILURE_H

#include "restage/context.h"

/** Sets option and file before the sentence of a failure that is the file's; returns status. */
RS_MUST_USE rs_status rs_phantom_name_failure(rs_context *ctx, const char *option, const char *path, rs_status status);

#endif
