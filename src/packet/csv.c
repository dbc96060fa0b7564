/* lesions.csv and candidates.csv: LUNA16 columns first, coordinates in LPS mm (contract 3). */
#include "print.h"

static void number(rs_csv_row *l, double value)
{
    char digits[32];
    rs_report_number(value, digits);
    rs_csv_digits(l, digits);
}

/* Never negative: empty where it is. */
static void whole(rs_csv_row *l, int64_t value)
{
    if (value >= 0)
        rs_csv_whole(l, value);
    else
        rs_csv_digits(l, "");
}

static void numbers(rs_csv_row *l, const double *values, int n)
{
    for (int i = 0; i < n; i++)
        number(l, values[i]);
}

static rs_status finish(rs_context *ctx, rs_buffer *buffer, rs_folder *folder, const char *file_name)
{
    rs_status status = buffer->failed ? rs_fail_memory(ctx, file_name)
                                      : rs_folder_write(ctx, folder, file_name, buffer->data, buffer->bytes);
    rs_buffer_free(buffer);
    return status;
}

static const char *const lesion_head =
    "seriesuid,coordX,coordY,coordZ,probability,id,rank,tracking_uid,slice_number,sop_instance_uid,frame,k,organ,side,"
    "side_basis,lobe,lobe_basis,depth_to_pleura_mm,depth_basis,attachment,density,mean_hu,fit_mm,fit_low_mm,fit_high_"
    "mm,"
    "fit_reason,volume_mm3,mask_volume_mm3,equivalent_mm,volume_reason,long_axis_mm,short_axis_mm,long_axis_x1_mm,"
    "long_axis_y1_mm,long_axis_z1_mm,long_axis_x2_mm,long_axis_y2_mm,long_axis_z2_mm,short_axis_x1_mm,short_axis_y1_mm,"
    "short_axis_z1_mm,short_axis_x2_mm,short_axis_y2_mm,short_axis_z2_mm,axes_source,axes_reason,low_mm,high_mm,source,"
    "truncated,size_class,class_reason,flagged,size_text,visibility_class,bed_relation,bed_distance_mm,bed_"
    "treatment,review_verdict,review_reader,review_date,recist_text,origin,pointed\n";

static void lesion_size(rs_csv_row *l, const rs_report_size *size)
{
    number(l, size->fit_mm);
    number(l, size->fit_low_mm);
    number(l, size->fit_high_mm);
    rs_csv_text(l, size->fit_reason);
    number(l, size->volume_mm3);
    number(l, size->mask_volume_mm3);
    number(l, size->equivalent_mm);
    rs_csv_text(l, size->volume_reason);
    number(l, size->long_axis_mm);
    number(l, size->short_axis_mm);
    for (int e = 0; e < 2; e++)
        numbers(l, size->long_axis_ends_lps_mm[e], 3);
    for (int e = 0; e < 2; e++)
        numbers(l, size->short_axis_ends_lps_mm[e], 3);
    rs_csv_text(l, size->axes_source);
    rs_csv_text(l, size->axes_reason);
    number(l, size->low_mm);
    number(l, size->high_mm);
    rs_csv_text(l, size->source);
    rs_csv_text(l, size->truncated ? "true" : "false");
    rs_csv_text(l, size->size_class);
    rs_csv_text(l, size->class_reason);
    rs_csv_text(l, size->flagged ? "true" : "false");
    rs_csv_text(l, size->text);
}

static void lesion_line(rs_csv_row *l, const rs_report_mark *mark)
{
    rs_csv_text(l, mark->series_instance_uid);
    numbers(l, mark->position_lps_mm, 3);
    number(l, mark->p);
    rs_csv_text(l, mark->id);
    whole(l, mark->rank);
    rs_csv_text(l, mark->tracking_uid);
    whole(l, mark->slice.number);
    rs_csv_text(l, mark->slice.sop_instance_uid);
    whole(l, mark->slice.frame);
    whole(l, mark->slice.k);
    rs_csv_text(l, mark->organ);
    rs_csv_text(l, mark->side);
    rs_csv_text(l, mark->side_basis);
    rs_csv_text(l, mark->lobe);
    rs_csv_text(l, mark->lobe_basis);
    number(l, mark->depth_to_pleura_mm);
    rs_csv_text(l, mark->depth_basis);
    rs_csv_text(l, mark->attachment);
    rs_csv_text(l, mark->density);
    number(l, mark->mean_hu);
    lesion_size(l, &mark->size);
    rs_csv_text(l, mark->visibility_class);
    rs_csv_text(l, mark->bed.relation);
    number(l, mark->bed.distance_mm);
    rs_csv_text(l, mark->bed.treatment);
    rs_csv_text(l, mark->review.verdict);
    rs_csv_text(l, mark->review.reader);
    rs_csv_text(l, mark->review.date);
    rs_csv_text(l, mark->recist_text);
    rs_csv_text(l, mark->origin);
    rs_csv_text(l, mark->pointed ? "true" : "false");
    rs_csv_end(l);
}

rs_status rs_write_lesions_csv(rs_context *ctx, const rs_report *report, const rs_sources *sources, rs_folder *folder,
                               const char *file_name)
{
    (void)sources;
    rs_buffer buffer = {0};
    rs_csv_row l = {.to = &buffer};
    rs_buffer_text(&buffer, lesion_head);
    for (int m = 0; m < report->n_marks; m++)
        lesion_line(&l, &report->marks[m]);
    return finish(ctx, &buffer, folder, file_name);
}

rs_status rs_write_candidates_csv(rs_context *ctx, const rs_report *report, const rs_sources *sources,
                                  rs_folder *folder, const char *file_name)
{
    (void)sources;
    rs_buffer buffer = {0};
    rs_csv_row l = {.to = &buffer, .begun = true};
    rs_buffer_text(&buffer,
                   "seriesuid,coordX,coordY,coordZ,probability,rank,radius_mm,scale_mm,score,region,side,mark");
    for (int f = 0; f < report->n_features; f++)
        rs_csv_text(&l, report->feature_names[f]);
    rs_csv_end(&l);
    for (int c = 0; c < report->n_candidates; c++) {
        const rs_report_candidate *row = &report->candidates[c];
        rs_csv_text(&l, row->series_instance_uid);
        numbers(&l, row->lps_mm, 3);
        number(&l, row->p);
        whole(&l, row->rank);
        number(&l, row->radius_mm);
        number(&l, row->scale_mm);
        number(&l, row->score);
        rs_csv_text(&l, row->region);
        rs_csv_text(&l, row->side);
        rs_csv_text(&l, row->mark);
        numbers(&l, row->features, report->n_features);
        rs_csv_end(&l);
    }
    return finish(ctx, &buffer, folder, file_name);
}
