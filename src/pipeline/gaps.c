/* Slices that a series misses, or that cannot be decoded (--allow-partial): read interpolates them for looking, and
 * nothing is searched there. */
#include <math.h>

#include "stations.h"

/* The patient axis that runs most along the normal. */
static int axis_of(const rs_geometry *g)
{
    int axis = 2;
    for (int a = 0; a < 2; a++) {
        if (fabs(g->axis[2][a]) > fabs(g->axis[2][axis])) axis = a;
    }
    return axis;
}

/* "2 slices are missing between z = 20.00 mm and z = 26.00 mm" */
static const char *name_gaps(const rs_series *s, rs_arena *arena)
{
    int32_t missing = 0;
    for (int g = 0; g < s->n_gaps; g++)
        missing += s->gaps[g].k_end - s->gaps[g].k_begin;
    const int axis = axis_of(&s->geometry), below = s->gaps[0].k_begin - 1;
    const double from_mm = s->slices[below].position_lps_mm[axis], to_mm = s->slices[below + 1].position_lps_mm[axis];
    const char *places = s->n_gaps > 1 ? rs_arena_printf(arena, " in %d places, the first", s->n_gaps) : "";
    if (!places) return NULL;
    return rs_arena_printf(arena, "%d %s missing%s between %c = %.2f mm and %c = %.2f mm", missing,
                           missing == 1 ? "slice is" : "slices are", places, "xyz"[axis], from_mm, "xyz"[axis], to_mm);
}

rs_status rs_gaps_leave_out(rs_context *ctx, const rs_case *from, rs_arena *arena, rs_regions *regions)
{
    const rs_series *series = from->pick.series;
    const char *lost = from->read->lost, *why = series->n_gaps ? name_gaps(series, arena) : lost;
    if (why && series->n_gaps && lost) why = rs_arena_printf(arena, "%s, and %s", why, lost);
    if (!why) return rs_fail_memory(ctx, "the missing slices");
    return rs_regions_leave_out(ctx, regions, from->read->unseen, from->read->n_unseen, why, arena);
}
