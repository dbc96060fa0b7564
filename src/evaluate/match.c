/* Which mark meets which finding, by the rules of LUNA16's noduleCADEvaluationLUNA16.py (Setio 2017): relevant findings
   before the others, a mark within two relevant findings counts for both, the best mark of a finding counts. */
#include "room.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CAP_OF_LUNA16 = 100 };
#define REACH_MM 3.0

typedef struct group_args {
    const void *items; /* structures that begin with the index of their scan */
    size_t size;
    int n, n_scans;
    const char *what;
} group_args;

static int scan_of(const group_args *args, int item)
{
    int scan;
    memcpy(&scan, (const char *)args->items + (size_t)item * args->size, sizeof scan);
    return scan;
}

/* Counting sort. */
static rs_status group(rs_context *ctx, const group_args *args, rs_arena *arena, rs_by_scan *out)
{
    int32_t *begin = RS_ARENA_NEW(arena, int32_t, args->n_scans + 2);
    int32_t *items = RS_ARENA_RAW(arena, int32_t, args->n);
    if (begin == NULL || items == NULL) return rs_fail_memory(ctx, args->what);
    for (int n = 0; n < args->n; n++)
        begin[scan_of(args, n) + 2]++;
    for (int s = 0; s < args->n_scans; s++)
        begin[s + 2] += begin[s + 1];
    for (int n = 0; n < args->n; n++)
        items[begin[scan_of(args, n) + 1]++] = n;
    *out = (rs_by_scan){begin, items};
    return RS_OK;
}

rs_status rs_findings_by_scan(rs_context *ctx, const rs_ledger *ledger, rs_arena *arena, rs_by_scan *out)
{
    _Static_assert(offsetof(rs_finding, scan) == 0, "group reads it there");
    const group_args args = {ledger->findings, sizeof *ledger->findings, ledger->n_findings, ledger->n_scans,
                             "the findings"};
    return group(ctx, &args, arena, out);
}

rs_status rs_marks_by_scan(rs_context *ctx, const rs_ledger *ledger, rs_arena *arena, rs_by_scan *out)
{
    _Static_assert(offsetof(rs_scored_mark, scan) == 0, "group reads it there");
    const group_args args = {ledger->marks, sizeof *ledger->marks, ledger->n_marks, ledger->n_scans, "the marks"};
    return group(ctx, &args, arena, out);
}

const rs_scored_mark *rs_match_best(const rs_ledger *ledger, const rs_match *match, int finding)
{
    int32_t first = match->begin[finding];
    return first < match->begin[finding + 1] ? &ledger->marks[match->hits[first]] : NULL;
}

bool rs_match_is_shown(const rs_ledger *ledger, const rs_match *match, int finding)
{
    for (int32_t h = match->begin[finding]; h < match->begin[finding + 1]; h++) {
        if (ledger->marks[match->hits[h]].shown) return true;
    }
    return false;
}

typedef struct ranked {
    double p;
    int32_t mark;
} ranked;

/* The best comes first; of equals the earlier row. */
static int falling(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->p != y->p) return x->p < y->p ? 1 : -1;
    return (x->mark > y->mark) - (x->mark < y->mark);
}

/* A mark by its place along an axis. */
typedef struct laid {
    double at_mm;
    int32_t rank;
} laid;

static int along(const void *a, const void *b)
{
    const laid *x = a, *y = b;
    if (x->at_mm != y->at_mm) return x->at_mm < y->at_mm ? -1 : 1;
    return (x->rank > y->rank) - (x->rank < y->rank);
}

