/* Candidates from a file: CSV as LUNA16 has it (seriesuid,coordX,coordY,coordZ,probability), read without locale and
   without trust. Quotes, CRLF, a byte order mark, blanks and further columns are allowed (RFC 4180). */
#include "detect.h"

#include <string.h>
#include <strings.h>

#include "restage/files.h"
#include "restage/text.h"

enum { COLUMNS_MAX = 256, FILE_BYTES_MAX = 1 << 29, SERIES_ROWS_MAX = 50000 };

typedef enum given_column { UID, X, Y, Z, P, RADIUS, N_COLUMNS } given_column;
static const char *const column_names[N_COLUMNS] = {"seriesuid", "coordX",      "coordY",
                                                    "coordZ",    "probability", "radius_mm"};

typedef struct given_row {
    const char *series_uid;
    double lps_mm[3], p, radius_mm; /* radius 0: not told */
} given_row;

typedef struct given_file {
    rs_arena *arena; /* owner of everything, itself too */
    given_row *rows;
    int n, capacity;
} given_file;

/* The text at work; fields are cut out of it in place. */
typedef struct reader {
    char *at, *end;
    int64_t line; /* 1-based, of the row's first line */
    int64_t next_line;
    char *field[COLUMNS_MAX];
    int n_fields;
} reader;

static char *trimmed(char *text)
{
    while (*text == ' ' || *text == '\t')
        text++;
    size_t n = strlen(text);
    while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\t'))
        text[--n] = 0;
    return text;
}

/* Takes a quoted field whose opening quote is passed; writes it where it stands. False where it never closes. */
static bool take_quoted(reader *r)
{
    char *to = r->at;
    for (; r->at < r->end; r->at++) {
        r->next_line += *r->at == '\n';
        if (*r->at != '"') {
            *to++ = *r->at;
        } else if (r->at + 1 < r->end && r->at[1] == '"') {
            *to++ = *r->at++;
        } else {
            r->at++;
            char *rest = to;
            while (r->at < r->end && *r->at != ',' && *r->at != '\n')
                *rest++ = *r->at++; /* what stands behind the quote belongs to the field */
            if (rest > to && rest[-1] == '\r') rest--;
            *rest = 0; /* one quote fewer than read: never on what follows */
            return true;
        }
    }
    return false;
}

/* Cuts one row into its fields. Returns 1; 0 at the end of the file; -1 for a row that is none. */
static int take_row(reader *r)
{
    r->n_fields = 0;
    if (r->at >= r->end) return 0;
    r->line = r->next_line;
    for (;;) {
        if (r->n_fields == COLUMNS_MAX) return -1;
        char *start = r->at;
        bool more;
        if (start < r->end && *start == '"') {
            start = ++r->at;
            if (!take_quoted(r)) return -1;
            more = r->at < r->end && *r->at == ',';
        } else {
            while (r->at < r->end && *r->at != ',' && *r->at != '\n')
                r->at++;
            more = r->at < r->end && *r->at == ',';
            *r->at = 0; /* also at the end: the file's text is terminated */
            if (!more && r->at > start && r->at[-1] == '\r') r->at[-1] = 0;
        }
        r->field[r->n_fields++] = trimmed(start);
        if (r->at < r->end) r->at++;
        if (!more) break;
        if (r->at >= r->end) { /* a comma ends the file: an empty field follows */
            if (r->n_fields == COLUMNS_MAX) return -1;
            r->field[r->n_fields++] = r->end;
            break;
        }
    }
    r->next_line++;
    return 1;
}

static bool is_blank(const reader *r)
{
    return r->n_fields == 1 && r->field[0][0] == 0;
}

static rs_status find_columns(rs_context *ctx, const reader *r, int column[N_COLUMNS])
{
    for (int c = 0; c < N_COLUMNS; c++) {
        column[c] = -1;
        for (int f = 0; f < r->n_fields && column[c] < 0; f++)
            if (strcasecmp(r->field[f], column_names[c]) == 0) column[c] = f;
        if (column[c] < 0 && c != RADIUS)
            return rs_fail(ctx, RS_DATA,
                           "the candidates file has no column %s: its first row must name seriesuid, coordX, coordY, "
                           "coordZ and probability",
                           column_names[c]);
    }
    return RS_OK;
}

static bool number_of(const reader *r, int field, double *out)
{
    return field < r->n_fields && rs_text_real(r->field[field], out);
}

static rs_status take_values(rs_context *ctx, const reader *r, const int column[N_COLUMNS], given_row *row)
{
    for (int a = 0; a < 3; a++)
        if (!number_of(r, column[X + a], &row->lps_mm[a]))
            return rs_fail(ctx, RS_DATA, "line %lld of the candidates file has no number in %s", (long long)r->line,
                           column_names[X + a]);
    if (!number_of(r, column[P], &row->p) || row->p < 0 || row->p > 1)
        return rs_fail(ctx, RS_DATA, "line %lld of the candidates file has no probability from 0 to 1",
                       (long long)r->line);
    if (column[RADIUS] < 0 || column[RADIUS] >= r->n_fields || r->field[column[RADIUS]][0] == 0) return RS_OK;
    if (!number_of(r, column[RADIUS], &row->radius_mm) || !(row->radius_mm > 0) || row->radius_mm > 500)
        return rs_fail(ctx, RS_DATA, "line %lld of the candidates file has a radius_mm that is none",
                       (long long)r->line);
    return RS_OK;
}

