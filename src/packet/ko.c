/* key.ko.dcm: Key Object Selection (PS3.3 A.35.4, TID 2010), the slices through the marks. */
#include "object_head.h"

#include <string.h>

#include "restage/text.h"

#define DESCRIPTION "Slices through the centre of each mark, in order of rank. Read the scan first. Research use."

/* The image that a slice of a mark is; -1: none of these. */
static int find_image(const rs_report_filing *filing, const rs_report_slice *slice)
{
    for (int i = 0; slice->sop_instance_uid && i < filing->n_images; i++) {
        const rs_report_image *image = &filing->images[i];
        if (strcmp(image->sop_instance_uid, slice->sop_instance_uid) != 0) continue;
        if (image->frame < 0 || image->frame == slice->frame) return i;
    }
    return -1;
}

/* The slice of the largest section, else that of the centre. */
static int image_of(const rs_report_filing *filing, const rs_report_mark *mark)
{
    const int image = mark->size.axes_slice.k >= 0 ? find_image(filing, &mark->size.axes_slice) : -1;
    return image >= 0 ? image : find_image(filing, &mark->slice);
}

/* A row below the root. */
static rs_sr_item row(rs_sr_relation relation, rs_sr_type type, rs_std name, const char *text)
{
    return (rs_sr_item){.level = 1, .relation = relation, .type = type, .name = rs_std_code(name), .text = text};
}

enum { N_HEAD = 8 };

/* Title, language and who observed (TID 1204, 1002 and 1004), description. */
static void set_head(const rs_report *report, const char *model, rs_sr_item items[N_HEAD])
{
    const rs_sr_relation who = RS_SR_HAS_OBS_CONTEXT;
    int n = 0;
    items[n++] = (rs_sr_item){.type = RS_SR_CONTAINER, .name = rs_std_code(RS_STD_OF_INTEREST), .template_id = "2010"};
    items[n] = row(RS_SR_HAS_CONCEPT_MOD, RS_SR_CODE, RS_STD_LANGUAGE, NULL);
    items[n++].code = rs_std_code(RS_STD_ENGLISH);
    items[n] = row(who, RS_SR_CODE, RS_STD_OBSERVER_TYPE, NULL);
    items[n++].code = rs_std_code(RS_STD_DEVICE);
    items[n++] = row(who, RS_SR_UIDREF, RS_STD_DEVICE_UID, report->filing.device_uid);
    items[n++] = row(who, RS_SR_TEXT, RS_STD_DEVICE_NAME, RS_MODEL);
    items[n++] = row(who, RS_SR_TEXT, RS_STD_DEVICE_MANUFACTURER, RS_MANUFACTURER);
    items[n++] = row(who, RS_SR_TEXT, RS_STD_DEVICE_MODEL, model);
    items[n++] = row(RS_SR_CONTAINS, RS_SR_TEXT, RS_STD_KEY_OBJECT_DESCRIPTION, DESCRIPTION);
}

/* Each slice once, by the rank of its first mark; returns how many rows. */
static int set_images(const rs_report *report, uint8_t *cited, rs_sr_item *items)
{
    const rs_report_filing *filing = &report->filing;
    int n = 0;
    for (int m = 0; m < report->n_marks; m++) {
        const int i = image_of(filing, &report->marks[m]);
        if (i < 0 || cited[i]) continue;
        cited[i] = 1;
        items[n++] = (rs_sr_item){.level = 1,
                                  .relation = RS_SR_CONTAINS,
                                  .type = RS_SR_IMAGE,
                                  .sop_class_uid = filing->images[i].sop_class_uid,
                                  .sop_instance_uid = filing->images[i].sop_instance_uid,
                                  .frame = filing->images[i].frame + 1};
    }
    return n;
}

static rs_status build(rs_context *ctx, const rs_object_task *task, rs_arena *arena, rs_dicom_out *out)
{
    const rs_report *report = task->report;
    const rs_report_filing *filing = &report->filing;
    const char *model = rs_arena_printf(arena, "%s %s", RS_MODEL, report->software.version);
    uint8_t *cited = rs_arena_alloc(arena, (size_t)filing->n_images, 1);
    rs_sr_item *items = RS_ARENA_NEW(arena, rs_sr_item, N_HEAD + report->n_marks);
    rs_sr_reference *evidence = RS_ARENA_NEW(arena, rs_sr_reference, report->n_marks);
    if (!model || !cited || !items || !evidence) return rs_fail_memory(ctx, "the key images");
    set_head(report, model, items);
    rs_sr_document document = {.key_objects = true, .items = items, .evidence = evidence};
    document.n_items = N_HEAD + set_images(report, cited, items + N_HEAD);
    for (int i = 0; i < filing->n_images; i++) {
        if (!cited[i] || !rs_object_is_first_of_file(filing, cited, i)) continue;
        evidence[document.n_evidence++] = (rs_sr_reference){
            .study_uid = report->source.study_instance_uid,
            .series_uid = filing->series_instance_uid,
            .sop_class_uid = filing->images[i].sop_class_uid,
            .sop_instance_uid = filing->images[i].sop_instance_uid,
        };
    }
    return rs_dicom_out_document(ctx, out, &document);
}

rs_status rs_write_ko(rs_context *ctx, const rs_report *report, const rs_sources *sources, rs_folder *folder,
                      const char *file_name)
{
    const rs_object_task task = {report, sources, folder, file_name};
    return rs_object_make(ctx, &task, RS_OBJECT_KO, build);
}
