/* UIDs that the report makes, and what stands for those of the source where nobody may be named. */
#include "builder.h"

#include <string.h>

#include "digest/digest.h"

const char *rs_builder_new_uid(rs_builder *b, const char *hex)
{
    char uid[48];
    rs_digest_uid(hex, uid);
    return rs_builder_say(b, "%s", uid);
}

const char *rs_builder_uid(rs_builder *b, const char *uid)
{
    char hex[65];
    const rs_report_input *input = b->input;
    if (!uid || !*uid) return NULL;
    if (rs_builder_names_patient(b)) return rs_builder_keep(b, uid);
    const char *text = rs_arena_printf(b->arena, "restage UID\n%s", uid);
    rs_status status = RS_NO_MEMORY;
    if (text && input->n_key > 0) /* whoever has the images cannot link them without the key */
        status = rs_hmac_sha256_hex(b->ctx, input->key, input->n_key, text, strlen(text), hex);
    else if (text)
        status = rs_sha256_hex(b->ctx, text, strlen(text), hex);
    if (status != RS_OK) b->failed = true;
    return status == RS_OK ? rs_builder_new_uid(b, hex) : NULL;
}
