/* Reads a regular file whole, trusting nothing: no device, no FIFO, no file that changes under the hand. */
#define _GNU_SOURCE /* O_NOFOLLOW, O_CLOEXEC on older libcs */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "restage/files.h"
#include "restage/limits.h"

static rs_status look_at(rs_context *ctx, int fd, size_t limit, rs_file *out)
{
    struct stat about;
    if (fstat(fd, &about)) return rs_fail(ctx, RS_IO, "a file cannot be looked at (%s)", strerror(errno));
    if (!S_ISREG(about.st_mode)) return rs_fail(ctx, RS_NO_INPUT, "this is no regular file");
    if ((uint64_t)about.st_size > limit) {
        return rs_fail(ctx, RS_DATA, "the file has %lld bytes, more than the limit of %zu", (long long)about.st_size,
                       limit);
    }
    *out = (rs_file){fd, (size_t)about.st_size, about.st_mtim.tv_sec, about.st_mtim.tv_nsec};
    return RS_OK;
}

rs_status rs_file_open(rs_context *ctx, const char *path, size_t limit, bool follow, rs_file *out)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | (follow ? 0 : O_NOFOLLOW));
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)) {
        return rs_fail(ctx, RS_NO_INPUT, "there is no such file (%s)", strerror(errno));
    }
    if (fd < 0 && (errno == EACCES || errno == EPERM)) /* an input that is not for us, not a disk that fails */
        return rs_fail(ctx, RS_DATA, "a file cannot be opened (%s): mend its rights", strerror(errno));
    if (fd < 0) return rs_fail(ctx, RS_IO, "a file cannot be opened (%s)", strerror(errno));
    const rs_status status = look_at(ctx, fd, limit, out);
    if (status != RS_OK) close(fd);
    return status;
}

rs_status rs_file_fill(rs_context *ctx, const rs_file *file, uint8_t *bytes, size_t begin, size_t end)
{
    struct stat after;
    while (begin < end) {
        const ssize_t n = pread(file->fd, bytes + begin, end - begin, (off_t)begin);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return rs_fail(ctx, RS_IO, "a file cannot be read (%s)", strerror(errno));
        if (n == 0) break;
        begin += (size_t)n;
    }
    if (begin < end || fstat(file->fd, &after) || (size_t)after.st_size != file->n_bytes ||
        after.st_mtim.tv_sec != file->mtime_s || after.st_mtim.tv_nsec != file->mtime_ns) {
        return rs_fail(ctx, RS_AGAIN, "a file changed while it was read: try again when nobody writes to it");
    }
    return RS_OK;
}

void rs_file_close(rs_file *file)
{
    if (file->fd >= 0) close(file->fd);
    file->fd = -1;
}

rs_status rs_file_read(rs_context *ctx, rs_arena *arena, const char *path, size_t limit, bool follow, uint8_t **out,
                       size_t *out_bytes)
{
    rs_file file;
    RS_TRY(rs_file_open(ctx, path, limit, follow, &file));
    uint8_t *bytes = rs_arena_alloc_raw(arena, file.n_bytes + 1, 1);
    rs_status status = bytes ? rs_file_fill(ctx, &file, bytes, 0, file.n_bytes) : rs_fail_memory(ctx, "a file");
    rs_file_close(&file);
    RS_TRY(status);
    bytes[file.n_bytes] = 0;
    *out = bytes;
    *out_bytes = file.n_bytes;
    return RS_OK;
}
