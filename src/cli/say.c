/* What is said: sentences, notes, log lines and progress on stderr; wrapped text and JSON on stdout. */
#include "cli.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "restage/text.h"

enum { BAR_CELLS = 24, WIDTH_MIN = 40, WIDTH_MAX = 100 };

int cli_width(void)
{
    int64_t width = 80;
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    if (columns == NULL || !rs_text_integer(columns, &width)) {
        if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
            width = size.ws_col;
    }
    return (int)(width < WIDTH_MIN ? WIDTH_MIN : width > WIDTH_MAX ? WIDTH_MAX : width);
}

/* Columns that a piece of UTF-8 takes, near enough: its letters. */
static int columns_of(const char *text, size_t bytes)
{
    int n = 0;
    for (size_t i = 0; i < bytes; i++)
        n += ((unsigned char)text[i] & 0xC0) != 0x80;
    return n;
}

/* Bytes up to the next place where a line may be broken: not between a number and its unit. */
static size_t word_at(const char *text)
{
    size_t word = strcspn(text, " \n");
    while (text[word] == ' ' && (strncmp(text + word, " mm", 3) == 0 || strncmp(text + word, " ml", 3) == 0))
        word += 1 + strcspn(text + word + 1, " \n");
    return word;
}

void cli_wrap(FILE *out, int first_indent, int indent, int width, const char *text)
{
    int at = first_indent;
    bool fresh = true;
    fprintf(out, "%*s", first_indent, "");
    while (*text != 0) {
        size_t word = word_at(text);
        int columns = columns_of(text, word);
        if (!fresh && at + 1 + columns > width) {
            fprintf(out, "\n%*s", indent, "");
            at = indent;
            fresh = true;
        }
        fprintf(out, "%s%.*s", fresh ? "" : " ", (int)word, text);
        at += columns + (fresh ? 0 : 1);
        fresh = false;
        text += word;
        if (*text == '\n') {
            fprintf(out, "\n%*s", indent, "");
            at = indent;
            fresh = true;
        }
        if (*text != 0) text++;
    }
    fputc('\n', out);
}

const char *cli_text(cli *c, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = rs_text_vformat(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = length < 0 ? NULL : RS_ARENA_NEW(c->arena, char, length + 1);
    if (text == NULL) return "";
    va_start(arguments, format);
    rs_text_vformat(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}

const char *cli_words(cli *c, const char *code)
{
    char *out = rs_arena_text(c->arena, code != NULL ? code : "-");
    for (char *p = out; p != NULL && *p != 0; p++)
        if (*p == '_') *p = ' ';
    return out != NULL ? out : "";
}

const char *cli_clean(cli *c, const char *text)
{
    size_t size = 3 * strlen(text) + 1;
    char *clean = RS_ARENA_NEW(c->arena, char, size);
    if (clean == NULL) return "";
    rs_text_printable(clean, size, text);
    return clean;
}

rs_status cli_print_json(cli *c, rs_json *root)
{
    char *text = NULL;
    size_t bytes = 0;
    rs_status status = rs_json_print(c->ctx, root, &text, &bytes);
    if (status == RS_OK) fwrite(text, 1, bytes, stdout);
    rs_json_text_free(text);
    rs_json_free(root);
    return status;
}

void cli_clear_progress(cli *c)
{
    if (c->percent >= 0 && isatty(STDERR_FILENO)) fprintf(stderr, "\r\033[K");
    c->percent = -1;
    c->running = NULL;
}

void cli_progress(void *user, const char *station, int64_t done, int64_t total)
{
    cli *c = user;
    if (!isatty(STDERR_FILENO) || c->quiet) return;
    int percent = total > 0 ? (int)(100 * done / total) : 0;
    if (percent == c->percent && c->running != NULL && strcmp(c->running, station) == 0) return;
    c->percent = percent;
    c->running = station;
    int cells = percent * BAR_CELLS / 100;
    char bar[BAR_CELLS + 1];
    memset(bar, '.', BAR_CELLS);
    memset(bar, '#', (size_t)(cells < 0 ? 0 : cells > BAR_CELLS ? BAR_CELLS : cells));
    bar[BAR_CELLS] = 0;
    fprintf(stderr, "\r\033[K%-8s [%s] %3d %%", station, bar, percent);
}

void cli_log(void *user, rs_log_level level, const char *line)
{
    cli *c = user;
    if (isatty(STDERR_FILENO) && c->percent >= 0) fprintf(stderr, "\r\033[K");
    c->percent = -1;
    fprintf(stderr, "restage: %s: %s\n", rs_log_level_name(level), line);
}

static const char *sentence_of(cli *c, rs_status status)
{
    const char *sentence = rs_context_message(c->ctx);
    return sentence[0] != 0 ? sentence : rs_status_meaning(status);
}

void cli_json_failure(cli *c, rs_json *object, rs_status status)
{
    rs_json_set_integer(object, "code", status);
    rs_json_set_text(object, "kind", rs_status_kind(status));
    rs_json_set_text(object, "station", rs_context_station(c->ctx));
    if (rs_context_series(c->ctx) >= 0)
        rs_json_set_integer(object, "series", rs_context_series(c->ctx));
    else
        rs_json_set_null(object, "series");
    rs_json_set_text(object, "sentence", sentence_of(c, status));
    rs_json_set_bool(object, "retry", status == RS_AGAIN);
    c->told = true;
}

void cli_tell_failure(cli *c, rs_status status)
{
    const char *sentence = sentence_of(c, status);
    cli_clear_progress(c);
    const char *clean = cli_clean(c, sentence); /* it may quote a word of the call; "" when out of memory */
    fprintf(stderr, "restage: %s\n", clean[0] != 0 ? clean : sentence);
    if (!c->json || c->told) return;
    rs_json *o = rs_json_object();
    cli_json_failure(c, o, status);
    /* Out of memory here: the sentence stands on stderr, the exit code tells the rest. */
    if (cli_print_json(c, o) != RS_OK) fputs("{}\n", stdout);
}

void cli_tell_notes(cli *c, const rs_notes *notes)
{
    for (int i = 0; !c->quiet && i < notes->n; i++)
        fprintf(stderr, "restage: note: %s\n", cli_clean(c, notes->items[i].sentence));
}
