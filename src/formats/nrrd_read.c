/* NRRD (.nrrd, .nhdr with one file beside it), raw or gzip. Axes are spatial where their direction is a vector (or,
   without `space directions`, where their kind does not say otherwise); one other axis counts volumes (Teem,
   "Definition of NRRD File Format"). */
#include <math.h>
#include <string.h>

#include "formats_private.h"
#include "grid.h"
#include "header_text.h"
#include "restage/limits.h"

enum { HEADER_BYTES = 1 << 20, MOST_AXES = 4 };

typedef struct nrrd {
    raw_file *out;
    int64_t dimension, byte_skip, line_skip;
    double size[MOST_AXES], spacing[MOST_AXES], min[MOST_AXES];
    int n_size, n_spacing, n_min, n_directions;
    bool has_direction[MOST_AXES], not_space[MOST_AXES];
    double direction[MOST_AXES][3], origin[3];
    bool has_origin, big, has_endian, flip_x, flip_y, names_space, knows_space;
    const char *data_file, *bad; /* bad: what cannot be read, as a sentence */
} nrrd;

static raw_type type_of(const char *name)
{
    static const struct {
        const char *name;
        raw_type type;
    } types[] = {{"signed char", RAW_INT8},
                 {"int8", RAW_INT8},
                 {"int8_t", RAW_INT8},
                 {"uchar", RAW_UINT8},
                 {"unsigned char", RAW_UINT8},
                 {"uint8", RAW_UINT8},
                 {"uint8_t", RAW_UINT8},
                 {"short", RAW_INT16},
                 {"short int", RAW_INT16},
                 {"signed short", RAW_INT16},
                 {"signed short int", RAW_INT16},
                 {"int16", RAW_INT16},
                 {"int16_t", RAW_INT16},
                 {"ushort", RAW_UINT16},
                 {"unsigned short", RAW_UINT16},
                 {"unsigned short int", RAW_UINT16},
                 {"uint16", RAW_UINT16},
                 {"uint16_t", RAW_UINT16},
                 {"int", RAW_INT32},
                 {"signed int", RAW_INT32},
                 {"int32", RAW_INT32},
                 {"int32_t", RAW_INT32},
                 {"uint", RAW_UINT32},
                 {"unsigned int", RAW_UINT32},
                 {"uint32", RAW_UINT32},
                 {"uint32_t", RAW_UINT32},
                 {"longlong", RAW_INT64},
                 {"long long", RAW_INT64},
                 {"long long int", RAW_INT64},
                 {"int64", RAW_INT64},
                 {"int64_t", RAW_INT64},
                 {"ulonglong", RAW_UINT64},
                 {"unsigned long long", RAW_UINT64},
                 {"unsigned long long int", RAW_UINT64},
                 {"uint64", RAW_UINT64},
                 {"uint64_t", RAW_UINT64},
                 {"float", RAW_FLOAT32},
                 {"double", RAW_FLOAT64}};
    for (size_t t = 0; t < sizeof types / sizeof types[0]; t++)
        if (header_is(name, types[t].name)) return types[t].type;
    return RAW_UNKNOWN;
}

static int numbers(nrrd *r, const char *value, double *out)
{
    const int n = header_numbers(value, out, MOST_AXES);
    if (n < 0) r->bad = "a list of numbers in the header is none, or too long";
    return n;
}

/* "(1,0,0)": the text behind the bracket; NULL where there is none. */
static char *take_vector(char *text, double out[3])
{
    char *end = text[0] == '(' ? strchr(text, ')') : NULL;
    if (!end) return NULL;
    *end = 0;
    return header_numbers(text + 1, out, 3) == 3 ? end + 1 : NULL;
}

static void take_directions(nrrd *r, char *text)
{
    int a = 0;
    for (text += strspn(text, " \t"); *text && a < MOST_AXES; text += strspn(text, " \t"), a++) {
        if (strncmp(text, "none", 4) == 0) {
            text += 4;
            continue;
        }
        r->has_direction[a] = true;
        text = take_vector(text, r->direction[a]);
        if (!text) break;
    }
    r->n_directions = a;
    if (!text || *text) r->bad = "space directions of the header are no vectors of three numbers";
}

/* Kinds that are no axis of space: all but domain, space and the unknown. */
static void take_kinds(nrrd *r, char *text)
{
    for (int a = 0; *text && a < MOST_AXES; a++) {
        text += strspn(text, " \t");
        const size_t n = strcspn(text, " \t");
        const char *const space[] = {"domain", "space", "???", "none"};
        r->not_space[a] = n > 0;
        for (size_t s = 0; s < sizeof space / sizeof space[0]; s++)
            if (strlen(space[s]) == n && strncmp(text, space[s], n) == 0) r->not_space[a] = false;
        text += n;
    }
}

