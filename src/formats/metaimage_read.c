/* MetaImage (.mha, .mhd with .raw or .zraw beside it), as MetaIO writes and reads it. Its space is LPS; the numbers of
   TransformMatrix are the directions of the axes in turn. */
#include <string.h>

#include "formats_private.h"
#include "grid.h"
#include "header_text.h"
#include "restage/limits.h"

enum { HEADER_BYTES = 1 << 16, MOST_AXES = 4, MOST_NUMBERS = MOST_AXES * MOST_AXES };

typedef struct meta {
    raw_file *out;
    int64_t n_dims, header_size;
    double size[MOST_AXES], spacing[MOST_AXES], offset[MOST_AXES], matrix[MOST_NUMBERS];
    int n_size, n_spacing, n_offset, n_matrix, n_element_size;
    bool big, packed, local, ended;
    const char *data_file, *bad; /* bad: what cannot be read, as a sentence */
} meta;

static raw_type type_of(const char *name)
{
    static const struct {
        const char *name;
        raw_type type;
    } types[] = {{"MET_CHAR", RAW_INT8},         {"MET_UCHAR", RAW_UINT8},   {"MET_SHORT", RAW_INT16},
                 {"MET_USHORT", RAW_UINT16},     {"MET_INT", RAW_INT32},     {"MET_UINT", RAW_UINT32},
                 {"MET_LONG", RAW_INT32},        {"MET_ULONG", RAW_UINT32},  {"MET_LONG_LONG", RAW_INT64},
                 {"MET_ULONG_LONG", RAW_UINT64}, {"MET_FLOAT", RAW_FLOAT32}, {"MET_DOUBLE", RAW_FLOAT64}};
    for (size_t t = 0; t < sizeof types / sizeof types[0]; t++)
        if (header_is(name, types[t].name)) return types[t].type;
    return RAW_UNKNOWN;
}

static bool is_true(const char *value)
{
    return value[0] == 'T' || value[0] == 't' || value[0] == '1';
}

static void take_list(meta *m, const char *value, double *out, int most, int *n)
{
    *n = header_numbers(value, out, most);
    if (*n < 0) m->bad = "a list of numbers in the header is none";
}

/* Keys whose value is a list of numbers; false: another key. */
static bool take_numbers(meta *m, const header_line *line)
{
    double element_size[MOST_AXES];
    if (header_is(line->key, "DimSize")) {
        take_list(m, line->value, m->size, MOST_AXES, &m->n_size);
    } else if (header_is(line->key, "ElementSpacing")) {
        take_list(m, line->value, m->spacing, MOST_AXES, &m->n_spacing);
    } else if (header_is(line->key, "ElementSize")) {
        take_list(m, line->value, element_size, MOST_AXES, &m->n_element_size);
        if (m->n_spacing == 0 && m->n_element_size > 0) memcpy(m->spacing, element_size, sizeof element_size);
    } else if (header_is(line->key, "Offset") || header_is(line->key, "Origin") || header_is(line->key, "Position")) {
        take_list(m, line->value, m->offset, MOST_AXES, &m->n_offset);
    } else if (header_is(line->key, "TransformMatrix") || header_is(line->key, "Rotation") ||
               header_is(line->key, "Orientation")) {
        take_list(m, line->value, m->matrix, MOST_NUMBERS, &m->n_matrix);
    } else {
        return false;
    }
    return true;
}

static void take_line(meta *m, const header_line *line)
{
    int64_t whole = 0;
    if (take_numbers(m, line)) return;
    if (header_is(line->key, "NDims")) {
        if (!header_whole(line->value, &m->n_dims)) m->bad = "NDims of the header is no number";
    } else if (header_is(line->key, "HeaderSize")) {
        if (!header_whole(line->value, &m->header_size)) m->bad = "HeaderSize of the header is no number";
    } else if (header_is(line->key, "ElementNumberOfChannels")) {
        if (!header_whole(line->value, &whole) || whole != 1) m->bad = "voxels of several channels are not read";
    } else if (header_is(line->key, "BinaryData")) {
        if (!is_true(line->value)) m->bad = "voxels as text are not read";
    } else if (header_is(line->key, "ElementByteOrderMSB") || header_is(line->key, "BinaryDataByteOrderMSB")) {
        m->big = is_true(line->value);
    } else if (header_is(line->key, "CompressedData")) {
        m->packed = is_true(line->value);
    } else if (header_is(line->key, "ElementType")) {
        m->out->type = type_of(line->value);
    } else if (header_is(line->key, "ElementDataFile")) {
        m->data_file = line->value;
        m->ended = true;
    }
}

