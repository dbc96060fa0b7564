/* A DICOMDIR named by the caller: the files that its records name, below its folder and nowhere else (PS3.10 8). */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reading.h"

#define RECORDS 0x00041220
#define RECORD_IN_USE 0x00041410
#define FILE_ID 0x00041500

/* A file ID (components parted by '\') as a path below the folder of the DICOMDIR; false where it could leave it. */
static bool to_path(char *id)
{
    char *component = id;
    for (char *c = id;; c++) {
        if (*c != '\\' && *c != '\0') {
            if (*c == '/' || (unsigned char)*c < 0x20) return false;
            continue;
        }
        const size_t length = (size_t)(c - component);
        if (length == 0 || (length <= 2 && strncmp(component, "..", length) == 0)) return false;
        component = c + 1;
        if (*c == '\0') return true;
        *c = '/';
    }
}

bool directory_expected(const reading *r)
{
    return rs_dicom_item_has(rs_dicom_file_root(r->file), RECORDS) ||
           rs_dicom_item_has(rs_dicom_file_root(r->file), 0x00041130) ||
           rs_dicom_item_has(rs_dicom_file_root(r->file), 0x00041200);
}

rs_status directory_read(reading *r)
{
    const rs_dicom_item *root = rs_dicom_file_root(r->file);
    const int n = rs_dicom_item_count(root, RECORDS);
    r->h->is_directory = true;
    RS_TRY(reading_set_aside(r, r->h, "directory of a medium (DICOMDIR), no images"));
    if (!r->h->is_start) return RS_OK;
    const char **listed = RS_ARENA_NEW(r->keep, const char *, n + 1);
    if (!listed) return rs_fail_memory(r->ctx, "the records of a DICOMDIR");
    for (int i = 0; i < n; i++) {
        int64_t in_use = 0xffff;
        const rs_dicom_item *record = rs_dicom_item_at(root, RECORDS, i);
        if (!record || !rs_dicom_item_has(record, FILE_ID)) continue;
        rs_dicom_item_integer(record, RECORD_IN_USE, &in_use);
        char *id = rs_arena_text(r->keep, rs_dicom_item_text(r->file, record, FILE_ID, r->scratch));
        if (!id) return rs_fail_memory(r->ctx, "the records of a DICOMDIR");
        if (in_use == 0) continue;
        if (to_path(id))
            listed[r->h->n_listed++] = id;
        else
            r->h->n_unsafe++;
    }
    r->h->listed = listed;
    return RS_OK;
}

/* Is there a regular file, with no link on the way? */
static bool is_file(int folder, const char *path)
{
    int at = folder;
    struct stat about;
    for (const char *component = path;;) {
        char name[256];
        const char *end = strchr(component, '/');
        const size_t length = end ? (size_t)(end - component) : strlen(component);
        bool good = length < sizeof(name);
        if (good) {
            memcpy(name, component, length);
            name[length] = '\0';
            good = fstatat(at, name, &about, AT_SYMLINK_NOFOLLOW) == 0;
        }
        const bool last = !end;
        good = good && (last ? S_ISREG(about.st_mode) : S_ISDIR(about.st_mode));
        const int next = good && !last ? openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
        if (at != folder) close(at);
        if (last || next < 0) {
            if (next >= 0) close(next);
            return good && last;
        }
        at = next;
        component = end + 1;
    }
}

/* The record's path as it stands, or in small letters, as some systems show a medium. */
static bool find_file(int folder, char *path)
{
    if (is_file(folder, path)) return true;
    for (char *c = path; *c; c++)
        if (*c >= 'A' && *c <= 'Z') *c = (char)(*c - 'A' + 'a');
    return is_file(folder, path);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static rs_status note_records(rs_context *ctx, rs_study *study, int n_dead, int n_unsafe)
{
    if (n_dead) {
        RS_TRY(rs_notes_add(ctx, study->arena, &study->notes, "dicomdir_dead", NULL,
                            "%d %s of the DICOMDIR name files that are not there", n_dead,
                            n_dead == 1 ? "record" : "records"));
    }
    if (!n_unsafe) return RS_OK;
    return rs_notes_add(ctx, study->arena, &study->notes, "dicomdir_outside", NULL,
                        "%d %s of the DICOMDIR point outside its folder and are not followed", n_unsafe,
                        n_unsafe == 1 ? "record" : "records");
}

static rs_status take_files(rs_context *ctx, rs_study *study, const char *folder, const char **path, int n)
{
    header *files = RS_ARENA_NEW(study->arena, header, n);
    int n_kept = 0;
    if (!files) return rs_fail_memory(ctx, "the files of a DICOMDIR");
    for (int i = 0; i < n; i++) {
        if (i > 0 && strcmp(path[i - 1], path[i]) == 0) continue;
        files[n_kept].shown = path[i];
        files[n_kept].path = rs_arena_printf(study->arena, "%s%s", folder, path[i]);
        if (!files[n_kept++].path) return rs_fail_memory(ctx, "the files of a DICOMDIR");
    }
    study->header = files;
    study->n_headers = n_kept;
    study->counts = (rs_walk_counts){.files = n_kept};
    return series_read_headers(ctx, study);
}

rs_status series_follow_directory(rs_context *ctx, rs_study *study)
{
    header *h = study->header;
    if (study->n_headers != 1 || !h->listed) return RS_OK;
    const char *slash = strrchr(h->path, '/');
    char *folder = slash ? rs_arena_text(study->arena, h->path) : rs_arena_text(study->arena, "./");
    if (!folder) return rs_fail_memory(ctx, "the files of a DICOMDIR");
    if (slash) folder[slash - h->path + 1] = '\0';
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return rs_fail(ctx, RS_IO, "the folder of the DICOMDIR cannot be opened");
    int found = 0;
    for (int i = 0; i < h->n_listed; i++) {
        /* Texts of this reading, changed in place. */
        char *path = (char *)(uintptr_t)h->listed[i];
        if (find_file(fd, path)) h->listed[found++] = path;
    }
    close(fd);
    const int n_dead = h->n_listed - found;
    if (found == 0 && h->n_listed + h->n_unsafe > 0)
        return rs_fail(ctx, RS_NO_INPUT, "none of the %d files that the DICOMDIR names is there: give the folder",
                       h->n_listed + h->n_unsafe);
    RS_TRY(note_records(ctx, study, n_dead, h->n_unsafe));
    if (found == 0) return RS_OK;
    qsort(h->listed, (size_t)found, sizeof(h->listed[0]), by_text);
    return take_files(ctx, study, folder, h->listed, found);
}
