/* Sensitivity by kind of lesion, at thresholds of the whole set. */
#include "room.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_MARKS = 30, N_AT = RS_STRATUM_POINTS };
static const int at_false_marks[N_AT] = {1, 2, 4, 8, 64};

typedef struct tally {
    rs_context *ctx;
    const rs_ledger *ledger;
    const rs_match *match;
    rs_arena *arena;
    double above[N_AT]; /* a mark counts where its P is above */
    /* of each finding: its best mark is among the first of its scan; so few false ones precede it */
    const bool *first, *first_false;
    rs_evaluation *out;
    int capacity;
} tally;

static int falling(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* The lowest threshold that lets no more than the allowed number of false marks through, ties with the next one left
   out. Where there are fewer, every mark counts: a curve keeps its last sensitivity, as that of LUNA16 does. */
static rs_status set_thresholds(tally *t)
{
    const rs_ledger *ledger = t->ledger;
    double *p = RS_ARENA_RAW(t->arena, double, ledger->n_marks);
    int64_t n = 0, scans = 0;
    if (p == NULL) return rs_fail_memory(t->ctx, "the marks");
    for (int m = 0; m < ledger->n_marks; m++) {
        if (t->match->role[m] == RS_MARK_FALSE) p[n++] = ledger->marks[m].p;
    }
    for (int s = 0; s < ledger->n_scans; s++)
        scans += ledger->scans[s].listed;
    qsort(p, (size_t)n, sizeof *p, falling);
    for (int a = 0; a < N_AT; a++) {
        int64_t allowed = at_false_marks[a] * scans;
        t->above[a] = allowed < n ? p[allowed] : -(double)INFINITY;
    }
    return RS_OK;
}

static bool precedes(const rs_scored_mark *mark, const rs_scored_mark *other)
{
    return mark->p > other->p || (mark->p == other->p && mark->row < other->row);
}

/* The last of the first marks of a scan, of its false ones alone if asked; NULL: it has no more than those. */
static const rs_scored_mark *last_of_first(const tally *t, const rs_by_scan *marks, int scan, bool false_alone)
{
    const rs_ledger *ledger = t->ledger;
    const rs_scored_mark *first[FIRST_MARKS];
    int n = 0;
    for (int32_t i = marks->begin[scan]; i < marks->begin[scan + 1]; i++) {
        const rs_scored_mark *mark = &ledger->marks[marks->items[i]];
        if (false_alone && t->match->role[marks->items[i]] != RS_MARK_FALSE) continue;
        if (n == FIRST_MARKS && !precedes(mark, first[n - 1])) continue;
        int at = n < FIRST_MARKS ? n++ : n - 1;
        for (; at > 0 && precedes(mark, first[at - 1]); at--)
            first[at] = first[at - 1];
        first[at] = mark;
    }
    return n == FIRST_MARKS ? first[n - 1] : NULL;
}

static rs_status rank(tally *t, const rs_by_scan *marks, bool false_alone, const bool **out)
{
    const rs_ledger *ledger = t->ledger;
    bool *first = RS_ARENA_NEW(t->arena, bool, ledger->n_findings);
    if (first == NULL) return rs_fail_memory(t->ctx, "the findings");
    const rs_scored_mark **last = RS_ARENA_NEW(t->arena, const rs_scored_mark *, ledger->n_scans);
    if (last == NULL) return rs_fail_memory(t->ctx, "the scans");
    for (int s = 0; s < ledger->n_scans; s++)
        last[s] = last_of_first(t, marks, s, false_alone);
    for (int f = 0; f < ledger->n_findings; f++) {
        const rs_scored_mark *best = rs_match_best(ledger, t->match, f);
        if (best == NULL || !ledger->findings[f].relevant) continue;
        first[f] = last[best->scan] == NULL || !precedes(last[best->scan], best);
    }
    *out = first;
    return RS_OK;
}

static void count(const tally *t, int f, rs_stratum *stratum)
{
    const rs_scored_mark *best = rs_match_best(t->ledger, t->match, f);
    stratum->n++;
    stratum->found_at_point += rs_match_is_shown(t->ledger, t->match, f);
    stratum->found_first_30 += t->first[f];
    stratum->found_first_30_false += t->first_false[f];
    for (int a = 0; a < N_AT && best != NULL; a++)
        stratum->found_at[a] += best->p > t->above[a];
}

static void finish(rs_stratum *stratum)
{
    stratum->at_point = rs_share(stratum->found_at_point, stratum->n);
    rs_wilson(stratum->found_at_point, stratum->n, &stratum->at_point_low, &stratum->at_point_high);
    for (int a = 0; a < N_AT; a++) {
        stratum->at[a] = rs_share(stratum->found_at[a], stratum->n);
        rs_wilson(stratum->found_at[a], stratum->n, &stratum->at_low[a], &stratum->at_high[a]);
    }
}

static rs_status add_parts(tally *t, const char *by)
{
    rs_parts parts;
    RS_TRY(rs_parts_find(t->ctx, t->ledger, by, t->arena, &parts));
    int first = t->out->n_strata;
    for (int p = 0; p < parts.n; p++) {
        rs_stratum *stratum =
            rs_arena_push(t->arena, (void **)&t->out->strata, t->out->n_strata, &t->capacity, sizeof *stratum);
        if (stratum == NULL) return rs_fail_memory(t->ctx, "the strata");
        *stratum = (rs_stratum){.by = parts.by, .name = parts.names[p]};
        t->out->n_strata++;
    }
    for (int f = 0; f < t->ledger->n_findings && parts.n > 0; f++) {
        if (parts.of[f] >= 0) count(t, f, &t->out->strata[first + parts.of[f]]);
    }
    for (int p = 0; p < parts.n; p++)
        finish(&t->out->strata[first + p]);
    return RS_OK;
}

rs_status rs_strata_score(rs_context *ctx, const rs_ledger *ledger, const rs_match *match, rs_arena *arena,
                          rs_evaluation *out)
{
    static const char *const by[] = {"all", "size", "attachment", "density", "shape", "thickness", "side", "truth"};
    tally t = {.ctx = ctx, .ledger = ledger, .match = match, .arena = arena, .out = out};
    out->strata = NULL;
    out->n_strata = 0;
    RS_TRY(set_thresholds(&t));
    rs_by_scan marks;
    RS_TRY(rs_marks_by_scan(ctx, ledger, arena, &marks));
    RS_TRY(rank(&t, &marks, false, &t.first));
    RS_TRY(rank(&t, &marks, true, &t.first_false));
    for (size_t i = 0; i < sizeof by / sizeof *by; i++)
        RS_TRY(add_parts(&t, by[i]));
    bool several_kinds = out->n_strata > 1 && strcmp(out->strata[out->n_strata - 2].by, "truth") == 0;
    if (several_kinds) RS_TRY(add_parts(&t, "size, truth"));
    return several_kinds ? add_parts(&t, "attachment, truth") : RS_OK;
}
