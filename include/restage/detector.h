/* The researchers' seam: candidates, and who finds and ranks them. */
#ifndef RESTAGE_DETECTOR_H
#define RESTAGE_DETECTOR_H

#include <stdint.h>

#include "restage/quality.h"
#include "restage/regions.h"
#include "restage/volume.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Features of science C6.1, from the ray table. e3_e1 and e2_e1 are taken at 1.2 R (parameter detect_curvature_radius).
   Every candidate has log_hu, ln_scale, e3_e1 and e2_e1; the others are NaN beyond the best by score
   (detect_full_features). X(name, unit, help) */
#define RS_FEATURE_TABLE(X)                                                                                            \
    X(log_hu, "HU", "normalised LoG response: an estimate of the contrast")                                            \
    X(e3_e1, "", "weakest over strongest curvature, -0.5 to 1")                                                        \
    X(e2_e1, "", "middle over strongest curvature, -0.5 to 1")                                                         \
    X(elong, "", "shortest over longest axis of the rays to the half level, 0 to 1")                                   \
    X(limbs, "", "groups of rays above the half level on the near shell")                                              \
    X(limb_share, "", "largest group over all rays")                                                                   \
    X(shell1, "", "share of rays above the half level at R + 0.7 fxy + 0.8 mm")                                        \
    X(shell2, "", "share of rays above the half level at 1.8 R + fxy + 1 mm")                                          \
    X(conv, "", "convergence of the gradient on r = R")                                                                \
    X(contrast, "", "(peak - background) / 900 HU")                                                                    \
    X(ln_scale, "", "ln of the scale in mm")                                                                           \
    X(shell_median_hu, "HU", "median of the near shell")                                                               \
    X(wall, "", "share of rays outside the searched region at R + 2 mm")                                               \
    X(peak_hu, "HU", "value at the centre")                                                                            \
    X(background_hu, "HU", "20th percentile of the near shell")

enum {
#define RS_FEATURE_ENUM(name, unit, help) RS_FEATURE_##name,
    RS_FEATURE_TABLE(RS_FEATURE_ENUM)
#undef RS_FEATURE_ENUM
        RS_FEATURE_COUNT
};

typedef struct rs_candidate {
    double index[3]; /* column, row, slice; fractional */
    double lps_mm[3];
    double radius_mm; /* of the sphere that answers best at this scale (science C1.1) */
    double scale_mm;
    int region;   /* into rs_regions.region */
    double score; /* what it is ranked by: log_hu x rho^1.5 x max(e3_e1, 0.05), rho the filter's response to a matched
                     sphere of contrast 1; higher first */
    double p;     /* P(focal lesion), 0 to 1 */
    float feature[RS_FEATURE_COUNT];
} rs_candidate;

/* By falling score; equal ones by slice, row, column, scale. */
typedef struct rs_candidates {
    rs_candidate *items;
    int n, capacity;
    double searched_ml;
    rs_notes notes;
} rs_candidates;

/* The marks: indices into candidates.items by rank, P at or above the operating point. */
typedef struct rs_marks {
    const int *candidate;
    int n;
} rs_marks;

/** Name, unit and help of a feature; static; NULL outside the table. */
RS_API const char *rs_feature_name(int feature);
RS_API const char *rs_feature_unit(int feature);
RS_API const char *rs_feature_help(int feature);

#ifdef __cplusplus
}
#endif
#endif
