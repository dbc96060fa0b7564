/* Rows of a structured report by kind. */
#include "sr_rows.h"

#include <math.h>
#include <stdarg.h>

#include "restage/text.h"

static const char *kept(rs_sr_rows *rows, const char *text)
{
    if (!text && rows->status == RS_OK) rows->status = rs_fail_memory(rows->ctx, "report.sr.dcm");
    return text;
}

rs_sr_item *rs_sr_add(rs_sr_rows *rows, int level, rs_sr_relation relation, rs_sr_type type, const rs_dicom_code *name)
{
    rs_sr_item *item = rs_arena_push(rows->arena, &rows->items, rows->n, &rows->capacity, sizeof *item);
    if (!item) {
        (void)kept(rows, NULL);
        item = &rows->spare;
    } else {
        rows->n++;
    }
    *item = (rs_sr_item){.level = level, .relation = relation, .type = type, .name = name};
    return item;
}

void rs_sr_container(rs_sr_rows *rows, int level, const rs_dicom_code *name, const char *template_id)
{
    rs_sr_relation relation = level > 0 ? RS_SR_CONTAINS : RS_SR_ROOT;
    rs_sr_add(rows, level, relation, RS_SR_CONTAINER, name)->template_id = template_id;
}

void rs_sr_code(rs_sr_rows *rows, int level, rs_sr_relation relation, const rs_dicom_code *name,
                const rs_dicom_code *value)
{
    rs_sr_add(rows, level, relation, RS_SR_CODE, name)->code = value;
}

bool rs_sr_word(rs_sr_rows *rows, int level, rs_own concept, const char *word)
{
    const rs_dicom_code *value = NULL;
    if (!word) return false;
    rs_status status = rs_own_value(rows->ctx, concept, word, &value);
    if (status != RS_OK) {
        if (rows->status == RS_OK) rows->status = status;
        return false;
    }
    rs_sr_code(rows, level, RS_SR_CONTAINS, rs_own_code(concept), value);
    return true;
}

void rs_sr_text(rs_sr_rows *rows, int level, rs_sr_relation relation, const rs_dicom_code *name, const char *text)
{
    if (!text || !*text) return;
    rs_sr_add(rows, level, relation, RS_SR_TEXT, name)->text = kept(rows, rs_ascii(rows->arena, text));
}

void rs_sr_say(rs_sr_rows *rows, int level, rs_sr_relation relation, const rs_dicom_code *name, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int n = rs_text_vformat(NULL, 0, format, arguments);
    char *text = n < 0 ? NULL : rs_arena_alloc(rows->arena, (size_t)n + 1, 1);
    if (text) (void)rs_text_vformat(text, (size_t)n + 1, format, again);
    va_end(again);
    va_end(arguments);
    rs_sr_text(rows, level, relation, name, kept(rows, text));
}

bool rs_sr_number(rs_sr_rows *rows, int level, rs_sr_relation relation, const rs_dicom_code *name, double value,
                  const rs_dicom_code *unit)
{
    char digits[32];
    if (!isfinite(value)) return false;
    rs_report_number(value, digits);
    rs_sr_item *item = rs_sr_add(rows, level, relation, RS_SR_NUM, name);
    item->text = kept(rows, rs_arena_text(rows->arena, digits));
    item->code = unit;
    return true;
}

void rs_sr_uid(rs_sr_rows *rows, int level, rs_sr_relation relation, const rs_dicom_code *name, const char *uid)
{
    if (uid && *uid) rs_sr_add(rows, level, relation, RS_SR_UIDREF, name)->text = uid;
}

void rs_sr_image(rs_sr_rows *rows, int level, rs_sr_relation relation, const rs_report_image *image)
{
    rs_sr_item *item = rs_sr_add(rows, level, relation, RS_SR_IMAGE, NULL);
    item->sop_class_uid = image->sop_class_uid;
    item->sop_instance_uid = image->sop_instance_uid;
    item->frame = image->frame + 1;
}

void rs_sr_polyline(rs_sr_rows *rows, int level, rs_sr_relation relation, const rs_dicom_code *name,
                    const double (*points)[2], int n_points, const rs_report_image *image)
{
    rs_sr_item *item = rs_sr_add(rows, level, relation, RS_SR_SCOORD, name);
    item->points = points;
    item->n_points = n_points;
    rs_sr_image(rows, level + 1, RS_SR_SELECTED_FROM, image);
}

void rs_sr_site(rs_sr_rows *rows, int level, const char *organ, const char *lobe, const char *side)
{
    const rs_dicom_code *site = NULL, *laterality = rs_side_code(side);
    if (!organ) return;
    rs_status status = rs_site_code(rows->ctx, organ, lobe, &site);
    if (status != RS_OK) {
        if (rows->status == RS_OK) rows->status = status;
        return;
    }
    rs_sr_code(rows, level, RS_SR_HAS_CONCEPT_MOD, rs_std_code(RS_STD_FINDING_SITE), site);
    if (laterality) rs_sr_code(rows, level + 1, RS_SR_HAS_CONCEPT_MOD, rs_std_code(RS_STD_LATERALITY), laterality);
}
