/* The limits of this context: the table's, or what a person set. */
#include "restage/limits.h"

#include <string.h>

#include "context_private.h"
#include "restage/text.h"

static const rs_limit_row table[RS_LIMIT_COUNT] = {
#define LIMIT_ROW(NAME, name, value, unit, what) {#name, value, unit, what},
    RS_LIMIT_TABLE(LIMIT_ROW)
#undef LIMIT_ROW
};

const rs_limit_row *rs_limit_table(void)
{
    return table;
}

int64_t rs_limit(const rs_context *ctx, rs_limit_name name)
{
    return ctx->limit[name] > 0 ? ctx->limit[name] : table[name].value;
}

/* The name that was probably meant, NULL: none is near. */
static const char *nearest(const char *asked)
{
    const char *found = NULL;
    int best = 4; /* edits; more is no likeness */
    for (int i = 0; i < RS_LIMIT_COUNT; i++) {
        const int distance = rs_text_distance(asked, table[i].name);
        if (distance >= best) continue;
        best = distance;
        found = table[i].name;
    }
    return found;
}

rs_status rs_limit_set(rs_context *ctx, const char *text)
{
    const char *equals = strchr(text, '=');
    const size_t length = equals ? (size_t)(equals - text) : strlen(text);
    int64_t value;
    for (int i = 0; i < RS_LIMIT_COUNT; i++) {
        if (strlen(table[i].name) != length || strncmp(table[i].name, text, length) != 0) continue;
        if (!equals || !rs_text_integer(equals + 1, &value) || value < 1)
            return rs_fail(ctx, RS_USAGE, "the limit %s wants a whole number above 0, as in --limit %s=%lld",
                           table[i].name, table[i].name, (long long)table[i].value);
        ctx->limit[i] = value;
        return RS_OK;
    }
    char asked[40];
    rs_text_format(asked, sizeof asked, "%.*s", (int)(length < 32 ? length : 32), text);
    for (char *c = asked; *c; c++)
        if ((unsigned char)*c < ' ' || (unsigned char)*c > '~') *c = '?';
    const char *near = nearest(asked);
    if (near) return rs_fail(ctx, RS_USAGE, "there is no limit '%s': did you mean %s?", asked, near);
    return rs_fail(ctx, RS_USAGE, "there is no limit '%s'; restage info --list-limits prints those there are", asked);
}
