/* Where the frames of a segmentation lie: one regular grid that holds them all. */
#ifndef MASKS_SEG_GRID_H
#define MASKS_SEG_GRID_H

#include "room.h"

#define RS_SHARED_GROUPS RS_TAG(0x5200, 0x9229)
#define RS_FRAME_GROUPS RS_TAG(0x5200, 0x9230)

typedef struct rs_seg_frame {
    int64_t segment; /* 0 in a label map */
    int32_t k;       /* slice of the grid */
    double at_lps_mm[3], along_mm;
} rs_seg_frame;

typedef struct rs_seg_frames {
    rs_seg_frame *items; /* in the order of the file */
    int32_t n;
} rs_seg_frames;

/**
 * Reads the functional groups and sets the grid of masks.
 *
 * segments  every frame must say to which segment it belongs
 * returns   RS_OK; RS_DATA (frames without a place, of several orientations, shifted, at uneven distances);
 *           RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_seg_grid(rs_masks *masks, const rs_dicom_item *root, bool segments, rs_seg_frames *out);

#endif
