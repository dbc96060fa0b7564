/* One file, whole or absent: written beside its place under a partial name, synced, renamed. */
#define _GNU_SOURCE /* renameat2 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "disk.h"
#include "fault.h"
#include "restage/files.h"
#include "restage/text.h"

static rs_status put(rs_context *ctx, int parent, const char *name, bool force, const rs_parts *parts)
{
    char unique[96], partial[512];
    rs_disk_unique(unique, sizeof(unique));
    rs_text_format(partial, sizeof(partial), "%.255s.partial-%s", name, unique);
    RS_TRY(rs_disk_create(ctx, parent, partial, parts));
    int failed =
        force ? renameat(parent, partial, parent, name) : renameat2(parent, partial, parent, name, RENAME_NOREPLACE);
    if (failed && !force && (errno == EINVAL || errno == ENOSYS)) {
        failed = linkat(parent, partial, parent, name, 0); /* no RENAME_NOREPLACE here: a hard link never replaces */
        if (!failed) unlinkat(parent, partial, 0);
    }
    if (!failed) {
        fsync(parent);
        return RS_OK;
    }
    int error = errno;
    unlinkat(parent, partial, 0);
    if (error == EEXIST) return rs_fail(ctx, RS_CANT_CREATE, "%s exists: use --force to replace it", name);
    return rs_disk_fail(ctx, error, "the output file");
}

rs_status rs_file_write(rs_context *ctx, const char *path, bool force, const void *const *parts,
                        const size_t *part_bytes, int n_parts)
{
    char parent[4096];
    const char *name;
    int fd = rs_disk_open_parent(path, parent, sizeof(parent), &name);
    if (fd < 0) return rs_disk_fail(ctx, errno, "the output file");
    rs_status status;
    if (!force && faccessat(fd, name, F_OK, 0) == 0) {
        status = rs_fail(ctx, RS_CANT_CREATE, "%s exists: use --force to replace it", name);
    } else {
        rs_parts all = {parts, part_bytes, n_parts};
        status = put(ctx, fd, name, force, &all);
    }
    close(fd);
    return status;
}
