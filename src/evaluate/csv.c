/* The one reader of CSV and TSV (RFC 4180, plus what spreadsheets do to it). The text is cut in place: a cell is a
   pointer into the file's bytes, ended where its separator stood. */
#include "room.h"

#include <limits.h>
#include <string.h>
#include <strings.h>

#include "digest/inflate.h"
#include "restage/files.h"
#include "restage/text.h"

#define FILE_MAX ((size_t)1 << 30)
enum { CELLS_MAX = 4096 };

struct rs_csv {
    const char *name; /* without folders */
    char *at, *end;
    char separator;
    int64_t line, next_line; /* where the row, and the one after it, begins */
    const char **cells, **heading;
    int n_cells, n_heading;
    int n_line; /* cells of the row, those beyond CELLS_MAX too */
    bool waits; /* the row in cells is still to be given out */
};

const char *rs_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static rs_status inflated(rs_context *ctx, rs_arena *arena, const char *name, uint8_t **bytes, size_t *n)
{
    rs_inflated how;
    uint8_t *out;
    size_t n_out;
    RS_TRY(rs_inflate(ctx, arena, RS_DEFLATE_GZIP, *bytes, *n, FILE_MAX, &out, &n_out, &how));
    if (how == RS_INFLATED_CAP)
        return rs_fail(ctx, RS_DATA, "%s holds more than %zu bytes when unpacked", name, FILE_MAX);
    if (how != RS_INFLATED_ALL) return rs_fail(ctx, RS_DATA, "%s is a damaged gzip file; unpack it and look", name);
    char *text = rs_arena_alloc_raw(arena, n_out + 1, 1);
    if (text == NULL) return rs_fail_memory(ctx, "a table");
    if (n_out > 0) memcpy(text, out, n_out);
    text[n_out] = 0;
    *bytes = (uint8_t *)text;
    *n = n_out;
    return RS_OK;
}

/* More tabs than commas in the first line: separated by tabs. */
static char separator_of(const char *text)
{
    int commas = 0, tabs = 0;
    for (; *text != '\0' && *text != '\n' && *text != '\r'; text++) {
        commas += *text == ',';
        tabs += *text == '\t';
    }
    return tabs > commas ? '\t' : ',';
}

/* Unquotes in place; at stands behind the opening quote. Returns what follows the closing one. */
static char *unquote(rs_csv *csv, char *at)
{
    char *to = at;
    while (at < csv->end) {
        if (*at == '"') {
            if (at[1] != '"') break;
            at++;
        }
        csv->next_line += *at == '\n';
        *to++ = *at++;
    }
    char *behind = at < csv->end ? at + 1 : at;
    *to = '\0';
    return behind;
}

static char *trim(char *begin, char *end)
{
    while (begin < end && *begin == ' ')
        begin++;
    while (end > begin && end[-1] == ' ')
        end--;
    *end = '\0';
    return begin;
}

static bool ends_cell(const rs_csv *csv, const char *at)
{
    return at >= csv->end || *at == csv->separator || *at == '\n' || *at == '\r';
}

/* Takes the line at csv->at apart; true where a cell has something in it. */
static bool take_line(rs_csv *csv)
{
    bool any = false, more = true;
    csv->line = csv->next_line;
    csv->n_cells = csv->n_line = 0;
    while (more) {
        char *cell = csv->at, *at = csv->at;
        bool quoted = at < csv->end && *at == '"';
        if (quoted) cell = at = at + 1;
        if (quoted) at = unquote(csv, at);
        char *end = at;
        while (!ends_cell(csv, at))
            at++;
        if (!quoted) end = at;
        more = at < csv->end && *at == csv->separator;
        bool is_cr = at < csv->end && *at == '\r';
        char *next = at < csv->end ? at + 1 : at;
        if (is_cr && next < csv->end && *next == '\n') next++;
        if (!quoted) cell = trim(cell, end);
        any |= *cell != '\0';
        csv->n_line += csv->n_line < INT_MAX;
        if (csv->n_cells < CELLS_MAX) csv->cells[csv->n_cells++] = cell;
        csv->at = next;
    }
    csv->next_line++;
    return any;
}

bool rs_csv_next(rs_csv *csv)
{
    if (csv->waits) {
        csv->waits = false;
        return true;
    }
    while (csv->at < csv->end) {
        if (take_line(csv)) return true;
    }
    csv->n_cells = 0;
    return false;
}

static bool has_letter(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z')) return true;
    }
    return false;
}

/* The first line is the heading where it has letters in every cell (an index column has no name); otherwise it waits to
   be the first row. */
static rs_status take_heading(rs_context *ctx, rs_csv *csv, rs_arena *arena)
{
    csv->cells = RS_ARENA_RAW(arena, const char *, CELLS_MAX);
    if (csv->cells == NULL) return rs_fail_memory(ctx, "a table");
    csv->waits = rs_csv_next(csv);
    bool is_heading = csv->waits;
    for (int c = 0; c < csv->n_cells; c++)
        is_heading = is_heading && (*csv->cells[c] == '\0' || has_letter(csv->cells[c]));
    if (!is_heading) return RS_OK;
    csv->waits = false;
    csv->n_heading = csv->n_cells;
    csv->heading = rs_arena_copy(arena, csv->cells, (size_t)csv->n_cells, sizeof *csv->cells);
    return csv->heading != NULL ? RS_OK : rs_fail_memory(ctx, "a table");
}

