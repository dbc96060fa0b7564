/* Rejection notes (Key Object Selections whose title says so): what they list is not used (IHE RAD IOCM). */
#include <stdlib.h>
#include <string.h>

#include "reading.h"

#define EVIDENCE 0x0040a375
#define SERIES_SEQUENCE 0x00081115
#define SOP_SEQUENCE 0x00081199
#define CONTENT 0x0040a730

static const struct {
    const char *code, *reason;
} titles[] = {
    {"113001", "rejected for quality by a note of this study"},
    {"113037", "rejected for the patient's safety by a note of this study"},
    {"113038", "rejected by a note of this study: a wrong entry of the worklist"},
    {"113039", "rejected by a note of this study: its time to be kept is over"},
};

static rs_status add_uids(reading *r, const rs_dicom_item *item, const char *reason, int *capacity)
{
    const int n = rs_dicom_item_count(item, SOP_SEQUENCE);
    for (int i = 0; i < n; i++) {
        const rs_dicom_item *one = rs_dicom_item_at(item, SOP_SEQUENCE, i);
        const char *uid = one ? rs_dicom_item_text(r->file, one, 0x00081155, r->scratch) : "";
        rejected *row = rs_arena_push(r->keep, (void **)&r->h->rejected, r->h->n_rejected, capacity, sizeof(rejected));
        if (!row || !uid) return rs_fail_memory(r->ctx, "a rejection note");
        *row = (rejected){rs_arena_text(r->keep, uid), reason};
        if (!row->uid) return rs_fail_memory(r->ctx, "a rejection note");
        r->h->n_rejected++;
    }
    return RS_OK;
}

rs_status reject_read(reading *r)
{
    const rs_dicom_item *root = rs_dicom_file_root(r->file), *title = rs_dicom_item_at(root, 0x0040a043, 0);
    const char *code = title ? rs_dicom_item_text(r->file, title, 0x00080100, r->scratch) : "", *reason = NULL;
    int capacity = 0;
    if (!code) return rs_fail_memory(r->ctx, "a rejection note");
    for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
        if (strcmp(code, titles[i].code) == 0) reason = titles[i].reason;
    if (!reason) return RS_OK;
    const int n = rs_dicom_item_count(root, EVIDENCE);
    for (int i = 0; i < n; i++) {
        const rs_dicom_item *study = rs_dicom_item_at(root, EVIDENCE, i);
        const int n_series = study ? rs_dicom_item_count(study, SERIES_SEQUENCE) : 0;
        for (int s = 0; s < n_series; s++) {
            const rs_dicom_item *series = rs_dicom_item_at(study, SERIES_SEQUENCE, s);
            if (series) RS_TRY(add_uids(r, series, reason, &capacity));
        }
    }
    const int n_content = rs_dicom_item_count(root, CONTENT);
    for (int i = 0; i < n_content; i++) {
        const rs_dicom_item *item = rs_dicom_item_at(root, CONTENT, i);
        if (item) RS_TRY(add_uids(r, item, reason, &capacity));
    }
    return RS_OK;
}

static int by_uid(const void *a, const void *b)
{
    const rejected *x = a, *y = b;
    const int order = strcmp(x->uid, y->uid);
    return order ? order : strcmp(x->reason, y->reason);
}

static void set_aside(header *h, const char *reason)
{
    if (h->state != HEADER_IMAGE && h->state != HEADER_ASIDE) return;
    h->state = HEADER_ASIDE;
    h->facts.rejected = true;
    h->facts.of_packet = false; /* a withdrawn packet is none: what is made after it has other UIDs */
    h->reason = reason;
}

rs_status series_reject(rs_context *ctx, rs_study *study)
{
    size_t n = 0;
    for (int i = 0; i < study->n_headers; i++)
        n += (size_t)study->header[i].n_rejected;
    if (n == 0) return RS_OK;
    rejected *all = RS_ARENA_NEW(study->arena, rejected, n);
    if (!all) return rs_fail_memory(ctx, "the rejection notes");
    n = 0;
    for (int i = 0; i < study->n_headers; i++) {
        const header *h = &study->header[i];
        if (h->n_rejected) memcpy(all + n, h->rejected, (size_t)h->n_rejected * sizeof(all[0]));
        n += (size_t)h->n_rejected;
    }
    qsort(all, n, sizeof(all[0]), by_uid);
    for (int i = 0; i < study->n_headers; i++) {
        header *h = &study->header[i];
        if ((h->state != HEADER_IMAGE && h->state != HEADER_ASIDE) || h->is_directory) continue;
        const char *uid = h->slice.sop_instance_uid;
        size_t low = 0, high = n;
        while (low < high) {
            const size_t middle = (low + high) / 2;
            if (strcmp(all[middle].uid, uid) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        if (low == n || strcmp(all[low].uid, uid) != 0) continue;
        for (int m = 0; m < h->n_images; m++)
            set_aside(&h->images[m], all[low].reason);
        set_aside(h, all[low].reason);
    }
    return RS_OK;
}
