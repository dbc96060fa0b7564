/* The bytes of a volume file. A header may lie: sizes are compared with the limits, with the file and, packed, with
   what deflate can do, before memory is taken (integration B.2 45). */
#define _GNU_SOURCE /* O_NOFOLLOW, O_CLOEXEC on older libcs */
#include "raw_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "digest/inflate.h"
#include "restage/files.h"
#include "restage/limits.h"

/* A byte of a deflate stream makes 1,032 at most (RFC 1951: 258 bytes for two bits). */
#define DEFLATE_MOST 1032
#define STREAM_ENDS 1024 /* bytes: what a nearly empty stream may hold beyond that */

static const struct {
    size_t bytes;
    const char *name;
} types[] = {{0, "unknown"},
#define X(NAME, type, name) {sizeof(type), name},
             RAW_TYPE_TABLE(X)
#undef X
};

size_t raw_type_bytes(raw_type type)
{
    return types[type].bytes;
}

bool raw_type_is_whole(raw_type type)
{
    return type != RAW_FLOAT32 && type != RAW_FLOAT64;
}

static rs_status open_regular(rs_context *ctx, const char *path, bool follow, int *fd, uint64_t *bytes)
{
    struct stat about;
    *fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | (follow ? 0 : O_NOFOLLOW));
    if (*fd < 0 && errno == ELOOP && !follow)
        return rs_fail(ctx, RS_DATA, "the file with the voxels is a link, and links are not followed");
    if (*fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
        return rs_fail(
            ctx, RS_NO_INPUT,
            follow ? "there is no such file"
                   : "the file with the voxels, which the header names, is not there: put it beside the header");
    if (*fd < 0 && (errno == EACCES || errno == EPERM))
        return rs_fail(ctx, RS_DATA, "a file cannot be opened (%s): mend its rights", strerror(errno));
    if (*fd < 0) return rs_fail(ctx, RS_IO, "a file cannot be opened (%s)", strerror(errno));
    rs_status status = RS_OK;
    if (fstat(*fd, &about)) status = rs_fail(ctx, RS_IO, "a file cannot be looked at (%s)", strerror(errno));
    if (status == RS_OK && !S_ISREG(about.st_mode)) status = rs_fail(ctx, RS_NO_INPUT, "this is no regular file");
    if (status == RS_OK && about.st_size > rs_limit(ctx, RS_LIMIT_FILE_BYTES))
        status = rs_fail(ctx, RS_DATA, "the file has %lld bytes, and %lld are allowed (limit file-bytes)",
                         (long long)about.st_size, (long long)rs_limit(ctx, RS_LIMIT_FILE_BYTES));
    if (status != RS_OK) close(*fd);
    *bytes = status == RS_OK ? (uint64_t)about.st_size : 0;
    return status;
}

/* Fewer bytes than asked for: the file ended. */
static rs_status read_at(rs_context *ctx, int fd, uint8_t *out, size_t bytes, uint64_t at, size_t *got)
{
    *got = 0;
    while (*got < bytes) {
        ssize_t n = pread(fd, out + *got, bytes - *got, (off_t)(at + *got));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return rs_fail(ctx, RS_IO, "a file cannot be read (%s)", strerror(errno));
        if (n == 0) break;
        *got += (size_t)n;
    }
    return RS_OK;
}

rs_status raw_read_start(rs_context *ctx, rs_arena *arena, const char *path, size_t limit, raw_start *out)
{
    int fd;
    uint64_t bytes = 0;
    RS_TRY(open_regular(ctx, path, true, &fd, &bytes));
    size_t n = bytes < limit ? (size_t)bytes : limit;
    rs_status status = RS_OK;
    out->bytes = RS_ARENA_NEW(arena, uint8_t, n + 1);
    if (!out->bytes) status = rs_fail_memory(ctx, "the header of a volume");
    if (status == RS_OK) status = read_at(ctx, fd, out->bytes, n, 0, &out->n);
    close(fd);
    return status;
}

