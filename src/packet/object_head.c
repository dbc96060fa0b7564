/* The header of every DICOM object of the packet, by one table. */
#include "object_head.h"

#include <string.h>

#include "restage/text.h"

typedef struct object_row {
    const char *sop_class, *modality, *number, *description;
    bool has_frame;
} object_row;

static const object_row rows[] = {
#define X(name, sop_class, modality, number, description, field, frame)                                                \
    {sop_class, modality, number, description, frame},
    RS_OBJECT_TABLE(X)
#undef X
};

static void uids_of(const rs_report_filing *filing, rs_object_kind kind, const char **object, const char **series)
{
    switch (kind) {
#define X(name, sop_class, modality, number, description, field, frame)                                                \
    case RS_OBJECT_##name:                                                                                             \
        *object = filing->field##_uid;                                                                                 \
        *series = filing->field##_series_uid;                                                                          \
        break;
        RS_OBJECT_TABLE(X)
#undef X
    }
}

/* Elements that the source may have; one that is not among filing's is taken away. */
static const uint32_t filed[] = {
#define X(tag, name, form, group) tag,
#include "report/filing.def"
#undef X
};

static bool is_of_frame(uint32_t tag)
{
    return tag == 0x00200052 || tag == 0x00201040;
}

static rs_status put_filed(rs_context *ctx, const rs_report_filing *filing, bool has_frame, rs_dicom_out *out)
{
    for (size_t t = 0; t < sizeof filed / sizeof filed[0]; t++)
        RS_TRY(rs_dicom_out_remove(ctx, out, filed[t]));
    for (int e = 0; e < filing->n_elements; e++) {
        const rs_report_element *element = &filing->elements[e];
        if (is_of_frame(element->tag) && !has_frame) continue;
        RS_TRY(rs_dicom_out_raw(ctx, out, element->tag, element->bytes, (size_t)element->n_bytes));
    }
    return RS_OK;
}

/* Frame of Reference (PS3.3 C.7.4.1): the source's, else the new one; PositionReferenceIndicator is type 2. */
static rs_status put_frame(rs_context *ctx, const rs_report_filing *filing, rs_dicom_out *out)
{
    bool indicated = false;
    for (int e = 0; e < filing->n_elements; e++)
        indicated = indicated || filing->elements[e].tag == 0x00201040;
    if (!filing->has_frame_of_reference)
        RS_TRY(rs_dicom_out_text(ctx, out, RS_TAG(0x0020, 0x0052), filing->frame_of_reference_uid));
    return indicated ? RS_OK : rs_dicom_out_empty(ctx, out, RS_TAG(0x0020, 0x1040));
}

/* "2026-11-27T18:00:00Z" as DA and TM; everything of ours is UTC. */
static rs_status put_times(rs_context *ctx, const char *created, rs_dicom_out *out)
{
    static const uint32_t dates[] = {0x00080012, 0x00080021, 0x00080023},
                          times[] = {0x00080013, 0x00080031, 0x00080033};
    char date[9], time[7];
    if (!created || strlen(created) != 20) return rs_fail(ctx, RS_DEFECT, "the report has no time of its creation");
    (void)rs_text_format(date, sizeof date, "%.4s%.2s%.2s", created, created + 5, created + 8);
    (void)rs_text_format(time, sizeof time, "%.2s%.2s%.2s", created + 11, created + 14, created + 17);
    for (int i = 0; i < 3; i++) {
        RS_TRY(rs_dicom_out_text(ctx, out, dates[i], date));
        RS_TRY(rs_dicom_out_text(ctx, out, times[i], time));
    }
    return rs_dicom_out_text(ctx, out, RS_TAG(0x0008, 0x0201), "+0000");
}

/* Who removed the names, and how (PS3.3 C.7.1.1, PS3.15 E.1). */
static rs_status put_identity(rs_context *ctx, const rs_report *report, rs_dicom_out *out)
{
    if (!report->identity.mode || strcmp(report->identity.mode, "full") == 0) return RS_OK;
    RS_TRY(rs_dicom_out_text(ctx, out, RS_TAG(0x0012, 0x0062), "YES"));
    char method[64];
    (void)rs_text_format(method, sizeof method, "restage --identity %s", report->identity.mode);
    RS_TRY(rs_dicom_out_text(ctx, out, RS_TAG(0x0012, 0x0063), method));
    RS_TRY(rs_dicom_out_remove(ctx, out, RS_TAG(0x0012, 0x0064)));
    return rs_object_code(ctx, out, RS_TAG(0x0012, 0x0064), rs_std_code(RS_STD_BASIC_CONFIDENTIALITY));
}

