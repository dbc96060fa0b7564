/* Do the images that a file of regions names exist in the study? */
#include "room.h"

#include <stdlib.h>
#include <string.h>

rs_status rs_references_add(rs_masks *masks, const rs_dicom_item *item, uint32_t tag, const char ***list, int *n,
                            int *capacity)
{
    const char *uid = rs_dicom_item_text(masks->file, item, tag, masks->arena);
    if (!uid) return rs_fail_memory(masks->ctx, "the references");
    if (!*uid || (*n > 0 && strcmp((*list)[*n - 1], uid) == 0)) return RS_OK;
    const char **slot = rs_arena_push(masks->arena, (void **)list, *n, capacity, sizeof *slot);
    if (!slot) return rs_fail_memory(masks->ctx, "the references");
    *slot = uid;
    (*n)++;
    return RS_OK;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* UIDs of one kind, sorted, each once; found: which of them the study holds. */
typedef struct named {
    const char **uid;
    bool *found;
    int n, n_found;
} named;

static rs_status sort_once(rs_masks *masks, const char **list, int n, named *out)
{
    named d = {.uid = list, .found = RS_ARENA_NEW(masks->arena, bool, n)};
    if (!d.found) return rs_fail_memory(masks->ctx, "the references");
    if (n > 1) qsort(list, (size_t)n, sizeof *list, compare);
    for (int i = 0; i < n; i++)
        if (d.n == 0 || strcmp(list[d.n - 1], list[i]) != 0) list[d.n++] = list[i];
    *out = d;
    return RS_OK;
}

static void find(named *d, const char *uid)
{
    int begin = 0, end = d->n;
    while (begin < end) {
        int middle = begin + (end - begin) / 2, side = strcmp(d->uid[middle], uid);
        if (side == 0) {
            d->n_found += !d->found[middle];
            d->found[middle] = true;
            return;
        }
        if (side < 0)
            begin = middle + 1;
        else
            end = middle;
    }
}

static void look_in(const rs_study *study, named *frames, named *series, named *instances)
{
    for (int s = 0; s < rs_study_n_series(study); s++) {
        const rs_series *one = rs_study_series(study, s);
        if (one->verdict == RS_VERDICT_SET_ASIDE) continue; /* the file itself may lie in the folder */
        find(frames, one->frame_of_reference_uid);
        find(series, one->series_instance_uid);
        for (int32_t k = 0; k < one->n_slices; k++)
            find(instances, one->slices[k].sop_instance_uid);
    }
}

static rs_status refuse(rs_masks *masks, const named *frames, const named *series, const named *instances)
{
    const struct {
        const char *what;
        const named *list;
    } kinds[] = {{"frame of reference", frames}, {"series", series}, {"image", instances}};
    const char *text = "";
    for (int k = 0; k < 3; k++) {
        const named *d = kinds[k].list;
        if (d->n == 0) continue;
        text = rs_arena_printf(masks->arena, "%s%s%s %s", text, *text ? ", " : "", kinds[k].what, d->uid[0]);
        if (text && d->n > 1) text = rs_arena_printf(masks->arena, "%s and %d more", text, d->n - 1);
        if (!text) return rs_fail_memory(masks->ctx, "the references");
    }
    return rs_fail(masks->ctx, RS_DATA,
                   "what it was drawn on is not in this study: it names %s; give the study that holds them", text);
}

rs_status rs_references_check(rs_masks *masks, const rs_references *references, const rs_study *study)
{
    named frames, series, instances;
    RS_TRY(sort_once(masks, references->frames, references->n_frames, &frames));
    RS_TRY(sort_once(masks, references->series, references->n_series, &series));
    RS_TRY(sort_once(masks, references->instances, references->n_instances, &instances));
    if (!study) return RS_OK;
    if (frames.n + series.n + instances.n == 0)
        return rs_notes_add(masks->ctx, masks->arena, &masks->notes, "region_without_references", NULL,
                            "the file of the region names no images: its positions were taken as those of the images");
    look_in(study, &frames, &series, &instances);
    if (frames.n_found + series.n_found + instances.n_found == 0) return refuse(masks, &frames, &series, &instances);
    if (instances.n_found < instances.n)
        RS_TRY(rs_notes_add(masks->ctx, masks->arena, &masks->notes, "region_references_missing", NULL,
                            "the file of the region names %d images, of which %d are not in the study%s", instances.n,
                            instances.n - instances.n_found,
                            instances.n_found > 0 ? ""
                            : frames.n_found > 0  ? "; its frame of reference is that of the images"
                                                  : "; the series that it names is there"));
    if (frames.n == 0 || frames.n_found > 0) return RS_OK;
    return rs_notes_add(masks->ctx, masks->arena, &masks->notes, "region_frame_differs", NULL,
                        "the file of the region names another frame of reference than the images that it was drawn "
                        "on: its positions were taken as theirs");
}
