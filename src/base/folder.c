/* A folder that is whole or absent: OUT.partial-… beside OUT, every file synced, one rename (contract 3). */
#define _GNU_SOURCE /* renameat2 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk.h"
#include "fault.h"
#include "restage/files.h"
#include "restage/text.h"

enum { DEEPEST = 64 }; /* levels of an old folder that is removed; integration B.1 walks 16 */

struct rs_folder {
    int parent_fd, fd;
    bool force;
    char name[256]; /* of OUT in its parent */
    char partial[512];
    char path[5120]; /* of the partial folder */
};

static void remove_tree(int parent, const char *name, int depth)
{
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    if (!folder && fd >= 0) close(fd);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        bool gone = unlinkat(dirfd(folder), entry->d_name, 0) == 0;
        if (!gone && depth < DEEPEST) remove_tree(dirfd(folder), entry->d_name, depth + 1);
    }
    if (folder) closedir(folder);
    unlinkat(parent, name, AT_REMOVEDIR);
}

static void drop(rs_folder *folder)
{
    if (folder->fd >= 0) close(folder->fd);
    if (folder->parent_fd >= 0) close(folder->parent_fd);
    free(folder);
}

static rs_status exists(rs_context *ctx, const char *name)
{
    return rs_fail(ctx, RS_CANT_CREATE, "%s exists: use --force to replace it, or name another folder", name);
}

