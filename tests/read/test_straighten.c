/* Slices that lean or lie unevenly, onto a grid: closed forms of the kernel, whole pixels, borders, threads. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "restage/context.h"
#include "straighten.h"

enum { COLUMNS = 9, ROWS = 8, SLICES = 3, PIXELS = COLUMNS * ROWS };

/* Three slices at 0, 4 and 10 mm; pixels of 2 x 1 mm. */
typedef struct scene {
    rs_context *ctx;
    rs_arena *arena;
    rs_slice slices[SLICES];
    rs_series series;
    rs_volume volume;
} scene;

static void set_up(scene *s, int threads, rs_repair repair)
{
    static const double along_mm[SLICES] = {0, 4, 10};
    const rs_context_options options = {.threads = threads};
    memset(s, 0, sizeof(*s));
    assert_int_equal(rs_context_new(&options, &s->ctx), RS_OK);
    s->arena = rs_arena_new();
    for (int k = 0; k < SLICES; k++)
        s->slices[k].along_normal_mm = along_mm[k];
    s->series.slices = s->slices;
    s->series.n_slices = SLICES;
    s->series.columns = COLUMNS;
    s->series.rows = ROWS;
    s->series.modality = "CT";
    s->series.repair = repair;
    s->series.tilt_deg = 12.5;
    s->series.geometry = (rs_geometry){
        .n = {COLUMNS + 3, ROWS + 2, 6}, .spacing_mm = {2, 1, 2}, .axis = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    const rs_geometry grid = read_slice_grid(&s->series);
    assert_int_equal(grid.n[0], COLUMNS);
    assert_int_equal(grid.n[2], SLICES);
    assert_int_equal(rs_volume_new(s->ctx, &grid, &s->volume), RS_OK);
    memset(s->volume.voxels, 0, sizeof(int16_t) * PIXELS * SLICES);
}

static void tear_down(scene *s)
{
    rs_volume_free(s->ctx, &s->volume);
    rs_arena_free(s->arena);
    rs_context_free(s->ctx);
}

static void straighten(scene *s, rs_read_facts *facts)
{
    if (read_straighten(s->ctx, &s->series, &s->volume, s->arena, facts) != RS_OK)
        fail_msg("%s", rs_context_message(s->ctx));
}

static int at(const scene *s, int i, int j, int k)
{
    const int32_t *n = s->volume.geometry.n;
    return s->volume.voxels[(k * n[1] + j) * n[0] + i];
}

/* Keys 1981: a pixel of 1600 seen half a pixel aside is -1/16, 9/16, 9/16, -1/16 of it. */
static void test_half_a_pixel(void **state)
{
    (void)state;
    scene s;
    set_up(&s, 1, RS_REPAIR_TILT);
    s.volume.voxels[3 * COLUMNS + 4] = 1600;
    s.slices[0].shift_mm[0] = 1; /* half of a column's 2 mm */
    rs_read_facts facts = {0};
    straighten(&s, &facts);
    const int want[6] = {0, -100, 900, 900, -100, 0};
    for (int i = 0; i < 6; i++)
        assert_int_equal(at(&s, 2 + i, 3, 0), want[i]);
    assert_int_equal(at(&s, 4, 2, 0), 0);
    assert_non_null(strstr(facts.resampled, "lean 12.50 degrees"));
    assert_non_null(strstr(facts.resampled, "12 x 10 x 6 voxels"));
    tear_down(&s);
    set_up(&s, 1, RS_REPAIR_TILT);
    s.volume.voxels[3 * COLUMNS + 4] = 1600;
    s.slices[0].shift_mm[1] = 1.5; /* rows are 1 mm apart */
    straighten(&s, NULL);
    for (int j = 0; j < 6; j++)
        assert_int_equal(at(&s, 4, 2 + j, 0), want[j]);
    tear_down(&s);
}

static void test_whole_pixels_and_borders(void **state)
{
    (void)state;
    scene s;
    set_up(&s, 1, RS_REPAIR_BOTH);
    for (int v = 0; v < PIXELS * SLICES; v++)
        s.volume.voxels[v] = (int16_t)(v % PIXELS + 10 * (v / PIXELS));
    for (int k = 0; k < SLICES; k++) {
        s.slices[k].shift_mm[0] = 2.0 * k; /* one column a slice */
        s.slices[k].shift_mm[1] = 1.0 * k; /* one row */
    }
    straighten(&s, NULL);
    for (int j = 0; j < ROWS + 2; j++) {
        for (int i = 0; i < COLUMNS + 3; i++) {
            const bool first = i < COLUMNS && j < ROWS, second = i >= 1 && i <= COLUMNS && j >= 1 && j <= ROWS;
            const int a = j * COLUMNS + i, b = (j - 1) * COLUMNS + i - 1 + 10;
            assert_int_equal(at(&s, i, j, 0), first ? a : -1024);
            assert_int_equal(at(&s, i, j, 2), second ? b : -1024);
            /* halfway between them only where both show something */
            assert_int_equal(at(&s, i, j, 1), first && second ? (int)floor((a + b) / 2.0 + 0.5) : -1024);
        }
    }
    tear_down(&s);
}

/* At 6 and 8 mm, between slices at 4 and 10: a third and two thirds. */
static void test_between_slices(void **state)
{
    (void)state;
    scene s;
    set_up(&s, 1, RS_REPAIR_UNEVEN);
    s.series.geometry.n[0] = COLUMNS, s.series.geometry.n[1] = ROWS;
    for (int v = 0; v < PIXELS; v++)
        s.volume.voxels[PIXELS + v] = 300, s.volume.voxels[2 * PIXELS + v] = -600;
    rs_read_facts facts = {0};
    straighten(&s, &facts);
    const int want[6] = {0, 150, 300, 0, -300, -600};
    for (int k = 0; k < 6; k++)
        assert_int_equal(at(&s, 5, 5, k), want[k]);
    assert_non_null(strstr(facts.resampled, "lie 4.00 to 6.00 mm apart"));
    tear_down(&s);
}

static void test_threads(void **state)
{
    (void)state;
    static int16_t first[(COLUMNS + 3) * (ROWS + 2) * 6];
    for (int threads = 1; threads <= 7; threads += 3) {
        scene s;
        set_up(&s, threads, RS_REPAIR_BOTH);
        for (int v = 0; v < PIXELS * SLICES; v++)
            s.volume.voxels[v] = (int16_t)((v * 7919) % 3000 - 1000);
        for (int k = 0; k < SLICES; k++)
            s.slices[k].shift_mm[0] = 1.37 * k, s.slices[k].shift_mm[1] = 0.81 * k;
        straighten(&s, NULL);
        if (threads == 1) memcpy(first, s.volume.voxels, sizeof(first));
        assert_memory_equal(first, s.volume.voxels, sizeof(first));
        tear_down(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_half_a_pixel),
        cmocka_unit_test(test_whole_pixels_and_borders),
        cmocka_unit_test(test_between_slices),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
