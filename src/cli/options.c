/* Parsing by the option table over getopt_long. Abbreviated long options are refused: a new option must not change what
   an old call means. */
#include "cli.h"

#include <getopt.h>
#include <math.h>
#include <string.h>

#include "restage/kernels.h"
#include "restage/text.h"

enum {
    COMMON_MAX = 8,
    PLACE_MOST_MM = 100000, /* 100 m: no scanner is larger */
    FIRST_LONG = 256,       /* getopt's number of option 0; below are letters */
};

static int count(const cli_option *options)
{
    int n = 0;
    while (options[n].kind != CLI_END)
        n++;
    return n;
}

static void common_options(cli *c, cli_option out[COMMON_MAX])
{
    const cli_option rows[COMMON_MAX] = {
        {"json", 0, CLI_FLAG, &c->json, NULL, "print for programs", NULL},
        {"threads", 'j', CLI_INTEGER, &c->threads, "N", "threads", "all cores allowed"},
        {"kernels", 0, CLI_TEXT, &c->tier, "TIER", "kernel tier: ref, portable, avx2, neon", "the best here"},
        {"quiet", 'q', CLI_FLAG, &c->quiet, NULL, "no progress, notes or summary", NULL},
        {"verbose", 'v', CLI_COUNT, &c->verbose, NULL, "log lines; twice: more of them", NULL},
        {"help", 'h', CLI_FLAG, &c->help, NULL, "this text", NULL},
        {"version", 0, CLI_FLAG, &c->version, NULL, "version, libraries and kernel tier", NULL},
        {NULL, 0, CLI_END, NULL, NULL, NULL, NULL},
    };
    memcpy(out, rows, sizeof rows);
}

/* The call's options and the common ones in one table. */
static rs_status join(cli *c, const cli_call *call, cli_option **out)
{
    cli_option common[COMMON_MAX];
    common_options(c, common);
    int own = count(call->options);
    cli_option *all = RS_ARENA_NEW(c->arena, cli_option, own + COMMON_MAX);
    if (all == NULL) return rs_fail_memory(c->ctx, "the options");
    memcpy(all, call->options, (size_t)own * sizeof *all);
    memcpy(all + own, common, sizeof common);
    *out = all;
    return RS_OK;
}

bool cli_takes_value(const cli_option *option)
{
    return option->kind != CLI_FLAG && option->kind != CLI_COUNT;
}

/* Refuses the word as it was typed, with the nearest option of the table. */
static rs_status unknown(cli *c, const cli_option *all, const char *word)
{
    const char *begin = word + strspn(word, "-");
    const char *name = cli_text(c, "%.*s", (int)strcspn(begin, "="), begin);
    const char *nearest = NULL;
    int best = 4; /* edits; more is no likeness */
    for (int i = 0; all[i].kind != CLI_END; i++) {
        int distance = rs_text_distance(name, all[i].name);
        if (strncmp(name, all[i].name, strlen(name)) == 0 && strlen(name) > 2 && distance > 2) distance = 2;
        if (distance < best && distance < (int)strlen(name)) {
            best = distance;
            nearest = all[i].name;
        }
    }
    const char *typed = cli_clean(c, cli_text(c, "%.*s", (int)strcspn(word, "="), word));
    if (nearest != NULL) return rs_fail(c->ctx, RS_USAGE, "unknown option %s: did you mean --%s?", typed, nearest);
    return rs_fail(c->ctx, RS_USAGE, "unknown option %s: see restage %s%s--help", typed, c->command,
                   c->command[0] != 0 ? " " : "");
}

/* "X,Y,Z": three numbers with decimal points. */
static rs_status add_place(cli *c, const cli_option *option, const char *value)
{
    cli_places *places = option->target;
    void *items = places->lps_mm;
    double place[3];
    const char *at = value;
    for (int d = 0; d < 3; d++) {
        size_t length = strcspn(at, ",");
        bool last = at[length] == 0;
        if (!rs_text_real(cli_text(c, "%.*s", (int)length, at), &place[d]) || last != (d == 2))
            return rs_fail(c->ctx, RS_USAGE,
                           "--%s wants three numbers with decimal points, as in -30.5,12,-200.0, "
                           "not \"%s\"",
                           option->name, cli_clean(c, value));
        if (!(fabs(place[d]) <= PLACE_MOST_MM))
            return rs_fail(c->ctx, RS_USAGE, "--%s wants places within %d mm of the origin", option->name,
                           PLACE_MOST_MM);
        at += length + 1;
    }
    double *next = rs_arena_push(c->arena, &items, places->n, &places->capacity, sizeof place);
    if (next == NULL) return rs_fail_memory(c->ctx, "the options");
    memcpy(next, place, sizeof place);
    places->lps_mm = items;
    places->n++;
    return RS_OK;
}

