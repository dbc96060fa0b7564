/* The bench from outside: every kernel of every tier agrees, a timing says what was timed, and wrong calls are told.
   Times themselves are tested nowhere. */
#include "agree.h"
#include "restage/bench.h"

static void every_kernel_agrees(rs_context *ctx, rs_arena *arena)
{
    (void)arena;
    for (int i = 0; i < rs_kernels_count(); i++) {
        rs_bench_agreement a = {0};
        assert_int_equal(rs_bench_agree(ctx, rs_kernels_name(i), &a), RS_OK);
        if (!a.agrees) print_message("%s: %s %g, tolerance %g\n", a.kernel, a.output, a.difference, a.tolerance);
        assert_true(a.agrees && a.same_bits);
        assert_string_equal(a.kernel, rs_kernels_name(i));
        assert_int_equal(a.tier, rs_context_kernels(ctx)->tier);
        assert_non_null(a.output);
        assert_int_equal(a.cases, 10 * rs_kernels_probe(i)->variants);
        if (a.tier == RS_TIER_REF) assert_true(a.difference == 0.0);
    }
}

static void agreement(void **state)
{
    (void)state;
    on_every_tier(every_kernel_agrees);
}

static void timing(void **state)
{
    (void)state;
    rs_context *ctx = agree_context(2, RS_TIER_UNKNOWN);
    const rs_bench_floor floors = {
        .threads = 2, .copy_gb_s_1 = 10.0, .copy_gb_s_n = 20.0, .fma_gflop_s_1 = 50.0, .fma_gflop_s_n = 100.0};
    for (int i = 0; i < rs_kernels_count(); i++) {
        rs_bench_options o = {.kernel = rs_kernels_name(i), .n = {70, 40, 20}, .repeats = 5, .floor = &floors};
        rs_bench_result r = {0};
        assert_int_equal(rs_bench_run(ctx, &o, &r), RS_OK);
        assert_true(r.n[0] == 70 && r.n[1] == 40 && r.n[2] == 20);
        assert_int_equal(r.threads, 2);
        assert_int_equal(r.repeats, 5);
        assert_int_equal(r.tiles >= 1, 1);
        assert_true(r.ns_1 > 0.0 && r.ns_1_min > 0.0 && r.ns_1_min <= r.ns_1 && r.ns_n_min <= r.ns_n);
        assert_true(r.ns_fresh > 0.0);
        assert_near(r.speed_up, r.ns_1 / r.ns_n, 1e-12);
        /* The larger of bytes / bandwidth and operations / peak. */
        const rs_probe *p = rs_kernels_probe(i);
        double memory = p->bytes_per_voxel / 10.0, arithmetic = p->flops_per_voxel / 50.0;
        assert_near(r.floor_ns_1, memory > arithmetic ? memory : arithmetic, 1e-12);
        assert_near(r.floor_ns_n, 0.5 * r.floor_ns_1, 1e-12);
        assert_near(r.share_1, r.floor_ns_1 / r.ns_1, 1e-12);
        assert_int_equal(r.memory_bound, memory > arithmetic);
    }
    rs_context_free(ctx);
}

static void slices_are_cut(void **state)
{
    (void)state;
    rs_context *ctx = agree_context(1, RS_TIER_UNKNOWN);
    rs_bench_options o = {.kernel = "gauss", .n = {64, 64, 64}, .repeats = 5, .seconds = 1e-9};
    rs_bench_result r = {0};
    assert_int_equal(rs_bench_run(ctx, &o, &r), RS_OK);
    assert_int_equal(r.n[2], 16);
    assert_true(isnan(r.share_1) && isnan(r.floor_ns_n));
    rs_context_free(ctx);
}

static void floors_are_measured(void **state)
{
    (void)state;
    rs_context *ctx = agree_context(2, RS_TIER_UNKNOWN);
    rs_bench_floor f = {0};
    assert_int_equal(rs_bench_measure_floor(ctx, &f), RS_OK);
    assert_int_equal(f.threads, 2);
    assert_true(f.block_mb >= 64.0 && f.block_mb <= 403.0);
    assert_true(f.copy_gb_s_1 > 0.0 && f.copy_gb_s_n > 0.0 && f.fma_gflop_s_1 > 0.0 && f.fma_gflop_s_n > 0.0);
    assert_true(rs_tier_is_available(f.fma_tier));
    rs_context_free(ctx);
}

static void wrong_calls(void **state)
{
    (void)state;
    rs_context *ctx = agree_context(1, RS_TIER_UNKNOWN);
    rs_bench_agreement a = {.cases = -1};
    rs_bench_result r = {.repeats = -1};
    assert_int_equal(rs_bench_agree(ctx, "gaus", &a), RS_USAGE);
    assert_non_null(strstr(rs_context_message(ctx), "gaus"));
    assert_int_equal(rs_bench_agree(ctx, NULL, &a), RS_USAGE);
    assert_int_equal(rs_bench_run(ctx, &(rs_bench_options){.kernel = "gaus"}, &r), RS_USAGE);
    assert_int_equal(rs_bench_run(ctx, &(rs_bench_options){.kernel = "gauss", .n = {0, 4, 4}}, &r), RS_USAGE);
    assert_int_equal(rs_bench_run(ctx, &(rs_bench_options){.kernel = "gauss", .n = {9999, 4, 4}}, &r), RS_USAGE);
    assert_int_equal(a.cases, -1);
    assert_int_equal(r.repeats, -1);
    rs_context_cancel(ctx);
    assert_int_equal(rs_bench_agree(ctx, "gauss", &a), RS_CANCELLED);
    assert_int_equal(rs_bench_run(ctx, &(rs_bench_options){.kernel = "gauss"}, &r), RS_CANCELLED);
    rs_context_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(agreement), cmocka_unit_test(timing),
                                       cmocka_unit_test(slices_are_cut), cmocka_unit_test(floors_are_measured),
                                       cmocka_unit_test(wrong_calls)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
