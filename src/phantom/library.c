/* The table of the library: which cut-outs there are, and which one a lesion becomes. */
#include "library.h"

#include <math.h>
#include <string.h>

#include "failure.h"
#include "restage/files.h"
#include "restage/text.h"

enum { FILE_BYTES_MAX = 1 << 26, PATIENTS_MAX = 4096 };

/* The readers' masks hold the rim: science C6A.11. */
static const double nominal_per_effective = 1.19;

typedef enum library_column {
    FILE_NAME = 0,
    PATIENT,
    DIAMETER,
    TEXTURE,
    CALCIFICATION,
    STRUCTURE,
    N_COLUMNS
} library_column;

typedef struct patients {
    const char *names[PATIENTS_MAX];
    int n;
    bool all;
} patients;

static rs_status read_patients(rs_context *ctx, rs_arena *arena, const char *path, patients *out)
{
    uint8_t *bytes = NULL;
    size_t n_bytes = 0;
    char *text, *line;
    out->all = path == NULL;
    if (out->all) return RS_OK;
    RS_TRY(rs_file_read(ctx, arena, path, FILE_BYTES_MAX, true, &bytes, &n_bytes));
    text = (char *)bytes;
    while ((line = rs_insert_line(&text)) != NULL) {
        size_t blank = strspn(line, " \t"), length = strcspn(line + blank, " \t,#");
        line[blank + length] = '\0';
        if (length == 0) continue;
        if (out->n == PATIENTS_MAX) return rs_fail(ctx, RS_DATA, "it lists more than %d patients", (int)PATIENTS_MAX);
        out->names[out->n++] = line + blank;
    }
    return out->n > 0 ? RS_OK : rs_fail(ctx, RS_DATA, "it lists no patient");
}

static bool is_listed(const patients *p, const char *name)
{
    bool listed = p->all;
    for (int n = 0; n < p->n && !listed; n++)
        listed = strcmp(p->names[n], name) == 0;
    return listed;
}

/* Texture 1 ground glass to 5 solid, calcification 6 absent, internal structure 4 air; blur keeps the core of a small
   solid one below its own density. */
rs_insert_density rs_library_density(const rs_library_row *row, double core_hu)
{
    const double chalk_hu = 100.0, part_hu = -300.0, solid_hu = -50.0, glass_hu = -500.0, shown_mm = 6.0;
    if (row->structure > 3.5) return RS_INSERT_CAVITY;
    if (row->calcification < 5.5 && core_hu >= chalk_hu) return RS_INSERT_CALCIFIED;
    if (core_hu >= solid_hu) return RS_INSERT_SOLID;
    if (row->texture < 1.75) return core_hu < part_hu ? RS_INSERT_GROUND_GLASS : RS_INSERT_PART_SOLID;
    if (row->texture < 4.25) return core_hu < glass_hu ? RS_INSERT_GROUND_GLASS : RS_INSERT_PART_SOLID;
    return core_hu < part_hu && row->nominal_mm >= shown_mm ? RS_INSERT_PART_SOLID : RS_INSERT_SOLID;
}

static rs_status read_row(rs_context *ctx, char *const *cells, const int *column, rs_library_row *out)
{
    double number[N_COLUMNS] = {0};
    for (int c = DIAMETER; c < N_COLUMNS; c++)
        if (!rs_text_real(cells[column[c]], &number[c]))
            return rs_fail(ctx, RS_DATA, "a row of cutouts.csv has no number where one must stand");
    *out = (rs_library_row){.file = cells[column[FILE_NAME]],
                            .patient = cells[column[PATIENT]],
                            .nominal_mm = number[DIAMETER],
                            .texture = number[TEXTURE],
                            .calcification = number[CALCIFICATION],
                            .structure = number[STRUCTURE]};
    if (out->file[0] == '\0' || strchr(out->file, '/') != NULL || !(out->nominal_mm > 0.0))
        return rs_fail(ctx, RS_DATA, "a row of cutouts.csv names no file or no diameter");
    return RS_OK;
}

