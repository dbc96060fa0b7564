/* Kernel dense: closed forms, then every tier against the reference. */
#include "agree.h"
#include "restage/kernels/dense.h"

/* Two rows of three inputs, by hand: row 0 = (1, 2, 3), row 1 = (-1, 0, 0.5); weight[i][o] = (i + 1) (o - 3). */
static void by_hand(rs_context *ctx, rs_arena *arena)
{
    const float x[] = {1, 2, 3, 99, -1, 0, 0.5F}; /* a stride of 4: 99 is never read */
    float weight[3 * 8], bias[8], out[2 * 8];
    (void)arena;
    for (int o = 0; o < 8; o++) {
        bias[o] = (float)o / 4;
        for (int i = 0; i < 3; i++)
            weight[i * 8 + o] = (float)((i + 1) * (o - 3));
    }
    rs_dense_args args = {
        .rows = 2, .inputs = 3, .outputs = 8, .x = x, .x_stride = 4, .weight = weight, .bias = bias, .out = out};
    for (int relu = 0; relu < 2; relu++) {
        args.relu = relu != 0;
        assert_int_equal(rs_context_kernels(ctx)->dense(ctx, &args), RS_OK);
        for (int o = 0; o < 8; o++) {
            /* 1 + 4 + 9 = 14, and -1 + 0 + 1.5 = 0.5 */
            const float want[2] = {14.0F * (float)(o - 3) + bias[o], 0.5F * (float)(o - 3) + bias[o]};
            for (int r = 0; r < 2; r++)
                assert_near((double)out[r * 8 + o], relu && want[r] < 0 ? 0.0 : (double)want[r], 0);
        }
    }
    args.bias = NULL;
    args.relu = false;
    assert_int_equal(rs_context_kernels(ctx)->dense(ctx, &args), RS_OK);
    assert_near((double)out[8], -1.5, 0);
}

static void two_rows_by_hand(void **state)
{
    (void)state;
    on_every_tier(by_hand);
}

/* A row's values do not hang on the rows beside it, nor on where it stands in a block. */
static void alone(rs_context *ctx, rs_arena *arena)
{
    enum { ROWS = 13, INPUTS = 5, OUTPUTS = 24 };
    float x[ROWS * INPUTS], weight[INPUTS * OUTPUTS], all[ROWS * OUTPUTS], one[OUTPUTS];
    uint64_t seed = 5;
    (void)arena;
    for (int v = 0; v < ROWS * INPUTS; v++)
        x[v] = (float)(rs_probe_unit(&seed) - 0.5);
    for (int v = 0; v < INPUTS * OUTPUTS; v++)
        weight[v] = (float)(rs_probe_unit(&seed) - 0.5);
    rs_dense_args args = {
        .rows = ROWS, .inputs = INPUTS, .outputs = OUTPUTS, .x = x, .x_stride = INPUTS, .weight = weight, .out = all};
    assert_int_equal(rs_context_kernels(ctx)->dense(ctx, &args), RS_OK);
    args.rows = 1;
    args.out = one;
    for (int r = 0; r < ROWS; r++) {
        args.x = x + r * INPUTS;
        assert_int_equal(rs_context_kernels(ctx)->dense(ctx, &args), RS_OK);
        assert_memory_equal(one, all + r * OUTPUTS, sizeof one);
    }
}

static void rows_stand_alone(void **state)
{
    (void)state;
    on_every_tier(alone);
}

static void refuses(void **state)
{
    (void)state;
    rs_context *ctx = agree_context(1, RS_TIER_REF);
    const float x[8] = {0}, weight[8] = {0};
    float out[8];
    const rs_dense_args narrow = {
        .rows = 1, .inputs = 1, .outputs = 7, .x = x, .x_stride = 1, .weight = weight, .out = out};
    assert_int_equal(rs_context_kernels(ctx)->dense(ctx, &narrow), RS_DEFECT);
    rs_context_free(ctx);
}

static void prop_agrees(void **state)
{
    (void)state;
    agree_all("dense");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_rows_by_hand),
        cmocka_unit_test(rows_stand_alone),
        cmocka_unit_test(refuses),
        cmocka_unit_test(prop_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
