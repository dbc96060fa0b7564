/* Arenas, growing arrays and pooled blocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "restage/arena.h"
#include "restage/context.h"

static void test_alignment_and_zero(void **state)
{
    (void)state;
    rs_arena *arena = rs_arena_new();
    for (size_t bytes = 0; bytes < 300; bytes += 7) {
        unsigned char *memory = rs_arena_alloc(arena, bytes, 1);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % 64, 0);
        for (size_t i = 0; i < bytes; i++)
            assert_int_equal(memory[i], 0);
        memset(memory, 0xAB, bytes);
    }
    assert_null(rs_arena_alloc(arena, SIZE_MAX / 2, 4));
    assert_null(rs_arena_alloc(NULL, 1, 1));
    rs_arena_free(arena);
    rs_arena_free(NULL);
}

static void test_rewind_reuses(void **state)
{
    (void)state;
    rs_arena *arena = rs_arena_new();
    char *kept = rs_arena_text(arena, "kept");
    rs_arena_mark mark = rs_arena_where(arena);
    void *first = rs_arena_alloc(arena, 1000, 1);
    assert_non_null(rs_arena_alloc(arena, 1 << 22, 1));
    rs_arena_rewind(arena, mark);
    assert_ptr_equal(rs_arena_alloc(arena, 1000, 1), first);
    assert_string_equal(kept, "kept");
    rs_arena_rewind(arena, (rs_arena_mark){NULL, 0});
    assert_non_null(rs_arena_alloc(arena, 1 << 22, 1));
    rs_arena_free(arena);
}

/* Rounds of a loop that take the same: from the second on one block holds them, which maps nothing anew. */
static void test_rounds_share_a_block(void **state)
{
    (void)state;
    enum { PARTS = 4, BYTES = 5 << 20 };
    rs_arena *arena = rs_arena_new();
    assert_non_null(rs_arena_text(arena, "kept"));
    rs_arena_mark mark = rs_arena_where(arena);
    char *before[PARTS] = {NULL};
    for (int round = 0; round < 4; round++) {
        for (int p = 0; p < PARTS; p++) {
            char *part = rs_arena_alloc_raw(arena, BYTES, 1);
            assert_non_null(part);
            if (round > 0 && p > 0) assert_ptr_equal(part, before[p - 1] + BYTES);
            if (round > 1) assert_ptr_equal(part, before[p]);
            before[p] = part;
        }
        rs_arena_rewind(arena, mark);
    }
    rs_arena_free(arena);
}

static void test_push_keeps_items(void **state)
{
    (void)state;
    rs_arena *arena = rs_arena_new();
    void *items = NULL;
    int capacity = 0;
    for (int n = 0; n < 1000; n++) {
        int *place = rs_arena_push(arena, &items, n, &capacity, sizeof(int));
        assert_non_null(place);
        assert_int_equal(*place, 0);
        *place = n;
    }
    for (int n = 0; n < 1000; n++)
        assert_int_equal(((int *)items)[n], n);
    rs_arena_free(arena);
}

static void test_blocks_come_back(void **state)
{
    (void)state;
    rs_context *ctx;
    assert_int_equal(rs_context_new(NULL, &ctx), RS_OK);
    rs_block a, b;
    assert_int_equal(rs_block_take(ctx, 10 << 20, "a", &a), RS_OK);
    void *data = a.data;
    ((char *)data)[0] = 1;
    rs_block_give(ctx, &a);
    assert_null(a.data);
    assert_int_equal(rs_block_take(ctx, 9 << 20, "b", &b), RS_OK);
    assert_ptr_equal(b.data, data);
    assert_int_equal(b.bytes, 9 << 20);
    rs_block_give(ctx, &b);
    assert_int_equal(rs_block_take(ctx, SIZE_MAX / 2, "a giant", &a), RS_NO_MEMORY);
    assert_non_null(strstr(rs_context_message(ctx), "a giant"));
    rs_context_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alignment_and_zero),   cmocka_unit_test(test_rewind_reuses),
        cmocka_unit_test(test_rounds_share_a_block), cmocka_unit_test(test_push_keeps_items),
        cmocka_unit_test(test_blocks_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
