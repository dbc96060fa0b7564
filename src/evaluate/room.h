/* What the files of the room share: readers fill a ledger of scans, findings and marks; the scorers read it; the
   writers read the evaluation alone. A reader is one file and one row in readers.def. */
#ifndef EVALUATE_ROOM_H
#define EVALUATE_ROOM_H

#include "restage/arena.h"
#include "restage/evaluate.h"
#include "restage/study.h"

#define RS_KIND_NOT_SAID "not said"

typedef struct rs_ledger_scan {
    const char *uid;                      /* SeriesInstanceUID, or a file's stem */
    const char *patient;                  /* NULL: nobody says; the scan stands for a patient of its own */
    const char *kind;                     /* "phantom", "insertion", "real", RS_KIND_NOT_SAID */
    double thickness_mm, searched_litres; /* NaN: nobody says */
    double point;                         /* operating point on P of its packet; NaN: none */
    int marks_file;                       /* whose marks they are: which of the files of marks, from 1; 0: none */
    bool has_marks;                       /* a row of the marks names it, or a packet without marks is its own */
    bool says_shown;                      /* its marks say which of them are shown */
    bool has_truth;                       /* a relevant truth names it, if only to say that there is nothing */
    bool listed;                          /* --scans names it, or there is no --scans */
} rs_ledger_scan;

/* A finding of the truth, or one that is neither true nor false. Texts are NULL where nobody says. */
typedef struct rs_finding {
    int scan;                                             /* into scans */
    int truth;                                            /* which of the files of truth it is from, from 1 */
    bool relevant;                                        /* false: a mark on it is ignored */
    double lps_mm[3], diameter_mm;                        /* of equal volume where a volume is known; > 0, finite */
    double volume_mm3;                                    /* NaN: not known */
    const char *id, *attachment, *density, *side, *shape; /* names as in report.json; shape as in truth.json */
} rs_finding;

typedef struct rs_scored_mark {
    int scan;
    double lps_mm[3], p;
    int64_t row;    /* in the order of the files: ties and the cap go by it */
    const char *id; /* "M01"; NULL: none */
    bool shown;     /* a mark at the operating point */
    /* measurement; NaN, NULL where the file has none */
    double fit_mm, fit_low_mm, fit_high_mm, low_mm, high_mm, volume_mm3, long_axis_mm;
    bool measured; /* the file speaks of its size at all */
    const char *size_class, *attachment, *side;
} rs_scored_mark;

#define RS_LEAST_USABLE_MM 0.5 /* a smaller diameter is that of a few voxels by mistake, not of a lesion */
#define RS_MOST_MM 1e6         /* no place or size is beyond */
#define RS_SAME_FINDING_MM 0.1
#define RS_UNSIZED_MM 10.0 /* LUNA16: diameter -1 of a finding that is neither true nor false */

/* What tells a file of truth from others. */
typedef struct rs_truth_seen {
    uint64_t device, inode;
    char digest[65]; /* "": not asked */
} rs_truth_seen;

typedef struct rs_ledger {
    rs_arena *arena; /* owns all texts and tables */
    rs_ledger_scan *scans;
    int n_scans, scans_capacity;
    rs_finding *findings;
    int n_findings, findings_capacity;
    rs_scored_mark *marks;
    int n_marks, marks_capacity;
    int marks_files, truth_files; /* how many were begun */
    rs_truth_seen *seen;          /* the files of truth */
    int seen_capacity;
    bool has_regions; /* a truth has regions that --roi can choose from */
    int64_t unusable; /* findings without a usable diameter, told in the notes */
    rs_notes notes;
    void *index; /* hash of UIDs */
} rs_ledger;

/** The scan of a UID, made where it is new; its index. */
RS_MUST_USE rs_status rs_ledger_scan_of(rs_context *ctx, rs_ledger *ledger, const char *uid, int *scan);
/** Appends a copy; texts must live in the ledger's arena. A relevant finding without a usable diameter (NaN, below
    RS_LEAST_USABLE_MM) becomes an irrelevant one and is counted as unusable; an irrelevant one without a diameter (NaN,
    0, negative) has RS_UNSIZED_MM, as LUNA16 has it. RS_OK; RS_DATA (a position that is not finite); RS_NO_MEMORY. */
RS_MUST_USE rs_status rs_ledger_add_finding(rs_context *ctx, rs_ledger *ledger, const rs_finding *finding);
/** Appends a copy; texts must live in the ledger's arena; row is set here. RS_OK; RS_NO_MEMORY. */
RS_MUST_USE rs_status rs_ledger_add_mark(rs_context *ctx, rs_ledger *ledger, const rs_scored_mark *mark);
/** A mark and a finding with every number NaN and every text NULL. */
rs_scored_mark rs_scored_mark_empty(void);
rs_finding rs_finding_empty(void);

