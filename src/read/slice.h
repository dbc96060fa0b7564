/* The slices of a series, each decoded into its place of a volume. */
#ifndef READ_SLICE_H
#define READ_SLICE_H

#include <stdatomic.h>

#include "convert.h"
#include "restage/study.h"

typedef struct slice_job {
    const rs_series *series;
    rs_volume volume; /* slice k of the series goes to slice place[k] */
    const int32_t *place;
    bool is_ct, exact;       /* exact: every voxel is a whole number before rounding */
    convert_result *result;  /* one a slice */
    uint8_t *ignored;        /* one a slice: a padding value inside the image's range */
    const int32_t *order;    /* in which slices are read: neighbours share a file */
    struct slice_open *open; /* one a worker */
    atomic_int n_done;
} slice_job;

/**
 * Reads every slice once, on all threads. A file is opened once a worker, however many of its frames are slices.
 *
 * job  series, volume, place, is_ct, exact; result and ignored are filled
 */
RS_MUST_USE rs_status slices_read(rs_context *ctx, slice_job *job);

#endif
