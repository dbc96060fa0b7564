/* Picks the writer by the ending of the file name; the formats themselves stand in files of their own. */
#include "formats_private.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

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

rs_status rs_format_write(rs_context *ctx, const rs_volume *volume, const char *path, bool force)
{
    size_t length = strlen(path);
    for (size_t f = 0; f < sizeof formats / sizeof formats[0]; f++) {
        size_t end = strlen(formats[f].ending);
        if (length > end && strcasecmp(path + length - end, formats[f].ending) == 0)
            return formats[f].write(ctx, volume, path, force);
    }
    return rs_fail(ctx, RS_USAGE, "the ending of the output's name picks its format: use one of %s",
                   rs_format_endings());
}