/* An empty folder, or one that holds the file by which ours are known. */
static bool is_ours(const rs_folder *folder, const char *known_by)
{
    int fd = openat(folder->parent_fd, folder->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return false;
    bool known = faccessat(fd, known_by, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    DIR *entries = fdopendir(fd);
    if (!entries) {
        close(fd);
        return known;
    }
    bool empty = true;
    for (struct dirent *entry; (entry = readdir(entries));)
        empty = empty && (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."));
    closedir(entries);
    return known || empty;
}

static rs_status make_partial(rs_context *ctx, rs_folder *folder, const char *parent, const char *replaces)
{
    struct stat state;
    bool there = fstatat(folder->parent_fd, folder->name, &state, AT_SYMLINK_NOFOLLOW) == 0;
    if (there && !folder->force) return exists(ctx, folder->name);
    if (there && !is_ours(folder, replaces)) {
        return rs_fail(
            ctx, RS_CANT_CREATE,
            "%s exists and --force does not replace it, since it holds no %s: remove it, or name another folder",
            folder->name, replaces);
    }
    if (there && faccessat(folder->parent_fd, folder->name, W_OK | X_OK, 0)) {
        return rs_fail(ctx, RS_CANT_CREATE,
                       "%s exists and could not be removed (%s): make it writable, or name another folder",
                       folder->name, strerror(errno));
    }
    char unique[96];
    rs_disk_unique(unique, sizeof(unique));
    rs_text_format(folder->partial, sizeof(folder->partial), "%s.partial-%s", folder->name, unique);
    rs_text_format(folder->path, sizeof(folder->path), "%s/%s", parent, folder->partial);
    if (mkdirat(folder->parent_fd, folder->partial, 0700)) return rs_disk_fail(ctx, errno, "the output folder");
    bool mine = fchmodat(folder->parent_fd, folder->partial, 0700, 0) == 0; /* under any umask */
    if (mine) folder->fd = openat(folder->parent_fd, folder->partial, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder->fd < 0) {
        rs_status status = rs_disk_fail(ctx, errno, "the output folder");
        unlinkat(folder->parent_fd, folder->partial, AT_REMOVEDIR);
        return status;
    }
    return RS_OK;
}

rs_status rs_folder_begin(rs_context *ctx, const char *path, const char *replaces, rs_folder **out)
{
    char parent[4096];
    const char *name;
    rs_folder *folder = rs_fault_allocation() ? NULL : calloc(1, sizeof(*folder));
    if (!folder) return rs_fail_memory(ctx, "the output folder");
    folder->fd = -1;
    folder->force = replaces != NULL;
    folder->parent_fd = rs_disk_open_parent(path, parent, sizeof(parent), &name);
    rs_status status = RS_OK;
    if (folder->parent_fd < 0) {
        status = rs_disk_fail(ctx, errno, "the output folder");
    } else {
        rs_text_format(folder->name, sizeof(folder->name), "%.*s", (int)strcspn(name, "/"), name);
        bool usable = folder->name[0] && strcmp(folder->name, ".") && strcmp(folder->name, "..");
        status = usable ? make_partial(ctx, folder, parent, replaces) : exists(ctx, path);
    }
    if (status != RS_OK) {
        drop(folder);
        return status;
    }
    *out = folder;
    return RS_OK;
}

const char *rs_folder_path(const rs_folder *folder)
{
    return folder->path;
}

rs_status rs_folder_make(rs_context *ctx, rs_folder *folder, const char *name)
{
    bool made = mkdirat(folder->fd, name, 0700) == 0 && fchmodat(folder->fd, name, 0700, 0) == 0;
    return made ? RS_OK : rs_disk_fail(ctx, errno, "a folder of the output");
}

/* A folder below is synced with each of its files; the folder itself by rs_folder_commit. */
static rs_status sync_below(rs_context *ctx, const rs_folder *folder, const char *name, size_t bytes)
{
    char below[256];
    rs_text_format(below, sizeof(below), "%.*s", (int)bytes, name);
    int fd = openat(folder->fd, below, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int error = fd < 0 || fsync(fd) ? errno : 0;
    if (fd >= 0) close(fd);
    return error ? rs_disk_fail(ctx, error, "a folder of the output") : RS_OK;
}

rs_status rs_folder_write(rs_context *ctx, rs_folder *folder, const char *name, const void *data, size_t bytes)
{
    rs_parts parts = {&data, &bytes, 1};
    RS_TRY(rs_disk_create(ctx, folder->fd, name, &parts));
    const char *slash = strrchr(name, '/');
    return slash ? sync_below(ctx, folder, name, (size_t)(slash - name)) : RS_OK;
}

/* Puts the partial folder in OUT's place; the old one, if any, ends up under the partial name or under .old-…. */
static int swap_in(rs_folder *f, char *old, size_t old_size)
{
    old[0] = 0;
    if (renameat2(f->parent_fd, f->partial, f->parent_fd, f->name, RENAME_NOREPLACE) == 0) return 0;
    if (errno == EEXIST && !f->force) return EEXIST;
    if (errno == EEXIST && renameat2(f->parent_fd, f->partial, f->parent_fd, f->name, RENAME_EXCHANGE) == 0) {
        rs_text_format(old, old_size, "%s", f->partial);
        return 0;
    }
    if (errno != EINVAL && errno != ENOSYS && errno != EEXIST) return errno;
    /* a file system without either flag: two renames; a folder never replaces one that is not empty */
    if (f->force && faccessat(f->parent_fd, f->name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
        rs_text_format(old, old_size, "%s.old-%s", f->name, strrchr(f->partial, '-') + 1);
        if (renameat(f->parent_fd, f->name, f->parent_fd, old)) return errno;
    }
    if (renameat(f->parent_fd, f->partial, f->parent_fd, f->name) == 0) return 0;
    int error = errno == ENOTEMPTY ? EEXIST : errno;
    if (old[0]) renameat(f->parent_fd, old, f->parent_fd, f->name);
    return error;
}

rs_status rs_folder_commit(rs_context *ctx, rs_folder *folder)
{
    char old[600];
    rs_status status = RS_OK;
    bool fault = rs_fault_write();
    if (fault || fsync(folder->fd)) {
        status = rs_disk_fail(ctx, fault ? ENOSPC : errno, "the output folder");
    } else {
        int error = swap_in(folder, old, sizeof(old));
        if (error == EEXIST)
            status = exists(ctx, folder->name);
        else if (error)
            status = rs_disk_fail(ctx, error, "the output folder");
    }
    if (status != RS_OK) {
        rs_folder_abandon(ctx, folder);
        return status;
    }
    fsync(folder->parent_fd);
    if (old[0]) remove_tree(folder->parent_fd, old, 0);
    drop(folder);
    return RS_OK;
}

void rs_folder_abandon(rs_context *ctx, rs_folder *folder)
{
    (void)ctx;
    if (!folder) return;
    remove_tree(folder->parent_fd, folder->partial, 0);
    drop(folder);
}
