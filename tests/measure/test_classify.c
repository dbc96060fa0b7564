/* The class rule of contract 6, exhaustively around 5.0, and against what is printed. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "restage/lesion.h"
#include "restage/text.h"

/* The rule in whole tenths. */
static rs_size_class by_tenths(int low, int high)
{
    if (high < 50) return RS_SIZE_BELOW_5MM;
    if (low > 50) return RS_SIZE_ABOVE_5MM;
    return high - low <= 20 ? RS_SIZE_NEAR_5MM : RS_SIZE_INDETERMINATE;
}

static void test_every_pair_of_tenths(void **state)
{
    (void)state;
    for (int low = 0; low <= 120; low++)
        for (int high = low; high <= 160; high++) {
            double l = rs_round_decimals(low / 10.0, 1), h = rs_round_decimals(high / 10.0, 1);
            assert_int_equal(rs_size_classify(l, h), by_tenths(low, high));
        }
}

static void test_truncated(void **state)
{
    (void)state;
    for (int low = 0; low <= 120; low++)
        assert_int_equal(rs_size_classify(low / 10.0, NAN), low > 50 ? RS_SIZE_ABOVE_5MM : RS_SIZE_INDETERMINATE);
    assert_int_equal(rs_size_classify(NAN, NAN), RS_SIZE_INDETERMINATE);
}

/* What is printed with one decimal, read again, gives the class that stands beside it. */
static void test_print_never_contradicts(void **state)
{
    (void)state;
    uint64_t x = 20260101;
    for (int m = 0; m < 100000; m++) {
        x = x * 6364136223846793005ULL + 1442695040888963407ULL;
        double low = 4.0 + 2.0 * (double)(x >> 40) / 16777216.0;
        x = x * 6364136223846793005ULL + 1442695040888963407ULL;
        double high = low + 2.5 * (double)(x >> 40) / 16777216.0;
        double l = rs_round_decimals(low, 1), h = rs_round_decimals(high, 1);
        char text[32];
        rs_text_format(text, sizeof text, "%.1f", l);
        int print_low = (int)(strtod(text, NULL) * 10.0 + 0.5);
        rs_text_format(text, sizeof text, "%.1f", h);
        int print_high = (int)(strtod(text, NULL) * 10.0 + 0.5);
        assert_int_equal(rs_size_classify(l, h), by_tenths(print_low, print_high));
    }
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(rs_size_class_name(RS_SIZE_BELOW_5MM), "below_5mm");
    assert_string_equal(rs_size_class_name(RS_SIZE_NEAR_5MM), "near_5mm");
    assert_string_equal(rs_size_class_name(RS_SIZE_ABOVE_5MM), "above_5mm");
    assert_string_equal(rs_size_class_name(RS_SIZE_INDETERMINATE), "indeterminate");
    assert_null(rs_size_class_name(RS_SIZE_UNKNOWN));
    assert_null(rs_size_class_name((rs_size_class)99));
    assert_string_equal(rs_size_source_name(RS_SIZE_SOURCE_FIT), "fit");
    assert_string_equal(rs_size_source_name(RS_SIZE_SOURCE_SEGMENTATION), "segmentation");
    assert_string_equal(rs_caliper_source_name(RS_CALIPER_CONTOUR), "contour");
    assert_string_equal(rs_caliper_source_name(RS_CALIPER_MASK), "mask");
    assert_string_equal(rs_attachment_name(RS_ATTACHMENT_FREE), "free");
    assert_string_equal(rs_attachment_name(RS_ATTACHMENT_FISSURE), "fissure");
    assert_null(rs_attachment_name(RS_ATTACHMENT_UNKNOWN));
    assert_string_equal(rs_density_name(RS_DENSITY_UNKNOWN), "unknown");
    assert_string_equal(rs_density_name(RS_DENSITY_CAVITY), "cavity");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_pair_of_tenths),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_print_never_contradicts),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
