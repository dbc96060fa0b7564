/* The row of the lungs: which series serves them best (contract 9), the regions that are absent, its data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "organs.h"
#include "restage/context.h"

static rs_context *ctx;
static rs_arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = rs_arena_new();
    return rs_context_new(NULL, &ctx) == RS_OK && arena ? 0 : 1;
}

static int tear_down(void **state)
{
    (void)state;
    rs_arena_free(arena);
    rs_context_free(ctx);
    return 0;
}

static rs_series ct(double thickness_mm, const char *kernel, int n_slices, int number)
{
    rs_series s;
    memset(&s, 0, sizeof s);
    s.modality = "CT", s.kernel = kernel, s.orientation = "axial", s.image_type = "ORIGINAL\\PRIMARY\\AXIAL",
    s.description = "";
    s.scanning_sequence = "", s.thickness_mm = thickness_mm, s.n_slices = n_slices, s.series_number = number;
    s.verdict = RS_VERDICT_GOOD;
    s.geometry.spacing_mm[2] = thickness_mm;
    return s;
}

static rs_suits suits(rs_series s)
{
    rs_suits out;
    assert_int_equal(rs_organs_at(0)->suits(ctx, &s, arena, &out), RS_OK);
    return out;
}

static void assert_before(rs_series better, rs_series worse)
{
    rs_suits a = suits(better), b = suits(worse);
    assert_null(a.reason);
    assert_null(b.reason);
    assert_true(b.score > 0);
    if (!(a.score > b.score)) fail_msg("%g is not above %g", a.score, b.score);
}

static void test_order_of_contract_9(void **state)
{
    (void)state;
    assert_before(ct(1, "B60f", 50, 9), ct(1.5, "B30f", 500, 1)); /* thin first */
    assert_before(ct(3, "LUNG", 20, 9), ct(5, "STANDARD", 500, 1));
    assert_before(ct(1, "B30f", 50, 9), ct(1, "B45f", 500, 1)); /* soft at equal thickness */
    assert_before(ct(1, "B41f", 50, 9), ct(1, "B60f", 500, 1));
    assert_before(ct(1, "STANDARD", 50, 9), ct(1, "LUNG", 500, 1));
    assert_before(ct(1, "FC08", 50, 9), ct(1, "FC52", 500, 1));
    assert_before(ct(1, "Br40d\\3", 50, 9), ct(1, "Bl57d\\3", 500, 1));
    assert_before(ct(1, "B30f", 300, 9), ct(1, "B30f", 299, 1)); /* more slices */
    assert_before(ct(1, "B30f", 300, 2), ct(1, "B30f", 300, 3)); /* lowest number */
    assert_before(ct(1, "B30f", 300, 800000), ct(1, "B30f", 300, -1));
    assert_before(ct(1, "B", 50, 9), ct(1, "YC", 500, 1)); /* Philips */
    assert_before(ct(1, "standard", 50, 9), ct(1, "Lung", 500, 1));
}

/* Thin slices that lie far apart show no more than thick ones; a sagittal or coronal CT was computed from other slices,
   of which its thickness says nothing. */
static void test_thin_slices_that_are_not(void **state)
{
    (void)state;
    rs_series apart = ct(1, "B30f", 30, 1), sagittal = ct(1, "B30f", 512, 1), named = ct(1, "B30f", 512, 1);
    apart.geometry.spacing_mm[2] = 10;
    assert_before(ct(5, "B70f", 60, 9), apart);
    sagittal.orientation = "sagittal";
    named.image_type = "DERIVED\\SECONDARY\\REFORMATTED";
    assert_before(ct(1, "B30f", 300, 9), sagittal);
    assert_before(ct(1, "B30f", 300, 9), named);
    assert_before(sagittal, ct(1.25, "B30f", 300, 9));
}

static void test_thickness_missing_is_spacing(void **state)
{
    (void)state;
    rs_series s = ct(1, "B30f", 300, 1);
    s.thickness_mm = 0;
    assert_true(suits(s).score == suits(ct(1, "B30f", 300, 1)).score);
}

static void test_absent(void **state)
{
    (void)state;
    rs_regions out;
    char reason[] = "too few slices";
    assert_int_equal(rs_organs_at(0)->absent(ctx, reason, arena, &out), RS_OK);
    reason[0] = 'X';
    assert_int_equal(out.n, 2);
    assert_null(out.labels);
    assert_int_equal(out.region[0].side, RS_SIDE_LEFT);
    assert_int_equal(out.region[1].side, RS_SIDE_RIGHT);
    for (int r = 0; r < 2; r++) {
        assert_int_equal(out.region[r].state, RS_NOT_ASSESSED);
        assert_string_equal(out.region[r].name, "lung");
        assert_string_equal(out.region[r].reason, "too few slices");
        assert_int_equal(out.region[r].role, RS_ROLE_SEARCH);
    }
}

static void test_data_of_the_row(void **state)
{
    (void)state;
    const rs_organ *organ = rs_organs_at(0);
    assert_string_equal(organ->id, "ct-lung");
    assert_string_equal(organ->codes.organ.value, "39607008");
    assert_string_equal(organ->codes.left.value, "44029006");
    assert_string_equal(organ->codes.right.value, "3341006");
    assert_null(rs_organs_at(-1));
    assert_null(rs_organs_at(rs_organs_count()));
    const rs_detect_profile *d = &organ->detect;
    assert_true(d->bright && d->clip_low_hu == -1000 && d->clip_high_hu == 200);
    for (int i = 1; i < d->calibration.n; i++) {
        assert_true(d->calibration.score[i] > d->calibration.score[i - 1]);
        assert_true(d->calibration.p[i] >= d->calibration.p[i - 1]);
    }
    assert_int_equal(d->n_points, 3);
    assert_string_equal(d->points[1].name, "default");
    assert_true(d->points[0].p >= d->points[1].p && d->points[1].p >= d->points[2].p);
    assert_true(organ->measure.largest_fit_mm == 20);
}

static void test_parameters_are_in_their_ranges(void **state)
{
    (void)state;
    const rs_param_table *table = rs_organs_at(0)->params;
    assert_true(table->n > 0);
    for (int i = 0; i < table->n; i++) {
        const rs_param *row = &table->rows[i];
        assert_true(row->min <= row->default_value && row->default_value <= row->max);
        assert_true(strlen(row->help) > 0 && strlen(row->unit) > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_of_contract_9),
        cmocka_unit_test(test_thin_slices_that_are_not),
        cmocka_unit_test(test_thickness_missing_is_spacing),
        cmocka_unit_test(test_absent),
        cmocka_unit_test(test_data_of_the_row),
        cmocka_unit_test(test_parameters_are_in_their_ranges),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