static rs_status check(rs_context *ctx, const meta *m)
{
    if (!m->ended)
        return rs_fail(ctx, RS_DATA,
                       "the file has no MetaImage header (ElementDataFile is missing in the first %d "
                       "bytes)",
                       HEADER_BYTES);
    if (m->bad) return rs_fail(ctx, RS_DATA, "%s", m->bad);
    if (m->out->type == RAW_UNKNOWN)
        return rs_fail(ctx, RS_DATA, "ElementType of the header is missing or of a kind that is not read");
    if (m->n_dims < 2 || m->n_dims > MOST_AXES || m->n_size != m->n_dims)
        return rs_fail(ctx, RS_DATA, "the header has %d sizes for %lld axes, and 2 to 4 axes are read", m->n_size,
                       (long long)m->n_dims);
    for (int d = 0; d < m->n_size; d++)
        if (!(m->size[d] >= 1 && m->size[d] <= INT32_MAX && m->size[d] == (double)(int32_t)m->size[d]))
            return rs_fail(ctx, RS_DATA, "DimSize of axis %d is %g: no axis has that many voxels", d + 1, m->size[d]);
    if ((m->n_spacing && m->n_spacing != m->n_dims) || (m->n_offset && m->n_offset != m->n_dims) ||
        (m->n_matrix && m->n_matrix != m->n_dims * m->n_dims))
        return rs_fail(ctx, RS_DATA, "spacing, offset or matrix of the header have not as many numbers as axes");
    if (m->n_spacing == 0 && m->n_element_size != m->n_dims)
        return rs_fail(ctx, RS_DATA, "the header does not say how large a voxel is (ElementSpacing)");
    if (m->header_size < -1 || m->header_size > rs_limit(ctx, RS_LIMIT_HEADER_BYTES))
        return rs_fail(ctx, RS_DATA, "HeaderSize of the header is %lld: no voxels can begin there",
                       (long long)m->header_size);
    return RS_OK;
}

/* Directions from the matrix, or straight ones. Two axes: a slice, whose third runs along its normal. */
static rs_status set_grid(rs_context *ctx, rs_arena *arena, const meta *m)
{
    grid_vectors v = {0};
    double spacing_mm[3] = {m->spacing[0], m->spacing[1], m->n_dims > 2 ? m->spacing[2] : 1};
    m->out->head.basis = "TransformMatrix";
    if (m->n_matrix == 0) RS_TRY(grid_without_directions(ctx, arena, spacing_mm, &v, m->out));
    for (int a = 0; a < 3 && m->n_matrix; a++) {
        for (int d = 0; d < 3; d++) {
            const bool given = a < m->n_dims && d < m->n_dims;
            v.step[a][d] = spacing_mm[a] * (given ? m->matrix[a * m->n_dims + d] : a == d);
        }
    }
    for (int d = 0; d < 3 && d < m->n_offset; d++)
        v.origin[d] = m->offset[d];
    return grid_set(ctx, arena, &v, m->out);
}

rs_status rs_metaimage_read(rs_context *ctx, const char *path, rs_arena *arena, raw_file *out)
{
    raw_start start = {0};
    meta m = {.out = out, .n_dims = 3};
    RS_TRY(raw_read_start(ctx, arena, path, HEADER_BYTES, &start));
    char *at = (char *)start.bytes, *end = at + start.n;
    header_line line;
    while (!m.ended && header_next_line(&at, end, "=", &line))
        take_line(&m, &line);
    RS_TRY(check(ctx, &m));
    for (int d = 0; d < 3; d++)
        out->head.geometry.n[d] = d < m.n_dims ? (int32_t)m.size[d] : 1;
    out->head.n_volumes = m.n_dims > 3 ? (int32_t)m.size[3] : 1;
    out->head.slope = 1;
    out->swapped = m.big != header_machine_is_big();
    out->packing = m.packed ? RAW_ZLIB : RAW_PLAIN;
    out->path = path;
    if (header_is(m.data_file, "LOCAL"))
        out->at = (uint64_t)(at - (char *)start.bytes);
    else
        RS_TRY(header_beside(ctx, arena, path, m.data_file, out));
    out->at_end = m.header_size == -1 && !m.packed;
    if (m.header_size > 0) out->at = (uint64_t)m.header_size;
    return set_grid(ctx, arena, &m);
}
