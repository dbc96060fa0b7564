/* What hangs behind a vessel that is gone (prune.c): trees of a few pieces, drawn by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "prune.h"

enum { GREAT, STEM, SHORT, TWIG, LONG, TIP, AIRWAY, PIECES };

/* Behind the stem a branch of 4 mm with a twig of 3 mm, another of 20 mm with a tip of 8 mm; an airway begins where the
   stem ends, too, and a great vessel stands before them all. */
static rs_phantom_tube tree[PIECES] = {[GREAT] = {{0, 0, 9}, {0, 0, 0}, 5, 5, RS_PHANTOM_VESSEL},
                                       [STEM] = {{0, 0, 0}, {0, 0, 10}, 2, 2, RS_PHANTOM_VESSEL},
                                       [SHORT] = {{0, 0, 10}, {4, 0, 10}, 1, 1, RS_PHANTOM_VESSEL},
                                       [TWIG] = {{4, 0, 10}, {4, 3, 10}, 1, 1, RS_PHANTOM_VESSEL},
                                       [LONG] = {{0, 0, 10}, {0, 20, 10}, 1, 1, RS_PHANTOM_VESSEL},
                                       [TIP] = {{0, 20, 10}, {0, 20, 18}, 1, 1, RS_PHANTOM_VESSEL},
                                       [AIRWAY] = {{0, 0, 10}, {0, 0, 12}, 1, 1, RS_PHANTOM_WALL}};

static void prune(int gone, double spared_mm, const bool expected[PIECES])
{
    rs_context *ctx;
    assert_int_equal(rs_context_new(NULL, &ctx), RS_OK);
    rs_arena *arena = rs_arena_new();
    rs_phantom_model *model = RS_ARENA_NEW(arena, rs_phantom_model, 1);
    model->tubes = (rs_phantom_tubes){tree, PIECES, PIECES};
    model->n_great = STEM;
    bool is_gone[PIECES] = {false};
    is_gone[gone] = true;
    const rs_phantom_mode_call call = {.ctx = ctx, .arena = arena, .model = model};
    assert_int_equal(rs_phantom_prune(&call, is_gone + STEM, spared_mm), RS_OK);
    for (int n = STEM; n < PIECES; n++)
        assert_int_equal(is_gone[n], expected[n]);
    rs_arena_free(arena);
    rs_context_free(ctx);
}

static void test_everything_behind(void **state)
{
    (void)state;
    prune(STEM, INFINITY,
          (const bool[PIECES]){[STEM] = true, [SHORT] = true, [TWIG] = true, [LONG] = true, [TIP] = true});
    prune(SHORT, INFINITY, (const bool[PIECES]){[SHORT] = true, [TWIG] = true});
    prune(TIP, INFINITY, (const bool[PIECES]){[TIP] = true});
}

/* 7 mm hang together on one side, 28 mm on the other. */
static void test_short_remnants(void **state)
{
    (void)state;
    prune(STEM, 7.5, (const bool[PIECES]){[STEM] = true, [SHORT] = true, [TWIG] = true});
    prune(STEM, 6.5, (const bool[PIECES]){[STEM] = true});
    prune(STEM, 27.5, (const bool[PIECES]){[STEM] = true, [SHORT] = true, [TWIG] = true});
    prune(STEM, 28.5, (const bool[PIECES]){[STEM] = true, [SHORT] = true, [TWIG] = true, [LONG] = true, [TIP] = true});
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_everything_behind), cmocka_unit_test(test_short_remnants)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
