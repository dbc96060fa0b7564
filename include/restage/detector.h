/* The researchers' seam: candidates, and who finds and ranks them. samples/detector.c is a detector of its own in sixty
   lines. */
#ifndef RESTAGE_DETECTOR_H
#define RESTAGE_DETECTOR_H

#include <stdint.h>

#include "restage/arena.h"
#include "restage/param.h"
#include "restage/quality.h"
#include "restage/regions.h"
#include "restage/volume.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Features of science C6.1, from the ray table. e3_e1 and e2_e1 are taken at 1.2 R (parameter detect_curvature_radius).
   Every candidate has log_hu, ln_scale, e3_e1 and e2_e1; the others are NaN beyond the best by score
   (detect_full_features), those named mass_ for every origin but RS_ORIGIN_MASS, the logits where that network did not
   look. X(name, unit, help) */
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
    X(background_hu, "HU", "20th percentile of the near shell")                                                        \
    X(mass_solidity, "", "radius of the largest ball within over that of the ball of equal volume, 0 to 1")            \
    X(mass_round, "", "shortest over longest axis of the ellipsoid of its moments, 0 to 1")                            \
    X(mass_neck, "", "share of the surface where tissue goes on for 3 mm: vessels, hilum")                             \
    X(mass_contact, "", "share of the surface on what is not searched")                                                \
    X(mass_fat, "", "share of its voxels from -150 to -30 HU")                                                         \
    X(ray_logit, "", "logit of the ranker's first network")                                                            \
    X(deep_logit, "", "logit of its second network")

enum {
#define RS_FEATURE_ENUM(name, unit, help) RS_FEATURE_##name,
    RS_FEATURE_TABLE(RS_FEATURE_ENUM)
#undef RS_FEATURE_ENUM
        RS_FEATURE_COUNT
};

/* Who proposed a candidate. */
typedef enum rs_origin {
    RS_ORIGIN_UNKNOWN = 0,
    RS_ORIGIN_LOG,   /* a maximum of the multi-scale LoG */
    RS_ORIGIN_MASS,  /* the path for more than 20 mm (science C1.4) */
    RS_ORIGIN_GIVEN, /* a detector or a file of somebody else */
    RS_ORIGIN_POINT  /* a place that a person pointed at, and nothing else proposed */
} rs_origin;

typedef struct rs_candidate {
    double index[3]; /* column, row, slice; fractional */
    double lps_mm[3];
    double radius_mm; /* of the sphere that answers best at this scale (science C1.1) */
    double scale_mm;
    int region; /* into rs_regions.region; -1: outside every region (a place pointed at) */
    rs_origin origin;
    bool pointed;                /* a person pointed at it: a mark whatever its P */
    double pointed_at_lps_mm[3]; /* where, the first where several places are this candidate; 0 unless pointed */
    double score; /* what it is ranked by: the sum of the logits; without networks log_hu x rho^2 x max(e3_e1, 0.05),
                     rho the filter's response to a matched sphere of contrast 1; of a mass 1000 x solidity x (1 -
                     neck)^2 x (1 - contact) x min(2 round, 1); higher first */
    double p;     /* P(focal lesion), 0 to 1 */
    float feature[RS_FEATURE_COUNT];
} rs_candidate;

/* By falling P, then falling score; equal ones by slice, row, column, scale. Those of RS_ORIGIN_POINT stand behind all
   others, in the order in which they were given; outside everything that is searched their P is 0, since no calibration
   holds there. */
typedef struct rs_candidates {
    rs_candidate *items;
    int n, capacity;
    double searched_ml;
    const rs_candidate *complete; /* copies of the items with every feature, for --dump detect; NULL: none */
    rs_notes notes;
} rs_candidates;

/* The marks: indices into candidates.items, P at or above the operating point by rank, then the others that a person
   pointed at. */
typedef struct rs_marks {
    const int *candidate;
    int n;
} rs_marks;

/* What a detector is given; borrowed for the call. */
typedef struct rs_detector_input {
    const rs_volume *volume;
    const rs_quality *quality;
    const rs_regions *regions; /* search where rs_regions_search_table says so */
    const rs_params *params;   /* NULL: defaults */
    const char *series_uid;    /* SeriesInstanceUID, or a file's stem; "" where there is none */
} rs_detector_input;

/**
 * A detector of somebody else, passed by pointer in rs_run_options; no registry. Either function may be NULL: then
 * restage's own search or ranking does that part.
 *
 * find     fills out->items (in the arena, from zero), n, capacity: index or lps_mm, and what else it knows; notes, if
 *          it likes. The line sets lps_mm from index (where lps_mm is all 0) or index from lps_mm, the region, the
 *          origin, and where they are 0: radius_mm (that of restage's own candidate at the place, else of the scale
 *          that answers best there), scale_mm, score (as in rs_candidate); features that are NaN, or all where all
 *          are 0 (the whole ray table for lists of up to detect_full_features only, and for the best once they are
 *          ranked). Without `rank` the ranker scores them all. Candidates outside the image are dropped with a note,
 *          radii beyond 60 mm cut to that with another. Nothing is merged.
 *
 * rank     sets p (0 to 1) and, if it likes, score of every candidate; the line sorts them. After `find` they come in
 *          the order and with the p that it left, else by restage's own P. P outside 0 to 1 is a defect of the
 *          detector: RS_USAGE, naming it.
 *
 * returns  both: RS_OK, or a failure recorded with rs_fail, which ends the run
 * threads  called once a case from the line's thread; may use rs_parallel_for
 */
typedef struct rs_detector {
    const char *id, *version; /* printed in the report; not NULL */
    rs_status (*find)(struct rs_context *ctx, const rs_detector_input *input, void *user, rs_arena *arena,
                      rs_candidates *out);
    rs_status (*rank)(struct rs_context *ctx, const rs_detector_input *input, void *user, rs_candidates *candidates);
    void (*free)(void *user); /* NULL: nothing to end; called by whoever made the detector, never by the line */
    void *user;
} rs_detector;

/** "log", "mass", "given", "point"; static; NULL for unknown. */
RS_API const char *rs_origin_name(rs_origin origin);

/** Name, unit and help of a feature; static; NULL outside the table. */
RS_API const char *rs_feature_name(int feature);
RS_API const char *rs_feature_unit(int feature);
RS_API const char *rs_feature_help(int feature);

#ifdef __cplusplus
}
#endif
#endif
