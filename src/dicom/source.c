/* Reads a file by pieces (performance: 3,000 headers in a listing, one frame of many). */
#include "source.h"

#include "restage/limits.h"

enum { FIRST_BYTES = 16 << 10, TAIL_BYTES = 1 << 10 };

rs_status rs_source_open(rs_context *ctx, rs_arena *arena, const char *path, bool follow, rs_source *out)
{
    rs_source s = {0};
    RS_TRY(rs_file_open(ctx, path, (size_t)rs_limit(ctx, RS_LIMIT_FILE_BYTES), follow, &s.file));
    s.bytes = RS_ARENA_RAW(arena, uint8_t, s.file.n_bytes + 1);
    rs_status status = s.bytes ? RS_OK : rs_fail_memory(ctx, "a file");
    if (status == RS_OK) {
        s.bytes[s.file.n_bytes] = 0;
        status = rs_source_head(ctx, &s, 0, s.file.n_bytes < FIRST_BYTES ? s.file.n_bytes : FIRST_BYTES);
    }
    if (status != RS_OK) {
        rs_source_close(&s);
        return status;
    }
    *out = s;
    return RS_OK;
}

void rs_source_close(rs_source *source)
{
    rs_file_close(&source->file);
}

rs_status rs_source_read(rs_context *ctx, rs_source *source, size_t pos, size_t n)
{
    return rs_file_fill(ctx, &source->file, source->bytes, pos, pos + n);
}

rs_status rs_source_head(rs_context *ctx, rs_source *source, size_t pos, size_t n)
{
    if (pos + n <= source->n_head) return RS_OK;
    /* Twice as much as before, so that a long header takes few reads. */
    size_t end = pos + n > 2 * source->n_head ? pos + n : 2 * source->n_head;
    if (end > source->file.n_bytes) end = source->file.n_bytes;
    RS_TRY(rs_source_read(ctx, source, source->n_head, end - source->n_head));
    source->n_head = end;
    return RS_OK;
}

rs_status rs_source_tail(rs_context *ctx, rs_source *source, size_t pos, size_t n)
{
    if (pos + n <= source->n_head) return RS_OK;
    if (pos >= source->tail_begin && pos + n <= source->tail_begin + source->n_tail) return RS_OK;
    const size_t left = source->file.n_bytes - pos;
    const size_t most = n > TAIL_BYTES ? n : TAIL_BYTES;
    source->tail_begin = pos;
    source->n_tail = left < most ? left : most;
    return rs_source_read(ctx, source, pos, source->n_tail);
}