static rs_status read_table(rs_context *ctx, rs_arena *arena, const rs_library_args *args, const patients *listed,
                            rs_library *out)
{
    static const char *const names[N_COLUMNS] = {"file",    "patient",       "mask_eqdiam_mm",
                                                 "texture", "calcification", "internal_structure"};
    uint8_t *bytes = NULL;
    size_t n_bytes = 0;
    int column[N_COLUMNS], capacity = 0;
    void *rows = NULL;
    rs_library found = {.folder = args->folder};
    const char *path = rs_arena_printf(arena, "%s/cutouts.csv", args->folder);
    if (path == NULL) return rs_fail_memory(ctx, "the library");
    RS_TRY(rs_file_read(ctx, arena, path, FILE_BYTES_MAX, true, &bytes, &n_bytes));
    char *text = (char *)bytes, *cells[RS_INSERT_CELLS_MAX], *line = rs_insert_line(&text);
    int n_cells = rs_insert_columns(line, names, N_COLUMNS, column);
    for (int c = 0; c < N_COLUMNS; c++)
        if (column[c] < 0) return rs_fail(ctx, RS_DATA, "cutouts.csv has no column %s", names[c]);
    while ((line = rs_insert_line(&text)) != NULL) {
        rs_library_row row;
        if (line[0] == '\0') continue;
        if (rs_insert_split(line, cells) != n_cells) return rs_fail(ctx, RS_DATA, "a row of cutouts.csv is too short");
        RS_TRY(read_row(ctx, cells, column, &row));
        double effective_mm = row.nominal_mm / nominal_per_effective;
        if (!is_listed(listed, row.patient) || effective_mm < args->smallest_mm || effective_mm > args->largest_mm)
            continue;
        rs_library_row *to = rs_arena_push(arena, &rows, found.n, &capacity, sizeof *to);
        if (to == NULL) return rs_fail_memory(ctx, "the library");
        *to = row;
        found.n++;
    }
    found.rows = rows;
    found.deck = RS_ARENA_NEW(arena, int32_t, found.n > 0 ? found.n : 1);
    if (found.deck == NULL) return rs_fail_memory(ctx, "the library");
    if (found.n == 0)
        return rs_fail(ctx, RS_DATA, "the library holds no nodule of these patients between %.1f and %.1f mm",
                       args->smallest_mm, args->largest_mm);
    *out = found;
    return RS_OK;
}

rs_status rs_library_read(rs_context *ctx, rs_arena *arena, const rs_library_args *args, rs_library *out)
{
    patients *listed = RS_ARENA_NEW(arena, patients, 1);
    if (listed == NULL) return rs_fail_memory(ctx, "the library");
    rs_status status = read_patients(ctx, arena, args->patients, listed);
    if (status != RS_OK) return rs_phantom_name_failure(ctx, "--patients", args->patients, status);
    status = read_table(ctx, arena, args, listed, out);
    return status == RS_OK ? RS_OK : rs_phantom_name_failure(ctx, "--library", args->folder, status);
}

/* The next card of the deck, which is shuffled anew behind its last. */
static const rs_library_row *row_drawn(rs_library *library, uint64_t seed)
{
    if (library->drawn == 0) {
        const uint64_t key = rs_phantom_key(seed, RS_INSERT_STREAM_CUTOUT, UINT64_MAX);
        rs_phantom_random random = rs_phantom_random_of(key, RS_INSERT_STREAM_CUTOUT, (uint64_t)library->rounds++);
        for (int32_t n = 0; n < library->n; n++)
            library->deck[n] = n;
        for (int32_t n = library->n - 1; n > 0; n--) {
            int32_t other = (int32_t)rs_phantom_uniform(&random, 0.0, n + 1.0), card = library->deck[n];
            library->deck[n] = library->deck[other];
            library->deck[other] = card;
        }
    }
    const rs_library_row *row = &library->rows[library->deck[library->drawn]];
    library->drawn = (library->drawn + 1) % library->n;
    return row;
}

