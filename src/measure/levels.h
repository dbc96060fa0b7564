/* Background and contrast of a mark, for segment.c. */
#ifndef MEASURE_LEVELS_H
#define MEASURE_LEVELS_H

#include "room.h"

typedef struct rs_levels {
    double background_hu, contrast_hu;
    double peak_share;  /* observed peak over contrast */
    bool only_searched; /* the mark lies in what was searched: the rest is another tissue */
} rs_levels;

/* Nothing but whether the mark lies in what was searched. */
void rs_levels_begin(const rs_segment_request *request, rs_levels *out);
/* room: 2 floats a voxel of the crop. */
void rs_levels_find(const rs_segment_request *request, float *room, rs_levels *out);
/* Again from a mask: the median of its core and of the ring around it. */
void rs_levels_refine(const rs_segment_request *request, rs_grow *grow, const uint8_t *mask, float *room,
                      rs_levels *levels);

#endif
