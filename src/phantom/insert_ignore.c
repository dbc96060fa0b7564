/* The real lesions of a scan, which insertions keep clear of: annotations.json as data/clinical has it, or a CSV by
   the columns of LUNA16. */
#include <math.h>
#include <string.h>

#include "failure.h"
#include "insert_room.h"
#include "restage/files.h"
#include "restage/json.h"
#include "restage/text.h"

enum { FILE_BYTES_MAX = 1 << 26 };

/* Of a lesion of which no size is told. */
static const double untold_mm = 10.0;

typedef struct list {
    rs_insert_real *items;
    int n, capacity;
} list;

static rs_status add(rs_context *ctx, rs_arena *arena, list *to, const double lps_mm[3], double diameter_mm)
{
    /* Several readers or programs of one lesion: the largest stands. */
    for (int n = 0; n < to->n; n++) {
        double square = 0.0;
        for (int c = 0; c < 3; c++)
            square += (to->items[n].lps_mm[c] - lps_mm[c]) * (to->items[n].lps_mm[c] - lps_mm[c]);
        if (square > 9.0) continue;
        if (diameter_mm > to->items[n].diameter_mm) to->items[n].diameter_mm = diameter_mm;
        return RS_OK;
    }
    void *items = to->items;
    rs_insert_real *real = rs_arena_push(arena, &items, to->n, &to->capacity, sizeof *real);
    if (real == NULL) return rs_fail_memory(ctx, "the real lesions");
    to->items = items;
    to->n++;
    memcpy(real->lps_mm, lps_mm, sizeof real->lps_mm);
    real->diameter_mm = diameter_mm;
    return RS_OK;
}

/* --- annotations.json --- */

/* The largest length that an object and what stands below it tells, by keys that end in _mm and name a diameter. */
static double size_of(const rs_json *value, int depth)
{
    static const char *const keys[] = {
        "eqdiam_mm",       "equivalent_diameter_mm",          "long_axis_mm",
        "diameter_mm",     "max_axial_diam_outer_contour_mm", "max_axial_diameter_voxel_centres_mm",
        "calipers_long_mm"};
    double largest = 0.0;
    for (int n = 0; depth < 4 && n < rs_json_size(value); n++) {
        const rs_json *entry = NULL;
        double mm = 0.0;
        const char *key = rs_json_key(value, n, &entry);
        if (key == NULL) entry = rs_json_at(value, n);
        for (size_t k = 0; key != NULL && k < sizeof keys / sizeof keys[0]; k++)
            if (strcmp(key, keys[k]) == 0 && rs_json_real(entry, &mm) && mm > largest) largest = mm;
        mm = size_of(entry, depth + 1);
        if (mm > largest) largest = mm;
    }
    return largest;
}

static rs_status read_json(rs_context *ctx, rs_arena *arena, const char *text, size_t bytes, list *to)
{
    rs_json *root = NULL;
    RS_TRY(rs_json_parse(ctx, text, bytes, &root));
    const rs_json *lesions = rs_json_get(root, "lesions");
    rs_status status = lesions != NULL ? RS_OK : rs_fail(ctx, RS_DATA, "it has no lesions[]");
    for (int n = 0; n < rs_json_size(lesions) && status == RS_OK; n++) {
        const rs_json *lesion = rs_json_at(lesions, n), *centre = rs_json_get(lesion, "centre_lps_mm");
        double lps[3], mm = size_of(lesion, 0);
        bool good = rs_json_size(centre) == 3;
        for (int c = 0; c < 3 && good; c++)
            good = rs_json_real(rs_json_at(centre, c), &lps[c]);
        status = good ? add(ctx, arena, to, lps, mm > 0.0 ? mm : untold_mm)
                      : rs_fail(ctx, RS_DATA, "lesion %d has no centre_lps_mm of three numbers", n + 1);
    }
    rs_json_free(root);
    return status;
}

/* --- LUNA16 --- */

typedef enum luna16_column { UID = 0, X, Y, Z, DIAMETER, N_COLUMNS } luna16_column;

static rs_status read_row(rs_context *ctx, rs_arena *arena, char *const *fields, const int column[N_COLUMNS], list *to)
{
    double lps[3], mm = untold_mm;
    bool good = true;
    for (int c = 0; c < 3; c++)
        good = good && rs_text_real(fields[column[X + c]], &lps[c]);
    if (column[DIAMETER] >= 0) good = good && rs_text_real(fields[column[DIAMETER]], &mm) && mm >= 0.0;
    if (!good) return rs_fail(ctx, RS_DATA, "a row has no numbers in its coordinates");
    return add(ctx, arena, to, lps, mm > 0.0 ? mm : untold_mm);
}

static rs_status read_csv(rs_context *ctx, rs_arena *arena, char *text, const char *series_uid, list *to)
{
    static const char *const names[N_COLUMNS] = {"seriesuid", "coordX", "coordY", "coordZ", "diameter_mm"};
    int column[N_COLUMNS], last = 0;
    char *fields[RS_INSERT_CELLS_MAX], *line = rs_insert_line(&text);
    rs_insert_columns(line, names, N_COLUMNS, column);
    for (int c = 0; c < DIAMETER; c++)
        if (column[c] < 0) return rs_fail(ctx, RS_DATA, "it is neither JSON nor a CSV with the column %s", names[c]);
    for (int c = 0; c < N_COLUMNS; c++)
        last = column[c] > last ? column[c] : last;
    while ((line = rs_insert_line(&text)) != NULL) {
        if (line[0] == '\0') continue;
        if (rs_insert_split(line, fields) <= last) return rs_fail(ctx, RS_DATA, "a row is too short");
        if (strcmp(fields[column[UID]], series_uid) == 0) RS_TRY(read_row(ctx, arena, fields, column, to));
    }
    return RS_OK;
}

static rs_status read_file(rs_context *ctx, rs_arena *arena, const char *path, const char *series_uid, list *to)
{
    uint8_t *bytes = NULL;
    size_t n_bytes = 0;
    RS_TRY(rs_file_read(ctx, arena, path, FILE_BYTES_MAX, true, &bytes, &n_bytes));
    char *text = (char *)bytes;
    size_t blank = strspn(text, " \t\r\n");
    if (text[blank] == '{') {
        RS_TRY(read_json(ctx, arena, text, n_bytes, to));
    } else {
        if (strncmp(text, "\xef\xbb\xbf", 3) == 0) text += 3;
        RS_TRY(read_csv(ctx, arena, text, series_uid, to));
    }
    return RS_OK;
}

rs_status rs_insert_ignore_read(rs_context *ctx, rs_arena *arena, const char *path, const char *series_uid,
                                rs_insert_real **out, int *n)
{
    list found = {0};
    rs_status status = read_file(ctx, arena, path, series_uid, &found);
    if (status != RS_OK) return rs_phantom_name_failure(ctx, "--ignore", path, status);
    *out = found.items;
    *n = found.n;
    return RS_OK;
}
