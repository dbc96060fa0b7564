/* Marks of a detector: a table with LUNA16's columns, ours read where they stand; or a packet, whose candidates.csv is
   that table and whose report.json knows what was searched, who was looked at, and how large the marks are. */
#include "room.h"

#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "restage/files.h"
#include "restage/json.h"

#define REPORT_MAX ((size_t)256 << 20)
enum { N_REALS = 7 };

/* Where a number of a mark stands: under the same name in the table and in `size` of report.json. */
typedef struct real_field {
    const char *name;
    size_t offset;
} real_field;

// clang-format off
static const real_field reals[N_REALS] = {
    {"fit_mm",       offsetof(rs_scored_mark, fit_mm)},
    {"fit_low_mm",   offsetof(rs_scored_mark, fit_low_mm)},
    {"fit_high_mm",  offsetof(rs_scored_mark, fit_high_mm)},
    {"low_mm",       offsetof(rs_scored_mark, low_mm)},
    {"high_mm",      offsetof(rs_scored_mark, high_mm)},
    {"volume_mm3",   offsetof(rs_scored_mark, volume_mm3)},
    {"long_axis_mm", offsetof(rs_scored_mark, long_axis_mm)},
};
// clang-format on

static double *real_of(rs_scored_mark *mark, int field)
{
    return (double *)(void *)((char *)mark + reals[field].offset);
}

/* ---- the table ---- */

typedef struct marks_table {
    rs_csv *csv;
    int uid, at[3], p, id, mark, real[N_REALS], size_class, attachment, side;
    double point;
    int report_scan;         /* of the packet; -1: no packet */
    const rs_json **entries; /* its marks */
    int n_entries;
} marks_table;

static rs_status find_columns(rs_context *ctx, marks_table *t)
{
    t->uid = rs_csv_column(t->csv, "seriesuid");
    t->at[0] = rs_csv_column(t->csv, "coordX");
    t->at[1] = rs_csv_column(t->csv, "coordY");
    t->at[2] = rs_csv_column(t->csv, "coordZ");
    t->p = rs_csv_column(t->csv, "probability");
    t->id = rs_csv_column(t->csv, "id");
    t->mark = rs_csv_column(t->csv, "mark");
    for (int f = 0; f < N_REALS; f++)
        t->real[f] = rs_csv_column(t->csv, reals[f].name);
    t->size_class = rs_csv_column(t->csv, "size_class");
    t->attachment = rs_csv_column(t->csv, "attachment");
    t->side = rs_csv_column(t->csv, "side");
    static const char *const needed[] = {"seriesuid", "coordX", "coordY", "coordZ", "probability"};
    return rs_csv_check_heading(ctx, t->csv, needed, 5);
}

static rs_status take_sizes(rs_context *ctx, const marks_table *t, rs_scored_mark *mark)
{
    for (int f = 0; f < N_REALS; f++) {
        if (rs_csv_said(t->csv, t->real[f]) == NULL) continue;
        RS_TRY(rs_csv_need(ctx, t->csv, t->real[f], real_of(mark, f)));
        mark->measured = true;
    }
    mark->size_class = rs_csv_said(t->csv, t->size_class);
    mark->attachment = rs_csv_said(t->csv, t->attachment);
    mark->side = rs_csv_said(t->csv, t->side);
    return RS_OK;
}

/* A mark's entry in report.json. */
static const rs_json *entry_of(const marks_table *t, const char *id)
{
    for (int m = 0; id != NULL && m < t->n_entries; m++) {
        const char *its_id = rs_json_text(rs_json_get(t->entries[m], "id"));
        if (its_id != NULL && strcmp(its_id, id) == 0) return t->entries[m];
    }
    return NULL;
}

