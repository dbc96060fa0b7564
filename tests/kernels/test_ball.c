/* Kernel ball and the bit masks: points, gaps, the border, duality. */
#include "agree.h"
#include "restage/kernels/ball.h"

typedef struct box {
    int32_t n[3];
    double spacing_mm[3];
} box;

static void apply(rs_context *ctx, const box *b, rs_ball_operation operation, double radius_mm, const uint64_t *in,
                  uint64_t *out)
{
    rs_ball_args args = {.radius_mm = radius_mm, .operation = operation, .in = in, .out = out};
    memcpy(args.n, b->n, sizeof args.n);
    memcpy(args.spacing_mm, b->spacing_mm, sizeof args.spacing_mm);
    assert_int_equal(rs_context_kernels(ctx)->ball(ctx, &args), RS_OK);
}

static void set(uint64_t *bits, const box *b, int i, int j, int k)
{
    bits[(size_t)(k * b->n[1] + j) * (size_t)rs_bits_words(b->n[0]) + (size_t)(i / 64)] |= 1ULL << (i % 64);
}

/* The image of a point is the ball, across the words' seams too. */
static void point(rs_context *ctx, rs_arena *arena)
{
    const box b = {{140, 15, 9}, {0.7, 0.9, 1.3}};
    const double r = 3.0;
    uint64_t *in = RS_ARENA_NEW(arena, uint64_t, rs_bits_total(b.n));
    uint64_t *out = RS_ARENA_NEW(arena, uint64_t, rs_bits_total(b.n));
    set(in, &b, 64, 7, 4);
    apply(ctx, &b, RS_BALL_DILATE, r, in, out);
    for (int k = 0; k < 9; k++)
        for (int j = 0; j < 15; j++)
            for (int i = 0; i < 140; i++) {
                double x = (i - 64) * 0.7, y = (j - 7) * 0.9, z = (k - 4) * 1.3;
                assert_int_equal(rs_bits_get(out, b.n, i, j, k), x * x + y * y + z * z <= r * r);
            }
    /* 9 voxels of diameter along i: the far ends are reached, one more is not. */
    assert_int_equal(rs_bits_get(out, b.n, 60, 7, 4), 1);
    assert_int_equal(rs_bits_get(out, b.n, 68, 7, 4), 1);
    apply(ctx, &b, RS_BALL_ERODE, r, out, in); /* the ball erodes to its centre */
    assert_int_equal(rs_bits_count(b.n, in), 1);
    assert_int_equal(rs_bits_get(in, b.n, 64, 7, 4), 1);
    apply(ctx, &b, RS_BALL_DILATE, 0.0, out, in);
    assert_memory_equal(in, out, rs_bits_total(b.n) * 8);
}

static void a_point_becomes_the_ball(void **state)
{
    (void)state;
    on_every_tier(point);
}

/* A slit of 3 voxels is closed by a ball of 2 (its flat sides are out of reach of the border), one of 7 is not. */
static void slits(rs_context *ctx, rs_arena *arena)
{
    const box b = {{80, 12, 12}, {1, 1, 1}};
    uint64_t *in = RS_ARENA_NEW(arena, uint64_t, rs_bits_total(b.n));
    uint64_t *out = RS_ARENA_NEW(arena, uint64_t, rs_bits_total(b.n));
    for (int k = 0; k < 12; k++)
        for (int j = 0; j < 12; j++)
            for (int i = 0; i < 80; i++)
                if ((i < 30 || i > 32) && (i < 50 || i > 56)) set(in, &b, i, j, k);
    apply(ctx, &b, RS_BALL_CLOSE, 2.0, in, out);
    for (int i = 0; i < 80; i++)
        assert_int_equal(rs_bits_get(out, b.n, i, 6, 6), i < 50 || i > 56);
    /* Opening removes the plate between the slits only if the ball does not fit: 17 voxels thick, radius 9. */
    apply(ctx, &b, RS_BALL_OPEN, 9.0, in, out);
    for (int i = 30; i <= 56; i++)
        assert_int_equal(rs_bits_get(out, b.n, i, 6, 6), 0);
    /* Erosion sees foreground beyond the border: a full volume stays full; dilation sees background: empty stays empty.
     */
    for (int k = 0; k < 12; k++)
        for (int j = 0; j < 12; j++)
            for (int i = 0; i < 80; i++)
                set(in, &b, i, j, k);
    apply(ctx, &b, RS_BALL_ERODE, 5.0, in, out);
    assert_int_equal(rs_bits_count(b.n, out), 80 * 144);
    memset(in, 0, rs_bits_total(b.n) * 8);
    apply(ctx, &b, RS_BALL_DILATE, 5.0, in, out);
    assert_int_equal(rs_bits_count(b.n, out), 0);
}

static void slits_close_and_plates_open(void **state)
{
    (void)state;
    on_every_tier(slits);
}

