/* The secret that identity "pseudo" is made with, read before any image. */
#include "stations.h"

#include <string.h>
#include <sys/stat.h>

#include "restage/files.h"
#include "restage/text.h"

enum { KEY_LEAST = 16, KEY_MOST = 4096 };

rs_status rs_key_read(rs_context *ctx, rs_line *line)
{
    const rs_run_options *options = line->options;
    const bool pseudo = options->identity && strcmp(options->identity, "pseudo") == 0;
    if (!pseudo && options->key)
        return rs_fail(ctx, RS_USAGE, "--key is the secret of --identity pseudo, which was not asked for");
    if (!pseudo) return RS_OK;
    if (!options->key)
        return rs_fail(ctx, RS_USAGE, "--identity pseudo needs --key FILE: a secret of at least %d bytes", KEY_LEAST);
    struct stat facts;
    uint8_t *bytes = NULL;
    size_t n = 0;
    rs_status status = rs_file_read(ctx, line->arena, options->key, KEY_MOST, true, &bytes, &n);
    if (status != RS_OK) {
        char why[300];
        (void)rs_text_format(why, sizeof why, "%s", rs_context_message(ctx));
        return rs_fail(ctx, status, "the file of --key: %s", why);
    }
    if (stat(options->key, &facts) == 0 && (facts.st_mode & 077) != 0)
        return rs_fail(ctx, RS_USAGE, "the file of --key can be read by others: take their rights away (chmod 600)");
    while (n > 0 && (bytes[n - 1] == '\n' || bytes[n - 1] == '\r'))
        n--; /* of an editor */
    if (n < KEY_LEAST)
        return rs_fail(ctx, RS_USAGE, "the file of --key holds %zu bytes: a secret has at least %d", n, KEY_LEAST);
    line->key = bytes;
    line->n_key = n;
    return RS_OK;
}
