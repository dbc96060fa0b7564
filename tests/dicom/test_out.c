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

/* Sequences within sequences, and what is set behind them on the level above. */
static void test_items(void **state)
{
    (void)state;
    static const uint32_t lab[] = {1, 2, 65535}, pointer[] = {RS_TAG(0x0062, 0x000b)}, index[] = {1, 70000};
    static const uint8_t odd[] = {0xa5, 1, 2};
    rs_dicom_out *out = small_image();
    uint8_t *bytes = NULL;
    size_t n_bytes = 0;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(rs_dicom_out_begin(ctx, out, RS_TAG(0x0062, 0x0002)), RS_OK);
        assert_int_equal(rs_dicom_out_number(ctx, out, RS_TAG(0x0062, 0x0004), i + 1), RS_OK);
        assert_int_equal(rs_dicom_out_numbers(ctx, out, RS_TAG(0x0062, 0x000d), lab, 3), RS_OK);
        assert_int_equal(rs_dicom_out_begin(ctx, out, RS_TAG(0x0062, 0x000f)), RS_OK);
        assert_int_equal(rs_dicom_out_text(ctx, out, RS_TAG(0x0008, 0x0100), "52988006"), RS_OK);
        assert_int_equal(rs_dicom_out_end(ctx, out), RS_OK);
        assert_int_equal(rs_dicom_out_end(ctx, out), RS_OK);
    }
    assert_int_equal(rs_dicom_out_end(ctx, out), RS_DEFECT);
    assert_int_equal(rs_dicom_out_begin(ctx, out, RS_TAG(0x0028, 0x0010)), RS_DEFECT); /* Rows is no sequence */
    assert_int_equal(rs_dicom_out_empty(ctx, out, RS_TAG(0x0040, 0xa372)), RS_OK);
    assert_int_equal(rs_dicom_out_numbers(ctx, out, RS_TAG(0x0020, 0x9165), pointer, 1), RS_OK);
    assert_int_equal(rs_dicom_out_numbers(ctx, out, RS_TAG(0x0020, 0x9157), index, 2), RS_OK);
    assert_int_equal(rs_dicom_out_numbers(ctx, out, RS_TAG(0x0062, 0x000d), index, 2), RS_DEFECT); /* 70000 in US */
    assert_int_equal(rs_dicom_out_bytes(ctx, out, RS_TAG(0x0042, 0x0011), odd, 3), RS_OK);
    assert_int_equal(rs_dicom_out_remove(ctx, out, RS_TAG(0x0020, 0x0032)), RS_OK);
    assert_int_equal(rs_dicom_out_remove(ctx, out, RS_TAG(0x0020, 0x0032)), RS_OK);
    assert_int_equal(rs_dicom_out_remove(ctx, out, RS_TAG(0x0062, 0x000d)), RS_OK);
    assert_int_equal(rs_dicom_out_encode(ctx, out, arena, &bytes, &n_bytes), RS_OK);
    rs_dicom_out_free(out);
    assert_non_null(find(bytes, n_bytes,
                         "\x20\0\x65\x91"
                         "AT\4\0\x62\0\x0b\0",
                         12));
    assert_non_null(find(bytes, n_bytes, "\x20\0\x57\x91UL\x08\0\1\0\0\0\x70\x11\1\0", 16));
    assert_non_null(find(bytes, n_bytes, "\x62\0\x0d\0US\6\0\1\0\2\0\xff\xff", 14));
    assert_non_null(find(bytes, n_bytes, "\x42\0\x11\0OB\0\0\4\0\0\0\xa5\1\2\0", 16));
    assert_non_null(find(bytes, n_bytes, "\x40\0\x72\xa3SQ\0\0\0\0\0\0", 12));
    assert_null(find(bytes, n_bytes, "\x20\0\x32\0", 4));

    rs_dicom_file *file = NULL;
    assert_int_equal(rs_dicom_file_open(ctx, arena, bytes, n_bytes, &file), RS_OK);
    assert_int_equal(rs_dicom_file_parse(ctx, file), RS_OK);
    const rs_dicom_item *root = rs_dicom_file_root(file);
    assert_int_equal(rs_dicom_item_count(root, RS_TAG(0x0062, 0x0002)), 2);
    const rs_dicom_item *second = rs_dicom_item_at(root, RS_TAG(0x0062, 0x0002), 1);
    int64_t number = 0;
    assert_int_equal(rs_dicom_item_integer(second, RS_TAG(0x0062, 0x0004), &number), RS_DICOM_FOUND);
    assert_int_equal(number, 2);
    const rs_dicom_item *type = rs_dicom_item_at(second, RS_TAG(0x0062, 0x000f), 0);
    assert_string_equal(rs_dicom_item_text(file, type, RS_TAG(0x0008, 0x0100), arena), "52988006");
    rs_dicom_file_close(file);
}

