/* Masks on the source's slices: voxel for voxel, disjoint, back from a grid that leans, and an even number of bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "seg_frames.h"

enum { N = 8 };

typedef struct scene {
    rs_context *ctx;
    rs_arena *arena;
    rs_report report;
    rs_report_image images[N];
    rs_report_mark marks[2];
} scene;

/* A grid of 8 x 8 x 8 mm, and its slices. */
static int set_up(void **state)
{
    static scene s;
    s = (scene){.arena = rs_arena_new()};
    if (!s.arena || rs_context_new(NULL, &s.ctx) != RS_OK) return -1;
    s.report.source.geometry =
        (rs_geometry){.n = {N, N, N}, .spacing_mm = {1, 1, 1}, .axis = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    for (int k = 0; k < N; k++)
        s.images[k] = (rs_report_image){.frame = -1, .position_lps_mm = {0, 0, k}};
    rs_report_filing *f = &s.report.filing;
    *f = (rs_report_filing){.series_instance_uid = "1.2", .images = s.images, .n_images = N, .rows = N, .columns = N};
    for (int a = 0; a < 2; a++)
        f->pixel_mm[a] = 1;
    f->row[0] = f->column[1] = 1;
    for (int m = 0; m < 2; m++)
        s.marks[m] = (rs_report_mark){.rank = m + 1, .series_instance_uid = "1.2"};
    s.report.marks = s.marks;
    s.report.n_marks = 2;
    *state = &s;
    return 0;
}

static int tear_down(void **state)
{
    scene *s = *state;
    rs_arena_free(s->arena);
    rs_context_free(s->ctx);
    return 0;
}

static void set_mask(scene *s, int m, const rs_report_run *runs, int n, double x, double y, double z)
{
    const double at[3] = {x, y, z};
    s->marks[m].runs = runs;
    s->marks[m].n_runs = n;
    memcpy(s->marks[m].position_lps_mm, at, sizeof at);
}

static int voxels(const rs_seg_frames *frames, int32_t mark)
{
    int sum = 0;
    for (int32_t f = 0; f < frames->n_frames; f++) {
        if (frames->frames[f].mark != mark) continue;
        for (int32_t r = 0; r < frames->frames[f].n_runs; r++)
            sum += frames->runs[frames->frames[f].first + r].count;
    }
    return sum;
}

static void gives_a_contested_voxel_to_the_nearer_centre(void **state)
{
    scene *s = *state;
    /* One row: columns 0 to 4 and 2 to 6; 3 lies as far from both centres. */
    const rs_report_run left[] = {{0, 2, 3, 5}, {1, 3, 4, 1}}, right[] = {{2, 2, 3, 5}};
    set_mask(s, 0, left, 2, 1, 2, 3);
    set_mask(s, 1, right, 1, 5, 2, 3);
    rs_seg_frames frames;
    assert_int_equal(rs_seg_frames_make(s->ctx, &s->report, s->arena, &frames), RS_OK);
    assert_int_equal(frames.n_frames, 3); /* of 8 bytes each */
    assert_int_equal(voxels(&frames, 0), 4 + 1);
    assert_int_equal(voxels(&frames, 1), 3);
    assert_int_equal(frames.frames[0].image, 3);
    assert_int_equal(frames.frames[1].image, 4);
    assert_int_equal(frames.frames[2].mark, 1);
    assert_int_equal(frames.runs[frames.frames[2].first].i, 4);
}

/* 7 x 7 pixels: 49 bits a frame; one frame fills 7 bytes, two 13, three 19, four 25, five 31, six 37, seven 43, eight
   49, nine 56. */
static void fills_an_even_number_of_bytes(void **state)
{
    scene *s = *state;
    const rs_report_run run[] = {{1, 1, 6, 2}};
    s->report.filing.rows = s->report.filing.columns = 7;
    s->report.source.geometry.n[0] = s->report.source.geometry.n[1] = 7;
    set_mask(s, 0, run, 1, 1, 1, 6);
    rs_seg_frames frames;
    assert_int_equal(rs_seg_frames_make(s->ctx, &s->report, s->arena, &frames), RS_OK);
    assert_int_equal(frames.n_frames, 9);
    assert_int_equal((frames.n_frames * 49 + 7) / 8 % 2, 0);
    assert_int_equal(frames.frames[0].n_runs, 1);
    for (int f = 1; f < 9; f++)
        assert_true(frames.frames[f].n_runs == 0 && frames.frames[f].mark == 0);
    assert_int_equal(frames.frames[1].image, 7); /* behind it, then before it */
    assert_int_equal(frames.frames[2].image, 5);
}

/* Each slice shifted by one pixel against the one before: the grid is upright, 15 columns wide. */
static void carries_a_resampled_mask_onto_leaning_slices(void **state)
{
    scene *s = *state;
    s->report.source.geometry.n[0] = 2 * N;
    s->report.source.resampled = "leaning";
    for (int k = 0; k < N; k++)
        s->images[k].position_lps_mm[0] = k;
    const rs_report_run runs[] = {{6, 3, 3, 2}, {6, 4, 3, 2}, {6, 3, 4, 3}};
    set_mask(s, 0, runs, 3, 6.5, 3.5, 3.5);
    rs_seg_frames frames;
    assert_int_equal(rs_seg_frames_make(s->ctx, &s->report, s->arena, &frames), RS_OK);
    assert_int_equal(voxels(&frames, 0), 7);
    assert_int_equal(frames.frames[0].image, 3);
    assert_int_equal(frames.runs[0].i, 6 - 3); /* column 6 of the grid is column 3 of slice 3 */
    assert_int_equal(frames.runs[0].j, 3);
    assert_int_equal(frames.runs[frames.frames[1].first].i, 6 - 4);
}

/* A grid of half the slices' distance: a mask between two slices lands on the nearer. */
static void loses_no_mask_between_slices(void **state)
{
    scene *s = *state;
    s->report.source.resampled = "uneven";
    s->report.source.geometry.n[2] = 2 * N;
    s->report.source.geometry.spacing_mm[2] = 0.5;
    const rs_report_run run[] = {{2, 2, 7, 3}}; /* z = 3.5 */
    set_mask(s, 0, run, 1, 3, 2, 3.6);
    rs_seg_frames frames;
    assert_int_equal(rs_seg_frames_make(s->ctx, &s->report, s->arena, &frames), RS_OK);
    assert_int_equal(voxels(&frames, 0), 3);
    assert_true(frames.frames[0].image == 3 || frames.frames[0].image == 4);
}

static void leaves_out_marks_of_other_images(void **state)
{
    scene *s = *state;
    const rs_report_run run[] = {{2, 2, 5, 3}};
    set_mask(s, 0, run, 1, 3, 2, 5);
    s->marks[0].series_instance_uid = "1.3";
    assert_false(rs_seg_has_mask(&s->report, &s->marks[0]));
    rs_seg_frames frames;
    assert_int_equal(rs_seg_frames_make(s->ctx, &s->report, s->arena, &frames), RS_OK);
    assert_int_equal(frames.n_frames, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(gives_a_contested_voxel_to_the_nearer_centre, set_up, tear_down),
        cmocka_unit_test_setup_teardown(fills_an_even_number_of_bytes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(carries_a_resampled_mask_onto_leaning_slices, set_up, tear_down),
        cmocka_unit_test_setup_teardown(loses_no_mask_between_slices, set_up, tear_down),
        cmocka_unit_test_setup_teardown(leaves_out_marks_of_other_images, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
