/* Trees that fill a lung: airways and veins grow towards a cloud of points (Tawhai 2000: each branch halves the cloud
   that it serves and runs towards its middle), arteries follow the airways; radii by Murray's law. */
#ifndef PHANTOM_TREE_H
#define PHANTOM_TREE_H

#include "anatomy.h"
#include "random.h"

typedef struct rs_phantom_branch {
    double start[3], end[3];
    int parent; /* -1 at the root; a parent stands before its branches */
    int leaves; /* points that it serves: its flow */
} rs_phantom_branch;

typedef struct rs_phantom_tree {
    rs_phantom_branch *items;
    int n, capacity;
} rs_phantom_tree;

/* The cloud that a tree of one lung serves. */
typedef struct rs_phantom_cloud {
    double (*points)[3];
    int n;
} rs_phantom_cloud;

typedef struct rs_phantom_cloud_args {
    const rs_phantom_anatomy *anatomy;
    const rs_phantom_tubes *tubes; /* bones and great vessels so far */
    int side;                      /* 0 right, 1 left */
    double pitch_mm;               /* of the jittered lattice */
    uint64_t key;
} rs_phantom_cloud_args;

/** One point in each cell of a lattice over a lung, 2.5 mm inside its surface. */
RS_MUST_USE rs_status rs_phantom_cloud_draw(rs_context *ctx, rs_arena *arena, const rs_phantom_cloud_args *args,
                                            rs_phantom_cloud *out);

typedef struct rs_phantom_tree_args {
    const rs_phantom_anatomy *anatomy;
    const double *root;      /* three coordinates */
    rs_phantom_cloud *cloud; /* its points are reordered */
} rs_phantom_tree_args;

/** Grows a tree from a root into a cloud. */
RS_MUST_USE rs_status rs_phantom_tree_grow(rs_context *ctx, rs_arena *arena, const rs_phantom_tree_args *args,
                                           rs_phantom_random *random, rs_phantom_tree *out);

/** The same as growth.straight asks: long trunks with side branches, least length and blood. */
RS_MUST_USE rs_status rs_phantom_tree_span(rs_context *ctx, rs_arena *arena, const rs_phantom_tree_args *args,
                                           rs_phantom_tree *out);

/** Is a point in the lung and 1.5 mm away from heart and bones? */
bool rs_phantom_in_air(const rs_phantom_anatomy *anatomy, const double p[3]);

/** Airways, arteries and veins of both lungs as tubes. */
RS_MUST_USE rs_status rs_phantom_vessels(rs_context *ctx, rs_arena *arena, const rs_phantom_anatomy *anatomy,
                                         uint64_t seed, rs_phantom_tubes *tubes);

#endif
