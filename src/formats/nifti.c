/* NIfTI-1 in one file (.nii, .nii.gz): a header of 348 bytes, 4 bytes that say "no extension", and the voxels as they
   are stored. The world of NIfTI is RAS, ours LPS: x and y change their sign. sform and qform say the same (NIfTI-1
   header, method 2 and 3); slope and offset go into scl_slope and scl_inter. */
#include "formats_private.h"

#include <math.h>
#include <string.h>

#include "digest/inflate.h"
#include "restage/files.h"
#include "restage/text.h"
#include "restage/version.h"
#include "values.h"

enum {
    NIFTI_HEADER_BYTES = 348,
    NIFTI_VOXELS_AT = 352,
    NIFTI_UINT8 = 2,
    NIFTI_INT16 = 4,
    NIFTI_UNITS_MM = 2,
    NIFTI_SCANNER = 1, /* coordinates of the scanner's patient space */
};

/* Offsets of fields in the header (nifti1.h). */
enum {
    AT_SIZE = 0,
    AT_REGULAR = 38,
    AT_DIM = 40,
    AT_DATATYPE = 70,
    AT_BITPIX = 72,
    AT_PIXDIM = 76,
    AT_VOX_OFFSET = 108,
    AT_SLOPE = 112,
    AT_INTER = 116,
    AT_UNITS = 123,
    AT_DESCRIP = 148,
    AT_QFORM_CODE = 252,
    AT_SFORM_CODE = 254,
    AT_QUATERN = 256,
    AT_QOFFSET = 268,
    AT_SROW = 280,
    AT_MAGIC = 344,
};

static void put_int16(uint8_t *header, size_t at, int value)
{
    int16_t stored = (int16_t)value;
    memcpy(header + at, &stored, sizeof stored);
}

static void put_real(uint8_t *header, size_t at, double value)
{
    float stored = (float)value;
    memcpy(header + at, &stored, sizeof stored);
}

/* Unit columns of the voxel axes in RAS; negates the third where the grid is left-handed and says so by -1. */
static double rotation_of(const rs_geometry *g, double r[3][3])
{
    for (int a = 0; a < 3; a++) {
        r[0][a] = -g->axis[a][0];
        r[1][a] = -g->axis[a][1];
        r[2][a] = g->axis[a][2];
    }
    double determinant = r[0][0] * (r[1][1] * r[2][2] - r[1][2] * r[2][1]) -
                         r[0][1] * (r[1][0] * r[2][2] - r[1][2] * r[2][0]) +
                         r[0][2] * (r[1][0] * r[2][1] - r[1][1] * r[2][0]);
    if (determinant > 0) return 1;
    for (int d = 0; d < 3; d++)
        r[d][2] = -r[d][2];
    return -1;
}

/* Vector part of the unit quaternion of a rotation, with a scalar part >= 0: the largest of the four is found from the
   diagonal first, so that no small number divides. */
static void quaternion_of(double r[3][3], double q[3])
{
    double trace[4] = {1 + r[0][0] + r[1][1] + r[2][2], 1 + r[0][0] - r[1][1] - r[2][2],
                       1 - r[0][0] + r[1][1] - r[2][2], 1 - r[0][0] - r[1][1] + r[2][2]};
    int largest = 0;
    for (int c = 1; c < 4; c++)
        if (trace[c] > trace[largest]) largest = c;
    double s = 2 * sqrt(trace[largest]);
    double difference[3] = {r[2][1] - r[1][2], r[0][2] - r[2][0], r[1][0] - r[0][1]};
    double a;
    if (largest == 0) {
        a = s / 4;
        for (int c = 0; c < 3; c++)
            q[c] = difference[c] / s;
    } else {
        int x = largest - 1, y = (x + 1) % 3, z = (x + 2) % 3;
        a = difference[x] / s;
        q[x] = s / 4;
        q[y] = (r[x][y] + r[y][x]) / s;
        q[z] = (r[x][z] + r[z][x]) / s;
    }
    for (int c = 0; a < 0 && c < 3; c++)
        q[c] = -q[c];
}

static void put_geometry(uint8_t *header, const rs_geometry *g)
{
    double r[3][3], q[3];
    double handed = rotation_of(g, r);
    quaternion_of(r, q);
    double origin[3] = {-g->origin_lps_mm[0], -g->origin_lps_mm[1], g->origin_lps_mm[2]};
    put_real(header, AT_PIXDIM, handed);
    put_int16(header, AT_QFORM_CODE, NIFTI_SCANNER);
    put_int16(header, AT_SFORM_CODE, NIFTI_SCANNER);
    for (size_t d = 0; d < 3; d++) {
        put_real(header, AT_PIXDIM + 4 * (d + 1), g->spacing_mm[d]);
        put_real(header, AT_QUATERN + 4 * d, q[d]);
        put_real(header, AT_QOFFSET + 4 * d, origin[d]);
        for (size_t a = 0; a < 3; a++) {
            double sign = a == 2 ? handed : 1;
            put_real(header, AT_SROW + 16 * d + 4 * a, sign * r[d][a] * g->spacing_mm[a]);
        }
        put_real(header, AT_SROW + 16 * d + 12, origin[d]);
    }
}

