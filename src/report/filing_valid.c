/* Whether texts of a header are what their value representations ask for (PS3.5 6.2). */
#include "filing.h"

#include <string.h>

#include "restage/text.h"

/* Characters of a text in UTF-8: lengths count characters, not bytes. */
static size_t characters(const char *text, size_t n_bytes)
{
    size_t n = 0;
    for (size_t i = 0; i < n_bytes; i++)
        n += ((unsigned char)text[i] & 0xc0) != 0x80;
    return n;
}

static bool is_text(const char *text, size_t most, bool one_value)
{
    for (const char *at = text; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f) return false;
    while (true) {
        size_t n = strcspn(text, "\\");
        if (characters(text, n) > most || (text[n] && one_value)) return false;
        if (!text[n]) return true;
        text += n + 1;
    }
}

/* Three component groups of five components each (PS3.5 6.2.1.2). */
static bool is_name(const char *text)
{
    if (!is_text(text, 3 * 64 + 2, true)) return false;
    for (int group = 0;; group++) {
        size_t n = strcspn(text, "=");
        int carets = 0;
        for (size_t i = 0; i < n; i++)
            carets += text[i] == '^';
        if (characters(text, n) > 64 || carets > 4 || group > 2) return false;
        if (!text[n]) return true;
        text += n + 1;
    }
}

static bool is_names(const char *text)
{
    char one[256];
    while (true) {
        size_t n = strcspn(text, "\\");
        if (n >= sizeof one) return false;
        memcpy(one, text, n);
        one[n] = 0;
        if (!is_name(one)) return false;
        if (!text[n]) return true;
        text += n + 1;
    }
}

static int number_at(const char *text, int digits)
{
    int value = 0;
    for (int i = 0; i < digits; i++) {
        if (text[i] < '0' || text[i] > '9') return -1;
        value = 10 * value + (text[i] - '0');
    }
    return value;
}

static bool is_date(const char *text)
{
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (strlen(text) != 8) return false;
    int year = number_at(text, 4), month = number_at(text + 4, 2), day = number_at(text + 6, 2);
    if (year < 0 || month < 1 || month > 12 || day < 1 || day > days[month - 1]) return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month != 2 || day < 29 || leap;
}

/* HH, HHMM, HHMMSS, HHMMSS.F to .FFFFFF. */
static bool is_time(const char *text)
{
    static const int most[] = {23, 59, 60};
    size_t n = strlen(text), whole = strcspn(text, ".");
    if (whole < 2 || whole > 6 || whole % 2) return false;
    for (size_t part = 0; part < whole / 2; part++) {
        int value = number_at(text + 2 * part, 2);
        if (value < 0 || value > most[part]) return false;
    }
    if (whole == n) return true;
    if (whole != 6 || n < 8 || n > 13) return false;
    return strspn(text + 7, "0123456789") == n - 7;
}

bool rs_report_is_uid(const char *text)
{
    size_t n = strlen(text);
    if (n == 0 || n > 64 || strspn(text, "0123456789.") != n || text[n - 1] == '.') return false;
    for (const char *at = text; at; at = strchr(at, '.') ? strchr(at, '.') + 1 : NULL)
        if (*at == '.' || (*at == '0' && at[1] >= '0' && at[1] <= '9')) return false;
    return true;
}

static bool is_decimal(const char *text)
{
    double value;
    return strlen(text) <= 16 && rs_text_real(text, &value);
}

static bool is_age(const char *text)
{
    return strlen(text) == 4 && number_at(text, 3) >= 0 && strchr("DWMY", text[3]) != NULL;
}

/* Defined terms of PS3.3 C.12.1.1.2, without and with code extensions; the first of several may be empty. */
static bool is_charsets(const char *text)
{
    static const char *const plain[] = {
        "ISO_IR 6",   "ISO_IR 100", "ISO_IR 101", "ISO_IR 109", "ISO_IR 110", "ISO_IR 144", "ISO_IR 127", "ISO_IR 126",
        "ISO_IR 138", "ISO_IR 148", "ISO_IR 203", "ISO_IR 13",  "ISO_IR 166", "ISO_IR 192", "GB18030",    "GBK"};
    static const char *const extended[] = {"6",   "100", "101", "109", "110", "144", "127", "126", "138",
                                           "148", "203", "13",  "166", "87",  "159", "149", "58"};
    while (true) {
        size_t n = strcspn(text, "\\");
        bool known = n == 0;
        for (size_t t = 0; t < sizeof plain / sizeof plain[0]; t++)
            known = known || (strlen(plain[t]) == n && strncmp(plain[t], text, n) == 0);
        for (size_t t = 0; n > 12 && t < sizeof extended / sizeof extended[0]; t++)
            known = known || (strncmp(text, "ISO 2022 IR ", 12) == 0 && strlen(extended[t]) == n - 12 &&
                              strncmp(extended[t], text + 12, n - 12) == 0);
        if (!known) return false;
        if (!text[n]) return true;
        text += n + 1;
    }
}

bool rs_filing_is_valid(int form, const char *text, int32_t n_bytes)
{
    switch (form) {
    case RS_FORM_DATE:
        return n_bytes == 8 && is_date(text);
    case RS_FORM_TIME:
        return is_time(text);
    case RS_FORM_SHORT:
        return is_text(text, 16, true);
    case RS_FORM_LONG:
        return is_text(text, 64, true);
    case RS_FORM_LONGS:
        return is_text(text, 64, false);
    case RS_FORM_NAME:
        return is_name(text);
    case RS_FORM_NAMES:
        return is_names(text);
    case RS_FORM_SEX:
        return strlen(text) == 1 && strchr("MFO", text[0]) != NULL;
    case RS_FORM_AGE:
        return n_bytes == 4 && is_age(text);
    case RS_FORM_DECIMAL:
        return is_decimal(text);
    case RS_FORM_UID:
        return rs_report_is_uid(text);
    default: /* RS_FORM_CHARSETS */
        return is_charsets(text);
    }
}
