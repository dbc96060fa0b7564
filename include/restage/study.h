/* What lies in a folder: studies, series, slices; header facts and a verdict on the geometry; no pixels. */
#ifndef RESTAGE_STUDY_H
#define RESTAGE_STUDY_H

#include <stdbool.h>
#include <stdint.h>

#include "restage/note.h"
#include "restage/volume.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rs_study rs_study;

/* A Modality LUT (DICOM PS3.3 C.11.1): stored value v becomes value[clamp(v - first, 0, n - 1)]. */
typedef struct rs_lookup {
    int32_t first, n;
    const int32_t *value;
    const char *type; /* ModalityLUTType: "HU", "US", … */
} rs_lookup;

/* One image of a series. Texts live as long as the study. Reasons and notes of a series name images by number and
   position, never by file. */
typedef struct rs_slice {
    const char *path; /* below the starting path or as given; for opening and for the terminal, never for a log */
    int32_t frame;    /* 0-based within the file */
    int64_t instance_number; /* -1 where the header has none */
    const char *sop_instance_uid;
    double position_lps_mm[3]; /* centre of the first pixel (ImagePositionPatient) */
    double along_normal_mm;    /* position projected on the normal of the series */
    double slope, offset;      /* rescale of this slice */
    const rs_lookup *lookup;   /* instead of slope and offset; NULL: none */
    int32_t tile[2];           /* column and row in the frame of the slice's first pixel (mosaic, grid); else 0 0 */
    double shift_mm[2];        /* along a row, down a column: where the first pixel lies beside the series' grid */
    double thickness_mm;       /* 0 where the header has none */
} rs_slice;

typedef enum rs_verdict {
    RS_VERDICT_UNKNOWN = 0,
    RS_VERDICT_GOOD,     /* a volume as it stands */
    RS_VERDICT_MENDED,   /* put right, and the notes say what (identical duplicates, small jitter, resampled) */
    RS_VERDICT_GAP,      /* slices are missing: refused */
    RS_VERDICT_REFUSED,  /* geometry that cannot be trusted */
    RS_VERDICT_FEW,      /* readable, not to be searched: fewer than 8 slices, or one file without a position */
    RS_VERDICT_SET_ASIDE /* no volume of images: localizer, MIP, secondary capture, SR, SEG, … */
} rs_verdict;

/* What read does to the slices before they are a regular grid. */
typedef enum rs_repair {
    RS_REPAIR_NONE = 0, /* slices are the grid's rows, one each */
    RS_REPAIR_TILT,     /* slices lean (gantry tilt, shear): shifted in their plane onto an orthogonal grid */
    RS_REPAIR_UNEVEN,   /* spacing varies: interpolated along the normal */
    RS_REPAIR_BOTH
} rs_repair;

/* Slices of the grid that no image shows: k_begin … k_end - 1. */
typedef struct rs_gap {
    int32_t k_begin, k_end;
} rs_gap;

typedef struct rs_series {
    /* identity; UTF-8, "" where the header has none */
    const char *series_instance_uid, *study_instance_uid, *frame_of_reference_uid, *sop_class_uid;
    const char *patient_id, *patient_name, *patient_birth_date, *patient_sex, *issuer_of_patient_id;
    const char *study_date, *study_time, *study_description, *accession_number;
    const char *modality, *description, *manufacturer, *model, *image_type, *kernel, *patient_position, *contrast_agent;
    const char *body_part, *protocol_name, *scanning_sequence, *sequence_variant, *scan_options, *sequence_name;
    const char *transfer_syntax_uid, *transfer_syntax_name, *lossy_compression;
    int64_t series_number;                                                    /* -1: none */
    double kvp, echo_time_ms, repetition_time_ms, inversion_time_ms, b_value; /* NaN: none */

    /* pixels */
    int32_t rows, columns, bits_allocated, bits_stored, high_bit, pixel_representation, samples_per_pixel;
    const char *photometric;
    bool has_padding;
    int32_t padding_value, padding_range_limit; /* as stored, sign put right by pixel_representation */

    /* geometry */
    rs_verdict verdict;
    const char *reason; /* sentence for every verdict but GOOD */
    bool rejected;      /* a rejection note of the study lists it */
    bool of_packet; /* SR, SEG, KO or PDF of a packet of ours that no note rejects: what was made of the study, not of
                       it */
    rs_geometry geometry;        /* n[2] = slices; valid for GOOD, MENDED, FEW (spacing along k 0 for a single slice) */
    const char *orientation;     /* "axial", "sagittal", "coronal", "oblique" */
    double thickness_mm;         /* median; 0: none */
    double spacing_deviation_mm; /* largest distance of a slice from the straight line through all */
    double tilt_deg;             /* between the normal and the direction of the positions */
    rs_repair repair;
    bool allow_partial; /* as the study was opened: slices that cannot be decoded are as good as missing */
    const rs_gap *gaps; /* only with allow_partial; by rising k */
    int32_t n_gaps;
    int32_t frame_rows, frame_columns; /* of the picture in the file; larger than rows, columns for a mosaic */
    int32_t n_slices;       /* after duplicates went; geometry.n[2] differs where slices are resampled or missing */
    const rs_slice *slices; /* by rising along_normal_mm */
    rs_notes notes;

    /* one of several volumes of a series */
    const char *split_by, *split_value; /* "EchoTime", "90"; NULL: the series is one volume */
    int32_t volume, n_volumes;          /* 0-based, and how many the series holds; 0 and 1 where it is one */

    bool placeless; /* FEW: pixels without a position; the directions, and what else the reason names, are no facts */

    /* a volume file (MetaImage, NIfTI, NRRD) instead of DICOM: no slices, no patient */
    const char *volume_file; /* its path; NULL: DICOM */

    /* files that were refused and still name the series */
    const char *refused_file; /* "PATH is refused: …", the first of them, for the terminal; NULL: none */
    bool open_end[2];         /* only with allow_partial: slices are missing before the first (behind the last) slice */
    const char *open_why;     /* "1 slice is missing beyond z = … (its file is refused)"; NULL: neither */
} rs_series;