/** Says that the file of marks that is being read speaks of a scan. RS_OK; RS_DATA (another file did so). */
RS_MUST_USE rs_status rs_ledger_claim(rs_context *ctx, rs_ledger *ledger, int scan);
/** Sets aside the findings that two files of truth say alike: of one scan, both relevant or neither, within
    RS_SAME_FINDING_MM and equally large. The first stays. A note tells how many there were. RS_OK; RS_NO_MEMORY;
    RS_CANCELLED. */
RS_MUST_USE rs_status rs_ledger_merge_truths(rs_context *ctx, rs_ledger *ledger);

/* What a truth was drawn on. */
typedef struct rs_truth_images {
    rs_study **studies; /* opened from --images */
    int n;
} rs_truth_images;

typedef struct rs_truth_args {
    const char *path; /* a file */
    bool relevant;    /* false: --irrelevant */
    const char *roi;
    const rs_truth_images *images;
} rs_truth_args;

/* A kind of file that holds a truth. */
typedef struct rs_truth_reader {
    const char *name;  /* "LUNA16 CSV" */
    bool names_series; /* each of its files does, so that two with the same bytes are one truth */
    /* Does this file look like it? head: its first bytes, n of them (at most 4,096). */
    bool (*knows)(const char *path, const uint8_t *head, size_t n);
    rs_status (*read)(rs_context *ctx, const rs_truth_args *args, rs_ledger *ledger);
} rs_truth_reader;

#define X(name) extern const rs_truth_reader rs_truth_##name;
#include "readers.def"
#undef X

/** Reads a truth by the first reader that knows it; a folder: its truth.json or annotations.json. */
RS_MUST_USE rs_status rs_truth_read(rs_context *ctx, const rs_truth_args *args, rs_ledger *ledger);

/** Reads marks: a packet, or a CSV file. */
RS_MUST_USE rs_status rs_marks_read(rs_context *ctx, const char *path, const rs_evaluate_options *options,
                                    rs_ledger *ledger);

/** Reads the list of --scans and unlists every other scan; scans that only the list names are made. */
RS_MUST_USE rs_status rs_scans_read(rs_context *ctx, const char *path, rs_ledger *ledger);

/* ---- CSV: one reader for all ---- */

typedef struct rs_csv rs_csv;

/** Opens a text of comma or tab separated values (also .gz), with or without a byte order mark, CR LF or LF; the first
    line is the heading where every cell that is not empty has letters. */
RS_MUST_USE rs_status rs_csv_open(rs_context *ctx, const char *path, rs_arena *arena, rs_csv **out);
/** Cell of the heading; NULL: there is no heading, or it has no such column. */
const char *rs_csv_heading(const rs_csv *csv, int column);
/** Column of a heading, case-folded; -1: none. */
int rs_csv_column(const rs_csv *csv, const char *heading);
/** Next row that is not empty; false at the end. Cells live as long as the arena. */
bool rs_csv_next(rs_csv *csv);
int64_t rs_csv_line(const rs_csv *csv); /* 1-based, for sentences */
int rs_csv_cells(const rs_csv *csv);
const char *rs_csv_cell(const rs_csv *csv, int column); /* "" beyond the row */
const char *rs_csv_said(const rs_csv *csv, int column); /* NULL for an empty cell, too */
/** A finite number; false for anything else, nan and inf included. */
bool rs_csv_number(const rs_csv *csv, int column, double *out);
/** RS_DATA that names the file (without its folders), the line and the column; what: "is no finite number". */
rs_status rs_csv_fail(rs_context *ctx, const rs_csv *csv, int column, const char *what);
/** A finite number that has to be there, or rs_csv_fail. */
RS_MUST_USE rs_status rs_csv_need(rs_context *ctx, const rs_csv *csv, int column, double *out);
/** The same for a place or a size, which is refused beyond RS_MOST_MM. */
RS_MUST_USE rs_status rs_csv_need_mm(rs_context *ctx, const rs_csv *csv, int column, double *out);
/** RS_DATA where the row has more cells than the heading: a decimal comma moves all that follows. */
RS_MUST_USE rs_status rs_csv_check_row(rs_context *ctx, const rs_csv *csv);
/** RS_DATA where the heading lacks one of the columns, or has it twice. */
RS_MUST_USE rs_status rs_csv_check_heading(rs_context *ctx, const rs_csv *csv, const char *const *names, int n);
/** Name of a path without its folders. */
const char *rs_base_name(const char *path);
/** Puts what a file is ("the marks") and its name before the sentence of a failure to read it, where it does not begin
    with its name already. Returns status. */
