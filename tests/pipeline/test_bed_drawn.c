/* What a bed may be, once it is drawn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "stations.h"

enum { SIDE = 320, SLICES = 120 };

/* A label volume: every second voxel of each row is 1 from a slice on; the others are 0. */
static void write_labels(const char *path, int32_t first_slice)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fprintf(file,
            "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\n"
            "TransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = 0 0 0\nElementSpacing = 1 1 1\nDimSize = %d %d %d\n"
            "ElementType = MET_UCHAR\nElementDataFile = LOCAL\n",
            SIDE, SIDE, SLICES);
    uint8_t row[SIDE];
    for (int k = 0; k < SLICES; k++)
        for (int j = 0; j < SIDE; j++) {
            for (int i = 0; i < SIDE; i++)
                row[i] = k >= first_slice && i % 2 == 0;
            assert_int_equal(fwrite(row, 1, SIDE, file), SIDE);
        }
    assert_int_equal(fclose(file), 0);
}

static rs_status draw(rs_context *ctx, const char *path, rs_line *line)
{
    rs_status status = rs_masks_open(ctx, path, NULL, &line->masks);
    if (status == RS_OK) status = rs_bed_draw(ctx, line);
    rs_masks_close(line->masks);
    line->masks = NULL;
    return status;
}

/* 6.1 million runs of one voxel are refused; 3.1 million are not. */
static void test_ragged(void **state)
{
    (void)state;
    char path[300];
    snprintf(path, sizeof path, "%s/restage-bed-%ld.mha", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp", (long)getpid());
    rs_context *ctx;
    assert_int_equal(rs_context_new(NULL, &ctx), RS_OK);
    rs_arena *arena = rs_arena_new();
    rs_series series = {.series_instance_uid = "1", .frame_of_reference_uid = ""};
    rs_volume volume = {
        .geometry = {.n = {SIDE, SIDE, SLICES}, .spacing_mm = {1, 1, 1}, .axis = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}};
    rs_case one = {.pick.series = &series, .volume = &volume};
    const rs_run_options options = {.region = path};
    rs_line line = {.arena = arena, .cases = &one, .n_cases = 1, .options = &options};
    write_labels(path, 0);
    assert_int_equal(draw(ctx, path, &line), RS_DATA);
    assert_non_null(strstr(rs_context_message(ctx), "6144000 runs"));
    assert_null(one.bed);
    write_labels(path, SLICES / 2);
    assert_int_equal(draw(ctx, path, &line), RS_OK);
    assert_int_equal(one.bed->n_runs, SIDE / 2 * SIDE * SLICES / 2);
    remove(path);
    rs_arena_free(arena);
    rs_context_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_ragged)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
