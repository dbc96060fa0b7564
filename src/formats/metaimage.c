/* MetaImage, header and voxels in one file (.mha) or two (.mhd + .raw). Its space is LPS, as ours; TransformMatrix
   lists the direction of each voxel axis in turn (MetaIO, ITK). Readers ignore MetaIO's slope and offset, so values
   that are not the stored numbers are written as float. */
#include "formats_private.h"

#include <string.h>
#include <unistd.h>

#include "restage/files.h"
#include "values.h"

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

/* Lists of numbers have as many as axes; what the fourth one counts has no length and no place: 1 and 0. */
static void print_header(rs_buffer *out, const rs_geometry *g, int n_volumes, const char *type, const char *comment)
{
    char orientation[4];
    const int axes = n_volumes > 1 ? 4 : 3;
    anatomical_orientation(g, orientation);
    rs_buffer_printf(out, "ObjectType = Image\nNDims = %d\n", axes);
    if (comment) rs_buffer_printf(out, "Comment = %s\n", comment);
    rs_buffer_text(out, "BinaryData = True\nBinaryDataByteOrderMSB = " MSB "\nCompressedData = False\n"
                        "TransformMatrix =");
    for (int a = 0; a < axes; a++)
        for (int d = 0; d < axes; d++) /* + 0: no "-0" */
            rs_buffer_printf(out, " %.12g", a < 3 && d < 3 ? g->axis[a][d] + 0 : a == d);
    const char *one = axes > 3 ? " 1" : "", *zero = axes > 3 ? " 0" : "";
    rs_buffer_printf(out, "\nOffset = %.12g %.12g %.12g%s\nCenterOfRotation = 0 0 0%s\nAnatomicalOrientation = %s\n",
                     g->origin_lps_mm[0], g->origin_lps_mm[1], g->origin_lps_mm[2], zero, zero, orientation);
    rs_buffer_printf(out, "ElementSpacing = %.12g %.12g %.12g%s\nDimSize = %d %d %d", g->spacing_mm[0],
                     g->spacing_mm[1], g->spacing_mm[2], one, (int)g->n[0], (int)g->n[1], (int)g->n[2]);
    if (axes > 3) rs_buffer_printf(out, " %d", n_volumes);
    rs_buffer_printf(out, "\nElementType = %s\n", type);
}

/* Writes the voxels to .raw, then the header: a header never points at voxels that are not there. */
static rs_status write_two_files(rs_context *ctx, const rs_buffer *header, const values *v, const char *path,
                                 const char *raw, bool force)
{
    bool replaces = access(raw, F_OK) == 0;
    RS_TRY(rs_file_write(ctx, raw, force, v->data, v->bytes, v->n));
    const void *text = header->data;
    rs_status status = rs_file_write(ctx, path, force, &text, &header->bytes, 1);
    if (status != RS_OK && !replaces) unlink(raw);
    return status;
}

static rs_status write_one_file(rs_context *ctx, rs_arena *arena, const rs_buffer *header, const values *v,
                                const char *path, bool force)
{
    const void **parts = RS_ARENA_NEW(arena, const void *, v->n + 1);
    size_t *bytes = RS_ARENA_NEW(arena, size_t, v->n + 1);
    if (!parts || !bytes) return rs_fail_memory(ctx, "a MetaImage file");
    parts[0] = header->data;
    bytes[0] = header->bytes;
    for (int i = 0; i < v->n; i++) {
        parts[i + 1] = v->data[i];
        bytes[i + 1] = v->bytes[i];
    }
    return rs_file_write(ctx, path, force, parts, bytes, v->n + 1);
}

static rs_status write_files(rs_context *ctx, rs_arena *arena, rs_buffer *header, const values *v, const char *path,
                             bool force)
{
    size_t length = strlen(path);
    bool two_files = path[length - 1] == 'd' || path[length - 1] == 'D';
    char raw[PATH_BYTES];
    if (length + 1 > sizeof raw) return rs_fail(ctx, RS_CANT_CREATE, "the name of the output is too long");
    memcpy(raw, path, length + 1);
    memcpy(raw + length - 3, "raw", 3);
    const char *slash = strrchr(raw, '/');
    rs_buffer_printf(header, "ElementDataFile = %s\n", two_files ? (slash ? slash + 1 : raw) : "LOCAL");
    if (header->failed) return rs_fail_memory(ctx, "the header");
    return two_files ? write_two_files(ctx, header, v, path, raw, force)
                     : write_one_file(ctx, arena, header, v, path, force);
}

static const char *met_type(const char *type)
{
    return strcmp(type, "uint8") == 0 ? "MET_UCHAR" : strcmp(type, "int16") == 0 ? "MET_SHORT" : "MET_FLOAT";
}

rs_status rs_metaimage_write(rs_context *ctx, const rs_volume *volumes, int n, const char *path,
                             const rs_format_options *options)
{
    rs_buffer header = {0};
    values v;
    rs_arena *arena = rs_arena_new();
    if (!arena) return rs_fail_memory(ctx, "a MetaImage file");
    rs_status status = values_of(ctx, arena, volumes, n, options->labels, false, &v);
    if (status == RS_OK) {
        print_header(&header, &volumes[0].geometry, n, met_type(v.type), rs_unknown(options));
        status = write_files(ctx, arena, &header, &v, path, options->force);
        values_free(ctx, &v);
    }
    rs_buffer_free(&header);
    rs_arena_free(arena);
    return status;
}
