/* The list of --scans: one SeriesInstanceUID a line, with or without a heading, further columns passed over. */
#include "room.h"

#include <strings.h>

static rs_status list(rs_context *ctx, rs_ledger *ledger, const char *uid)
{
    int scan;
    RS_TRY(rs_ledger_scan_of(ctx, ledger, uid, &scan));
    ledger->scans[scan].listed = true;
    return RS_OK;
}

/* The heading by LUNA16, by DICOM's keyword, or as data frames have it; -1: the first line is a scan. */
static int column_of(const rs_csv *csv)
{
    static const char *const names[] = {"seriesuid", "SeriesInstanceUID", "series_instance_uid", "series_uid"};
    int column = -1;
    for (size_t n = 0; n < sizeof names / sizeof names[0] && column < 0; n++)
        column = rs_csv_column(csv, names[n]);
    return column;
}

rs_status rs_scans_read(rs_context *ctx, const char *path, rs_ledger *ledger)
{
    rs_csv *csv;
    int64_t n = 0;
    RS_TRY(rs_csv_open(ctx, path, ledger->arena, &csv));
    for (int s = 0; s < ledger->n_scans; s++)
        ledger->scans[s].listed = false;
    int column = column_of(csv);
    const char *first = rs_csv_heading(csv, 0);
    if (first != NULL && *first == '\0') first = NULL;
    if (column < 0) {
        column = 0;
        /* A stem of a file has letters in it and looks like a heading. */
        if (first != NULL) RS_TRY(list(ctx, ledger, first));
        n += first != NULL;
    }
    for (; rs_csv_next(csv); n++) {
        const char *uid = rs_csv_cell(csv, column);
        if (*uid == '\0') return rs_csv_fail(ctx, csv, column, "names no series");
        RS_TRY(list(ctx, ledger, uid));
    }
    return n > 0 ? RS_OK : rs_fail(ctx, RS_DATA, "%s lists no scan", rs_base_name(path));
}
