/* The writer: structure byte by byte where it is short, and the same bytes twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dicom/dicom.h"

static rs_context *ctx;
static rs_arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = rs_arena_new();
    return rs_context_new(NULL, &ctx) == RS_OK && arena ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    rs_arena_free(arena);
    rs_context_free(ctx);
    return 0;
}

static rs_dicom_out *small_image(void)
{
    static const uint16_t words[6] = {0, 1, 0x1234, 0x8000, 0xfffe, 7};
    rs_dicom_out *out = NULL;
    assert_int_equal(rs_dicom_out_new(ctx, &out), RS_OK);
    assert_int_equal(rs_dicom_out_pixels(ctx, out, words, 6), RS_OK);
    assert_int_equal(rs_dicom_out_text(ctx, out, RS_TAG(0x0008, 0x0018), "2.25.7"), RS_OK);
    assert_int_equal(rs_dicom_out_text(ctx, out, RS_TAG(0x0008, 0x0016), "1.2.840.10008.5.1.4.1.1.2"), RS_OK);
    assert_int_equal(rs_dicom_out_text(ctx, out, RS_TAG(0x0020, 0x0032), "-1.5\\2\\3.25"), RS_OK);
    assert_int_equal(rs_dicom_out_number(ctx, out, RS_TAG(0x0028, 0x0010), 2), RS_OK);
    assert_int_equal(rs_dicom_out_number(ctx, out, RS_TAG(0x0028, 0x0011), 3), RS_OK);
    assert_int_equal(rs_dicom_out_number(ctx, out, RS_TAG(0x0028, 0x0100), 16), RS_OK);
    assert_int_equal(rs_dicom_out_number(ctx, out, RS_TAG(0x0028, 0x0120), -2000), RS_OK);
    return out;
}

static const uint8_t *find(const uint8_t *bytes, size_t n_bytes, const void *what, size_t n_what)
{
    for (size_t at = 0; at + n_what <= n_bytes; at++) {
        if (memcmp(bytes + at, what, n_what) == 0) return bytes + at;
    }
    return NULL;
}

static void test_structure(void **state)
{
    (void)state;
    rs_dicom_out *out = small_image();
    uint8_t *bytes = NULL;
    size_t n_bytes = 0;
    assert_int_equal(rs_dicom_out_encode(ctx, out, arena, &bytes, &n_bytes), RS_OK);
    rs_dicom_out_free(out);

    assert_memory_equal(bytes + 128, "DICM\2\0\0\0UL\4\0", 12);
    /* The group length leads to the first element of the data set. */
    const size_t meta = 144 + (bytes[140] | (size_t)bytes[141] << 8);
    assert_memory_equal(bytes + meta, "\x08\0\x16\0UI\x1a\0", 8);
    assert_non_null(find(bytes, meta,
                         "\x02\0\x10\0UI\x14\0"
                         "1.2.840.10008.1.2.1\0",
                         28));
    assert_non_null(find(bytes, meta,
                         "\x02\0\x12\0UI\x2c\0"
                         "2.25.109902953025388356084635005169264906302",
                         52));
    assert_non_null(find(bytes, meta, "\x02\0\x13\0SH\x0c\0RESTAGE_0_1 ", 20));
    assert_non_null(find(bytes, n_bytes, "\x20\0\x32\0DS\x0c\0-1.5\\2\\3.25 ", 20));
    assert_non_null(find(bytes, n_bytes, "\x28\0\x20\1SS\2\0\x30\xf8", 10));
    /* Pixel Data ends the file. */
    assert_memory_equal(bytes + n_bytes - 24, "\xe0\x7f\x10\0OW\0\0\x0c\0\0\0\0\0\1\0\x34\x12\0\x80\xfe\xff\7\0", 24);
}

static void test_same_bytes_twice(void **state)
{
    (void)state;
    uint8_t *bytes[3] = {NULL, NULL, NULL};
    size_t n_bytes[3] = {0, 0, 0};
    rs_dicom_out *out = small_image();
    for (int i = 0; i < 2; i++)
        assert_int_equal(rs_dicom_out_encode(ctx, out, arena, &bytes[i], &n_bytes[i]), RS_OK);
    rs_dicom_out_free(out);
    out = small_image();
    assert_int_equal(rs_dicom_out_encode(ctx, out, arena, &bytes[2], &n_bytes[2]), RS_OK);
    rs_dicom_out_free(out);
    for (int i = 1; i < 3; i++) {
        assert_int_equal(n_bytes[i], n_bytes[0]);
        assert_memory_equal(bytes[i], bytes[0], n_bytes[0]);
    }
}

static void test_refusals(void **state)
{
    (void)state;
    rs_dicom_out *out = NULL;
    uint8_t *bytes = NULL;
    size_t n_bytes = 0;
    assert_int_equal(rs_dicom_out_new(ctx, &out), RS_OK);
    assert_int_equal(rs_dicom_out_text(ctx, out, RS_TAG(0x0018, 0x0050), "1,5"), RS_DEFECT);
    assert_int_equal(rs_dicom_out_text(ctx, out, RS_TAG(0x0018, 0x0050), "1.00000000000000001"), RS_DEFECT);
    assert_int_equal(rs_dicom_out_number(ctx, out, RS_TAG(0x0028, 0x0010), 65536), RS_DEFECT);
    assert_int_equal(rs_dicom_out_number(ctx, out, RS_TAG(0x0028, 0x0010), -1), RS_DEFECT);
    assert_int_equal(rs_dicom_out_encode(ctx, out, arena, &bytes, &n_bytes), RS_DEFECT);
    assert_null(bytes);
    rs_dicom_out_free(out);
    rs_dicom_out_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_structure),
        cmocka_unit_test(test_same_bytes_twice),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
