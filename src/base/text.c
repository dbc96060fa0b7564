/* Text and numbers without locale. */
#define _GNU_SOURCE /* newlocale, uselocale, strtod_l */
#include "restage/text.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static locale_t c_locale;

static void make_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static locale_t plain_locale(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_locale);
    return c_locale;
}

int rs_text_vformat(char *out, size_t size, const char *format, va_list arguments)
{
    locale_t plain = plain_locale();
    locale_t before = plain ? uselocale(plain) : (locale_t)0;
    int length = vsnprintf(out, size, format, arguments);
    if (plain) uselocale(before);
    return length;
}

int rs_text_format(char *out, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = rs_text_vformat(out, size, format, arguments);
    va_end(arguments);
    return length;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *skip_blanks(const char *at)
{
    while (*at == ' ')
        at++;
    return at;
}

/* [+-] digits [. digits] [eE [+-] digits], blanks around it; *has_point where it is no plain integer */
static bool is_decimal(const char *text, bool *is_integer)
{
    const char *at = skip_blanks(text);
    if (*at == '+' || *at == '-') at++;
    int digits = 0;
    *is_integer = true;
    for (; is_digit(*at); at++)
        digits++;
    if (*at == '.') {
        *is_integer = false;
        for (at++; is_digit(*at); at++)
            digits++;
    }
    if (!digits) return false;
    if (*at == 'e' || *at == 'E') {
        *is_integer = false;
        at++;
        if (*at == '+' || *at == '-') at++;
        if (!is_digit(*at)) return false;
        while (is_digit(*at))
            at++;
    }
    return *skip_blanks(at) == 0;
}

bool rs_text_real(const char *text, double *out)
{
    bool integer;
    if (!text || !is_decimal(text, &integer)) return false;
    locale_t plain = plain_locale();
    double value = plain ? strtod_l(text, NULL, plain) : strtod(text, NULL);
    if (!isfinite(value)) return false;
    *out = value;
    return true;
}

bool rs_text_integer(const char *text, int64_t *out)
{
    bool integer;
    if (!text || !is_decimal(text, &integer) || !integer) return false;
    const char *at = skip_blanks(text);
    bool negative = *at == '-';
    if (*at == '+' || *at == '-') at++;
    int64_t value = 0;
    for (; is_digit(*at); at++) {
        if (__builtin_mul_overflow(value, 10, &value)) return false;
        if (__builtin_sub_overflow(value, *at - '0', &value)) return false; /* counted below zero: INT64_MIN fits */
    }
    if (!negative && value == INT64_MIN) return false;
    *out = negative ? value : -value;
    return true;
}

double rs_round_decimals(double value, int decimals)
{
    static const double power[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    if (!isfinite(value)) return value;
    double scale = power[decimals < 0 ? 0 : decimals > 9 ? 9 : decimals];
    /* A few ulp towards the outside, so that 0.15 (stored a little below) rounds as a person reads it. */
    double scaled = value * scale;
    if (!(fabs(scaled) < 4503599627370496.0)) return value; /* 2^52: whole already */
    double rounded = round(scaled * (1 + 4e-16));
    return rounded == 0 ? 0 : rounded / scale;
}

enum { LONGEST_WORD = 64 };

static int least(int a, int b)
{
    return a < b ? a : b;
}

int rs_text_distance(const char *a, const char *b)
{
    int n = (int)strnlen(a, LONGEST_WORD), m = (int)strnlen(b, LONGEST_WORD);
    int row[3][LONGEST_WORD + 1];
    for (int j = 0; j <= m; j++)
        row[0][j] = j;
    for (int i = 1; i <= n; i++) {
        int *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];
        now[0] = i;
        for (int j = 1; j <= m; j++) {
            int cost = a[i - 1] == b[j - 1] ? 0 : 1;
            now[j] = least(least(last[j] + 1, now[j - 1] + 1), last[j - 1] + cost);
            bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) now[j] = least(now[j], before[j - 2] + 1);
        }
    }
    return row[n % 3][m];
}

/* Length of a well-formed UTF-8 sequence at text, 0 for a broken one (RFC 3629). */
static size_t utf8_length(const unsigned char *t)
{
    if (t[0] < 0x80) return 1;
    size_t length = t[0] >= 0xC2 && t[0] <= 0xDF ? 2 : (t[0] & 0xF0) == 0xE0 ? 3 : t[0] >= 0xF0 && t[0] <= 0xF4 ? 4 : 0;
    for (size_t i = 1; i < length; i++) {
        if ((t[i] & 0xC0) != 0x80) return 0;
    }
    if (t[0] == 0xE0 && t[1] < 0xA0) return 0;
    if (t[0] == 0xED && t[1] > 0x9F) return 0;
    if (t[0] == 0xF0 && t[1] < 0x90) return 0;
    if (t[0] == 0xF4 && t[1] > 0x8F) return 0;
    return length;
}

void rs_text_printable(char *out, size_t size, const char *text)
{
    if (!size) return;
    size_t at = 0;
    const unsigned char *t = (const unsigned char *)(text ? text : "");
    while (*t) {
        size_t length = utf8_length(t);
        bool control = t[0] < 0x20 || t[0] == 0x7F || (t[0] == 0xC2 && length == 2 && t[1] < 0xA0);
        if (at + (length ? length : 1) >= size) break;
        if (!length || control) {
            out[at++] = '?';
        } else {
            memcpy(out + at, t, length);
            at += length;
        }
        t += length ? length : 1;
    }
    out[at] = 0;
}
