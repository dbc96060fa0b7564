/* The slices of a series, each decoded into its place of a volume. */
#ifndef READ_SLICE_H
#define READ_SLICE_H

#include <stdatomic.h>

#include "convert.h"
#include "restage/read.h"

typedef struct slice_job {
    const rs_series *series;
    rs_volume volume;        /* one slice behind the other, those that are missing left out */
    bool is_ct, exact;       /* exact: every voxel is a whole number before rounding */
    convert_result *result;  /* one a slice */
    uint8_t *ignored;        /* one a slice: a padding value inside the image's range */
    uint8_t *lost;           /* one a slice: it cannot be decoded; NULL: that ends the reading */
    char (*why)[200];        /* of the lost ones */
    const int32_t *order;    /* in which slices are read: neighbours share a file */
    struct slice_open *open; /* one a worker */
    atomic_int n_done;
} slice_job;

/**
 * Reads every slice once, on all threads. A file is opened once a worker, however many of its frames are slices.
 *
 * job  series, volume, is_ct, exact; result, ignored, lost and why are filled
 */
RS_MUST_USE rs_status slices_read(rs_context *ctx, slice_job *job);

#endif
