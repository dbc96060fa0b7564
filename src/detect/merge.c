/* Sorting and merging. Neighbours are looked up in a grid of cells with chained lists, so that the cost is linear. */
#include "merge.h"

#include <math.h>
#include <stdlib.h>

#include "restage/arena.h"

static int by_score(const void *a, const void *b)
{
    const rs_candidate *x = a, *y = b;
    if (x->score != y->score) return x->score > y->score ? -1 : 1;
    for (int axis = 2; axis >= 0; axis--)
        if (x->index[axis] != y->index[axis]) return x->index[axis] < y->index[axis] ? -1 : 1;
    return x->scale_mm < y->scale_mm ? -1 : x->scale_mm > y->scale_mm;
}

static int by_p(const void *a, const void *b)
{
    const rs_candidate *x = a, *y = b;
    if (x->p != y->p) return x->p > y->p ? -1 : 1;
    return by_score(a, b);
}

void rs_candidates_rank(rs_candidates *candidates)
{
    if (candidates->n > 1) qsort(candidates->items, (size_t)candidates->n, sizeof *candidates->items, by_p);
}

void rs_candidates_sort(rs_candidates *candidates)
{
    if (candidates->n > 1) qsort(candidates->items, (size_t)candidates->n, sizeof *candidates->items, by_score);
}

/* Cells over the box of all candidates, in patient space. */
typedef struct cells {
    double low_mm[3], size_mm;
    int32_t n[3];
    int32_t *first; /* of each cell: index of a kept candidate, -1: none */
    int32_t *next;  /* by kept candidate */
} cells;

static int32_t cell_along(const cells *c, int axis, double mm)
{
    double at = floor((mm - c->low_mm[axis]) / c->size_mm);
    if (at < 0) return 0;
    return at >= c->n[axis] ? c->n[axis] - 1 : (int32_t)at;
}

static rs_status cells_make(rs_context *ctx, const rs_candidates *all, rs_arena *scratch, cells *out)
{
    enum { MOST = 128 }; /* cells along an axis */
    double high_mm[3], longest = 0;
    for (int a = 0; a < 3; a++) {
        out->low_mm[a] = high_mm[a] = all->items[0].lps_mm[a];
        for (int n = 1; n < all->n; n++) {
            out->low_mm[a] = fmin(out->low_mm[a], all->items[n].lps_mm[a]);
            high_mm[a] = fmax(high_mm[a], all->items[n].lps_mm[a]);
        }
        longest = fmax(longest, high_mm[a] - out->low_mm[a]);
    }
    out->size_mm = fmax(longest / MOST, 2);
    int64_t total = 1;
    for (int a = 0; a < 3; a++) {
        out->n[a] = (int32_t)((high_mm[a] - out->low_mm[a]) / out->size_mm) + 1;
        total *= out->n[a];
    }
    out->first = RS_ARENA_RAW(scratch, int32_t, total);
    out->next = RS_ARENA_RAW(scratch, int32_t, all->n);
    if (!out->first || !out->next) return rs_fail_memory(ctx, "merging candidates");
    for (int64_t n = 0; n < total; n++)
        out->first[n] = -1;
    return RS_OK;
}

static bool swallows(const rs_candidate *kept, const rs_candidate *c, double share)
{
    double reach = share * fmin(kept->radius_mm, c->radius_mm), square = 0;
    for (int a = 0; a < 3; a++) {
        double d = kept->lps_mm[a] - c->lps_mm[a];
        square += d * d;
    }
    return square <= reach * reach;
}

static bool is_swallowed(const cells *grid, const rs_candidates *all, const rs_candidate *c, double share)
{
    int32_t low[3], high[3];
    double reach = share * c->radius_mm;
    for (int a = 0; a < 3; a++) {
        low[a] = cell_along(grid, a, c->lps_mm[a] - reach);
        high[a] = cell_along(grid, a, c->lps_mm[a] + reach);
    }
    for (int32_t z = low[2]; z <= high[2]; z++)
        for (int32_t y = low[1]; y <= high[1]; y++)
            for (int32_t x = low[0]; x <= high[0]; x++) {
                int32_t m = grid->first[((int64_t)z * grid->n[1] + y) * grid->n[0] + x];
                for (; m >= 0; m = grid->next[m])
                    if (swallows(&all->items[m], c, share)) return true;
            }
    return false;
}

rs_status rs_candidates_merge(rs_context *ctx, rs_candidates *candidates, double share)
{
    cells grid;
    if (candidates->n < 2) return RS_OK;
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "merging candidates");
    rs_arena_mark mark = rs_arena_where(scratch);
    rs_status status = cells_make(ctx, candidates, scratch, &grid);
    int kept = 0;
    for (int n = 0; n < candidates->n && status == RS_OK; n++) {
        const rs_candidate c = candidates->items[n];
        if (is_swallowed(&grid, candidates, &c, share)) continue;
        int32_t at[3];
        for (int a = 0; a < 3; a++)
            at[a] = cell_along(&grid, a, c.lps_mm[a]);
        int32_t *first = &grid.first[((int64_t)at[2] * grid.n[1] + at[1]) * grid.n[0] + at[0]];
        grid.next[kept] = *first;
        *first = kept;
        candidates->items[kept++] = c;
    }
    if (status == RS_OK) candidates->n = kept;
    rs_arena_rewind(scratch, mark);
    return status;
}
