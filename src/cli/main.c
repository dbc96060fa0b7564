/* Entry: environment, signals, the choice of the command, the exit code. */
#define _GNU_SOURCE
#include "cli.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "restage/kernels.h"
#include "restage/text.h"

static const cli_command commands[] = {
#define X(name, function, about) {#name, about, function},
#include "commands.def"
#undef X
};
enum { N_COMMANDS = sizeof commands / sizeof commands[0] };

int cli_commands(const cli_command **out)
{
    *out = commands;
    return N_COMMANDS;
}

const cli_command *cli_command_find(const char *name)
{
    for (int i = 0; i < N_COMMANDS; i++)
        if (strcmp(name, commands[i].name) == 0) return &commands[i];
    return NULL;
}

rs_status cli_command_form(cli *c, const cli_command *command, cli_form form)
{
    char help[] = "--help", *words[] = {help, help, NULL}; /* the first is the name, which no command reads */
    const char *before = c->command;
    c->command = command->name;
    c->form = form;
    rs_status status = command->run(c, 2, words);
    c->command = before;
    c->form = CLI_FORM_TEXT;
    c->help = false;
    c->params = NULL;
    return status;
}

static rs_context *volatile signal_context;
static volatile sig_atomic_t signal_number;

static void on_signal(int number)
{
    signal_number = number;
    if (signal_context != NULL) rs_context_cancel(signal_context);
}

/* Until there is a context, a signal ends the program as it always did. */
static void arm_signals(rs_context *ctx)
{
    signal_context = ctx;
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    struct sigaction before;
    bool ignored = sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler == SIG_IGN; /* nohup */
    if (!ignored) sigaction(SIGHUP, &action, NULL);
    action.sa_handler = SIG_IGN; /* a file above the limit of its size is a write that fails */
    sigaction(SIGXFSZ, &action, NULL);
}

void cli_watch(rs_context *ctx)
{
    signal_context = ctx;
    if (signal_number != 0) rs_context_cancel(ctx);
}

rs_status cli_signalled(rs_status status)
{
    /* A job that was pre-empted is to be tried again (integration D.1). */
    return status == RS_CANCELLED && signal_number == SIGTERM ? RS_AGAIN : status;
}

rs_status cli_start(cli *c)
{
    rs_context_options options = {
        .threads = c->threads == CLI_ALL_THREADS ? 0 : (int)c->threads,
        .log_level = c->verbose >= 2   ? RS_LOG_DEBUG
                     : c->verbose == 1 ? RS_LOG_INFO
                                       : RS_LOG_OFF,
        .log = cli_log,
        .log_user = c,
        .progress = cli_progress,
        .progress_user = c,
    };
    rs_context *ctx;
    RS_TRY(rs_context_new(&options, &ctx));
    rs_context_free(c->ctx);
    c->ctx = ctx;
    arm_signals(ctx);
    if (c->tier != NULL) RS_TRY(rs_context_set_tier_name(ctx, c->tier));
    RS_TRY(cli_limits_apply(c));
    return RS_OK;
}

/* gcc's OpenMP spins where it waits, unless this is set before the library loads (architecture 1.6). */
static void wait_passively(char **argv)
{
    char self[4096];
    if (getenv("OMP_WAIT_POLICY") != NULL || setenv("OMP_WAIT_POLICY", "passive", 1) != 0) return;
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length <= 0) return;
    self[length] = 0;
    execv(self, argv); /* where that fails, the work goes on as it is */
}

/* A descriptor that was closed would be given to the next file or socket that is opened. Results that nobody can read
   fail as any write does. */
static void open_standard(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) < 0) return;
}

const char *cli_nearest(const char *word, const char *(*at)(int i), int n)
{
    int best = 3; /* edits; more is no likeness */
    const char *nearest = NULL;
    for (int i = 0; i < n; i++) {
        int distance = rs_text_distance(word, at(i));
        if (distance >= best) continue;
        best = distance;
        nearest = at(i);
    }
    return nearest;
}

static const char *command_name(int i)
{
    return commands[i].name;
}

static rs_status unknown_command(cli *c, const char *word)
{
    const char *nearest = cli_nearest(word, command_name, N_COMMANDS);
    if (nearest != NULL)
        return rs_fail(c->ctx, RS_USAGE, "unknown command %s: did you mean %s?", cli_clean(c, word), nearest);
    return rs_fail(c->ctx, RS_USAGE, "unknown command %s: see restage --help", cli_clean(c, word));
}

/* restage without a command: only --help and --version mean something. */
static rs_status without_command(cli *c, int argc, char **argv)
{
    cli_option none[] = {{.kind = CLI_END}};
    cli_call call = {.usage = "COMMAND [options]", .about = "", .options = none};
    bool wants_help = false;
    for (int i = 1; i < argc; i++)
        wants_help |= strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0;
    if (wants_help) {
        cli_print_commands(stdout);
        return RS_OK;
    }
    bool done = false;
    c->command = "";
    RS_TRY(cli_parse(c, &call, argc, argv, &done));
    if (done) return RS_OK;
    cli_print_commands(stderr);
    return rs_fail(c->ctx, RS_USAGE, "no command was given");
}

static rs_status dispatch(cli *c, int argc, char **argv)
{
    /* A wrong call is told as JSON too, so this is known before the options are parsed. */
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        c->json |= strcmp(argv[i], "--json") == 0;
    if (argc < 2 || argv[1][0] == '-') return without_command(c, argc, argv);
    const cli_command *command = cli_command_find(argv[1]);
    if (command == NULL) return unknown_command(c, argv[1]);
    c->command = command->name;
    return command->run(c, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    open_standard();
    wait_passively(argv);
    umask(077);
    cli c = {.percent = -1, .command = "", .threads = CLI_ALL_THREADS};
    rs_context_options one = {.threads = 1};
    c.arena = rs_arena_new();
    rs_status status = c.arena == NULL ? RS_NO_MEMORY : rs_context_new(&one, &c.ctx);
    if (status != RS_OK) {
        fprintf(stderr, "restage: not enough memory to start\n");
        rs_arena_free(c.arena);
        return status;
    }
    status = cli_signalled(dispatch(&c, argc, argv));
    cli_clear_progress(&c);
    if (status != RS_OK) cli_tell_failure(&c, status);
    if ((fflush(stdout) != 0 || ferror(stdout)) && status == RS_OK) {
        fprintf(stderr, "restage: the results could not be written to stdout\n");
        status = RS_IO;
    }
    signal_context = NULL;
    rs_context_free(c.ctx);
    rs_arena_free(c.arena);
    return status;
}
