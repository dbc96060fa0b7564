/* The options of a call, checked, with their defaults. */
#include "room.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "restage/text.h"

rs_status rs_pacs_settle(rs_context *ctx, const rs_pacs_options *given, rs_pacs_options *out)
{
    static const double waits_s[] = {2, 8, 30};
    rs_pacs_options o = given ? *given : (rs_pacs_options){0};
    if (!o.calling_ae) o.calling_ae = "RESTAGE";
    if (o.timeout_s == 0) o.timeout_s = 30;
    if (!o.waits_s) {
        o.waits_s = waits_s;
        o.n_waits = sizeof waits_s / sizeof waits_s[0];
    }
    char peer[64];
    rs_pacs_peer parsed;
    size_t n = strlen(o.calling_ae);
    (void)rs_text_format(peer, sizeof peer, "%.40s@h:1", o.calling_ae);
    if (n > 16 || strchr(o.calling_ae, '@') || rs_pacs_peer_parse(ctx, peer, &parsed) != RS_OK)
        return rs_fail(ctx, RS_USAGE,
                       "the calling AE title has 1 to 16 characters of ASCII, no '@' or backslash, and not blanks "
                       "alone");
    if (o.timeout_s < 1 || o.timeout_s > 3600) return rs_fail(ctx, RS_USAGE, "the timeout is 1 to 3600 seconds");
    for (int i = 0; i < o.n_waits; i++)
        if (!(o.waits_s[i] >= 0 && o.waits_s[i] <= 3600))
            return rs_fail(ctx, RS_USAGE, "a pause between tries is 0 to 3600 seconds");
    *out = o;
    return RS_OK;
}
