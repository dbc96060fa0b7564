/* Reading a truth: the first reader that knows the file, and what all of them need. */
#include "truth.h"

#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "digest/digest.h"
#include "restage/files.h"
#include "restage/limits.h"

enum { HEAD_BYTES = 4096, JSON_BYTES = 1 << 20, SENTENCE_BYTES = 1024 };

static const rs_truth_reader *const readers[] = {
#define X(name) &rs_truth_##name,
#include "readers.def"
#undef X
};
enum { N_READERS = sizeof readers / sizeof readers[0] };

static rs_status read_head(rs_context *ctx, const char *path, uint8_t head[HEAD_BYTES], size_t *n)
{
    rs_file file;
    RS_TRY(rs_file_open(ctx, path, (size_t)rs_limit(ctx, RS_LIMIT_FILE_BYTES), true, &file));
    *n = file.n_bytes < HEAD_BYTES ? file.n_bytes : HEAD_BYTES;
    rs_status status = rs_file_fill(ctx, &file, head, 0, *n);
    rs_file_close(&file);
    return status;
}

static rs_status unknown_kind(rs_context *ctx)
{
    char list[400] = "";
    size_t at = 0;
    for (int r = 0; r < N_READERS; r++) {
        const char *between = r == 0 ? "" : r + 1 < N_READERS ? ", " : " or ";
        for (const char *part = between; *part && at + 1 < sizeof list; part++)
            list[at++] = *part;
        for (const char *part = readers[r]->name; *part && at + 1 < sizeof list; part++)
            list[at++] = *part;
    }
    list[at] = 0;
    return rs_fail(ctx, RS_DATA, "it is no truth that is known here: give %s", list);
}

static rs_status digest_of(rs_context *ctx, const char *path, char hex[65])
{
    uint8_t *bytes;
    size_t n;
    rs_arena *arena = rs_arena_new();
    if (arena == NULL) return rs_fail_memory(ctx, "the truth");
    rs_status status = rs_file_read(ctx, arena, path, (size_t)rs_limit(ctx, RS_LIMIT_FILE_BYTES), true, &bytes, &n);
    if (status == RS_OK) status = rs_sha256_hex(ctx, bytes, n, hex);
    rs_arena_free(arena);
    return status;
}

/* The same file twice, by whatever path, or a copy of one that names its series, would count each lesion twice. */
static rs_status see(rs_context *ctx, const char *path, bool names_series, rs_ledger *ledger)
{
    struct stat at;
    rs_truth_seen now = {0};
    if (stat(path, &at) != 0) return rs_fail(ctx, RS_NO_INPUT, "it is not there any more");
    now.device = (uint64_t)at.st_dev;
    now.inode = (uint64_t)at.st_ino;
    if (names_series) RS_TRY(digest_of(ctx, path, now.digest));
    for (int s = 0; s < ledger->truth_files; s++) {
        const rs_truth_seen *before = &ledger->seen[s];
        bool same_file = before->device == now.device && before->inode == now.inode;
        if (same_file || (names_series && strcmp(before->digest, now.digest) == 0))
            return rs_fail(ctx, RS_DATA, "the same truth was given already: name each file once");
    }
    rs_truth_seen *kept =
        rs_arena_push(ledger->arena, (void **)&ledger->seen, ledger->truth_files, &ledger->seen_capacity, sizeof *kept);
    if (kept == NULL) return rs_fail_memory(ctx, "the truth");
    *kept = now;
    ledger->truth_files++;
    return RS_OK;
}

static rs_status read_file(rs_context *ctx, const rs_truth_args *args, rs_ledger *ledger)
{
    uint8_t head[HEAD_BYTES];
    size_t n = 0;
    RS_TRY(read_head(ctx, args->path, head, &n));
    if (n == 0) return rs_fail(ctx, RS_DATA, "it is empty");
    for (int r = 0; r < N_READERS; r++) {
        if (!readers[r]->knows(args->path, head, n)) continue;
        RS_TRY(see(ctx, args->path, readers[r]->names_series, ledger));
        return readers[r]->read(ctx, args, ledger);
    }
    return unknown_kind(ctx);
}

/* The file that a folder stands for. */
static rs_status file_of_folder(rs_context *ctx, rs_arena *arena, const char *folder, const char **out)
{
    static const char *const names[] = {"truth.json", "annotations.json"};
    for (int i = 0; i < 2; i++) {
        struct stat at;
        const char *path = rs_arena_printf(arena, "%s/%s", folder, names[i]);
        if (path == NULL) return rs_fail_memory(ctx, "the truth");
        *out = path;
        if (stat(path, &at) == 0) return RS_OK;
    }
    return rs_fail(ctx, RS_NO_INPUT, "the folder holds no truth.json and no annotations.json: name the file itself");
}

rs_status rs_name_failure(rs_context *ctx, const char *what, const char *path, rs_status status)
{
    if (status != RS_DATA && status != RS_NO_INPUT && status != RS_USAGE && status != RS_IO) return status;
    char sentence[SENTENCE_BYTES];
    const char *message = rs_context_message(ctx), *base = rs_base_name(path);
    if (*base != 0 && strncmp(message, base, strlen(base)) == 0) return status;
    size_t n = strlen(message) < sizeof sentence - 1 ? strlen(message) : sizeof sentence - 1;
    memcpy(sentence, message, n);
    sentence[n] = 0;
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    size_t begin = end;
    while (begin > 0 && path[begin - 1] != '/')
        begin--;
    const int length = (int)(end - begin);
    return rs_fail(ctx, status, "%s %.*s: %s", what, length, path + begin, sentence);
}

