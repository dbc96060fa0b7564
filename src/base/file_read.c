/* Reads a regular file whole, trusting nothing: no device, no FIFO, no file that changes under the hand. */
#define _GNU_SOURCE /* O_NOFOLLOW, O_CLOEXEC on older libcs */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "restage/files.h"
#include "restage/limits.h"

static rs_status read_bytes(rs_context *ctx, int fd, uint8_t *bytes, size_t size, size_t *got)
{
    *got = 0;
    while (*got < size) {
        ssize_t n = read(fd, bytes + *got, size - *got);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return rs_fail(ctx, RS_IO, "a file cannot be read (%s)", strerror(errno));
        if (n == 0) break;
        *got += (size_t)n;
    }
    return RS_OK;
}

static bool same_state(const struct stat *a, const struct stat *b)
{
    return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static rs_status read_open_file(rs_context *ctx, rs_arena *arena, int fd, size_t limit, uint8_t **out,
                                size_t *out_bytes)
{
    struct stat before, after;
    if (fstat(fd, &before)) return rs_fail(ctx, RS_IO, "a file cannot be looked at (%s)", strerror(errno));
    if (!S_ISREG(before.st_mode)) return rs_fail(ctx, RS_NO_INPUT, "this is no regular file");
    if ((uint64_t)before.st_size > limit) {
        const bool named = limit == (size_t)rs_limit(ctx, RS_LIMIT_FILE_BYTES);
        return rs_fail(ctx, RS_DATA, "the file has %lld bytes, more than the limit %s%zu", (long long)before.st_size,
                       named ? "file-bytes = " : "of ", limit);
    }
    size_t size = (size_t)before.st_size, got;
    uint8_t *bytes = rs_arena_alloc_raw(arena, size + 1, 1);
    if (!bytes) return rs_fail_memory(ctx, "a file");
    RS_TRY(read_bytes(ctx, fd, bytes, size, &got));
    if (fstat(fd, &after) || got != size || !same_state(&before, &after)) {
        return rs_fail(ctx, RS_AGAIN, "a file changed while it was read: try again when nobody writes to it");
    }
    bytes[size] = 0;
    *out = bytes;
    *out_bytes = size;
    return RS_OK;
}

rs_status rs_file_read(rs_context *ctx, rs_arena *arena, const char *path, size_t limit, bool follow, uint8_t **out,
                       size_t *out_bytes)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | (follow ? 0 : O_NOFOLLOW));
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)) {
        return rs_fail(ctx, RS_NO_INPUT, "there is no such file (%s)", strerror(errno));
    }
    if (fd < 0) return rs_fail(ctx, RS_IO, "a file cannot be opened (%s)", strerror(errno));
    rs_status status = read_open_file(ctx, arena, fd, limit, out, out_bytes);
    close(fd);
    return status;
}
