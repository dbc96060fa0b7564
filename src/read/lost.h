/* Slices that cannot be decoded, where the caller takes what there is (--allow-partial). */
#ifndef READ_LOST_H
#define READ_LOST_H

#include "slice.h"

/**
 * Puts something to look at in the place of slices that cannot be decoded: their nearest neighbours, blended by
 * distance.
 *
 * job      lost and why as slices_read left them
 * returns  RS_OK; RS_DATA (more than half of the slices are lost, with the first reason)
 */
RS_MUST_USE rs_status lost_fill(rs_context *ctx, slice_job *job);

/**
 * Lists the slices of the series' grid that no image shows: those that are missing, and those that are made from lost
 * ones; and says which were lost and why.
 *
 * returns  RS_OK; RS_NO_MEMORY
 */
RS_MUST_USE rs_status lost_list(rs_context *ctx, const slice_job *job, rs_arena *arena, rs_read_facts *facts);

#endif
