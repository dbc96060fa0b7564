/* Headers to series: by study, series and what they are; identical duplicates go, volumes that share their positions
   are told apart by one attribute (contract 8, 9). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "restage/files.h"
#include "restage/text.h"
#include "series_private.h"

enum { LOCALIZER_IMAGES = 3 };

static int by_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "");
}

/* Images of one series and patient belong together even where each names a study (or a frame of reference) of its own,
   as writers do that never set the UID; all else belongs to its study. */
static int by_group(const header *a, const header *b)
{
    const rs_series *x = &a->facts, *y = &b->facts;
    if (a->state != b->state) return a->state == HEADER_IMAGE ? -1 : 1;
    int order = by_text(x->series_instance_uid, y->series_instance_uid);
    if (!order) order = by_text(x->patient_id, y->patient_id);
    if (!order) order = by_text(x->issuer_of_patient_id, y->issuer_of_patient_id);
    if (!order && (a->state != HEADER_IMAGE || !x->series_instance_uid[0])) {
        order = by_text(x->study_instance_uid, y->study_instance_uid);
    }
    if (!order) order = by_text(x->sop_class_uid, y->sop_class_uid);
    if (!order) order = (int)x->of_packet - (int)y->of_packet;
    return order ? order : by_text(a->reason, b->reason);
}

/* Frames of one file, tiles of one frame. */
static int by_frame(const header *a, const header *b)
{
    const rs_slice *x = &a->slice, *y = &b->slice;
    if (x->frame != y->frame) return x->frame < y->frame ? -1 : 1;
    if (x->tile[1] != y->tile[1]) return x->tile[1] < y->tile[1] ? -1 : 1;
    return (x->tile[0] > y->tile[0]) - (x->tile[0] < y->tile[0]);
}

static int by_group_and_file(const void *left, const void *right)
{
    const header *a = *(header *const *)left, *b = *(header *const *)right;
    int order = by_group(a, b);
    if (order) return order;
    order = strcmp(a->shown, b->shown);
    return order ? order : by_frame(a, b);
}

static int by_uid_and_file(const void *left, const void *right)
{
    const header *a = *(header *const *)left, *b = *(header *const *)right;
    int order = by_text(a->slice.sop_instance_uid, b->slice.sop_instance_uid);
    if (!order) order = by_frame(a, b);
    return order ? order : strcmp(a->shown, b->shown);
}

static int by_position(const void *left, const void *right)
{
    const header *a = *(header *const *)left, *b = *(header *const *)right;
    const double x = a->slice.along_normal_mm, y = b->slice.along_normal_mm;
    if (x != y) return x < y ? -1 : 1;
    int order = by_text(a->slice.sop_instance_uid, b->slice.sop_instance_uid);
    if (!order) order = by_frame(a, b);
    return order ? order : strcmp(a->shown, b->shown);
}

bool series_sort(group *images)
{
    double normal[3];
    for (int i = 0; i < images->n; i++) {
        if (images->item[i]->bad_geometry) return false;
    }
    cross(images->item[0]->orientation, images->item[0]->orientation + 3, normal);
    for (int i = 0; i < images->n; i++)
        images->item[i]->slice.along_normal_mm = dot(images->item[i]->slice.position_lps_mm, normal);
    qsort(images->item, (size_t)images->n, sizeof(images->item[0]), by_position);
    return true;
}

/* The last pair of files compared: their frames come one after the other. */
typedef struct compared {
    const char *path[2];
    bool same;
} compared;

