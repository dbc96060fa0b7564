/* Truth as LUNA16 writes it (Setio 2017): seriesuid, coordX, coordY, coordZ, diameter_mm in LPS mm. Columns of ours are
   read where they stand. */
#include "room.h"

#include <math.h>
#include <string.h>

typedef struct truth_columns {
    int uid, at[3], diameter, volume, id, attachment, density, side, shape, kind, patient, thickness;
} truth_columns;

static bool knows(const char *path, const uint8_t *head, size_t n)
{
    size_t length = strlen(path);
    bool named = (length > 4 && strcmp(path + length - 4, ".csv") == 0) ||
                 (length > 4 && strcmp(path + length - 4, ".tsv") == 0) ||
                 (length > 7 && strcmp(path + length - 7, ".csv.gz") == 0) ||
                 (length > 7 && strcmp(path + length - 7, ".tsv.gz") == 0);
    if (named) return true;
    size_t mark = n >= 3 && memcmp(head, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    return n >= mark + 9 && memcmp(head + mark, "seriesuid", 9) == 0;
}

static rs_status find_columns(rs_context *ctx, const rs_csv *csv, truth_columns *out)
{
    out->uid = rs_csv_column(csv, "seriesuid");
    out->at[0] = rs_csv_column(csv, "coordX");
    out->at[1] = rs_csv_column(csv, "coordY");
    out->at[2] = rs_csv_column(csv, "coordZ");
    out->diameter = rs_csv_column(csv, "diameter_mm");
    out->volume = rs_csv_column(csv, "volume_mm3");
    out->id = rs_csv_column(csv, "id");
    out->attachment = rs_csv_column(csv, "attachment");
    out->density = rs_csv_column(csv, "density");
    out->side = rs_csv_column(csv, "side");
    out->shape = rs_csv_column(csv, "shape");
    out->kind = rs_csv_column(csv, "kind");
    out->patient = rs_csv_column(csv, "patient");
    out->thickness = rs_csv_column(csv, "thickness_mm");
    static const char *const needed[] = {"seriesuid", "coordX", "coordY", "coordZ", "diameter_mm"};
    return rs_csv_check_heading(ctx, csv, needed, 5);
}

static void take_scan(const rs_csv *csv, const truth_columns *column, bool relevant, rs_ledger_scan *scan)
{
    const char *kind = rs_csv_said(csv, column->kind), *patient = rs_csv_said(csv, column->patient);
    scan->has_truth |= relevant;
    if (kind != NULL) scan->kind = kind;
    if (patient != NULL) scan->patient = patient;
    (void)rs_csv_number(csv, column->thickness, &scan->thickness_mm);
}

/* An empty cell is a finding that nobody measured; any other text that is no number is refused. */
static rs_status take_sizes(rs_context *ctx, const rs_csv *csv, const truth_columns *column, rs_finding *finding)
{
    if (rs_csv_said(csv, column->diameter) != NULL)
        RS_TRY(rs_csv_need_mm(ctx, csv, column->diameter, &finding->diameter_mm));
    if (rs_csv_said(csv, column->volume) != NULL) RS_TRY(rs_csv_need(ctx, csv, column->volume, &finding->volume_mm3));
    return RS_OK;
}

static rs_status take_row(rs_context *ctx, const rs_csv *csv, const truth_columns *column, bool relevant,
                          rs_ledger *ledger)
{
    rs_finding finding = rs_finding_empty();
    finding.relevant = relevant;
    RS_TRY(rs_csv_check_row(ctx, csv));
    if (rs_csv_said(csv, column->uid) == NULL) return rs_csv_fail(ctx, csv, column->uid, "names no series");
    for (int a = 0; a < 3; a++)
        RS_TRY(rs_csv_need_mm(ctx, csv, column->at[a], &finding.lps_mm[a]));
    RS_TRY(take_sizes(ctx, csv, column, &finding));
    RS_TRY(rs_ledger_scan_of(ctx, ledger, rs_csv_cell(csv, column->uid), &finding.scan));
    take_scan(csv, column, relevant, &ledger->scans[finding.scan]);
    finding.id = rs_csv_said(csv, column->id);
    finding.attachment = rs_csv_said(csv, column->attachment);
    finding.density = rs_csv_said(csv, column->density);
    finding.side = rs_csv_said(csv, column->side);
    finding.shape = rs_csv_said(csv, column->shape);
    return rs_ledger_add_finding(ctx, ledger, &finding);
}

static rs_status read_csv(rs_context *ctx, const rs_truth_args *args, rs_ledger *ledger)
{
    rs_csv *csv;
    truth_columns column;
    RS_TRY(rs_csv_open(ctx, args->path, ledger->arena, &csv));
    RS_TRY(find_columns(ctx, csv, &column));
    while (rs_csv_next(csv))
        RS_TRY(take_row(ctx, csv, &column, args->relevant, ledger));
    return RS_OK;
}

const rs_truth_reader rs_truth_luna16_csv = {"LUNA16 CSV", true, knows, read_csv};
