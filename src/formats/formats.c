/* Picks writer and reader by the ending of the file name; the formats themselves stand in files of their own. */
#include "formats_private.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "restage/text.h"
#include "to_int16.h"

typedef struct format {
    const char *ending;
    rs_format_writer write;
    raw_reader read;
} format;

static const format formats[] = {
#define X(ending, write, read) {ending, write, read},
#include "formats.def"
#undef X
};

enum { N_FORMATS = sizeof formats / sizeof formats[0] };

static bool writes(const format *f)
{
    return f && f->write != rs_format_not_written;
}

static bool reads(const format *f)
{
    return f && f->read != rs_format_not_read;
}

/* Endings that are written, or read, separated by blanks. */
static const char *endings_of(bool (*has)(const format *), char *out, size_t room)
{
    size_t n = 0;
    out[0] = 0;
    for (int f = 0; f < N_FORMATS && n < room; f++)
        if (has(&formats[f])) n += (size_t)rs_text_format(out + n, room - n, "%s%s", n ? " " : "", formats[f].ending);
    return out;
}

const char *rs_format_endings(void)
{
    static _Thread_local char endings[128];
    return endings_of(writes, endings, sizeof endings);
}

/* The row whose ending the path has, NULL for none. */
static const format *find(const char *path)
{
    size_t length = strlen(path);
    for (int f = 0; f < N_FORMATS; f++) {
        size_t end = strlen(formats[f].ending);
        if (length > end && strcasecmp(path + length - end, formats[f].ending) == 0) return &formats[f];
    }
    return NULL;
}

rs_status rs_format_check(rs_context *ctx, const char *path, bool force)
{
    const char *slash = strrchr(path, '/');
    if (!writes(find(path)))
        return rs_fail(ctx, RS_USAGE, "the ending of the output's name picks its format: use one of %s",
                       rs_format_endings());
    if (!force && access(path, F_OK) == 0)
        return rs_fail(ctx, RS_CANT_CREATE, "%s exists: use --force to replace it", slash != NULL ? slash + 1 : path);
    return RS_OK;
}

bool rs_format_has_time(const char *path)
{
    const format *f = find(path);
    return writes(f) && f->write != rs_tiff_write;
}

static bool same_grid(const rs_geometry *a, const rs_geometry *b)
{
    return memcmp(a->n, b->n, sizeof a->n) == 0 && memcmp(a->spacing_mm, b->spacing_mm, sizeof a->spacing_mm) == 0 &&
           memcmp(a->origin_lps_mm, b->origin_lps_mm, sizeof a->origin_lps_mm) == 0 &&
           memcmp(a->axis, b->axis, sizeof a->axis) == 0;
}

rs_status rs_format_write(rs_context *ctx, const rs_volume *volumes, int n, const char *path,
                          const rs_format_options *options)
{
    static const rs_format_options defaults = {0};
    if (!options) options = &defaults;
    RS_TRY(rs_format_check(ctx, path, options->force));
    RS_CHECK(ctx, n >= 1);
    if (n > 1 && !rs_format_has_time(path))
        return rs_fail(ctx, RS_USAGE, "TIFF has no fourth axis: write .nii, .nrrd or .mha, or one volume a file");
    for (int v = 1; v < n; v++) {
        RS_CHECK(ctx, same_grid(&volumes[v].geometry, &volumes[0].geometry));
        if (volumes[v].slope != volumes[0].slope || volumes[v].offset != volumes[0].offset)
            return rs_fail(ctx, RS_DATA,
                           "volume %d of the series has another slope than the first: write one volume "
                           "a file",
                           v + 1);
    }
    return find(path)->write(ctx, volumes, n, path, options);
}

bool rs_format_reads(const char *path)
{
    return reads(find(path));
}

rs_status rs_format_not_written(rs_context *ctx, const rs_volume *volumes, int n, const char *path,
                                const rs_format_options *options)
{
    (void)volumes, (void)n, (void)path, (void)options;
    return rs_fail(ctx, RS_USAGE, "this format is read only");
}

rs_status rs_format_not_read(rs_context *ctx, const char *path, rs_arena *arena, raw_file *out)
{
    (void)path, (void)arena, (void)out;
    return rs_fail(ctx, RS_DATA, "this format is written only");
}

static rs_status read_raw(rs_context *ctx, const char *path, rs_arena *arena, raw_file *out)
{
    const format *f = find(path);
    char endings[128];
    *out = (raw_file){0};
    if (!reads(f))
        return rs_fail(ctx, RS_DATA, "the file is no volume of a format that is read (%s)",
                       endings_of(reads, endings, sizeof endings));
    RS_TRY(f->read(ctx, path, arena, out));
    return raw_check(ctx, arena, out);
}

rs_status rs_format_read_head(rs_context *ctx, const char *path, rs_arena *arena, rs_format_head *out)
{
    raw_file file;
    RS_TRY(read_raw(ctx, path, arena, &file));
    *out = file.head;
    return RS_OK;
}

static rs_status read_voxels(rs_context *ctx, const raw_file *file, int32_t index, rs_volume *out, double *rounding)
{
    raw_source source;
    RS_TRY(rs_volume_new(ctx, &file->head.geometry, out));
    rs_status status = raw_open(ctx, file, index, &source);
    if (status == RS_OK) {
        status = to_int16(ctx, file, &source, index, out, rounding);
        raw_close(ctx, &source);
    }
    if (status != RS_OK) rs_volume_free(ctx, out);
    return status;
}

rs_status rs_format_read(rs_context *ctx, const char *path, int32_t index, rs_arena *arena, rs_volume *out,
                         double *rounding, rs_notes *notes)
{
    raw_file file;
    RS_TRY(read_raw(ctx, path, arena, &file));
    if (index < 0 || index >= file.head.n_volumes)
        return rs_fail(ctx, RS_DATA, "the file holds %d volumes, and number %d was asked for", (int)file.head.n_volumes,
                       (int)index + 1);
    RS_TRY(read_voxels(ctx, &file, index, out, rounding));
    *notes = file.head.notes;
    if (*rounding == 0) return RS_OK;
    rs_status status = rs_notes_add(ctx, arena, notes, "values_rounded", NULL,
                                    "values of the file (%s) are kept in steps of %.6g, rounded by at most %.3g",
                                    file.head.type, out->slope, *rounding);
    if (status != RS_OK) rs_volume_free(ctx, out);
    return status;
}
