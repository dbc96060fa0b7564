/* Pictures of the marks, made once for report.html and report.pdf. */
#ifndef PACKET_PICTURES_H
#define PACKET_PICTURES_H

#include "overview.h"
#include "silhouette.h"
#include "view.h"

enum {
    RS_CARDS_MAX = 30, /* marks that get a card with pictures; the others stand in the table alone */
    RS_CROP_PIXELS = 128,
    RS_NEIGHBOURS = 4, /* slices on either side of the axial picture */
    RS_CROP_CALIPERS = RS_PLANES,
    RS_CROP_FIRST_NEIGHBOUR, /* those below it by rising k, then those above */
    RS_CROPS = RS_CROP_FIRST_NEIGHBOUR + 2 * RS_NEIGHBOURS
};

typedef struct rs_crop {
    rs_view view;
    const uint8_t *grey; /* RS_CROP_PIXELS squared; NULL: there is no such picture */
} rs_crop;

typedef struct rs_pictures {
    rs_overview overview;
    rs_silhouette silhouette;
    int n_cards;
    const rs_geometry *geometry; /* NULL: the cards have no pictures */
    rs_crop (*crops)[RS_CROPS];  /* n_cards of them; NULL likewise */
} rs_pictures;

/** Makes them; all in the arena, pointing into report and sources. RS_OK; RS_NO_MEMORY; RS_CANCELLED. */
RS_MUST_USE rs_status rs_pictures_make(rs_context *ctx, rs_arena *arena, const rs_report *report,
                                       const rs_sources *sources, rs_pictures *out);

/** "lung window -1350 to 150 HU". */
const char *rs_window_words(const rs_report_mark *mark);

/** Outline or calipers, ticks, letters and a scale bar over a crop, in units of 0 ... 100. RS_OK; RS_NO_MEMORY. */
RS_MUST_USE rs_status rs_crop_draw(rs_context *ctx, const rs_draw *to, const rs_pictures *pictures,
                                   const rs_report_mark *mark, int card, int which);

/** "axial, slice 12", "coronal", "calipers, k = 3". */
void rs_crop_caption(rs_buffer *out, const rs_pictures *pictures, const rs_report *report, const rs_report_mark *mark,
                     int card, int which);

#endif
