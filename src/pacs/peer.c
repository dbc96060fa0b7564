/* "AE@HOST:PORT". */
#include "restage/pacs.h"

#include <string.h>

#include "restage/text.h"

/* PS3.5 6.2, AE: no backslash and no control characters. */
static bool is_title(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)text[i] < ' ' || (unsigned char)text[i] > '~' || text[i] == '\\') return false;
    return n > 0 && n <= 16 && strspn(text, " ") < n;
}

rs_status rs_pacs_peer_parse(rs_context *ctx, const char *text, rs_pacs_peer *out)
{
    rs_pacs_peer peer = {0};
    const char *at = strrchr(text, '@'), *colon = at ? strrchr(at, ':') : NULL;
    if (!at || !colon) return rs_fail(ctx, RS_USAGE, "'%s' is no peer: write AE@HOST:PORT", text);
    size_t title = (size_t)(at - text), host = (size_t)(colon - at - 1);
    if (!is_title(text, title))
        return rs_fail(ctx, RS_USAGE,
                       "the AE title before '@' has 1 to 16 characters of ASCII, no backslash, and not blanks alone");
    if (host == 0 || host >= sizeof peer.host)
        return rs_fail(ctx, RS_USAGE, "the host between '@' and ':' is missing or longer than 255 characters");
    int64_t port = 0;
    if (!rs_text_integer(colon + 1, &port) || port < 1 || port > 65535)
        return rs_fail(ctx, RS_USAGE, "the port behind ':' is a whole number from 1 to 65535, not '%s'", colon + 1);
    memcpy(peer.ae_title, text, title);
    memcpy(peer.host, at + 1, host);
    peer.port = (int)port;
    *out = peer;
    return RS_OK;
}
