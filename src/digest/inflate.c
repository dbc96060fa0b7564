/* One loop over zlib for growing output, fixed output and deflate. */
#include "inflate.h"

#include <string.h>
#include <zlib.h>

#include "restage/context.h"

enum { RAW_WINDOW = -15, GZIP_WINDOW = 15 + 16, FIRST_BYTES = 1 << 16, PIECE = 1 << 30, MEMORY_LEVEL = 8 };

static int window_of(rs_deflate_wrap wrap)
{
    return wrap == RS_DEFLATE_GZIP ? GZIP_WINDOW : RAW_WINDOW;
}

/* Gives zlib its next piece of input; its counters are 32 bits wide. */
static void feed(z_stream *z, const uint8_t **at, size_t *left)
{
    if (z->avail_in || !*left) return;
    z->next_in = (Bytef *)(uintptr_t)*at;
    z->avail_in = *left > PIECE ? PIECE : (uInt)*left;
    *at += z->avail_in;
    *left -= z->avail_in;
}

/* Inflates into out until it is full or the stream ends. Z_OK: full. */
static int fill(z_stream *z, const uint8_t **at, size_t *left, uint8_t *out, size_t room, size_t *n)
{
    int code = Z_OK;
    while (code == Z_OK && *n < room) {
        feed(z, at, left);
        z->next_out = out + *n;
        z->avail_out = room - *n > PIECE ? PIECE : (uInt)(room - *n);
        const uInt before = z->avail_out;
        const bool starved = !z->avail_in && !*left;
        code = inflate(z, starved ? Z_FINISH : Z_NO_FLUSH);
        *n += before - z->avail_out;
    }
    return code;
}

/* Room is full: is that all there is? One byte more decides it. */
static rs_inflated judge(z_stream *z, const uint8_t **at, size_t *left, int code)
{
    if (code == Z_STREAM_END) return RS_INFLATED_ALL;
    if (code == Z_BUF_ERROR) return RS_INFLATED_CUT;
    if (code != Z_OK) return RS_INFLATED_DAMAGED;
    uint8_t one;
    size_t n = 0;
    code = fill(z, at, left, &one, 1, &n);
    if (n) return RS_INFLATED_CAP;
    return code == Z_STREAM_END ? RS_INFLATED_ALL : code == Z_BUF_ERROR ? RS_INFLATED_CUT : RS_INFLATED_DAMAGED;
}

static rs_status begin(struct rs_context *ctx, z_stream *z, rs_deflate_wrap wrap)
{
    memset(z, 0, sizeof *z);
    return inflateInit2(z, window_of(wrap)) == Z_OK ? RS_OK : rs_fail_memory(ctx, "a compressed file");
}

rs_status rs_inflate_into(struct rs_context *ctx, rs_deflate_wrap wrap, const uint8_t *bytes, size_t n_bytes,
                          uint8_t *room, size_t room_bytes, size_t *n_out, rs_inflated *how)
{
    z_stream z;
    RS_TRY(begin(ctx, &z, wrap));
    *n_out = 0;
    const int code = fill(&z, &bytes, &n_bytes, room, room_bytes, n_out);
    *how = judge(&z, &bytes, &n_bytes, code);
    const bool starved = code == Z_MEM_ERROR;
    inflateEnd(&z);
    return starved ? rs_fail_memory(ctx, "a compressed file") : RS_OK;
}

rs_status rs_inflate(struct rs_context *ctx, rs_arena *arena, rs_deflate_wrap wrap, const uint8_t *bytes,
                     size_t n_bytes, size_t cap, uint8_t **out, size_t *n_out, rs_inflated *how)
{
    z_stream z;
    RS_TRY(begin(ctx, &z, wrap));
    size_t room = cap < FIRST_BYTES ? cap : FIRST_BYTES, n = 0;
    uint8_t *data = RS_ARENA_RAW(arena, uint8_t, room ? room : 1);
    int code = data ? fill(&z, &bytes, &n_bytes, data, room, &n) : Z_MEM_ERROR;
    while (code == Z_OK && room < cap) {
        const size_t larger = room > cap / 2 ? cap : room * 2;
        uint8_t *grown = RS_ARENA_RAW(arena, uint8_t, larger);
        if (!grown) {
            code = Z_MEM_ERROR;
            break;
        }
        memcpy(grown, data, n);
        data = grown;
        room = larger;
        code = fill(&z, &bytes, &n_bytes, data, room, &n);
    }
    *how = judge(&z, &bytes, &n_bytes, code);
    inflateEnd(&z);
    if (code == Z_MEM_ERROR) return rs_fail_memory(ctx, "a compressed file");
    *out = data;
    *n_out = n;
    return RS_OK;
}

/* Deflates all parts into out; false where zlib gave up. */
static bool press(z_stream *z, const void *const *parts, const size_t *part_bytes, int n_parts, uint8_t *out,
                  size_t room, size_t *n)
{
    for (int p = 0; p <= n_parts; p++) {
        const uint8_t *at = p < n_parts ? parts[p] : NULL;
        size_t left = p < n_parts ? part_bytes[p] : 0;
        int code = Z_OK;
        do {
            feed(z, &at, &left);
            z->next_out = out + *n;
            z->avail_out = room - *n > PIECE ? PIECE : (uInt)(room - *n);
            const uInt before = z->avail_out;
            code = deflate(z, p < n_parts ? Z_NO_FLUSH : Z_FINISH);
            *n += before - z->avail_out;
            if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) return false;
        } while (p < n_parts ? z->avail_in || left : code != Z_STREAM_END);
    }
    return true;
}

rs_status rs_deflate(struct rs_context *ctx, rs_arena *arena, rs_deflate_wrap wrap, const void *const *parts,
                     const size_t *part_bytes, int n_parts, uint8_t **out, size_t *n_out)
{
    z_stream z = {0};
    size_t total = 0;
    for (int p = 0; p < n_parts; p++)
        total += part_bytes[p];
    if (deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, window_of(wrap), MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
        return rs_fail_memory(ctx, "a compressed file");
    const size_t room = deflateBound(&z, total) + (size_t)64;
    uint8_t *data = RS_ARENA_RAW(arena, uint8_t, room);
    *n_out = 0;
    const bool done = data && press(&z, parts, part_bytes, n_parts, data, room, n_out);
    deflateEnd(&z);
    if (!done) return rs_fail_memory(ctx, "a compressed file");
    *out = data;
    return RS_OK;
}

const char *rs_zlib_library_version(void)
{
    return zlibVersion();
}
