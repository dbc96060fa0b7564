/* Text cut into lines. */
#include "wrap.h"

#include <string.h>

size_t rs_wrap_character(const char *text, unsigned *code)
{
    const unsigned char *at = (const unsigned char *)text;
    size_t n = at[0] < 0x80                     ? 1
               : at[0] >= 0xC2 && at[0] <= 0xDF ? 2
               : (at[0] & 0xF0) == 0xE0         ? 3
               : at[0] >= 0xF0 && at[0] <= 0xF4 ? 4
                                                : 0;
    unsigned value = n == 1 ? at[0] : n == 2 ? at[0] & 0x1Fu : n == 3 ? at[0] & 0x0Fu : at[0] & 0x07u;
    for (size_t i = 1; i < n; i++) {
        if ((at[i] & 0xC0) != 0x80) n = 0;
        value = value << 6 | (at[i] & 0x3Fu);
    }
    *code = n ? value : 0xFFFD;
    return n ? n : 1;
}

/* Most bytes of the word's beginning that fit; one character at least. */
static size_t cut(const char *text, size_t bytes, double width, rs_measure measure, void *by)
{
    unsigned code;
    size_t fits = rs_wrap_character(text, &code);
    while (fits < bytes) {
        size_t next = fits + rs_wrap_character(text + fits, &code);
        if (next > bytes || measure(by, text, next) > width) break;
        fits = next;
    }
    return fits;
}

const char *rs_wrap_next(const char *text, double width, rs_measure measure, void *by, const char **begin,
                         size_t *bytes)
{
    text += strspn(text, " ");
    *begin = text;
    *bytes = 0;
    const char *at = text;
    while (*at) {
        size_t blanks = strspn(at, " "), word = strcspn(at + blanks, " ");
        if (word == 0) break;
        size_t whole = (size_t)(at - text) + blanks + word;
        if (measure(by, text, whole) > width) break;
        *bytes = whole;
        at += blanks + word;
    }
    if (*bytes == 0) {
        size_t word = strcspn(text, " ");
        if (word > 0) *bytes = cut(text, word, width, measure, by);
    }
    at = text + *bytes;
    return at + strspn(at, " ");
}
