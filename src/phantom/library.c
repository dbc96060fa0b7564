/* The table of the library: which cut-outs there are, and which one a lesion becomes. */
#include "library.h"

#include <math.h>
#include <string.h>

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
        if (out->n == PATIENTS_MAX)
            return rs_fail(ctx, RS_DATA, "the file of patients lists more than %d", (int)PATIENTS_MAX);
        out->names[out->n++] = line + blank;
    }
    return out->n > 0 ? RS_OK : rs_fail(ctx, RS_DATA, "the file of patients lists none");
}

static bool is_listed(const patients *p, const char *name)
{
    bool listed = p->all;
    for (int n = 0; n < p->n && !listed; n++)
        listed = strcmp(p->names[n], name) == 0;
    return listed;
}

/* The readers' medians: texture 1 ground glass to 5 solid, calcification 6 absent, internal structure 4 air. */
static rs_insert_density density_of(double texture, double calcification, double structure)
{
    if (structure > 3.5) return RS_INSERT_CAVITY;
    if (calcification < 5.5) return RS_INSERT_CALCIFIED;
    if (texture < 1.75) return RS_INSERT_GROUND_GLASS;
    return texture < 4.25 ? RS_INSERT_PART_SOLID : RS_INSERT_SOLID;
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
                            .density = density_of(number[TEXTURE], number[CALCIFICATION], number[STRUCTURE])};
    if (out->file[0] == '\0' || strchr(out->file, '/') != NULL || !(out->nominal_mm > 0.0))
        return rs_fail(ctx, RS_DATA, "a row of cutouts.csv names no file or no diameter");
    return RS_OK;
}

rs_status rs_library_read(rs_context *ctx, rs_arena *arena, const rs_library_args *args, rs_library *out)
{
    static const char *const names[N_COLUMNS] = {"file",    "patient",       "mask_eqdiam_mm",
                                                 "texture", "calcification", "internal_structure"};
    uint8_t *bytes = NULL;
    size_t n_bytes = 0;
    int column[N_COLUMNS], capacity = 0;
    void *rows = NULL;
    rs_library found = {.folder = args->folder};
    patients *listed = RS_ARENA_NEW(arena, patients, 1);
    const char *path = rs_arena_printf(arena, "%s/cutouts.csv", args->folder);
    if (listed == NULL || path == NULL) return rs_fail_memory(ctx, "the library");
    RS_TRY(rs_file_read(ctx, arena, path, FILE_BYTES_MAX, true, &bytes, &n_bytes));
    RS_TRY(read_patients(ctx, arena, args->patients, listed));
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
    if (found.n == 0)
        return rs_fail(ctx, RS_DATA, "the library holds no nodule of these patients between %.1f and %.1f mm",
                       args->smallest_mm, args->largest_mm);
    *out = found;
    return RS_OK;
}

/* One of those within 12 % of a diameter, each as likely; else the nearest. */
static const rs_library_row *row_near(const rs_library *library, rs_phantom_random *random, double diameter_mm)
{
    const rs_library_row *nearest = &library->rows[0];
    double nominal = diameter_mm * nominal_per_effective, u = rs_phantom_uniform(random, 0.0, 1.0);
    int n_near = 0;
    for (int n = 0; n < library->n; n++) {
        double off = fabs(library->rows[n].nominal_mm - nominal);
        if (off < fabs(nearest->nominal_mm - nominal)) nearest = &library->rows[n];
        n_near += off <= 0.12 * nominal;
    }
    int wanted = (int)(u * n_near);
    for (int n = 0; n < library->n && n_near > 0; n++)
        if (fabs(library->rows[n].nominal_mm - nominal) <= 0.12 * nominal && wanted-- == 0) return &library->rows[n];
    return nearest;
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
    for (int t = 0; t < TRIES; t++) {
        rs_arena_rewind(arena, mark); /* of one that was passed over */
        const rs_library_row *row = row_near(s->library, &random, l->diameter_mm);
        RS_TRY(rs_cutout_new(ctx, arena, s, s->library, row, cutout));
        if (cutout->noise_hu <= noisy * s->noise_hu || s->noise_hu <= 0.0) break;
    }
    l->cutout = cutout;
    l->density = cutout->row->density;
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
