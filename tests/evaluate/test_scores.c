/* Strata, sizes, calibration, completeness and the interval of a share against closed forms and published tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "made.h"

static rs_match matched(bench *b)
{
    rs_match match;
    assert_int_equal(rs_match_find(b->ctx, &b->ledger, "reach", -1, b->ledger.arena, &match), RS_OK);
    return match;
}

/* Newcombe 1998, Stat Med 17, 857-872, table I, method 3. */
static void wilson_is_that_of_the_table(void **state)
{
    (void)state;
    // clang-format off
    static const struct { int64_t k, n; double low, high; } rows[] = {
        {81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0.0000, 0.1611}, {1, 29, 0.0061, 0.1718},
    };
    // clang-format on
    double low, high;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        rs_wilson(rows[i].k, rows[i].n, &low, &high);
        assert_near(low, rows[i].low, 5e-5);
        assert_near(high, rows[i].high, 5e-5);
    }
    rs_wilson(20, 20, &low, &high);
    assert_near(low, 1 - 0.1611, 5e-5);
    assert_true(high == 1);
    rs_wilson(0, 0, &low, &high);
    assert_true(isnan(low) && isnan(high));
}

static const rs_stratum *stratum(const rs_evaluation *e, const char *by, const char *name)
{
    for (int s = 0; s < e->n_strata; s++) {
        if (strcmp(e->strata[s].by, by) == 0 && strcmp(e->strata[s].name, name) == 0) return &e->strata[s];
    }
    return NULL;
}

static rs_evaluation stratify(bench *b)
{
    rs_evaluation e = {0};
    rs_match match = matched(b);
    assert_int_equal(rs_strata_score(b->ctx, &b->ledger, &match, b->ledger.arena, &e), RS_OK);
    return e;
}

static void sizes_fall_into_their_bins(void **state)
{
    bench *b = *state;
    const double mm[] = {2.99, 3, 4, 4.99, 5, 6, 8, 12, 20, 20.01};
    const int64_t expected[] = {1, 1, 2, 1, 1, 1, 2, 1};
    const char *names[] = {"under 3 mm", "3 to 4 mm",  "4 to 5 mm",   "5 to 6 mm",
                           "6 to 8 mm",  "8 to 12 mm", "12 to 20 mm", "over 20 mm"};
    for (int i = 0; i < 10; i++)
        finding(b, "a", 100 * i, mm[i], true);
    finding(b, "a", 5000, 7, false);
    rs_evaluation e = stratify(b);
    assert_string_equal(e.strata[0].by, "all");
    assert_int_equal(e.strata[0].n, 10);
    for (int i = 0; i < 8; i++) {
        assert_string_equal(e.strata[1 + i].name, names[i]);
        assert_int_equal(e.strata[1 + i].n, expected[i]);
    }
    assert_null(stratum(&e, "attachment", "not said")); /* nothing is known of any */
    assert_null(stratum(&e, "size, truth", "4 to 5 mm, real"));
}

/* Two scans; false marks at 0.9, 0.8, 0.7, 0.6, 0.5: 1 a scan lets two of them through, so P > 0.7 counts. */
static void thresholds_are_those_of_the_whole_set(void **state)
{
    bench *b = *state;
    finding(b, "a", 0, 4, true)->attachment = "vessel";
    finding(b, "a", 100, 4, true)->attachment = "free";
    finding(b, "b", 0, 4, true)->attachment = "free";
    finding(b, "b", 100, 4, true);
    mark(b, "a", 0, 0.75);
    mark(b, "a", 100, 0.7)->shown = false; /* as the third false mark: out at 1, in at 2 */
    mark(b, "b", 0, 0.55);
    for (int i = 0; i < 5; i++)
        mark(b, i % 2 == 0 ? "a" : "b", 1000 + 100 * i, 0.9 - 0.1 * i);
    b->ledger.scans[scan_of(b, "a")].kind = "insertion";
    b->ledger.scans[scan_of(b, "b")].kind = "phantom";
    b->ledger.scans[scan_of(b, "b")].thickness_mm = 1.25;
    rs_evaluation e = stratify(b);
    const rs_stratum *all = stratum(&e, "all", "all"), *free_ones = stratum(&e, "attachment", "free");
    assert_int_equal(all->found_at[0], 1);
    assert_int_equal(all->found_at[1], 3);
    assert_near(all->at[2], 0.75, 1e-12); /* five false marks never make 4 a scan: the curve keeps its last value */
    assert_near(all->at[1], 0.75, 1e-12);
    assert_int_equal(all->found_at_point, 2);
    assert_int_equal(free_ones->n, 2);
    assert_int_equal(free_ones->found_at[0], 0);
    assert_int_equal(free_ones->found_at[1], 2);
    assert_int_equal(stratum(&e, "attachment", "not said")->n, 1);
    assert_int_equal(stratum(&e, "attachment", "vessel")->found_at[0], 1);
    assert_int_equal(stratum(&e, "thickness", "up to 1.25 mm")->n, 2);
    assert_int_equal(stratum(&e, "thickness", "not said")->n, 2);
    assert_int_equal(stratum(&e, "thickness", "over 2.5 mm")->n, 0);
    assert_int_equal(stratum(&e, "truth", "insertion")->n, 2);
    assert_int_equal(stratum(&e, "attachment, truth", "free, phantom")->found_at_point, 1);
    assert_int_equal(stratum(&e, "size, truth", "4 to 5 mm, insertion")->n, 2);
}

