/* Ledgers made by hand, for tests of the scorers; included behind cmocka.h. */
#ifndef EVALUATE_MADE_H
#define EVALUATE_MADE_H

#include "room.h"
#include <math.h>

/* cmocka compares floats. */
static inline void assert_near(double got, double expected, double within)
{
    assert_true(fabs(got - expected) <= within);
}

typedef struct bench {
    rs_context *ctx;
    rs_ledger ledger;
} bench;

static inline int setup(void **state)
{
    static bench b;
    b = (bench){0};
    if (rs_context_new(&(rs_context_options){.threads = 2}, &b.ctx) != RS_OK) return -1;
    b.ledger.arena = rs_arena_new();
    *state = &b;
    return b.ledger.arena != NULL ? 0 : -1;
}

static inline int teardown(void **state)
{
    bench *b = *state;
    rs_arena_free(b->ledger.arena);
    rs_context_free(b->ctx);
    return 0;
}

static inline int scan_of(bench *b, const char *uid)
{
    int scan = -1;
    assert_int_equal(rs_ledger_scan_of(b->ctx, &b->ledger, uid, &scan), RS_OK);
    return scan;
}

static inline rs_finding *finding(bench *b, const char *uid, double x, double diameter_mm, bool relevant)
{
    rs_finding made = rs_finding_empty();
    made.scan = scan_of(b, uid);
    made.relevant = relevant;
    made.lps_mm[0] = x;
    made.lps_mm[1] = made.lps_mm[2] = 0;
    made.diameter_mm = diameter_mm;
    b->ledger.scans[made.scan].has_truth = true;
    assert_int_equal(rs_ledger_add_finding(b->ctx, &b->ledger, &made), RS_OK);
    return &b->ledger.findings[b->ledger.n_findings - 1];
}

static inline rs_scored_mark *mark(bench *b, const char *uid, double x, double p)
{
    rs_scored_mark made = rs_scored_mark_empty();
    made.scan = scan_of(b, uid);
    made.lps_mm[0] = x;
    made.lps_mm[1] = made.lps_mm[2] = 0;
    made.p = p;
    made.shown = true;
    b->ledger.scans[made.scan].has_marks = true;
    assert_int_equal(rs_ledger_add_mark(b->ctx, &b->ledger, &made), RS_OK);
    return &b->ledger.marks[b->ledger.n_marks - 1];
}

#endif
