/* The probe of a kernel: inputs from a seed, what comes out and how near the tiers must be to the reference, and its
   cost. Read by tests, bench and selftest alike, so that all of them run the same cases. */
#ifndef KERNELS_PROBE_H
#define KERNELS_PROBE_H

#include <math.h>
#include <stdint.h>

#include "restage/arena.h"
#include "restage/context.h"
#include "restage/kernels.h"

typedef struct rs_probe_case {
    uint64_t seed;
    int32_t n[3];
    int variant;   /* 0 … variants - 1; 0 is the one that is timed */
    bool extremes; /* inputs at the ends of their types */
} rs_probe_case;

typedef enum rs_probe_type {
    RS_PROBE_F32 = 1,
    RS_PROBE_I16,
    RS_PROBE_U8,
    RS_PROBE_I32,
    RS_PROBE_I64,
    RS_PROBE_U64
} rs_probe_type;

/* One array that a kernel wrote. */
typedef struct rs_probe_output {
    const char *what;
    const void *data;
    rs_probe_type type;
    size_t count;
    double tolerance; /* largest |tier - ref|; 0: equal */
} rs_probe_output;

#define RS_PROBE_OUTPUTS 8

typedef struct rs_probe {
    size_t args_size;
    int variants;
    double bytes_per_voxel, flops_per_voxel; /* of variant 0: read and written once; adds, multiplies, compares */
    /* Arguments with inputs and outputs in the arena; *args is the kernel's struct. */
    rs_status (*make)(rs_context *ctx, rs_arena *arena, const rs_probe_case *c, void **args);
    /* What a run with these arguments wrote; returns how many. */
    int (*outputs)(const void *args, rs_probe_output out[RS_PROBE_OUTPUTS]);
    /* All 0: it takes whole volumes and shares out its own work. Else it is called on tiles of about this shape, by
       many workers at once, and is timed so; its outputs are made by make. */
    int32_t tile[3];
} rs_probe;

#define RS_PROBE_DECLARE(name, about) extern const rs_probe rs_##name##__probe;
RS_KERNEL_TABLE(RS_PROBE_DECLARE)
#undef RS_PROBE_DECLARE

/** Probe of kernel i; row of a kernel by name, -1 where there is none. */
const rs_probe *rs_kernels_probe(int i);
int rs_kernels_find(const char *name);

/** RS_USAGE with its sentence; name may be NULL. */
rs_status rs_kernels_unknown(rs_context *ctx, const char *name);

/** Next of a sequence of 64-bit numbers (splitmix64), and one in [0, 1). */
uint64_t rs_probe_next(uint64_t *state);
double rs_probe_unit(uint64_t *state);

/** Inputs like a chest: air, tissue, smooth blobs, noise; or anything in the type's range where `extremes`. */
int16_t *rs_probe_int16(rs_arena *arena, const rs_probe_case *c);
float *rs_probe_float(rs_arena *arena, const rs_probe_case *c);

/** A mask of blobs and holes with a speck of noise, bytes 0 … 3. */
uint8_t *rs_probe_mask(rs_arena *arena, const rs_probe_case *c);

/** Largest difference of two outputs of one kind; infinity where the counts differ or only one is NaN. */
double rs_probe_difference(const rs_probe_output *a, const rs_probe_output *b);

/** Bytes of an output. */
size_t rs_probe_bytes(const rs_probe_output *output);

#endif
