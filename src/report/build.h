/* Station report: what the line knows, as const pointers, to one rs_report. */
#ifndef REPORT_BUILD_H
#define REPORT_BUILD_H

#include "organs/organs.h"
#include "report/earlier.h"
#include "restage/report.h"
#include "restage/study.h"

/* What choose.c decided about a series of the study. */
typedef struct rs_report_choice {
    bool used;
    const char *why;      /* sentence for either answer */
    const char *sequence; /* name of an MR sequence, or NULL */
} rs_report_choice;

enum { RS_TREATMENTS_MAX = 50 }; /* that a person may give */

/* A verdict of a reader on the mark that one of id, tracking_uid and position names. */
typedef struct rs_given_verdict {
    const char *id, *tracking_uid;
    bool has_position;
    double lps_mm[3];
    const char *verdict, *reader, *date; /* reader and date NULL: not given */
} rs_given_verdict;

typedef struct rs_given_review {
    const char *digest; /* SHA-256 of the file */
    const rs_given_verdict *items;
    int n;
} rs_given_review;

/* A region that a person gave as the bed, on the grid of a case's volume. */
typedef struct rs_given_region {
    const char *name, *kind; /* as its file has it; "RTSTRUCT", "SEG", "label volume" */
    int32_t number;
    int32_t n_contours, n_left_out; /* -1: not made of contours */
    int64_t voxels;
    double volume_mm3, file_volume_mm3; /* as drawn; as the file's own grid or planes have it, 0: unknown */
    const rs_report_run *runs;
    int n_runs;         /* 0: it does not reach the volume */
    const char *digest; /* SHA-256 of grid and runs */
} rs_given_region;

/* One organ on one series. Without a series, regions are those that would have been searched, all not assessed. */
typedef struct rs_report_case {
    const rs_organ *organ;
    const rs_series *series; /* NULL: none serves the organ */
    const char *reason;      /* why there is no series; NULL where there is one */
    const rs_volume *volume; /* NULL: not read */
    const char *resampled;   /* what reading resampled; NULL: nothing */
    int64_t padded_voxels;
    double rounding;
    const rs_notes *read_notes;
    const rs_given_region *bed;            /* NULL: none was given */
    const rs_given_region *const *treated; /* one a treatment of the context; NULL: it has no mask. NULL: no context */
    const rs_regions *regions;
    const rs_quality *quality; /* NULL: no station went that far; so for those below */
    const rs_candidates *candidates;
    const rs_marks *marks;
    const rs_lesions *lesions;       /* one a mark */
    const rs_operating_point *point; /* that the marks were taken at */
} rs_report_case;

/* What the first slice of a DICOM series says that the objects of the packet are filed by. */
typedef struct rs_report_filed {
    const rs_series *series;           /* the one that was searched, else one of the study */
    const rs_report_element *elements; /* those of filing.def that are there, in its order */
    const char *const *texts;          /* of each of them, as UTF-8 */
    int n_elements;
} rs_report_filed;

/** Tags of the elements that the report wants of that slice, by rising tag; static. */
int rs_report_filing_tags(const uint32_t **out);

typedef struct rs_report_input {
    const rs_series *const *series; /* of the study */
    int n_series;
    const rs_report_choice *choices; /* one a series */
    rs_walk_counts counts;           /* what the walk saw */
    const char *input_digest;
    const rs_report_case *cases;
    int n_cases;
    const rs_params *params;
    const rs_detector *detector; /* of somebody else; NULL: our own */
    const rs_ranker *ranker;     /* of our own candidates */
    const char *const *libraries;
    int n_libraries;
    const char *tier;
    const char *identity; /* "full": the report names the patient; "pseudo", "none": it does not */
    const uint8_t *key;   /* the secret of "pseudo" */
    size_t n_key;
    int64_t created_s;                /* seconds since 1970, UTC */
    bool created_given;               /* by SOURCE_DATE_EPOCH, not by the clock */
    bool no_seg, sr_plain;            /* as asked for: other objects, other UIDs */
    const char *sr_tag;               /* so, too; NULL: the built-in one */
    const rs_notes *notes;            /* of the line itself; may be NULL */
    const rs_report_filed *filed;     /* NULL: the source is no DICOM */
    const rs_report_context *context; /* as a person wrote it; NULL: nothing was said. So for the next two */
    const rs_given_review *review;
    const rs_given_previous *previous;
    bool bed_given; /* a region was given as the bed, whether it could be drawn or not */
} rs_report_input;

/**
 * Computes every printed number and sentence.
 *
 * out      texts and tables copied into the arena: nothing of the input is referred to
 * returns  RS_OK; RS_DATA (a verdict of the review that names no mark, or one that another names); RS_NO_MEMORY;
 *          RS_CANCELLED; what an organ's place returns
 */
RS_MUST_USE rs_status rs_report_build(rs_context *ctx, const rs_report_input *input, rs_arena *arena, rs_report *out);

#endif
