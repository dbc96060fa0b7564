/* What the files that judge a series share, and every limit of the verdict in one table. */
#ifndef SERIES_JUDGING_H
#define SERIES_JUDGING_H

#include "series_private.h"

/* Orientations nearer than this in every component are one (field reports: noise of 1e-5 between slices). */
#define SAME_ORIENTATION 1e-4
#define SAME_SPACING 1e-4 /* relative */
/* A slice this far off its place in the grid makes the spacing uneven: this part of the spacing or this length, the
   larger (science B1). */
#define UNEVEN_PART 0.01
#define UNEVEN_MM 0.05
#define STATED_MM 0.002 /* smaller deviations are rounding of the header's text */
/* A lean that moves the last slice by less than half a pixel against the first is read as it stands (science B12). */
#define LEAN_PIXELS 0.5
#define LEAN_STATED_MM 0.05 /* and told above this: positions are rounded to less */
/* Sideways of the leaning line, in pixels or mm, the larger: rounding of the header; beyond, the slices were moved one
   by one, and nobody knows why. */
#define SIDEWAYS_PIXELS 0.1
#define SIDEWAYS_MM UNEVEN_MM
/* No gantry leans further (IEC 60601-2-44 scanners: +-30 degrees); beyond, the positions are wrong or no scan. */
#define TILT_MAX_DEG 30.0
/* A step wider than this many of the usual (median) one is a hole: what lies between would be invented, not
   interpolated (a missing slice leaves exactly 2). */
#define WIDEST_STEPS 2.0
/* And so is a step that stands alone, this many times as wide as the wider of its neighbours: a protocol changes its
   step and keeps it, or lets two steps take turns; one odd step is a slice that was lost or has a wrong position. */
#define HOLE_FACTOR 1.25
/* The grid of an uneven series steps by the smallest step, so that no slice falls between two of the grid, but not by
   less than this part of the usual one: two slices that nearly touch must not multiply the volume. */
#define SMALLEST_STEPS 0.5
#define ONE_DEGREE (3.14159265358979323846 / 180)

/* Least squares y = intercept + slope * x. */
typedef struct line {
    double intercept, slope;
} line;

typedef struct judging {
    rs_context *ctx;
    rs_study *study;
    group *images;
    rs_series *series;
    double *k, *along, *across[2]; /* index; position on the normal, the row, the column */
    double *steps;                 /* images->n of them, for the median */
    int axis;                      /* patient axis nearest to the normal */
    line spacing;
    double deviation_mm; /* largest distance from the line */
    int worst;
    double drift_mm; /* sideways from the first slice to the last, where that is read as it stands */
} judging;

line series_fit(const double *x, const double *y, int n);

/** Lower median of the n values; sorts them. */
double series_median(double *values, int n);

/** Sets verdict and reason; RS_NO_MEMORY for a reason that is NULL. */
RS_MUST_USE rs_status series_verdict(judging *j, rs_verdict what, const char *reason);

/** "z = 12.50 mm", along the patient axis nearest to the normal. */
const char *series_place(const judging *j, int i, char out[48]);

/** "image 7 at z = 12.50 mm": never a file name, which the report must not carry. */
const char *series_image_name(const judging *j, int i, char out[80]);

/** Sets the verdict where images cannot be stacked: orientation, matrix, pixel spacing, patient position or frame of
    reference differ. Geometry is set. RS_OK; RS_NO_MEMORY. */
RS_MUST_USE rs_status series_judge_mixture(judging *j);

/** Notes what else differs between images that are stacked: patients' names, kernel, thickness, kVp. RS_OK;
    RS_NO_MEMORY. */
RS_MUST_USE rs_status series_note_mixture(judging *j);

/**
 * Lays the grid for two slices or more whose geometry is set as if they were even: finds out whether they lean, lie
 * unevenly or miss some, and then sets repair, gaps, geometry and the slices' shift, with a note each; or the verdict,
 * where that cannot be put right.
 *
 * returns  RS_OK; RS_NO_MEMORY
 */
RS_MUST_USE rs_status series_lay_grid(judging *j);

/** Names a refused file of the series, for the terminal. RS_OK; RS_NO_MEMORY. */
RS_MUST_USE rs_status series_name_torn(judging *j);

/**
 * Refused files of the series, held against the slices that are there: those that no gap of the grid explains, at an
 * end of the stack above all, are slices that it lacks. Sets the verdict, or notes it and opens the ends
 * (allow_partial). The grid is laid.
 *
 * returns  RS_OK; RS_NO_MEMORY
 */
RS_MUST_USE rs_status series_judge_torn(judging *j);

#endif