static uint64_t volume_bytes(const raw_file *file)
{
    return (uint64_t)rs_geometry_voxels(&file->head.geometry) * raw_type_bytes(file->type);
}

/* What the voxels must not exceed; a product of what passes fits in 64 bits. */
static rs_status check_sizes(rs_context *ctx, const raw_file *file)
{
    const rs_geometry *g = &file->head.geometry;
    const int64_t side = rs_limit(ctx, RS_LIMIT_SIDE), frames = rs_limit(ctx, RS_LIMIT_FRAMES);
    for (int d = 0; d < 3; d++) {
        int64_t most = d < 2 ? side : frames;
        if (g->n[d] < 1 || g->n[d] > most)
            return rs_fail(ctx, RS_DATA, "axis %d has %d voxels, and 1 to %lld are allowed (limit %s)", d + 1,
                           (int)g->n[d], (long long)most, d < 2 ? "side" : "frames");
    }
    if (file->head.n_volumes < 1 || file->head.n_volumes > frames)
        return rs_fail(ctx, RS_DATA, "the fourth axis has %d volumes, and 1 to %lld are allowed (limit frames)",
                       (int)file->head.n_volumes, (long long)frames);
    const int64_t voxels = rs_limit(ctx, RS_LIMIT_VOXELS);
    if (rs_geometry_voxels(g) > voxels)
        return rs_fail(ctx, RS_DATA, "the volume would have %lld voxels, more than the limit voxels = %lld",
                       (long long)rs_geometry_voxels(g), (long long)voxels);
    if (!rs_geometry_is_regular(g))
        return rs_fail(ctx, RS_DATA, "the spacing of %g x %g x %g mm is no grid", g->spacing_mm[0], g->spacing_mm[1],
                       g->spacing_mm[2]);
    return RS_OK;
}

rs_status raw_check(rs_context *ctx, rs_arena *arena, raw_file *file)
{
    RS_TRY(check_sizes(ctx, file));
    file->head.type = types[file->type].name;
    file->head.data_file = file->beside ? file->path : NULL;
    int fd;
    uint64_t bytes;
    RS_TRY(open_regular(ctx, file->path, !file->beside, &fd, &bytes));
    close(fd);
    const uint64_t wanted = volume_bytes(file) * (uint64_t)file->head.n_volumes;
    if (file->at_end) file->at = bytes > wanted ? bytes - wanted : 0;
    const uint64_t there = bytes > file->at ? bytes - file->at : 0;
    const bool lies =
        file->packing == RAW_PLAIN ? there < wanted : there * DEFLATE_MOST + STREAM_ENDS < wanted + file->skip;
    if (lies)
        return rs_fail(ctx, RS_DATA,
                       "the header speaks of %" PRIu64 " bytes of voxels, and the file holds %" PRIu64 "%s", wanted,
                       there, file->packing == RAW_PLAIN ? ": it was cut off" : " compressed ones");
    if (file->packing == RAW_PLAIN && there > wanted)
        return rs_notes_add(ctx, arena, &file->head.notes, "bytes_ignored", NULL,
                            "%" PRIu64 " bytes behind the voxels are ignored", there - wanted);
    return RS_OK;
}