static rs_status take_rows(rs_context *ctx, reader *r, given_file *file)
{
    int column[N_COLUMNS], got;
    do
        got = take_row(r);
    while (got > 0 && is_blank(r));
    if (got == 0) return rs_fail(ctx, RS_DATA, "the candidates file is empty");
    if (got < 0) return rs_fail(ctx, RS_DATA, "line %lld of the candidates file is no row of CSV", (long long)r->line);
    RS_TRY(find_columns(ctx, r, column));
    while ((got = take_row(r)) > 0) {
        if (is_blank(r)) continue;
        given_row *row = rs_arena_push(file->arena, (void **)&file->rows, file->n, &file->capacity, sizeof *row);
        if (!row) return rs_fail_memory(ctx, "the candidates of a file");
        if (column[UID] >= r->n_fields)
            return rs_fail(ctx, RS_DATA, "line %lld of the candidates file has no seriesuid", (long long)r->line);
        row->series_uid = r->field[column[UID]];
        RS_TRY(take_values(ctx, r, column, row));
        file->n++;
    }
    if (got < 0) return rs_fail(ctx, RS_DATA, "line %lld of the candidates file is no row of CSV", (long long)r->line);
    return RS_OK;
}

static rs_status find_given(rs_context *ctx, const rs_detector_input *input, void *user, rs_arena *arena,
                            rs_candidates *out)
{
    const given_file *file = user;
    int inside = 0;
    for (int n = 0; n < file->n; n++) {
        const given_row *row = &file->rows[n];
        if (strcmp(row->series_uid, input->series_uid) != 0) continue;
        rs_candidate *c = rs_arena_push(arena, (void **)&out->items, out->n, &out->capacity, sizeof *c);
        if (!c) return rs_fail_memory(ctx, "the candidates of a file");
        memcpy(c->lps_mm, row->lps_mm, sizeof c->lps_mm);
        rs_geometry_to_index(&input->volume->geometry, c->lps_mm, c->index); /* a row at 0, 0, 0 is a place too */
        c->radius_mm = row->radius_mm;
        c->p = row->p;
        inside += rs_geometry_holds(&input->volume->geometry, c->index);
        if (++out->n > SERIES_ROWS_MAX)
            return rs_fail(ctx, RS_DATA,
                           "the candidates file has more than %d rows of this series: give the best of them",
                           SERIES_ROWS_MAX);
    }
    /* A file that was mistaken for another must not read as a scan without marks. */
    if (out->n == 0)
        return rs_fail(ctx, RS_DATA,
                       "the candidates file has no row of the series %s: give the file that belongs to it",
                       input->series_uid);
    if (inside == 0)
        return rs_fail(ctx, RS_DATA,
                       "none of the %d candidates of the file lies inside the images: positions are LPS in mm", out->n);
    return RS_OK;
}

/* The probabilities came with find. */
static rs_status rank_given(rs_context *ctx, const rs_detector_input *input, void *user, rs_candidates *candidates)
{
    (void)ctx;
    (void)input;
    (void)user;
    (void)candidates;
    return RS_OK;
}

static void free_given(void *user)
{
    given_file *file = user;
    if (file) rs_arena_free(file->arena);
}

static rs_status read_given(rs_context *ctx, const char *path, given_file *file)
{
    uint8_t *bytes;
    size_t n;
    RS_TRY(rs_file_read(ctx, file->arena, path, FILE_BYTES_MAX, true, &bytes, &n));
    reader r = {.at = (char *)bytes, .end = (char *)bytes + n, .next_line = 1};
    if (memchr(bytes, 0, n)) return rs_fail(ctx, RS_DATA, "the candidates file is no text");
    if (n >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) r.at += 3;
    return take_rows(ctx, &r, file);
}

rs_status rs_detector_from_file(rs_context *ctx, const char *path, rs_detector *out)
{
    rs_arena *arena = rs_arena_new();
    given_file *file = arena ? RS_ARENA_NEW(arena, given_file, 1) : NULL;
    if (!file) {
        rs_arena_free(arena);
        return rs_fail_memory(ctx, "the candidates of a file");
    }
    file->arena = arena;
    rs_status status = read_given(ctx, path, file);
    if (status != RS_OK) {
        rs_arena_free(arena);
        return status;
    }
    *out = (rs_detector){.id = "candidates-file",
                         .version = "1",
                         .find = find_given,
                         .rank = rank_given,
                         .free = free_given,
                         .user = file};
    return RS_OK;
}
