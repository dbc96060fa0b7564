/* Slices that lean or lie unevenly, onto the orthogonal grid that the series has. */
#ifndef READ_STRAIGHTEN_H
#define READ_STRAIGHTEN_H

#include "restage/context.h"
#include "restage/read.h"

/** The grid that the slices are decoded onto, one behind the other: the series' own where nothing is repaired. */
rs_geometry read_slice_grid(const rs_series *series);

/**
 * Replaces the slices of a series by the volume on the series' grid; does nothing where nothing is to be repaired.
 *
 * Between two slices by their distance, linearly: a slice is an average over its thickness, and neighbours that hardly
 * overlap hold nothing that a longer kernel could restore, while its lobes would draw an edge on both sides of every
 * vessel. In their plane, where slices lean, by Keys' cubic (IEEE Trans ASSP 29:1153, 1981; a = -1/2): pixels are finer
 * than the scanner's blur, the kernel is exact for quadratics, and at half a pixel it keeps 64 % of the noise's
 * variance where linear interpolation keeps 50 %, so that noise and resolution vary less from slice to slice.
 * Outside what the slices around a place show: -1024 HU in CT, 0 elsewhere.
 *
 * volume   as decoded on read_slice_grid; then the new one (the old block goes back)
 * facts    resampled is set, text in the arena; or NULL
 * returns  RS_OK; RS_DATA (the grid is too large); RS_NO_MEMORY; RS_CANCELLED
 */
RS_MUST_USE rs_status read_straighten(rs_context *ctx, const rs_series *series, rs_volume *volume, rs_arena *arena,
                                      rs_read_facts *facts);

#endif
