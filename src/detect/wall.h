/* The second family of the search: maxima of the determinant of the Hessian near the wall, of the volume without its
   wall; private to the room (science C6A.8). */
#ifndef DETECT_WALL_H
#define DETECT_WALL_H

#include "tile.h"

/**
 * Bit mask of the searched voxels that are deeper below the wall than any scale of this family asks.
 *
 * deep     end it with rs_block_give; data NULL where the family is not searched
 * returns  RS_OK; RS_NO_MEMORY; RS_CANCELLED
 */
RS_MUST_USE rs_status rs_wall_make(rs_context *ctx, const rs_search_wish *wish, const uint8_t searched[256],
                                   rs_block *deep);

/** Widens the job's halo to what this family needs on its level. */
void rs_wall_widen(rs_search_job *job);

/** Searches a tile whose input, mask and responses are made. */
RS_MUST_USE rs_status rs_wall_search(rs_context *ctx, rs_arena *scratch, const rs_tile_work *t);

#endif
