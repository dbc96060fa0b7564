/* Rows of CSV tables (RFC 4180) into a buffer. */
#include "restage/files.h"

#include <string.h>

static void separate(rs_csv_row *row)
{
    if (row->begun) rs_buffer_text(row->to, ",");
    row->begun = true;
}

void rs_csv_text(rs_csv_row *row, const char *text)
{
    separate(row);
    if (!text || !*text) return;
    bool formula = strchr("=+-@\t\r", text[0]) != NULL;
    bool quoted = formula || strpbrk(text, ",\"\r\n") != NULL;
    if (quoted) rs_buffer_text(row->to, "\"");
    if (formula) rs_buffer_text(row->to, "'");
    for (const char *at = text; *at; at++) {
        if (*at == '"') rs_buffer_text(row->to, "\"");
        rs_buffer_add(row->to, at, 1);
    }
    if (quoted) rs_buffer_text(row->to, "\"");
}

void rs_csv_digits(rs_csv_row *row, const char *digits)
{
    separate(row);
    rs_buffer_text(row->to, digits);
}

void rs_csv_whole(rs_csv_row *row, int64_t value)
{
    separate(row);
    rs_buffer_printf(row->to, "%lld", (long long)value);
}

void rs_csv_end(rs_csv_row *row)
{
    rs_buffer_text(row->to, "\n");
    row->begun = false;
}
