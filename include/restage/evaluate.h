/* The ruler: marks of any detector against a truth. FROC and CPM by the rules of LUNA16 (Setio 2017), sensitivity by
   kind of lesion, measurement, calibration, completeness. It knows no detector; it reads what stands in files. */
#ifndef RESTAGE_EVALUATE_H
#define RESTAGE_EVALUATE_H

#include <stdbool.h>
#include <stdint.h>

#include "restage/context.h"
#include "restage/note.h"

#ifdef __cplusplus
extern "C" {
#endif

#define RS_FROC_AT 7 /* 1/8, 1/4, 1/2, 1, 2, 4, 8 false marks a scan */

typedef struct rs_evaluate_options {
    /* Marks: a packet (its candidates.csv and report.json), or a CSV file with LUNA16's columns (candidates.csv too).
     */
    const char *const *marks;
    int n_marks;
    /* Truth: LUNA16 CSV, truth.json of a phantom or an insertion (or the folder it lies in), LIDC XML, RTSTRUCT, SEG,
       MetaImage, NIfTI or NRRD with labels, annotations.json (see docs of rs_evaluate). */
    const char *const *truths;
    int n_truths;
    /* What is neither true nor false: the same kinds of files; diameter -1 means 10 mm (LUNA16). */
    const char *const *irrelevant;
    int n_irrelevant;
    const char *scans; /* file of SeriesInstanceUIDs, one a line, to which everything is limited; NULL: those of the
                          truth and of the marks */
    /* Folders with the images that a truth was drawn on: LIDC XML and RTSTRUCT need the grid of the series. */
    const char *const *images;
    int n_images;
    const char *roi; /* region of a truth's RTSTRUCT or SEG that is the lesion; NULL: every region */
    int cap;         /* most marks a scan; 0: 100, as LUNA16 has it; -1: none */
    int bootstraps;  /* over scans; 0: 1,000; -1: none */
    double least_mm; /* lesions below are irrelevant; 0: none. LUNA16's truth has none below 3 mm */
    double point;    /* operating point on P for marks that do not say whether they are shown; NaN: marks of
                        packets have their own, of other files every row is a mark */
} rs_evaluate_options;

/* A point of the curve: marks of P >= p are kept. */
typedef struct rs_froc_point {
    double false_marks; /* a scan */
    double sensitivity, p;
} rs_froc_point;

typedef struct rs_froc_counts {
    int64_t scans, scans_without_marks; /* of the truth or the list, and those of them that no row names */
    int64_t findings, found, missed;    /* relevant findings; found by any mark */
    int64_t marks;                      /* rows after the cap */
    int64_t false_marks, ignored, doubles;
} rs_froc_counts;

/* One rule of what a hit is, on one set of scans. */
typedef struct rs_froc {
    const char *rule;  /* "luna16": distance < D / 2, strictly; "reach": distance <= max(D / 2, 3 mm) */
    const char *scans; /* "all"; "marked": only those that a row of the marks names */
    rs_froc_counts counts;
    double sensitivity_at[RS_FROC_AT], low_at[RS_FROC_AT], high_at[RS_FROC_AT]; /* 95 % by bootstrap; NaN without, and
                                                                                   of a single scan */
    double cpm, cpm_low, cpm_high;
    const rs_froc_point *curve; /* rising false_marks; collinear points dropped */
    int n_curve;
    /* 95 % bounds of the curve at false_marks[]: for drawing; none without bootstraps */
    const double *band_false_marks, *band_low, *band_high;
    int n_band;
    double greatest_sensitivity, greatest_false_marks; /* without a limit on P */
} rs_froc;

enum { RS_STRATUM_POINTS = 5 }; /* 1, 2, 4, 8, 64 false marks a scan */

/* A part of the findings, by the rule "reach". Thresholds are those of the whole set: as many marks as make no more
   than so many false ones a scan. Bounds: Wilson 95 %. */
typedef struct rs_stratum {
    const char *by;   /* "all", "size", "attachment", "density", "shape", "thickness", "side", "truth"; where there are
                         truths of several kinds, "size, truth" and "attachment, truth" */
    const char *name; /* "4 to 5 mm", "vessel", "vessel, insertion", "not said", ... */
    int64_t n;
    int64_t found_at_point;                       /* by a mark at the operating point */
    double at_point, at_point_low, at_point_high; /* NaN where n is 0 */
    int64_t found_at[RS_STRATUM_POINTS];
    double at[RS_STRATUM_POINTS]; /* NaN where n is 0; a curve keeps its last value */
    double at_low[RS_STRATUM_POINTS], at_high[RS_STRATUM_POINTS];
    int64_t found_first_30;       /* among the first 30 marks of their scan */
    int64_t found_first_30_false; /* fewer than 30 false marks of their scan go before: the same where a scan has more
                                     lesions than that */
} rs_stratum;

/* What the marks say of the sizes of the lesions they hit (best mark of each, rule "reach"). Errors: mark minus truth.
 */
typedef struct rs_measured {
    const char *by, *name; /* "all", "size", "attachment", "density", "shape", "truth", and the part's name */
    int64_t n, n_fit;
    double bias_mm, sd_mm, agreement_low_mm, agreement_high_mm; /* of the fit; limits: bias +- 1.96 SD (Bland 1986) */
    double volume_bias;                                         /* mean of (V - V0) / V0 of volume_mm3 */
    int64_t n_fit_bounded, fit_covered, n_decided, decided_covered;       /* n_...: marks that say such an interval */
    double fit_coverage, fit_coverage_low, fit_coverage_high;             /* of n_fit_bounded; Wilson 95 % */
    double decided_coverage, decided_coverage_low, decided_coverage_high; /* of low_mm .. high_mm */
    double median_width_mm;                                               /* of the fit's interval */
    int64_t definite, wrong; /* size classes above or below 5 mm, and those of them that are not the truth's */
    int64_t near, indeterminate;
} rs_measured;

typedef struct rs_calibration_bin {
    int64_t n, positive;
    double mean_p, share;
} rs_calibration_bin;

/* Over marks with P >= 0.05 that are neither doubles nor ignored. */
typedef struct rs_calibration {
    int64_t n;
    const rs_calibration_bin *bins; /* of equal numbers of marks, by rising P */
    int n_bins;
    double error;            /* mean of |share - mean P| over the bins, weighted by n */
    double slope, intercept; /* logistic regression of the outcome on logit P (Cox 1958) */
    double brier;
} rs_calibration;

/* Share of the patients whose every lesion of 5 mm and more is found by a mark at the operating point (rule "reach").
   All scans of a patient count together; an insertion is a patient of its own, whosever chest it is. */
typedef struct rs_completeness {
    int64_t patients, with_lesions, complete; /* with_lesions: patients with a lesion of 5 mm and more */
    double share, low, high;                  /* of with_lesions; Wilson 95 % */
} rs_completeness;

typedef struct rs_evaluated_scan {
    const char *series_uid, *patient, *kind;            /* kind: "phantom", "insertion", "real", "not said" */
    double searched_litres;                             /* NaN where the marks do not say */
    double thickness_mm;                                /* NaN where nobody says */
    int64_t findings, found, marks, shown, false_shown; /* luna16's rule; shown: at the operating point */
    bool has_marks;
} rs_evaluated_scan;

/* A file or folder that was given. */
typedef struct rs_evaluated_input {
    const char *role; /* "marks", "truth", "irrelevant", "scans", "images" */
    const char *name; /* the last two parts of its path */
} rs_evaluated_input;

typedef struct rs_evaluation {
    rs_froc *froc; /* luna16 all, reach all; and both "marked" where a scan has no row */
    int n_froc;
    rs_stratum *strata;
    int n_strata;
    rs_measured *measured;
    int n_measured;
    rs_calibration calibration;
    rs_completeness completeness;
    rs_evaluated_scan *scans; /* in the order of their UIDs */
    int n_scans;
    /* At the operating point, rule "reach". */
    int64_t shown, shown_false;
    double false_a_scan, false_a_litre, searched_litres; /* NaN where no mark says what was searched */
    const char *point_basis;                             /* which point that is, as a sentence */
    int64_t unusable;           /* findings set apart: no diameter, or below least_mm; told in the notes */
    rs_notes notes;             /* what was left out, which scans have no row, ... */
    rs_evaluated_input *inputs; /* in the order of the options */
    int n_inputs;
} rs_evaluation;

/**
 * Reads marks and truth and compares them, scan by scan (SeriesInstanceUID).
 *
 * returns  RS_OK; RS_USAGE (no marks, no truth, options out of range); RS_NO_INPUT (a file is not there); RS_DATA (a
 *          file cannot be read: its name below the given path and the line; a truth that needs images that are not
 *          given; marks and truth share no scan); RS_IO; RS_NO_MEMORY; RS_CANCELLED
 * out      given to you; end it with rs_evaluation_free
 *
 * The same bytes by input: the bootstrap draws from a fixed seed.
 */
RS_API RS_MUST_USE rs_status rs_evaluate(rs_context *ctx, const rs_evaluate_options *options, rs_evaluation **out);
RS_API void rs_evaluation_free(rs_evaluation *evaluation);

/** The evaluation as JSON; text to be freed with rs_json_text_free. */
RS_API RS_MUST_USE rs_status rs_evaluation_json(rs_context *ctx, const rs_evaluation *evaluation, char **text,
                                                size_t *bytes);

/** "3 scans: 1 real, 2 synthetic": how many scans there are and of which kinds. */
RS_API void rs_evaluation_kinds(const rs_evaluation *evaluation, char out[200]);

/** Writes a folder, whole or not at all: evaluation.json, findings.csv (each finding and the mark that found it),
    evaluation.html with the curves drawn. returns RS_OK; RS_CANT_CREATE; RS_IO; RS_NO_MEMORY */
RS_API RS_MUST_USE rs_status rs_evaluation_write(rs_context *ctx, const rs_evaluation *evaluation, const char *out,
                                                 bool force);

#ifdef __cplusplus
}
#endif
#endif
