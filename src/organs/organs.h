/* The organs: one row of organs.def an organ and modality. What differs between organs stands in these fields; no
   station asks which organ it serves. */
#ifndef ORGANS_ORGANS_H
#define ORGANS_ORGANS_H

#include "detect/detect.h"
#include "measure/measure.h"
#include "restage/context.h"
#include "restage/param.h"
#include "restage/regions.h"
#include "restage/study.h"

/* What makes one series better than another, foremost first (contract 9). X(NAME, what the better one has) */
#define RS_MERIT_TABLE(X)                                                                                              \
    X(THIN, "thinner slices")                                                                                          \
    X(SOFT, "a softer kernel")                                                                                         \
    X(SCANNED, "slices as they were scanned, not reformatted ones")                                                    \
    X(SLICES, "more slices")                                                                                           \
    X(NUMBER, "a lower series number")

typedef enum rs_merit {
#define RS_MERIT_ENUM(name, words) RS_MERIT_##name,
    RS_MERIT_TABLE(RS_MERIT_ENUM)
#undef RS_MERIT_ENUM
        RS_N_MERITS
} rs_merit;

/* Does a series serve this organ? */
typedef struct rs_suits {
    double score;               /* > 0: yes, higher is better; 0: no */
    const char *reason;         /* sentence why not, or NULL; in the arena or static */
    double merits[RS_N_MERITS]; /* what the score is made of: more is better, the first that differs decides */
} rs_suits;

/* Where a mark lies in the organ. */
typedef struct rs_place {
    int region;                                  /* into rs_regions.region, -1: none */
    const char *lobe, *lobe_basis, *lobe_reason; /* NULL, with the reason */
    double depth_to_pleura_mm;                   /* to the surface of the organ; NaN with the reason */
    const char *depth_basis, *depth_reason;
} rs_place;

typedef struct rs_code {
    const char *value, *scheme, *meaning;
} rs_code;

/* Codes of the organ and its sides (SNOMED CT), for SR, SEG, FHIR. */
typedef struct rs_organ_codes {
    rs_code organ, left, right;
} rs_organ_codes;

typedef struct rs_organ {
    const char *id, *name, *modality; /* "ct-lung", "lungs", "CT" */
    /* Asked for volumes of the organ's modality only, whose verdict is good or mended. */
    rs_status (*suits)(rs_context *ctx, const rs_series *series, rs_arena *arena, rs_suits *out);
    /* Labels every region; a region not found has state RS_NOT_ASSESSED and its reason. */
    rs_status (*segment)(rs_context *ctx, const rs_volume *volume, const rs_params *params, rs_arena *arena,
                         rs_regions *out);
    rs_status (*place)(rs_context *ctx, const rs_volume *volume, const rs_regions *regions, const double lps_mm[3],
                       rs_arena *arena, rs_place *out);
    /* The regions that would be searched, all not assessed for one reason: what the report lists where there is no
     * volume. */
    rs_status (*absent)(rs_context *ctx, const char *reason, rs_arena *arena, rs_regions *out);
    rs_detect_profile detect;
    rs_measure_profile measure;
    rs_organ_codes codes;
    const rs_setting *settings;   /* own defaults of parameters, ended by a NULL name; or NULL */
    const rs_param_table *params; /* rows of the organ's own folder */
} rs_organ;

/** Rows of organs.def, in their order. */
int rs_organs_count(void);
const rs_organ *rs_organs_at(int index);

#endif