/* Texts go to the arena: the tree is freed. */
static void take_entry(const rs_json *entry, rs_arena *arena, rs_scored_mark *mark)
{
    const rs_json *size = rs_json_get(entry, "size");
    for (int f = 0; f < N_REALS; f++)
        mark->measured |= rs_json_real(rs_json_get(size, reals[f].name), real_of(mark, f));
    mark->size_class = rs_arena_text(arena, rs_json_text(rs_json_get(size, "size_class")));
    mark->attachment = rs_arena_text(arena, rs_json_text(rs_json_get(entry, "attachment")));
    mark->side = rs_arena_text(arena, rs_json_text(rs_json_get(entry, "side")));
}

static void decide_shown(const marks_table *t, const rs_json *entry, rs_scored_mark *mark)
{
    bool says = t->mark >= 0; /* a column of candidates.csv: the mark that the candidate became */
    mark->shown = says ? mark->id != NULL : isnan(t->point) || mark->p >= t->point;
    if (entry != NULL) (void)rs_json_boolean(rs_json_get(entry, "shown"), &mark->shown);
}

static rs_status take_row(rs_context *ctx, const marks_table *t, rs_ledger *ledger)
{
    rs_scored_mark mark = rs_scored_mark_empty();
    RS_TRY(rs_csv_check_row(ctx, t->csv));
    const char *uid = rs_csv_said(t->csv, t->uid);
    if (uid == NULL) return rs_csv_fail(ctx, t->csv, t->uid, "names no series");
    for (int a = 0; a < 3; a++)
        RS_TRY(rs_csv_need_mm(ctx, t->csv, t->at[a], &mark.lps_mm[a]));
    RS_TRY(rs_csv_need(ctx, t->csv, t->p, &mark.p));
    RS_TRY(rs_ledger_scan_of(ctx, ledger, uid, &mark.scan));
    mark.id = rs_csv_said(t->csv, t->mark >= 0 ? t->mark : t->id);
    RS_TRY(take_sizes(ctx, t, &mark));
    const rs_json *entry = entry_of(t, mark.id);
    if (entry != NULL) take_entry(entry, ledger->arena, &mark);
    decide_shown(t, entry, &mark);
    rs_ledger_scan *scan = &ledger->scans[mark.scan];
    RS_TRY(rs_ledger_claim(ctx, ledger, mark.scan));
    scan->says_shown |= t->mark >= 0;
    if (t->report_scan >= 0 && mark.scan != t->report_scan && isnan(scan->point)) {
        scan->point = ledger->scans[t->report_scan].point;
        scan->patient = ledger->scans[t->report_scan].patient;
    }
    return rs_ledger_add_mark(ctx, ledger, &mark);
}

static rs_status read_table(rs_context *ctx, const char *path, marks_table *t, rs_ledger *ledger)
{
    RS_TRY(rs_csv_open(ctx, path, ledger->arena, &t->csv));
    RS_TRY(find_columns(ctx, t));
    while (rs_csv_next(t->csv))
        RS_TRY(take_row(ctx, t, ledger));
    return RS_OK;
}

/* ---- the report ---- */

static double searched_litres(const rs_json *report)
{
    const rs_json *organs = rs_json_get(report, "organs");
    double ml = 0;
    int known = 0;
    for (const rs_json *o = rs_json_first(organs); o != NULL; o = rs_json_next(o)) {
        double part;
        if (!rs_json_real(rs_json_get(o, "searched_ml"), &part)) continue;
        ml += part;
        known++;
    }
    return known > 0 ? ml / 1000 : (double)NAN;
}

/* The issuer belongs to the ID: two hospitals give the same number to two people. */
static rs_status take_patient(rs_context *ctx, const rs_json *report, rs_arena *arena, rs_ledger_scan *scan)
{
    const rs_json *identity = rs_json_get(report, "identity");
    const char *id = rs_json_text(rs_json_get(identity, "patient_id"));
    const char *issuer = rs_json_text(rs_json_get(identity, "issuer_of_patient_id"));
    if (id == NULL || *id == '\0') return RS_OK;
    bool issued = issuer != NULL && *issuer != '\0';
    scan->patient = issued ? rs_arena_printf(arena, "%s^%s", id, issuer) : rs_arena_text(arena, id);
    return scan->patient != NULL ? RS_OK : rs_fail_memory(ctx, "the marks");
}

