/* Synthetic patients as DICOM, with their truth. */
#ifndef RESTAGE_PHANTOM_H
#define RESTAGE_PHANTOM_H

#include <stdbool.h>
#include <stdint.h>

#include "restage/context.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How many lesions were asked for, or drawn by the seed, and how many lie in the scan. At time point 1 those that did
   not vanish and the new ones are asked for. */
typedef struct rs_phantom_counts {
    int32_t asked, lesions;
} rs_phantom_counts;

typedef struct rs_phantom_options {
    uint64_t seed;
    /* Each 0 for its default: 512 x 512 x 300 (32 to 2,048 a side, 1 to 2,000 slices). */
    int32_t columns, rows, slices;
    double slice_spacing_mm; /* 1.0; 0.2 to 20 */
    double thickness_mm;     /* the spacing; 0.2 to 20 */
    double field_of_view_mm; /* 360; 50 to 1,000 */
    int32_t n_lesions; /* -1: drawn by the seed (30 % of patients with none, mean 5); to 200, fewer without places */
    /* Diameters of lesions before the pleura cuts them; each 0 for its default, 2 and 30, of 2 to 80 mm. Log-normal
       about 5.5 mm where that falls between them, else evenly by the logarithm. */
    double smallest_mm, largest_mm;
    /* JSON file of failure modes (samples/recipe-*.json); NULL: the plain phantom. What is not 0 above goes before what
       the recipe says. */
    const char *recipe;
    /* Draws the lesions, or the scanner and its noise, of another seed into the same anatomy; 0: seed. */
    uint64_t lesion_seed, scan_seed;
    int32_t time_point; /* 0, or 1: the same patient later, as the recipe says: grown, new, vanished, another scanner */
    bool force;
    rs_phantom_counts *counts; /* filled; NULL: not wanted */
} rs_phantom_options;

/**
 * Writes a synthetic chest CT as one DICOM file a slice (IM0001.dcm at the head), and truth.json, into a new folder;
 * the same bytes by options. A scan shorter than the lungs is centred on them.
 *
 * options  all-zero but the seed is a full chest; n_lesions 0 is none
 * returns  RS_OK; RS_USAGE (size out of range; time point 1 without a recipe that has follow_up); RS_CANT_CREATE;
 * RS_IO; RS_NO_MEMORY; RS_CANCELLED
 */
RS_API RS_MUST_USE rs_status rs_phantom_write(rs_context *ctx, const char *out, const rs_phantom_options *options);

/* A failure mode that a recipe may switch on, and one of its parameters, for listings; texts static. */
typedef struct rs_phantom_mode_row {
    const char *name, *failure, *what; /* "scars", "F6", a sentence */
    double share;                      /* of the patients, where a recipe names no other */
    int n_knobs;
} rs_phantom_mode_row;

typedef struct rs_phantom_knob_row {
    const char *name, *what;
    double low, high;   /* drawn between them where a recipe names no others */
    double least, most; /* that a recipe may name */
} rs_phantom_knob_row;

/** Mode by number from 0; parameter of a mode by number from 0. false behind the last. */
RS_API bool rs_phantom_mode_row_at(int mode, rs_phantom_mode_row *out);
RS_API bool rs_phantom_knob_row_at(int mode, int knob, rs_phantom_knob_row *out);

#ifdef __cplusplus
}
#endif
#endif
