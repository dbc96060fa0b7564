#include "header_text.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "restage/text.h"

enum { NUMBER_BYTES = 64 };

static char *trimmed(char *text)
{
    while (*text == ' ' || *text == '\t')
        text++;
    size_t n = strlen(text);
    while (n > 0 && strchr(" \t\r\n", text[n - 1]))
        text[--n] = 0;
    return text;
}

bool header_next_line(char **at, char *end, const char *separator, header_line *out)
{
    static char nothing[1];
    char *line = *at, *stop = line < end ? memchr(line, '\n', (size_t)(end - line)) : NULL;
    if (line >= end) return false;
    *at = stop ? stop + 1 : end;
    if (stop) *stop = 0;
    char *cut = strstr(line, separator);
    out->key = nothing;
    out->value = line;
    if (cut) {
        *cut = 0;
        out->key = trimmed(line);
        out->value = cut + strlen(separator);
    }
    out->value = trimmed(out->value);
    return true;
}

static bool one_number(const char *text, size_t n, double *out)
{
    char word[NUMBER_BYTES];
    if (n >= sizeof word) return false;
    memcpy(word, text, n);
    word[n] = 0;
    if (strcasecmp(word, "nan") == 0) {
        *out = (double)NAN;
        return true;
    }
    return rs_text_real(word, out);
}

int header_numbers(const char *text, double *out, int most)
{
    static const char blanks[] = " \t,";
    int n = 0;
    for (text += strspn(text, blanks); *text; text += strspn(text, blanks)) {
        const size_t length = strcspn(text, blanks);
        if (n == most || !one_number(text, length, &out[n])) return -1;
        n++;
        text += length;
    }
    return n;
}

bool header_whole(const char *text, int64_t *out)
{
    return rs_text_integer(text, out);
}

bool header_is(const char *text, const char *word)
{
    return strcasecmp(text, word) == 0;
}

rs_status header_beside(rs_context *ctx, rs_arena *arena, const char *header_path, const char *name, raw_file *file)
{
    const char *slash = strrchr(header_path, '/');
    const int folder = slash ? (int)(slash - header_path) + 1 : 0;
    if (!name[0] || strpbrk(name, "/\\") || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return rs_fail(ctx, RS_DATA,
                       "the header names a file with the voxels that is not beside it: put both into one folder and "
                       "name the file without a path");
    if (strchr(name, '%') || header_is(name, "LIST"))
        return rs_fail(ctx, RS_DATA, "the header spreads the voxels over several files: join them in one");
    file->path = rs_arena_printf(arena, "%.*s%s", folder, header_path, name);
    file->beside = true;
    return file->path ? RS_OK : rs_fail_memory(ctx, "the header of a volume");
}

bool header_machine_is_big(void)
{
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
}
