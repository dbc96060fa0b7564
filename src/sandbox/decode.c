/* Opens a file for its pixels and decodes them: here, or by a worker. */
#include "decode.h"

#include "client.h"

struct rs_decode {
    rs_dicom_file *file;
    size_t n_bytes;
    /* where a worker decodes */
    const uint8_t *bytes;
    sandbox *away; /* NULL: here */
    int worker;
    uint64_t serial;
    rs_arena *pixels; /* what came back last */
};

rs_status rs_decode_open(rs_context *ctx, int worker, rs_arena *arena, const char *path, bool follow, rs_decode **out)
{
    rs_decode *d = RS_ARENA_NEW(arena, rs_decode, 1);
    if (!d) return rs_fail_memory(ctx, "a file");
    d->worker = worker;
    RS_TRY(rs_dicom_file_read(ctx, arena, path, follow, &d->file, &d->n_bytes));
    sandbox *s = sandbox_of(ctx);
    if (s && (s->mode == RS_SANDBOX_ALL || rs_dicom_file_is_compressed(d->file))) {
        d->away = s;
        d->serial = sandbox_serial(s);
        const rs_status status = rs_dicom_file_bytes(ctx, d->file, &d->bytes, &d->n_bytes);
        if (status != RS_OK) {
            rs_dicom_file_close(d->file);
            return status;
        }
    }
    *out = d;
    return RS_OK;
}

void rs_decode_close(rs_decode *decode)
{
    if (!decode) return;
    if (decode->away) client_release(decode->away, decode->worker, decode->serial);
    rs_arena_free(decode->pixels);
    rs_dicom_file_close(decode->file);
}

rs_status rs_decode_image(rs_context *ctx, const rs_decode *decode, rs_dicom_image *out)
{
    return rs_dicom_file_image(ctx, decode->file, out);
}

static rs_status decode_away(rs_context *ctx, rs_decode *d, int32_t first, int32_t n_frames, rs_dicom_pixels *out)
{
    rs_dicom_image image;
    RS_TRY(rs_dicom_file_image(ctx, d->file, &image));
    if (first < 0 || n_frames < 1 || n_frames > image.frames - first) {
        return rs_fail(ctx, RS_DATA, "it has %d frames, but frame %d is asked for", image.frames, first + n_frames);
    }
    if (!d->pixels) d->pixels = rs_arena_new();
    if (!d->pixels) return rs_fail_memory(ctx, "a decoded picture");
    rs_arena_rewind(d->pixels, (rs_arena_mark){0});
    const client_task task = {.file = d->serial,
                              .bytes = d->bytes,
                              .n_bytes = d->n_bytes,
                              .first = first,
                              .n_frames = n_frames,
                              .frame_values = (int64_t)image.rows * image.columns,
                              .value_bytes = image.bits_allocated > 16 ? (image.bits_allocated + 7) / 8 : 2};
    return client_decode(ctx, d->away, d->worker, &task, d->pixels, out);
}

rs_status rs_decode_pixels(rs_context *ctx, rs_decode *decode, int32_t first, int32_t n_frames, rs_dicom_pixels *out)
{
    if (decode->away) return decode_away(ctx, decode, first, n_frames, out);
    return rs_dicom_file_pixels(ctx, decode->file, first, n_frames, out);
}