static rs_status take_report(rs_context *ctx, const rs_json *report, const char *name, marks_table *t,
                             rs_ledger *ledger)
{
    const rs_json *source = rs_json_get(report, "source"), *point = rs_json_get(report, "operating_point");
    const char *uid = rs_json_text(rs_json_get(source, "series_instance_uid"));
    if (uid == NULL)
        return rs_notes_add(ctx, ledger->arena, &ledger->notes, "packet_without_series", NULL,
                            "the packet %s names no series, so that nothing was searched: left out", name);
    RS_TRY(rs_ledger_scan_of(ctx, ledger, uid, &t->report_scan));
    rs_ledger_scan *scan = &ledger->scans[t->report_scan];
    RS_TRY(rs_ledger_claim(ctx, ledger, t->report_scan));
    scan->searched_litres = searched_litres(report);
    const char *description = rs_json_text(rs_json_get(source, "description"));
    if (description != NULL && strncmp(description, "SYNTHETIC", 9) == 0)
        scan->kind = strncmp(description, "SYNTHETIC LESIONS", 17) == 0 ? "insertion" : "phantom";
    (void)rs_json_real(rs_json_get(source, "thickness_mm"), &scan->thickness_mm);
    (void)rs_json_real(rs_json_get(point, "p"), &scan->point);
    const rs_json *marks = rs_json_get(report, "marks");
    t->entries = RS_ARENA_NEW(ledger->arena, const rs_json *, rs_json_size(marks));
    if (t->entries == NULL) return rs_fail_memory(ctx, "the marks");
    for (const rs_json *o = rs_json_first(marks); o != NULL; o = rs_json_next(o))
        t->entries[t->n_entries++] = o;
    return take_patient(ctx, report, ledger->arena, scan);
}

/* Marks that a person pointed at, or that stand on given regions, are nobody's finding. */
static rs_status note_others(rs_context *ctx, const marks_table *t, int first, const char *name, rs_ledger *ledger)
{
    int joined = 0;
    for (int m = first; m < ledger->n_marks; m++)
        joined += ledger->marks[m].id != NULL;
    if (joined >= t->n_entries) return RS_OK;
    return rs_notes_add(ctx, ledger->arena, &ledger->notes, "marks_not_found", NULL,
                        "%d of the %d marks of the packet %s are no candidates (a person gave their places): left out",
                        t->n_entries - joined, t->n_entries, name);
}

static rs_status read_packet(rs_context *ctx, const char *path, marks_table *t, rs_ledger *ledger)
{
    const char *name = rs_base_name(path);
    const char *table = rs_arena_printf(ledger->arena, "%s/candidates.csv", path);
    const char *file = rs_arena_printf(ledger->arena, "%s/report.json", path);
    uint8_t *text;
    size_t bytes;
    rs_json *report;
    if (table == NULL || file == NULL) return rs_fail_memory(ctx, "the marks");
    rs_status status = rs_file_read(ctx, ledger->arena, file, REPORT_MAX, true, &text, &bytes);
    if (status == RS_NO_INPUT) return rs_fail(ctx, status, "%s is no packet: it has no report.json", name);
    RS_TRY(status);
    RS_TRY(rs_json_parse_within(ctx, (const char *)text, bytes, REPORT_MAX, &report));
    int first = ledger->n_marks;
    status = take_report(ctx, report, name, t, ledger);
    if (status == RS_OK) status = read_table(ctx, table, t, ledger);
    if (status == RS_OK) status = note_others(ctx, t, first, name, ledger);
    rs_json_free(report);
    return status;
}

rs_status rs_marks_read(rs_context *ctx, const char *path, const rs_evaluate_options *options, rs_ledger *ledger)
{
    struct stat st;
    marks_table t = {.point = options->point, .report_scan = -1};
    ledger->marks_files++;
    bool is_folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    return is_folder ? read_packet(ctx, path, &t, ledger) : read_table(ctx, path, &t, ledger);
}
