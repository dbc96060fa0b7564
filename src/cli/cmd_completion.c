/* restage completion: a bash script that completes commands, options and their values, from the same tables as --help.
 */
#include "cli.h"

#include <string.h>

#include "restage/kernels.h"
#include "restage/run.h"

static const char about[] = "Prints a script that teaches a shell to complete the words of a call. For this session: "
                            "source <(restage completion bash)";

static const char head[] =
    "# Completion of restage for bash 4 and later; made by `restage completion bash`.\n"
    "_restage()\n"
    "{\n"
    "    local word=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}\n"
    "    local options= words= kind=file\n"
    "    COMPREPLY=()\n"
    "    # bash breaks words at '=': --kernels=av is three of them\n"
    "    if [[ $word == '=' ]]; then\n"
    "        word=\n"
    "    elif [[ $option == '=' && $COMP_CWORD -gt 2 ]]; then\n"
    "        option=${COMP_WORDS[COMP_CWORD-2]}\n"
    "    fi\n";

static const char tail[] = "    if [[ $word == -* && $kind != none && $kind != dir && -n $options ]]; then\n"
                           "        words=$options kind=words\n"
                           "    fi\n"
                           "    case $kind in\n"
                           "    words) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\") ;;\n"
                           "    file) mapfile -t COMPREPLY < <(compgen -f -- \"$word\") ;;\n"
                           "    dir) mapfile -t COMPREPLY < <(compgen -d -- \"$word\") ;;\n"
                           "    esac\n"
                           "    if [[ $kind == file || $kind == dir ]]; then\n"
                           "        compopt -o filenames 2>/dev/null\n"
                           "    elif [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then\n"
                           "        compopt -o nospace 2>/dev/null\n"
                           "    fi\n"
                           "    return 0\n"
                           "}\n"
                           "complete -F _restage restage\n";

/* Of the line, separated by blanks; only those that --dump takes, or all. */
static const char *stations(cli *c, bool dumped_only)
{
    const char *words = "", *name;
    bool dumps;
    for (int s = 0; (name = rs_run_station(s, &dumps)) != NULL; s++)
        if (dumps || !dumped_only) words = cli_text(c, "%s%s%s", words, words[0] != 0 ? " " : "", name);
    return words;
}

/* The words that a value may be, "" where it is free. Nothing here depends on the machine: the script is installed. */
static const char *words_of(cli *c, const char *value)
{
    const char *tiers = "";
    for (int t = RS_TIER_UNKNOWN + 1; t < RS_TIER_COUNT; t++)
        tiers = cli_text(c, "%s%s%s", tiers, tiers[0] != 0 ? " " : "", rs_tier_name((rs_tier)t));
    const char *const known[][2] = {{"TIER", tiers},
                                    {"POINT", "low default high"},
                                    {"HOW", "full none"},
                                    {"STATION", stations(c, false)},
                                    {"STATION[,...]|all", cli_text(c, "%s all", stations(c, true))}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(value, known[i][0]) == 0) return known[i][1];
    return "";
}

/* What stands behind the option: files, folders, words, or nothing that a shell could know. */
static void print_value(cli *c, const cli_option *option)
{
    const char *value = option->value != NULL ? option->value : "", *words = words_of(c, value);
    if (option->letter != 0)
        printf("        -%c | --%s) ", option->letter, option->name);
    else
        printf("        --%s) ", option->name);
    if (words[0] != 0)
        printf("kind=words words='%s' ;;\n", words);
    else if (strcmp(value, "FILE") == 0 || strcmp(value, "PATH") == 0)
        printf("kind=file ;;\n");
    else if (strcmp(value, "DIR") == 0 || strcmp(value, "OUT") == 0)
        printf("kind=dir ;;\n");
    else
        printf("kind=none ;;\n");
}

void cli_print_completion(cli *c, const cli_call *call)
{
    printf("    %s)\n        options='", c->command);
    for (int i = 0; call->options[i].kind != CLI_END; i++)
        printf("%s--%s%s", i > 0 ? " " : "", call->options[i].name, cli_takes_value(&call->options[i]) ? "=" : "");
    printf("'\n");
    if (call->words != NULL) printf("        kind=words words='%s'\n", call->words);
    printf("        case $option in\n");
    for (int i = 0; call->options[i].kind != CLI_END; i++)
        if (cli_takes_value(&call->options[i])) print_value(c, &call->options[i]);
    printf("        esac\n        ;;\n");
}

static rs_status print_bash(cli *c)
{
    const cli_command *commands;
    int n = cli_commands(&commands);
    fputs(head, stdout);
    printf("    if [[ $COMP_CWORD -eq 1 ]]; then\n        kind=words words='");
    for (int i = 0; i < n; i++)
        printf("%s ", commands[i].name);
    printf("--help --version'\n    else\n    case $command in\n");
    for (int i = 0; i < n; i++)
        RS_TRY(cli_command_form(c, &commands[i], CLI_FORM_COMPLETION));
    printf("    esac\n    fi\n");
    fputs(tail, stdout);
    return RS_OK;
}

rs_status cmd_completion(cli *c, int argc, char **argv)
{
    cli_option options[] = {{.kind = CLI_END}};
    cli_call call = {.usage = "completion bash", .about = about, .options = options, .words = "bash"};
    bool done;
    RS_TRY(cli_parse(c, &call, argc, argv, &done));
    if (done) return RS_OK;
    if (call.n_operands != 1 || strcmp(call.operands[0], "bash") != 0)
        return rs_fail(c->ctx, RS_USAGE, "completion wants the name of a shell that it knows: restage completion bash");
    return print_bash(c);
}
