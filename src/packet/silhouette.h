/* A body from the front with four patterns: imaged and assessed (solid), partly (hatched), imaged but not assessed
   (dotted), not imaged (outline alone). A drawing for orientation: the images are fitted to it by the lungs. */
#ifndef PACKET_SILHOUETTE_H
#define PACKET_SILHOUETTE_H

#include "draw.h"
#include "packet.h"

#define RS_SILHOUETTE_WIDTH 1440.0 /* units of the figure, with its legend */
#define RS_SILHOUETTE_HEIGHT 1040.0

typedef struct rs_silhouette {
    bool there;           /* false: no organ tells where in the body the images lie */
    double top, bottom;   /* what is imaged, in units of the figure from the top of the head */
    rs_assessed state[2]; /* of the lung at the left of the drawing (the patient's right), and of the other */
} rs_silhouette;

void rs_silhouette_make(const rs_sources *sources, rs_silhouette *out);
void rs_silhouette_draw(const rs_draw *to, const rs_silhouette *silhouette);

#endif
