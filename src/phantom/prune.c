/* Follows the trees by the ends that their pieces share, bit for bit. */
#include "prune.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Where a piece begins; pieces of one kind that begin at one place stand side by side once sorted. */
typedef struct beginning {
    float at[3];
    int32_t layer;
    int piece;
} beginning;

/* By place and kind alone. */
static int order(const beginning *a, const beginning *b)
{
    for (int c = 0; c < 3; c++)
        if (a->at[c] != b->at[c]) return a->at[c] < b->at[c] ? -1 : 1;
    return (a->layer > b->layer) - (a->layer < b->layer);
}

static int by_place(const void *a, const void *b)
{
    const beginning *x = a, *y = b;
    int o = order(x, y);
    return o != 0 ? o : (x->piece > y->piece) - (x->piece < y->piece);
}

/* Pieces as the mode gave them, and sorted by where they begin. */
typedef struct forest {
    const rs_phantom_tube *piece;
    beginning *sorted;
    int n;
} forest;

static rs_status sort(const rs_phantom_mode_call *call, forest *out)
{
    const rs_phantom_model *m = call->model;
    *out = (forest){.piece = m->tubes.items + m->n_great, .n = m->tubes.n - m->n_great};
    out->sorted = rs_arena_alloc_raw(call->arena, (size_t)out->n + 1, sizeof *out->sorted);
    if (out->sorted == NULL) return rs_fail_memory(call->ctx, "the phantom's vessels");
    for (int n = 0; n < out->n; n++) {
        out->sorted[n] = (beginning){.layer = out->piece[n].layer, .piece = n};
        memcpy(out->sorted[n].at, out->piece[n].a, sizeof out->sorted[n].at);
    }
    qsort(out->sorted, (size_t)out->n, sizeof *out->sorted, by_place);
    return RS_OK;
}

/* The pieces that begin where one ends: sorted[first] to sorted[*end - 1]. */
static int branches(const forest *f, int piece, int *end)
{
    beginning key = {.layer = f->piece[piece].layer};
    memcpy(key.at, f->piece[piece].b, sizeof key.at);
    int low = 0, high = f->n;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (order(&f->sorted[middle], &key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *end = low;
    while (*end < f->n && order(&f->sorted[*end], &key) == 0)
        (*end)++;
    return low;
}

static double length_of(const rs_phantom_tube *t)
{
    double square = 0.0;
    for (int c = 0; c < 3; c++)
        square += (double)(t->b[c] - t->a[c]) * (double)(t->b[c] - t->a[c]);
    return sqrt(square);
}

/* Piles up a piece and what comes behind it as far as it is not gone; the length of all that. */
static double gather(const forest *f, const bool *gone, int first, int *pile, int *n_pile)
{
    double length = 0.0;
    *n_pile = 0;
    pile[(*n_pile)++] = first;
    for (int n = 0; n < *n_pile; n++) {
        int end;
        length += length_of(&f->piece[pile[n]]);
        for (int s = branches(f, pile[n], &end); s < end && *n_pile < f->n; s++)
            if (!gone[f->sorted[s].piece]) pile[(*n_pile)++] = f->sorted[s].piece;
    }
    return length;
}

rs_status rs_phantom_prune(const rs_phantom_mode_call *call, bool *gone, double spared_mm)
{
    forest f;
    RS_TRY(sort(call, &f));
    int *pile = rs_arena_alloc_raw(call->arena, (size_t)f.n + 1, sizeof *pile), n_pile;
    bool *stem = rs_arena_alloc_raw(call->arena, (size_t)f.n + 1, sizeof *stem);
    if (pile == NULL || stem == NULL) return rs_fail_memory(call->ctx, "the phantom's vessels");
    memcpy(stem, gone, (size_t)f.n * sizeof *stem);
    for (int n = 0; n < f.n; n++) {
        int end = 0;
        for (int s = stem[n] ? branches(&f, n, &end) : 0; s < end; s++) {
            if (gone[f.sorted[s].piece] || gather(&f, gone, f.sorted[s].piece, pile, &n_pile) >= spared_mm) continue;
            for (int m = 0; m < n_pile; m++)
                gone[pile[m]] = true;
        }
    }
    return RS_OK;
}