/* About the normal, by any angle; along each axis flipped or not. The normal stays: the slices of both scans do. */
static void draw_turn(rs_phantom_random *r, double turn[3][3])
{
    double x = 0.0, y = 0.0, size = 0.0;
    do {
        x = rs_phantom_uniform(r, -1.0, 1.0);
        y = rs_phantom_uniform(r, -1.0, 1.0);
        size = x * x + y * y;
    } while (size > 1.0 || size < 1e-3);
    x /= sqrt(size);
    y /= sqrt(size);
    const double flip[2] = {rs_phantom_uniform(r, 0.0, 1.0) < 0.5 ? -1.0 : 1.0,
                            rs_phantom_uniform(r, 0.0, 1.0) < 0.5 ? -1.0 : 1.0};
    const double rows[3][3] = {{x, y, 0.0}, {-y * flip[0], x * flip[0], 0.0}, {0.0, 0.0, flip[1]}};
    memcpy(turn, rows, sizeof rows);
}

/* Further from the centre of the mask than that, none of it lies. */
static double reach_of(const rs_cutout *c)
{
    double largest = 0.0;
    int64_t v = 0;
    for (int32_t k = 0; k < c->n[2]; k++) {
        for (int32_t j = 0; j < c->n[1]; j++) {
            for (int32_t i = 0; i < c->n[0]; i++, v++) {
                if (c->mask[v] <= 0.0f) continue;
                double d[3] = {i * c->spacing_mm[0] - c->centre_mm[0], j * c->spacing_mm[1] - c->centre_mm[1],
                               k * c->spacing_mm[2] - c->centre_mm[2]};
                double square = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
                if (square > largest) largest = square;
            }
        }
    }
    /* Between voxels the mask falls to 0 over one of them; what is above one half reaches half as far. */
    double voxel = c->spacing_mm[0] > c->spacing_mm[2] ? c->spacing_mm[0] : c->spacing_mm[2];
    return sqrt(largest) + 0.87 * voxel;
}

rs_status rs_library_pick(rs_context *ctx, rs_arena *arena, const rs_insert_scene *s, rs_insert_lesion *l)
{
    enum { TRIES = 8 };
    const double noisy = 2.0; /* times the noise of the scan: such a cut-out is passed over */
    rs_phantom_random random = rs_phantom_random_of(s->options->seed, RS_INSERT_STREAM_CUTOUT, (uint64_t)l->index);
    rs_cutout *cutout = RS_ARENA_NEW(arena, rs_cutout, 1);
    if (cutout == NULL) return rs_fail_memory(ctx, "a cut-out");
    const rs_arena_mark mark = rs_arena_where(arena);
    for (int t = 0; t < TRIES && (t == 0 || t < s->library->n); t++) {
        rs_arena_rewind(arena, mark); /* of one that was passed over */
        const rs_library_row *row = row_drawn(s->library, s->options->seed);
        RS_TRY(rs_cutout_new(ctx, arena, s, s->library, row, cutout));
        if (cutout->noise_hu <= noisy * s->noise_hu || s->noise_hu <= 0.0) break;
    }
    l->cutout = cutout;
    l->density = cutout->density;
    l->diameter_mm = cutout->row->nominal_mm;
    double sigma_mm = s->psf_sigma_mm[2] > s->psf_sigma_mm[0] ? s->psf_sigma_mm[2] : s->psf_sigma_mm[0];
    l->shape = (rs_insert_shape){.name = "cutout", .reach_mm = reach_of(cutout) + 1.3 * sigma_mm};
    draw_turn(&random, l->turn);
    return RS_OK;
}

const char *rs_cutout_name(const rs_cutout *cutout)
{
    return cutout->row->file;
}