rs_status rs_name_failure(rs_context *ctx, const char *what, const char *path, rs_status status);

/* ---- scorers: each fills its part of the evaluation ---- */

/* What every scorer sees: the ledger, and which mark met which finding by a rule. */
typedef struct rs_match {
    const char *rule;
    /* of finding f: indices into the ledger's marks, best P first: hits[begin[f]] … hits[begin[f + 1] - 1] */
    const int32_t *begin, *hits;
    const uint8_t *role; /* of a mark: rs_mark_role */
    const uint8_t *kept; /* of a mark: within the cap */
} rs_match;

typedef enum rs_mark_role {
    RS_MARK_FALSE = 0,
    RS_MARK_HIT,     /* the best of a relevant finding */
    RS_MARK_DOUBLE,  /* another on the same finding */
    RS_MARK_IGNORED, /* on an irrelevant finding only */
    RS_MARK_OUT      /* beyond the cap, or its scan is not listed */
} rs_mark_role;

/* Things of each scan: of scan s items[begin[s]] … items[begin[s + 1] - 1], in rising order. */
typedef struct rs_by_scan {
    int32_t *begin, *items;
} rs_by_scan;

RS_MUST_USE rs_status rs_findings_by_scan(rs_context *ctx, const rs_ledger *ledger, rs_arena *arena, rs_by_scan *out);
RS_MUST_USE rs_status rs_marks_by_scan(rs_context *ctx, const rs_ledger *ledger, rs_arena *arena, rs_by_scan *out);

/** Best mark that found a finding; NULL: none. */
const rs_scored_mark *rs_match_best(const rs_ledger *ledger, const rs_match *match, int finding);

/** Is any of the marks that found a finding one at the operating point? */
bool rs_match_is_shown(const rs_ledger *ledger, const rs_match *match, int finding);

/** Matches marks and findings by a rule: "luna16" or "reach". */
RS_MUST_USE rs_status rs_match_find(rs_context *ctx, const rs_ledger *ledger, const char *rule, int cap,
                                    rs_arena *arena, rs_match *out);

/* The relevant findings of listed scans in parts by something that they have. */
typedef struct rs_parts {
    const char *by;
    const char *const *names; /* sizes and thicknesses rising, the others in the order of the alphabet */
    int n;                    /* 0: no finding says what it is */
    const int32_t *of;        /* the part of each finding; -1: not relevant, not listed */
} rs_parts;

/** Parts by "all", "size", "attachment", "density", "shape", "thickness", "side", "truth", "size, truth", "attachment,
    truth"; what a finding does not say is "not said", the last part. */
RS_MUST_USE rs_status rs_parts_find(rs_context *ctx, const rs_ledger *ledger, const char *by, rs_arena *arena,
                                    rs_parts *out);

RS_MUST_USE rs_status rs_froc_score(rs_context *ctx, const rs_ledger *ledger, const rs_match *match, bool marked_only,
                                    int bootstraps, rs_arena *arena, rs_froc *out);
RS_MUST_USE rs_status rs_strata_score(rs_context *ctx, const rs_ledger *ledger, const rs_match *match, rs_arena *arena,
                                      rs_evaluation *out);
RS_MUST_USE rs_status rs_measured_score(rs_context *ctx, const rs_ledger *ledger, const rs_match *match,
                                        rs_arena *arena, rs_evaluation *out);
RS_MUST_USE rs_status rs_calibration_score(rs_context *ctx, const rs_ledger *ledger, const rs_match *match,
                                           rs_arena *arena, rs_calibration *out);
/** Lists the files of the call. RS_OK; RS_NO_MEMORY */
RS_MUST_USE rs_status rs_inputs_list(rs_context *ctx, const rs_evaluate_options *options, rs_arena *arena,
                                     rs_evaluation *out);
RS_MUST_USE rs_status rs_completeness_score(rs_context *ctx, const rs_ledger *ledger, const rs_match *match,
                                            rs_arena *arena, rs_completeness *out);

/** part of whole; NaN where whole is 0. */
double rs_share(int64_t part, int64_t whole);

/** Wilson's 95 % interval (Wilson 1927) of k of n; NaN where n is 0. */
void rs_wilson(int64_t k, int64_t n, double *low, double *high);

/* The evaluation with what only the writers need. */
typedef struct rs_evaluation_kept {
    rs_evaluation face; /* first: rs_evaluation * is cast to this */
    rs_arena *arena;
    rs_ledger ledger;
    rs_match match[2]; /* luna16, reach */
} rs_evaluation_kept;

#endif
