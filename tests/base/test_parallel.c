/* The parallel loop: every item once, the lowest failure told, the same bits, cancellation, forks, tiles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "restage/parallel.h"

static rs_context *context(int threads)
{
    rs_context *ctx;
    assert_int_equal(rs_context_new(&(rs_context_options){.threads = threads}, &ctx), RS_OK);
    return ctx;
}

static rs_status count_up(rs_context *ctx, int64_t item, int worker, void *arg)
{
    if (worker < 0 || worker >= rs_context_threads(ctx)) return RS_DEFECT;
    ((int *)arg)[item]++;
    return RS_OK;
}

static void test_every_item_once(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 7; threads++) {
        rs_context *ctx = context(threads);
        int hits[1000] = {0};
        assert_int_equal(rs_parallel_for(ctx, 1000, count_up, hits), RS_OK);
        for (int i = 0; i < 1000; i++)
            assert_int_equal(hits[i], 1);
        assert_int_equal(rs_parallel_for(ctx, 0, count_up, hits), RS_OK);
        rs_context_free(ctx);
    }
}

static rs_status fail_from_300(rs_context *ctx, int64_t item, int worker, void *arg)
{
    (void)worker;
    (void)arg;
    if (item >= 300) return rs_fail(ctx, RS_DATA, "item %d", (int)item);
    return RS_OK;
}

static void test_lowest_failure_is_told(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 7; threads++) {
        rs_context *ctx = context(threads);
        assert_int_equal(rs_parallel_for(ctx, 1000, fail_from_300, NULL), RS_DATA);
        assert_string_equal(rs_context_message(ctx), "item 300");
        rs_context_free(ctx);
    }
}

static rs_status nest(rs_context *ctx, int64_t item, int worker, void *arg)
{
    (void)worker;
    return rs_parallel_for(ctx, 10, count_up, (int *)arg + 10 * item);
}

static void test_nested_runs_serially(void **state)
{
    (void)state;
    rs_context *ctx = context(3);
    int hits[100] = {0};
    assert_int_equal(rs_parallel_for(ctx, 10, nest, hits), RS_OK);
    for (int i = 0; i < 100; i++)
        assert_int_equal(hits[i], 1);
    rs_context_free(ctx);
}

static rs_status cancel_at_5(rs_context *ctx, int64_t item, int worker, void *arg)
{
    (void)worker;
    if (item == 5) rs_context_cancel(ctx);
    ((int *)arg)[item]++;
    return RS_OK;
}

static void test_cancel(void **state)
{
    (void)state;
    rs_context *ctx = context(1);
    int hits[1000] = {0};
    assert_int_equal(rs_parallel_for(ctx, 1000, cancel_at_5, hits), RS_CANCELLED);
    assert_int_equal(hits[5], 1);
    assert_int_equal(hits[6], 0);
    assert_int_equal(rs_parallel_for(ctx, 10, count_up, hits), RS_CANCELLED);
    rs_context_free(ctx);
}

static void test_fork_after_a_region(void **state)
{
    (void)state;
    rs_context *ctx = context(2);
    int hits[100] = {0};
    assert_int_equal(rs_parallel_for(ctx, 100, count_up, hits), RS_OK);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        alarm(20);
        _exit(rs_parallel_for(ctx, 100, count_up, hits) == RS_OK && hits[99] == 2 ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    rs_context_free(ctx);
}

static rs_status paint(rs_context *ctx, const rs_tile *t, int worker, void *arg)
{
    (void)ctx;
    (void)worker;
    int *image = arg;
    for (int32_t k = t->core_begin[2]; k < t->core_end[2]; k++) {
        for (int32_t j = t->core_begin[1]; j < t->core_end[1]; j++) {
            for (int32_t i = t->core_begin[0]; i < t->core_end[0]; i++)
                image[(k * 11 + j) * 13 + i]++;
        }
    }
    for (int a = 0; a < 3; a++) {
        if (t->begin[a] > t->core_begin[a] || t->end[a] < t->core_end[a]) return RS_DEFECT;
        if (t->begin[a] < 0 || t->core_begin[a] - t->begin[a] > 2 || t->end[a] - t->core_end[a] > 2) return RS_DEFECT;
    }
    return RS_OK;
}

static void test_tiles_cover_the_box(void **state)
{
    (void)state;
    rs_context *ctx = context(3);
    int image[7 * 11 * 13] = {0};
    rs_tiling tiling = {
        .begin = {1, 2, 0}, .end = {13, 11, 7}, .limit = {13, 11, 7}, .size = {5, 4, 3}, .halo = {2, 2, 2}};
    assert_int_equal(rs_tiles_count(&tiling), 3 * 3 * 3);
    assert_int_equal(rs_for_tiles(ctx, &tiling, paint, image), RS_OK);
    for (int k = 0; k < 7; k++) {
        for (int j = 0; j < 11; j++) {
            for (int i = 0; i < 13; i++)
                assert_int_equal(image[(k * 11 + j) * 13 + i], i >= 1 && j >= 2);
        }
    }
    tiling.end[1] = 2;
    assert_int_equal(rs_tiles_count(&tiling), 0);
    rs_context_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_item_once),      cmocka_unit_test(test_lowest_failure_is_told),
        cmocka_unit_test(test_nested_runs_serially), cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_fork_after_a_region),  cmocka_unit_test(test_tiles_cover_the_box),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
