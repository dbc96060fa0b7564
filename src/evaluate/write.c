/* The folder of an evaluation: evaluation.json, findings.csv, evaluation.html. */
#include "html.h"

#include <math.h>

#include "restage/files.h"
#include "restage/json.h"
#include "restage/text.h"

static const char *const heading =
    "seriesuid,coordX,coordY,coordZ,diameter_mm,relevant,id,kind,volume_mm3,attachment,density,side,shape,"
    "luna16_hits,luna16_mark,luna16_probability,luna16_distance_mm,luna16_shown,"
    "reach_hits,reach_mark,reach_probability,reach_distance_mm,reach_shown,"
    "fit_mm,fit_low_mm,fit_high_mm,low_mm,high_mm,mark_volume_mm3,size_class\n";

static void real(rs_csv_row *row, double value, int decimals)
{
    char digits[352]; /* the largest double has 309 before its point */
    rs_text_format(digits, sizeof digits, "%.*f", decimals, rs_round_decimals(value, decimals));
    rs_csv_digits(row, isfinite(value) ? digits : "");
}

static double distance_mm(const double a[3], const double b[3])
{
    double square = 0;
    for (int d = 0; d < 3; d++)
        square += (a[d] - b[d]) * (a[d] - b[d]);
    return sqrt(square);
}

/* The best mark on the finding by one rule; NULL: none. */
static const rs_scored_mark *add_hit(rs_csv_row *row, const rs_ledger *ledger, const rs_match *match, int finding)
{
    const rs_scored_mark *mark = rs_match_best(ledger, match, finding);
    char number[24];
    rs_csv_whole(row, match->begin[finding + 1] - match->begin[finding]);
    if (mark == NULL) {
        for (int c = 0; c < 4; c++)
            rs_csv_digits(row, "");
        return NULL;
    }
    rs_text_format(number, sizeof number, "row %lld", (long long)mark->row + 1);
    rs_csv_text(row, mark->id != NULL ? mark->id : number);
    real(row, mark->p, 6);
    real(row, distance_mm(mark->lps_mm, ledger->findings[finding].lps_mm), 3);
    rs_csv_whole(row, mark->shown);
    return mark;
}

static void add_sizes(rs_csv_row *row, const rs_scored_mark *mark)
{
    const double none = (double)NAN;
    real(row, mark != NULL ? mark->fit_mm : none, 2);
    real(row, mark != NULL ? mark->fit_low_mm : none, 2);
    real(row, mark != NULL ? mark->fit_high_mm : none, 2);
    real(row, mark != NULL ? mark->low_mm : none, 2);
    real(row, mark != NULL ? mark->high_mm : none, 2);
    real(row, mark != NULL ? mark->volume_mm3 : none, 2);
    rs_csv_text(row, mark != NULL ? mark->size_class : NULL);
}

static void add_finding(rs_buffer *out, const rs_evaluation_kept *kept, int finding)
{
    const rs_finding *f = &kept->ledger.findings[finding];
    const rs_ledger_scan *scan = &kept->ledger.scans[f->scan];
    rs_csv_row row = {.to = out};
    rs_csv_text(&row, scan->uid);
    for (int d = 0; d < 3; d++)
        real(&row, f->lps_mm[d], 3);
    real(&row, f->diameter_mm, 3);
    rs_csv_whole(&row, f->relevant);
    rs_csv_text(&row, f->id);
    rs_csv_text(&row, scan->kind);
    real(&row, f->volume_mm3, 3);
    rs_csv_text(&row, f->attachment);
    rs_csv_text(&row, f->density);
    rs_csv_text(&row, f->side);
    rs_csv_text(&row, f->shape);
    (void)add_hit(&row, &kept->ledger, &kept->match[0], finding);
    add_sizes(&row, add_hit(&row, &kept->ledger, &kept->match[1], finding));
    rs_csv_end(&row);
}

static rs_status write_findings(rs_context *ctx, const rs_evaluation_kept *kept, rs_folder *folder)
{
    rs_buffer out = {0};
    rs_buffer_text(&out, heading);
    for (int f = 0; f < kept->ledger.n_findings; f++)
        if (kept->ledger.scans[kept->ledger.findings[f].scan].listed) add_finding(&out, kept, f);
    rs_status status = out.failed ? rs_fail_memory(ctx, "findings.csv")
                                  : rs_folder_write(ctx, folder, "findings.csv", out.data, out.bytes);
    rs_buffer_free(&out);
    return status;
}

static rs_status write_page(rs_context *ctx, const rs_evaluation *evaluation, rs_folder *folder)
{
    rs_buffer out = {0};
    rs_status status = rs_evaluation_page(ctx, evaluation, &out);
    if (status == RS_OK) status = rs_folder_write(ctx, folder, "evaluation.html", out.data, out.bytes);
    rs_buffer_free(&out);
    return status;
}

static rs_status write_json(rs_context *ctx, const rs_evaluation *evaluation, rs_folder *folder)
{
    char *text;
    size_t bytes;
    RS_TRY(rs_evaluation_json(ctx, evaluation, &text, &bytes));
    rs_status status = rs_folder_write(ctx, folder, "evaluation.json", text, bytes);
    rs_json_text_free(text);
    return status;
}

rs_status rs_evaluation_write(rs_context *ctx, const rs_evaluation *evaluation, const char *out, bool force)
{
    rs_folder *folder;
    RS_TRY(rs_folder_begin(ctx, out, force ? "evaluation.json" : NULL, &folder));
    rs_status status = write_findings(ctx, (const rs_evaluation_kept *)evaluation, folder);
    if (status == RS_OK) status = write_page(ctx, evaluation, folder);
    if (status == RS_OK) status = write_json(ctx, evaluation, folder);
    if (status == RS_OK) return rs_folder_commit(ctx, folder);
    rs_folder_abandon(ctx, folder);
    return status;
}
