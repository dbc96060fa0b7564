/* TIFF 6.0 by libtiff, whose input and output are our own memory. ImageDescription begins as ImageJ's, which is how
   most programs learn that pages are slices; its unit is that of ResolutionUnit, cm, so that no reader mistakes one for
   the other. The place in the patient follows in lines of our own. */
#include "tiff.h"

#include <stdio.h>
#include <string.h>
#include <tiffio.h>

#include "formats_private.h"
#include "restage/files.h"
#include "tiff_sink.h"
#include "values.h"

/* From here a classic TIFF's 32-bit offsets may not do. */
#define BIG_TIFF_BYTES ((uint64_t)0xF0000000)

struct rs_tiff {
    TIFF *file;
    sink to;
    rs_tiff_form form;
    int32_t page;
    size_t page_bytes;
};

static tmsize_t read_sink(thandle_t handle, void *out, tmsize_t bytes)
{
    return (tmsize_t)sink_read(handle, out, (size_t)bytes);
}

static tmsize_t write_sink(thandle_t handle, void *data, tmsize_t bytes)
{
    sink *to = handle;
    sink_write(to, data, (size_t)bytes);
    return to->failed ? -1 : bytes;
}

static toff_t seek_sink(thandle_t handle, toff_t offset, int whence)
{
    sink *to = handle;
    if (whence == SEEK_SET) to->position = offset;
    if (whence == SEEK_CUR) to->position += offset;
    if (whence == SEEK_END) to->position = to->end + offset;
    return to->position;
}

static int close_sink(thandle_t handle)
{
    (void)handle;
    return 0;
}

static toff_t size_sink(thandle_t handle)
{
    return ((const sink *)handle)->end;
}

/* libtiff would print: what went wrong is seen by its answers. */
static int keep_quiet(TIFF *file, void *data, const char *module, const char *format, va_list arguments)
{
    (void)file, (void)data, (void)module, (void)format, (void)arguments;
    return 1;
}

static uint16_t bits_of(rs_tiff_sample sample)
{
    static const uint16_t bits[] = {8, 16, 16, 32};
    return bits[sample];
}

static TIFF *open_sink(sink *to, bool big)
{
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (!options) return NULL;
    TIFFOpenOptionsSetErrorHandlerExtR(options, keep_quiet, NULL);
    TIFFOpenOptionsSetWarningHandlerExtR(options, keep_quiet, NULL);
    TIFF *file = TIFFClientOpenExt("memory", big ? "w8m" : "w4m", to, read_sink, write_sink, seek_sink, close_sink,
                                   size_sink, NULL, NULL, options);
    TIFFOpenOptionsFree(options);
    return file;
}

rs_status rs_tiff_begin(rs_context *ctx, rs_arena *arena, const rs_tiff_form *form, rs_tiff **out)
{
    rs_tiff *tiff = RS_ARENA_NEW(arena, rs_tiff, 1);
    if (!tiff) return rs_fail_memory(ctx, "a TIFF file");
    tiff->form = *form;
    tiff->to.arena = arena;
    const int32_t *n = form->geometry->n;
    tiff->page_bytes = (size_t)n[0] * (size_t)n[1] * bits_of(form->sample) / 8;
    tiff->file = open_sink(&tiff->to, (uint64_t)tiff->page_bytes * (uint64_t)n[2] > BIG_TIFF_BYTES);
    if (!tiff->file) return rs_fail_memory(ctx, "a TIFF file");
    *out = tiff;
    return RS_OK;
}

static void describe(rs_buffer *out, const rs_tiff_form *form)
{
    const rs_geometry *g = form->geometry;
    static const char axes[] = "ijk";
    rs_buffer_printf(out, "ImageJ=1.11a\nimages=%d\nslices=%d\nunit=cm\nspacing=%.12g\nloop=false\n", (int)g->n[2],
                     (int)g->n[2], g->spacing_mm[2] / 10);
    rs_buffer_printf(out, "spacing_mm=%.12g %.12g %.12g\norigin_lps_mm=%.12g %.12g %.12g\n", g->spacing_mm[0],
                     g->spacing_mm[1], g->spacing_mm[2], g->origin_lps_mm[0], g->origin_lps_mm[1], g->origin_lps_mm[2]);
    for (int a = 0; a < 3; a++) /* + 0: no "-0" */
        rs_buffer_printf(out, "axis_%c_lps=%.12g %.12g %.12g\n", axes[a], g->axis[a][0] + 0, g->axis[a][1] + 0,
                         g->axis[a][2] + 0);
    if (form->about) rs_buffer_text(out, form->about);
}

