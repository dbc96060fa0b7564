/* NRRD in one file: text, an empty line, and the voxels, as they are or, for labels, as gzip. It has no slope and
   offset, so values that are not the stored numbers are written as float. */
#include "digest/inflate.h"
#include "formats_private.h"
#include "header_text.h"
#include "restage/files.h"
#include "values.h"

static void print_header(rs_buffer *out, const rs_geometry *g, int n_volumes, const values *v,
                         const rs_format_options *options)
{
    const bool four = n_volumes > 1;
    rs_buffer_text(out, "NRRD0004\n# Specification: http://teem.sourceforge.net/nrrd/format.html\n");
    if (rs_unknown(options)) rs_buffer_printf(out, "# %s\n", rs_unknown(options));
    rs_buffer_printf(out, "type: %s\ndimension: %d\nspace: left-posterior-superior\nsizes: %d %d %d",
                     v->type[0] == 'f' ? "float" : v->type, four ? 4 : 3, (int)g->n[0], (int)g->n[1], (int)g->n[2]);
    if (four) rs_buffer_printf(out, " %d", n_volumes);
    rs_buffer_text(out, "\nspace directions:");
    for (int a = 0; a < 3; a++) { /* + 0: no "-0" */
        const double mm = g->spacing_mm[a];
        rs_buffer_printf(out, " (%.12g,%.12g,%.12g)", mm * g->axis[a][0] + 0, mm * g->axis[a][1] + 0,
                         mm * g->axis[a][2] + 0);
    }
    rs_buffer_printf(out, "%s\nkinds: domain domain domain%s\n", four ? " none" : "", four ? " list" : "");
    if (!options->labels) rs_buffer_printf(out, "endian: %s\n", header_machine_is_big() ? "big" : "little");
    rs_buffer_printf(out, "encoding: %s\nspace origin: (%.12g,%.12g,%.12g)\n\n", options->labels ? "gzip" : "raw",
                     g->origin_lps_mm[0], g->origin_lps_mm[1], g->origin_lps_mm[2]);
}

static rs_status write_file(rs_context *ctx, rs_arena *arena, const rs_buffer *header, const values *v,
                            const char *path, const rs_format_options *options)
{
    const void **parts = RS_ARENA_NEW(arena, const void *, v->n + 1);
    size_t *bytes = RS_ARENA_NEW(arena, size_t, v->n + 1);
    int n = 1;
    if (!parts || !bytes) return rs_fail_memory(ctx, "an NRRD file");
    parts[0] = header->data;
    bytes[0] = header->bytes;
    if (options->labels) {
        uint8_t *packed;
        RS_TRY(rs_deflate(ctx, arena, RS_DEFLATE_GZIP, v->data, v->bytes, v->n, &packed, &bytes[1]));
        parts[n++] = packed;
    }
    for (int i = 0; i < v->n && !options->labels; i++, n++) {
        parts[n] = v->data[i];
        bytes[n] = v->bytes[i];
    }
    return rs_file_write(ctx, path, options->force, parts, bytes, n);
}

rs_status rs_nrrd_write(rs_context *ctx, const rs_volume *volumes, int n, const char *path,
                        const rs_format_options *options)
{
    rs_buffer header = {0};
    values v;
    rs_arena *arena = rs_arena_new();
    if (!arena) return rs_fail_memory(ctx, "an NRRD file");
    rs_status status = values_of(ctx, arena, volumes, n, options->labels, false, &v);
    if (status == RS_OK) {
        print_header(&header, &volumes[0].geometry, n, &v, options);
        status = header.failed ? rs_fail_memory(ctx, "the header") : write_file(ctx, arena, &header, &v, path, options);
        values_free(ctx, &v);
    }
    rs_buffer_free(&header);
    rs_arena_free(arena);
    return status;
}
