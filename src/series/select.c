/* One study out of several, and the digest of its files. */
#include <stdlib.h>
#include <string.h>

#include "digest/digest.h"
#include "restage/files.h"
#include "restage/limits.h"
#include "restage/parallel.h"
#include "restage/text.h"
#include "series_private.h"

enum { LISTED = 5 };

static bool same_patient(const rs_series *a, const rs_series *b)
{
    return strcmp(a->patient_id, b->patient_id) == 0 && strcmp(a->issuer_of_patient_id, b->issuer_of_patient_id) == 0;
}

/* Series i … end - 1 are one study; how many slices of volumes it has. */
static int study_end(const rs_study *study, int i, int *n_slices)
{
    int end = i;
    *n_slices = 0;
    for (; end < study->n_series; end++) {
        const rs_series *s = &study->series[end];
        if (strcmp(s->study_instance_uid, study->series[i].study_instance_uid) != 0) break;
        if (s->verdict != RS_VERDICT_SET_ASIDE) *n_slices += s->n_slices;
    }
    return end;
}

/* The study that follows the one at `last` with last_slices slices, most slices first, then as they lie; -1: none. */
static int next_study(const rs_study *study, int last, int last_slices, int *n_slices)
{
    int best = -1, n = 0;
    for (int i = 0, end; i < study->n_series; i = end) {
        end = study_end(study, i, &n);
        const bool behind = last < 0 || n < last_slices || (n == last_slices && i > last);
        if (!behind || (best >= 0 && n <= *n_slices)) continue;
        best = i;
        *n_slices = n;
    }
    return best;
}

/* "UID (date, 80 slices), …": the studies there are, the first few, those with most to search first. */
static void list_studies(const rs_study *study, rs_buffer *out)
{
    int n = 0, n_slices = 0, last = -1;
    for (int i = 0, any; i < study->n_series; i = study_end(study, i, &any))
        n++;
    for (int listed = 0; listed < n && listed < LISTED; listed++) {
        char uid[80], date[16], slices[32] = "no slices";
        last = next_study(study, last, n_slices, &n_slices);
        rs_text_printable(uid, sizeof(uid), study->series[last].study_instance_uid);
        rs_text_printable(date, sizeof(date), study->series[last].study_date);
        if (n_slices > 0)
            (void)rs_text_format(slices, sizeof(slices), "%d slice%s", n_slices, n_slices == 1 ? "" : "s");
        rs_buffer_printf(out, "%s%s (%s, %s)", listed ? ", " : "", uid, date[0] ? date : "no date", slices);
    }
    if (n > LISTED) rs_buffer_printf(out, " and %d more", n - LISTED);
}

static rs_status refuse_several(rs_context *ctx, const rs_study *study, const char *what)
{
    rs_buffer list = {0};
    list_studies(study, &list);
    const rs_status status = list.failed
                                 ? rs_fail_memory(ctx, "the list of studies")
                                 : rs_fail(ctx, RS_DATA, "%s: %s; choose one with --study UID", what, list.data);
    rs_buffer_free(&list);
    return status;
}

typedef struct digesting {
    rs_study *study;
    header **item;
    char (*hex)[65];
} digesting;

static rs_status digest_file(rs_context *ctx, int64_t item, int worker, void *arg)
{
    (void)worker;
    digesting *d = arg;
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "a file");
    const rs_arena_mark mark = rs_arena_where(scratch);
    const header *h = d->item[item];
    uint8_t *bytes = NULL;
    size_t n_bytes = 0;
    rs_status status =
        rs_file_read(ctx, scratch, h->path, (size_t)rs_limit(ctx, RS_LIMIT_FILE_BYTES), h->is_start, &bytes, &n_bytes);
    if (status == RS_OK) status = rs_sha256_hex(ctx, bytes, n_bytes, d->hex[item]);
    rs_arena_rewind(scratch, mark);
    return status;
}

static int by_hex(const void *a, const void *b)
{
    return memcmp(a, b, 65);
}

/* A file belongs to the study of its images, which may be another than it names: images of one series take that of the
   first. */
static bool belongs(const header *file, const char *study_uid)
{
    const header *images = file->images ? file->images : file;
    for (int i = 0; i < (file->images ? file->n_images : 1); i++)
        if (strcmp(images[i].facts.study_instance_uid, study_uid) == 0) return true;
    return false;
}

/* SHA-256 over the sorted digests of the files: names and folders do not matter. What a run made of the study and an
   archive filed with it does not count, or the next run would never be the same one. */
static rs_status digest_study(rs_context *ctx, rs_study *study, const char *study_uid)
{
    digesting d = {.study = study, .item = RS_ARENA_NEW(study->arena, header *, study->n_headers)};
    int n = 0;
    uint64_t n_bytes = 0;
    const uint64_t most = (uint64_t)rs_limit(ctx, RS_LIMIT_STUDY_BYTES);
    d.hex = rs_arena_alloc(study->arena, (size_t)study->n_headers, sizeof(*d.hex));
    if (!d.item || !d.hex) return rs_fail_memory(ctx, "the digest of the study");
    for (int i = 0; i < study->n_headers; i++) {
        header *h = &study->header[i];
        const bool used = h->state == HEADER_ASIDE || h->state == HEADER_IMAGE;
        if (!used || h->facts.of_packet || !belongs(h, study_uid)) continue;
        d.item[n++] = h;
        n_bytes += h->n_bytes;
    }
    if (n_bytes > most)
        return rs_fail(ctx, RS_DATA, "the files of the study have %llu bytes, more than the limit study-bytes = %llu",
                       (unsigned long long)n_bytes, (unsigned long long)most);
    RS_TRY(rs_parallel_for(ctx, n, digest_file, &d));
    qsort(d.hex, (size_t)n, sizeof(*d.hex), by_hex);
    return rs_sha256_hex(ctx, d.hex, (size_t)n * sizeof(*d.hex), study->digest);
}

static void keep_study(rs_study *study, const char *study_uid)
{
    int kept = 0;
    for (int i = 0; i < study->n_series; i++) {
        if (strcmp(study->series[i].study_instance_uid, study_uid) == 0) study->series[kept++] = study->series[i];
    }
    study->n_series = kept;
}

rs_status rs_study_select(rs_context *ctx, rs_study *study, const char *study_uid)
{
    bool found = false;
    const char *uid = study_uid ? study_uid : study->series[0].study_instance_uid;
    for (int i = 0; i < study->n_series; i++) {
        const rs_series *s = &study->series[i];
        if (strcmp(s->study_instance_uid, uid) == 0)
            found = true;
        else if (!study_uid)
            return refuse_several(ctx, study, "there are several studies in the input");
    }
    if (!found) {
        char shown[80];
        rs_text_printable(shown, sizeof(shown), uid);
        return rs_fail(ctx, RS_NO_INPUT, "there is no study %s in the input: see restage info", shown);
    }
    const rs_series *first = NULL;
    for (int i = 0; i < study->n_series; i++) {
        const rs_series *s = &study->series[i];
        if (strcmp(s->study_instance_uid, uid) != 0) continue;
        if (!first)
            first = s;
        else if (!same_patient(first, s)) {
            return rs_fail(ctx, RS_DATA, "the files of one study name several patients: separate them before a search");
        }
    }
    uid = first->study_instance_uid;
    RS_TRY(digest_study(ctx, study, uid));
    keep_study(study, uid);
    return RS_OK;
}
