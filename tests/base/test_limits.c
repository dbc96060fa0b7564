/* The table of limits: every row has its default, is set by its name, and belongs to one context. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "restage/limits.h"

static rs_context *new_context(void)
{
    rs_context *ctx = NULL;
    assert_int_equal(rs_context_new(NULL, &ctx), RS_OK);
    return ctx;
}

static void test_every_row(void **state)
{
    (void)state;
    rs_context *ctx = new_context(), *other = new_context();
    const rs_limit_row *table = rs_limit_table();
    for (int i = 0; i < RS_LIMIT_COUNT; i++) {
        char text[64];
        assert_true(table[i].value > 0 && table[i].what[0]);
        assert_int_equal(rs_limit(ctx, (rs_limit_name)i), table[i].value);
        snprintf(text, sizeof text, "%s=%d", table[i].name, i + 7);
        assert_int_equal(rs_limit_set(ctx, text), RS_OK);
        assert_int_equal(rs_limit(ctx, (rs_limit_name)i), i + 7);
        assert_int_equal(rs_limit(other, (rs_limit_name)i), table[i].value);
    }
    assert_string_equal(table[RS_LIMIT_FOLDER_DEPTH].name, "folder-depth");
    assert_int_equal(table[RS_LIMIT_STUDY_BYTES].value, INT64_C(32) << 30);
    rs_context_free(ctx);
    rs_context_free(other);
}

static void refused(rs_context *ctx, const char *text, const char *sentence)
{
    assert_int_equal(rs_limit_set(ctx, text), RS_USAGE);
    if (!strstr(rs_context_message(ctx), sentence)) fail_msg("%s: %s", text, rs_context_message(ctx));
}

static void test_refusals(void **state)
{
    (void)state;
    rs_context *ctx = new_context();
    refused(ctx, "frames", "the limit frames wants a whole number above 0, as in --limit frames=20000");
    refused(ctx, "frames=", "whole number above 0");
    refused(ctx, "frames=0", "whole number above 0");
    refused(ctx, "frames=-4", "whole number above 0");
    refused(ctx, "frames=1e3", "whole number above 0");
    refused(ctx, "frames=99999999999999999999", "whole number above 0");
    refused(ctx, "frame=3", "no limit 'frame': did you mean frames?");
    refused(ctx, "folder-dept", "did you mean folder-depth?");
    refused(ctx, "colour=3", "no limit 'colour'; restage info --list-limits");
    refused(ctx, "\033[31m=3", "no limit '?[31m'");
    refused(ctx, "", "no limit ''");
    assert_int_equal(rs_limit(ctx, RS_LIMIT_FRAMES), 20000);
    rs_context_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_row),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
