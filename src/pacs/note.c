/* The rejection note (IHE IOCM, TID 2010): a Key Object Selection titled "Rejected for Quality Reasons" that lists the
   objects of a packet. Who it is about is copied from one of them, byte for byte. */
#include "room.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "restage/text.h"
#include "restage/version.h"

#define KO_CLASS "1.2.840.10008.5.1.4.1.1.88.59"
#define SEG_CLASS "1.2.840.10008.5.1.4.1.1.66.4"

/* Patient and study, as the packet's own objects have them (PS3.3 C.7.1.1, C.7.2.1). */
static const uint32_t filed[] = {
    RS_TAG(0x0008, 0x0005), RS_TAG(0x0008, 0x0020), RS_TAG(0x0008, 0x0030), RS_TAG(0x0008, 0x0050),
    RS_TAG(0x0008, 0x0090), RS_TAG(0x0008, 0x1030), RS_TAG(0x0010, 0x0010), RS_TAG(0x0010, 0x0020),
    RS_TAG(0x0010, 0x0021), RS_TAG(0x0010, 0x0030), RS_TAG(0x0010, 0x0040), RS_TAG(0x0010, 0x1000),
    RS_TAG(0x0010, 0x1010), RS_TAG(0x0010, 0x1020), RS_TAG(0x0010, 0x1030), RS_TAG(0x0012, 0x0062),
    RS_TAG(0x0012, 0x0063), RS_TAG(0x0020, 0x000d), RS_TAG(0x0020, 0x0010),
};

/* SOURCE_DATE_EPOCH, as for packets, or now; as DA and TM, UTC. */
static rs_status times(rs_context *ctx, char date[9], char time_of_day[7])
{
    const char *fixed = getenv("SOURCE_DATE_EPOCH");
    int64_t seconds = (int64_t)time(NULL);
    if (fixed && *fixed && (!rs_text_integer(fixed, &seconds) || seconds < 0 || seconds > 253402300799))
        return rs_fail(ctx, RS_USAGE,
                       "SOURCE_DATE_EPOCH is no whole number of seconds since 1970 before the year 10000");
    time_t when = (time_t)seconds;
    struct tm parts;
    if (!gmtime_r(&when, &parts) || !strftime(date, 9, "%Y%m%d", &parts) || !strftime(time_of_day, 7, "%H%M%S", &parts))
        return rs_fail(ctx, RS_DEFECT, "a time that has no text");
    return RS_OK;
}

/* Both UIDs hang on what is listed, and on the time where that is fixed: without it two notes differ in nothing else.
 */
static rs_status name_of(rs_context *ctx, rs_arena *arena, const rs_pacs_packet *packet, rs_dicom_name *out)
{
    const char *fixed = getenv("SOURCE_DATE_EPOCH"), *text = rs_arena_printf(arena, "rejected %s", fixed ? fixed : "");
    for (int i = 0; i < packet->n_objects && text; i++)
        text = rs_arena_printf(arena, "%s\n%s", text, packet->objects[i].name.sop_instance_uid);
    const char *series = text ? rs_arena_printf(arena, "%s\nseries", text) : NULL;
    if (!text || !series) return rs_fail_memory(ctx, "the rejection note");
    *out = (rs_dicom_name){.study_uid = packet->objects[0].name.study_uid, .sop_class_uid = KO_CLASS};
    RS_TRY(rs_pacs_uid(ctx, arena, text, &out->sop_instance_uid));
    return rs_pacs_uid(ctx, arena, series, &out->series_uid);
}

static rs_status put_head(rs_context *ctx, const rs_pacs_packet *packet, const rs_dicom_name *name, rs_dicom_out *out)
{
    char date[9], time_of_day[7];
    const rs_dicom_item *root = rs_dicom_file_root(packet->objects[0].dicom);
    for (size_t t = 0; t < sizeof filed / sizeof filed[0]; t++) {
        const uint8_t *bytes = NULL;
        size_t n = 0;
        if (rs_dicom_item_raw(root, filed[t], &bytes, &n))
            RS_TRY(rs_dicom_out_raw(ctx, out, filed[t], bytes, n));
        else
            RS_TRY(rs_dicom_out_remove(ctx, out, filed[t]));
    }
    RS_TRY(times(ctx, date, time_of_day));
    const struct {
        uint32_t tag;
        const char *text;
    } own[] = {
        {RS_TAG(0x0008, 0x0012), date},         {RS_TAG(0x0008, 0x0013), time_of_day},
        {RS_TAG(0x0008, 0x0016), KO_CLASS},     {RS_TAG(0x0008, 0x0018), name->sop_instance_uid},
        {RS_TAG(0x0008, 0x0021), date},         {RS_TAG(0x0008, 0x0023), date},
        {RS_TAG(0x0008, 0x0031), time_of_day},  {RS_TAG(0x0008, 0x0033), time_of_day},
        {RS_TAG(0x0008, 0x0060), "KO"},         {RS_TAG(0x0008, 0x0070), RS_MANUFACTURER},
        {RS_TAG(0x0008, 0x0201), "+0000"},      {RS_TAG(0x0008, 0x103e), "restage: rejection note"},
        {RS_TAG(0x0008, 0x1090), RS_MODEL},     {RS_TAG(0x0018, 0x1000), "0"},
        {RS_TAG(0x0018, 0x1020), rs_version()}, {RS_TAG(0x0020, 0x000e), name->series_uid},
        {RS_TAG(0x0020, 0x0011), "9005"},       {RS_TAG(0x0020, 0x0013), "1"},
    };
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        RS_TRY(rs_dicom_out_text(ctx, out, own[i].tag, own[i].text));
    return RS_OK;
}

