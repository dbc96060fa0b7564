/* The writers and readers behind the table of formats; each handles names that end as its row says. */
#ifndef FORMATS_PRIVATE_H
#define FORMATS_PRIVATE_H

#include "raw_file.h"
#include "restage/context.h"
#include "restage/formats.h"

typedef rs_status (*rs_format_writer)(rs_context *ctx, const rs_volume *volumes, int n, const char *path,
                                      const rs_format_options *options);

// clang-format off
#define FORMAT_PROTOTYPE(ending, write, read)                                                                          \
    rs_status write(rs_context *ctx, const rs_volume *volumes, int n, const char *path,                                \
                    const rs_format_options *options);                                                                 \
    rs_status read(rs_context *ctx, const char *path, rs_arena *arena, raw_file *out);
// clang-format on
#define X FORMAT_PROTOTYPE
#include "formats.def"
#undef X

#endif
