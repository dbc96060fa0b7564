/* Structured reports of ours that an archive gave out with the study: where no packet is given as the earlier one, the
   newest that no note rejects is it. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dicom/dicom.h"
#include "packet/packet.h"
#include "report/earlier.h"
#include "stations.h"

#define COMPREHENSIVE_SR "1.2.840.10008.5.1.4.1.1.88.33"

/* A report, and whether one of the packets that may be the newest stands on it. */
typedef struct filed_sr {
    rs_given_previous *says;
    bool superseded;
} filed_sr;

typedef struct filed_list {
    filed_sr *items;
    int n, capacity;
} filed_list;

static int by_uid(const void *a, const void *b)
{
    const rs_given_previous *x = ((const filed_sr *)a)->says, *y = ((const filed_sr *)b)->says;
    const int order = strcmp(x->sr_uid, y->sr_uid);
    return order ? order : strcmp(x->created ? x->created : "", y->created ? y->created : "");
}

/* Earlier in time; of two of one second, by UID, so that the order of files does not matter. */
static bool is_before(const rs_given_previous *a, const rs_given_previous *b)
{
    int order = strcmp(a->created ? a->created : "", b->created ? b->created : "");
    return order ? order < 0 : strcmp(a->sr_uid, b->sr_uid) < 0;
}

/* A file that cannot be read again, or says nothing, is no earlier report. */
static rs_status read_file(rs_context *ctx, rs_line *line, const char *path, rs_given_previous *out, bool *is_ours)
{
    rs_dicom_file *file = NULL;
    size_t n_bytes = 0;
    *is_ours = false;
    rs_status status = rs_dicom_file_read(ctx, line->arena, path, true, &file, &n_bytes);
    if (status == RS_OK) status = rs_dicom_file_parse(ctx, file);
    if (status == RS_OK) status = rs_packet_read_sr(ctx, file, line->arena, out, is_ours);
    if (file) rs_dicom_file_close(file);
    return status == RS_DATA || status == RS_IO || status == RS_NO_INPUT ? RS_OK : status;
}

static rs_status read_series(rs_context *ctx, rs_line *line, const rs_series *series, filed_list *all)
{
    const char *study = line->filed->series->study_instance_uid;
    for (int i = 0; i < series->n_slices; i++) {
        bool is_ours;
        rs_given_previous *one = RS_ARENA_NEW(line->arena, rs_given_previous, 1);
        if (!one) return rs_fail_memory(ctx, "the earlier report");
        RS_TRY(read_file(ctx, line, series->slices[i].path, one, &is_ours));
        if (!is_ours || !one->study_uid || strcmp(one->study_uid, study) != 0) continue;
        filed_sr *row = rs_arena_push(line->arena, (void **)&all->items, all->n, &all->capacity, sizeof *row);
        if (!row) return rs_fail_memory(ctx, "the earlier report");
        row->says = one;
        all->n++;
    }
    return RS_OK;
}

/* In the order of their UIDs, a report that lies there twice once. */
static void order(filed_list *all)
{
    int n = 0;
    qsort(all->items, (size_t)all->n, sizeof *all->items, by_uid);
    for (int i = 0; i < all->n; i++)
        if (n == 0 || strcmp(all->items[n - 1].says->sr_uid, all->items[i].says->sr_uid) != 0)
            all->items[n++] = all->items[i];
    all->n = n;
}

/* NULL: it is not among them. */
static filed_sr *find(const filed_list *all, const char *sr_uid)
{
    int low = 0, high = all->n;
    while (low < high) {
        const int middle = (low + high) / 2;
        if (strcmp(all->items[middle].says->sr_uid, sr_uid) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < all->n && strcmp(all->items[low].says->sr_uid, sr_uid) == 0 ? &all->items[low] : NULL;
}

/* series NULL: any */
static bool is_of(const filed_sr *packet, const char *series_uid)
{
    const char *own = packet->says->series_uid;
    return !series_uid || (own && strcmp(own, series_uid) == 0);
}

/* Marks what a packet stands on, down to the first: what lies below a marked one is marked already. */
static void supersede(const filed_list *all, const filed_sr *packet)
{
    const char *uid = packet->says->predecessor_uid;
    for (filed_sr *below; uid && (below = find(all, uid)) && !below->superseded; uid = below->says->predecessor_uid)
        below->superseded = true;
}

/* Nothing newer stands on it; of several the latest. Times alone would not do: two packets may be of one second. Where
   each stands on another, which is no work of ours, times are all there is. NULL: none is of the series. */
static const rs_given_previous *newest(const filed_list *all, const char *series_uid)
{
    const filed_sr *best = NULL;
    for (int i = 0; i < all->n; i++)
        all->items[i].superseded = false;
    for (int i = 0; i < all->n; i++)
        if (is_of(&all->items[i], series_uid)) supersede(all, &all->items[i]);
    for (int i = 0; i < all->n; i++) {
        const filed_sr *one = &all->items[i];
        if (!is_of(one, series_uid)) continue;
        const bool other = best && one->superseded != best->superseded;
        if (!best || (other ? best->superseded : is_before(best->says, one->says))) best = one;
    }
    return best ? best->says : NULL;
}

rs_status rs_told_filed(rs_context *ctx, rs_line *line)
{
    const char *identity = line->options->identity;
    filed_list all = {0};
    /* Under another identity the study has other UIDs, and what is made is not filed beside the earlier report. */
    if (!line->filed || line->previous || (identity && strcmp(identity, "full") != 0)) return RS_OK;
    for (int s = 0; s < rs_study_n_series(line->study); s++) {
        const rs_series *series = rs_study_series(line->study, s);
        if (series->of_packet && strcmp(series->sop_class_uid, COMPREHENSIVE_SR) == 0)
            RS_TRY(read_series(ctx, line, series, &all));
    }
    if (all.n == 0) return RS_OK;
    order(&all);
    /* Packets of another series of the study do not take turns with those of this one. */
    line->previous = newest(&all, line->filed->series->series_instance_uid);
    line->may_repeat = line->previous != NULL;
    if (!line->previous) line->previous = newest(&all, NULL);
    const char *before = line->previous->predecessor_uid;
    const filed_sr *found = before ? find(&all, before) : NULL;
    line->before = found ? found->says : NULL;
    line->may_repeat = line->may_repeat && (found || !before);
    return RS_OK;
}

static int digits(const char *text, int n)
{
    int value = 0;
    for (int i = 0; i < n; i++)
        value = 10 * value + (text[i] >= '0' && text[i] <= '9' ? text[i] - '0' : 0);
    return value;
}

bool rs_told_filed_time(const rs_given_previous *packet, int64_t *out)
{
    char again[32];
    const char *text = packet->created; /* "2026-11-27T18:00:00Z" */
    if (!text || strlen(text) != 20) return false;
    struct tm when = {.tm_year = digits(text, 4) - 1900,
                      .tm_mon = digits(text + 5, 2) - 1,
                      .tm_mday = digits(text + 8, 2),
                      .tm_hour = digits(text + 11, 2),
                      .tm_min = digits(text + 14, 2),
                      .tm_sec = digits(text + 17, 2)};
    const time_t seconds = timegm(&when);
    /* What is no time does not come out as it went in. */
    if (!gmtime_r(&seconds, &when) || !strftime(again, sizeof again, "%Y-%m-%dT%H:%M:%SZ", &when)) return false;
    if (strcmp(again, text) != 0) return false;
    *out = (int64_t)seconds;
    return true;
}
