/* The scale-space jobs of our side: tiles as the program's own search cuts them. */
#ifndef PEERS_OURS_H
#define PEERS_OURS_H

#include <restage/context.h>

/* A maximum: place in voxels of the cube, scale number, sigma^2 x response. */
typedef struct ours_maximum {
    float i, j, k, scale, value;
} ours_maximum;

typedef struct ours_scales {
    int side;
    const int16_t *cube;
    float *response;     /* where one scale of 2 voxels is wanted as a volume; NULL: eight scales and their maxima */
    int16_t *coarse[2];  /* halved once and twice */
    ours_maximum *found; /* room for side^3 / 8 */
    int64_t n_found;
} ours_scales;

/* scikit-image's default-like 0.05 of a range of 4,095 HU. */
static const float ours_threshold_hu = 204.75F;

/** Ends the program with the context's sentence where a call failed. */
void ours_must(rs_context *ctx, rs_status status);

/** Takes the job's memory. */
void ours_scales_begin(rs_context *ctx, ours_scales *job);

/** One whole run of the job: pyramid, filter, maxima in order of place. */
void ours_scales_run(rs_context *ctx, ours_scales *job);

#endif
