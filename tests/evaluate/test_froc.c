/* Matching and the curve: cases worked by hand after noduleCADEvaluationLUNA16.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "made.h"

static rs_froc score(bench *b, const char *rule, int cap, int bootstraps)
{
    rs_match match;
    rs_froc froc;
    assert_int_equal(rs_match_find(b->ctx, &b->ledger, rule, cap, b->ledger.arena, &match), RS_OK);
    assert_int_equal(rs_froc_score(b->ctx, &b->ledger, &match, false, bootstraps, b->ledger.arena, &froc), RS_OK);
    return froc;
}

static void counts_are(const rs_froc *froc, const int64_t expected[6])
{
    const rs_froc_counts *c = &froc->counts;
    const int64_t got[6] = {c->found, c->missed, c->false_marks, c->ignored, c->doubles, c->marks};
    for (int i = 0; i < 6; i++)
        assert_int_equal(got[i], expected[i]);
}

static void radius_is_strict_for_luna16_and_not_for_reach(void **state)
{
    bench *b = *state;
    finding(b, "a", 0, 10, true);
    mark(b, "a", 5, 0.9); /* exactly at the radius */
    rs_froc luna = score(b, "luna16", 0, -1), reach = score(b, "reach", 0, -1);
    counts_are(&luna, (int64_t[]){0, 1, 1, 0, 0, 1});
    counts_are(&reach, (int64_t[]){1, 0, 0, 0, 0, 1});
}

static void reach_is_at_least_3_mm(void **state)
{
    bench *b = *state;
    finding(b, "a", 0, 2, true);
    finding(b, "b", 0, 2, true);
    mark(b, "a", 3, 0.9);
    mark(b, "b", 3.001, 0.9);
    rs_froc reach = score(b, "reach", 0, -1);
    counts_are(&reach, (int64_t[]){1, 1, 1, 0, 0, 2});
}

static void cap_drops_every_tie_at_its_limit(void **state)
{
    bench *b = *state;
    /* P of the third is 0.5 as that of the fourth, which is the one behind a cap of 3: both fall out. */
    const double p[] = {0.5, 0.9, 0.5, 0.8, 0.1};
    finding(b, "a", 0, 10, true);
    for (int i = 0; i < 5; i++)
        mark(b, "a", 100 + 10 * i, p[i]);
    rs_froc froc = score(b, "luna16", 3, -1);
    counts_are(&froc, (int64_t[]){0, 1, 2, 0, 0, 2});
    /* As many as the cap allows: none falls out, whatever is tied. */
    froc = score(b, "luna16", 5, -1);
    counts_are(&froc, (int64_t[]){0, 1, 5, 0, 0, 5});
    /* All alike and one too many: nothing is left. */
    b->ledger.n_marks = 0;
    for (int i = 0; i < 4; i++)
        mark(b, "a", 100 + 10 * i, 0.5);
    froc = score(b, "luna16", 3, -1);
    counts_are(&froc, (int64_t[]){0, 1, 0, 0, 0, 0});
    assert_true(froc.cpm == 0);
}

static void cap_is_100_unless_said(void **state)
{
    bench *b = *state;
    finding(b, "a", 0, 10, true);
    for (int i = 0; i < 102; i++)
        mark(b, "a", 100 + i, i / 200.0);
    assert_int_equal(score(b, "luna16", 0, -1).counts.marks, 100);
    assert_int_equal(score(b, "luna16", -1, -1).counts.marks, 102);
}

static void best_mark_counts_and_others_are_doubles(void **state)
{
    bench *b = *state;
    finding(b, "a", 0, 10, true);
    mark(b, "a", 1, 0.4);
    mark(b, "a", -1, 0.7);
    mark(b, "a", 2, 0.7); /* a tie: the earlier row is the best */
    mark(b, "a", 50, 0.5);
    rs_froc froc = score(b, "luna16", 0, -1);
    counts_are(&froc, (int64_t[]){1, 0, 1, 0, 2, 4});
    /* Found at 0.7, before the false mark at 0.5: all of it without a false mark. */
    assert_true(froc.cpm == 1);
    rs_match match;
    assert_int_equal(rs_match_find(b->ctx, &b->ledger, "luna16", 0, b->ledger.arena, &match), RS_OK);
    assert_int_equal(rs_match_best(&b->ledger, &match, 0)->row, 1);
    const uint8_t roles[] = {RS_MARK_DOUBLE, RS_MARK_HIT, RS_MARK_DOUBLE, RS_MARK_FALSE};
    assert_memory_equal(match.role, roles, 4);
}

static void mark_within_two_findings_counts_for_both(void **state)
{
    bench *b = *state;
    finding(b, "a", 0, 10, true);
    finding(b, "a", 4, 10, true);
    mark(b, "a", 2, 0.6);
    rs_froc froc = score(b, "luna16", 0, -1);
    counts_are(&froc, (int64_t[]){2, 0, 0, 0, 0, 1});
    /* Two marks in both: the script counts a double for each finding. */
    mark(b, "a", 2.1, 0.5);
    froc = score(b, "luna16", 0, -1);
    counts_are(&froc, (int64_t[]){2, 0, 0, 0, 2, 2});
}

