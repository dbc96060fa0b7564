/* The networks that rank candidates by their rays; private to the room (science C6A.2). */
#ifndef DETECT_RAY_NETWORK_H
#define DETECT_RAY_NETWORK_H

#include "detect.h"
#include "ray_table.h"

enum {
    RS_NETWORK_CHANNELS_MAX = 64,
    RS_NETWORK_DEEP_MAX = 4,
    RS_NETWORK_DEGREES_MAX = 4,
    RS_NETWORK_HIDDEN_MAX = 128,
    RS_NETWORK_LAST = 16, /* width of the layer before the logit */
    RS_NETWORK_NEAREST = 6,
    RS_NETWORK_RAYS_MIN = 12 /* of rs_directions_make */
};

/* A network ready to work: its weights with the outputs side by side, padded to whole lanes. */
typedef struct rs_network {
    rs_network_shape shape;
    int wide, wide_hidden; /* channels and hidden, rounded up */
    int n_harmonics;       /* rows of harmonic, the first of ones */
    rs_ray_fan fan;        /* on the grid of the scan */
    const float *first;    /* [16][wide], then [wide] biases, as all that follow */
    const float *deep[RS_NETWORK_DEEP_MAX];
    const float *hidden, *last; /* the logit's own weights behind last */
    const float *logit;
    const float *harmonic; /* [n_harmonics][rays] over the number of rays */
    int nearest[RS_RAYS_FULL][RS_NETWORK_NEAREST];
} rs_network;

/**
 * Prepares a network for a grid.
 *
 * weights  rs_network_weights(shape) numbers in the order of the ranker file: W0 (a row of 16 an output), b0, for each
 *          deep layer Wd (a row of 2 K) and bd, Wa, ba, Wb, bb, Wc, bc
 * out      in the arena
 * returns  RS_OK; RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_network_make(rs_context *ctx, const rs_network_shape *shape, const float *weights,
                                      const double spacing_mm[3], rs_arena *arena, const rs_network **out);

/** Floats of scratch that rs_network_logit wants. */
size_t rs_network_scratch(const rs_network *network);

/**
 * The logit of one candidate. Sums are those of the kernel dense, so that the bits are the same on every tier but ref;
 * nothing else but sqrtf is called.
 *
 * hu       table of rs_ray_table, of network->fan
 * scalars  ln R - 0.5 and ln max(L, 50) - 5.5
 * scratch  rs_network_scratch floats, 32-byte aligned
 * returns  RS_OK; RS_DEFECT
 */
RS_MUST_USE rs_status rs_network_logit(rs_context *ctx, const rs_network *network, const float *hu,
                                       const float scalars[2], float *scratch, float *logit);

#endif