typedef struct rs_study_options {
    bool allow_partial; /* a series with missing slices becomes MENDED with its gaps and open ends listed, not GAP; so
                           reads one of which slices cannot be decoded */
} rs_study_options;

/**
 * Walks a path (file or folder), reads every header once, on all threads, and groups the images.
 *
 * path     a file or a folder; links below it are not followed. A DICOMDIR: the files it names, below its folder; a
 *          volume file: one series that has volume_file
 * options  NULL: defaults
 * out      given to you, end it with rs_study_close
 * returns  RS_OK (also when everything was set aside); RS_NO_INPUT (no such path, empty, no DICOM in it); RS_DATA
 * (limits: 50,000 files, depth 16; nothing left after refusals); RS_IO; RS_NO_MEMORY; RS_CANCELLED
 */
RS_API RS_MUST_USE rs_status rs_study_open(struct rs_context *ctx, const char *path, const rs_study_options *options,
                                           rs_study **out);

/** Ends a study, with all texts and series that were borrowed from it; accepts NULL. */
RS_API void rs_study_close(rs_study *study);

/** How many series there are. */
RS_API int rs_study_n_series(const rs_study *study);

/** Series by index, in a fixed order (StudyInstanceUID, SeriesNumber, SeriesInstanceUID, then as split); borrowed. */
RS_API const rs_series *rs_study_series(const rs_study *study, int index);

/** What the walk saw: files looked at, DICOM files, files that are no DICOM, files refused. */
typedef struct rs_walk_counts {
    int64_t files, dicom, other, refused, links;
    int64_t own; /* of other: what restage wrote: a truth.json beside the images of a phantom, files of a packet */
} rs_walk_counts;

/** Slices of a series: its images, or those of the grid of a volume file, which has no images. */
RS_API int32_t rs_series_slices(const rs_series *series);

/** The counts of a study that was opened. */
RS_API rs_walk_counts rs_study_counts(const rs_study *study);

/** Notes of the walk: refused files with their reason (path below the start; first five), files passed over. */
RS_API const rs_notes *rs_study_notes(const rs_study *study);

/** SHA-256 (64 hex digits) over the files' content digests of the study that rs_study_select chose, without those of
    packets of ours (rs_series.of_packet), in the order of the digests (names and folders do not matter): done.json's
    input_digest. "" before rs_study_select. */
RS_API const char *rs_study_digest(const rs_study *study);

/**
 * Narrows a study that holds several StudyInstanceUIDs or patients, and computes its digest (reads every file once
 * more, on all threads).
 *
 * study_uid   NULL: there must be just one
 * returns     RS_OK; RS_DATA listing what is there; RS_NO_INPUT (no such study); RS_IO; RS_NO_MEMORY; RS_CANCELLED
 */
RS_API RS_MUST_USE rs_status rs_study_select(struct rs_context *ctx, rs_study *study, const char *study_uid);

/** "good", "mended", "gap", "refused", "few", "set_aside"; static. */
RS_API const char *rs_verdict_name(rs_verdict verdict);

#ifdef __cplusplus
}
#endif
#endif
