/* Station detect: candidates by PSF-aware multi-scale LoG, features by rays, rank by networks over rays, P, marks. */
#ifndef DETECT_DETECT_H
#define DETECT_DETECT_H

#include <stdbool.h>

#include "restage/arena.h"
#include "restage/context.h"
#include "restage/detector.h"
#include "restage/param.h"

/* Points of a monotone map score -> P, rising score. */
typedef struct rs_calibration {
    const double *score, *p;
    int n;
    const char *basis; /* what it was fitted on */
} rs_calibration;

/* An operating point: the P it asks for, and its measured false marks (contract 1). */
typedef struct rs_operating_point {
    const char *name; /* "low", "default", "high" */
    double p;
    double false_marks_per_litre, false_marks_per_scan; /* NaN until measured */
    const char *basis;
} rs_operating_point;

/* What a network over rays is made of (science C6A.2). */
typedef struct rs_network_shape {
    int rays, channels, deep, degrees, hidden;
} rs_network_shape;

/** Weights that a network of that shape has. */
int rs_network_weights(const rs_network_shape *shape);

/* Who ranks the candidates of the filter: one or two networks, what their score means, and where marks begin. Masses
   have a score of their own. */
typedef struct rs_ranker {
    const char *name, *provenance; /* what it was trained on */
    const char *sha256;            /* 64 hex digits, of its file */
    rs_network_shape shape[2];
    const float *weights[2];    /* in the order of the file "restage-ranker-1" */
    int n_networks;             /* 0: candidates are ranked by LoG x e3/e1 */
    int keep;                   /* candidates that the second network looks at, the best by the first */
    rs_calibration calibration; /* n 0: P = 1 / (1 + exp(-score)) */
    rs_operating_point points[3];
    int n_points; /* 0: the organ's */
    bool given;   /* a file of somebody's, not the built-in one */
} rs_ranker;

/** The ranker that is built in, of organs whose profile says by_networks. */
const rs_ranker *rs_ranker_built_in(void);

/**
 * Reads a ranker file (JSON, schema "restage-ranker-1"; the README describes it).
 *
 * out      everything in the arena
 * returns  RS_OK; RS_NO_INPUT (no such file); RS_DATA (what is wrong with it); RS_IO; RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_ranker_from_file(rs_context *ctx, const char *path, rs_arena *arena, rs_ranker *out);

/** How many of its networks rank under these parameters (detect_networks; NULL: defaults). */
int rs_ranker_networks(const rs_ranker *ranker, const rs_params *params);

/* What an organ's row says to the detector (architecture 1.9). */
typedef struct rs_detect_profile {
    bool bright;                             /* lesions brighter than their surroundings */
    double clip_low_hu, clip_high_hu;        /* input range (science B5) */
    double min_diameter_mm, max_diameter_mm; /* of the scales */
    rs_calibration calibration;              /* of maxima of the filter */
    rs_calibration mass_calibration;         /* of masses (science C1.4) */
    const rs_operating_point *points;
    int n_points;
    bool by_networks; /* the built-in ranker was trained on this organ */
} rs_detect_profile;

/* What the caller asks of the search. */
typedef struct rs_detect_wish {
    const rs_detect_profile *profile;
    const rs_operating_point *point; /* of the marks; NULL: nothing is a mark */
    const rs_params *params;         /* values of rs_detect_param_table; NULL: its defaults */
    const rs_detector *detector;     /* NULL: our own */
    const rs_ranker *ranker;         /* NULL: the built-in one */
    const char *series_uid;          /* for the detector; NULL: "" */
    const double (*at_lps_mm)[3];    /* places that a person points at: each becomes a mark */
    int n_at;
    bool every_feature; /* rs_candidates.complete as well (--dump detect); the items are the same with and without */
} rs_detect_wish;

/**
 * A detector from a file of somebody else's candidates: CSV with the LUNA16 columns seriesuid, coordX, coordY, coordZ,
 * probability (LPS mm), in any order and any case, and radius_mm where there is one; rows of other series are passed
 * over. Without a radius a row takes that of our own candidate at its place, else that of the scale that answers best
 * there, so that what --dump detect prints can be ranked elsewhere and handed back.
 *
 * out      end it with out->free(out->user)
 * returns  RS_OK; RS_NO_INPUT (no such file); RS_DATA (no such columns, or a row that is none, with its number); RS_IO;
 *          RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_detector_from_file(rs_context *ctx, const char *path, rs_detector *out);

/* Rows that detect reads; joined by the pipeline. */
extern const rs_param_table rs_detect_param_table;

/**
 * Searches everything with RS_ROLE_SEARCH, or lets the wished detector do so; looks at every place pointed at, whether
 * it lies in something searched or not.
 *
 * out      all candidates in the order of rs_candidates, marks at or above the wished point and those pointed at; both
 *          in the arena
 * returns  RS_OK (also with none); RS_USAGE (a detector that breaks its promise, named); RS_NO_MEMORY; RS_CANCELLED;
 *          what the detector fails with
 * source   science C1, C2, C5, C6.1, C6.5, C6A; without networks ranked by the response of the filter times
 *          max(e3/e1, 0.05)
 */
RS_MUST_USE rs_status rs_detect(rs_context *ctx, const rs_volume *volume, const rs_quality *quality,
                                const rs_regions *regions, const rs_detect_wish *wish, rs_arena *arena,
                                rs_candidates *out, rs_marks *marks);

/* A table of rays for each of some candidates, as the networks look at them (science C6A.1). */
typedef struct rs_rays_wish {
    const rs_volume *volume;
    const rs_detect_profile *profile;
    const rs_params *params;   /* NULL: defaults */
    const rs_candidate *items; /* index and radius_mm are read */
    const int *which;          /* n indices into items; NULL: the first n */
    int n, rays;               /* rays 42 or 162 */
} rs_rays_wish;

enum { RS_DETECT_RAY_STEPS = 16 }; /* samples a ray */

/**
 * Makes the tables on all workers, rounded to whole HU.
 *
 * out      n tables of rays x RS_DETECT_RAY_STEPS, one behind the other
 * returns  RS_OK; RS_NO_MEMORY; RS_CANCELLED
 */
RS_MUST_USE rs_status rs_detect_rays(rs_context *ctx, const rs_rays_wish *wish, int16_t *out);

/** The operating point of that name: the ranker's where it ranks with all its networks and has points, else the
    organ's; NULL: there is none. ranker NULL: the built-in one. */
const rs_operating_point *rs_detect_point(const rs_detect_profile *profile, const rs_ranker *ranker,
                                          const rs_params *params, const char *name);

#endif
