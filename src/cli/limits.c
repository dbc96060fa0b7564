/* --limit NAME=VALUE, and the table that info --list-limits prints. */
#include "restage/limits.h"

#include <inttypes.h>

#include "cli.h"

rs_status cli_limit_add(cli *c, const char *text)
{
    RS_TRY(rs_limit_set(c->ctx, text));
    void *items = (void *)c->limits.text;
    const char **next = rs_arena_push(c->arena, &items, c->limits.n, &c->limits.capacity, sizeof *next);
    if (next == NULL) return rs_fail_memory(c->ctx, "the options");
    *next = text;
    c->limits.text = items;
    c->limits.n++;
    return RS_OK;
}

rs_status cli_limits_apply(cli *c)
{
    for (int i = 0; i < c->limits.n; i++)
        RS_TRY(rs_limit_set(c->ctx, c->limits.text[i]));
    return RS_OK;
}

rs_status cli_limits_list(cli *c)
{
    const rs_limit_row *table = rs_limit_table();
    rs_json *root = rs_json_object(), *list = rs_json_array();
    rs_json_set(root, "limits", list);
    for (int i = 0; i < RS_LIMIT_COUNT; i++) {
        const int64_t value = rs_limit(c->ctx, (rs_limit_name)i);
        if (!c->json)
            cli_wrap(stdout, 0, 6, cli_width(),
                     cli_text(c, "%s=%" PRId64 "%s%s: %s", table[i].name, value, table[i].unit[0] != 0 ? " " : "",
                              table[i].unit, table[i].what));
        rs_json *o = rs_json_object();
        rs_json_set_text(o, "name", table[i].name);
        rs_json_set_integer(o, "value", value);
        rs_json_set_integer(o, "default", table[i].value);
        rs_json_set_text(o, "unit", table[i].unit);
        rs_json_set_text(o, "what", table[i].what);
        rs_json_add(list, o);
    }
    if (c->json) return cli_print_json(c, root);
    rs_json_free(root);
    return RS_OK;
}