static rs_status same_bytes(rs_context *ctx, const header *a, const header *b, compared *last, bool *same)
{
    rs_arena *scratch = rs_scratch(ctx);
    if (last->path[0] == a->path && last->path[1] == b->path) {
        *same = last->same;
        return RS_OK;
    }
    if (!scratch) return rs_fail_memory(ctx, "two copies of a file");
    *same = false;
    if (a->n_bytes != b->n_bytes) return RS_OK;
    const rs_arena_mark mark = rs_arena_where(scratch);
    uint8_t *bytes[2] = {NULL, NULL};
    size_t n[2] = {0, 0};
    rs_status status =
        rs_file_read(ctx, scratch, a->path, (size_t)rs_limit(ctx, RS_LIMIT_FILE_BYTES), false, &bytes[0], &n[0]);
    if (status == RS_OK)
        status =
            rs_file_read(ctx, scratch, b->path, (size_t)rs_limit(ctx, RS_LIMIT_FILE_BYTES), false, &bytes[1], &n[1]);
    *same = status == RS_OK && n[0] == n[1] && memcmp(bytes[0], bytes[1], n[0]) == 0;
    rs_arena_rewind(scratch, mark);
    *last = (compared){{a->path, b->path}, *same};
    return status;
}

/* Copies of one object: the same bytes once; other bytes under one UID are a reason to refuse. */
static rs_status drop_copies(rs_context *ctx, rs_study *study, group *images, rs_series *series)
{
    int kept = 0, dropped = 0;
    compared last = {0};
    qsort(images->item, (size_t)images->n, sizeof(images->item[0]), by_uid_and_file);
    for (int i = 0; i < images->n; i++) {
        header *h = images->item[i], *before = kept ? images->item[kept - 1] : NULL;
        bool same = false;
        if (before && by_text(before->slice.sop_instance_uid, h->slice.sop_instance_uid) == 0 &&
            by_frame(before, h) == 0) {
            RS_TRY(same_bytes(ctx, before, h, &last, &same));
            if (!same && !series->reason) {
                series->reason =
                    rs_arena_printf(study->arena,
                                    "two files carry one SOPInstanceUID but differ (InstanceNumber %lld and %lld): "
                                    "remove the wrong one",
                                    (long long)before->slice.instance_number, (long long)h->slice.instance_number);
                if (!series->reason) return rs_fail_memory(ctx, "the series");
            }
        }
        if (same)
            dropped += h->slice.frame == 0 && h->slice.tile[0] == 0 && h->slice.tile[1] == 0; /* files, not frames */
        else
            images->item[kept++] = h;
    }
    images->n = kept;
    if (!dropped) return RS_OK;
    return rs_notes_add(ctx, study->arena, &series->notes, "duplicates", NULL,
                        "%d identical %s dropped from the series", dropped,
                        dropped == 1 ? "copy of a file was" : "copies of files were");
}

static rs_series *add_series(rs_study *study, const header *first)
{
    rs_series *series =
        rs_arena_push(study->arena, (void **)&study->series, study->n_series, &study->capacity, sizeof(rs_series));
    if (!series) return NULL;
    *series = first->facts;
    study->n_series++;
    return series;
}

static rs_status list_slices(rs_context *ctx, rs_study *study, const group *images, rs_series *series)
{
    rs_slice *slices = RS_ARENA_NEW(study->arena, rs_slice, images->n);
    if (!slices) return rs_fail_memory(ctx, "the series");
    for (int i = 0; i < images->n; i++) {
        slices[i] = images->item[i]->slice;
        slices[i].path = images->item[i]->path;
    }
    series->slices = slices;
    series->n_slices = images->n;
    return RS_OK;
}

/* What the volumes of one series have in common. */
typedef struct common {
    rs_notes notes;
    const char *reason, *description;
    const char *split_by, *split_value;
    int volume, n_volumes;
} common;

static rs_status add_judged(rs_context *ctx, rs_study *study, group *images, const common *all)
{
    rs_series *series = add_series(study, images->item[0]);
    if (!series) return rs_fail_memory(ctx, "the series");
    series->notes = all->notes;
    series->description = all->description;
    series->reason = all->reason;
    series->split_by = all->split_by;
    series->split_value = all->split_value;
    series->volume = all->volume;
    series->n_volumes = all->n_volumes;
    RS_TRY(series_judge(ctx, study, images, series));
    return list_slices(ctx, study, images, series);
}

