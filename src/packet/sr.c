/* report.sr.dcm: a Comprehensive SR by TID 1500, from the rows of the template. */
#include "object_head.h"
#include "sr_rows.h"

#include <string.h>

static const rs_dicom_code *std(rs_std code)
{
    return rs_std_code(code);
}

/* What the images are, by their class or that which others extend (PS3.4 B.5): the procedure of CID 100, the modality.
 */
static const struct {
    const char *sop_class;
    rs_std procedure, code;
} modalities[] = {{"1.2.840.10008.5.1.4.1.1.2", RS_STD_CT_OF_ANY_REGION, RS_STD_CT},
                  {"1.2.840.10008.5.1.4.1.1.4", RS_STD_MR_OF_ANY_REGION, RS_STD_MR}};
enum { N_MODALITIES = sizeof modalities / sizeof modalities[0] };

static int modality_of(const rs_report *report)
{
    int m = 0;
    for (; m < N_MODALITIES; m++) {
        const size_t n = strlen(modalities[m].sop_class);
        const char *of = report->filing.images[0].sop_class_uid;
        if (strncmp(of, modalities[m].sop_class, n) == 0 && (of[n] == '.' || of[n] == 0)) break;
    }
    return m;
}

/* TID 1204, 1001, and the procedure. */
static void observation_context(rs_sr_rows *rows)
{
    const rs_report *report = rows->report;
    int m = modality_of(report);
    rs_sr_code(rows, 1, RS_SR_HAS_CONCEPT_MOD, std(RS_STD_LANGUAGE), std(RS_STD_ENGLISH));
    rs_sr_code(rows, 1, RS_SR_HAS_OBS_CONTEXT, std(RS_STD_OBSERVER_TYPE), std(RS_STD_DEVICE));
    rs_sr_uid(rows, 1, RS_SR_HAS_OBS_CONTEXT, std(RS_STD_DEVICE_UID), report->filing.device_uid);
    rs_sr_text(rows, 1, RS_SR_HAS_OBS_CONTEXT, std(RS_STD_DEVICE_NAME), RS_MODEL);
    rs_sr_text(rows, 1, RS_SR_HAS_OBS_CONTEXT, std(RS_STD_DEVICE_MANUFACTURER), RS_MANUFACTURER);
    rs_sr_say(rows, 1, RS_SR_HAS_OBS_CONTEXT, std(RS_STD_DEVICE_MODEL), "%s %s", RS_MODEL, report->software.version);
    if (m < N_MODALITIES)
        rs_sr_code(rows, 1, RS_SR_HAS_CONCEPT_MOD, std(RS_STD_PROCEDURE_REPORTED), std(modalities[m].procedure));
}

/* The study date that the object is filed under; NULL where the source has none. */
static const char *study_date(const rs_sr_rows *rows)
{
    const rs_report_filing *f = &rows->report->filing;
    for (int e = 0; e < f->n_elements; e++) {
        const rs_report_element *element = &f->elements[e];
        if (element->tag != RS_TAG(0x0008, 0x0020) || element->n_bytes != 8) continue;
        char date[9] = {0};
        memcpy(date, element->bytes, 8);
        return strspn(date, "0123456789") == 8 ? rs_arena_text(rows->arena, date) : NULL;
    }
    return NULL;
}

static void add_image_once(rs_sr_rows *rows, const rs_report_image *image, int from)
{
    const rs_sr_item *items = rows->items;
    for (int i = from; i < rows->n; i++) {
        if (items[i].frame == image->frame + 1 && strcmp(items[i].sop_instance_uid, image->sop_instance_uid) == 0)
            return;
    }
    rs_sr_image(rows, 3, RS_SR_CONTAINS, image);
}

