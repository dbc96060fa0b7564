/* What becomes of the rest of a branch when a part of it is gone (science F8, F10). */
#ifndef PHANTOM_PRUNE_H
#define PHANTOM_PRUNE_H

#include "mode.h"

/** What comes behind a piece that is gone goes with it if all that hangs together there is short: a piece of a vessel
 that hangs free in the lung is a nodule to whoever looks.
 * call       the mode's; its tubes from n_great on are the trees, whose pieces share their ends
 * gone       one for each of them, the first that of tube n_great; more become true
 * spared_mm  the length in all, from which on what hangs together stays; INFINITY: nothing stays
 * RS_OK; RS_NO_MEMORY. */
RS_MUST_USE rs_status rs_phantom_prune(const rs_phantom_mode_call *call, bool *gone, double spared_mm);

#endif