static rs_status note_part(rs_context *ctx, rs_study *study, const split *parted, const split_part *part, common *own)
{
    if (parted->by_kind) {
        return rs_notes_add(ctx, study->arena, &own->notes, "split", NULL,
                            "the series holds images of several kinds, each of which is a volume; %s tells them apart, "
                            "this is the one with %s",
                            parted->by, part->value);
    }
    RS_TRY(rs_notes_add(ctx, study->arena, &own->notes, "split", NULL,
                        "the series holds several images at one position; %s tells the volumes apart, this is the "
                        "one with %s",
                        parted->by, part->value));
    if (part->images.n == parted->n_places) return RS_OK;
    return rs_notes_add(ctx, study->arena, &own->notes, "incomplete_volume", NULL,
                        "the volume has images at %d of the %d positions of its series", part->images.n,
                        parted->n_places);
}

static rs_status add_parts(rs_context *ctx, rs_study *study, const split *parted, const common *all)
{
    for (int p = 0; p < parted->n_parts; p++) {
        split_part *part = &parted->parts[p];
        common own = *all;
        /* Each part grows its own list. */
        own.notes = (rs_notes){0};
        for (int i = 0; i < all->notes.n; i++) {
            RS_TRY(rs_notes_add(ctx, study->arena, &own.notes, all->notes.items[i].code, NULL, "%s",
                                all->notes.items[i].sentence));
        }
        RS_TRY(note_part(ctx, study, parted, part, &own));
        own.description = rs_arena_printf(study->arena, "%s [%s %s]", part->images.item[0]->facts.description,
                                          parted->by, part->value);
        own.split_by = parted->by;
        own.split_value = part->value;
        own.volume = p;
        own.n_volumes = parted->n_parts;
        if (!own.description) return rs_fail_memory(ctx, "the series");
        RS_TRY(add_judged(ctx, study, &part->images, &own));
    }
    return RS_OK;
}

/* Images of one series take the study of the first where they name several. */
static rs_status join_studies(rs_context *ctx, rs_study *study, group *images, rs_series *series)
{
    const char *uid = images->item[0]->facts.study_instance_uid;
    bool differs = false;
    for (int i = 0; i < images->n; i++) {
        differs = differs || by_text(images->item[i]->facts.study_instance_uid, uid) != 0;
        images->item[i]->facts.study_instance_uid = uid;
    }
    if (!differs) return RS_OK;
    return rs_notes_add(ctx, study->arena, &series->notes, "several_study_uids", NULL,
                        "the images of the series name several StudyInstanceUIDs; that of the first is taken");
}

static rs_status add_aside(rs_context *ctx, rs_study *study, const group *images, const char *reason)
{
    rs_series *series = add_series(study, images->item[0]);
    if (!series || !reason) return rs_fail_memory(ctx, "the series");
    series->verdict = RS_VERDICT_SET_ASIDE;
    series->reason = reason;
    series->orientation = "";
    series->n_volumes = 1;
    return list_slices(ctx, study, images, series);
}

/* Localizers and bolus tracking that do not say what they are; NULL: neither. Images are sorted. */
static rs_status aside_by_geometry(rs_context *ctx, rs_study *study, const group *images, const char **reason)
{
    const header *first = images->item[0], *last = images->item[images->n - 1];
    bool turned = false;
    *reason = NULL;
    for (int i = 1; i < images->n; i++) {
        for (int c = 0; c < 6; c++)
            turned = turned || fabs(images->item[i]->orientation[c] - first->orientation[c]) > OTHER_PLANE;
    }
    const bool one_place = last->slice.along_normal_mm - first->slice.along_normal_mm < SAME_POSITION_MM;
    if (turned && images->n <= LOCALIZER_IMAGES)
        *reason =
            rs_arena_printf(study->arena, "localizer by its geometry: %d images of differing orientation", images->n);
    else if (!turned && one_place && images->n >= 3 && strcmp(first->facts.modality, "CT") == 0)
        *reason = rs_arena_printf(study->arena, "bolus tracking: %d images of one position", images->n);
    else
        return RS_OK;
    return *reason ? RS_OK : rs_fail_memory(ctx, "the series");
}

