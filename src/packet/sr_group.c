/* The measurement groups of a mark, row by row in the order of the templates: outline and calipers with every number
   (TID 1410), and beside it the segment with the volumes (TID 1411). One group that held both would break TID 1411,
   and a group without an outline is not shown by viewers. */
#include "object_head.h"
#include "seg_frames.h"
#include "sr_rows.h"

#include <math.h>
#include <string.h>

#include "restage/text.h"

enum { GROUP = 2, ROW = 3, CHILD = 4 }; /* levels: the container of a group, its rows, what hangs on a row */

static const rs_dicom_code *std(rs_std code)
{
    return rs_std_code(code);
}

/* TID 4019 */
static void algorithm(rs_sr_rows *rows)
{
    const rs_report *report = rows->report;
    rs_sr_text(rows, ROW, RS_SR_HAS_CONCEPT_MOD, std(RS_STD_ALGORITHM_NAME), RS_MODEL);
    rs_sr_text(rows, ROW, RS_SR_HAS_CONCEPT_MOD, std(RS_STD_ALGORITHM_VERSION), report->software.version);
    const rs_report_point *point = &report->operating_point;
    if (point->name && point->p_text)
        rs_sr_say(rows, ROW, RS_SR_HAS_CONCEPT_MOD, std(RS_STD_ALGORITHM_PARAMETERS),
                  "operating point %s, P from %s; parameters %s", point->name, point->p_text,
                  report->parameters_digest ? report->parameters_digest : "");
}

static void tracking(rs_sr_rows *rows, const rs_report_mark *mark, const char *tag)
{
    rs_sr_say(rows, ROW, RS_SR_HAS_OBS_CONTEXT, std(RS_STD_TRACKING_IDENTIFIER), "%s%s", tag, mark->id);
    rs_sr_uid(rows, ROW, RS_SR_HAS_OBS_CONTEXT, std(RS_STD_TRACKING_UID), mark->tracking_uid);
    rs_sr_code(rows, ROW, RS_SR_CONTAINS, std(RS_STD_FINDING), std(RS_STD_LESION));
    algorithm(rows);
}

static void outline(rs_sr_rows *rows, const rs_report_mark *mark, const rs_report_image *image)
{
    const double(*points)[2] = NULL;
    int n = 0;
    rs_status status = rs_mark_outline(rows->ctx, rows->report, mark, image, rows->arena, &points, &n);
    if (status != RS_OK && rows->status == RS_OK) rows->status = status;
    rs_sr_polyline(rows, ROW, RS_SR_CONTAINS, std(RS_STD_IMAGE_REGION), points, n, image);
}

static void axis(rs_sr_rows *rows, rs_std name, double value_mm, const double ends_lps_mm[2][3],
                 const rs_report_image *image)
{
    if (!rs_sr_number(rows, ROW, RS_SR_CONTAINS, std(name), value_mm, std(RS_STD_MILLIMETER))) return;
    double(*points)[2] = rs_arena_alloc(rows->arena, 2, sizeof *points);
    if (!points) {
        if (rows->status == RS_OK) rows->status = rs_fail_memory(rows->ctx, "report.sr.dcm");
        return;
    }
    for (int e = 0; e < 2; e++)
        rs_image_point(&rows->report->filing, image, ends_lps_mm[e], points[e]);
    rs_sr_polyline(rows, CHILD, RS_SR_INFERRED_FROM, NULL, (const double(*)[2])points, 2, image);
}

static void method(rs_sr_rows *rows, rs_own code)
{
    rs_sr_code(rows, CHILD, RS_SR_HAS_CONCEPT_MOD, std(RS_STD_MEASUREMENT_METHOD), rs_own_code(code));
}

/* TID 310, row 5: how far the interval reaches beyond the value; both are printed with one decimal. */
static void uncertainty(rs_sr_rows *rows, double value_mm, double low_mm, double high_mm)
{
    if (rows->plain) return;
    rs_sr_number(rows, CHILD, RS_SR_HAS_PROPERTIES, std(RS_STD_UPPER_UNCERTAINTY),
                 rs_round_decimals(high_mm - value_mm, 1), std(RS_STD_MILLIMETER));
    rs_sr_number(rows, CHILD, RS_SR_HAS_PROPERTIES, std(RS_STD_LOWER_UNCERTAINTY),
                 rs_round_decimals(value_mm - low_mm, 1), std(RS_STD_MILLIMETER));
}

static void diameter(rs_sr_rows *rows, const rs_report_size *size)
{
    const rs_dicom_code *name = std(RS_STD_DIAMETER), *mm = std(RS_STD_MILLIMETER);
    if (rs_sr_number(rows, ROW, RS_SR_CONTAINS, name, size->fit_mm, mm)) {
        method(rows, RS_OWN_FIT_SPHERE_PSF);
        uncertainty(rows, size->fit_mm, size->fit_low_mm, size->fit_high_mm);
    } else if (rs_sr_number(rows, ROW, RS_SR_CONTAINS, name, size->equivalent_mm, mm)) {
        method(rows, RS_OWN_EQUIV_SPHERE);
        uncertainty(rows, size->equivalent_mm, size->low_mm, size->high_mm);
    }
}

