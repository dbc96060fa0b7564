/* marks[] of report.json. */
#include "print.h"

#include <math.h>

static void point(rs_json *array, const double lps_mm[3])
{
    rs_json_add(array, rs_print_numbers(lps_mm, 3));
}

static void ends(rs_json *object, const char *key, const double ends_lps_mm[2][3])
{
    if (!isfinite(ends_lps_mm[0][0])) {
        rs_json_set_null(object, key);
        return;
    }
    rs_json *array = rs_json_array();
    point(array, ends_lps_mm[0]);
    point(array, ends_lps_mm[1]);
    rs_json_set(object, key, array);
}

static rs_json *slice(const rs_report_slice *slice)
{
    rs_json *o = rs_json_object();
    bool whole = slice->number >= 0 && slice->sop_instance_uid;
    rs_print_count(o, "number", slice->number);
    rs_json_set_text(o, "reason", whole ? NULL : "the source does not number or name its images");
    rs_json_set_text(o, "sop_instance_uid", slice->sop_instance_uid);
    rs_json_set_integer(o, "frame", slice->frame);
    rs_json_set_integer(o, "k", slice->k);
    return o;
}

static rs_json *size(const rs_report_size *size)
{
    rs_json *o = rs_json_object();
    rs_json_set_text(o, "text", size->text);
    rs_print_number(o, "fit_mm", size->fit_mm);
    rs_print_number(o, "fit_low_mm", size->fit_low_mm);
    rs_print_number(o, "fit_high_mm", size->fit_high_mm);
    rs_json_set_text(o, "fit_reason", size->fit_reason);
    rs_print_number(o, "volume_mm3", size->volume_mm3);
    rs_print_number(o, "mask_volume_mm3", size->mask_volume_mm3);
    rs_print_number(o, "equivalent_mm", size->equivalent_mm);
    rs_json_set_text(o, "volume_reason", size->volume_reason);
    rs_print_number(o, "long_axis_mm", size->long_axis_mm);
    rs_print_number(o, "short_axis_mm", size->short_axis_mm);
    ends(o, "long_axis_ends_lps_mm", size->long_axis_ends_lps_mm);
    ends(o, "short_axis_ends_lps_mm", size->short_axis_ends_lps_mm);
    rs_json_set_text(o, "axes_source", size->axes_source);
    rs_json_set_text(o, "axes_reason", size->axes_reason);
    if (size->axes_slice.k >= 0)
        rs_json_set(o, "axes_slice", slice(&size->axes_slice));
    else
        rs_json_set_null(o, "axes_slice");
    rs_print_number(o, "low_mm", size->low_mm);
    rs_print_number(o, "high_mm", size->high_mm);
    rs_json_set_text(o, "source", size->source);
    rs_json_set_text(o, "interval_reason", size->interval_reason);
    rs_json_set_bool(o, "truncated", size->truncated);
    rs_json_set_text(o, "size_class", size->size_class);
    rs_json_set_text(o, "class_reason", size->class_reason);
    rs_json_set_bool(o, "flagged", size->flagged);
    return o;
}

static rs_json *bed(const rs_report_bed *bed)
{
    rs_json *o = rs_json_object();
    rs_json_set_text(o, "relation", bed->relation);
    rs_print_number(o, "distance_mm", bed->distance_mm);
    rs_json_set_text(o, "treatment", bed->treatment);
    rs_json_set_text(o, "reason", bed->reason);
    return o;
}

static rs_json *review(const rs_report_review *review)
{
    rs_json *o = rs_json_object();
    rs_json_set_text(o, "verdict", review->verdict);
    rs_json_set_text(o, "reader", review->reader);
    rs_json_set_text(o, "date", review->date);
    rs_json_set_text(o, "reason", review->reason);
    rs_json_set_text(o, "text", review->text);
    return o;
}

static void place(rs_json *o, const rs_report_mark *mark)
{
    rs_json_set_text(o, "organ", mark->organ);
    rs_json_set_text(o, "organ_reason", mark->organ_reason);
    rs_json_set_text(o, "side", mark->side);
    rs_json_set_text(o, "side_basis", mark->side_basis);
    rs_json_set_text(o, "side_reason", mark->side_reason);
    rs_json_set_text(o, "lobe", mark->lobe);
    rs_json_set_text(o, "lobe_basis", mark->lobe_basis);
    rs_json_set_text(o, "lobe_reason", mark->lobe_reason);
    rs_print_number(o, "depth_to_pleura_mm", mark->depth_to_pleura_mm);
    rs_json_set_text(o, "depth_basis", mark->depth_basis);
    rs_json_set_text(o, "depth_reason", mark->depth_reason);
}

static void pointed(rs_json *o, const rs_report_mark *mark)
{
    rs_json_set_bool(o, "pointed", mark->pointed);
    if (mark->pointed)
        rs_json_set(o, "pointed_at_lps_mm", rs_print_numbers(mark->pointed_at_lps_mm, 3));
    else
        rs_json_set_null(o, "pointed_at_lps_mm");
    rs_print_number(o, "pointed_distance_mm", mark->pointed_distance_mm);
    rs_json_set_text(o, "pointed_reason", mark->pointed_reason);
}

rs_json *rs_print_mark(const rs_report_mark *mark)
{
    rs_json *o = rs_json_object(), *reasons = rs_json_array();
    rs_json_set_text(o, "id", mark->id);
    rs_json_set_text(o, "tracking_uid", mark->tracking_uid);
    rs_json_set_integer(o, "rank", mark->rank);
    rs_print_number(o, "p", mark->p);
    rs_json_set_text(o, "p_text", mark->p_text);
    rs_json_set_text(o, "p_reason", mark->p_reason);
    rs_json_set_text(o, "origin", mark->origin);
    pointed(o, mark);
    rs_json_set_bool(o, "shown", mark->shown);
    rs_json_set(o, "position_lps_mm", rs_print_numbers(mark->position_lps_mm, 3));
    rs_json_set(o, "slice", slice(&mark->slice));
    rs_json_set_text(o, "series_instance_uid", mark->series_instance_uid);
    place(o, mark);
    rs_json_set_text(o, "attachment", mark->attachment);
    rs_json_set_text(o, "attachment_reason", mark->attachment_reason);
    rs_json_set_text(o, "density", mark->density);
    rs_print_number(o, "mean_hu", mark->mean_hu);
    rs_json_set_text(o, "mean_hu_reason", mark->mean_hu_reason);
    rs_json_set(o, "size", size(&mark->size));
    rs_json_set_text(o, "visibility_class", mark->visibility_class);
    rs_json_set_text(o, "visibility_reason", mark->visibility_reason);
    rs_json_set_text(o, "recist_text", mark->recist_text);
    rs_json_set(o, "bed", bed(&mark->bed));
    rs_json_set(o, "review", review(&mark->review));
    rs_json_set(o, "reasons", reasons);
    for (int r = 0; r < mark->n_reasons; r++)
        rs_json_add_text(reasons, mark->reasons[r]);
    return o;
}
