/* Kernel maxima: ties, scales, masks, capacity. */
#include "agree.h"
#include "restage/kernels/maxima.h"

enum { N = 20 };

static int32_t at(int i, int j, int k)
{
    return (k * 5 + j) * N + i;
}

static int64_t run(rs_context *ctx, rs_maxima_args *args, int32_t *index)
{
    int64_t found = -1;
    args->n[0] = N;
    args->n[1] = args->n[2] = 5;
    args->index = index;
    args->capacity = 4;
    args->found = &found;
    assert_int_equal(rs_context_kernels(ctx)->maxima(ctx, args), RS_OK);
    return found;
}

static void rules(rs_context *ctx, rs_arena *arena)
{
    float *v = RS_ARENA_NEW(arena, float, N * 25), *other = RS_ARENA_NEW(arena, float, N * 25);
    uint8_t *mask = RS_ARENA_NEW(arena, uint8_t, N * 25);
    int32_t index[4];
    rs_maxima_args args = {.response = v, .threshold = 0.0F};
    assert_int_equal(run(ctx, &args, index), 0); /* 0 is not above the threshold */
    v[at(4, 2, 2)] = 5.0F;
    v[at(0, 0, 0)] = 3.0F;
    v[at(19, 4, 4)] = 2.0F;
    assert_int_equal(run(ctx, &args, index), 3);
    assert_int_equal(index[0], at(0, 0, 0));
    assert_int_equal(index[1], at(4, 2, 2));
    assert_int_equal(index[2], at(19, 4, 4));
    /* Of two equal neighbours the first. */
    v[at(5, 3, 3)] = 5.0F;
    v[at(5, 1, 3)] = 4.9F;
    assert_int_equal(run(ctx, &args, index), 3);
    assert_int_equal(index[1], at(4, 2, 2));
    /* A threshold is not reached by its own value; the box of what is reported; the mask. */
    args.threshold = 3.0F;
    assert_int_equal(run(ctx, &args, index), 1);
    args.threshold = 0.0F;
    args.begin[0] = 5;
    args.end[0] = N;
    args.end[1] = args.end[2] = 5;
    assert_int_equal(run(ctx, &args, index), 1);
    assert_int_equal(index[0], at(19, 4, 4));
    args.begin[0] = args.end[0] = args.end[1] = args.end[2] = 0;
    mask[at(19, 4, 4)] = 200;
    args.mask = mask;
    assert_int_equal(run(ctx, &args, index), 1);
    args.mask = NULL;
    /* The scale below must be beaten, the one above equalled. */
    other[at(4, 2, 2)] = 5.0F;
    args.below = other;
    assert_int_equal(run(ctx, &args, index), 2);
    args.below = NULL;
    args.above = other;
    assert_int_equal(run(ctx, &args, index), 3);
    other[at(3, 1, 1)] = 6.0F; /* beside the place: counts unless only the centre is asked */
    assert_int_equal(run(ctx, &args, index), 2);
    args.scales = RS_MAXIMA_CENTRE;
    assert_int_equal(run(ctx, &args, index), 3);
    args.above = NULL;
    v[at(0, 0, 0)] = NAN;
    assert_int_equal(run(ctx, &args, index), 2);
    v[at(19, 3, 3)] = NAN; /* nor is the neighbour of a NaN a maximum */
    assert_int_equal(run(ctx, &args, index), 1);
}

static void rules_of_a_maximum(void **state)
{
    (void)state;
    on_every_tier(rules);
}

static void many(rs_context *ctx, rs_arena *arena)
{
    float *v = RS_ARENA_NEW(arena, float, N * 25);
    int32_t index[4] = {-1, -1, -1, -1};
    for (int i = 0; i < N; i += 2)
        v[at(i, 2, 2)] = 1.0F;
    assert_int_equal(run(ctx, &(rs_maxima_args){.response = v}, index), 10);
    for (int x = 0; x < 4; x++)
        assert_int_equal(index[x], at(2 * x, 2, 2));
}

static void more_than_the_capacity(void **state)
{
    (void)state;
    on_every_tier(many);
}

static void prop_agrees(void **state)
{
    (void)state;
    agree_all("maxima");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_of_a_maximum),
        cmocka_unit_test(more_than_the_capacity),
        cmocka_unit_test(prop_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
