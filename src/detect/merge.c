/* Sorting; merging of hits, whose neighbours are looked up in a grid of cells with chained lists, so that the cost is
   linear; one candidate a lesion among the best. */
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

/* A place with a radius. */
typedef struct spot {
    double mm[3], radius_mm;
} spot;

/* Cells over the box of all spots. */
typedef struct cells {
    const spot *spots;
    double share;
    double low_mm[3], size_mm;
    int32_t n[3];
    int32_t *first; /* of each cell: index of a kept spot, -1: none */
    int32_t *next;  /* by kept spot */
} cells;

static int32_t cell_along(const cells *c, int axis, double mm)
{
    double at = floor((mm - c->low_mm[axis]) / c->size_mm);
    if (at < 0) return 0;
    return at >= c->n[axis] ? c->n[axis] - 1 : (int32_t)at;
}

static rs_status cells_make(rs_context *ctx, const spot *spots, int n_spots, rs_arena *scratch, cells *out)
{
    enum { MOST = 128 }; /* cells along an axis */
    double high_mm[3], longest = 0;
    for (int a = 0; a < 3; a++) {
        out->low_mm[a] = high_mm[a] = spots[0].mm[a];
        for (int n = 1; n < n_spots; n++) {
            out->low_mm[a] = fmin(out->low_mm[a], spots[n].mm[a]);
            high_mm[a] = fmax(high_mm[a], spots[n].mm[a]);
        }
        longest = fmax(longest, high_mm[a] - out->low_mm[a]);
    }
    out->spots = spots;
    out->size_mm = fmax(longest / MOST, 2);
    int64_t total = 1;
    for (int a = 0; a < 3; a++) {
        out->n[a] = (int32_t)((high_mm[a] - out->low_mm[a]) / out->size_mm) + 1;
        total *= out->n[a];
    }
    out->first = RS_ARENA_RAW(scratch, int32_t, total);
    out->next = RS_ARENA_RAW(scratch, int32_t, n_spots);
    if (!out->first || !out->next) return rs_fail_memory(ctx, "merging candidates");
    for (int64_t n = 0; n < total; n++)
        out->first[n] = -1;
    return RS_OK;
}

static bool swallows(const spot *kept, const spot *s, double share)
{
    double reach = share * fmin(kept->radius_mm, s->radius_mm), square = 0;
    for (int a = 0; a < 3; a++) {
        double d = kept->mm[a] - s->mm[a];
        square += d * d;
    }
    return square <= reach * reach;
}

static bool is_swallowed(const cells *grid, const spot *s)
{
    int32_t low[3], high[3];
    double reach = grid->share * s->radius_mm;
    for (int a = 0; a < 3; a++) {
        low[a] = cell_along(grid, a, s->mm[a] - reach);
        high[a] = cell_along(grid, a, s->mm[a] + reach);
    }
    for (int32_t z = low[2]; z <= high[2]; z++)
        for (int32_t y = low[1]; y <= high[1]; y++)
            for (int32_t x = low[0]; x <= high[0]; x++) {
                int32_t m = grid->first[((int64_t)z * grid->n[1] + y) * grid->n[0] + x];
                for (; m >= 0; m = grid->next[m])
                    if (swallows(&grid->spots[m], s, grid->share)) return true;
            }
    return false;
}

/* kept[n] is 1 for a spot that no kept one before it swallows. */
static rs_status keep_first(rs_context *ctx, rs_arena *scratch, const spot *spots, int n_spots, double share,
                            uint8_t *kept)
{
    cells grid = {.share = share};
    RS_TRY(cells_make(ctx, spots, n_spots, scratch, &grid));
    for (int n = 0; n < n_spots; n++) {
        kept[n] = !is_swallowed(&grid, &spots[n]);
        if (!kept[n]) continue;
        int32_t at[3];
        for (int a = 0; a < 3; a++)
            at[a] = cell_along(&grid, a, spots[n].mm[a]);
        int32_t *first = &grid.first[((int64_t)at[2] * grid.n[1] + at[1]) * grid.n[0] + at[0]];
        grid.next[n] = *first;
        *first = n;
    }
    return RS_OK;
}

static bool share_a_place(const rs_candidate *one, const rs_candidate *other, double share)
{
    double reach = share * fmax(one->radius_mm, other->radius_mm), square = 0;
    for (int a = 0; a < 3; a++) {
        double d = one->lps_mm[a] - other->lps_mm[a];
        square += d * d;
    }
    return square <= reach * reach;
}

