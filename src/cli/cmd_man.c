/* restage man: manual pages from the same tables as --help. */
#include "cli.h"

#include <string.h>

#include "restage/version.h"

static const char about[] =
    "Prints a manual page, made from the same tables as --help: that of the program, or that of "
    "a COMMAND. Read it with: restage man run | man -l -";

/* A line of text: what roff would take for its own is escaped. */
static void roff(const char *text)
{
    if (*text == '.' || *text == '\'') fputs("\\&", stdout);
    for (; *text != 0; text++) {
        if (*text == '\\')
            fputs("\\e", stdout);
        else if (*text == '-')
            fputs("\\-", stdout);
        else if (*text == '\n')
            fputs("\n.br\n", stdout);
        else
            fputc(*text, stdout);
    }
}

static void paragraph(const char *text)
{
    roff(text);
    fputc('\n', stdout);
}

static void title(cli *c, const char *page, const char *line)
{
    printf(".TH %s 1 \"\" \"restage %s\" \"User commands\"\n", cli_text(c, "\"%s\"", page), rs_version());
    /* Left-justified, not hyphenated: names of options stay whole. */
    printf(".nh\n.ad l\n.SH NAME\n");
    roff(page);
    fputs(" \\- ", stdout);
    paragraph(line);
}

static void print_option(const cli_option *option)
{
    fputs(".TP\n", stdout);
    if (option->letter != 0) printf("\\fB\\-%c\\fR, ", option->letter);
    fputs("\\fB\\-\\-", stdout);
    roff(option->name);
    fputs("\\fR", stdout);
    if (option->value != NULL) {
        fputs("=\\fI", stdout);
        roff(option->value);
        fputs("\\fR", stdout);
    }
    fputc('\n', stdout);
    roff(option->help);
    if (option->preset != NULL) {
        fputs("; without it: ", stdout);
        roff(option->preset);
    }
    fputc('\n', stdout);
}

static void print_parameter(cli *c, const rs_param *p)
{
    const char *unit = p->unit != NULL && p->unit[0] != 0 ? cli_text(c, " %s", p->unit) : "";
    fputs(".TP\n\\fB\\-\\-", stdout);
    roff(cli_option_name(c, p->name));
    fputs("\\fR=\\fIVALUE\\fR\n", stdout);
    paragraph(p->help);
    fputs(".br\n", stdout);
    roff(cli_text(c, "Default %s%s, %s to %s%s. Source: %s", cli_number(c, p->default_value), unit,
                  cli_number(c, p->min), cli_number(c, p->max), p->type == RS_PARAM_int ? ", whole" : "", p->source));
    fputs(".\n", stdout);
}

static void print_parameters(cli *c)
{
    const char *open_room = "";
    fputs(".SH PARAMETERS\nWhat a scientist tunes, by the part of the line that reads it. "
          "\\fB\\-\\-params\\fR=\\fIFILE\\fR sets many at once.\n",
          stdout);
    for (int i = 0; i < rs_params_count(c->params); i++) {
        const char *room;
        const rs_param *p = rs_params_row(c->params, i, NULL, NULL, &room);
        if (strcmp(room, open_room) != 0) printf(".SS %s\n", room);
        open_room = room;
        print_parameter(c, p);
    }
}

static void print_exit_status(void)
{
    fputs(".SH EXIT STATUS\n", stdout);
#define X_STATUS(name, value, kind, meaning) printf(".TP\n\\fB%d\\fR\n%s\n", value, meaning);
    RS_STATUS_TABLE(X_STATUS)
#undef X_STATUS
}

static void print_end(void)
{
    fputs(".SH NOTES\nResearch use; not a medical device.\n.SH SEE ALSO\n", stdout);
    const cli_command *commands;
    int n = cli_commands(&commands);
    fputs("\\fBrestage\\fR(1)", stdout);
    for (int i = 0; i < n; i++)
        printf(", \\fBrestage\\-%s\\fR(1)", commands[i].name);
    fputc('\n', stdout);
}

void cli_print_roff(cli *c, const cli_call *call)
{
    const cli_command *command = cli_command_find(c->command);
    title(c, cli_text(c, "restage-%s", c->command), command != NULL ? command->about : "");
    fputs(".SH SYNOPSIS\n\\fBrestage\\fR ", stdout);
    paragraph(call->usage);
    fputs(".SH DESCRIPTION\n", stdout);
    paragraph(call->about);
    if (call->footer != NULL) {
        fputs(".PP\n", stdout);
        paragraph(call->footer);
    }
    fputs(".SH OPTIONS\n", stdout);
    for (int i = 0; call->options[i].kind != CLI_END; i++)
        if (call->options[i].help != NULL) print_option(&call->options[i]);
    if (c->params != NULL) print_parameters(c);
    print_exit_status();
    print_end();
}

static void print_program(cli *c)
{
    const cli_command *commands;
    int n = cli_commands(&commands);
    title(c, "restage", "reads CT series and reports focal lesions for a human reading");
    fputs(".SH SYNOPSIS\n\\fBrestage\\fR \\fICOMMAND\\fR [options]\n.SH DESCRIPTION\n", stdout);
    paragraph(cli_program_about);
    paragraph("Results go to stdout, everything else to stderr. Long options take their value behind = or a blank; "
              "they may not be shortened.");
    fputs(".SH COMMANDS\n", stdout);
    for (int i = 0; i < n; i++) {
        printf(".TP\n\\fBrestage\\-%s\\fR(1)\n", commands[i].name);
        paragraph(commands[i].about);
    }
    fputs(".SH OPTIONS\n.TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nThe commands; behind a command, its options.\n"
          ".TP\n\\fB\\-\\-version\\fR\nVersion, libraries and kernel tier.\n",
          stdout);
    print_exit_status();
    fputs(".SH ENVIRONMENT\n"
          ".TP\n\\fBCOLUMNS\\fR\nWidth that text is wrapped to, 40 to 100; that of the terminal without it.\n"
          ".TP\n\\fBTMPDIR\\fR\nWhere \\fBrestage\\-selftest\\fR(1) makes its folder; /tmp without it.\n"
          ".TP\n\\fBSOURCE_DATE_EPOCH\\fR\nTime of creation that a packet says, in seconds since 1970.\n"
          ".TP\n\\fBOMP_WAIT_POLICY\\fR\nHow threads wait; passive without it.\n",
          stdout);
    print_end();
}

rs_status cmd_man(cli *c, int argc, char **argv)
{
    const cli_command *commands;
    int n = cli_commands(&commands);
    const char *names = "";
    for (int i = 0; i < n; i++)
        names = cli_text(c, "%s%s%s", names, i > 0 ? " " : "", commands[i].name);
    cli_option options[] = {{.kind = CLI_END}};
    cli_call call = {.usage = "man [COMMAND]", .about = about, .options = options, .words = names};
    bool done;
    RS_TRY(cli_parse(c, &call, argc, argv, &done));
    if (done) return RS_OK;
    if (call.n_operands > 1) return rs_fail(c->ctx, RS_USAGE, "man wants one command at most: %s", names);
    if (call.n_operands == 0) {
        print_program(c);
        return RS_OK;
    }
    const cli_command *command = cli_command_find(call.operands[0]);
    if (command == NULL)
        return rs_fail(c->ctx, RS_USAGE, "there is no command %s: man knows %s", cli_clean(c, call.operands[0]), names);
    return cli_command_form(c, command, CLI_FORM_ROFF);
}
