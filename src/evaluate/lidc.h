/* A reading of LIDC as it stands in its file: four sessions of marks in pixels of the images. */
#ifndef EVALUATE_LIDC_H
#define EVALUATE_LIDC_H

#include "truth.h"

/* Pixels of one contour in one image, column and row of the first pixel 0. */
typedef struct rs_lidc_contour {
    double z_mm; /* NaN: the file does not say */
    const char *sop_instance_uid;
    bool hole; /* inclusion FALSE */
    int32_t (*pixel)[2];
    int n, capacity;
} rs_lidc_contour;

typedef struct rs_lidc_mark {
    int reader; /* session, 0-based */
    bool nodule;
    const char *id;
    rs_lidc_contour *contours; /* one of one pixel: a nodule below 3 mm, or no nodule */
    int n, capacity;
} rs_lidc_mark;

typedef struct rs_lidc {
    const char *series_uid; /* NULL: none */
    int n_readers;
    rs_lidc_mark *marks;
    int n, capacity;
} rs_lidc;

/** Reads the file, trusting nothing: no document type, limits on bytes, depth and counts. Texts live in arena. */
RS_MUST_USE rs_status rs_lidc_parse(rs_context *ctx, const char *path, rs_arena *arena, rs_lidc *out);

/** Puts the marks into patient coordinates, groups those of different readers, and adds each group as a finding. */
RS_MUST_USE rs_status rs_lidc_add(rs_context *ctx, const rs_truth_args *args, const rs_lidc *lidc, rs_ledger *ledger);

#endif