/* True where every field was taken. */
static bool set_fields(TIFF *file, const rs_tiff_form *form, const char *description)
{
    static const uint16_t kinds[] = {SAMPLEFORMAT_UINT, SAMPLEFORMAT_UINT, SAMPLEFORMAT_INT, SAMPLEFORMAT_IEEEFP};
    const rs_geometry *g = form->geometry;
    bool good = TIFFSetField(file, TIFFTAG_IMAGEWIDTH, (uint32_t)g->n[0]) &&
                TIFFSetField(file, TIFFTAG_IMAGELENGTH, (uint32_t)g->n[1]) &&
                TIFFSetField(file, TIFFTAG_ROWSPERSTRIP, (uint32_t)g->n[1]) &&
                TIFFSetField(file, TIFFTAG_SAMPLESPERPIXEL, 1) &&
                TIFFSetField(file, TIFFTAG_BITSPERSAMPLE, bits_of(form->sample)) &&
                TIFFSetField(file, TIFFTAG_SAMPLEFORMAT, kinds[form->sample]) &&
                TIFFSetField(file, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK) &&
                TIFFSetField(file, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) &&
                TIFFSetField(file, TIFFTAG_COMPRESSION, form->packed ? COMPRESSION_ADOBE_DEFLATE : COMPRESSION_NONE) &&
                TIFFSetField(file, TIFFTAG_RESOLUTIONUNIT, RESUNIT_CENTIMETER) &&
                TIFFSetField(file, TIFFTAG_XRESOLUTION, 10 / g->spacing_mm[0]) &&
                TIFFSetField(file, TIFFTAG_YRESOLUTION, 10 / g->spacing_mm[1]);
    if (good && g->n[2] > 1) good = TIFFSetField(file, TIFFTAG_SUBFILETYPE, FILETYPE_PAGE);
    return good && (!description || TIFFSetField(file, TIFFTAG_IMAGEDESCRIPTION, description));
}

/* libtiff wants the pixels writable; it changes them only to turn their bytes round, which native order never asks. */
static bool put_pixels(rs_tiff *tiff, const void *pixels)
{
    void *data;
    memcpy(&data, &pixels, sizeof data);
    tmsize_t bytes = (tmsize_t)tiff->page_bytes;
    if (tiff->form.packed) return TIFFWriteEncodedStrip(tiff->file, 0, data, bytes) == bytes;
    tiff->to.borrow = pixels;
    tiff->to.borrow_bytes = tiff->page_bytes;
    bool good = TIFFWriteRawStrip(tiff->file, 0, data, bytes) == bytes;
    tiff->to.borrow = NULL;
    return good;
}

rs_status rs_tiff_page(rs_context *ctx, rs_tiff *tiff, const void *pixels)
{
    rs_buffer description = {0};
    if (tiff->page == 0) describe(&description, &tiff->form);
    bool good = !description.failed && set_fields(tiff->file, &tiff->form, description.data);
    rs_buffer_free(&description);
    good = good && put_pixels(tiff, pixels) && TIFFWriteDirectory(tiff->file) && !tiff->to.failed;
    tiff->page++;
    return good ? RS_OK : rs_fail_memory(ctx, "a TIFF file");
}

rs_status rs_tiff_finish(rs_context *ctx, rs_tiff *tiff, rs_tiff_parts *out)
{
    TIFFClose(tiff->file);
    tiff->file = NULL;
    int n = tiff->to.n;
    const void **data = RS_ARENA_NEW(tiff->to.arena, const void *, n);
    size_t *bytes = RS_ARENA_NEW(tiff->to.arena, size_t, n);
    if (!data || !bytes || tiff->to.failed) return rs_fail_memory(ctx, "a TIFF file");
    for (int i = 0; i < n; i++) {
        data[i] = tiff->to.pieces[i].data;
        bytes[i] = tiff->to.pieces[i].bytes;
    }
    *out = (rs_tiff_parts){data, bytes, n};
    return RS_OK;
}

void rs_tiff_end(rs_tiff *tiff)
{
    if (tiff && tiff->file) TIFFClose(tiff->file);
    if (tiff) tiff->file = NULL;
}

const char *rs_tiff_library_version(void)
{
    static const char head[] = "LIBTIFF, Version ";
    static char version[32];
    const char *text = TIFFGetVersion();
    if (strncmp(text, head, sizeof head - 1) == 0) text += sizeof head - 1;
    size_t n = strcspn(text, "\n");
    n = n < sizeof version ? n : sizeof version - 1;
    memcpy(version, text, n);
    return version;
}

static rs_status write_pages(rs_context *ctx, rs_arena *arena, const rs_tiff_form *form, const void *voxels,
                             rs_tiff_parts *parts)
{
    rs_tiff *tiff = NULL;
    RS_TRY(rs_tiff_begin(ctx, arena, form, &tiff));
    rs_status status = RS_OK;
    for (int32_t k = 0; k < form->geometry->n[2] && status == RS_OK; k++)
        status = rs_tiff_page(ctx, tiff, (const char *)voxels + (size_t)k * tiff->page_bytes);
    if (status == RS_OK) status = rs_tiff_finish(ctx, tiff, parts);
    rs_tiff_end(tiff);
    return status;
}

rs_status rs_tiff_write(rs_context *ctx, const rs_volume *volumes, int n, const char *path,
                        const rs_format_options *options)
{
    rs_tiff_form form = {.geometry = &volumes[0].geometry, .sample = RS_TIFF_INT16};
    rs_tiff_parts parts;
    values v;
    rs_arena *arena = rs_arena_new();
    if (!arena) return rs_fail_memory(ctx, "a TIFF file");
    rs_status status = values_of(ctx, arena, volumes, n, options->labels, false, &v);
    if (status == RS_OK) {
        if (rs_unknown(options)) form.about = rs_arena_printf(arena, "comment=%s\n", rs_unknown(options));
        if (options->labels) form.sample = RS_TIFF_UINT8;
        if (strcmp(v.type, "float32") == 0) form.sample = RS_TIFF_FLOAT;
        status = write_pages(ctx, arena, &form, v.data[0], &parts);
        if (status == RS_OK) status = rs_file_write(ctx, path, options->force, parts.data, parts.bytes, parts.n);
        values_free(ctx, &v);
    }
    rs_arena_free(arena);
    return status;
}