rs_status rs_object_head(rs_context *ctx, const rs_report *report, rs_object_kind kind, rs_dicom_out *out)
{
    const rs_report_filing *filing = &report->filing;
    const object_row *row = &rows[kind];
    const char *object = NULL, *series = NULL;
    uids_of(filing, kind, &object, &series);
    /* A viewer shows nothing for a structured report without marks: the document beside it says so by its name. */
    const bool bare = kind == RS_OBJECT_PDF && report->n_marks == 0;
    const char *description = bare ? "restage: report (PDF), no mark shown" : row->description;
    const struct {
        uint32_t tag;
        const char *text;
    } own[] = {
        {RS_TAG(0x0008, 0x0016), row->sop_class},
        {RS_TAG(0x0008, 0x0018), object},
        {RS_TAG(0x0008, 0x0060), row->modality},
        {RS_TAG(0x0008, 0x0070), RS_MANUFACTURER},
        {RS_TAG(0x0008, 0x103e), description},
        {RS_TAG(0x0008, 0x1090), RS_MODEL},
        {RS_TAG(0x0018, 0x1000), "0"},
        {RS_TAG(0x0018, 0x1020), report->software.version},
        {RS_TAG(0x0020, 0x000e), series},
        {RS_TAG(0x0020, 0x0011), row->number},
        {RS_TAG(0x0020, 0x0013), "1"},
    };
    RS_TRY(put_filed(ctx, filing, row->has_frame, out));
    if (row->has_frame) RS_TRY(put_frame(ctx, filing, out));
    for (size_t e = 0; e < sizeof own / sizeof own[0]; e++)
        RS_TRY(rs_dicom_out_text(ctx, out, own[e].tag, own[e].text ? own[e].text : ""));
    RS_TRY(put_times(ctx, report->software.created, out));
    return put_identity(ctx, report, out);
}

const char *rs_object_sop_class(rs_object_kind kind)
{
    return rows[kind].sop_class;
}

rs_status rs_object_code(rs_context *ctx, rs_dicom_out *out, uint32_t sequence, const rs_dicom_code *code)
{
    RS_TRY(rs_dicom_out_begin(ctx, out, sequence));
    RS_TRY(rs_dicom_out_text(ctx, out, RS_TAG(0x0008, 0x0100), code->value));
    RS_TRY(rs_dicom_out_text(ctx, out, RS_TAG(0x0008, 0x0102), code->scheme));
    RS_TRY(rs_dicom_out_text(ctx, out, RS_TAG(0x0008, 0x0104), code->meaning));
    return rs_dicom_out_end(ctx, out);
}

rs_status rs_object_source_uid(rs_context *ctx, rs_dicom_out *out, uint32_t tag, const char *uid)
{
    return rs_dicom_out_raw(ctx, out, tag, (const uint8_t *)uid, uid ? strlen(uid) : 0);
}

rs_status rs_object_image(rs_context *ctx, rs_dicom_out *out, uint32_t sequence, const rs_report_image *image,
                          bool frame)
{
    RS_TRY(rs_dicom_out_begin(ctx, out, sequence));
    RS_TRY(rs_object_source_uid(ctx, out, RS_TAG(0x0008, 0x1150), image->sop_class_uid));
    RS_TRY(rs_object_source_uid(ctx, out, RS_TAG(0x0008, 0x1155), image->sop_instance_uid));
    if (!frame || image->frame < 0) return RS_OK;
    char number[16];
    (void)rs_text_format(number, sizeof number, "%d", image->frame + 1);
    return rs_dicom_out_text(ctx, out, RS_TAG(0x0008, 0x1160), number);
}

/* Frames of a file may lie apart. */
bool rs_object_is_first_of_file(const rs_report_filing *filing, const uint8_t *cited, int image)
{
    const rs_report_image *images = filing->images;
    if (images[image].frame < 0) return true;
    for (int i = 0; i < image; i++) {
        if (cited && !cited[i]) continue;
        if (images[i].sop_instance_uid == images[image].sop_instance_uid) return false;
        if (strcmp(images[i].sop_instance_uid, images[image].sop_instance_uid) == 0) return false;
    }
    return true;
}

rs_status rs_object_images(rs_context *ctx, rs_dicom_out *out, uint32_t sequence, const rs_report_filing *filing,
                           const uint8_t *cited)
{
    for (int i = 0; i < filing->n_images; i++) {
        if ((cited && !cited[i]) || !rs_object_is_first_of_file(filing, cited, i)) continue;
        RS_TRY(rs_object_image(ctx, out, sequence, &filing->images[i], false));
        RS_TRY(rs_dicom_out_end(ctx, out));
    }
    return RS_OK;
}

rs_status rs_object_make(rs_context *ctx, const rs_object_task *task, rs_object_kind kind, rs_object_builder build)
{
    uint8_t *bytes = NULL;
    size_t n_bytes = 0;
    rs_dicom_out *out = NULL;
    rs_arena *arena = rs_arena_new();
    if (!arena) return rs_fail_memory(ctx, task->file_name);
    rs_status status = rs_dicom_out_new(ctx, &out);
    if (status == RS_OK) status = build(ctx, task, arena, out);
    if (status == RS_OK) status = rs_object_head(ctx, task->report, kind, out);
    if (status == RS_OK) status = rs_dicom_out_encode(ctx, out, arena, &bytes, &n_bytes);
    if (out) rs_dicom_out_free(out);
    if (status == RS_OK) status = rs_folder_write(ctx, task->folder, task->file_name, bytes, n_bytes);
    rs_arena_free(arena);
    return status;
}
