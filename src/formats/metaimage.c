/* MetaImage, header and voxels in one file (.mha) or two (.mhd + .raw). Its space is LPS, as ours; TransformMatrix
   lists the direction of each voxel axis in turn (MetaIO, ITK). Readers ignore MetaIO's slope and offset, so values
   that are not the stored numbers are written as float. */
#include "formats_private.h"

#include <string.h>
#include <unistd.h>

#include "restage/files.h"

enum { PATH_BYTES = 4096 };

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define MSB "True"
#else
#define MSB "False"
#endif

/* Letters for where each axis comes from, as MetaIO writes them: RAI is the identity in LPS. */
static void anatomical_orientation(const rs_geometry *g, char out[4])
{
    static const char from[2][4] = {"RAI", "LPS"};
    for (int a = 0; a < 3; a++) {
        int along = 0;
        for (int d = 1; d < 3; d++)
            if (g->axis[a][d] * g->axis[a][d] > g->axis[a][along] * g->axis[a][along]) along = d;
        out[a] = from[g->axis[a][along] < 0][along];
    }
    out[3] = 0;
}

static void print_header(rs_buffer *out, const rs_geometry *g, const char *type, const char *data_file)
{
    char orientation[4];
    anatomical_orientation(g, orientation);
    rs_buffer_text(out, "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = " MSB
                        "\nCompressedData = False\nTransformMatrix =");
    for (int a = 0; a < 3; a++) /* + 0: no "-0" */
        rs_buffer_printf(out, " %.12g %.12g %.12g", g->axis[a][0] + 0, g->axis[a][1] + 0, g->axis[a][2] + 0);
    rs_buffer_printf(out, "\nOffset = %.12g %.12g %.12g\nCenterOfRotation = 0 0 0\nAnatomicalOrientation = %s\n",
                     g->origin_lps_mm[0], g->origin_lps_mm[1], g->origin_lps_mm[2], orientation);
    rs_buffer_printf(out, "ElementSpacing = %.12g %.12g %.12g\nDimSize = %d %d %d\nElementType = %s\n",
                     g->spacing_mm[0], g->spacing_mm[1], g->spacing_mm[2], (int)g->n[0], (int)g->n[1], (int)g->n[2],
                     type);
    rs_buffer_printf(out, "ElementDataFile = %s\n", data_file);
}

/* Writes the voxels to .raw, then the header: a header never points at voxels that are not there. */
static rs_status write_two_files(rs_context *ctx, const rs_buffer *header, const void *voxels, size_t bytes,
                                 const char *path, const char *raw, bool force)
{
    bool replaces = access(raw, F_OK) == 0;
    RS_TRY(rs_file_write(ctx, raw, force, &voxels, &bytes, 1));
    const void *text = header->data;
    rs_status status = rs_file_write(ctx, path, force, &text, &header->bytes, 1);
    if (status != RS_OK && !replaces) unlink(raw);
    return status;
}

static rs_status write_voxels(rs_context *ctx, const rs_volume *volume, const char *path, bool force,
                              const void *voxels, size_t bytes, const char *type)
{
    size_t length = strlen(path);
    bool two_files = path[length - 1] == 'd' || path[length - 1] == 'D';
    char raw[PATH_BYTES];
    if (length + 1 > sizeof raw) return rs_fail(ctx, RS_CANT_CREATE, "the name of the output is too long");
    memcpy(raw, path, length + 1);
    memcpy(raw + length - 3, "raw", 3);
    const char *slash = strrchr(raw, '/');

    rs_buffer header = {0};
    print_header(&header, &volume->geometry, type, two_files ? (slash ? slash + 1 : raw) : "LOCAL");
    rs_status status;
    if (header.failed) {
        status = rs_fail_memory(ctx, "the header");
    } else if (two_files) {
        status = write_two_files(ctx, &header, voxels, bytes, path, raw, force);
    } else {
        const void *parts[] = {header.data, voxels};
        const size_t part_bytes[] = {header.bytes, bytes};
        status = rs_file_write(ctx, path, force, parts, part_bytes, 2);
    }
    rs_buffer_free(&header);
    return status;
}

rs_status rs_metaimage_write(rs_context *ctx, const rs_volume *volume, int n_volumes, const char *path,
                             const rs_format_options *options)
{
    const bool force = options->force;
    (void)n_volumes;
    size_t n = (size_t)rs_geometry_voxels(&volume->geometry);
    if (volume->slope == 1 && volume->offset == 0)
        return write_voxels(ctx, volume, path, force, volume->voxels, n * sizeof(int16_t), "MET_SHORT");
    rs_block block = {0};
    RS_TRY(rs_block_take(ctx, n * sizeof(float), "the values of the volume", &block));
    float *values = block.data;
    for (size_t v = 0; v < n; v++)
        values[v] = (float)(volume->slope * volume->voxels[v] + volume->offset);
    rs_status status = write_voxels(ctx, volume, path, force, values, n * sizeof(float), "MET_FLOAT");
    rs_block_give(ctx, &block);
    return status;
}
