/* The writers behind the table of formats; each writes volumes under a name that ends as its row says. */
#ifndef FORMATS_PRIVATE_H
#define FORMATS_PRIVATE_H

#include "restage/context.h"
#include "restage/formats.h"

typedef rs_status (*rs_format_writer)(rs_context *ctx, const rs_volume *volumes, int n, const char *path,
                                      const rs_format_options *options);

// clang-format off
#define FORMAT_PROTOTYPE(ending, function)                                                                             \
    rs_status function(rs_context *ctx, const rs_volume *volumes, int n, const char *path,                             \
                       const rs_format_options *options);
// clang-format on
#define X FORMAT_PROTOTYPE
#include "formats.def"
#undef X

#endif