/* TID 1600: the images with marks; without a mark the first, the middle and the last. */
static void image_library(rs_sr_rows *rows)
{
    const rs_report *report = rows->report;
    const rs_report_filing *f = &report->filing;
    int m = modality_of(report);
    rs_sr_container(rows, 1, std(RS_STD_IMAGE_LIBRARY), "1600");
    rs_sr_container(rows, 2, std(RS_STD_IMAGE_LIBRARY_GROUP), NULL);
    if (m < N_MODALITIES) rs_sr_code(rows, 3, RS_SR_HAS_ACQ_CONTEXT, std(RS_STD_MODALITY), std(modalities[m].code));
    const char *date = study_date(rows);
    if (date) rs_sr_add(rows, 3, RS_SR_HAS_ACQ_CONTEXT, RS_SR_DATE, std(RS_STD_STUDY_DATE))->text = date;
    if (f->has_frame_of_reference)
        rs_sr_uid(rows, 3, RS_SR_HAS_ACQ_CONTEXT, std(RS_STD_FRAME_OF_REFERENCE),
                  report->source.frame_of_reference_uid);
    int from = rows->n;
    for (int k = 0; k < report->n_marks; k++)
        add_image_once(rows, rs_mark_image(report, &report->marks[k]), from);
    for (int k = 0; k < 3 && report->n_marks == 0; k++)
        add_image_once(rows, &f->images[k * (f->n_images - 1) / 2], from);
}

static void measurements(rs_sr_rows *rows)
{
    const rs_report *report = rows->report;
    rs_sr_container(rows, 1, std(RS_STD_IMAGING_MEASUREMENTS), NULL);
    for (int m = 0; m < report->n_marks; m++)
        rs_sr_mark(rows, &report->marks[m]);
    if (report->n_marks == 0) /* viewers stop at an empty container */
        rs_sr_say(rows, 2, RS_SR_CONTAINS, std(RS_STD_COMMENT), "%s. %s.", report->marks_text, report->assessed_text);
}

rs_status rs_sr_rows_of(rs_context *ctx, const rs_report *report, const rs_sources *sources, rs_arena *arena,
                        rs_sr_rows *rows)
{
    *rows = (rs_sr_rows){.ctx = ctx,
                         .arena = arena,
                         .report = report,
                         .has_seg = !rs_when_absent(RS_WHEN_SEG, report, sources),
                         .tag = sources->sr_tag ? sources->sr_tag : "",
                         .plain = sources->sr_plain};
    rs_sr_container(rows, 0, std(RS_STD_IMAGING_MEASUREMENT_REPORT), "1500");
    observation_context(rows);
    image_library(rows);
    measurements(rows);
    rs_sr_evaluations(rows);
    return rows->status;
}

/* Every image of the series, a file of many frames once, and the segmentation. */
static rs_sr_reference *evidence(const rs_sr_rows *rows, int *n)
{
    const rs_report *report = rows->report;
    const rs_report_filing *f = &report->filing;
    const char *study_uid = report->source.study_instance_uid;
    rs_sr_reference *all = RS_ARENA_NEW(rows->arena, rs_sr_reference, f->n_images + 1);
    *n = 0;
    for (int i = 0; all && i < f->n_images; i++) {
        if (!rs_object_is_first_of_file(f, NULL, i)) continue;
        all[(*n)++] = (rs_sr_reference){study_uid, f->series_instance_uid, f->images[i].sop_class_uid,
                                        f->images[i].sop_instance_uid};
    }
    if (all && rows->has_seg)
        all[(*n)++] = (rs_sr_reference){study_uid, f->seg_series_uid, rs_object_sop_class(RS_OBJECT_SEG), f->seg_uid};
    return all;
}

static rs_status build(rs_context *ctx, const rs_object_task *task, rs_arena *arena, rs_dicom_out *out)
{
    const rs_report *report = task->report;
    rs_sr_rows rows;
    RS_TRY(rs_sr_rows_of(ctx, report, task->sources, arena, &rows));
    const rs_report_previous *previous = &report->previous;
    const rs_sr_reference predecessor = {report->source.study_instance_uid, previous->sr_series_uid,
                                         rs_object_sop_class(RS_OBJECT_SR), previous->sr_uid};
    rs_sr_document d = {.items = rows.items,
                        .n_items = rows.n,
                        .predecessors = &predecessor,
                        .n_predecessors = previous->sr_uid && previous->sr_series_uid,
                        .scheme = {RS_OWN_DESIGNATOR, RS_OWN_NAME, RS_OWN_ORGANIZATION}};
    d.evidence = evidence(&rows, &d.n_evidence);
    if (!d.evidence) return rs_fail_memory(ctx, "report.sr.dcm");
    return rs_dicom_out_document(ctx, out, &d);
}

rs_status rs_write_sr(rs_context *ctx, const rs_report *report, const rs_sources *sources, rs_folder *folder,
                      const char *file_name)
{
    const rs_object_task task = {report, sources, folder, file_name};
    return rs_object_make(ctx, &task, RS_OBJECT_SR, build);
}
