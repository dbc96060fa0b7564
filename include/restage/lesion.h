/* One measured mark. */
#ifndef RESTAGE_LESION_H
#define RESTAGE_LESION_H

#include <stdbool.h>
#include <stdint.h>

#include "restage/detector.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum rs_size_class {
    RS_SIZE_UNKNOWN = 0,
    RS_SIZE_BELOW_5MM,
    RS_SIZE_NEAR_5MM,
    RS_SIZE_ABOVE_5MM,
    RS_SIZE_INDETERMINATE
} rs_size_class;

typedef enum rs_size_source {
    RS_SIZE_SOURCE_UNKNOWN = 0,
    RS_SIZE_SOURCE_FIT,
    RS_SIZE_SOURCE_SEGMENTATION
} rs_size_source;

typedef enum rs_caliper_source {
    RS_CALIPER_UNKNOWN = 0,
    RS_CALIPER_CONTOUR, /* sub-pixel contour at half contrast (science C10) */
    RS_CALIPER_MASK     /* outline of the mask, edge to edge */
} rs_caliper_source;

typedef enum rs_attachment {
    RS_ATTACHMENT_UNKNOWN = 0,
    RS_ATTACHMENT_FREE,
    RS_ATTACHMENT_VESSEL,
    RS_ATTACHMENT_PLEURA,
    RS_ATTACHMENT_FISSURE
} rs_attachment;

typedef enum rs_density {
    RS_DENSITY_UNKNOWN = 0,
    RS_DENSITY_SOLID,
    RS_DENSITY_PART_SOLID,
    RS_DENSITY_GROUND_GLASS,
    RS_DENSITY_CALCIFIED,
    RS_DENSITY_FAT,
    RS_DENSITY_CAVITY
} rs_density;

/* A run of voxels of a mask: count columns from i in row j of slice k. */
typedef struct rs_mask_run {
    int32_t i, j, k, count;
} rs_mask_run;

/* NaN stands for null; the reason stands beside it. All mm, mm3; not rounded (report rounds once). */
typedef struct rs_size {
    double fit_mm, fit_low_mm, fit_high_mm;
    const char *fit_reason; /* NULL where there is a fit */
    double volume_mm3, mask_volume_mm3, equivalent_mm;
    const char *volume_reason; /* why there is none, or what is wrong with it: it ran into its neighbours */
    double long_axis_mm, short_axis_mm;
    double long_axis_ends_lps_mm[2][3], short_axis_ends_lps_mm[2][3];
    rs_caliper_source caliper_source;
    const char *caliper_reason;
    double low_mm, high_mm; /* rounded to 0.1: the class follows from these (contract 6) */
    rs_size_source source;
    bool truncated;
    rs_size_class size_class;
    const char *class_reason; /* why indeterminate, or NULL */
} rs_size;

typedef struct rs_lesion {
    int candidate;    /* into rs_candidates.items */
    double lps_mm[3]; /* centre: the fit's where there is one, else the candidate's */
    double index[3];
    rs_size size;
    rs_attachment attachment;
    rs_density density;
    double mean_hu;                    /* of the mask; NaN without one */
    double contrast_hu, background_hu; /* of the fit or of the ray table */
    const rs_mask_run *runs;           /* the binary mask */
    int n_runs;
    int32_t caliper_k; /* slice of the calipers; -1: none */
} rs_lesion;

typedef struct rs_lesions {
    rs_lesion *items; /* in the order of the marks */
    int n;
    rs_notes notes;
} rs_lesions;

/**
 * The class of contract 6 from [low, high], both already rounded to 0.1 mm.
 *
 * high     NaN where the lesion is truncated ("at least")
 */
RS_API rs_size_class rs_size_classify(double low_mm, double high_mm);

/** Names as in report.json ("below_5mm", "free", "solid", "fit", "contour", …); static; NULL for unknown where null. */
RS_API const char *rs_size_class_name(rs_size_class size_class);
RS_API const char *rs_size_source_name(rs_size_source source);
RS_API const char *rs_caliper_source_name(rs_caliper_source source);
RS_API const char *rs_attachment_name(rs_attachment attachment);
RS_API const char *rs_density_name(rs_density density);

#ifdef __cplusplus
}
#endif
#endif
