/* One file on disk: created, written, synced, or gone. */
#define _GNU_SOURCE
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fault.h"
#include "restage/text.h"

rs_status rs_disk_fail(rs_context *ctx, int error, const char *what)
{
    bool place = error == EACCES || error == EPERM || error == EROFS || error == ENOENT || error == ENOTDIR ||
                 error == EEXIST || error == ENAMETOOLONG || error == ELOOP || error == EINVAL;
    if (place)
        return rs_fail(ctx, RS_CANT_CREATE, "%s cannot be created (%s): choose another place", what, strerror(error));
    if (error == ENOSPC || error == EDQUOT) {
        return rs_fail(ctx, RS_IO, "%s cannot be written, the disk is full (%s): free some space and try again", what,
                       strerror(error));
    }
    return rs_fail(ctx, RS_IO, "%s cannot be written (%s)", what, strerror(error));
}

static int write_all(int fd, const char *data, size_t bytes)
{
    while (bytes) {
        if (rs_fault_write()) return ENOSPC;
        size_t step = bytes > ((size_t)1 << 24) ? (size_t)1 << 24 : bytes;
        ssize_t n = write(fd, data, step);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno;
        data += n;
        bytes -= (size_t)n;
    }
    return 0;
}

rs_status rs_disk_create(rs_context *ctx, int folder_fd, const char *name, const rs_parts *parts)
{
    int fd = openat(folder_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) return rs_disk_fail(ctx, errno, "the output file");
    int error = fchmod(fd, 0600) ? errno : 0;
    for (int i = 0; i < parts->n && !error; i++)
        error = write_all(fd, parts->data[i], parts->bytes[i]);
    if (!error && rs_fault_write()) error = ENOSPC;
    if (!error && fsync(fd)) error = errno;
    if (close(fd) && !error) error = errno;
    if (!error) return RS_OK;
    unlinkat(folder_fd, name, 0);
    return rs_disk_fail(ctx, error, "the output");
}

void rs_disk_unique(char *suffix, size_t size)
{
    char host[64] = "host";
    gethostname(host, sizeof(host) - 1);
    host[sizeof(host) - 1] = 0;
    for (char *c = host; *c; c++) {
        if (*c == '/' || (unsigned char)*c < 0x21) *c = '_';
    }
    uint32_t random = 0;
    if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random)) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        random = (uint32_t)now.tv_nsec ^ (uint32_t)now.tv_sec;
    }
    rs_text_format(suffix, size, "%ld-%.32s-%08x", (long)getpid(), host, (unsigned)random);
}

int rs_disk_open_parent(const char *path, char *parent, size_t parent_size, const char **name)
{
    size_t length = strlen(path);
    if (length >= parent_size || !length) {
        errno = length ? ENAMETOOLONG : ENOENT;
        return -1;
    }
    memcpy(parent, path, length + 1);
    while (length > 1 && parent[length - 1] == '/')
        parent[--length] = 0;
    char *slash = strrchr(parent, '/');
    if (!slash) {
        *name = path;
        memcpy(parent, ".", 2);
    } else {
        *name = path + (slash - parent) + 1;
        if (slash == parent) slash++;
        *slash = 0;
    }
    return open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}