static void first_30_are_those_of_the_scan(void **state)
{
    bench *b = *state;
    finding(b, "a", 0, 10, true);
    finding(b, "b", 0, 10, true);
    for (int i = 0; i < 29; i++)
        mark(b, "a", 100 + 20 * i, 0.9);
    for (int i = 0; i < 30; i++)
        mark(b, "b", 100 + 20 * i, 0.9);
    mark(b, "a", 0, 0.5); /* the 30th of its scan */
    mark(b, "b", 0, 0.9); /* a tie, but the 31st row */
    rs_evaluation e = stratify(b);
    assert_int_equal(stratum(&e, "all", "all")->found_first_30, 1);
}

/* Where a scan has 40 lesions not all can be among its first 30 marks, but all may be before its 31st false one. */
static void other_lesions_take_no_place(void **state)
{
    bench *b = *state;
    for (int i = 0; i < 40; i++) {
        finding(b, "a", 100 * i, 10, true);
        mark(b, "a", 100 * i, 0.9 - 0.01 * i);
    }
    finding(b, "b", 0, 10, true);
    finding(b, "b", 100, 10, true);
    for (int i = 0; i < 29; i++)
        mark(b, "b", 1000 + 20 * i, 0.9);
    mark(b, "b", 0, 0.6); /* 29 false ones before it */
    mark(b, "b", 2000, 0.5);
    mark(b, "b", 100, 0.4); /* and 30 before this */
    rs_evaluation e = stratify(b);
    assert_int_equal(stratum(&e, "all", "all")->n, 42);
    assert_int_equal(stratum(&e, "all", "all")->found_first_30, 30 + 1);
    assert_int_equal(stratum(&e, "all", "all")->found_first_30_false, 40 + 1);
    assert_int_equal(stratum(&e, "all", "all")->found_at[4], 42);
}

static void set_fit(rs_scored_mark *m, double fit, double low, double high)
{
    m->measured = true;
    m->fit_mm = fit;
    m->fit_low_mm = m->low_mm = low;
    m->fit_high_mm = m->high_mm = high;
}

static const rs_measured *measured(const rs_evaluation *e, const char *by, const char *name)
{
    for (int m = 0; m < e->n_measured; m++) {
        if (strcmp(e->measured[m].by, by) == 0 && strcmp(e->measured[m].name, name) == 0) return &e->measured[m];
    }
    return NULL;
}

/* Errors -1, 0, 1, 2 mm: bias 0.5, SD sqrt(5 / 3), limits 0.5 -+ 1.96 SD. */
static void sizes_agree_as_bland_and_altman_have_it(void **state)
{
    bench *b = *state;
    const double fit[] = {5, 6, 7, 8};
    for (int i = 0; i < 4; i++) {
        finding(b, "a", 100 * i, 6, true)->volume_mm3 = 100;
        rs_scored_mark *m = mark(b, "a", 100 * i, 0.9);
        set_fit(m, fit[i], fit[i] - 1 - 0.1 * i, fit[i] + 1);
        m->volume_mm3 = 100 + 10 * i;
        m->size_class = i == 0 ? "below_5mm" : i == 1 ? "near_5mm" : i == 2 ? "above_5mm" : "indeterminate";
    }
    b->ledger.marks[3].high_mm = (double)NAN; /* truncated */
    mark(b, "a", 301, 0.1);                   /* a double */
    rs_evaluation e = {0};
    rs_match match = matched(b);
    assert_int_equal(rs_measured_score(b->ctx, &b->ledger, &match, b->ledger.arena, &e), RS_OK);
    const rs_measured *all = measured(&e, "all", "all");
    double sd = sqrt(5.0 / 3);
    assert_int_equal(all->n, 4);
    assert_int_equal(all->n_fit, 4);
    assert_near(all->bias_mm, 0.5, 1e-12);
    assert_near(all->sd_mm, sd, 1e-12);
    assert_near(all->agreement_low_mm, 0.5 - 1.96 * sd, 1e-12);
    assert_near(all->agreement_high_mm, 0.5 + 1.96 * sd, 1e-12);
    assert_near(all->volume_bias, 0.15, 1e-12);
    /* 4 to 6, 4.9 to 7, 5.8 to 8, 6.7 to 9: the first three hold 6, ends included. */
    assert_int_equal(all->fit_covered, 3);
    assert_near(all->fit_coverage, 0.75, 1e-12);
    assert_int_equal(all->n_decided, 3);
    assert_int_equal(all->decided_covered, 3);
    assert_near(all->median_width_mm, 2.15, 1e-12);
    assert_int_equal(all->definite, 2);
    assert_int_equal(all->wrong, 1); /* 6 mm called below */
    assert_int_equal(all->near, 1);
    assert_int_equal(all->indeterminate, 1);
    assert_int_equal(measured(&e, "size", "6 to 8 mm")->n, 4);
    assert_null(measured(&e, "size", "3 to 4 mm"));
}