static rs_status add_text(cli *c, const cli_option *option, const char *value)
{
    cli_texts *texts = option->target;
    void *items = texts->text;
    const char **next = rs_arena_push(c->arena, &items, texts->n, &texts->capacity, sizeof *next);
    if (next == NULL) return rs_fail_memory(c->ctx, "the options");
    *next = value;
    texts->text = items;
    texts->n++;
    return RS_OK;
}

static rs_status store(cli *c, const cli_option *option, const char *value)
{
    switch (option->kind) {
    case CLI_FLAG:
        *(bool *)option->target = true;
        return RS_OK;
    case CLI_COUNT:
        ++*(int64_t *)option->target;
        return RS_OK;
    case CLI_TEXT:
        *(const char **)option->target = value;
        return RS_OK;
    case CLI_INTEGER:
        if (rs_text_integer(value, option->target)) return RS_OK;
        return rs_fail(c->ctx, RS_USAGE, "--%s wants a whole number, not \"%s\"", option->name, cli_clean(c, value));
    case CLI_REAL:
        if (rs_text_real(value, option->target)) return RS_OK;
        return rs_fail(c->ctx, RS_USAGE, "--%s wants a number with a decimal point, not \"%s\"", option->name,
                       cli_clean(c, value));
    case CLI_PLACE:
        return add_place(c, option, value);
    case CLI_LIMIT:
        return cli_limit_add(c, value);
    case CLI_TEXTS:
        return add_text(c, option, value);
    default:
        return rs_fail(c->ctx, RS_DEFECT, "an option of no kind");
    }
}

static const cli_option *by_letter(const cli_option *all, int letter)
{
    for (int i = 0; all[i].kind != CLI_END; i++)
        if (all[i].letter != 0 && all[i].letter == letter) return &all[i];
    return NULL;
}

/* True where getopt_long took a shortened name: the word that it read is not the whole name. */
static bool is_abbreviated(const cli_option *option, char **argv, int at)
{
    const char *word = argv[at - 1];
    size_t length = strlen(option->name);
    if (cli_takes_value(option) && word == optarg) word = argv[at - 2];
    return strncmp(word, "--", 2) != 0 || strncmp(word + 2, option->name, length) != 0 ||
           (word[2 + length] != 0 && word[2 + length] != '=');
}

static rs_status parse_words(cli *c, const cli_option *all, int argc, char **argv)
{
    int n = count(all);
    struct option *longs = RS_ARENA_NEW(c->arena, struct option, n + 1);
    char *letters = RS_ARENA_NEW(c->arena, char, 2 * n + 2);
    if (longs == NULL || letters == NULL) return rs_fail_memory(c->ctx, "the options");
    size_t l = 0;
    letters[l++] = ':';
    for (int i = 0; i < n; i++) {
        longs[i] = (struct option){all[i].name, cli_takes_value(&all[i]) ? required_argument : no_argument, NULL,
                                   FIRST_LONG + i};
        if (all[i].letter != 0) letters[l++] = all[i].letter;
        if (all[i].letter != 0 && cli_takes_value(&all[i])) letters[l++] = ':';
    }
    optind = 0; /* GNU: start anew */
    opterr = 0;
    int got;
    while ((got = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
        const char *word = argv[optind - 1];
        const cli_option *option = got >= FIRST_LONG ? &all[got - FIRST_LONG] : by_letter(all, got);
        if (got == ':') {
            return rs_fail(c->ctx, RS_USAGE, "option %s wants a value: see restage %s --help", cli_clean(c, word),
                           c->command);
        } else if (got == '?' && optopt >= FIRST_LONG) {
            return rs_fail(c->ctx, RS_USAGE, "option --%s takes no value", all[optopt - FIRST_LONG].name);
        } else if (got == '?' && optopt > ' ' && strncmp(word, "--", 2) != 0) {
            return rs_fail(c->ctx, RS_USAGE, "unknown option -%c: see restage %s --help", optopt, c->command);
        } else if (option == NULL || (got >= FIRST_LONG && is_abbreviated(option, argv, optind))) {
            return unknown(c, all,
                           option != NULL && cli_takes_value(option) && word == optarg ? argv[optind - 2] : word);
        }
        RS_TRY(store(c, option, optarg));
    }
    return RS_OK;
}

rs_status cli_parse(cli *c, cli_call *call, int argc, char **argv, bool *done)
{
    cli_option *all;
    RS_TRY(join(c, call, &all));
    RS_TRY(parse_words(c, all, argc, argv));
    *done = c->help || c->version;
    if (c->help) {
        call->options = all;
        cli_print_help(c, call);
        return RS_OK;
    }
    if (c->version) return cli_print_version(c);
    call->operands = argv + optind;
    call->n_operands = argc - optind;
    if (c->threads != CLI_ALL_THREADS && (c->threads < 1 || c->threads > 1024))
        return rs_fail(c->ctx, RS_USAGE, "-j wants 1 to 1024 threads");
    return RS_OK;
}
