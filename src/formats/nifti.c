/* NIfTI-1 in one file (.nii): a header of 348 bytes, 4 bytes that say "no extension", and the voxels as they are
   stored. The world of NIfTI is RAS, ours LPS: x and y change their sign. sform and qform say the same (NIfTI-1 header,
   method 2 and 3); slope and offset go into scl_slope and scl_inter. */
#include "formats_private.h"

#include <math.h>
#include <string.h>

#include "restage/files.h"
#include "restage/text.h"
#include "restage/version.h"

enum {
    NIFTI_HEADER_BYTES = 348,
    NIFTI_VOXELS_AT = 352,
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
        put_int16(header, AT_DIM + 2 * (d + 1), g->n[d]);
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

rs_status rs_nifti_write(rs_context *ctx, const rs_volume *volume, int n_volumes, const char *path,
                         const rs_format_options *options)
{
    const bool force = options->force;
    (void)n_volumes;
    const rs_geometry *g = &volume->geometry;
    for (int d = 0; d < 3; d++)
        if (g->n[d] > INT16_MAX)
            return rs_fail(ctx, RS_DATA, "%d voxels along one axis are more than NIfTI-1 can say: write .mha instead",
                           (int)g->n[d]);
    uint8_t header[NIFTI_VOXELS_AT] = {0};
    int32_t size = NIFTI_HEADER_BYTES;
    memcpy(header + AT_SIZE, &size, sizeof size);
    header[AT_REGULAR] = 'r';
    put_int16(header, AT_DIM, 3);
    for (size_t d = 4; d < 8; d++)
        put_int16(header, AT_DIM + 2 * d, 1);
    put_int16(header, AT_DATATYPE, NIFTI_INT16);
    put_int16(header, AT_BITPIX, 16);
    put_real(header, AT_VOX_OFFSET, NIFTI_VOXELS_AT);
    put_real(header, AT_SLOPE, volume->slope);
    put_real(header, AT_INTER, volume->offset);
    header[AT_UNITS] = NIFTI_UNITS_MM;
    rs_text_format((char *)header + AT_DESCRIP, 80, "restage %s", rs_version());
    put_geometry(header, g);
    memcpy(header + AT_MAGIC, "n+1", 4);

    const void *parts[] = {header, volume->voxels};
    const size_t bytes[] = {sizeof header, (size_t)rs_geometry_voxels(g) * sizeof volume->voxels[0]};
    return rs_file_write(ctx, path, force, parts, bytes, 2);
}
