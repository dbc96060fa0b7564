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

static rs_status sort_once(rs_masks *masks, const char **list, int n, rs_named *out)
{
    rs_named d = {.uid = list, .found = RS_ARENA_NEW(masks->arena, bool, n)};
    if (!d.found) return rs_fail_memory(masks->ctx, "the references");
    if (n > 1) qsort(list, (size_t)n, sizeof *list, compare);
    for (int i = 0; i < n; i++)
        if (d.n == 0 || strcmp(list[d.n - 1], list[i]) != 0) list[d.n++] = list[i];
    *out = d;
    return RS_OK;
}

/* Where a UID stands among those that are named; -1: it is not. */
static int place_of(const rs_named *d, const char *uid)
{
    int begin = 0, end = d->n;
    while (begin < end) {
        int middle = begin + (end - begin) / 2, side = strcmp(d->uid[middle], uid);
        if (side == 0) return middle;
        if (side < 0)
            begin = middle + 1;
        else
            end = middle;
    }
    return -1;
}

static void find(rs_named *d, const char *uid)
{
    int at = place_of(d, uid);
    if (at < 0) return;
    d->n_found += !d->found[at];
    d->found[at] = true;
}

static void look_in(const rs_study *study, rs_masks *masks)
{
    for (int s = 0; s < rs_study_n_series(study); s++) {
        const rs_series *one = rs_study_series(study, s);
        if (one->verdict == RS_VERDICT_SET_ASIDE) continue; /* the file itself may lie in the folder */
        find(&masks->named_frames, one->frame_of_reference_uid);
        find(&masks->named_series, one->series_instance_uid);
        for (int32_t k = 0; k < one->n_slices; k++)
            find(&masks->named_images, one->slices[k].sop_instance_uid);
    }
}

static rs_status refuse(rs_masks *masks)
{
    const struct {
        const char *what;
        const rs_named *list;
    } kinds[] = {{"frame of reference", &masks->named_frames},
                 {"series", &masks->named_series},
                 {"image", &masks->named_images}};
    const char *text = "";
    for (int k = 0; k < 3; k++) {
        const rs_named *d = kinds[k].list;
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
    rs_named *frames = &masks->named_frames, *series = &masks->named_series, *images = &masks->named_images;
    RS_TRY(sort_once(masks, references->frames, references->n_frames, frames));
    RS_TRY(sort_once(masks, references->series, references->n_series, series));
    RS_TRY(sort_once(masks, references->instances, references->n_instances, images));
    if (!study) return RS_OK;
    if (frames->n + series->n + images->n == 0)
        return rs_notes_add(masks->ctx, masks->arena, &masks->notes, "region_without_references", NULL,
                            "the file of the region names no images: its positions were taken as those of the images");
    look_in(study, masks);
    if (frames->n_found + series->n_found + images->n_found == 0) return refuse(masks);
    if (images->n_found < images->n)
        RS_TRY(rs_notes_add(masks->ctx, masks->arena, &masks->notes, "region_references_missing", NULL,
                            "the file of the region names %d images, of which %d are not in the study%s", images->n,
                            images->n - images->n_found,
                            images->n_found > 0   ? ""
                            : frames->n_found > 0 ? "; its frame of reference is that of the images"
                                                  : "; the series that it names is there"));
    if (frames->n == 0 || frames->n_found > 0) return RS_OK;
    return rs_notes_add(masks->ctx, masks->arena, &masks->notes, "region_frame_differs", NULL,
                        "the file of the region names another frame of reference than the images that it was drawn "
                        "on: its positions were taken as theirs");
}

static bool drawn_on(const rs_masks *masks, const rs_series *series)
{
    if (place_of(&masks->named_series, series->series_instance_uid) >= 0) return true;
    for (int32_t k = 0; k < series->n_slices && masks->named_images.n > 0; k++)
        if (place_of(&masks->named_images, series->slices[k].sop_instance_uid) >= 0) return true;
    return false;
}

rs_masks_likeness rs_masks_likeness_of(const rs_masks *masks, const rs_series *series)
{
    if (drawn_on(masks, series)) return RS_MASKS_NAMED;
    const char *frame = series->frame_of_reference_uid;
    return *frame && place_of(&masks->named_frames, frame) >= 0 ? RS_MASKS_SAME_FRAME : RS_MASKS_UNLIKE;
}

const char *rs_masks_series_uid(const rs_masks *masks)
{
    return masks->named_series.n == 1 ? masks->named_series.uid[0] : NULL;
}

rs_status rs_masks_check_series(rs_context *ctx, const rs_masks *masks, int index, const rs_series *series,
                                const char **note)
{
    RS_CHECK(ctx, index >= 0 && index < masks->n_regions);
    const rs_named *frames = &masks->named_frames;
    const char *own = masks->outlines[index].frame_uid, *there = series->frame_of_reference_uid;
    const int at = own ? place_of(frames, own) : -1;
    const bool is_own = at >= 0 && frames->found[at]; /* one that nobody has says nothing: that of the file holds */
    const bool both_name = frames->n > 0 && *there, named = drawn_on(masks, series);
    const bool same = both_name && (is_own ? strcmp(own, there) == 0 : place_of(frames, there) >= 0);
    *note = NULL;
    if (both_name && !same && (frames->n_found > 0 || !named))
        return rs_fail(
            ctx, RS_DATA,
            "the region \"%s\" was drawn in the frame of reference %s, and the series %s has another one, %s: "
            "positions of the one mean nothing in the other; take the series that it was drawn on",
            masks->regions[index].name, is_own ? own : frames->uid[0], series->series_instance_uid, there);
    if (named || masks->named_series.n + masks->named_images.n == 0) return RS_OK;
    *note = same ? "the region was drawn on another series of the same frame of reference"
                 : "the region was drawn on another series, and a frame of reference is not named by both: its "
                   "positions were taken as those of this one";
    return RS_OK;
}