rs_status rs_truth_read(rs_context *ctx, const rs_truth_args *args, rs_ledger *ledger)
{
    struct stat at;
    rs_truth_args own = *args;
    rs_status status = RS_OK;
    if (stat(args->path, &at) == 0 && S_ISDIR(at.st_mode))
        status = file_of_folder(ctx, ledger->arena, args->path, &own.path);
    if (status == RS_OK) status = read_file(ctx, &own, ledger);
    return rs_name_failure(ctx, "the truth", args->path, status);
}

bool rs_truth_has_grid(const rs_series *series)
{
    const bool usable = series->verdict == RS_VERDICT_GOOD || series->verdict == RS_VERDICT_MENDED ||
                        (series->verdict == RS_VERDICT_FEW && !series->placeless);
    return usable && rs_geometry_is_regular(&series->geometry);
}

const rs_series *rs_truth_series_at(const rs_truth_images *images, int n)
{
    for (int i = 0; images != NULL && i < images->n; i++)
        for (int s = 0; s < rs_study_n_series(images->studies[i]); s++) {
            const rs_series *series = rs_study_series(images->studies[i], s);
            if (rs_truth_has_grid(series) && n-- == 0) return series;
        }
    return NULL;
}

const rs_series *rs_truth_series_of(const rs_truth_images *images, const char *uid)
{
    const rs_series *series;
    for (int n = 0; (series = rs_truth_series_at(images, n)) != NULL; n++)
        if (strcmp(series->series_instance_uid, uid) == 0) return series;
    return NULL;
}

rs_status rs_truth_scan(rs_context *ctx, const rs_truth_args *args, rs_ledger *ledger, const char *uid, int *scan)
{
    RS_TRY(rs_ledger_scan_of(ctx, ledger, uid, scan));
    rs_ledger_scan *made = &ledger->scans[*scan];
    const rs_series *series = rs_truth_series_of(args->images, uid);
    if (isnan(made->thickness_mm) && series != NULL && series->thickness_mm > 0)
        made->thickness_mm = series->thickness_mm;
    if (args->relevant) made->has_truth = true;
    return RS_OK;
}

/* Some part of the series is there, and none of its parts holds the place. */
static bool is_beyond(const rs_truth_images *images, const char *uid, const double lps_mm[3])
{
    bool seen = false;
    const rs_series *series;
    for (int n = 0; (series = rs_truth_series_at(images, n)) != NULL; n++) {
        if (strcmp(series->series_instance_uid, uid) != 0) continue;
        double ijk[3];
        rs_geometry_to_index(&series->geometry, lps_mm, ijk);
        if (rs_geometry_holds(&series->geometry, ijk)) return false;
        seen = true;
    }
    return seen;
}

rs_status rs_truth_add(rs_context *ctx, const rs_truth_args *args, rs_ledger *ledger, const rs_finding *finding,
                       int *beyond)
{
    rs_finding f = *finding;
    const bool placed = isfinite(f.lps_mm[0]) && isfinite(f.lps_mm[1]) && isfinite(f.lps_mm[2]);
    f.relevant = f.relevant && args->relevant;
    if (placed && f.relevant && is_beyond(args->images, ledger->scans[f.scan].uid, f.lps_mm)) {
        f.relevant = false;
        if (beyond != NULL) ++*beyond;
    }
    if (!placed) {
        ledger->unusable++;
        return RS_OK;
    }
    return rs_ledger_add_finding(ctx, ledger, &f);
}

rs_status rs_truth_tell_beyond(rs_context *ctx, rs_ledger *ledger, int beyond)
{
    if (beyond == 0) return RS_OK;
    return rs_notes_add(ctx, ledger->arena, &ledger->notes, "truth_beyond_images", NULL,
                        "%d %s of the truth %s beyond the images that were given and %s not counted: a mark there is "
                        "neither right nor false",
                        beyond, beyond == 1 ? "lesion" : "lesions", beyond == 1 ? "lies" : "lie",
                        beyond == 1 ? "is" : "are");
}

double rs_truth_equivalent_mm(double volume_mm3)
{
    return cbrt(6 * volume_mm3 / M_PI);
}

bool rs_truth_vector(const rs_json *array, double out[3])
{
    if (rs_json_size(array) != 3) return false;
    for (int d = 0; d < 3; d++)
        if (!rs_json_real(rs_json_at(array, d), &out[d])) return false;
    return true;
}

double rs_truth_real(const rs_json *object, const char *key)
{
    double value = (double)NAN;
    return rs_json_real(rs_json_get(object, key), &value) ? value : (double)NAN;
}

const char *rs_truth_text(rs_ledger *ledger, const rs_json *object, const char *key)
{
    const rs_json *value = rs_json_get(object, key);
    int64_t number;
    if (rs_json_integer(value, &number)) return rs_arena_printf(ledger->arena, "%lld", (long long)number);
    return rs_arena_text(ledger->arena, rs_json_text(value));
}

rs_status rs_truth_json_read(rs_context *ctx, const char *path, rs_json **out)
{
    uint8_t *bytes;
    size_t n;
    rs_arena *arena = rs_arena_new();
    if (arena == NULL) return rs_fail_memory(ctx, "the truth");
    rs_status status = rs_file_read(ctx, arena, path, JSON_BYTES, true, &bytes, &n);
    if (status == RS_OK) status = rs_json_parse(ctx, (const char *)bytes, n, out);
    rs_arena_free(arena);
    return status;
}
