/* Lungs in CT: what the files of this folder share. The labels of the product are the working image: codes below while
   the work goes on, region + 1 at the end. Everything that speaks of the patient (left, behind, above) goes through the
   frame, so that flipped and turned images need no second path. */
#ifndef LUNG_LUNG_H
#define LUNG_LUNG_H

#include <stdbool.h>
#include <stdint.h>

#include "restage/context.h"
#include "restage/parallel.h"
#include "restage/param.h"
#include "restage/regions.h"
#include "restage/volume.h"

/* Regions in their order, and the labels that stand for them at the end. */
enum { LUNG_BODY = 0, LUNG_TRACHEA, LUNG_LEFT, LUNG_RIGHT, LUNG_REGIONS };

/* Codes of the labels. */
enum {
    CODE_OUTSIDE = 0,
    CODE_BODY = LUNG_BODY + 1,
    CODE_AIRWAY = LUNG_TRACHEA + 1,
    CODE_LEFT = LUNG_LEFT + 1,
    CODE_RIGHT = LUNG_RIGHT + 1,
    CODE_AIR,  /* air in the body, not yet judged, or too small to be; codes from here on are air */
    CODE_LUNG, /* lung, side not yet known */
    CODE_GAS,  /* stomach, bowel, oesophagus, skin */
    CODE_MARK  /* inside one step only */
};

/* Patient frame over the voxels: x to the left, y to the back, z to the head, 0 … n-1 each. */
typedef struct lung_frame {
    int axis[3]; /* image axis along each patient direction */
    int sign[3];
    int32_t n[3];
    double spacing_mm[3];
    int64_t stride[3], base;
} lung_frame;

static inline int64_t lung_at(const lung_frame *f, int32_t x, int32_t y, int32_t z)
{
    return f->base + x * f->stride[0] + y * f->stride[1] + z * f->stride[2];
}

typedef struct lung_work {
    rs_context *ctx;
    const rs_volume *volume;
    const rs_params *params;
    rs_arena *arena; /* the product's texts */
    rs_arena *own;   /* of this call */
    rs_regions *out;
    uint8_t *labels;
    int32_t n[3];
    int64_t slice;   /* voxels of a slice */
    int32_t rows[2]; /* begin, end of the rows of every slice that the body reaches: outside all labels are 0, and are
                        not read, so that they take no memory */
    double voxel_ml;
    lung_frame frame;
    double air_hu; /* threshold that was found */
    double middle; /* x of the body's middle plane, voxels of the frame */
    bool airway_found;
    bool gate_failed;
    bool heart_speaks, heart_left; /* anatomy (sides.c) */
    bool spine_speaks, spine_behind;
    bool joined;                      /* both lungs were one component, and cut apart */
    double dense_ml[2];               /* left, right: tissue without air within the outline (outline.c) */
    double behind_ml[2], short_ml[2]; /* behind a lung; where it ends before the other one (mirror.c), 0: nowhere */
    double short_mm[2];
    bool short_above[2]; /* at the apex, not at the base */
} lung_work;

/* One component of air in the body, and what it is made of (science C4.3). */
typedef struct lung_part {
    int32_t component;
    double ml, length_cm;    /* along the body */
    double share, low_share; /* of its eroded voxels: lung density, below -950 HU */
    double centre_z;         /* frame voxels, as low_z and high_z */
    double low_z, high_z;
    bool airway; /* touches trachea or bronchi */
    bool lung;
} lung_part;

void lung_frame_of(const rs_geometry *geometry, lung_frame *out);
/* Cuts the frame to the rows of the image that hold anything, where these run from front to back. */
void lung_frame_cut(lung_frame *frame, int32_t image_rows, const int32_t rows[2]);
double lung_param(const lung_work *work, const char *name);

/* body.c: CODE_BODY, CODE_AIR, outside 0; the gate of science B2. */
rs_status lung_find_body(lung_work *work);
/* parts.c: every air code becomes CODE_LUNG, CODE_GAS, or CODE_AIR where it is small; *found: any lung, and its
   heights. first: before the airway is known. */
rs_status lung_judge_air(lung_work *work, bool first, bool *found, double *low_z, double *high_z);
/* airway.c: CODE_AIRWAY out of CODE_AIR, between those heights. */
rs_status lung_find_airway(lung_work *work, double low_z, double high_z);
/* anatomy.c: the middle plane (before the sides are known), and what spine and heart say (after). */
rs_status lung_find_middle(lung_work *work, double low_z, double high_z);
rs_status lung_ask_heart(lung_work *work);
/* sides.c: CODE_LUNG becomes CODE_LEFT or CODE_RIGHT. */
rs_status lung_give_sides(lung_work *work);
/* cut.c: CODE_MARK, lung on both sides of the middle, is cut along the densest way from front to back. */
rs_status lung_cut_joined(lung_work *work);
/* closing.c */
rs_status lung_close(lung_work *work);
/* outline.c: dense_ml */
rs_status lung_ask_outline(lung_work *work);
/* mirror.c: behind_ml, short_ml and what goes with it */
rs_status lung_ask_mirror(lung_work *work);
/* coverage.c: volumes, boxes, states, reasons, notes. */
rs_status lung_report_coverage(lung_work *work);

#endif