static void probability(rs_sr_rows *rows, const rs_report_mark *mark)
{
    double shown;
    if (!rs_sr_number(rows, ROW, RS_SR_CONTAINS, rs_own_code(RS_OWN_P_FOCAL), mark->p, std(RS_STD_NO_UNITS))) return;
    /* Two decimals as people read them; where these would be a bound ("> 0.99"), the number itself. */
    if (mark->p_text && rs_text_real(mark->p_text, &shown))
        ((rs_sr_item *)rows->items)[rows->n - 1].text = mark->p_text;
}

static void depth(rs_sr_rows *rows, const rs_report_mark *mark)
{
    const rs_dicom_code *code = NULL;
    if (!rs_sr_number(rows, ROW, RS_SR_CONTAINS, rs_own_code(RS_OWN_DEPTH_PLEURA), mark->depth_to_pleura_mm,
                      std(RS_STD_MILLIMETER)))
        return;
    if (!mark->depth_basis) return;
    rs_status status = rs_own_value(rows->ctx, RS_OWN_DEPTH_BASIS, mark->depth_basis, &code);
    if (status != RS_OK && rows->status == RS_OK) rows->status = status;
    if (code) rs_sr_code(rows, CHILD, RS_SR_HAS_CONCEPT_MOD, std(RS_STD_MEASUREMENT_METHOD), code);
}

static void volumes(rs_sr_rows *rows, const rs_report_size *size)
{
    const rs_dicom_code *mm3 = std(RS_STD_CUBIC_MILLIMETER);
    rs_sr_number(rows, ROW, RS_SR_CONTAINS, std(RS_STD_VOLUME), size->volume_mm3, mm3);
    rs_sr_number(rows, ROW, RS_SR_CONTAINS, rs_own_code(RS_OWN_MASK_VOLUME), size->mask_volume_mm3, mm3);
}

static void numbers(rs_sr_rows *rows, const rs_report_mark *mark, const rs_report_image *image)
{
    const rs_report_size *size = &mark->size;
    axis(rows, RS_STD_LONG_AXIS, size->long_axis_mm, size->long_axis_ends_lps_mm, image);
    axis(rows, RS_STD_SHORT_AXIS, size->short_axis_mm, size->short_axis_ends_lps_mm, image);
    diameter(rows, size);
    probability(rows, mark);
    rs_sr_number(rows, ROW, RS_SR_CONTAINS, std(RS_STD_MEAN_ATTENUATION), mark->mean_hu, std(RS_STD_HOUNSFIELD));
    depth(rows, mark);
    rs_sr_number(rows, ROW, RS_SR_CONTAINS, rs_own_code(RS_OWN_BED_DISTANCE), mark->bed.distance_mm,
                 std(RS_STD_MILLIMETER));
}

static void review(rs_sr_rows *rows, const rs_report_review *review)
{
    char date[16];
    int n = 0;
    if (!rs_sr_word(rows, ROW, RS_OWN_REVIEW, review->verdict)) return;
    rs_sr_text(rows, CHILD, RS_SR_HAS_PROPERTIES, rs_own_code(RS_OWN_READER), review->reader);
    for (const char *c = review->date; c && *c && n < 9; c++)
        if (*c != '-') date[n++] = *c;
    date[n] = 0;
    if (n != 8) return; /* DA: YYYYMMDD */
    rs_sr_add(rows, CHILD, RS_SR_HAS_PROPERTIES, RS_SR_DATE, rs_own_code(RS_OWN_REVIEW_DATE))->text =
        rs_arena_text(rows->arena, date);
}

static void words(rs_sr_rows *rows, const rs_report_mark *mark)
{
    rs_sr_word(rows, ROW, RS_OWN_SIZE_CLASS, mark->size.size_class);
    if (mark->size.truncated) rs_sr_word(rows, ROW, RS_OWN_SIZE_BOUND, "truncated");
    rs_sr_word(rows, ROW, RS_OWN_VISIBILITY, mark->visibility_class);
    rs_sr_word(rows, ROW, RS_OWN_ATTACHMENT, mark->attachment);
    rs_sr_word(rows, ROW, RS_OWN_DENSITY, mark->density);
    rs_sr_word(rows, ROW, RS_OWN_LOBE_BASIS, mark->lobe_basis);
    rs_sr_word(rows, ROW, RS_OWN_DEPTH_BASIS, mark->depth_basis);
    if (rs_sr_word(rows, ROW, RS_OWN_BED_RELATION, mark->bed.relation))
        rs_sr_text(rows, CHILD, RS_SR_HAS_PROPERTIES, rs_own_code(RS_OWN_REASON), mark->bed.reason);
    review(rows, &mark->review);
}

