/* A recipe: which failure modes (science F) a patient may have, how often and how strong; the size of the scan; how
   many lesions; what a second time point changes. JSON; samples/recipe-*.json. Without a recipe every mode is off: the
   plain phantom. */
#ifndef PHANTOM_RECIPE_H
#define PHANTOM_RECIPE_H

#include <stdbool.h>

#include "restage/arena.h"
#include "restage/phantom.h"

enum { RS_PHANTOM_KNOBS_MAX = 9, RS_PHANTOM_RECIPE_BYTES = 1 << 20 };

/* Every mode by its key in a recipe. */
typedef enum rs_phantom_mode_id {
#define X(name) RS_PHANTOM_MODE_##name,
#include "modes.def"
#undef X
    RS_PHANTOM_MODES
} rs_phantom_mode_id;

/* A value is drawn evenly between the two, once a patient or once a thing, as the mode says; equal: fixed. */
typedef struct rs_phantom_range {
    double low, high;
} rs_phantom_range;

/* One parameter of a mode. In a recipe: "name": 3 or "name": [2, 6]. */
typedef struct rs_phantom_knob {
    const char *name;       /* with its unit: "length_mm" */
    rs_phantom_range range; /* without a word in the recipe */
    double least, most;     /* what a recipe may ask for */
    const char *what;
} rs_phantom_knob;

typedef struct rs_phantom_setting {
    bool on;      /* the recipe names the mode and not as false */
    double share; /* of the patients that have it, 0 to 1 */
    rs_phantom_range knob[RS_PHANTOM_KNOBS_MAX];
} rs_phantom_setting;

/* What lies between time point 0 and 1. Each lesion draws one fate: vanished, grown, else the same. */
typedef struct rs_phantom_follow_up {
    double grown_share, vanished_share;
    rs_phantom_range growth; /* volume later over volume before, of those that are not the same; below 1 shrinks */
    rs_phantom_range new_lesions;
    bool other_scanner; /* another scanner, another position on the table; else the same with other noise */
} rs_phantom_follow_up;

typedef struct rs_phantom_recipe {
    const char *name; /* NULL: no recipe */
    char digest[65];  /* SHA-256 of its text: goes into the UIDs; "" without */
    rs_phantom_setting mode[RS_PHANTOM_MODES];
    double empty_share;             /* patients without a lesion */
    double mean_lesions;            /* of all patients */
    double smallest_mm, largest_mm; /* diameters before the pleura cuts them */
    double median_mm, log_sd;       /* log-normal between these ends; even in the logarithm where log_sd is 0 */
    rs_phantom_range hu;            /* of what is solid in a lesion */
    rs_phantom_range thickness_mm, spacing_share; /* slice spacing as a share of the thickness; 0 0: the options' */
    rs_phantom_follow_up follow_up;
    bool has_follow_up; /* it speaks of it; the rest may be defaults */
} rs_phantom_recipe;

/** Reads a recipe; path NULL: every mode off, the rest at its defaults. Texts in the arena. RS_OK; RS_NO_INPUT; RS_DATA
    with line and column, or the key that is not known and the nearest that is, or the value and its bounds;
    RS_NO_MEMORY. */
RS_MUST_USE rs_status rs_phantom_recipe_read(rs_context *ctx, rs_arena *arena, const char *path,
                                             rs_phantom_recipe *out);

/** The same from its text. */
RS_MUST_USE rs_status rs_phantom_recipe_parse(rs_context *ctx, rs_arena *arena, const char *text, size_t bytes,
                                              rs_phantom_recipe *out);

#endif
