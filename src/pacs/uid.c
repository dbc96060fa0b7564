/* UIDs of this room. */
#include "room.h"

#include <string.h>

#include "digest/digest.h"

rs_status rs_pacs_uid(rs_context *ctx, rs_arena *arena, const char *text, const char **out)
{
    char hex[65], uid[48];
    RS_TRY(rs_sha256_hex(ctx, text, strlen(text), hex));
    rs_digest_uid(hex, uid);
    *out = rs_arena_text(arena, uid);
    return *out ? RS_OK : rs_fail_memory(ctx, "a UID");
}
