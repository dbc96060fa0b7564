/* The marks' masks on the source's own slices, disjoint: what the frames of a segmentation hold. */
#ifndef PACKET_SEG_FRAMES_H
#define PACKET_SEG_FRAMES_H

#include "restage/arena.h"
#include "restage/context.h"
#include "restage/report.h"

/* Pixels of one mark in one row of one source image: count columns from i. */
typedef struct rs_seg_run {
    int32_t mark, image; /* 0-based */
    int32_t j, i, count;
} rs_seg_run;

typedef struct rs_seg_frame {
    int32_t mark, image;
    int32_t first, n_runs; /* of runs; 0: an empty frame */
} rs_seg_frame;

typedef struct rs_seg_frames {
    const rs_seg_run *runs;     /* by mark, image, row, column; no pixel twice */
    const rs_seg_frame *frames; /* by mark, then image; at the end empty ones, so that the bits fill an even number of
                                   bytes: an odd one is padded, and viewers' parsers refuse the pad byte */
    int32_t n_frames;
} rs_seg_frames;

/**
 * Carries the masks of the report's marks onto the images of report->filing: voxel for voxel where the grid of the
 * report is the source's, else each source pixel by the voxel nearest to it. A pixel that two marks claim goes to the
 * one whose centre is nearer.
 *
 * out      in the arena; n_frames 0: no mark has a mask on these images
 * returns  RS_OK; RS_NO_MEMORY
 */
RS_MUST_USE rs_status rs_seg_frames_make(rs_context *ctx, const rs_report *report, rs_arena *arena, rs_seg_frames *out);

/** True where a mark has a mask on the images of report->filing. */
bool rs_seg_has_mask(const rs_report *report, const rs_report_mark *mark);

#endif