/* A diameter without bounds says nothing of coverage. */
static void fits_without_bounds_are_no_intervals(void **state)
{
    bench *b = *state;
    for (int i = 0; i < 2; i++) {
        finding(b, "a", 100 * i, 6, true);
        set_fit(mark(b, "a", 100 * i, 0.9), 6, i == 0 ? 5 : (double)NAN, i == 0 ? 7 : (double)NAN);
    }
    rs_evaluation e = {0};
    rs_match match = matched(b);
    assert_int_equal(rs_measured_score(b->ctx, &b->ledger, &match, b->ledger.arena, &e), RS_OK);
    const rs_measured *all = measured(&e, "all", "all");
    assert_int_equal(all->n_fit, 2);
    assert_int_equal(all->n_fit_bounded, 1);
    assert_near(all->fit_coverage, 1, 1e-12);
}

static void finding_hit_by_a_mark_without_a_size_is_not_measured(void **state)
{
    bench *b = *state;
    rs_evaluation e = {0};
    finding(b, "a", 0, 6, true);
    mark(b, "a", 0, 0.9);
    set_fit(mark(b, "a", 1, 0.8), 6, 5, 7);
    rs_match match = matched(b);
    assert_int_equal(rs_measured_score(b->ctx, &b->ledger, &match, b->ledger.arena, &e), RS_OK);
    assert_int_equal(e.n_measured, 0);
}

/* n marks of one P, the first ones of them each on a finding of its own. */
static void outcomes(bench *b, double p, int positive, int n)
{
    for (int i = 0; i < n; i++) {
        double at = 100.0 * b->ledger.n_marks;
        if (i < positive) finding(b, "a", at, 6, true);
        mark(b, "a", at, p);
    }
}

static rs_calibration calibrate(bench *b)
{
    rs_calibration c;
    rs_match match = matched(b);
    assert_int_equal(rs_calibration_score(b->ctx, &b->ledger, &match, b->ledger.arena, &c), RS_OK);
    return c;
}

/* Two probabilities make a saturated model: the line goes through logit(0.5) at logit(0.2) and logit(0.9) at
   logit(0.8). */
static void calibration_has_the_slope_of_two_points(void **state)
{
    bench *b = *state;
    outcomes(b, 0.2, 25, 50);
    outcomes(b, 0.8, 45, 50);
    outcomes(b, 0.04, 0, 30); /* below 0.05: not looked at */
    rs_calibration c = calibrate(b);
    assert_int_equal(c.n, 100);
    assert_near(c.slope, log(9.0) / (2 * log(4.0)), 1e-9);
    assert_near(c.intercept, log(9.0) / 2, 1e-9);
    assert_near(c.brier, (0.5 * (0.64 + 0.04) + 0.9 * 0.04 + 0.1 * 0.64) / 2, 1e-12);
    assert_int_equal(c.n_bins, 2); /* marks of one P stay together */
    assert_int_equal(c.bins[0].positive, 25);
    assert_near(c.bins[1].mean_p, 0.8, 1e-12);
    assert_near(c.error, (0.3 + 0.1) / 2, 1e-12);
}

static void perfect_calibration_has_slope_1(void **state)
{
    bench *b = *state;
    for (int i = 1; i < 10; i++)
        outcomes(b, i / 10.0, i * 2, 20);
    rs_calibration c = calibrate(b);
    assert_near(c.slope, 1, 1e-6);
    assert_near(c.intercept, 0, 1e-6);
    assert_near(c.error, 0, 1e-12);
}

