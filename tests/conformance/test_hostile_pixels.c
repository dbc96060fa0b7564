/* Files made from one valid file by breaking it: where one of them is opened all the same, its pixels are those of the
   valid file (64 x 64, all zero), never others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dicom/dicom.h"

static const char *const accepted[] = {"BASELINE_valid_ct", "TC0343_declares_explicit_data_implicit",
                                       "TC0377_no_preamble", "TC0885_pathtraversal_unix_etc"};
static const char *const either[] = {"TC0391_meta_glen_zero", "TC0393_meta_glen_one", "TC0395_meta_glen_max",
                                     "TC0911_sq_no_delim_ref_image_sq", "TC1157_sq_item_huge_len"};
static char folder[512];

static size_t load(const char *name, uint8_t *bytes, size_t room)
{
    char path[1024];
    snprintf(path, sizeof(path), "%s/%s.dcm", folder, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    const size_t n = fread(bytes, 1, room, file);
    fclose(file);
    assert_true(n > 0 && n < room);
    return n;
}

/* True where the file was opened; its pixels are held against the valid file's. */
static bool opens(const char *name)
{
    static uint8_t bytes[1 << 16];
    const size_t n = load(name, bytes, sizeof(bytes));
    rs_context *ctx = NULL;
    rs_arena *arena = rs_arena_new();
    rs_dicom_file *file = NULL;
    rs_dicom_image image;
    rs_dicom_pixels pixels;
    assert_int_equal(rs_context_new(NULL, &ctx), RS_OK);
    rs_status status = rs_dicom_file_open(ctx, arena, bytes, n, &file);
    if (status == RS_OK) status = rs_dicom_file_image(ctx, file, &image);
    if (status == RS_OK) status = rs_dicom_file_parse(ctx, file);
    if (status == RS_OK) status = rs_dicom_file_pixels(ctx, file, 0, 1, &pixels);
    if (status == RS_OK) {
        assert_int_equal(image.rows, 64);
        assert_int_equal(image.columns, 64);
        assert_int_equal(pixels.n, 64 * 64);
        assert_int_equal(pixels.bytes, 2);
        for (size_t i = 0; i < 64 * 64 * 2; i++)
            assert_int_equal(pixels.data[i], 0);
    } else {
        assert_int_equal(status, RS_DATA);
        print_message("%s: %s\n", name, rs_context_message(ctx));
    }
    if (file) rs_dicom_file_close(file);
    rs_context_free(ctx);
    rs_arena_free(arena);
    return status == RS_OK;
}

static void test_pixels(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(accepted) / sizeof(accepted[0]); i++)
        assert_true(opens(accepted[i]));
    for (size_t i = 0; i < sizeof(either) / sizeof(either[0]); i++)
        (void)opens(either[i]);
}

int main(void)
{
    const char *shared = getenv("RESTAGE_SHARED");
    if (!shared) return 77;
    snprintf(folder, sizeof(folder), "%s/conformance/hostile", shared);
    char path[600];
    snprintf(path, sizeof(path), "%s/BASELINE_valid_ct.dcm", folder);
    FILE *file = fopen(path, "rb");
    if (!file) return 77;
    fclose(file);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pixels)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
