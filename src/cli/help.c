/* --help and --version. */
#include "cli.h"

#include <string.h>

#include "restage/kernels.h"
#include "restage/run.h"
#include "restage/version.h"

enum { HELP_WIDTH = 78, HELP_COLUMN = 24 };

const char cli_program_about[] = "restage reads CT series, searches the lungs for focal lesions, measures each "
                                 "with an interval, and writes one packet for a human reading.";

void cli_print_commands(FILE *out)
{
    cli_wrap(out, 0, 0, HELP_WIDTH, cli_program_about);
    fprintf(out, "\nusage: restage COMMAND [options]\n\n");
#define X(name, function, about) fprintf(out, "  %-12s%s\n", #name, about);
#include "commands.def"
#undef X
    fprintf(out, "\n  restage COMMAND --help    options of a command\n"
                 "  restage --version         version, libraries and kernel tier\n\n"
                 "Research use; not a medical device.\n");
}

static void print_option(cli *c, const cli_option *option)
{
    const char *value = option->value != NULL ? cli_text(c, "=%s", option->value) : "";
    const char *letter = option->letter != 0 ? cli_text(c, "-%c, ", option->letter) : "    ";
    const char *left = cli_text(c, "  %s--%s%s", letter, option->name, value);
    const char *preset = option->preset != NULL ? cli_text(c, " [%s]", option->preset) : "";
    const char *help = cli_text(c, "%s%s", option->help, preset);
    int length = (int)strlen(left);
    printf("%s", left);
    if (length + 2 > HELP_COLUMN) {
        printf("\n");
        length = 0;
    }
    cli_wrap(stdout, HELP_COLUMN - length, HELP_COLUMN, HELP_WIDTH - length, help);
}

void cli_print_help(cli *c, const cli_call *call)
{
    if (c->form == CLI_FORM_ROFF) {
        cli_print_roff(c, call);
        return;
    } else if (c->form == CLI_FORM_COMPLETION) {
        cli_print_completion(c, call);
        return;
    }
    printf("usage: restage %s\n\n", call->usage);
    cli_wrap(stdout, 0, 0, HELP_WIDTH, call->about);
    printf("\n");
    for (int i = 0; call->options[i].kind != CLI_END; i++)
        if (call->options[i].help != NULL) print_option(c, &call->options[i]);
    if (call->footer == NULL) return;
    printf("\n");
    cli_wrap(stdout, 0, 0, HELP_WIDTH, call->footer);
}

rs_status cli_print_version(cli *c)
{
    RS_TRY(
        rs_context_set_tier_name(c->ctx, c->tier != NULL ? c->tier : rs_tier_name(rs_context_kernels(c->ctx)->tier)));
    const char *tier = rs_tier_name(rs_context_kernels(c->ctx)->tier);
    const char *const *libraries;
    int n = rs_run_libraries(&libraries);
    if (c->json) {
        rs_json *o = rs_json_object(), *list = rs_json_array();
        rs_json_set_text(o, "version", rs_version());
        rs_json_set_text(o, "commit", rs_version_commit());
        for (int i = 0; i < n; i++)
            rs_json_add_text(list, libraries[i]);
        rs_json_set(o, "libraries", list);
        rs_json_set_text(o, "tier", tier);
        return cli_print_json(c, o);
    }
    printf("restage %s (commit %s)\n", rs_version(), rs_version_commit());
    printf("kernels: %s\n", tier);
    const char *line = "libraries:";
    for (int i = 0; i < n; i++)
        line = cli_text(c, "%s %s%s", line, libraries[i], i + 1 < n ? "," : "");
    cli_wrap(stdout, 0, 2, HELP_WIDTH, line);
    printf("Research use; not a medical device.\n");
    return RS_OK;
}
