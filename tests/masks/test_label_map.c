/* Label maps: who decodes their pixels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "restage/masks.h"
#include "restage/sandbox.h"

/* Where workers are to decode every file, the program decodes none: this one neither. */
static void test_workers_decode(void **state)
{
    (void)state;
    const char *source = getenv("RESTAGE_SOURCE");
    if (source == NULL) skip();
    char path[512];
    snprintf(path, sizeof path, "%s/tests/fuzz/seeds/masks/seg-label", source);
    int64_t voxels[2] = {0, 0};
    for (int away = 0; away < 2; away++) {
        rs_context *ctx;
        rs_masks *masks;
        assert_int_equal(rs_context_new(NULL, &ctx), RS_OK);
        if (away && rs_sandbox_start(ctx, RS_SANDBOX_ALL) != RS_OK) {
            rs_context_free(ctx);
            skip();
        }
        assert_int_equal(rs_masks_open(ctx, path, NULL, &masks), RS_OK);
        assert_true(rs_masks_n(masks) > 0);
        for (int r = 0; r < rs_masks_n(masks); r++)
            voxels[away] += rs_masks_region(masks, r)->voxels;
        assert_int_equal(rs_sandbox_active(ctx).decoded, away);
        rs_masks_close(masks);
        rs_context_free(ctx);
    }
    assert_int_equal(voxels[0], voxels[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_workers_decode)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