/* `other` stands for the place of `best`, whose rank it takes. */
static void stand_for(rs_candidate *best, const rs_candidate *other)
{
    rs_candidate c = *other;
    c.score = best->score;
    c.feature[RS_FEATURE_ray_logit] = best->feature[RS_FEATURE_ray_logit];
    c.feature[RS_FEATURE_deep_logit] = best->feature[RS_FEATURE_deep_logit];
    *best = c;
}

/* The first of some candidates in whose place this one lies; their number: none. */
static int place_of(const rs_candidate *items, int n_items, const rs_candidate *c, double share)
{
    int m = 0;
    while (m < n_items && !share_a_place(&items[m], c, share))
        m++;
    return m;
}

/* What stands for a place may lie in the next one, too, which then is the same lesion. Returns how many stay. */
static int part_again(rs_candidate *items, int n_items, double share)
{
    int kept = 0;
    for (int n = 0; n < n_items; n++)
        if (place_of(items, kept, &items[n], share) == kept) items[kept++] = items[n];
    return kept;
}

void rs_candidates_part(rs_candidates *candidates, const rs_part_wish *wish)
{
    rs_candidate *items = candidates->items;
    double *plain = wish->plain;
    int kept = 0, n = 0;
    if (!(wish->share > 0)) return;
    for (; n < candidates->n && n < wish->n_best; n++) {
        int m = place_of(items, kept, &items[n], wish->share);
        if (m == kept) {
            if (plain) plain[kept] = plain[n];
            items[kept++] = items[n];
        } else if (plain && plain[n] > plain[m] && items[n].score >= items[m].score - wish->margin) {
            stand_for(&items[m], &items[n]);
            plain[m] = plain[n];
        }
    }
    if (plain) kept = part_again(items, kept, wish->share);
    for (; n < candidates->n; n++)
        items[kept++] = items[n];
    candidates->n = kept;
}

/* A hit in the order in which hits swallow each other: by what the filter answered before it was told in HU, which is
   largest at the scale of a sphere (science C1.1). */
typedef struct turn {
    float response;
    int32_t hit;
} turn;

static int by_response(const void *a, const void *b)
{
    const turn *x = a, *y = b;
    if (x->response != y->response) return x->response > y->response ? -1 : 1;
    return x->hit < y->hit ? -1 : x->hit > y->hit;
}

static rs_status merge_hits(rs_context *ctx, rs_arena *scratch, rs_hits *hits, const rs_hits_merge_wish *wish)
{
    const int n_hits = (int)hits->n;
    turn *turns = RS_ARENA_RAW(scratch, turn, n_hits);
    spot *spots = RS_ARENA_RAW(scratch, spot, n_hits);
    uint8_t *kept = RS_ARENA_RAW(scratch, uint8_t, n_hits), *stays = RS_ARENA_RAW(scratch, uint8_t, n_hits);
    if (!turns || !spots || !kept || !stays) return rs_fail_memory(ctx, "merging candidates");
    for (int n = 0; n < n_hits; n++)
        turns[n] = (turn){hits->items[n].response_hu * hits->items[n].rho, n};
    qsort(turns, (size_t)n_hits, sizeof *turns, by_response);
    for (int n = 0; n < n_hits; n++) {
        const rs_hit *hit = &hits->items[turns[n].hit];
        double sigma_mm = rs_scale_mm(wish->scales, hit->step);
        spots[n].radius_mm = 0.5 * rs_matched_diameter_mm(sigma_mm, wish->psf_sigma_mm);
        for (int a = 0; a < 3; a++)
            spots[n].mm[a] = hit->index[a] * wish->spacing_mm[a];
    }
    RS_TRY(keep_first(ctx, scratch, spots, n_hits, wish->share, kept));
    for (int n = 0; n < n_hits; n++)
        stays[turns[n].hit] = kept[n];
    hits->n = 0;
    for (int n = 0; n < n_hits; n++)
        if (stays[n]) hits->items[hits->n++] = hits->items[n];
    return RS_OK;
}

rs_status rs_hits_merge(rs_context *ctx, rs_hits *hits, const rs_hits_merge_wish *wish)
{
    if (hits->n < 2) return RS_OK;
    rs_arena *scratch = rs_scratch(ctx);
    if (!scratch) return rs_fail_memory(ctx, "merging candidates");
    rs_arena_mark mark = rs_arena_where(scratch);
    rs_status status = merge_hits(ctx, scratch, hits, wish);
    rs_arena_rewind(scratch, mark);
    return status;
}
