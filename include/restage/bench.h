/* What the kernels' probes know, for users of the library: whether a kernel agrees with its reference on this machine,
   how long it takes, and how far that is from what the machine's memory and arithmetic allow at best.

   Times are no results: nothing here may reach a packet. One-thread times are CPU time, those of several threads are
   wall time and mean something on an idle machine only (performance 5). */
#ifndef RESTAGE_BENCH_H
#define RESTAGE_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#include "restage/context.h"
#include "restage/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rs_bench_agreement {
    const char *kernel;
    rs_tier tier;
    int cases;          /* shapes x variants x ordinary and extreme inputs */
    const char *output; /* the one that lies furthest from the reference, measured by its tolerance */
    double difference;  /* its largest |tier - ref| */
    double tolerance;   /* 0: equal */
    bool agrees;        /* every output of every case within its tolerance */
    bool same_bits;     /* as tier portable, with 1 thread and with the context's; not asked of ref */
} rs_bench_agreement;

/**
 * Runs a kernel of the context's tier and holds it against tier ref, on small boxes that hit every tail.
 *
 * kernel   a name of RS_KERNEL_TABLE
 * returns  RS_OK also where they do not agree; RS_USAGE (no such kernel); what the kernel returns; RS_NO_MEMORY;
 *          RS_CANCELLED
 * out      texts are static
 * threads  those of the context
 */
RS_API RS_MUST_USE rs_status rs_bench_agree(rs_context *ctx, const char *kernel, rs_bench_agreement *out);

/* What this machine can do at best, measured: 10^9 bytes (read and written) and 10^9 float operations a second. */
typedef struct rs_bench_floor {
    int threads;        /* of the figures that end in _n */
    double block_mb;    /* read, and as much written: larger than the last-level cache, at most 384 */
    double copy_gb_s_1; /* best of several: a copy with stores that do not read their line first */
    double copy_gb_s_n;
    double fma_gflop_s_1; /* best of several: multiply-adds in registers, two operations each */
    double fma_gflop_s_n;
    rs_tier fma_tier; /* that they were compiled for: the best of this CPU */
} rs_bench_floor;

/**
 * Measures the floors in about a second. Memory: twice block_mb, given back at the end.
 *
 * returns  RS_OK; RS_NO_MEMORY; RS_CANCELLED
 * threads  1 and those of the context
 */
RS_API RS_MUST_USE rs_status rs_bench_measure_floor(rs_context *ctx, rs_bench_floor *out);

typedef struct rs_bench_options {
    const char *kernel;          /* a name of RS_KERNEL_TABLE */
    int32_t n[3];                /* columns, rows, slices; all 0: 256 x 256 x 128 */
    int repeats;                 /* of each timing; 0: 7; at least 5 make a median */
    double seconds;              /* slices are cut away, to 16 at least, where more would be needed; 0: no limit */
    const rs_bench_floor *floor; /* NULL: shares are NaN */
} rs_bench_options;

typedef struct rs_bench_result {
    const char *kernel;
    rs_tier tier;
    int threads, repeats;
    int32_t n[3];          /* what was timed: the whole, */
    int32_t tiles;         /* in so many tiles that the workers share; 1: the kernel shares out its own work */
    double ns_1, ns_1_min; /* ns a voxel: 1 thread, CPU time, into reused memory; median and smallest */
    double ns_n, ns_n_min; /* all threads, wall time, into reused memory */
    double ns_fresh;       /* 1 thread, CPU time, into memory whose pages must be given first */
    double speed_up;       /* ns_1 / ns_n */
    double bytes_per_voxel, flops_per_voxel; /* what the kernel must at least read and write, and does */
    double floor_ns_1, floor_ns_n; /* the larger of bytes / bandwidth and operations / peak; NaN without a floor */
    bool memory_bound;             /* the bytes are what makes the floor */
    double share_1, share_n;       /* floor / median; above 1 where the whole fits the last-level cache */
} rs_bench_result;

/**
 * Times a kernel of the context's tier: variant 0 of its probe.
 *
 * returns  RS_OK; RS_USAGE (no such kernel; a side below 1 or above 4,096); what the kernel returns; RS_NO_MEMORY;
 *          RS_CANCELLED
 * out      texts are static
 * threads  1 and those of the context, in turn
 * source   performance 5
 */
RS_API RS_MUST_USE rs_status rs_bench_run(rs_context *ctx, const rs_bench_options *options, rs_bench_result *out);

#ifdef __cplusplus
}
#endif
#endif
