/* The searched organs from the front and from the patient's left, brightest voxel along each line. */
#ifndef PACKET_OVERVIEW_H
#define PACKET_OVERVIEW_H

#include "draw.h"
#include "packet.h"

enum { RS_OVERVIEW_FRONT = 0, RS_OVERVIEW_SIDE, RS_OVERVIEWS };

typedef struct rs_overview {
    bool there;    /* false: no volume, or one stored along other axes than slices across the patient */
    bool has_band; /* slices with nothing searched between others where something was */
    const rs_geometry *geometry;
    int32_t begin[3], end[3];
    int sign[3];                 /* of axis a along patient direction a */
    uint8_t *grey[RS_OVERVIEWS]; /* columns along the picture's axis, rows of slices, from the top left */
    int columns[RS_OVERVIEWS], rows;
    double width_mm[RS_OVERVIEWS], height_mm;
} rs_overview;

/** Makes both pictures; greys in the arena. RS_OK; RS_NO_MEMORY; RS_CANCELLED. */
RS_MUST_USE rs_status rs_overview_make(rs_context *ctx, rs_arena *arena, const rs_sources *sources, rs_overview *out);

/** The marks as numbered dots, letters and a scale bar over a picture, in mm from its top left. */
void rs_overview_draw(const rs_draw *to, const rs_overview *overview, int side, const rs_report *report);

#endif
