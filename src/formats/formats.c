/* Picks the writer by the ending of the file name; the formats themselves stand in files of their own. */
#include "formats_private.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

typedef struct format {
    const char *ending;
    rs_format_writer write;
} format;

static const format formats[] = {
#define X(ending, function) {ending, function},
#include "formats.def"
#undef X
};

const char *rs_format_endings(void)
{
#define X(ending, function) " " ending
    static const char endings[] =
#include "formats.def"
        ;
#undef X
    return endings + 1;
}

/* The row whose ending the path has, NULL for none. */
static const format *find(const char *path)
{
    size_t length = strlen(path);
    for (size_t f = 0; f < sizeof formats / sizeof formats[0]; f++) {
        size_t end = strlen(formats[f].ending);
        if (length > end && strcasecmp(path + length - end, formats[f].ending) == 0) return &formats[f];
    }
    return NULL;
}

rs_status rs_format_check(rs_context *ctx, const char *path, bool force)
{
    const char *slash = strrchr(path, '/');
    if (find(path) == NULL)
        return rs_fail(ctx, RS_USAGE, "the ending of the output's name picks its format: use one of %s",
                       rs_format_endings());
    if (!force && access(path, F_OK) == 0)
        return rs_fail(ctx, RS_CANT_CREATE, "%s exists: use --force to replace it", slash != NULL ? slash + 1 : path);
    return RS_OK;
}

rs_status rs_format_write(rs_context *ctx, const rs_volume *volumes, int n, const char *path,
                          const rs_format_options *options)
{
    static const rs_format_options defaults = {0};
    if (!options) options = &defaults;
    RS_TRY(rs_format_check(ctx, path, options->force));
    if (n != 1) return rs_fail(ctx, RS_USAGE, "one volume a file is written");
    return find(path)->write(ctx, volumes, n, path, options);
}