/* Bytes that DICOM does not allow go from one file into another as they are. */
static void test_raw(void **state)
{
    (void)state;
    /* GB18030, whose second bytes look like delimiters; no charset; not even a UID. */
    static const uint8_t name[] = {0xd5, 0x5c, 0x81, 0x5e, '^', 0x81, 0x7c, 0xa5, 0x5c, 0x1b}, uid[] = "01.2 x";
    rs_dicom_out *out = small_image();
    uint8_t *bytes = NULL;
    const uint8_t *found = NULL;
    size_t n_bytes = 0, n_found = 0;
    assert_int_equal(rs_dicom_out_raw(ctx, out, RS_TAG(0x0010, 0x0010), name, sizeof name), RS_OK);
    assert_int_equal(rs_dicom_out_raw(ctx, out, RS_TAG(0x0020, 0x000d), uid, 6), RS_OK);
    assert_int_equal(rs_dicom_out_raw(ctx, out, RS_TAG(0x0010, 0x0020), (const uint8_t *)" A \0", 3), RS_OK);
    assert_int_equal(rs_dicom_out_raw(ctx, out, RS_TAG(0x0010, 0x0030), NULL, 0), RS_OK);
    assert_int_equal(rs_dicom_out_raw(ctx, out, RS_TAG(0x0028, 0x0010), uid, 2), RS_DEFECT); /* US is no text */
    assert_int_equal(rs_dicom_out_remove(ctx, out, RS_TAG(0x0028, 0x0010)), RS_OK);
    assert_int_equal(rs_dicom_out_encode(ctx, out, arena, &bytes, &n_bytes), RS_OK);
    rs_dicom_out_free(out);

    rs_dicom_file *file = NULL;
    assert_int_equal(rs_dicom_file_open(ctx, arena, bytes, n_bytes, &file), RS_OK);
    assert_int_equal(rs_dicom_file_parse(ctx, file), RS_OK);
    const rs_dicom_item *root = rs_dicom_file_root(file);
    assert_true(rs_dicom_item_raw(root, RS_TAG(0x0010, 0x0010), &found, &n_found));
    assert_int_equal(n_found, sizeof name);
    assert_memory_equal(found, name, sizeof name);
    assert_true(rs_dicom_item_raw(root, RS_TAG(0x0020, 0x000d), &found, &n_found));
    assert_int_equal(n_found, 6);
    assert_memory_equal(found, uid, 6);
    assert_true(rs_dicom_item_raw(root, RS_TAG(0x0010, 0x0020), &found, &n_found));
    assert_int_equal(n_found, 4);
    assert_memory_equal(found, " A  ", 4); /* padded to an even length */
    assert_true(rs_dicom_item_raw(root, RS_TAG(0x0010, 0x0030), &found, &n_found));
    assert_int_equal(n_found, 0);
    assert_false(rs_dicom_item_raw(root, RS_TAG(0x0010, 0x0040), &found, &n_found));
    rs_dicom_file_close(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_structure), cmocka_unit_test(test_same_bytes_twice),
        cmocka_unit_test(test_refusals),  cmocka_unit_test(test_items),
        cmocka_unit_test(test_raw),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
