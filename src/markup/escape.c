/* Escaping and base64. */
#include "markup.h"

#include <string.h>

/* Bytes of the UTF-8 character that begins here; 0 where there is none (RFC 3629: no overlong forms, no surrogates). */
static size_t character(const unsigned char *at)
{
    if (at[0] < 0x80) return 1;
    size_t n = at[0] >= 0xC2 && at[0] <= 0xDF ? 2 : (at[0] & 0xF0) == 0xE0 ? 3 : at[0] >= 0xF0 && at[0] <= 0xF4 ? 4 : 0;
    for (size_t i = 1; i < n; i++) {
        if ((at[i] & 0xC0) != 0x80) return 0;
    }
    if (at[0] == 0xE0 && at[1] < 0xA0) return 0;
    if (at[0] == 0xED && at[1] > 0x9F) return 0;
    if (at[0] == 0xF0 && at[1] < 0x90) return 0;
    if (at[0] == 0xF4 && at[1] > 0x8F) return 0;
    return n;
}

static const char *entity(unsigned char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return c < 0x20 || c == 0x7F ? "?" : NULL;
    }
}

/* U+0080 to U+009F are control characters too. */
static bool is_plain(const unsigned char *at, size_t n)
{
    return n > 0 && !(n == 2 && at[0] == 0xC2 && at[1] < 0xA0);
}

void rs_markup_text(rs_buffer *out, const char *text)
{
    const unsigned char *at = (const unsigned char *)text, *from = at;
    while (at && *at) {
        size_t n = character(at);
        const char *instead = n == 1 ? entity(*at) : is_plain(at, n) ? NULL : "?";
        if (!instead) {
            at += n;
            continue;
        }
        rs_buffer_add(out, from, (size_t)(at - from));
        rs_buffer_text(out, instead);
        at += n ? n : 1;
        from = at;
    }
    if (at) rs_buffer_add(out, from, (size_t)(at - from));
}

void rs_markup_base64(rs_buffer *out, const void *data, size_t bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *in = data;
    char piece[1024];
    size_t n = 0;
    for (size_t i = 0; i < bytes; i += 3) {
        size_t left = bytes - i;
        uint32_t word = (uint32_t)in[i] << 16 | (left > 1 ? (uint32_t)in[i + 1] << 8 : 0) | (left > 2 ? in[i + 2] : 0u);
        piece[n++] = digits[word >> 18];
        piece[n++] = digits[word >> 12 & 63];
        piece[n++] = left > 1 ? digits[word >> 6 & 63] : '=';
        piece[n++] = left > 2 ? digits[word & 63] : '=';
        if (n < sizeof piece) continue;
        rs_buffer_add(out, piece, n);
        n = 0;
    }
    rs_buffer_add(out, piece, n);
}