/* The line that viewers put beside the calipers: "M01 4.1 mm (3.6 to 4.7), near 5 mm". */
static void label(rs_sr_rows *rows, const rs_report_mark *mark)
{
    const rs_dicom_code *size_class = NULL;
    if (mark->size.size_class &&
        rs_own_value(rows->ctx, RS_OWN_SIZE_CLASS, mark->size.size_class, &size_class) != RS_OK)
        return; /* its row has said so */
    rs_sr_say(rows, ROW, RS_SR_CONTAINS, std(RS_STD_COMMENT), "%s %s%s%s%s%s", mark->id, mark->size.text,
              size_class ? ", " : "", size_class ? size_class->meaning : "", mark->review.text ? "; " : "",
              mark->review.text ? mark->review.text : "");
}

/* Why what is null is null. */
static void reasons(rs_sr_rows *rows, const rs_report_mark *mark)
{
    const rs_report_size *size = &mark->size;
    const struct {
        const char *what, *why;
    } of[] = {
        {"axes", size->axes_reason},
        {"fitted diameter", size->fit_reason},
        {"interval", size->interval_reason},
        {"volume", size->volume_reason},
        {"size class", size->class_reason},
        {"P", mark->p_reason},
        {"mean HU", mark->mean_hu_reason},
        {"organ", mark->organ_reason},
        {"side", mark->side_reason},
        {"lobe", mark->lobe_reason},
        {"depth", mark->depth_reason},
        {"attachment", mark->attachment_reason},
        {"visibility", mark->visibility_reason},
    };
    for (size_t r = 0; r < sizeof of / sizeof of[0]; r++) {
        if (of[r].why)
            rs_sr_say(rows, ROW, RS_SR_CONTAINS, rs_own_code(RS_OWN_REASON), "%s: %s", of[r].what, of[r].why);
    }
    if (!rs_seg_has_mask(rows->report, mark))
        rs_sr_text(rows, ROW, RS_SR_CONTAINS, rs_own_code(RS_OWN_REASON),
                   "outline: there is no mask; it is drawn around the pixel at the centre of the mark");
}

static void texts(rs_sr_rows *rows, const rs_report_mark *mark)
{
    const double *at = mark->position_lps_mm;
    label(rows, mark);
    rs_sr_say(rows, ROW, RS_SR_CONTAINS, rs_own_code(RS_OWN_POSITION), "%.2f\\%.2f\\%.2f", at[0], at[1], at[2]);
    if (mark->slice.number >= 0)
        rs_sr_say(rows, ROW, RS_SR_CONTAINS, rs_own_code(RS_OWN_SLICE), "%lld", (long long)mark->slice.number);
    for (int r = 0; r < mark->n_reasons; r++)
        rs_sr_text(rows, ROW, RS_SR_CONTAINS, rs_own_code(RS_OWN_MARK_REASON), mark->reasons[r]);
    rs_sr_text(rows, ROW, RS_SR_CONTAINS, rs_own_code(RS_OWN_RECIST), mark->recist_text);
    reasons(rows, mark);
}

static void planar_group(rs_sr_rows *rows, const rs_report_mark *mark, bool has_segment)
{
    const rs_report_image *image = rs_mark_image(rows->report, mark);
    /* The viewer's tool needs calipers below the first number. */
    bool calipers = isfinite(mark->size.long_axis_mm) && isfinite(mark->size.short_axis_mm);
    rs_sr_container(rows, GROUP, std(RS_STD_MEASUREMENT_GROUP), "1410");
    tracking(rows, mark, calipers ? rows->tag : "");
    outline(rows, mark, image);
    rs_sr_site(rows, ROW, mark->organ, mark->lobe, mark->side);
    numbers(rows, mark, image);
    if (!has_segment) volumes(rows, &mark->size);
    words(rows, mark);
    texts(rows, mark);
}

static void segment_group(rs_sr_rows *rows, const rs_report_mark *mark)
{
    rs_sr_container(rows, GROUP, std(RS_STD_MEASUREMENT_GROUP), "1411");
    tracking(rows, mark, "");
    rs_sr_item *item = rs_sr_add(rows, ROW, RS_SR_CONTAINS, RS_SR_IMAGE, std(RS_STD_REFERENCED_SEGMENT));
    item->sop_class_uid = rs_object_sop_class(RS_OBJECT_SEG);
    item->sop_instance_uid = rows->report->filing.seg_uid;
    item->segment = mark->rank;
    rs_sr_uid(rows, ROW, RS_SR_CONTAINS, std(RS_STD_SOURCE_SERIES), rows->report->filing.series_instance_uid);
    rs_sr_site(rows, ROW, mark->organ, mark->lobe, mark->side);
    volumes(rows, &mark->size);
}

void rs_sr_mark(rs_sr_rows *rows, const rs_report_mark *mark)
{
    bool has_segment = rows->has_seg && rs_seg_has_mask(rows->report, mark);
    planar_group(rows, mark, has_segment);
    if (has_segment) segment_group(rows, mark);
}
