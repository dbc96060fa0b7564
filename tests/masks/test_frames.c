/* On which series a region may be drawn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "room.h"

typedef struct bench {
    rs_context *ctx;
    rs_masks masks;
    rs_mask_region region;
    rs_outline outline;
    rs_slice slice;
    rs_series series;
    const char *note;
} bench;

/* A file that names the frames F1 and F2, the series S1, the image I1: of a study that has F2, S1, I1. */
static int setup(void **state)
{
    static bench b;
    static const char *frames[] = {"F1", "F2"}, *series[] = {"S1"}, *images[] = {"I1"};
    static bool found[] = {false, true};
    b = (bench){.region = {.name = "A"}, .slice = {.sop_instance_uid = "I9"}};
    if (rs_context_new(NULL, &b.ctx) != RS_OK) return -1;
    b.masks = (rs_masks){.ctx = b.ctx,
                         .regions = &b.region,
                         .outlines = &b.outline,
                         .n_regions = 1,
                         .named_frames = {frames, found, 2, 1},
                         .named_series = {series, found + 1, 1, 1},
                         .named_images = {images, found + 1, 1, 1}};
    b.series =
        (rs_series){.series_instance_uid = "S1", .frame_of_reference_uid = "F2", .slices = &b.slice, .n_slices = 1};
    *state = &b;
    return 0;
}

static int teardown(void **state)
{
    rs_context_free(((bench *)*state)->ctx);
    return 0;
}

static rs_status check(bench *b)
{
    return rs_masks_check_series(b->ctx, &b->masks, 0, &b->series, &b->note);
}

static void test_its_own(void **state)
{
    bench *b = *state;
    assert_int_equal(check(b), RS_OK);
    assert_null(b->note);
    b->outline.frame_uid = "F2";
    assert_int_equal(check(b), RS_OK);
    b->outline.frame_uid = "F1"; /* one that no image has: that of the file holds */
    assert_int_equal(check(b), RS_OK);
    assert_null(b->note);
}

static void test_another_series(void **state)
{
    bench *b = *state;
    b->series.series_instance_uid = "S2";
    assert_int_equal(check(b), RS_OK);
    assert_non_null(strstr(b->note, "of the same frame of reference"));
    b->slice.sop_instance_uid = "I1"; /* its images are named */
    assert_int_equal(check(b), RS_OK);
    assert_null(b->note);
    b->slice.sop_instance_uid = "I9";
    b->series.frame_of_reference_uid = "";
    assert_int_equal(check(b), RS_OK);
    assert_non_null(strstr(b->note, "not named by both"));
}

static void test_another_frame(void **state)
{
    bench *b = *state;
    b->series.series_instance_uid = "S2";
    b->series.frame_of_reference_uid = "F3";
    assert_int_equal(check(b), RS_DATA);
    assert_non_null(strstr(rs_context_message(b->ctx), "F3"));
    b->series.series_instance_uid = "S1"; /* though the file names it: its frame belongs to others */
    assert_int_equal(check(b), RS_DATA);
    b->masks.named_frames.n = 1; /* F1 alone, which nobody has */
    b->masks.named_frames.n_found = 0;
    assert_int_equal(check(b), RS_OK);
    b->series.series_instance_uid = "S2";
    assert_int_equal(check(b), RS_DATA);
    assert_non_null(strstr(rs_context_message(b->ctx), "F1"));
}

/* Of two frames of a file, that of the region counts. */
static void test_frame_of_the_region(void **state)
{
    bench *b = *state;
    b->masks.named_frames.found = (bool[]){true, true};
    b->masks.named_frames.n_found = 2;
    b->outline.frame_uid = "F1";
    assert_int_equal(check(b), RS_DATA);
    b->series.frame_of_reference_uid = "F1";
    assert_int_equal(check(b), RS_OK);
}

static void test_nothing_named(void **state)
{
    bench *b = *state;
    b->masks.named_frames = b->masks.named_series = b->masks.named_images = (rs_named){0};
    assert_int_equal(check(b), RS_OK);
    assert_null(b->note);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_its_own, setup, teardown),
        cmocka_unit_test_setup_teardown(test_another_series, setup, teardown),
        cmocka_unit_test_setup_teardown(test_another_frame, setup, teardown),
        cmocka_unit_test_setup_teardown(test_frame_of_the_region, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing_named, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