static void take_space(nrrd *r, const char *value)
{
    static const struct {
        const char *words, *letters;
        bool flip_x, flip_y;
    } spaces[] = {{"left-posterior-superior", "LPS", false, false},
                  {"right-anterior-superior", "RAS", true, true},
                  {"left-anterior-superior", "LAS", false, true}};
    r->names_space = value[0] != 0;
    for (size_t s = 0; s < sizeof spaces / sizeof spaces[0]; s++) {
        if (!header_is(value, spaces[s].words) && !header_is(value, spaces[s].letters)) continue;
        r->flip_x = spaces[s].flip_x;
        r->flip_y = spaces[s].flip_y;
        r->knows_space = true;
        return;
    }
    if (strstr(value, "-time") || header_is(value, "LPST") || header_is(value, "RAST") || header_is(value, "LAST"))
        r->bad = "a space with time as its fourth direction is not read";
}

static void take_encoding(nrrd *r, const char *value)
{
    if (header_is(value, "raw"))
        r->out->packing = RAW_PLAIN;
    else if (header_is(value, "gzip") || header_is(value, "gz"))
        r->out->packing = RAW_GZIP;
    else
        r->bad = "the encoding of the voxels is not read: write them as raw or gzip";
}

/* Fields of space; false: another field. */
static bool take_space_field(nrrd *r, const header_line *line)
{
    if (header_is(line->key, "space")) {
        take_space(r, line->value);
    } else if (header_is(line->key, "space directions")) {
        take_directions(r, line->value);
    } else if (header_is(line->key, "space origin")) {
        r->has_origin = true;
        if (!take_vector(line->value, r->origin)) r->bad = "space origin of the header is no vector of three numbers";
    } else if (header_is(line->key, "spacings")) {
        r->n_spacing = numbers(r, line->value, r->spacing);
    } else if (header_is(line->key, "axis mins") || header_is(line->key, "axismins")) {
        r->n_min = numbers(r, line->value, r->min);
    } else if (header_is(line->key, "kinds")) {
        take_kinds(r, line->value);
    } else {
        return false;
    }
    return true;
}

static void take_line(nrrd *r, const header_line *line)
{
    if (line->key[0] == '#' || line->value[0] == '=' || take_space_field(r, line)) return;
    if (header_is(line->key, "type")) {
        r->out->type = type_of(line->value);
    } else if (header_is(line->key, "dimension")) {
        if (!header_whole(line->value, &r->dimension)) r->bad = "dimension of the header is no number";
    } else if (header_is(line->key, "sizes")) {
        r->n_size = numbers(r, line->value, r->size);
    } else if (header_is(line->key, "endian")) {
        r->has_endian = true;
        r->big = header_is(line->value, "big");
    } else if (header_is(line->key, "encoding")) {
        take_encoding(r, line->value);
    } else if (header_is(line->key, "data file") || header_is(line->key, "datafile")) {
        r->data_file = line->value;
    } else if (header_is(line->key, "byte skip") || header_is(line->key, "byteskip")) {
        if (!header_whole(line->value, &r->byte_skip)) r->bad = "byte skip of the header is no number";
    } else if (header_is(line->key, "line skip") || header_is(line->key, "lineskip")) {
        if (!header_whole(line->value, &r->line_skip)) r->bad = "line skip of the header is no number";
    }
}

static rs_status check(rs_context *ctx, const nrrd *r)
{
    if (r->bad) return rs_fail(ctx, RS_DATA, "%s", r->bad);
    if (r->out->type == RAW_UNKNOWN)
        return rs_fail(ctx, RS_DATA, "type of the header is missing or of a kind that is not read");
    if (r->dimension < 2 || r->dimension > MOST_AXES || r->n_size != r->dimension)
        return rs_fail(ctx, RS_DATA, "the header has %d sizes for %lld axes, and 2 to 4 axes are read", r->n_size,
                       (long long)r->dimension);
    for (int a = 0; a < r->n_size; a++)
        if (!(r->size[a] >= 1 && r->size[a] <= INT32_MAX && r->size[a] == (double)(int32_t)r->size[a]))
            return rs_fail(ctx, RS_DATA, "size of axis %d is %g: no axis has that many voxels", a + 1, r->size[a]);
    if ((r->n_directions && r->n_directions != r->dimension) || (r->n_spacing && r->n_spacing != r->dimension))
        return rs_fail(ctx, RS_DATA, "space directions or spacings of the header are not as many as axes");
    if (!r->has_endian && raw_type_bytes(r->out->type) > 1)
        return rs_fail(ctx, RS_DATA, "the header does not say in which order bytes stand (endian)");
    if (r->line_skip != 0)
        return rs_fail(ctx, RS_DATA, "lines before the voxels are not read (line skip): use byte skip");
    if (r->byte_skip < -1 || r->byte_skip > rs_limit(ctx, RS_LIMIT_HEADER_BYTES) ||
        (r->byte_skip < 0 && r->out->packing != RAW_PLAIN))
        return rs_fail(ctx, RS_DATA, "byte skip of the header is %lld: no voxels can begin there",
                       (long long)r->byte_skip);
    return RS_OK;
}

