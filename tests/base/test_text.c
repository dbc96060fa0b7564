/* Numbers and text without locale. */
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "restage/text.h"

static void test_real_grammar(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } good[] = {{"1", 1}, {" -2.5 ", -2.5}, {"+.5", 0.5}, {"3.", 3}, {"1e3", 1000}, {"1.25E-2", 0.0125}, {"-0", 0}};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        double value = 99;
        assert_true(rs_text_real(good[i].text, &value));
        assert_true(value == good[i].value);
    }
    static const char *const bad[] = {"",    " ",   ".",  "1,5", "0x10", "nan", "inf", "1e999",
                                      "12a", "1 2", "1e", "--1", "+",    "1e+", "\t1", "1\n"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        double value = 99;
        assert_false(rs_text_real(bad[i], &value));
        assert_true(value == 99);
    }
    assert_false(rs_text_real(NULL, NULL));
}

static void test_integer_grammar(void **state)
{
    (void)state;
    int64_t value = 7;
    assert_true(rs_text_integer("-12 ", &value));
    assert_int_equal(value, -12);
    assert_true(rs_text_integer("-9223372036854775808", &value));
    assert_true(value == INT64_MIN);
    assert_true(rs_text_integer("9223372036854775807", &value));
    assert_true(value == INT64_MAX);
    value = 7;
    static const char *const bad[] = {"", "1.0", "12abc", "9223372036854775808", "1e3", "0x1", "-"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(rs_text_integer(bad[i], &value));
    assert_int_equal(value, 7);
}

static void test_rounding(void **state)
{
    (void)state;
    assert_true(rs_round_decimals(4.05, 1) == 4.1);
    assert_true(rs_round_decimals(0.15, 1) == 0.2);
    assert_true(rs_round_decimals(-0.15, 1) == -0.2);
    assert_true(rs_round_decimals(4.94999, 1) == 4.9);
    assert_true(rs_round_decimals(2.5, 0) == 3);
    assert_false(signbit(rs_round_decimals(-0.01, 1)));
    assert_true(isnan(rs_round_decimals(NAN, 1)));
    assert_true(rs_round_decimals(1e300, 3) == 1e300);
}

static void test_format_ignores_the_locale(void **state)
{
    (void)state;
    char text[32];
    if (!setlocale(LC_ALL, "de_DE.UTF-8")) setlocale(LC_ALL, "");
    rs_text_format(text, sizeof(text), "%.2f", 1.5);
    assert_string_equal(text, "1.50");
    double value;
    assert_true(rs_text_real("1.5", &value));
    assert_true(value == 1.5);
    setlocale(LC_ALL, "C");
}

static void test_distance(void **state)
{
    (void)state;
    assert_int_equal(rs_text_distance("force", "force"), 0);
    assert_int_equal(rs_text_distance("", "abc"), 3);
    assert_int_equal(rs_text_distance("kitten", "sitting"), 3);
    assert_int_equal(rs_text_distance("--froce", "--force"), 1);
}

static void test_printable(void **state)
{
    (void)state;
    char text[64];
    rs_text_printable(text, sizeof(text), "a\x1b[31mb\n\xc3\xa4\xff\xe2\x82");
    assert_string_equal(text, "a?[31mb?\xc3\xa4???");
    rs_text_printable(text, 4, "ab\xc3\xa4");
    assert_string_equal(text, "ab");
    rs_text_printable(text, sizeof(text), NULL);
    assert_string_equal(text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_real_grammar), cmocka_unit_test(test_integer_grammar),
        cmocka_unit_test(test_rounding),     cmocka_unit_test(test_format_ignores_the_locale),
        cmocka_unit_test(test_distance),     cmocka_unit_test(test_printable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
