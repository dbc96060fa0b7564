/* NIfTI-1 and NIfTI-2 in one file (.nii, .nii.gz), of either byte order. The world of NIfTI is RAS, ours LPS. Where
   sform and qform both stand in the header, the sform is used, as by other programs. */
#include <math.h>
#include <string.h>

#include "digest/inflate.h"
#include "formats_private.h"
#include "grid.h"
#include "restage/limits.h"

enum { START_BYTES = 1 << 16, HEADER_1 = 348, HEADER_2 = 540, VOXELS_AT_1 = 352, VOXELS_AT_2 = 544 };
#define DIFFER_MM 0.1 /* sform and qform farther apart than this at a corner are said to differ */

typedef struct header {
    const uint8_t *bytes;
    bool second, swapped;
} header;

/* Places of a field in both versions (nifti1.h, nifti2.h). */
typedef struct field {
    size_t at_1, at_2;
} field;

static const field DIM = {40, 16}, DATATYPE = {70, 12}, PIXDIM = {76, 104}, VOX_OFFSET = {108, 168}, SLOPE = {112, 176},
                   INTER = {116, 184}, UNITS = {123, 500}, QFORM = {252, 344}, SFORM = {254, 348}, QUATERN = {256, 352},
                   QOFFSET = {268, 376}, SROW = {280, 400};

static void copy_field(const header *h, size_t at, void *out, size_t bytes)
{
    uint8_t *to = out;
    for (size_t b = 0; b < bytes; b++)
        to[b] = h->bytes[at + (h->swapped ? bytes - 1 - b : b)];
}

/* Element i of a field of real numbers: 32 bits in version 1, 64 in version 2. */
static double real_of(const header *h, field f, size_t i)
{
    float single;
    double real;
    if (h->second) {
        copy_field(h, f.at_2 + 8 * i, &real, sizeof real);
        return real;
    }
    copy_field(h, f.at_1 + 4 * i, &single, sizeof single);
    return (double)single;
}

static int64_t dimension(const header *h, size_t i)
{
    int16_t narrow;
    int64_t wide;
    if (h->second) {
        copy_field(h, DIM.at_2 + 8 * i, &wide, sizeof wide);
        return wide;
    }
    copy_field(h, DIM.at_1 + 2 * i, &narrow, sizeof narrow);
    return narrow;
}

/* Codes: 16 bits in version 1, 32 in version 2 but for the datatype. */
static int code_of(const header *h, field f)
{
    int16_t narrow;
    int32_t wide;
    if (h->second) {
        copy_field(h, f.at_2, &wide, sizeof wide);
        return wide;
    }
    copy_field(h, f.at_1, &narrow, sizeof narrow);
    return narrow;
}

static raw_type type_of(const header *h)
{
    static const struct {
        int code;
        raw_type type;
    } types[] = {{2, RAW_UINT8},  {4, RAW_INT16},    {8, RAW_INT32},    {16, RAW_FLOAT32}, {64, RAW_FLOAT64},
                 {256, RAW_INT8}, {512, RAW_UINT16}, {768, RAW_UINT32}, {1024, RAW_INT64}, {1280, RAW_UINT64}};
    int16_t code;
    copy_field(h, h->second ? DATATYPE.at_2 : DATATYPE.at_1, &code, sizeof code);
    for (size_t t = 0; t < sizeof types / sizeof types[0]; t++)
        if (types[t].code == code) return types[t].type;
    return RAW_UNKNOWN;
}

/* Which version and byte order: by the size that the header begins with, and the magic. */
static bool recognise(const raw_start *start, header *out)
{
    int32_t size;
    *out = (header){.bytes = start->bytes};
    if (start->n < HEADER_1) return false;
    for (int turn = 0; turn < 2; turn++) {
        out->swapped = turn == 1;
        copy_field(out, 0, &size, sizeof size);
        if (size == HEADER_1) return memcmp(start->bytes + 344, "n+1", 4) == 0;
        out->second = size == HEADER_2;
        if (out->second) return start->n >= HEADER_2 && memcmp(start->bytes + 4, "n+2\0\r\n\032\n", 8) == 0;
    }
    return false;
}

