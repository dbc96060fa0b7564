/* Opens a file for its pixels and decodes them. */
#include "decode.h"

#include "restage/files.h"
#include "restage/limits.h"

struct rs_decode {
    rs_dicom_file *file;
    int worker;
};

rs_status rs_decode_open(rs_context *ctx, int worker, rs_arena *arena, const char *path, bool follow, rs_decode **out)
{
    rs_decode *d = RS_ARENA_NEW(arena, rs_decode, 1);
    uint8_t *bytes = NULL;
    size_t n_bytes = 0;
    if (!d) return rs_fail_memory(ctx, "a file");
    d->worker = worker;
    RS_TRY(rs_file_read(ctx, arena, path, (size_t)rs_limit(ctx, RS_LIMIT_FILE_BYTES), follow, &bytes, &n_bytes));
    RS_TRY(rs_dicom_file_open(ctx, arena, bytes, n_bytes, &d->file));
    *out = d;
    return RS_OK;
}

void rs_decode_close(rs_decode *decode)
{
    if (decode) rs_dicom_file_close(decode->file);
}

rs_status rs_decode_image(rs_context *ctx, const rs_decode *decode, rs_dicom_image *out)
{
    return rs_dicom_file_image(ctx, decode->file, out);
}

rs_status rs_decode_pixels(rs_context *ctx, rs_decode *decode, int32_t first, int32_t n_frames, rs_dicom_pixels *out)
{
    return rs_dicom_file_pixels(ctx, decode->file, first, n_frames, out);
}
