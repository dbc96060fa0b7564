/* JSON out and in: rounding once, order of keys, strictness, memory that runs out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "restage/context.h"
#include "restage/json.h"
#include <locale.h>
#include <math.h>

static int setup(void **state)
{
    rs_context *ctx = NULL;
    if (rs_context_new(&(rs_context_options){.threads = 1}, &ctx)) return -1;
    *state = ctx;
    return 0;
}

static int teardown(void **state)
{
    rs_context_free(*state);
    return 0;
}

static void prints_numbers_as_rounded(void **state)
{
    (void)setlocale(LC_ALL, "de_DE.UTF-8"); /* where it is installed, its comma must not show */
    rs_json *o = rs_json_object(), *a = rs_json_array();
    rs_json_set_real(o, "zeta", 4.0999999, 1);
    rs_json_set_real(o, "alpha", -0.04, 1);
    rs_json_set_real(o, "nan", NAN, 1);
    rs_json_set_real(o, "inf", INFINITY, 1);
    rs_json_set_integer(o, "n", -7);
    rs_json_set_text(o, "text", "a\"b\n\xC3\xA9\xFF\xC0\xAFz");
    rs_json_set_text(o, "none", NULL);
    rs_json_set_bool(o, "yes", true);
    rs_json_set(o, "list", a);
    rs_json_add_real(a, 1234567.25, 2);
    rs_json_add_integer(a, INT64_MAX);
    rs_json_add_text(a, "");
    char *text = NULL;
    size_t bytes = 0;
    assert_int_equal(rs_json_print(*state, o, &text, &bytes), RS_OK);
    assert_string_equal(text,
                        "{\n  \"zeta\": 4.1,\n  \"alpha\": 0.0,\n  \"nan\": null,\n  \"inf\": null,\n  \"n\": -7,\n"
                        "  \"text\": \"a\\\"b\\n\xC3\xA9???z\",\n  \"none\": null,\n  \"yes\": true,\n"
                        "  \"list\": [\n    1234567.25,\n    9223372036854775807,\n    \"\"\n  ]\n}\n");
    assert_int_equal(bytes, strlen(text));
    rs_json_text_free(text);
    rs_json_free(o);
    (void)setlocale(LC_ALL, "C");
}

static rs_status parse(void **state, const char *text)
{
    rs_json *root = NULL;
    rs_status status = rs_json_parse(*state, text, strlen(text), &root);
    rs_json_free(root);
    return status;
}

static void refuses_what_is_not_strict(void **state)
{
    assert_int_equal(parse(state, "{\"a\": 1}"), RS_OK);
    assert_int_equal(parse(state, "{\"a\": 1, \"a\": 2}"), RS_DATA);
    assert_non_null(strstr(rs_context_message(*state), "twice"));
    assert_int_equal(parse(state, "{\"a\": NaN}"), RS_DATA);
    assert_int_equal(parse(state, "{\"a\": 1} x"), RS_DATA);
    assert_int_equal(parse(state, "{\n \"secretname\" 1}"), RS_DATA);
    assert_non_null(strstr(rs_context_message(*state), "line 2"));
    assert_null(strstr(rs_context_message(*state), "secretname"));
    assert_int_equal(parse(state, ""), RS_DATA);
    char *big = calloc(1, (1 << 20) + 2);
    memset(big, ' ', (1 << 20) + 1);
    assert_int_equal(parse(state, big), RS_DATA);
    free(big);
}

static void reads_by_kind(void **state)
{
    const char *text = "{\"i\": 3, \"r\": 2.5, \"t\": \"x\", \"b\": false, \"a\": [1, null]}";
    rs_json *root = NULL;
    const rs_json *value = NULL;
    double real = 0;
    int64_t whole = 0;
    bool yes = true;
    assert_int_equal(rs_json_parse(*state, text, strlen(text), &root), RS_OK);
    assert_true(rs_json_real(rs_json_get(root, "i"), &real));
    assert_true(real == 3.0);
    assert_true(rs_json_integer(rs_json_get(root, "i"), &whole));
    assert_int_equal(whole, 3);
    assert_false(rs_json_integer(rs_json_get(root, "r"), &whole));
    assert_false(rs_json_real(rs_json_get(root, "t"), &real));
    assert_string_equal(rs_json_text(rs_json_get(root, "t")), "x");
    assert_null(rs_json_text(rs_json_get(root, "i")));
    assert_true(rs_json_boolean(rs_json_get(root, "b"), &yes));
    assert_false(yes);
    assert_null(rs_json_get(root, "missing"));
    assert_null(rs_json_get(NULL, "i"));
    assert_int_equal(rs_json_size(root), 5);
    assert_int_equal(rs_json_size(rs_json_get(root, "a")), 2);
    assert_int_equal(rs_json_size(rs_json_get(root, "i")), 0);
    assert_null(rs_json_at(rs_json_get(root, "a"), 2));
    const rs_json *entry = rs_json_first(rs_json_get(root, "a"));
    for (int i = 0; i < 2; i++, entry = rs_json_next(entry))
        assert_ptr_equal(entry, rs_json_at(rs_json_get(root, "a"), i));
    assert_null(entry);
    assert_null(rs_json_next(NULL));
    assert_null(rs_json_first(root)); /* an object */
    assert_null(rs_json_first(rs_json_get(root, "i")));
    assert_string_equal(rs_json_key(root, 1, &value), "r");
    assert_ptr_equal(value, rs_json_get(root, "r"));
    assert_null(rs_json_key(root, 5, NULL));
    rs_json_free(root);
}

static void remembers_what_failed(void **state)
{
    char *text = NULL;
    size_t bytes = 0;
    rs_json *o = rs_json_object(), *child = rs_json_object(), *inner = rs_json_array();
    rs_json_set(o, "child", child);
    rs_json_set(child, "inner", inner);
    rs_json_set(inner, "no array takes a key", rs_json_object()); /* an array takes no key */
    assert_int_equal(rs_json_print(*state, o, &text, &bytes), RS_NO_MEMORY);
    assert_null(text);
    rs_json_free(o);
    o = rs_json_object();
    rs_json_set(o, "missing", NULL); /* as from an rs_json_object() that failed */
    rs_json_set(NULL, "x", rs_json_array());
    rs_json_set_text(NULL, "x", "y");
    assert_int_equal(rs_json_print(*state, o, &text, &bytes), RS_NO_MEMORY);
    rs_json_free(o);
    rs_json_free(NULL);
    assert_int_equal(rs_json_print(*state, NULL, &text, &bytes), RS_NO_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_numbers_as_rounded),
        cmocka_unit_test(refuses_what_is_not_strict),
        cmocka_unit_test(reads_by_kind),
        cmocka_unit_test(remembers_what_failed),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