static void put_size(uint8_t *header, const rs_geometry *g, int n_volumes)
{
    put_int16(header, AT_DIM, n_volumes > 1 ? 4 : 3);
    for (size_t d = 0; d < 3; d++)
        put_int16(header, AT_DIM + 2 * (d + 1), g->n[d]);
    for (size_t d = 4; d < 8; d++)
        put_int16(header, AT_DIM + 2 * d, d == 4 ? n_volumes : 1);
    if (n_volumes > 1) put_real(header, AT_PIXDIM + 16, 1);
}

static void put_header(uint8_t *header, const rs_volume *volume, int n_volumes, const rs_format_options *options)
{
    const int32_t size = NIFTI_HEADER_BYTES;
    memcpy(header + AT_SIZE, &size, sizeof size);
    header[AT_REGULAR] = 'r';
    put_size(header, &volume->geometry, n_volumes);
    put_int16(header, AT_DATATYPE, options->labels ? NIFTI_UINT8 : NIFTI_INT16);
    put_int16(header, AT_BITPIX, options->labels ? 8 : 16);
    put_real(header, AT_VOX_OFFSET, NIFTI_VOXELS_AT);
    put_real(header, AT_SLOPE, options->labels ? 1 : volume->slope);
    put_real(header, AT_INTER, options->labels ? 0 : volume->offset);
    header[AT_UNITS] = NIFTI_UNITS_MM;
    rs_text_format((char *)header + AT_DESCRIP, 80, "restage %s%s", rs_version(),
                   options->unknown_place   ? "; place in the patient unknown"
                   : options->unknown_pitch ? "; distance of slices unknown"
                                            : "");
    put_geometry(header, &volume->geometry);
    if (options->unknown_place) {
        put_int16(header, AT_QFORM_CODE, 0);
        put_int16(header, AT_SFORM_CODE, 0);
    }
    memcpy(header + AT_MAGIC, "n+1", 4);
}

static rs_status check_size(rs_context *ctx, const rs_geometry *g, int n_volumes)
{
    for (int d = 0; d < 3; d++)
        if (g->n[d] > INT16_MAX)
            return rs_fail(ctx, RS_DATA, "%d voxels along one axis are more than NIfTI-1 can say: write .mha instead",
                           (int)g->n[d]);
    if (n_volumes > INT16_MAX)
        return rs_fail(ctx, RS_DATA, "%d volumes are more than NIfTI-1 can say: write .mha instead", n_volumes);
    return RS_OK;
}

static rs_status write_parts(rs_context *ctx, rs_arena *arena, const char *path, bool force, const uint8_t *header,
                             const values *v)
{
    const void **parts = RS_ARENA_NEW(arena, const void *, v->n + 1);
    size_t *bytes = RS_ARENA_NEW(arena, size_t, v->n + 1);
    if (!parts || !bytes) return rs_fail_memory(ctx, "a NIfTI file");
    parts[0] = header;
    bytes[0] = NIFTI_VOXELS_AT;
    for (int i = 0; i < v->n; i++) {
        parts[i + 1] = v->data[i];
        bytes[i + 1] = v->bytes[i];
    }
    const char last = path[strlen(path) - 1];
    if (last != 'z' && last != 'Z') return rs_file_write(ctx, path, force, parts, bytes, v->n + 1);
    uint8_t *packed;
    size_t n_packed;
    RS_TRY(rs_deflate(ctx, arena, RS_DEFLATE_GZIP, parts, bytes, v->n + 1, &packed, &n_packed));
    const void *whole = packed;
    return rs_file_write(ctx, path, force, &whole, &n_packed, 1);
}

rs_status rs_nifti_write(rs_context *ctx, const rs_volume *volumes, int n, const char *path,
                         const rs_format_options *options)
{
    uint8_t header[NIFTI_VOXELS_AT] = {0};
    values v;
    RS_TRY(check_size(ctx, &volumes[0].geometry, n));
    put_header(header, &volumes[0], n, options);
    rs_arena *arena = rs_arena_new();
    if (!arena) return rs_fail_memory(ctx, "a NIfTI file");
    rs_status status = values_of(ctx, arena, volumes, n, options->labels, true, &v);
    if (status == RS_OK) {
        status = write_parts(ctx, arena, path, options->force, header, &v);
        values_free(ctx, &v);
    }
    rs_arena_free(arena);
    return status;
}
