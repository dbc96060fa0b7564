/* The program: a plain user of the libraries that sees installed headers only. A command is a row of commands.def and a
   file cmd_NAME.c; it fills an option table, parses by it, calls the library, and prints results on stdout. Whatever is
   no result goes to stderr. Exit codes are rs_status. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "restage/arena.h"
#include "restage/context.h"
#include "restage/json.h"
#include "restage/note.h"
#include "restage/param.h"

#define CLI_NOT_GIVEN INT64_MIN       /* an integer that an option may set, and did not */
#define CLI_ALL_THREADS CLI_NOT_GIVEN /* -j was not given */

/* What --help prints: the same tables as text, as a manual page, or as a part of the bash completion. */
typedef enum cli_form { CLI_FORM_TEXT = 0, CLI_FORM_ROFF, CLI_FORM_COMPLETION } cli_form;

/* What --limit was given, in order. */
typedef struct cli_limits {
    const char **text;
    int n, capacity;
} cli_limits;

typedef struct cli {
    rs_context *ctx; /* one thread and no log until cli_start */
    rs_arena *arena; /* for texts and tables of the command */
    const char *command;
    const char *running; /* station whose progress was shown last */
    int percent;         /* shown last; -1: none */
    bool told;           /* the failure stands in what was printed as JSON already */
    cli_form form;
    const rs_params *params; /* of the command, for its manual; NULL: none */
    /* options that every command has */
    bool json, quiet, help, version;
    int64_t verbose, threads;
    const char *tier;
    cli_limits limits; /* of --limit, where a command has it */
} cli;

typedef enum cli_kind {
    CLI_END = 0,
    CLI_FLAG,    /* bool */
    CLI_COUNT,   /* int64_t, counts up */
    CLI_TEXT,    /* const char * */
    CLI_INTEGER, /* int64_t */
    CLI_REAL,    /* double */
    CLI_PLACE,   /* cli_places, one more each time */
    CLI_LIMIT,   /* no target: the context's limits, one more each time */
    CLI_TEXTS,   /* cli_texts, one more each time */
} cli_kind;

/* Places in the patient, LPS mm, in the order in which they were given. */
typedef struct cli_places {
    double (*lps_mm)[3];
    int n, capacity;
} cli_places;

/* Texts in the order in which they were given. */
typedef struct cli_texts {
    const char **text;
    int n, capacity;
} cli_texts;

/* One table gives parsing and --help. target is written when the option was given. */
typedef struct cli_option {
    const char *name;
    char letter; /* 0: none */
    cli_kind kind;
    void *target;
    const char *value;  /* name of the value in --help: "FILE" */
    const char *help;   /* one line or more; NULL: not listed (a parameter) */
    const char *preset; /* what holds without it, for --help; NULL: nothing */
} cli_option;

/* The row of a command that reads files. */
#define CLI_LIMIT_OPTION                                                                                               \
    {                                                                                                                  \
        "limit", 0, CLI_LIMIT, NULL, "NAME=VALUE", "set a limit of info --list-limits; may be given again", NULL       \
    }

typedef struct cli_call {
    const char *usage;   /* "run PATH -o OUT [options]" */
    const char *about;   /* a paragraph */
    const char *footer;  /* NULL: none */
    const char *words;   /* what operands may be, separated by blanks; NULL: files */
    cli_option *options; /* ends with a row of kind CLI_END */
    /* filled by cli_parse */
    char **operands;
    int n_operands;
} cli_call;

/* Parses by the call's table and the common one; prints --help or --version itself. *done: nothing else is to be done.
 */
rs_status cli_parse(cli *c, cli_call *call, int argc, char **argv, bool *done);

/* --limit: keeps and checks one; sets all in the context that stands now; prints the table. */
rs_status cli_limit_add(cli *c, const char *text);
rs_status cli_limits_apply(cli *c);
rs_status cli_limits_list(cli *c);

/* Replaces the context by one with the threads, tier, limits, log and progress that were asked for, and arms Ctrl-C. */
rs_status cli_start(cli *c);

/* Starts the decoding processes: after cli_start, before anything large is read. mode: of --sandbox, or NULL. */
rs_status cli_sandbox(cli *c, const char *mode);

/* The row of a command that decodes. */
#define CLI_SANDBOX_OPTION(target)                                                                                     \
    {                                                                                                                  \
        "sandbox", 0, CLI_TEXT, (target), "MODE",                                                                      \
            "decode in processes with nothing in reach: auto (compressed files), all, off", "auto"                     \
    }

/* The context that a signal cancels; cancelled at once where one came already. */
void cli_watch(rs_context *ctx);

/* What the signals asked for: the status that main returns after RS_CANCELLED. */
rs_status cli_signalled(rs_status status);

/* stderr: the progress bar (only where it is a terminal), log lines, the sentence of a failure. */
void cli_progress(void *user, const char *station, int64_t done, int64_t total);
void cli_log(void *user, rs_log_level level, const char *line);
void cli_clear_progress(cli *c);
void cli_tell_failure(cli *c, rs_status status);
/* Sets the members that every failure has under --json, for a command that prints results with it: nothing more is told
   on stdout then. */
void cli_json_failure(cli *c, rs_json *object, rs_status status);
void cli_tell_notes(cli *c, const rs_notes *notes);

/* stdout. Width: that of the terminal or $COLUMNS, 40 to 100, else 80. Lines are broken at blanks. */
int cli_width(void);
void cli_wrap(FILE *out, int first_indent, int indent, int width, const char *text);
rs_status cli_print_json(cli *c, rs_json *root);                       /* frees root */
const char *cli_text(cli *c, const char *format, ...) RS_PRINTF(2, 3); /* in the arena; "" when out of memory */
const char *cli_clean(cli *c, const char *text);                       /* without control characters */
const char *cli_words(cli *c, const char *code);                       /* "not_assessed" as "not assessed" */
const char *cli_number(cli *c, double value); /* the shortest decimal text that gives the number back */

/* --version and the help of the program. */
rs_status cli_print_version(cli *c);
extern const char cli_program_about[];
void cli_print_commands(FILE *out);
void cli_print_help(cli *c, const cli_call *call);
void cli_print_roff(cli *c, const cli_call *call);
void cli_print_completion(cli *c, const cli_call *call);
const char *cli_option_name(cli *c, const char *parameter); /* lung_wall_hu as lung-wall-hu; "" when out of memory */
bool cli_takes_value(const cli_option *option);

/* The table of commands. */
typedef struct cli_command {
    const char *name, *about;
    rs_status (*run)(cli *c, int argc, char **argv);
} cli_command;
int cli_commands(const cli_command **out);
const cli_command *cli_command_find(const char *name); /* NULL: none */
/* Prints the help of a command in a form, by calling it so. */
rs_status cli_command_form(cli *c, const cli_command *command, cli_form form);
/* The word of the list that was probably meant; NULL: none is near. */
const char *cli_nearest(const char *word, const char *(*at)(int i), int n);

/* run's parameters: options from the joined tables, --params FILE, --list-parameters. */
rs_status cli_params_options(cli *c, const rs_params *params, const cli_option *first, int n_first, cli_option **out);
rs_status cli_params_set(cli *c, rs_params *params, const char *file, const cli_option *options, int n_first);
rs_status cli_params_list(cli *c, const rs_params *params);

#define CLI_COMMAND(name, function, about) rs_status function(cli *c, int argc, char **argv);
#define X CLI_COMMAND
#include "commands.def"
#undef X

#endif
