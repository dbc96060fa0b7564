/* The table of kernels: tiers by name, kernels by name, what is refused. */
#include "agree.h"
#include "restage/kernels/gauss.h"

static void tiers_by_name(void **state)
{
    (void)state;
    rs_context *ctx = NULL;
    assert_int_equal(rs_context_new(NULL, &ctx), RS_OK);
    rs_tier best = rs_context_kernels(ctx)->tier;
    assert_true(best != RS_TIER_UNKNOWN && best != RS_TIER_REF);
    assert_int_equal(rs_context_set_tier_name(ctx, "ref"), RS_OK);
    assert_int_equal(rs_context_kernels(ctx)->tier, RS_TIER_REF);
    assert_int_equal(rs_context_set_tier_name(ctx, "avx1024"), RS_USAGE);
    assert_non_null(strstr(rs_context_message(ctx), "avx1024"));
    assert_non_null(strstr(rs_context_message(ctx), "ref, portable"));
    assert_int_equal(rs_context_kernels(ctx)->tier, RS_TIER_REF); /* a refusal changes nothing */
    rs_tier foreign = rs_tier_is_available(RS_TIER_NEON) ? RS_TIER_AVX2 : RS_TIER_NEON;
    assert_false(rs_tier_is_available(foreign));
    assert_int_equal(rs_context_set_tier(ctx, foreign), RS_USAGE);
    assert_int_equal(rs_context_set_tier(ctx, RS_TIER_UNKNOWN), RS_OK);
    assert_int_equal(rs_context_kernels(ctx)->tier, best);
    rs_context_free(ctx);
}

static void kernels_by_name(void **state)
{
    (void)state;
    rs_context *ctx = agree_context(1, RS_TIER_UNKNOWN);
    float in[4] = {1, 2, 3, 4}, out[4] = {0};
    rs_gauss_args args = {.n = {4, 1, 1}, .in = in, .out = out};
    assert_int_equal(rs_kernel_run(ctx, "gauss", &args, sizeof args), RS_OK);
    assert_memory_equal(in, out, sizeof in);
    assert_int_equal(rs_kernel_run(ctx, "gauss", &args, sizeof args - 1), RS_USAGE);
    assert_int_equal(rs_kernel_run(ctx, "gauss", NULL, sizeof args), RS_USAGE);
    assert_int_equal(rs_kernel_run(ctx, "median", &args, sizeof args), RS_USAGE);
    assert_true(rs_kernels_count() >= 8);
    assert_string_equal(rs_kernels_name(0), "gauss");
    assert_int_equal(rs_kernels_args_size(0), sizeof args);
    for (int i = 0; i < rs_kernels_count(); i++) {
        const rs_probe *probe = rs_kernels_probe(i);
        assert_true(strlen(rs_kernels_about(i)) > 0 && probe->variants > 0 && probe->bytes_per_voxel > 0.0);
    }
    rs_context_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiers_by_name),
        cmocka_unit_test(kernels_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