/* The stream's own header tells gzip from zlib; of zlib's two bytes nothing else matters here (RFC 1950). */
static rs_status inflate_stream(rs_context *ctx, const uint8_t *bytes, size_t n, bool last, raw_source *out)
{
    const raw_packing packing = out->file->packing;
    rs_deflate_wrap wrap = RS_DEFLATE_GZIP;
    const bool gzip = n > 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
    if (packing == RAW_ZLIB && !gzip) {
        if (n < 2 || (bytes[0] & 15) != 8 || (bytes[0] * 256 + bytes[1]) % 31 != 0 || bytes[1] & 32)
            return rs_fail(ctx, RS_DATA, "the voxels are said to be compressed and are not");
        wrap = RS_DEFLATE_RAW;
        bytes += 2;
        n -= 2;
    } else if (!gzip) {
        return rs_fail(ctx, RS_DATA, "the voxels are said to be compressed and are not");
    }
    size_t made;
    rs_inflated how;
    RS_TRY(rs_inflate_into(ctx, wrap, bytes, n, out->block.data, out->block.bytes, &made, &how));
    if (how == RS_INFLATED_DAMAGED) return rs_fail(ctx, RS_DATA, "the compressed voxels are damaged");
    if (made < out->block.bytes)
        return rs_fail(ctx, RS_DATA, "the compressed voxels end after %zu of %zu bytes", made, out->block.bytes);
    if (how == RS_INFLATED_CUT) return rs_fail(ctx, RS_DATA, "the compressed voxels end before their checksum");
    if (how == RS_INFLATED_CAP && last)
        return rs_fail(ctx, RS_DATA, "the compressed voxels are more than the %zu bytes of the header",
                       out->block.bytes);
    return RS_OK;
}

static rs_status unpack(rs_context *ctx, const raw_file *file, int32_t index, raw_source *out)
{
    const uint64_t one = volume_bytes(file);
    const int32_t n = file->interleaved ? file->head.n_volumes : index + 1;
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "a volume file");
    const rs_arena_mark mark = rs_arena_where(scratch);
    uint8_t *bytes = NULL;
    size_t n_bytes = 0;
    rs_status status = rs_file_read(ctx, scratch, file->path, (size_t)rs_limit(ctx, RS_LIMIT_FILE_BYTES), !file->beside,
                                    &bytes, &n_bytes);
    if (status == RS_OK && n_bytes < file->at)
        status = rs_fail(ctx, RS_AGAIN, "a file changed while it was read: try again when nobody writes to it");
    if (status == RS_OK)
        status = rs_block_take(ctx, (size_t)(file->skip + one * (uint64_t)n), "the voxels of the file", &out->block);
    if (status == RS_OK)
        status = inflate_stream(ctx, bytes + file->at, n_bytes - (size_t)file->at, n == file->head.n_volumes, out);
    rs_arena_rewind(scratch, mark);
    out->at = file->skip + (file->interleaved ? 0 : one * (uint64_t)index);
    return status;
}

rs_status raw_open(rs_context *ctx, const raw_file *file, int32_t index, raw_source *out)
{
    uint64_t bytes;
    *out = (raw_source){.file = file, .fd = -1};
    if (file->packing != RAW_PLAIN) {
        rs_status status = unpack(ctx, file, index, out);
        if (status != RS_OK) raw_close(ctx, out);
        return status;
    }
    RS_TRY(open_regular(ctx, file->path, !file->beside, &out->fd, &bytes));
    out->at = file->at + (file->interleaved ? 0 : volume_bytes(file) * (uint64_t)index);
    return RS_OK;
}

void raw_close(rs_context *ctx, raw_source *source)
{
    if (source->fd >= 0) close(source->fd);
    source->fd = -1;
    rs_block_give(ctx, &source->block);
}

size_t raw_slice_bytes(const raw_file *file)
{
    const rs_geometry *g = &file->head.geometry;
    size_t bytes = (size_t)g->n[0] * (size_t)g->n[1] * raw_type_bytes(file->type);
    return file->interleaved ? bytes * (size_t)file->head.n_volumes : bytes;
}

rs_status raw_slice(rs_context *ctx, const raw_source *source, int32_t k, uint8_t *room, const uint8_t **out)
{
    const size_t bytes = raw_slice_bytes(source->file);
    const uint64_t at = source->at + (uint64_t)k * bytes;
    size_t got;
    if (source->fd < 0) {
        *out = (const uint8_t *)source->block.data + at;
        return RS_OK;
    }
    RS_TRY(read_at(ctx, source->fd, room, bytes, at, &got));
    if (got < bytes)
        return rs_fail(ctx, RS_AGAIN, "a file changed while it was read: try again when nobody writes to it");
    *out = room;
    return RS_OK;
}
