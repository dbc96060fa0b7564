/* Reads back a report.sr.dcm of an earlier packet, as an archive gives it out with its study: what marks carry on. */
#include "codes.h"
#include "object_head.h"

#include <math.h>
#include <string.h>

#include "report/earlier.h"
#include "restage/text.h"

#define CONTENT RS_TAG(0x0040, 0xa730)
#define EVIDENCE RS_TAG(0x0040, 0xa375)
#define PREDECESSORS RS_TAG(0x0040, 0xa360)
#define SERIES RS_TAG(0x0008, 0x1115)
#define OBJECTS RS_TAG(0x0008, 0x1199)
#define CONCEPT_NAME RS_TAG(0x0040, 0xa043)
#define CONCEPT_CODE RS_TAG(0x0040, 0xa168)
#define TEXT_VALUE RS_TAG(0x0040, 0xa160)
#define DATE_VALUE RS_TAG(0x0040, 0xa121)
#define UID_VALUE RS_TAG(0x0040, 0xa124)
#define MEASURED RS_TAG(0x0040, 0xa300)
#define NUMERIC_VALUE RS_TAG(0x0040, 0xa30a)
#define CODE_VALUE RS_TAG(0x0008, 0x0100)
#define CODE_SCHEME RS_TAG(0x0008, 0x0102)

enum { MOST_MARKS = 10000 };

typedef struct reader {
    const rs_dicom_file *file;
    rs_arena *arena;
    bool failed; /* out of memory */
} reader;

/* "" where it is absent. */
static const char *text_of(reader *r, const rs_dicom_item *item, uint32_t tag)
{
    const char *text = item ? rs_dicom_item_text(r->file, item, tag, r->arena) : "";
    if (!text) r->failed = true;
    return text ? text : "";
}

static bool is_named(reader *r, const rs_dicom_item *item, const rs_dicom_code *code)
{
    const rs_dicom_item *name = rs_dicom_item_at(item, CONCEPT_NAME, 0);
    return strcmp(text_of(r, name, CODE_VALUE), code->value) == 0 &&
           strcmp(text_of(r, name, CODE_SCHEME), code->scheme) == 0;
}

/* The first child of that name. NULL: none, or no parent. */
static const rs_dicom_item *child(reader *r, const rs_dicom_item *parent, const rs_dicom_code *name)
{
    const int n = parent ? rs_dicom_item_count(parent, CONTENT) : 0;
    for (int i = 0; i < n; i++) {
        const rs_dicom_item *item = rs_dicom_item_at(parent, CONTENT, i);
        if (item && is_named(r, item, name)) return item;
    }
    return NULL;
}

static const char *child_text(reader *r, const rs_dicom_item *parent, const rs_dicom_code *name, uint32_t tag)
{
    return text_of(r, child(r, parent, name), tag);
}

static const char *known(const char *text)
{
    return *text ? text : NULL;
}

static double child_number(reader *r, const rs_dicom_item *parent, rs_std name)
{
    double value = 0;
    const rs_dicom_item *row = child(r, parent, rs_std_code(name));
    const rs_dicom_item *measured = row ? rs_dicom_item_at(row, MEASURED, 0) : NULL;
    if (!measured || rs_dicom_item_reals(measured, NUMERIC_VALUE, &value, 1) != RS_DICOM_FOUND) return (double)NAN;
    return value;
}

/* "x\y\z" */
static bool position_of(const char *text, double out[3])
{
    char part[3][32] = {{0}};
    int axis = 0;
    size_t at = 0;
    for (; *text; text++) {
        if (*text == '\\') {
            axis++;
            at = 0;
        } else if (axis < 3 && at + 1 < sizeof part[0])
            part[axis][at++] = *text;
        if (axis > 2) return false;
    }
    for (int a = 0; a < 3; a++)
        if (!rs_text_real(part[a], &out[a]) || !(fabs(out[a]) < 1e6)) return false;
    return true;
}

/* YYYYMMDD as YYYY-MM-DD; NULL: none. */
static const char *date_of(reader *r, const char *text)
{
    if (strlen(text) != 8 || strspn(text, "0123456789") != 8) return NULL;
    const char *date = rs_arena_printf(r->arena, "%.4s-%.2s-%.2s", text, text + 4, text + 6);
    if (!date) r->failed = true;
    return date;
}

/* The words of a reader with a verdict, if one was given. */
static void read_review(reader *r, const rs_dicom_item *group, rs_previous_mark *out)
{
    const rs_dicom_item *row = child(r, group, rs_own_code(RS_OWN_REVIEW));
    const rs_dicom_item *code = row ? rs_dicom_item_at(row, CONCEPT_CODE, 0) : NULL;
    const char *verdict = rs_own_value_of(RS_OWN_REVIEW, text_of(r, code, CODE_VALUE));
    out->verdict = verdict ? verdict : "none";
    if (strcmp(out->verdict, "none") == 0) return;
    out->reader = known(child_text(r, row, rs_own_code(RS_OWN_READER), TEXT_VALUE));
    out->date = date_of(r, child_text(r, row, rs_own_code(RS_OWN_REVIEW_DATE), DATE_VALUE));
}

