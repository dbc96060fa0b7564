/* Text of ours in DICOM objects is ASCII, whatever character set the source has (PS3.5 6.1). */
#include "sr_rows.h"

#include <string.h>

/* Signs of the report that have a like. */
static const struct {
    const char *sign, *ascii;
} likes[] = {
    {"\u00b5", "u"}, {"\u03bc", "u"},  {"\u2264", "<="}, {"\u2265", ">="},   {"\u00b1", "+/-"}, {"\u00d7", "x"},
    {"\u2013", "-"}, {"\u2014", "-"},  {"\u2212", "-"},  {"\u2026", "..."},  {"\u00b2", "2"},   {"\u00b3", "3"},
    {"\u2019", "'"}, {"\u201c", "\""}, {"\u201d", "\""}, {"\u00b0", " deg"}, {"\u00a0", " "},
};

static const char *like(const char *at, size_t *bytes)
{
    for (size_t s = 0; s < sizeof likes / sizeof likes[0]; s++) {
        *bytes = strlen(likes[s].sign);
        if (strncmp(at, likes[s].sign, *bytes) == 0) return likes[s].ascii;
    }
    *bytes = 1;
    while (((unsigned char)at[*bytes] & 0xc0) == 0x80) /* the rest of a letter of UTF-8 */
        ++*bytes;
    return "?";
}

const char *rs_ascii(rs_arena *arena, const char *text)
{
    if (!text) return NULL;
    char *out = rs_arena_alloc_raw(arena, 4 * strlen(text) + 1, 1); /* the longest like of one byte is none of ours */
    if (!out) return NULL;
    size_t n = 0;
    while (*text) {
        unsigned char letter = (unsigned char)*text;
        size_t bytes = 1;
        if (letter < 0x80) {
            out[n++] = letter >= ' ' && letter != 0x7f ? *text : ' ';
        } else {
            const char *ascii = like(text, &bytes);
            memcpy(out + n, ascii, strlen(ascii));
            n += strlen(ascii);
        }
        text += bytes;
    }
    out[n] = 0;
    return out;
}