static rs_status read_start(rs_context *ctx, rs_arena *arena, const char *path, bool packed, raw_start *out)
{
    RS_TRY(raw_read_start(ctx, arena, path, START_BYTES, out));
    if (!packed) return RS_OK;
    if (out->n < 2 || out->bytes[0] != 0x1f || out->bytes[1] != 0x8b)
        return rs_fail(ctx, RS_DATA, "the file is no gzip file, though its name ends in .gz");
    uint8_t *bytes;
    size_t n;
    rs_inflated how;
    RS_TRY(rs_inflate(ctx, arena, RS_DEFLATE_GZIP, out->bytes, out->n, VOXELS_AT_2, &bytes, &n, &how));
    *out = (raw_start){bytes, n};
    return RS_OK;
}

static rs_status read_sizes(rs_context *ctx, const header *h, raw_file *out)
{
    const int64_t n_dims = dimension(h, 0);
    if (n_dims < 2 || n_dims > 7)
        return rs_fail(ctx, RS_DATA, "dim[0] of the header is %lld, and 2 to 7 axes are allowed", (long long)n_dims);
    for (int64_t d = 1; d <= n_dims; d++) {
        const int64_t n = dimension(h, (size_t)d);
        if (n < 1 || n > INT32_MAX || (d > 4 && n > 1))
            return rs_fail(ctx, RS_DATA, "dim[%lld] of the header is %lld: %s", (long long)d, (long long)n,
                           d > 4 ? "a volume has at most four axes" : "no axis has that many voxels");
    }
    for (size_t d = 0; d < 3; d++)
        out->head.geometry.n[d] = (int64_t)d < n_dims ? (int32_t)dimension(h, d + 1) : 1;
    out->head.n_volumes = n_dims > 3 ? (int32_t)dimension(h, 4) : 1;
    return RS_OK;
}

static rs_status read_values(rs_context *ctx, const header *h, raw_file *out)
{
    out->type = type_of(h);
    if (out->type == RAW_UNKNOWN)
        return rs_fail(ctx, RS_DATA, "the voxels are of a type that is not read (colours, complex or long numbers)");
    const double slope = real_of(h, SLOPE, 0), inter = real_of(h, INTER, 0);
    const bool scaled = isfinite(slope) && slope != 0; /* nifti1.h: scl_slope 0 means none */
    out->head.slope = scaled ? slope : 1;
    out->head.offset = scaled && isfinite(inter) ? inter : 0;
    int64_t at = h->second ? VOXELS_AT_2 : VOXELS_AT_1;
    int64_t given;
    if (h->second) {
        copy_field(h, VOX_OFFSET.at_2, &given, sizeof given);
    } else {
        const double real = real_of(h, VOX_OFFSET, 0);
        given = real >= 0 && real < 1e15 ? (int64_t)real : -1;
    }
    if (given != 0 && (given < at || given > rs_limit(ctx, RS_LIMIT_HEADER_BYTES)))
        return rs_fail(ctx, RS_DATA, "vox_offset of the header is %lld: no voxels can begin there", (long long)given);
    if (given > at) at = given;
    if (out->packing == RAW_GZIP)
        out->skip = (uint64_t)at;
    else
        out->at = (uint64_t)at;
    return RS_OK;
}

/* Millimetres of one of the header's units. */
static double unit_mm(const header *h)
{
    const int units = (h->second ? code_of(h, UNITS) : h->bytes[UNITS.at_1]) & 7;
    return units == 1 ? 1000 : units == 3 ? 0.001 : 1;
}

static void by_sform(const header *h, double mm, grid_vectors *out)
{
    for (size_t d = 0; d < 3; d++) {
        for (size_t a = 0; a < 3; a++)
            out->step[a][d] = mm * real_of(h, SROW, 4 * d + a);
        out->origin[d] = mm * real_of(h, SROW, 4 * d + 3);
    }
    grid_flip(out, true, true);
}