/* A group with a place: TID 1410. Those of TID 1411 say the same of the segment and have none. */
static bool read_group(reader *r, const rs_dicom_item *group, rs_previous_mark *out)
{
    const char *id = child_text(r, group, rs_std_code(RS_STD_TRACKING_IDENTIFIER), TEXT_VALUE);
    const char *bare = strrchr(id, ':'); /* behind the tag of a viewer */
    *out = (rs_previous_mark){
        .id = bare ? bare + 1 : id,
        .tracking_uid = child_text(r, group, rs_std_code(RS_STD_TRACKING_UID), UID_VALUE),
    };
    if (!*out->id || !rs_report_is_uid(out->tracking_uid) ||
        !position_of(child_text(r, group, rs_own_code(RS_OWN_POSITION), TEXT_VALUE), out->lps_mm))
        return false;
    const double diameter = child_number(r, group, RS_STD_DIAMETER), axis = child_number(r, group, RS_STD_LONG_AXIS);
    out->diameter_mm = isfinite(diameter) ? diameter : isfinite(axis) ? axis : 0;
    read_review(r, group, out);
    return true;
}

/* The series of the images: the first of the evidence but for that of the segments. */
static const char *source_series(reader *r, const rs_dicom_item *root)
{
    const rs_dicom_item *study = rs_dicom_item_at(root, EVIDENCE, 0);
    const int n = study ? rs_dicom_item_count(study, SERIES) : 0;
    for (int s = 0; s < n; s++) {
        const rs_dicom_item *series = rs_dicom_item_at(study, SERIES, s);
        const rs_dicom_item *object = series ? rs_dicom_item_at(series, OBJECTS, 0) : NULL;
        if (!object) continue;
        const char *sop_class = text_of(r, object, RS_TAG(0x0008, 0x1150));
        if (strcmp(sop_class, rs_object_sop_class(RS_OBJECT_SEG)) != 0)
            return known(text_of(r, series, RS_TAG(0x0020, 0x000e)));
    }
    return NULL;
}

static const char *predecessor(reader *r, const rs_dicom_item *root)
{
    const rs_dicom_item *study = rs_dicom_item_at(root, PREDECESSORS, 0);
    const rs_dicom_item *series = study ? rs_dicom_item_at(study, SERIES, 0) : NULL;
    const rs_dicom_item *object = series ? rs_dicom_item_at(series, OBJECTS, 0) : NULL;
    return known(text_of(r, object, RS_TAG(0x0008, 0x1155)));
}

static const char *created(reader *r, const rs_dicom_item *root)
{
    const char *date = date_of(r, text_of(r, root, RS_TAG(0x0008, 0x0023)));
    const char *time = text_of(r, root, RS_TAG(0x0008, 0x0033));
    if (!date || strspn(time, "0123456789") < 6) return NULL;
    const char *all = rs_arena_printf(r->arena, "%sT%.2s:%.2s:%.2sZ", date, time, time + 2, time + 4);
    if (!all) r->failed = true;
    return all;
}

rs_status rs_packet_read_sr(rs_context *ctx, const rs_dicom_file *file, rs_arena *arena, rs_given_previous *out,
                            bool *is_ours)
{
    reader r = {.file = file, .arena = arena};
    const rs_dicom_item *root = rs_dicom_file_root(file);
    const rs_dicom_item *library = child(&r, root, rs_std_code(RS_STD_IMAGE_LIBRARY));
    const rs_dicom_item *images = child(&r, library, rs_std_code(RS_STD_IMAGE_LIBRARY_GROUP));
    const rs_dicom_item *list = child(&r, root, rs_std_code(RS_STD_IMAGING_MEASUREMENTS));
    *out = (rs_given_previous){
        .study_uid = known(text_of(&r, root, RS_TAG(0x0020, 0x000d))),
        .series_uid = source_series(&r, root),
        .frame_of_reference_uid = known(child_text(&r, images, rs_std_code(RS_STD_FRAME_OF_REFERENCE), UID_VALUE)),
        .created = created(&r, root),
        .sr_uid = known(text_of(&r, root, RS_TAG(0x0008, 0x0018))),
        .sr_series_uid = known(text_of(&r, root, RS_TAG(0x0020, 0x000e))),
        .predecessor_uid = predecessor(&r, root),
    };
    *is_ours = list && strcmp(text_of(&r, root, RS_TAG(0x0008, 0x0070)), RS_MANUFACTURER) == 0 &&
               is_named(&r, root, rs_std_code(RS_STD_IMAGING_MEASUREMENT_REPORT)) && out->sr_uid &&
               out->sr_series_uid && rs_report_is_uid(out->sr_uid) && rs_report_is_uid(out->sr_series_uid);
    int n = *is_ours ? rs_dicom_item_count(list, CONTENT) : 0;
    if (n > MOST_MARKS) n = MOST_MARKS;
    rs_previous_mark *marks = RS_ARENA_NEW(arena, rs_previous_mark, n + 1);
    if (!marks) return rs_fail_memory(ctx, "the earlier report");
    for (int i = 0; i < n && !r.failed; i++) {
        const rs_dicom_item *group = rs_dicom_item_at(list, CONTENT, i);
        if (group && read_group(&r, group, &marks[out->n_marks])) out->n_marks++;
    }
    out->marks = marks;
    return r.failed ? rs_fail_memory(ctx, "the earlier report") : RS_OK;
}
