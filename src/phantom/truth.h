/* truth.json, schema restage-truth-2: what phantoms and insertions say of themselves. Both fill a sheet and have it
   printed here. Positions are LPS mm as in the series' own headers. */
#ifndef PHANTOM_TRUTH_H
#define PHANTOM_TRUTH_H

#include <stddef.h>
#include <stdint.h>

#include "restage/context.h"
#include "restage/json.h"

/* What the shell around a lesion is made of, as shares of directions: seen from its origin, a millimetre behind the
   lesion's last sample, lies vessel, or wall (what is dense and not lung). */
#define RS_TRUTH_SHELL_MM 1.0
enum { RS_TRUTH_RAYS = 162 };

typedef struct rs_truth_lesion {
    double lps_mm[3];                             /* centroid */
    const char *side;                             /* "right", "left"; NULL: null */
    double volume_mm3, equivalent_mm, nominal_mm; /* nominal: before the pleura cuts it; NaN where not known: null */
    double hu, contrast_hu;                       /* mean over it; against the lung around it */
    const char *attachment;                       /* by the shares: rs_truth_attachment */
    const char *aimed;               /* "free", "vessel", "pleura": where it was meant to lie; NULL: nowhere */
    const char *density;             /* "solid", "part_solid", "ground_glass", "cavity", "calcified" */
    const char *shape;               /* "near_sphere", "lobulated", "irregular", "spiculated", "cutout" */
    double core_volume_mm3;          /* NaN: null */
    double vessel_share, wall_share; /* NaN: null */
    const char *source;              /* "formula", or the name of a cut-out */
    const char *state;               /* "same", "grown", "new"; NULL: no time points */
    int id_before;                   /* at time point 0; 0: null */
} rs_truth_lesion;

/* What is neither true nor false; or, among those that vanished, a lesion of time point 0, "lesion outside the scan"
   where it is there but the scan of time point 1 leaves it out. */
typedef struct rs_truth_thing {
    double lps_mm[3], diameter_mm;
    const char *what;
    int id_before;
} rs_truth_thing;

typedef struct rs_truth_sheet {
    const char *kind;   /* "phantom", "insertion" */
    const char *recipe; /* its name; NULL: null */
    uint64_t seed, lesion_seed, scan_seed;
    int time_point;
    const char *patient_id, *study_uid, *series_uid;
    int32_t columns, rows, slices;
    double spacing_mm[3], first_voxel_lps_mm[3];
    rs_json *acquisition, *lungs; /* taken over by the printer; lungs NULL: left out */
    const char *const *modes;     /* that this patient has */
    int n_modes;
    const rs_truth_lesion *lesions; /* ids count from 1 */
    int n_lesions;
    const rs_truth_thing *irrelevant;
    int n_irrelevant;
    const rs_truth_thing *vanished; /* printed at time point 1: with the id_before of lesions, each of time point 0 */
    int n_vanished;
} rs_truth_sheet;

/** "vessel" above 15 % of vessel in the shell, else "pleura" above 10 % of wall, else "free" (science D2.2); static. */
const char *rs_truth_attachment(double vessel_share, double wall_share);

/** Direction n of RS_TRUTH_RAYS, evenly over the sphere; phase begins as {1, 0} and is turned on by each call in order.
 */
void rs_truth_turn_ray(int n, double phase[2], double out[3]);

/** Prints it; text to be freed with rs_json_text_free. RS_OK; RS_NO_MEMORY. */
RS_MUST_USE rs_status rs_truth_print(rs_context *ctx, const rs_truth_sheet *sheet, char **text, size_t *bytes);

/** Sets an array of numbers. */
void rs_truth_set_numbers(rs_json *object, const char *key, const double *values, int n, int decimals);

#endif