static void laws(rs_context *ctx, rs_arena *arena)
{
    rs_probe_case c = {3, {100, 17, 11}, 0, false};
    box b = {{100, 17, 11}, {0.7, 0.7, 1.0}};
    size_t words = rs_bits_total(b.n);
    uint64_t *x = RS_ARENA_NEW(arena, uint64_t, words), *y = RS_ARENA_NEW(arena, uint64_t, words),
             *z = RS_ARENA_NEW(arena, uint64_t, words), *full = RS_ARENA_NEW(arena, uint64_t, words);
    assert_int_equal(rs_bits_pack(ctx, b.n, rs_probe_mask(arena, &c), NULL, x), RS_OK);
    uint8_t *ones = RS_ARENA_NEW(arena, uint8_t, 100 * 17 * 11);
    memset(ones, 1, 100 * 17 * 11);
    assert_int_equal(rs_bits_pack(ctx, b.n, ones, NULL, full), RS_OK);
    apply(ctx, &b, RS_BALL_CLOSE, 2.0, x, y);
    for (size_t w = 0; w < words; w++)
        assert_true((x[w] & ~y[w]) == 0); /* extensive */
    apply(ctx, &b, RS_BALL_CLOSE, 2.0, y, z);
    assert_memory_equal(y, z, words * 8); /* idempotent */
    apply(ctx, &b, RS_BALL_OPEN, 2.0, x, y);
    for (size_t w = 0; w < words; w++)
        assert_true((y[w] & ~x[w]) == 0);
    apply(ctx, &b, RS_BALL_ERODE, 2.0, x, y); /* erosion is the complement of the complement's dilation */
    for (size_t w = 0; w < words; w++)
        x[w] ^= full[w];
    apply(ctx, &b, RS_BALL_DILATE, 2.0, x, z);
    for (size_t w = 0; w < words; w++)
        assert_true((z[w] ^ full[w]) == y[w]);
}

static void laws_of_morphology(void **state)
{
    (void)state;
    on_every_tier(laws);
}

static void bytes_and_bits(void **state)
{
    (void)state;
    rs_context *ctx = agree_context(2, RS_TIER_UNKNOWN);
    rs_arena *arena = rs_arena_new();
    static const int32_t widths[] = {1, 2, 15, 16, 17, 63, 64, 65, 100, 128, 200};
    for (size_t x = 0; x < sizeof widths / sizeof widths[0]; x++) {
        rs_probe_case c = {x, {widths[x], 3, 4}, 0, x % 2 == 0};
        size_t n = (size_t)widths[x] * 12;
        uint8_t *labels = rs_probe_mask(arena, &c), *back = RS_ARENA_NEW(arena, uint8_t, n), in_mask[256] = {0};
        int16_t *voxels = rs_probe_int16(arena, &c);
        uint64_t *bits = RS_ARENA_NEW(arena, uint64_t, rs_bits_total(c.n));
        memset(bits, 0xFF, rs_bits_total(c.n) * 8);
        in_mask[1] = in_mask[3] = 7;
        assert_int_equal(rs_bits_pack(ctx, c.n, labels, in_mask, bits), RS_OK);
        memset(back, 5, n);
        assert_int_equal(rs_bits_unpack(ctx, c.n, bits, 9, 1, back), RS_OK);
        int64_t count = 0;
        for (size_t v = 0; v < n; v++) {
            bool in = labels[v] == 1 || labels[v] == 3;
            assert_int_equal(back[v], in ? 9 : 5);
            count += in;
        }
        assert_int_equal(rs_bits_count(c.n, bits), count);
        assert_int_equal(rs_bits_unpack(ctx, c.n, bits, 9, 0, back), RS_OK);
        for (size_t v = 0; v < n; v++)
            assert_int_equal(back[v], labels[v] == 1 || labels[v] == 3 ? 9 : 0);
        assert_int_equal(rs_bits_threshold(ctx, c.n, voxels, -860, INT16_MAX, bits), RS_OK);
        assert_int_equal(rs_bits_unpack(ctx, c.n, bits, 1, 0, back), RS_OK);
        for (size_t v = 0; v < n; v++)
            assert_int_equal(back[v], voxels[v] >= -860);
        for (size_t row = 0; row < 12; row++) { /* bits beyond the last column are 0 */
            int32_t words = rs_bits_words(widths[x]);
            if (widths[x] % 64 != 0)
                assert_true(bits[row * (size_t)words + (size_t)words - 1] >> (widths[x] % 64) == 0);
        }
    }
    rs_arena_free(arena);
    rs_context_free(ctx);
}

static void prop_agrees(void **state)
{
    (void)state;
    agree_all("ball");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_point_becomes_the_ball),
        cmocka_unit_test(slits_close_and_plates_open),
        cmocka_unit_test(laws_of_morphology),
        cmocka_unit_test(bytes_and_bits),
        cmocka_unit_test(prop_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