static rs_status add_images(rs_context *ctx, rs_study *study, group *images)
{
    rs_series facts = images->item[0]->facts;
    split parted = {0};
    RS_TRY(join_studies(ctx, study, images, &facts));
    RS_TRY(drop_copies(ctx, study, images, &facts));
    if (images->item[0]->note)
        RS_TRY(rs_notes_add(ctx, study->arena, &facts.notes, "assumed", NULL, "%s", images->item[0]->note));
    const common all = {.notes = facts.notes,
                        .reason = facts.reason,
                        .description = images->item[0]->facts.description,
                        .n_volumes = 1};
    if (series_sort(images) && !all.reason) {
        const char *reason = NULL;
        RS_TRY(aside_by_geometry(ctx, study, images, &reason));
        if (reason) return add_aside(ctx, study, images, reason);
        RS_TRY(series_split(ctx, study, images, &parted));
        if (parted.n_parts) return add_parts(ctx, study, &parted, &all);
    }
    return add_judged(ctx, study, images, &all);
}

static rs_status add_group(rs_context *ctx, rs_study *study, group *files)
{
    if (files->item[0]->state == HEADER_IMAGE) return add_images(ctx, study, files);
    return add_aside(ctx, study, files, files->item[0]->reason);
}

/* A series in the order in which it was made. */
typedef struct ordered {
    rs_series series;
    int made;
} ordered;

static int by_study_and_number(const void *left, const void *right)
{
    const ordered *a = left, *b = right;
    int order = by_text(a->series.study_instance_uid, b->series.study_instance_uid);
    if (order) return order;
    if (a->series.series_number != b->series.series_number) {
        return a->series.series_number < b->series.series_number ? -1 : 1;
    }
    order = by_text(a->series.series_instance_uid, b->series.series_instance_uid);
    return order ? order : a->made - b->made;
}

/* The order that study.h promises. */
static rs_status order_series(rs_context *ctx, rs_study *study)
{
    ordered *list = RS_ARENA_NEW(study->arena, ordered, study->n_series);
    if (!list) return rs_fail_memory(ctx, "the series");
    for (int i = 0; i < study->n_series; i++)
        list[i] = (ordered){study->series[i], i};
    if (study->n_series) qsort(list, (size_t)study->n_series, sizeof(list[0]), by_study_and_number);
    for (int i = 0; i < study->n_series; i++)
        study->series[i] = list[i].series;
    return RS_OK;
}

/* Every image that may be grouped: files, and the frames or tiles of those that hold several. */
static rs_status list_images(rs_context *ctx, rs_study *study, group *all)
{
    int64_t n = 0;
    bool others = false;
    for (int i = 0; i < study->n_headers; i++) {
        const header *file = &study->header[i];
        n += file->images ? file->n_images : 1;
        others = others || ((file->state == HEADER_ASIDE || file->state == HEADER_IMAGE) && !file->is_directory);
    }
    if (n > INT32_MAX / 4) return rs_fail(ctx, RS_DATA, "the input holds more images than can be listed");
    *all = (group){RS_ARENA_NEW(study->arena, header *, n), 0};
    if (!all->item) return rs_fail_memory(ctx, "the series");
    for (int i = 0; i < study->n_headers; i++) {
        header *file = &study->header[i], *images = file->images ? file->images : file;
        if (file->state != HEADER_ASIDE && file->state != HEADER_IMAGE) continue;
        /* It belongs to no study; where there is anything else it only says what the folder says, too. */
        if (file->is_directory && others) continue;
        for (int m = 0; m < (file->images ? file->n_images : 1); m++)
            all->item[all->n++] = &images[m];
    }
    return RS_OK;
}

rs_status series_group(rs_context *ctx, rs_study *study)
{
    group all = {0};
    RS_TRY(list_images(ctx, study, &all));
    RS_TRY(series_list_torn(ctx, study));
    if (all.n) qsort(all.item, (size_t)all.n, sizeof(all.item[0]), by_group_and_file);
    for (int begin = 0; begin < all.n;) {
        int end = begin + 1;
        while (end < all.n && by_group(all.item[begin], all.item[end]) == 0)
            end++;
        group files = {all.item + begin, end - begin};
        RS_TRY(add_group(ctx, study, &files));
        begin = end;
    }
    return order_series(ctx, study);
}
