/* Contours that stand twice in a file: even-odd would make nothing of them, and nobody means that. */
#include <stdlib.h>
#include <string.h>

#include "room.h"

typedef struct ranked {
    const rs_contour *contour;
    int index;
} ranked;

static int compare(const rs_contour *x, const rs_contour *y)
{
    if (x->n != y->n) return x->n < y->n ? -1 : 1;
    for (int d = 0; d < 3; d++)
        if (x->normal[d] != y->normal[d]) return x->normal[d] < y->normal[d] ? -1 : 1;
    return memcmp(x->corner_lps_mm, y->corner_lps_mm, (size_t)x->n * sizeof *x->corner_lps_mm);
}

static int by_shape(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    int side = compare(x->contour, y->contour);
    return side != 0 ? side : x->index < y->index ? -1 : x->index > y->index;
}

rs_status rs_outline_drop_twins(rs_masks *masks, rs_outline *outline, int32_t *n_dropped)
{
    const int n = outline->n_contours;
    rs_arena *scratch = rs_scratch(masks->ctx);
    if (!scratch) return rs_fail_memory(masks->ctx, "the contours");
    rs_arena_mark mark = rs_arena_where(scratch);
    ranked *order = RS_ARENA_RAW(scratch, ranked, n);
    bool *twin = RS_ARENA_NEW(scratch, bool, n);
    rs_status status = order && twin ? RS_OK : rs_fail_memory(masks->ctx, "the contours");
    for (int c = 0; status == RS_OK && c < n; c++)
        order[c] = (ranked){&outline->contours[c], c};
    if (status == RS_OK && n > 1) {
        qsort(order, (size_t)n, sizeof *order, by_shape);
        for (int c = 1; c < n; c++)
            twin[order[c].index] = compare(order[c - 1].contour, order[c].contour) == 0;
        outline->n_contours = 0;
        for (int c = 0; c < n; c++)
            if (!twin[c]) outline->contours[outline->n_contours++] = outline->contours[c];
    }
    *n_dropped = n - outline->n_contours;
    rs_arena_rewind(scratch, mark);
    return status;
}
