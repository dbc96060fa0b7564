/* Joined parameter tables: defaults, precedence, ranges, the nearest name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "restage/context.h"
#include "restage/param.h"

#define ROWS(X)                                                                                                        \
    X(double, wall_hu, -400, -700, -200, "HU", "science C3", "threshold")                                              \
    X(int, rays, 162, 12, 642, "", "science C6", "directions")

static const rs_param rows[] = {ROWS(RS_PARAM_ROW)};
static const rs_param_table table = {"room", rows, 2};

static void test_precedence(void **state)
{
    (void)state;
    rs_context *ctx;
    rs_params *params;
    assert_int_equal(rs_context_new(NULL, &ctx), RS_OK);
    const rs_param_table *tables[] = {&table};
    assert_int_equal(rs_params_new(ctx, tables, 1, &params), RS_OK);
    assert_true(rs_params_get(params, "wall_hu") == -400);
    assert_int_equal(rs_params_default(ctx, params, &(rs_setting){"wall_hu", -500}), RS_OK);
    assert_true(rs_params_get(params, "wall-hu") == -500);
    assert_int_equal(rs_params_set(ctx, params, "wall-hu", "-300.5", RS_SET_BY_COMMAND_LINE), RS_OK);
    assert_int_equal(rs_params_set(ctx, params, "wall_hu", "-350", RS_SET_BY_FILE), RS_OK);
    assert_int_equal(rs_params_default(ctx, params, &(rs_setting){"wall_hu", -600}), RS_OK);
    double value;
    rs_set_by set_by;
    const char *room;
    assert_string_equal(rs_params_row(params, 0, &value, &set_by, &room)->name, "wall_hu");
    assert_true(value == -300.5);
    assert_string_equal(rs_set_by_name(set_by), "command_line");
    assert_string_equal(room, "room");
    rs_params_free(params);
    rs_context_free(ctx);
}

static void test_refusals(void **state)
{
    (void)state;
    rs_context *ctx;
    rs_params *params;
    assert_int_equal(rs_context_new(NULL, &ctx), RS_OK);
    const rs_param_table *tables[] = {&table, &table};
    assert_int_equal(rs_params_new(ctx, tables, 2, &params), RS_DEFECT);
    assert_int_equal(rs_params_new(ctx, tables, 1, &params), RS_OK);
    static const char *const bad[][2] = {{"wall_hu", "-100"}, {"wall_hu", "abc"}, {"rays", "100.5"}, {"rays", "5"}};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(rs_params_set(ctx, params, bad[i][0], bad[i][1], RS_SET_BY_FILE), RS_USAGE);
    }
    assert_int_equal(rs_params_set(ctx, params, "wal_hu", "-400", RS_SET_BY_FILE), RS_USAGE);
    assert_non_null(strstr(rs_context_message(ctx), "did you mean 'wall_hu'"));
    assert_true(rs_params_get(params, "rays") == 162);
    rs_params_free(params);
    rs_context_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_precedence), cmocka_unit_test(test_refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
