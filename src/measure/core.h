/* Ways to a ball with a core, for core.c and merit.c. */
#ifndef MEASURE_CORE_H
#define MEASURE_CORE_H

#include "window.h"

/* What the ball is taken for: where the fit begins, and what it has to show. */
typedef enum rs_core_way {
    RS_CORE_IN_LIME,  /* lime and soft tissue around it */
    RS_CORE_IN_GLASS, /* a mixture of ground glass and core */
    RS_CORE_IN_HALO,  /* the core alone; its ground glass is seen around it */
    RS_CORE_INSIDE,   /* soft tissue with something in it, a cavity or a brighter core */
    RS_CORE_WAYS
} rs_core_way;

/* Both compare with the ball alone, whose values are kept, over the same voxels, and leave the ball with its core.
   After round 0 or 1 of a few steps: is more to be expected? */
bool rs_core_promises(rs_fit_state *state, const double kept[RS_FIT_UNKNOWNS], rs_core_way by, int round, float *room);
/* Does it explain the image so much better? Where that is likely, not sure, for ground glass, doubt_mm is set. */
bool rs_core_is_better(rs_fit_state *state, const double kept[RS_FIT_UNKNOWNS], rs_core_way by, float *room);

#endif
