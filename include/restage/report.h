/* The report: every number and sentence that any output prints, computed and rounded once. Plain data: a writer that
   has it computes nothing. Numbers are rounded already; NaN stands for null and a NULL text for null, with the reason
   in the field beside it. Lengths mm, volumes mm3 or ml, positions DICOM patient coordinates (LPS). */
#ifndef RESTAGE_REPORT_H
#define RESTAGE_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "restage/note.h"
#include "restage/volume.h"

#ifdef __cplusplus
extern "C" {
#endif

#define RS_REPORT_SCHEMA "urn:restage:report:1"
#define RS_REPORT_CANDIDATES_MAX 1000 /* rows of candidates.csv (contract 1) */

typedef struct rs_report_software {
    const char *version, *commit, *tier;
    const char *const *libraries;
    int n_libraries;
    const char *created; /* UTC, ISO 8601; SOURCE_DATE_EPOCH where that is set */
} rs_report_software;

/* One header element of the first used slice, byte for byte as its file has it: what files the DICOM objects of the
   packet with their study. */
typedef struct rs_report_element {
    uint32_t tag; /* group << 16 | element */
    const uint8_t *bytes;
    int32_t n_bytes; /* 0: there, but empty */
} rs_report_element;

/* One image of the searched series, for the objects that refer to it: by rising k of the source's own slices, which are
   not those of source.geometry where the volume was resampled. */
typedef struct rs_report_image {
    const char *sop_class_uid, *sop_instance_uid;
    int32_t frame;             /* 0-based; -1: the file holds one frame */
    int64_t number;            /* InstanceNumber; -1: null */
    double position_lps_mm[3]; /* centre of the first pixel of the frame */
    const char *position_text; /* the same as ImagePositionPatient has it, parted by '\\' */
} rs_report_image;

/* What the DICOM objects need beside the report's numbers. Without a DICOM series n_images is 0 and reason says why no
   object is written. */
typedef struct rs_report_filing {
    const char *reason;
    const rs_report_element *elements; /* by rising tag; just those to write, and those of --identity replaced */
    int n_elements;
    const char *series_instance_uid; /* of the images */
    const rs_report_image *images;
    int n_images;
    int32_t rows, columns;                           /* of a frame of the source */
    double pixel_mm[2];                              /* along a row, down a column */
    double row[3], column[3];                        /* directions of rising column and row index, LPS */
    const char *pixel_text, *orientation_text;       /* PixelSpacing and ImageOrientationPatient, parted by '\\' */
    const char *thickness_text, *spacing_text;       /* mm; of a slice, between slices */
    bool has_frame_of_reference;                     /* the source names one */
    const char *frame_of_reference_uid;              /* the source's, or a new one made from its UIDs */
    bool synthetic;                                  /* ours or a phantom's: never sent */
    const char *packet_digest;                       /* SHA-256, 64 hex digits, of all that the objects' UIDs hang on */
    const char *device_uid, *dimension_uid;          /* of this version as an observer; of the segments' dimensions */
    const char *sr_uid, *seg_uid, *ko_uid, *pdf_uid; /* SOPInstanceUIDs, "2.25.…" */
    const char *sr_series_uid, *seg_series_uid, *ko_series_uid, *pdf_series_uid;
} rs_report_filing;

/* Who was scanned, as the headers of the series say; "full" by default, for the packet must file with its study. Under
   "none" every text is NULL and reason says so; "pseudo" has another patient ID, made with a key, and shifted dates.
   The texts of the headers that may name somebody are NULL then too. */
typedef struct rs_report_identity {
    const char *mode;              /* "full", "pseudo", "none" */
    const char *reason;            /* why texts are null; NULL where all stand */
    const char *patient_name;      /* as in the header: "Family^Given=…" */
    const char *patient_name_text; /* for people: "Family, Given", of the first component group that says anything */
    const char *patient_id, *issuer_of_patient_id, *accession_number;
    const char *birth_date, *study_date; /* YYYY-MM-DD */
    const char *sex;                     /* "M", "F", "O" */
} rs_report_identity;

/* A region that a person gave as the bed (contract 7), as it was drawn on the series. */
typedef struct rs_report_region {
    bool given;
    const char *reason;                     /* why nothing was given, or what of it is null; NULL: all stands */
    const char *name, *kind;                /* "RTSTRUCT", "SEG", "label volume"; name NULL where nobody may be named */
    int32_t number, n_contours, n_left_out; /* the latter -1: null */
    int64_t voxels;
    double volume_ml, file_volume_ml;
} rs_report_region;

/* The series that was searched. Without one, uid and all that follows from pixels are null, and reason says why. */
typedef struct rs_report_source {
    const char *reason;         /* why there is no series; NULL where there is one */
    const char *missing_reason; /* what is null although there is a series, and why; NULL where nothing is */
    const char *study_instance_uid, *series_instance_uid, *frame_of_reference_uid, *sop_class_uid;
    const char *modality, *manufacturer, *model, *image_type, *kernel, *contrast_agent, *patient_position;
    const char *transfer_syntax_uid, *transfer_syntax_name, *lossy_compression;
    const char *orientation, *verdict, *verdict_reason;
    double kvp, thickness_mm, tilt_deg, spacing_deviation_mm;
    rs_geometry geometry;  /* n all 0: none */
    const char *resampled; /* what was resampled; NULL: nothing was */
    int64_t padded_voxels; /* -1: no volume */
    double rounding;
    rs_report_region region;
} rs_report_source;

typedef struct rs_report_series {
    const char *series_instance_uid, *modality, *description, *transfer_syntax_uid, *kernel, *orientation;
    int64_t series_number; /* -1: null */
    int32_t n_slices, rows, columns;
    double spacing_mm[3], thickness_mm;
    const char *sequence, *sequence_reason; /* of MR; NULL otherwise */
    const char *missing_reason;             /* what else is null, and why; NULL where nothing is */
    bool used;
    const char *verdict, *why;
} rs_report_series;

typedef struct rs_report_parameter {
    const char *name, *room, *unit, *source;
    double value, default_value, min, max;
    bool whole; /* an int */
    const char *set_by;
} rs_report_parameter;

typedef struct rs_report_quality {
    const char *reason;           /* why nothing was measured; NULL where it was */
    const char *missing_reason;   /* why single figures are null although something was measured; NULL where none is */
    double noise_hu, noise_error; /* error relative, 1 SD */
    const char *noise_basis;
    int n_noise_windows;
    double psf_in_plane_mm, psf_axial_mm, psf_in_plane_error, psf_axial_error; /* errors relative, 1 SD */
    const char *psf_basis;
    bool psf_measured, psf_axial_measured; /* axial: along the normal as well */
    double autocorrelation[4], autocorrelation_axial;
} rs_report_quality;

typedef struct rs_report_limit {
    double d50_mm, d95_mm, worst_d95_mm;
    const char *basis, *reason;
} rs_report_limit;

typedef struct rs_report_organ {
    const char *name, *side, *side_reason, *state, *reason;
    double volume_ml, searched_ml;
    rs_report_limit detection_limit;
} rs_report_organ;

typedef struct rs_report_slice {
    int64_t number; /* InstanceNumber; -1: null */
    const char *sop_instance_uid;
    int32_t frame, k; /* 0-based */
} rs_report_slice;

/* Contract 6. */
typedef struct rs_report_size {
    const char *text; /* "4.1 mm (3.6 to 4.7)" */
    double fit_mm, fit_low_mm, fit_high_mm;
    const char *fit_reason;
    double volume_mm3, mask_volume_mm3, equivalent_mm;
    const char *volume_reason;
    double long_axis_mm, short_axis_mm;
    double long_axis_ends_lps_mm[2][3], short_axis_ends_lps_mm[2][3];
    const char *axes_source, *axes_reason;
    rs_report_slice axes_slice; /* that the axes lie in; k -1 where there are none */
    double low_mm, high_mm;
    const char *source, *interval_reason; /* why low, high or source is null */
    bool truncated;
    const char *size_class, *class_reason;
    bool flagged;
} rs_report_size;

/* Contract 7. distance_mm: from the nearest voxel of the mark to the nearest of the bed, centre to centre. */
typedef struct rs_report_bed {
    const char *relation;
    double distance_mm;
    const char *treatment, *reason;
} rs_report_bed;

typedef struct rs_report_review {
    const char *verdict, *reader, *date, *reason; /* reason: why reader and date are null */
    const char *text; /* the verdict as people read it: "reader: not real"; NULL for "none" */
} rs_report_review;

/* A run of voxels of a mask: count columns from i in row j of slice k of source.geometry. */
typedef struct rs_report_run {
    int32_t i, j, k, count;
} rs_report_run;

typedef struct rs_report_mark {
    const char *id, *tracking_uid;
    int rank;
    double p;
    const char *p_text, *p_reason; /* "0.87", the same in every format for people; reason where P is null */
    bool shown;
    double position_lps_mm[3];
    rs_report_slice slice;
    const char *series_instance_uid;
    const char *origin;                               /* "log", "mass", "given", "point" (rs_origin_name) */
    bool pointed;                                     /* a person pointed at it: it is a mark whatever its P */
    double pointed_at_lps_mm[3], pointed_distance_mm; /* where the person pointed, and how far from position_lps_mm */
    const char *pointed_reason;                       /* why these two are null */
    const char *organ, *organ_reason, *side, *side_basis, *side_reason, *lobe, *lobe_basis, *lobe_reason;
    double depth_to_pleura_mm;
    const char *depth_basis, *depth_reason;
    const char *attachment, *attachment_reason, *density;
    double mean_hu;
    const char *mean_hu_reason;
    rs_report_size size;
    const char *visibility_class, *visibility_reason;
    rs_report_bed bed;
    rs_report_review review;
    const char *recist_text;    /* "long axis 12.3 mm: reaches 10 mm" (RECIST 1.1) */
    const char *const *reasons; /* features that raised or lowered P, in words */
    int n_reasons;
    const rs_report_run *runs; /* the binary mask */
    int n_runs;
} rs_report_mark;

typedef struct rs_report_candidate {
    const char *series_instance_uid, *region, *side, *mark; /* mark: id, NULL where it is none */
    int rank;
    double lps_mm[3], p, radius_mm, scale_mm, score;
    const double *features; /* in the order of feature_names */
} rs_report_candidate;

typedef struct rs_report_row {
    const char *side, *side_reason, *lobe, *lobe_reason;
    int above_5mm, near_5mm, below_5mm, indeterminate;
} rs_report_row;

typedef struct rs_report_distribution {
    const rs_report_row *rows;
    int n_rows;
    rs_report_row total;         /* of all rows */
    double expected_false_marks; /* the printed figures of basis multiplied */
    const char *basis, *reason;  /* reason: why the figure is null */
} rs_report_distribution;

typedef struct rs_report_point {
    const char *name, *p_definition;
    double p, false_marks_per_litre, false_marks_per_scan; /* a scan of those that basis names */
    const char *p_text;
    const char *basis, *reason; /* reason: why a figure is null */
} rs_report_point;

/* A treatment that a person gave (--context). */
typedef struct rs_report_treatment {
    const char *kind;        /* "surgery", "RT", "SBRT", "ablation", "systemic" */
    const char *site, *date; /* NULL: not given */
    bool has_point;
    double point_lps_mm[3];
    const char *mask; /* base name of the file that was given with it; NULL: none */
} rs_report_treatment;

/* A lesion that a person knows of already (--context). */
typedef struct rs_report_known_lesion {
    double lps_mm[3];
    const char *label, *nature; /* as given; NULL: not given */
    const char *mark;           /* id of the mark that lies there; NULL: none, and reason says so */
    const char *reason;
} rs_report_known_lesion;

/* What a person said about the patient (--context), echoed as given and marked so; the packet adds nothing to it. */
typedef struct rs_report_context {
    bool given;
    const char *reason; /* why there is none; NULL where it was given */
    const char *json;   /* the whole file, as one JSON text */
    const char *digest; /* SHA-256 of the file, 64 hex digits; NULL: none */
    const char *primary_site, *primary_histology, *primary_date, *primary_state; /* state "controlled", "controllable",
                                                                                    "not", "unknown"; NULL: not given */
    int malignancy_known;                                                        /* 1 yes, 0 no, -1 not given */
    int32_t disease_free_interval_days;                                          /* -1: not given, nor to be had */
    const rs_report_treatment *treatments;
    int n_treatments;
    const rs_report_known_lesion *known_lesions;
    int n_known_lesions;
} rs_report_context;

/* A number of a criterion, by name ("above_5mm"). */
typedef struct rs_report_figure {
    const char *name;
    double value; /* NaN: null */
} rs_report_figure;

/* One clinical question (contract 7): evidence inside the organs assessed, or a named blank for a person. */
typedef struct rs_report_criterion {
    const char *id, *question, *source;
    const char *evidence; /* sentences with their numbers; NULL: this scan says nothing */
    const char *brief;    /* evidence in at most twelve words, for page 1; NULL where evidence is */
    const rs_report_figure *numbers;
    int n_numbers;
    const char *const *basis_organs; /* "left lung", … */
    int n_basis_organs;
    const char *blank; /* id of the blank that a person fills; NULL: none */
    bool informative;  /* a row beside the questions: recist, oligo, nodule_guides (reporting E) */
} rs_report_criterion;

/* What a person has to fill in. */
typedef struct rs_report_blank {
    const char *id, *label, *who;
    const char *const *choices; /* boxes to tick; NULL: a line to write on */
    int n_choices;
} rs_report_blank;

/* The earlier packet of this study (--previous, or a structured report of ours in the study): its tracking UIDs stay,
 * its report is the predecessor. */
typedef struct rs_report_previous {
    bool given;
    const char *reason;                  /* why there is none; NULL where it was given */
    const char *packet_digest, *created; /* of that packet; digest NULL: only its structured report is known */
    const char *sr_uid, *sr_series_uid;  /* of its structured report; NULL: it had none */
    int n_marks, n_kept;                 /* its marks; those whose tracking UID a mark of this packet carries */
    const char *review_digest;           /* SHA-256 of the file of --review; NULL: none */
    int n_verdicts;                      /* marks that carry a verdict of a reader */
} rs_report_previous;

/* What no station fills yet: null, for this reason. */
typedef struct rs_report_pending {
    const char *comparison;
} rs_report_pending;

typedef struct rs_report {
    rs_report_software software;
    rs_report_identity identity;
    rs_report_source source;
    const rs_report_series *series;
    int n_series;
    const rs_report_parameter *parameters;
    int n_parameters;
    const char *parameters_digest, *input_digest; /* SHA-256, 64 hex digits */
    rs_report_quality quality;
    const rs_report_organ *organs;
    int n_organs;
    const char *assessed;      /* "all", "partly", "none" */
    const char *assessed_text; /* what was and was not assessed, as a sentence */
    const rs_report_mark *marks;
    int n_marks;
    const char *marks_text; /* number of marks, as a sentence; printed behind assessed_text only */
    rs_report_distribution distribution;
    rs_report_context context;
    const rs_report_criterion *criteria;
    int n_criteria;
    const rs_report_blank *blanks;
    int n_blanks;
    rs_report_previous previous;
    rs_report_filing filing;
    rs_report_pending pending;
    rs_notes limitations;
    rs_report_point operating_point;
    const rs_report_candidate *candidates; /* the best, by rank */
    int n_candidates, n_candidates_all;
    const char *const *feature_names;
    int n_features;
} rs_report;

/* Time of one station of the line, in its order; printed in done.json, which is not part of the report. */
typedef struct rs_stage {
    const char *name;
    double seconds, peak_memory_mb; /* peak of the process at the station's end */
} rs_stage;

/**
 * Text of a number of the report, the same in every format: shortest of 15 digits that names it, a point always
 * ("4.0", "-812.5"); "" for NaN.
 *
 * out  at least 32 bytes
 */
RS_API void rs_report_number(double value, char out[32]);

#ifdef __cplusplus
}
#endif
#endif