enum { N_HEAD = 7 };

static rs_status put_document(rs_context *ctx, rs_arena *arena, const rs_pacs_packet *packet, rs_dicom_out *out)
{
    static const rs_dicom_code title = {"113001", "DCM", "Rejected for Quality Reasons"},
                               language = {"121049", "DCM", "Language of Content Item and Descendants"},
                               english = {"en-US", "RFC5646", "English (United States)"},
                               observer = {"121005", "DCM", "Observer Type"}, device = {"121007", "DCM", "Device"},
                               device_uid = {"121012", "DCM", "Device Observer UID"},
                               device_name = {"121013", "DCM", "Device Observer Name"},
                               maker = {"121014", "DCM", "Device Observer Manufacturer"},
                               described = {"113012", "DCM", "Key Object Description"};
    const rs_sr_relation who = RS_SR_HAS_OBS_CONTEXT;
    const char *uid = NULL;
    const int n = packet->n_objects;
    rs_sr_item *items = RS_ARENA_NEW(arena, rs_sr_item, N_HEAD + 1 + n);
    rs_sr_reference *evidence = RS_ARENA_NEW(arena, rs_sr_reference, n);
    if (!items || !evidence) return rs_fail_memory(ctx, "the rejection note");
    RS_TRY(rs_pacs_uid(ctx, arena, RS_MODEL " withdraws", &uid));
    const rs_sr_item head[N_HEAD + 1] = {
        {.type = RS_SR_CONTAINER, .name = &title, .template_id = "2010"},
        {.level = 1, .relation = RS_SR_HAS_CONCEPT_MOD, .type = RS_SR_CODE, .name = &language, .code = &english},
        {.level = 1, .relation = who, .type = RS_SR_CODE, .name = &observer, .code = &device},
        {.level = 1, .relation = who, .type = RS_SR_UIDREF, .name = &device_uid, .text = uid},
        {.level = 1, .relation = who, .type = RS_SR_TEXT, .name = &device_name, .text = RS_MODEL},
        {.level = 1, .relation = who, .type = RS_SR_TEXT, .name = &maker, .text = RS_MANUFACTURER},
        {.level = 1,
         .relation = RS_SR_CONTAINS,
         .type = RS_SR_TEXT,
         .name = &described,
         .text = "These objects were withdrawn by the person who filed them. Research use."},
    };
    memcpy(items, head, N_HEAD * sizeof *items);
    for (int i = 0; i < n; i++) {
        const rs_dicom_name *name = &packet->objects[i].name;
        const bool is_image = strcmp(name->sop_class_uid, SEG_CLASS) == 0;
        items[N_HEAD + i] = (rs_sr_item){.level = 1,
                                         .relation = RS_SR_CONTAINS,
                                         .type = is_image ? RS_SR_IMAGE : RS_SR_COMPOSITE,
                                         .sop_class_uid = name->sop_class_uid,
                                         .sop_instance_uid = name->sop_instance_uid};
        evidence[i] = (rs_sr_reference){.study_uid = name->study_uid,
                                        .series_uid = name->series_uid,
                                        .sop_class_uid = name->sop_class_uid,
                                        .sop_instance_uid = name->sop_instance_uid};
    }
    const rs_sr_document document = {
        .key_objects = true, .items = items, .n_items = N_HEAD + n, .evidence = evidence, .n_evidence = n};
    return rs_dicom_out_document(ctx, out, &document);
}

rs_status rs_pacs_rejection(rs_context *ctx, rs_arena *arena, const rs_pacs_packet *packet, uint8_t **bytes,
                            size_t *n_bytes, rs_dicom_name *name)
{
    rs_dicom_out *out = NULL;
    RS_TRY(name_of(ctx, arena, packet, name));
    RS_TRY(rs_dicom_out_new(ctx, &out));
    rs_status status = put_document(ctx, arena, packet, out);
    if (status == RS_OK) status = put_head(ctx, packet, name, out);
    if (status == RS_OK) status = rs_dicom_out_encode(ctx, out, arena, bytes, n_bytes);
    rs_dicom_out_free(out);
    return status;
}