static void nodule_goes_before_an_exclusion_that_overlaps(void **state)
{
    bench *b = *state;
    finding(b, "a", 3, 10, false); /* stands before the nodule in the file */
    finding(b, "a", 0, 10, true);
    mark(b, "a", 1.5, 0.6); /* in both: found */
    mark(b, "a", 7, 0.5);   /* in the exclusion only: ignored */
    mark(b, "a", -4, 0.4);  /* in the nodule only: a double */
    mark(b, "a", 20, 0.3);  /* false */
    rs_froc froc = score(b, "luna16", 0, -1);
    counts_are(&froc, (int64_t[]){1, 0, 1, 1, 1, 4});
}

static void exclusion_without_a_diameter_is_10_mm(void **state)
{
    bench *b = *state;
    finding(b, "a", 100, 6, true);
    finding(b, "a", 0, -1, false);
    mark(b, "a", 4.9, 0.5);
    mark(b, "a", 5, 0.5);
    rs_froc froc = score(b, "luna16", 0, -1);
    counts_are(&froc, (int64_t[]){0, 1, 1, 1, 0, 2});
}

static void unusable_diameter_is_set_apart(void **state)
{
    bench *b = *state;
    const double unusable[] = {0, 0.4, -1, (double)NAN, (double)INFINITY};
    for (int i = 0; i < 5; i++)
        finding(b, "a", 100 * i, unusable[i], true);
    finding(b, "a", 900, 0.5, true);
    for (int i = 0; i < 5; i++)
        mark(b, "a", 100 * i, 0.5);
    mark(b, "a", 900.1, 0.5);
    assert_int_equal(b->ledger.unusable, 5);
    rs_froc froc = score(b, "luna16", 0, -1);
    counts_are(&froc, (int64_t[]){1, 0, 0, 5, 0, 6});
}

static void no_marks_find_nothing(void **state)
{
    bench *b = *state;
    finding(b, "a", 0, 10, true);
    finding(b, "b", 0, 10, true);
    rs_froc froc = score(b, "luna16", 0, 0);
    counts_are(&froc, (int64_t[]){0, 2, 0, 0, 0, 0});
    assert_int_equal(froc.counts.scans_without_marks, 2);
    assert_true(froc.cpm == 0 && froc.cpm_low == 0 && froc.cpm_high == 0 && froc.sensitivity_at[6] == 0);
    assert_int_equal(froc.n_curve, 1);
    assert_true(froc.greatest_sensitivity == 0 && froc.greatest_false_marks == 0);
}

static void no_nodules_have_no_sensitivity(void **state)
{
    bench *b = *state;
    mark(b, "a", 0, 0.5);
    mark(b, "b", 0, 0.5);
    rs_froc froc = score(b, "luna16", 0, 0);
    counts_are(&froc, (int64_t[]){0, 0, 2, 0, 0, 2});
    assert_true(isnan(froc.cpm) && isnan(froc.cpm_low) && isnan(froc.sensitivity_at[0]));
    assert_true(isnan(froc.greatest_sensitivity) && froc.greatest_false_marks == 1);
}

/* Four scans, four findings, two false marks: P falls as found, false, found, false + found (a tie). By hand:
   points (fps, sens) 0 .25, .25 .25, .25 .5, .5 .75; linear between .25 .5 and .5 .75. */
static void curve_is_linear_between_points(void **state)
{
    bench *b = *state;
    const char *uid[] = {"a", "b", "c", "d"};
    for (int s = 0; s < 4; s++)
        finding(b, uid[s], 0, 10, true);
    mark(b, "a", 0, 0.9);
    mark(b, "a", 50, 0.8);
    mark(b, "b", 0, 0.7);
    mark(b, "c", 0, 0.6);
    mark(b, "d", 50, 0.6);
    rs_froc froc = score(b, "luna16", 0, -1);
    const double expected[RS_FROC_AT] = {0.25, 0.5, 0.75, 0.75, 0.75, 0.75, 0.75};
    for (int i = 0; i < RS_FROC_AT; i++)
        assert_near(froc.sensitivity_at[i], expected[i], 1e-12);
    assert_near(froc.cpm, (0.25 + 0.5 + 5 * 0.75) / 7, 1e-12);
    const double curve[][2] = {{0, 0}, {0, 0.25}, {0.25, 0.25}, {0.25, 0.5}, {0.5, 0.75}};
    assert_int_equal(froc.n_curve, 5);
    for (int i = 0; i < 5; i++) {
        assert_near(froc.curve[i].false_marks, curve[i][0], 1e-12);
        assert_near(froc.curve[i].sensitivity, curve[i][1], 1e-12);
    }
    assert_true(isinf(froc.curve[0].p) && froc.curve[3].p == 0.7);
}