static int by_rank(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

typedef struct matching {
    rs_context *ctx;
    const rs_ledger *ledger;
    rs_by_scan marks, findings;
    bool reach;
    int cap;        /* <= 0: none */
    ranked *ranked; /* the marks of the scan that is worked on, and how many the cap keeps */
    int32_t n_kept;
    int axis;              /* along which they are laid out */
    laid *laid;            /* what is kept, by its place along the axis */
    int32_t *hits, *place; /* place: where the hits of a finding begin, in the order of the scans */
    int64_t n_hits, hits_capacity;
    int32_t *n_of;
    uint8_t *role, *kept;
    rs_arena *arena;
} matching;

/* The cap keeps the marks with P strictly above that of the one behind it, so that ties there all fall out. */
static void keep(matching *m, int scan)
{
    int32_t begin = m->marks.begin[scan], n = m->marks.begin[scan + 1] - begin;
    for (int32_t i = 0; i < n; i++) {
        int32_t mark = m->marks.items[begin + i];
        m->ranked[i] = (ranked){m->ledger->marks[mark].p, mark};
    }
    qsort(m->ranked, (size_t)n, sizeof *m->ranked, falling);
    double least = m->cap > 0 && n > m->cap ? m->ranked[m->cap].p : -(double)INFINITY;
    for (m->n_kept = 0; m->n_kept < n && m->ranked[m->n_kept].p > least; m->n_kept++) {
        m->kept[m->ranked[m->n_kept].mark] = 1;
        m->role[m->ranked[m->n_kept].mark] = RS_MARK_FALSE;
    }
}

static double square(double x)
{
    return x * x;
}

static bool meets(const matching *m, const rs_finding *finding, const rs_scored_mark *mark)
{
    double distance2 = 0;
    for (int a = 0; a < 3; a++)
        distance2 += square(finding->lps_mm[a] - mark->lps_mm[a]);
    double radius_mm = finding->diameter_mm / 2;
    return m->reach ? distance2 <= square(fmax(radius_mm, REACH_MM)) : distance2 < square(radius_mm);
}

static rs_status add_hit(matching *m, int32_t mark)
{
    if (m->n_hits == m->hits_capacity) {
        if (m->n_hits > INT32_MAX / 2) return rs_fail(m->ctx, RS_DATA, "the findings lie too much on one another");
        int64_t capacity = m->hits_capacity > 0 ? 2 * m->hits_capacity : 4096;
        int32_t *hits = RS_ARENA_RAW(m->arena, int32_t, capacity);
        if (hits == NULL) return rs_fail_memory(m->ctx, "the hits");
        if (m->n_hits > 0) memcpy(hits, m->hits, (size_t)m->n_hits * sizeof *hits);
        m->hits = hits;
        m->hits_capacity = capacity;
    }
    m->hits[m->n_hits++] = mark;
    return RS_OK;
}

/* A mark on a relevant finding is never ignored, whichever of its findings comes first. */
static void set_roles(matching *m, bool relevant, const int32_t *hits, int32_t n)
{
    for (int32_t h = 0; h < n; h++) {
        uint8_t *role = &m->role[hits[h]];
        if (relevant && h == 0) *role = RS_MARK_HIT;
        if (relevant && h > 0 && *role != RS_MARK_HIT) *role = RS_MARK_DOUBLE;
        if (!relevant && *role == RS_MARK_FALSE) *role = RS_MARK_IGNORED;
    }
}

/* Lays the kept marks out along the axis on which they lie farthest apart. */
static void lay_out(matching *m)
{
    double widest = -1;
    for (int a = 0; a < 3; a++) {
        double low = (double)INFINITY, high = -(double)INFINITY;
        for (int32_t i = 0; i < m->n_kept; i++) {
            low = fmin(low, m->ledger->marks[m->ranked[i].mark].lps_mm[a]);
            high = fmax(high, m->ledger->marks[m->ranked[i].mark].lps_mm[a]);
        }
        if (high - low > widest) {
            widest = high - low;
            m->axis = a;
        }
    }
    for (int32_t i = 0; i < m->n_kept; i++)
        m->laid[i] = (laid){m->ledger->marks[m->ranked[i].mark].lps_mm[m->axis], i};
    qsort(m->laid, (size_t)m->n_kept, sizeof *m->laid, along);
}

/* The first laid mark that does not lie before at_mm. */
static int32_t first_from(const matching *m, double at_mm)
{
    int32_t low = 0, high = m->n_kept;
    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        if (m->laid[middle].at_mm < at_mm)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Looks at the marks in a window of the finding's reach, a little wider than rounding could need. */
static rs_status match_finding(matching *m, int32_t f)
{
    const rs_finding *finding = &m->ledger->findings[f];
    const double radius_mm = finding->diameter_mm / 2, reach_mm = m->reach ? fmax(radius_mm, REACH_MM) : radius_mm;
    const double at_mm = finding->lps_mm[m->axis], wide_mm = reach_mm + 1e-9 * (fabs(at_mm) + reach_mm);
    int64_t first = m->n_hits;
    RS_TRY(rs_context_check_cancel(m->ctx));
    for (int32_t i = first_from(m, at_mm - wide_mm); i < m->n_kept && m->laid[i].at_mm <= at_mm + wide_mm; i++) {
        int32_t rank = m->laid[i].rank;
        if (meets(m, finding, &m->ledger->marks[m->ranked[rank].mark])) RS_TRY(add_hit(m, rank));
    }
    m->place[f] = (int32_t)first;
    m->n_of[f] = (int32_t)(m->n_hits - first);
    qsort(m->hits + first, (size_t)m->n_of[f], sizeof *m->hits, by_rank);
    for (int64_t h = first; h < m->n_hits; h++)
        m->hits[h] = m->ranked[m->hits[h]].mark;
    set_roles(m, finding->relevant, m->hits + first, m->n_of[f]);
    return RS_OK;
}

static rs_status match_scan(matching *m, int scan)
{
    if (!m->ledger->scans[scan].listed) return RS_OK; /* its marks are out */
    keep(m, scan);
    lay_out(m);
    for (int32_t i = m->findings.begin[scan]; i < m->findings.begin[scan + 1]; i++)
        RS_TRY(match_finding(m, m->findings.items[i]));
    return rs_context_check_cancel(m->ctx);
}

/* From the order of matching to that of the findings. */
static rs_status pack(matching *m, rs_match *out)
{
    int n = m->ledger->n_findings;
    int32_t *begin = RS_ARENA_NEW(m->arena, int32_t, n + 1), *hits = RS_ARENA_RAW(m->arena, int32_t, m->n_hits);
    if (begin == NULL || hits == NULL) return rs_fail_memory(m->ctx, "the hits");
    for (int f = 0; f < n; f++) {
        begin[f + 1] = begin[f] + m->n_of[f];
        if (m->n_of[f] > 0) memcpy(hits + begin[f], m->hits + m->place[f], (size_t)m->n_of[f] * sizeof *hits);
    }
    out->begin = begin;
    out->hits = hits;
    out->role = m->role;
    out->kept = m->kept;
    return RS_OK;
}

static int most_marks(const rs_by_scan *marks, int n_scans)
{
    int most = 0;
    for (int s = 0; s < n_scans; s++) {
        int n = marks->begin[s + 1] - marks->begin[s];
        if (n > most) most = n;
    }
    return most;
}

static rs_status prepare(matching *m)
{
    const rs_ledger *ledger = m->ledger;
    RS_TRY(rs_marks_by_scan(m->ctx, ledger, m->arena, &m->marks));
    RS_TRY(rs_findings_by_scan(m->ctx, ledger, m->arena, &m->findings));
    m->ranked = RS_ARENA_RAW(m->arena, ranked, most_marks(&m->marks, ledger->n_scans));
    m->laid = RS_ARENA_RAW(m->arena, laid, most_marks(&m->marks, ledger->n_scans));
    m->place = RS_ARENA_NEW(m->arena, int32_t, ledger->n_findings);
    m->n_of = RS_ARENA_NEW(m->arena, int32_t, ledger->n_findings);
    m->role = RS_ARENA_RAW(m->arena, uint8_t, ledger->n_marks);
    m->kept = RS_ARENA_NEW(m->arena, uint8_t, ledger->n_marks);
    bool all = m->ranked != NULL && m->laid != NULL && m->place != NULL && m->n_of != NULL && m->role != NULL &&
               m->kept != NULL;
    if (!all) return rs_fail_memory(m->ctx, "the matching");
    memset(m->role, RS_MARK_OUT, (size_t)ledger->n_marks);
    return add_hit(m, 0);
}

rs_status rs_match_find(rs_context *ctx, const rs_ledger *ledger, const char *rule, int cap, rs_arena *arena,
                        rs_match *out)
{
    matching m = {.ctx = ctx, .ledger = ledger, .arena = arena, .reach = strcmp(rule, "reach") == 0};
    m.cap = cap == 0 ? CAP_OF_LUNA16 : cap;
    RS_TRY(prepare(&m));
    m.n_hits = 0;
    for (int s = 0; s < ledger->n_scans; s++)
        RS_TRY(match_scan(&m, s));
    out->rule = rule;
    return pack(&m, out);
}
