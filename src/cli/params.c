/* Parameters on the command line: one option a row of the joined tables, --params FILE, --list-parameters. */
#include "cli.h"

#include <string.h>

#include "restage/files.h"
#include "restage/text.h"

enum { PARAMS_FILE_LIMIT = 1 << 20 };

const char *cli_option_name(cli *c, const char *parameter)
{
    char *out = rs_arena_text(c->arena, parameter);
    for (char *p = out; p != NULL && *p != 0; p++)
        if (*p == '_') *p = '-';
    return out != NULL ? out : "";
}

rs_status cli_params_options(cli *c, const rs_params *params, const cli_option *first, int n_first, cli_option **out)
{
    int n = rs_params_count(params);
    cli_option *all = RS_ARENA_NEW(c->arena, cli_option, n_first + n + 1);
    const char **given = RS_ARENA_NEW(c->arena, const char *, n + 1);
    if (all == NULL || given == NULL) return rs_fail_memory(c->ctx, "the options");
    memcpy(all, first, (size_t)n_first * sizeof *all);
    for (int i = 0; i < n; i++) {
        const char *name = cli_option_name(c, rs_params_row(params, i, NULL, NULL, NULL)->name);
        if (name[0] == 0) return rs_fail_memory(c->ctx, "the options");
        all[n_first + i] = (cli_option){name, 0, CLI_TEXT, &given[i], "VALUE", NULL, NULL};
    }
    all[n_first + n] = (cli_option){.kind = CLI_END};
    *out = all;
    c->params = params;
    return RS_OK;
}

static rs_status set_from_file(cli *c, rs_params *params, const rs_json *root)
{
    for (int i = 0; i < rs_json_size(root); i++) {
        const rs_json *value;
        const char *name = rs_json_key(root, i, &value);
        double number;
        if (name == NULL) return rs_fail(c->ctx, RS_USAGE, "--params wants one JSON object of names and numbers");
        if (!rs_json_real(value, &number))
            return rs_fail(c->ctx, RS_USAGE, "--params: the value of %s is no number", cli_clean(c, name));
        RS_TRY(rs_params_set(c->ctx, params, name, cli_text(c, "%.17g", number), RS_SET_BY_FILE));
    }
    return RS_OK;
}

static rs_status read_file(cli *c, rs_params *params, const char *file)
{
    uint8_t *text;
    size_t bytes;
    rs_json *root = NULL;
    rs_status status = rs_file_read(c->ctx, c->arena, file, PARAMS_FILE_LIMIT, true, &text, &bytes);
    if (status == RS_OK) status = rs_json_parse(c->ctx, (const char *)text, bytes, &root);
    if (status != RS_OK)
        return rs_fail(c->ctx, status, "the file of --params: %s", cli_text(c, "%s", rs_context_message(c->ctx)));
    status = set_from_file(c, params, root);
    rs_json_free(root);
    return status;
}

rs_status cli_params_set(cli *c, rs_params *params, const char *file, const cli_option *options, int n_first)
{
    if (file != NULL) RS_TRY(read_file(c, params, file));
    for (int i = n_first; options[i].kind != CLI_END; i++) {
        const char *given = *(const char **)options[i].target;
        if (given != NULL) RS_TRY(rs_params_set(c->ctx, params, options[i].name, given, RS_SET_BY_COMMAND_LINE));
    }
    return RS_OK;
}

const char *cli_number(cli *c, double value)
{
    for (int digits = 6; digits < 17; digits++) {
        const char *text = cli_text(c, "%.*g", digits, value);
        double back;
        if (rs_text_real(text, &back) && back == value) return text;
    }
    return cli_text(c, "%.17g", value);
}

static void set_number(rs_json *o, const char *key, const rs_param *p, double value)
{
    if (p->type == RS_PARAM_int)
        rs_json_set_integer(o, key, (int64_t)value);
    else
        rs_json_set_real(o, key, value, 9);
}

static rs_status list_json(cli *c, const rs_params *params)
{
    rs_json *root = rs_json_object(), *list = rs_json_array();
    rs_json_set(root, "parameters", list);
    for (int i = 0; i < rs_params_count(params); i++) {
        const char *room;
        const rs_param *p = rs_params_row(params, i, NULL, NULL, &room);
        rs_json *o = rs_json_object();
        rs_json_set_text(o, "name", p->name);
        rs_json_set_text(o, "type", p->type == RS_PARAM_int ? "int" : "double");
        set_number(o, "default", p, p->default_value);
        set_number(o, "min", p, p->min);
        set_number(o, "max", p, p->max);
        rs_json_set_text(o, "unit", p->unit);
        rs_json_set_text(o, "source", p->source);
        rs_json_set_text(o, "room", room);
        rs_json_set_text(o, "help", p->help);
        rs_json_add(list, o);
    }
    return cli_print_json(c, root);
}

rs_status cli_params_list(cli *c, const rs_params *params)
{
    if (c->json) return list_json(c, params);
    const char *open_room = "";
    int width = cli_width();
    for (int i = 0; i < rs_params_count(params); i++) {
        const char *room;
        const rs_param *p = rs_params_row(params, i, NULL, NULL, &room);
        if (strcmp(room, open_room) != 0) printf("%s%s\n", i > 0 ? "\n" : "", room);
        open_room = room;
        const char *unit = p->unit != NULL && p->unit[0] != 0 ? cli_text(c, " %s", p->unit) : "";
        cli_wrap(stdout, 2, 6, width,
                 cli_text(c, "--%s=%s%s (%s to %s)", cli_option_name(c, p->name), cli_number(c, p->default_value), unit,
                          cli_number(c, p->min), cli_number(c, p->max)));
        cli_wrap(stdout, 6, 6, width, cli_text(c, "%s [%s]", p->help, p->source));
    }
    return RS_OK;
}
