/* Regions that have a grid of their own: bits, labels, other grids; and which one a person means. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "room.h"

enum { COLUMNS = 23, ROWS = 38, SLICES = 3, FRAME = COLUMNS * ROWS };

typedef struct bench {
    rs_context *ctx;
    rs_masks masks;
    rs_mask_region regions[2];
    rs_outline outlines[2];
    rs_mask_frame frames[2];
    uint8_t bits[(2 * FRAME + 7) / 8];
} bench;

static bool set_in_file(int f, int place)
{
    return (place * 7 + f * 3) % 11 < 4;
}

/* Two frames of 874 bits, at slices 2 and 0 of three. */
static int setup(void **state)
{
    static bench b;
    b = (bench){.frames = {{0, 2}, {0, 0}}};
    if (rs_context_new(NULL, &b.ctx) != RS_OK) return -1;
    for (int f = 0; f < 2; f++)
        for (int p = 0; p < FRAME; p++)
            if (set_in_file(f, p)) b.bits[(f * FRAME + p) / 8] |= (uint8_t)(1 << ((f * FRAME + p) % 8));
    b.regions[0] = (rs_mask_region){.number = 3, .name = "liver"};
    b.regions[1] = (rs_mask_region){.number = 7, .name = "3"};
    b.masks = (rs_masks){
        .ctx = b.ctx,
        .arena = rs_arena_new(),
        .kind = RS_MASKS_SEG,
        .regions = b.regions,
        .outlines = b.outlines,
        .n_regions = 1,
        .has_grid = true,
        .grid = {.n = {COLUMNS, ROWS, SLICES},
                 .spacing_mm = {0.7, 0.9, 2},
                 .origin_lps_mm = {5, -6, 7},
                 .axis = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}},
        .bits = b.bits,
        .frames = b.frames,
        .n_frames = 2,
    };
    for (int f = 0; f < 2; f++)
        for (int p = 0; p < FRAME; p++)
            b.regions[0].voxels += set_in_file(f, p);
    *state = &b;
    return b.masks.arena ? 0 : -1;
}

static int teardown(void **state)
{
    bench *b = *state;
    rs_arena_free(b->masks.arena);
    rs_context_free(b->ctx);
    return 0;
}

static rs_mask draw(bench *b, const rs_geometry *g)
{
    rs_mask mask = {0};
    assert_int_equal(rs_masks_draw(b->ctx, &b->masks, 0, g, b->masks.arena, &mask), RS_OK);
    return mask;
}

static void test_own_grid(void **state)
{
    bench *b = *state;
    rs_mask mask = draw(b, &b->masks.grid);
    for (int p = 0; p < FRAME; p++) {
        assert_int_equal(mask.inside[p], set_in_file(1, p));
        assert_int_equal(mask.inside[FRAME + p], 0);
        assert_int_equal(mask.inside[2 * FRAME + p], set_in_file(0, p));
    }
    assert_int_equal(mask.voxels, b->regions[0].voxels);
    assert_int_equal(mask.notes.n, 0);
    assert_true(fabs(mask.volume_mm3 - (double)mask.voxels * 0.7 * 0.9 * 2) < 1e-9);
    rs_mask_free(b->ctx, &mask);
}

/* A larger grid with the same voxels, and a smaller one, which says what it lacks. */
static void test_shifted(void **state)
{
    bench *b = *state;
    rs_geometry g = b->masks.grid;
    g.n[0] += 5;
    g.n[2] += 4;
    g.origin_lps_mm[0] -= 2 * 0.7 + 1e-7;
    g.origin_lps_mm[2] -= 2;
    rs_mask mask = draw(b, &g);
    assert_int_equal(mask.voxels, b->regions[0].voxels);
    assert_int_equal(mask.notes.n, 0);
    for (int p = 0; p < FRAME; p++)
        assert_int_equal(mask.inside[(1 * ROWS + p / COLUMNS) * (COLUMNS + 5) + p % COLUMNS + 2], set_in_file(1, p));
    rs_mask_free(b->ctx, &mask);
    g = b->masks.grid;
    g.n[2] = 1;
    mask = draw(b, &g);
    assert_true(mask.voxels < b->regions[0].voxels);
    assert_string_equal(mask.notes.items[0].code, "region_outside");
    rs_mask_free(b->ctx, &mask);
}

/* Twice as fine: eight voxels for each; turned head over heels: the same ones mirrored. */
static void test_other_grids(void **state)
{
    bench *b = *state;
    rs_geometry g = b->masks.grid;
    for (int a = 0; a < 3; a++) {
        g.n[a] *= 2;
        g.spacing_mm[a] /= 2;
        g.origin_lps_mm[a] -= g.spacing_mm[a] / 2;
    }
    rs_mask mask = draw(b, &g);
    assert_int_equal(mask.voxels, 8 * b->regions[0].voxels);
    assert_string_equal(mask.notes.items[0].code, "region_other_grid");
    rs_mask_free(b->ctx, &mask);
    g = b->masks.grid;
    g.origin_lps_mm[1] += (ROWS - 1) * 0.9;
    g.origin_lps_mm[2] += (SLICES - 1) * 2;
    g.axis[1][1] = g.axis[2][2] = -1;
    mask = draw(b, &g);
    assert_int_equal(mask.voxels, b->regions[0].voxels);
    for (int p = 0; p < FRAME; p++)
        assert_int_equal(mask.inside[(ROWS - 1 - p / COLUMNS) * COLUMNS + p % COLUMNS], set_in_file(0, p));
    rs_mask_free(b->ctx, &mask);
}

static void test_labels(void **state)
{
    bench *b = *state;
    static int16_t label[FRAME * SLICES];
    for (int v = 0; v < FRAME * SLICES; v++)
        label[v] = (int16_t)(v % 5);
    b->masks.label = label;
    b->masks.bits = NULL;
    b->masks.frames = NULL;
    b->masks.volume.slope = 1;
    rs_mask mask = draw(b, &b->masks.grid);
    for (int v = 0; v < FRAME * SLICES; v++)
        assert_int_equal(mask.inside[v], v % 5 == 3);
    rs_mask_free(b->ctx, &mask);
}

static void test_find(void **state)
{
    bench *b = *state;
    int index = -1;
    assert_int_equal(rs_masks_find(b->ctx, &b->masks, NULL, &index), RS_OK);
    assert_int_equal(index, 0);
    assert_int_equal(rs_masks_find(b->ctx, &b->masks, "3", &index), RS_OK);
    assert_int_equal(index, 0);
    b->masks.n_regions = 2;
    assert_int_equal(rs_masks_find(b->ctx, &b->masks, "3", &index), RS_OK); /* a name before a number */
    assert_int_equal(index, 1);
    assert_int_equal(rs_masks_find(b->ctx, &b->masks, NULL, &index), RS_USAGE);
    assert_non_null(strstr(rs_context_message(b->ctx), "3 \"liver\", 7 \"3\""));
    assert_int_equal(rs_masks_find(b->ctx, &b->masks, "spleen", &index), RS_USAGE);
    b->regions[1].name = "liver";
    assert_int_equal(rs_masks_find(b->ctx, &b->masks, "liver", &index), RS_USAGE);
    assert_int_equal(index, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_own_grid, setup, teardown),
        cmocka_unit_test_setup_teardown(test_shifted, setup, teardown),
        cmocka_unit_test_setup_teardown(test_other_grids, setup, teardown),
        cmocka_unit_test_setup_teardown(test_labels, setup, teardown),
        cmocka_unit_test_setup_teardown(test_find, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
