/* What the files of this room share: the report in the making, with one remembered failure for all its small texts. */
#ifndef REPORT_BUILDER_H
#define REPORT_BUILDER_H

#include <math.h>

#include "build.h"

/* Decimals of each kind of printed number: the one place that says so. */
enum rs_report_decimals {
    RS_DECIMALS_SIZE_MM = 1, /* contract 6: sizes print with one decimal */
    RS_DECIMALS_POSITION_MM = 2,
    RS_DECIMALS_SPACING_MM = 6,
    RS_DECIMALS_PSF_MM = 2,
    RS_DECIMALS_VOLUME_MM3 = 1,
    RS_DECIMALS_VOLUME_ML = 1,
    RS_DECIMALS_HU = 1,
    RS_DECIMALS_P = 4,
    RS_DECIMALS_RATIO = 4,
    RS_DECIMALS_SCORE = 3,
    RS_DECIMALS_ANGLE_DEG = 3,
    RS_DECIMALS_FALSE_MARKS = 2,
    RS_DECIMALS_PARAMETER = 9
};

typedef struct rs_builder {
    rs_context *ctx;
    rs_arena *arena;
    const rs_report_input *input;
    rs_report *report;
    bool failed;                     /* a text or table found no memory; told once, at the end */
    int *mark_case, *mark_candidate; /* of each entry of marks[] */
    rs_report_mark *marks;           /* report->marks, while they are made */
    int *earlier;                    /* of each, its mark of the earlier packet; -1: none */
    bool *mark_found;                /* the search found it; else a person alone pointed at it */
    const rs_report_context *told; /* what a person said, with what identity leaves out of the report; NULL: nothing */
    const char *scan_date;         /* YYYY-MM-DD, likewise; NULL: not known */
    const char *bed_kinds;         /* what was treated before, in words of ours; NULL: no place was given */
} rs_builder;

/** Copy of a text; control characters and broken UTF-8 become '?'. NULL for NULL. */
const char *rs_builder_keep(rs_builder *b, const char *text);

/** The same, NULL for "" as well: header facts that the source does not have. */
const char *rs_builder_fact(rs_builder *b, const char *text);

/** Printed text. */
const char *rs_builder_say(rs_builder *b, const char *format, ...) RS_PRINTF(2, 3);

/** Zeroed table; NULL (and failed) without memory or for no rows. */
void *rs_builder_table(rs_builder *b, int n, size_t size);
#define RS_BUILDER_TABLE(b, type, n) ((type *)rs_builder_table((b), (n), sizeof(type)))

/** Adds to limitations unless the same sentence stands there. */
void rs_builder_limit(rs_builder *b, const char *code, const char *region, const char *sentence);

/** True where the report may hold names, numbers, dates and texts of the headers that may name somebody (--identity
 * full). */
bool rs_builder_names_patient(const rs_builder *b);

/** "2.25." and the first 128 bits of a digest in decimal (PS3.5 B.2). */
const char *rs_builder_new_uid(rs_builder *b, const char *hex);

/** A UID of the source as the packet has it: as it is with identity "full", else another that stands for it everywhere.
    NULL for "" and NULL. */
const char *rs_builder_uid(rs_builder *b, const char *uid);

/** Patient ID of identity "pseudo"; NULL: the source has no ID, or another identity was asked for. */
const char *rs_builder_pseudonym(rs_builder *b, const rs_series *series);

/** Study date of identity "pseudo", YYYYMMDD: the source's, shifted by as many days for all of one patient's studies.
    NULL as above, or where the source has no valid date. */
const char *rs_builder_shifted_date(rs_builder *b, const rs_series *series);

/** The series whose headers say who was scanned: the first that was used, else the first of the study; NULL: none. */
const rs_series *rs_builder_who(const rs_builder *b);

/* Something that a report may have to do without. */
typedef struct rs_fact {
    const char *name, *text; /* text NULL: missing */
} rs_fact;

/** "head: a, b" of the facts that are missing; NULL where none is. */
const char *rs_builder_missing(rs_builder *b, const char *head, const rs_fact *facts, size_t n);

/** A fact of a number: missing where it is not finite. */
static inline rs_fact rs_builder_number(const char *name, double value)
{
    return (rs_fact){name, isfinite(value) ? "" : NULL};
}

/** P in words of two decimals, never 0 or 1: "0.87", "< 0.01", "> 0.99"; NULL where it is not known. */
const char *rs_builder_p(rs_builder *b, double p);

/** P of a candidate as it is printed; NaN where nobody ranked it: *reason says why then, and is NULL otherwise. */
double rs_builder_rank(const rs_builder *b, const rs_report_case *from, const rs_candidate *candidate,
                       const char **reason);

/** True where P comes from somebody else. */
bool rs_builder_has_foreign_p(const rs_builder *b);

/* The parts of the report, in the order they are built. */
void rs_build_software(rs_builder *b);
void rs_build_identity(rs_builder *b);                                /* after the limitations, to which it may add */
void rs_build_other_identity(rs_builder *b, const rs_series *series); /* "pseudo", "none"; series: NULL, or who */
void rs_build_source(rs_builder *b);
void rs_build_series(rs_builder *b);
rs_status rs_build_parameters(rs_builder *b);
void rs_build_quality(rs_builder *b);
void rs_build_organs(rs_builder *b);
rs_status rs_build_marks(rs_builder *b);    /* without UIDs and verdicts */
rs_status rs_build_tracking(rs_builder *b); /* tracking UIDs, the earlier packet's where a mark is known from it */
rs_status rs_build_reviews(rs_builder *b);  /* verdicts of readers */
void rs_build_candidates(rs_builder *b);
void rs_build_distribution(rs_builder *b);
void rs_build_point(rs_builder *b);
void rs_build_limitations(rs_builder *b);
void rs_build_context(rs_builder *b);
void rs_build_previous(rs_builder *b);
void rs_build_criteria(rs_builder *b);    /* reads all of the above */
rs_status rs_build_filing(rs_builder *b); /* after all: the UIDs hang on it */

/** Long axis of a mark, whose size and bed stand already, against RECIST 1.1. */
const char *rs_build_recist(rs_builder *b, const rs_report_mark *mark);

/** Day of the scan, whoever may be named. */
const char *rs_builder_scan_date(rs_builder *b);

/** Diameter as printed: fitted, else of the segmented volume, else the long axis; 0 without any. mm */
double rs_mark_diameter_mm(const rs_report_mark *mark);

/** How far a place may lie from a mark of that diameter to be the same: max(2 mm, half of it). */
double rs_mark_reach_mm(double diameter_mm);

/** Distance of two positions, mm. */
double rs_mark_apart_mm(const double a_lps_mm[3], const double b_lps_mm[3]);

/** The mark of the report that lies nearest to a place, within its reach; -1: none. */
int rs_mark_at(const rs_builder *b, const double lps_mm[3]);

/* size.c: the rounded size of one lesion, its class and its words. */
void rs_build_size(rs_builder *b, const rs_size *size, rs_report_size *out);

/** Relation of a mark, whose organ, side, lobe and runs stand already, to the nearest bed; and what was given as one.
 */
rs_status rs_build_bed(rs_builder *b, const rs_report_case *from, const rs_lesion *lesion, rs_report_mark *mark);
void rs_build_given_region(rs_builder *b);

#endif