static void bins_hold_equal_numbers(void **state)
{
    bench *b = *state;
    for (int i = 0; i < 103; i++)
        outcomes(b, 0.06 + 0.009 * i, i % 2, 1);
    rs_calibration c = calibrate(b);
    int64_t n = 0;
    assert_int_equal(c.n_bins, 10);
    for (int i = 0; i < 10; i++) {
        assert_in_range(c.bins[i].n, 10, 11);
        n += c.bins[i].n;
    }
    assert_int_equal(n, 103);
}

static void calibration_leaves_out_doubles_and_ignored_marks(void **state)
{
    bench *b = *state;
    finding(b, "a", 0, 8, true);
    finding(b, "a", 100, 8, false);
    mark(b, "a", 0, 0.9);
    mark(b, "a", 1, 0.8);
    mark(b, "a", 100, 0.7);
    rs_calibration c = calibrate(b);
    assert_int_equal(c.n, 1);
    assert_near(c.brier, 0.01, 1e-12);
    assert_true(isnan(c.slope)); /* one outcome makes no line */
}

static void perfect_parting_and_scores_have_no_slope(void **state)
{
    bench *b = *state;
    outcomes(b, 0.2, 0, 10);
    outcomes(b, 0.8, 10, 10);
    assert_true(isnan(calibrate(b).slope));
    mark(b, "a", 1e6, 3.5); /* no probability */
    rs_calibration c = calibrate(b);
    assert_int_equal(c.n, 0);
    assert_int_equal(c.n_bins, 0);
    assert_true(isnan(c.brier) && isnan(c.error));
}

static void patient_is_complete_with_every_large_lesion_marked(void **state)
{
    bench *b = *state;
    rs_completeness c;
    /* P1: two scans, both large lesions marked, a small one not. P2: one of two. P3: found by a mark that is not shown.
       P4: only small. Scan "n": nothing, a patient of its own. */
    finding(b, "1a", 0, 5, true);
    finding(b, "1b", 0, 9, true);
    finding(b, "1b", 100, 4.99, true);
    finding(b, "2", 0, 5, true);
    finding(b, "2", 100, 12, true);
    finding(b, "3", 0, 8, true);
    finding(b, "4", 0, 4, true);
    finding(b, "n", 0, 30, false);
    mark(b, "1a", 0, 0.9);
    mark(b, "1b", 0, 0.9);
    mark(b, "2", 0, 0.9);
    mark(b, "3", 0, 0.9)->shown = false;
    b->ledger.scans[scan_of(b, "1a")].patient = b->ledger.scans[scan_of(b, "1b")].patient = "P1";
    b->ledger.scans[scan_of(b, "2")].patient = "P2";
    rs_match match = matched(b);
    assert_int_equal(rs_completeness_score(b->ctx, &b->ledger, &match, b->ledger.arena, &c), RS_OK);
    assert_int_equal(c.patients, 5);
    assert_int_equal(c.with_lesions, 3);
    assert_int_equal(c.complete, 1);
    assert_near(c.share, 1.0 / 3, 1e-12);
    double low, high;
    rs_wilson(1, 3, &low, &high);
    assert_true(c.low == low && c.high == high);
    /* Two insertions into one chest are two patients. */
    b->ledger.scans[scan_of(b, "1a")].kind = b->ledger.scans[scan_of(b, "1b")].kind = "insertion";
    assert_int_equal(rs_completeness_score(b->ctx, &b->ledger, &match, b->ledger.arena, &c), RS_OK);
    assert_int_equal(c.patients, 6);
    assert_int_equal(c.complete, 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(wilson_is_that_of_the_table),
        TEST(sizes_fall_into_their_bins),
        TEST(thresholds_are_those_of_the_whole_set),
        TEST(first_30_are_those_of_the_scan),
        TEST(other_lesions_take_no_place),
        TEST(sizes_agree_as_bland_and_altman_have_it),
        TEST(fits_without_bounds_are_no_intervals),
        TEST(finding_hit_by_a_mark_without_a_size_is_not_measured),
        TEST(calibration_has_the_slope_of_two_points),
        TEST(perfect_calibration_has_slope_1),
        TEST(bins_hold_equal_numbers),
        TEST(calibration_leaves_out_doubles_and_ignored_marks),
        TEST(perfect_parting_and_scores_have_no_slope),
        TEST(patient_is_complete_with_every_large_lesion_marked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