/* Between 0 and 0.5 false marks a scan in one step: half way up at 0.25, a quarter at 0.125. */
static void tie_is_one_step(void **state)
{
    bench *b = *state;
    finding(b, "a", 0, 10, true);
    scan_of(b, "b");
    mark(b, "a", 0, 0.5);
    mark(b, "b", 50, 0.5);
    rs_froc froc = score(b, "luna16", 0, -1);
    assert_near(froc.sensitivity_at[0], 0.25, 1e-12);
    assert_near(froc.sensitivity_at[1], 0.5, 1e-12);
    assert_near(froc.sensitivity_at[2], 1, 1e-12);
}

static void points_in_a_line_are_dropped(void **state)
{
    bench *b = *state;
    finding(b, "a", 0, 10, true);
    for (int i = 0; i < 10; i++)
        mark(b, "a", 50 + i, 0.9 - 0.01 * i);
    mark(b, "a", 0, 0.1);
    rs_froc froc = score(b, "luna16", 0, -1);
    /* (0,0), the first false mark, the last, the hit */
    assert_int_equal(froc.n_curve, 4);
    assert_near(froc.curve[1].false_marks, 1, 0);
    assert_near(froc.curve[2].false_marks, 10, 0);
    assert_near(froc.curve[3].sensitivity, 1, 0);
}

static void unlisted_scans_do_not_count(void **state)
{
    bench *b = *state;
    finding(b, "a", 0, 10, true);
    finding(b, "b", 0, 10, true);
    mark(b, "a", 0, 0.5);
    mark(b, "b", 50, 0.9);
    b->ledger.scans[scan_of(b, "b")].listed = false;
    rs_froc froc = score(b, "luna16", 0, -1);
    counts_are(&froc, (int64_t[]){1, 0, 0, 0, 0, 1});
    assert_int_equal(froc.counts.scans, 1);
}

/* Scans that are all alike are alike in every sample. */
static void one_scan_has_no_bounds(void **state)
{
    bench *b = *state;
    finding(b, "a", 0, 10, true);
    mark(b, "a", 0, 0.9);
    rs_froc froc = score(b, "luna16", 0, 0);
    assert_true(froc.cpm == 1 && isnan(froc.cpm_low) && isnan(froc.cpm_high) && isnan(froc.low_at[3]));
    assert_int_equal(froc.n_band, 0);
}

static void bootstrap_of_equal_scans_has_no_width(void **state)
{
    bench *b = *state;
    for (int s = 0; s < 30; s++) {
        char uid[8];
        uid[0] = 's', uid[1] = (char)('0' + s / 10), uid[2] = (char)('0' + s % 10), uid[3] = 0;
        finding(b, uid, 0, 10, true);
        finding(b, uid, 30, 10, true);
        mark(b, uid, 0, 0.9);
        mark(b, uid, 60, 0.8);
    }
    rs_froc froc = score(b, "luna16", 0, 200);
    for (int i = 0; i < RS_FROC_AT; i++) {
        assert_near(froc.sensitivity_at[i], 0.5, 1e-12);
        assert_near(froc.low_at[i], 0.5, 1e-12);
        assert_near(froc.high_at[i], 0.5, 1e-12);
    }
    assert_int_equal(froc.n_band, 49);
    assert_near(froc.band_false_marks[24], 1, 0);
}

/* One finding a scan, half of them found, no false mark: the sensitivity of a sample is binomial(100, 1/2) / 100, with
   95 % of it within 0.40 and 0.60 (SD 0.05). The sampling error of a 2.5 % quantile of 1,000 is 0.0042. */
static void bootstrap_of_a_share_is_binomial(void **state)
{
    bench *b = *state;
    for (int s = 0; s < 100; s++) {
        char uid[8];
        uid[0] = 's', uid[1] = (char)('0' + s / 10), uid[2] = (char)('0' + s % 10), uid[3] = 0;
        finding(b, uid, 0, 10, true);
        if (s % 2 == 0) mark(b, uid, 0, 0.9);
    }
    rs_froc froc = score(b, "luna16", 0, 0);
    assert_near(froc.cpm, 0.5, 1e-12);
    assert_near(froc.cpm_low, 0.40, 0.0151);
    assert_near(froc.cpm_high, 0.60, 0.0151);
    rs_froc again = score(b, "luna16", 0, 0);
    assert_true(again.cpm_low == froc.cpm_low && again.high_at[3] == froc.high_at[3]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(radius_is_strict_for_luna16_and_not_for_reach),
        TEST(reach_is_at_least_3_mm),
        TEST(cap_drops_every_tie_at_its_limit),
        TEST(cap_is_100_unless_said),
        TEST(best_mark_counts_and_others_are_doubles),
        TEST(mark_within_two_findings_counts_for_both),
        TEST(nodule_goes_before_an_exclusion_that_overlaps),
        TEST(exclusion_without_a_diameter_is_10_mm),
        TEST(unusable_diameter_is_set_apart),
        TEST(no_marks_find_nothing),
        TEST(no_nodules_have_no_sensitivity),
        TEST(curve_is_linear_between_points),
        TEST(tie_is_one_step),
        TEST(points_in_a_line_are_dropped),
        TEST(unlisted_scans_do_not_count),
        TEST(one_scan_has_no_bounds),
        TEST(bootstrap_of_equal_scans_has_no_width),
        TEST(bootstrap_of_a_share_is_binomial),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