static void by_qform(const header *h, double mm, grid_vectors *out)
{
    double q[4];
    for (size_t c = 1; c < 4; c++)
        q[c] = real_of(h, QUATERN, c - 1);
    const double rest = 1 - q[1] * q[1] - q[2] * q[2] - q[3] * q[3];
    q[0] = rest > 0 ? sqrt(rest) : 0;
    const double length = sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
    for (int c = 0; c < 4; c++)
        q[c] /= length;
    const double r[3][3] = {{q[0] * q[0] + q[1] * q[1] - q[2] * q[2] - q[3] * q[3], 2 * (q[1] * q[2] - q[0] * q[3]),
                             2 * (q[1] * q[3] + q[0] * q[2])},
                            {2 * (q[1] * q[2] + q[0] * q[3]), q[0] * q[0] + q[2] * q[2] - q[1] * q[1] - q[3] * q[3],
                             2 * (q[2] * q[3] - q[0] * q[1])},
                            {2 * (q[1] * q[3] - q[0] * q[2]), 2 * (q[2] * q[3] + q[0] * q[1]),
                             q[0] * q[0] + q[3] * q[3] - q[1] * q[1] - q[2] * q[2]}};
    for (size_t d = 0; d < 3; d++) {
        for (size_t a = 0; a < 3; a++) {
            const double handed = a == 2 && real_of(h, PIXDIM, 0) < 0 ? -1 : 1;
            out->step[a][d] = mm * handed * fabs(real_of(h, PIXDIM, a + 1)) * r[d][a];
        }
        out->origin[d] = mm * real_of(h, QOFFSET, d);
    }
    grid_flip(out, true, true);
}

/* Largest distance between two places that the two give to one corner of the volume. */
static double distance_mm(const grid_vectors *a, const grid_vectors *b, const int32_t n[3])
{
    double largest = 0;
    for (int corner = 0; corner < 8; corner++) {
        double sum = 0;
        for (int d = 0; d < 3; d++) {
            double apart = a->origin[d] - b->origin[d];
            for (int x = 0; x < 3; x++)
                if (corner >> x & 1) apart += (n[x] - 1) * (a->step[x][d] - b->step[x][d]);
            sum += apart * apart;
        }
        largest = fmax(largest, sqrt(sum));
    }
    return largest;
}

static rs_status read_grid(rs_context *ctx, rs_arena *arena, const header *h, raw_file *out)
{
    grid_vectors s, q;
    const bool has_s = code_of(h, SFORM) > 0, has_q = code_of(h, QFORM) > 0;
    const double mm = unit_mm(h);
    if (has_s) by_sform(h, mm, &s);
    if (has_q) by_qform(h, mm, &q);
    if (has_s && has_q) {
        const double apart = distance_mm(&s, &q, out->head.geometry.n);
        if (!(apart <= DIFFER_MM))
            RS_TRY(rs_notes_add(ctx, arena, &out->head.notes, "sform_and_qform_differ", NULL,
                                "the file gives two places in the patient, sform and qform, up to %.1f mm apart: the "
                                "sform is used",
                                apart));
    }
    if (!has_s && !has_q) {
        double spacing_mm[3];
        for (size_t d = 0; d < 3; d++)
            spacing_mm[d] = mm * fabs(real_of(h, PIXDIM, d + 1));
        RS_TRY(grid_without_directions(ctx, arena, spacing_mm, &s, out));
        return grid_set(ctx, arena, &s, out);
    }
    out->head.basis = has_s ? "sform" : "qform";
    return grid_set(ctx, arena, has_s ? &s : &q, out);
}

rs_status rs_nifti_read(rs_context *ctx, const char *path, rs_arena *arena, raw_file *out)
{
    raw_start start = {0};
    header h;
    const size_t length = strlen(path);
    const bool packed = length > 0 && (path[length - 1] == 'z' || path[length - 1] == 'Z');
    RS_TRY(read_start(ctx, arena, path, packed, &start));
    if (!recognise(&start, &h))
        return rs_fail(ctx, RS_DATA, "the file is no NIfTI file of one piece (.nii), or its header is damaged");
    out->path = path;
    out->packing = packed ? RAW_GZIP : RAW_PLAIN;
    out->swapped = h.swapped;
    RS_TRY(read_sizes(ctx, &h, out));
    RS_TRY(read_values(ctx, &h, out));
    return read_grid(ctx, arena, &h, out);
}