/* Which axes of the file are those of space, and which one counts volumes. Returns -1 for none that could be read. */
static int sort_axes(const nrrd *r, int axis[3], int *n_space)
{
    int others = 0, other = -1;
    *n_space = 0;
    for (int a = 0; a < r->dimension; a++) {
        const bool space = r->n_directions
                               ? r->has_direction[a]
                               : !r->not_space[a] && !(r->n_spacing && isnan(r->spacing[a])) && a < 3 + others;
        if (space && *n_space < 3) {
            axis[(*n_space)++] = a;
        } else {
            others++;
            other = a;
        }
    }
    if (others > 1 || *n_space < 2) return -1;
    if (others == 1 && other != 0 && other != r->dimension - 1) return -1;
    if (others == 0) return 0;
    return other == 0 ? 1 : 2;
}

static rs_status set_grid(rs_context *ctx, rs_arena *arena, const nrrd *r, const int axis[3], int n_space)
{
    raw_file *out = r->out;
    grid_vectors v = {0};
    double spacing_mm[3] = {1, 1, 1};
    if (r->n_directions && n_space < 3)
        return rs_fail(ctx, RS_DATA, "the header has %d directions of space, and three are needed", n_space);
    if (!r->n_directions && !r->n_spacing)
        return rs_fail(ctx, RS_DATA, "the header does not say how large a voxel is (space directions, spacings)");
    if (r->n_directions) {
        out->head.basis = "space directions";
        for (int a = 0; a < 3; a++)
            memcpy(v.step[a], r->direction[axis[a]], sizeof v.step[a]);
        memcpy(v.origin, r->origin, sizeof v.origin);
        if (!r->knows_space)
            RS_TRY(rs_notes_add(ctx, arena, &out->head.notes, "space_unnamed", NULL,
                                "the file %s: left, back and head are taken",
                                r->names_space ? "names a space of its directions that is not known here"
                                               : "does not name the space of its directions"));
        grid_flip(&v, r->flip_x, r->flip_y);
        return grid_set(ctx, arena, &v, out);
    }
    for (int a = 0; a < n_space; a++)
        spacing_mm[a] = r->spacing[axis[a]];
    RS_TRY(grid_without_directions(ctx, arena, spacing_mm, &v, out));
    for (int a = 0; a < n_space && r->n_min == r->dimension; a++)
        v.origin[a] = isfinite(r->min[axis[a]]) ? r->min[axis[a]] : 0;
    if (r->has_origin) memcpy(v.origin, r->origin, sizeof v.origin);
    return grid_set(ctx, arena, &v, out);
}

static rs_status parse(rs_context *ctx, nrrd *r, const raw_start *start, size_t *voxels_at)
{
    char *at = (char *)start->bytes, *end = at + start->n;
    header_line line;
    if (start->n < 8 || memcmp(at, "NRRD000", 7) != 0)
        return rs_fail(ctx, RS_DATA, "the file is no NRRD file: it does not begin as one");
    bool ended = false, first = true;
    while (!ended && header_next_line(&at, end, ":", &line)) {
        ended = !line.key[0] && !line.value[0];
        if (!ended && !first && line.value[0] != '#') take_line(r, &line);
        first = false;
    }
    /* A header of its own may end with its file; voxels in the same file begin behind an empty line. */
    if (!ended && !r->data_file) return rs_fail(ctx, RS_DATA, "the header has no end (an empty line)");
    *voxels_at = (size_t)(at - (char *)start->bytes);
    return check(ctx, r);
}

rs_status rs_nrrd_read(rs_context *ctx, const char *path, rs_arena *arena, raw_file *out)
{
    raw_start start = {0};
    nrrd r = {.out = out};
    size_t voxels_at = 0;
    int axis[3] = {0}, n_space = 0;
    RS_TRY(raw_read_start(ctx, arena, path, HEADER_BYTES, &start));
    RS_TRY(parse(ctx, &r, &start, &voxels_at));
    const int order = sort_axes(&r, axis, &n_space);
    if (order < 0)
        return rs_fail(ctx, RS_DATA, "axes that are not of space: at most one, the first or the last, is read");
    for (int a = 0; a < 3; a++)
        out->head.geometry.n[a] = a < n_space ? (int32_t)r.size[axis[a]] : 1;
    out->interleaved = order == 1;
    out->head.n_volumes = order == 0 ? 1 : (int32_t)r.size[order == 1 ? 0 : r.dimension - 1];
    out->head.slope = 1;
    out->swapped = r.has_endian && r.big != header_machine_is_big();
    out->path = path;
    out->at = voxels_at;
    if (r.data_file) {
        RS_TRY(header_beside(ctx, arena, path, r.data_file, out));
        out->at = 0;
    }
    if (out->packing == RAW_GZIP)
        out->skip = (uint64_t)r.byte_skip;
    else if (r.byte_skip > 0)
        out->at += (uint64_t)r.byte_skip;
    out->at_end = r.byte_skip == -1;
    return set_grid(ctx, arena, &r, axis, n_space);
}
