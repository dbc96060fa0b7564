/* Finds the files: links are not followed, devices and FIFOs are passed over, in the order of names so that every run
   sees the same (integration B.1, B.2 36, 37, 40). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "restage/limits.h"
#include "series_private.h"

typedef struct folder {
    const char *shown; /* below the start; "" is the start */
    int depth;
} folder;

typedef struct walk {
    rs_context *ctx;
    rs_study *study;
    const char *start;
    folder *folders;
    int n_folders, folder_capacity, header_capacity;
} walk;

static const char *join(rs_arena *arena, const char *a, const char *b)
{
    if (!a[0]) return rs_arena_text(arena, b);
    const size_t n = strlen(a);
    return rs_arena_printf(arena, a[n - 1] == '/' ? "%s%s" : "%s/%s", a, b);
}

static rs_status add_file(walk *w, const char *shown, const char *path)
{
    const int64_t most = rs_limit(w->ctx, RS_LIMIT_FILES);
    if (w->study->n_headers >= most) {
        return rs_fail(w->ctx, RS_DATA,
                       "there are more files than the limit files = %lld: give the folder of one study",
                       (long long)most);
    }
    header *h = rs_arena_push(w->study->arena, (void **)&w->study->header, w->study->n_headers, &w->header_capacity,
                              sizeof(*h));
    if (!h || !shown || !path) return rs_fail_memory(w->ctx, "the list of files");
    h->shown = shown;
    h->path = path;
    w->study->n_headers++;
    return RS_OK;
}

static rs_status add_folder(walk *w, const char *shown, int depth)
{
    const int64_t deepest = rs_limit(w->ctx, RS_LIMIT_FOLDER_DEPTH);
    if (depth > deepest) {
        return rs_fail(w->ctx, RS_DATA,
                       "folders are nested deeper than the limit folder-depth = %lld: give the folder of one study",
                       (long long)deepest);
    }
    folder *f = rs_arena_push(w->study->arena, (void **)&w->folders, w->n_folders, &w->folder_capacity, sizeof(*f));
    if (!f || !shown) return rs_fail_memory(w->ctx, "the list of folders");
    *f = (folder){shown, depth};
    w->n_folders++;
    return RS_OK;
}

static rs_status add_entry(walk *w, const folder *in, int fd, const char *name)
{
    struct stat about;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) return RS_OK;
    if (fstatat(fd, name, &about, AT_SYMLINK_NOFOLLOW)) return RS_OK; /* vanished */
    if (S_ISLNK(about.st_mode)) {
        w->study->counts.links++;
        return RS_OK;
    }
    const char *shown = join(w->study->arena, in->shown, name);
    if (!shown) return rs_fail_memory(w->ctx, "the list of files");
    if (S_ISDIR(about.st_mode)) return add_folder(w, shown, in->depth + 1);
    if (!S_ISREG(about.st_mode)) {
        w->study->counts.files++;
        w->study->counts.other++;
        return RS_OK;
    }
    return add_file(w, shown, join(w->study->arena, w->start, shown));
}

static rs_status read_folder(walk *w, folder in)
{
    const char *path = in.shown[0] ? join(w->study->arena, w->start, in.shown) : w->start;
    if (!path) return rs_fail_memory(w->ctx, "the list of files");
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK | (in.shown[0] ? O_NOFOLLOW : 0));
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        const int error = errno;
        if (fd >= 0) close(fd);
        return rs_fail(w->ctx, error == EACCES ? RS_DATA : RS_IO,
                       "a folder of the input cannot be opened (%s): mend its rights, or give another",
                       strerror(error));
    }
    rs_status status = RS_OK;
    errno = 0;
    for (struct dirent *e = readdir(dir); e && status == RS_OK; e = readdir(dir)) {
        status = add_entry(w, &in, fd, e->d_name);
        errno = 0;
    }
    if (status == RS_OK && errno)
        status = rs_fail(w->ctx, RS_IO, "a folder of the input cannot be read (%s)", strerror(errno));
    closedir(dir);
    return status;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const header *)a)->shown, ((const header *)b)->shown);
}

rs_status series_walk(rs_context *ctx, rs_study *study, const char *path)
{
    struct stat about;
    walk w = {.ctx = ctx, .study = study, .start = rs_arena_text(study->arena, path)};
    if (!w.start) return rs_fail_memory(ctx, "the list of files");
    if (stat(path, &about)) {
        if (errno == ENOENT || errno == ENOTDIR)
            return rs_fail(ctx, RS_NO_INPUT, "the input does not exist: check its path");
        return rs_fail(ctx, errno == EACCES ? RS_DATA : RS_IO, "the input cannot be looked at (%s)", strerror(errno));
    }
    if (S_ISREG(about.st_mode)) {
        const char *name = strrchr(w.start, '/');
        RS_TRY(add_file(&w, name ? name + 1 : w.start, w.start));
        study->header[0].is_start = true;
    } else if (S_ISDIR(about.st_mode)) {
        RS_TRY(add_folder(&w, "", 0));
        for (int i = 0; i < w.n_folders; i++)
            RS_TRY(read_folder(&w, w.folders[i]));
    } else {
        return rs_fail(ctx, RS_NO_INPUT, "the input is neither a file nor a folder");
    }
    if (study->n_headers) qsort(study->header, (size_t)study->n_headers, sizeof(header), by_name);
    study->counts.files += study->n_headers;
    if (study->counts.files == 0 && study->counts.links > 0)
        return rs_fail(ctx, RS_NO_INPUT,
                       "the input holds no files, only symbolic links (%lld), which are not followed: give the "
                       "folder that they lead to",
                       (long long)study->counts.links);
    if (study->counts.files == 0) return rs_fail(ctx, RS_NO_INPUT, "the input holds no files");
    return RS_OK;
}