rs_status rs_csv_open(rs_context *ctx, const char *path, rs_arena *arena, rs_csv **out)
{
    uint8_t *bytes;
    size_t n;
    const char *name = rs_base_name(path);
    RS_TRY(rs_file_read(ctx, arena, path, FILE_MAX, true, &bytes, &n));
    if (n >= 2 && bytes[0] == 0x1F && bytes[1] == 0x8B) RS_TRY(inflated(ctx, arena, name, &bytes, &n));
    if (n >= 2 && ((bytes[0] == 0xFF && bytes[1] == 0xFE) || (bytes[0] == 0xFE && bytes[1] == 0xFF)))
        return rs_fail(ctx, RS_DATA, "%s is text in UTF-16; save it as UTF-8", name);
    if (memchr(bytes, 0, n) != NULL) return rs_fail(ctx, RS_DATA, "%s is no text: it has zero bytes in it", name);
    rs_csv *csv = RS_ARENA_NEW(arena, rs_csv, 1);
    if (csv == NULL) return rs_fail_memory(ctx, "a table");
    size_t mark = n >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    *csv = (rs_csv){.name = rs_arena_text(arena, name),
                    .at = (char *)bytes + mark,
                    .end = (char *)bytes + n,
                    .separator = separator_of((const char *)bytes + mark),
                    .next_line = 1};
    if (csv->name == NULL) return rs_fail_memory(ctx, "a table");
    RS_TRY(take_heading(ctx, csv, arena));
    *out = csv;
    return RS_OK;
}

const char *rs_csv_heading(const rs_csv *csv, int column)
{
    return column >= 0 && column < csv->n_heading ? csv->heading[column] : NULL;
}

int rs_csv_column(const rs_csv *csv, const char *heading)
{
    for (int c = 0; c < csv->n_heading; c++) {
        if (strcasecmp(csv->heading[c], heading) == 0) return c;
    }
    return -1;
}

int64_t rs_csv_line(const rs_csv *csv)
{
    return csv->line;
}

int rs_csv_cells(const rs_csv *csv)
{
    return csv->n_cells;
}

const char *rs_csv_cell(const rs_csv *csv, int column)
{
    return column >= 0 && column < csv->n_cells ? csv->cells[column] : "";
}

const char *rs_csv_said(const rs_csv *csv, int column)
{
    const char *text = rs_csv_cell(csv, column);
    return *text != '\0' ? text : NULL;
}

bool rs_csv_number(const rs_csv *csv, int column, double *out)
{
    return rs_text_real(rs_csv_cell(csv, column), out);
}

rs_status rs_csv_check_row(rs_context *ctx, const rs_csv *csv)
{
    if (csv->n_heading == 0 || csv->n_line <= csv->n_heading) return RS_OK;
    return rs_fail(ctx, RS_DATA, "%s, line %lld: it has %d cells and the first line %d; numbers want a decimal point",
                   csv->name, (long long)csv->line, csv->n_line, csv->n_heading);
}

rs_status rs_csv_check_heading(rs_context *ctx, const rs_csv *csv, const char *const *names, int n)
{
    for (int i = 0; i < n; i++) {
        int column = rs_csv_column(csv, names[i]);
        for (int c = column + 1; column >= 0 && c < csv->n_heading; c++)
            if (strcasecmp(csv->heading[c], names[i]) == 0)
                return rs_fail(ctx, RS_DATA, "%s: its first line names the column %s twice", csv->name, names[i]);
        if (column < 0)
            return rs_fail(ctx, RS_DATA,
                           "%s has no column %s: its first line must name the columns of LUNA16, which are %s",
                           csv->name, names[i], "seriesuid, coordX, coordY, coordZ and diameter_mm or probability");
    }
    return RS_OK;
}

rs_status rs_csv_need_mm(rs_context *ctx, const rs_csv *csv, int column, double *out)
{
    RS_TRY(rs_csv_need(ctx, csv, column, out));
    if (*out >= -RS_MOST_MM && *out <= RS_MOST_MM) return RS_OK;
    return rs_csv_fail(ctx, csv, column, "is farther than any scan reaches, or larger than any lesion");
}

rs_status rs_csv_fail(rs_context *ctx, const rs_csv *csv, int column, const char *what)
{
    const char *heading = rs_csv_heading(csv, column);
    char shown[41];
    rs_text_printable(shown, sizeof shown, rs_csv_cell(csv, column));
    return rs_fail(ctx, RS_DATA, "%s, line %lld, %s: \"%s\" %s", csv->name, (long long)csv->line,
                   heading != NULL ? heading : "a column", shown, what);
}

rs_status rs_csv_need(rs_context *ctx, const rs_csv *csv, int column, double *out)
{
    return rs_csv_number(csv, column, out) ? RS_OK : rs_csv_fail(ctx, csv, column, "is no finite number");
}
