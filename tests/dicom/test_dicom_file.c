/* Opening and decoding: what our writer wrote comes back; what is cut, doubled or bent is refused and never crashes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dicom/dicom.h"

static rs_context *ctx;
static rs_arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = rs_arena_new();
    return arena && rs_context_new(NULL, &ctx) == RS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    rs_arena_free(arena);
    rs_context_free(ctx);
    return 0;
}

static void put(rs_dicom_out *out, uint32_t tag, const char *value)
{
    assert_int_equal(rs_dicom_out_text(ctx, out, tag, value), RS_OK);
}

static void put_number(rs_dicom_out *out, uint32_t tag, int32_t value)
{
    assert_int_equal(rs_dicom_out_number(ctx, out, tag, value), RS_OK);
}

static const uint16_t words[6] = {0x0001, 0x07ff, 0x0800, 0xf000, 0x9801, 0x0fff};

/* 3 x 2 pixels of 12 bits in 16. */
static rs_dicom_out *image(int pixel_representation)
{
    rs_dicom_out *out = NULL;
    assert_int_equal(rs_dicom_out_new(ctx, &out), RS_OK);
    put(out, 0x00080016, "1.2.840.10008.5.1.4.1.1.2");
    put(out, 0x00080018, "2.25.7");
    put(out, 0x00200013, "12");
    put(out, 0x00200032, "-1.5\\2e1\\+3.25");
    put(out, 0x00281052, "-1024");
    put_number(out, 0x00280002, 1);
    put(out, 0x00280004, "MONOCHROME2");
    put_number(out, 0x00280010, 2);
    put_number(out, 0x00280011, 3);
    put_number(out, 0x00280100, 16);
    put_number(out, 0x00280101, 12);
    put_number(out, 0x00280102, 11);
    put_number(out, 0x00280103, pixel_representation);
    assert_int_equal(rs_dicom_out_pixels(ctx, out, words, 6), RS_OK);
    return out;
}

static size_t encode(rs_dicom_out *out, uint8_t **bytes)
{
    size_t n = 0;
    assert_int_equal(rs_dicom_out_encode(ctx, out, arena, bytes, &n), RS_OK);
    rs_dicom_out_free(out);
    return n;
}

static rs_dicom_file *open_file(const uint8_t *bytes, size_t n)
{
    rs_dicom_file *file = NULL;
    assert_int_equal(rs_dicom_file_open(ctx, arena, bytes, n, &file), RS_OK);
    return file;
}

static void test_round_trip(void **state)
{
    (void)state;
    uint8_t *bytes = NULL;
    const size_t n = encode(image(1), &bytes);
    rs_dicom_file *file = open_file(bytes, n);
    rs_dicom_image facts;
    rs_dicom_pixels pixels;
    double position[3] = {0, 0, 0};
    int64_t number = 0;
    assert_int_equal(rs_dicom_file_parse(ctx, file), RS_OK);
    assert_int_equal(rs_dicom_file_image(ctx, file, &facts), RS_OK);
    assert_int_equal(facts.rows, 2);
    assert_int_equal(facts.columns, 3);
    assert_int_equal(facts.frames, 1);
    assert_int_equal(facts.bits_stored, 12);
    assert_string_equal(facts.photometric, "MONOCHROME2");
    assert_false(facts.has_padding);
    assert_string_equal(rs_dicom_file_syntax(file), "1.2.840.10008.1.2.1");
    assert_int_equal(rs_dicom_file_reals(file, 0x00200032, position, 3), RS_DICOM_FOUND);
    assert_true(position[0] == -1.5 && position[1] == 20 && position[2] == 3.25);
    assert_int_equal(rs_dicom_file_reals(file, 0x00200032, position, 2), RS_DICOM_BAD);
    assert_int_equal(rs_dicom_file_reals(file, 0x00200037, position, 6), RS_DICOM_ABSENT);
    assert_int_equal(rs_dicom_file_integer(file, 0x00200013, &number), RS_DICOM_FOUND);
    assert_int_equal(number, 12);
    assert_int_equal(rs_dicom_file_integer(file, 0x00280010, &number), RS_DICOM_FOUND);
    assert_int_equal(number, 2);
    assert_string_equal(rs_dicom_file_text(file, 0x00080018, arena), "2.25.7");
    assert_string_equal(rs_dicom_file_text(file, 0x00100010, arena), "");
    assert_int_equal(rs_dicom_file_pixels(ctx, file, 0, 1, &pixels), RS_OK);
    assert_int_equal(pixels.n, 6);
    assert_int_equal(pixels.bytes, 2);
    assert_true(pixels.is_signed);
    assert_memory_equal(pixels.data, bytes + n - 12, 12); /* not copied */
    assert_ptr_equal(pixels.data, bytes + n - 12);
    rs_dicom_file_close(file);
}

/* Puts an element into a text that DCMTK would refuse to write: same length, other letters. */
static void overwrite(uint8_t *bytes, size_t n, const char *from, const char *to)
{
    const size_t length = strlen(from);
    for (size_t at = 132; at + length <= n; at++) {
        if (memcmp(bytes + at, from, length) != 0) continue;
        memcpy(bytes + at, to, length);
        return;
    }
    fail_msg("%s is not in the file", from);
}

/* Numbers that DCMTK takes for something else (integration A.2.6). */
static void test_strict_numbers(void **state)
{
    (void)state;
    static const char *const bad[] = {"-1,24", "0x400", "nan  ", "1e999", "-10 4", "12abc"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        uint8_t *bytes = NULL;
        double value = 7;
        const size_t n = encode(image(0), &bytes);
        char padded[6] = "     ";
        memcpy(padded, bad[i], strlen(bad[i]) < 5 ? strlen(bad[i]) : 5);
        overwrite(bytes, n, "-1024", padded);
        rs_dicom_file *file = open_file(bytes, n);
        assert_int_equal(rs_dicom_file_parse(ctx, file), RS_OK);
        assert_int_equal(rs_dicom_file_reals(file, 0x00281052, &value, 1), RS_DICOM_BAD);
        assert_true(value == 7);
        rs_dicom_file_close(file);
    }
}

static void refused(const uint8_t *bytes, size_t n, const char *sentence)
{
    rs_dicom_file *file = NULL;
    rs_dicom_image facts;
    rs_status status = rs_dicom_file_open(ctx, arena, bytes, n, &file);
    if (status == RS_OK) status = rs_dicom_file_image(ctx, file, &facts);
    rs_dicom_file_close(file);
    assert_int_equal(status, RS_DATA);
    if (!strstr(rs_context_message(ctx), sentence)) fail_msg("%s", rs_context_message(ctx));
}

/* A US element of the header, changed in place; the tag as it lies in the file. */
static void set_word(uint8_t *bytes, size_t n, const char tag[4], uint16_t value)
{
    for (size_t at = 132; at + 10 <= n; at++) {
        if (memcmp(bytes + at, tag, 4) != 0 || memcmp(bytes + at + 4, "US\2", 4) != 0) continue;
        bytes[at + 8] = (uint8_t)value;
        bytes[at + 9] = (uint8_t)(value >> 8);
        return;
    }
    fail_msg("no such element");
}

static void test_lying_attributes(void **state)
{
    (void)state;
    static const struct {
        char tag[4];
        uint16_t value;
        const char *sentence;
    } cases[] = {
        {"\x28\0\x10\0", 3, "promises 18 bytes"},
        {"\x28\0\x10\0", 1, "describes only 6"},
        {"\x28\0\x10\0", 0, "0 rows"},
        {"\x28\0\x11\0", 65535, "promises 262140 bytes"},
        {"\x28\0\x00\1", 0, "bits are impossible"},
        {"\x28\0\x01\1", 17, "bits are impossible"},
        {"\x28\0\x02\1", 15, "bits are impossible"},
        {"\x28\0\x03\1", 7, "bits are impossible"},
        {"\x28\0\x02\0", 65535, "65535 samples"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t *bytes = NULL;
        const size_t n = encode(image(0), &bytes);
        set_word(bytes, n, cases[i].tag, cases[i].value);
        refused(bytes, n, cases[i].sentence);
    }
}

/* Rows a second time: the same is borne, another value is not (integration B.2, 16). */
static void test_duplicates(void **state)
{
    (void)state;
    uint8_t *bytes = NULL;
    const size_t n = encode(image(0), &bytes), pixels = n - 12 - 12;
    uint8_t twice[1024];
    memcpy(twice, bytes, pixels);
    memcpy(twice + pixels, "\x28\0\x10\0US\2\0\2\0", 10);
    memcpy(twice + pixels + 10, bytes + pixels, n - pixels);
    rs_dicom_file_close(open_file(twice, n + 10));
    twice[pixels + 8] = 3;
    refused(twice, n + 10, "(0028,0010) stands twice");
}

static void test_no_dicom(void **state)
{
    (void)state;
    rs_dicom_file *file = NULL;
    static const uint8_t text[] = "This is a letter to the radiologist, and it is longer than eight bytes.";
    static const uint8_t looks_bare[64] = {8, 0, 5, 0, 10, 0, 0, 0, 'I', 'S', 'O'};
    assert_int_equal(rs_dicom_file_open(ctx, arena, text, sizeof(text), &file), RS_NO_INPUT);
    assert_int_equal(rs_dicom_file_open(ctx, arena, text, 0, &file), RS_NO_INPUT);
    assert_int_equal(rs_dicom_file_open(ctx, arena, looks_bare, sizeof(looks_bare), &file), RS_NO_INPUT);
    assert_null(file);
}

/* Opens, parses and decodes whatever it is; the answer does not matter, only that there is one. */
static rs_status try_all(const uint8_t *bytes, size_t n)
{
    const rs_arena_mark mark = rs_arena_where(arena);
    rs_dicom_file *file = NULL;
    rs_dicom_pixels pixels;
    rs_dicom_image facts;
    rs_status status = rs_dicom_file_open(ctx, arena, bytes, n, &file);
    if (status == RS_OK) status = rs_dicom_file_image(ctx, file, &facts);
    if (status == RS_OK) status = rs_dicom_file_parse(ctx, file);
    if (status == RS_OK) status = rs_dicom_file_pixels(ctx, file, 0, 1, &pixels);
    rs_dicom_file_close(file);
    rs_arena_rewind(arena, mark);
    assert_true(status == RS_OK || status == RS_DATA || status == RS_NO_INPUT);
    return status;
}

static void prop_cut_anywhere(void **state)
{
    (void)state;
    uint8_t *bytes = NULL;
    const size_t n = encode(image(1), &bytes);
    for (size_t cut = 0; cut < n; cut++) {
        /* A copy of just that size, so that a sanitizer sees every byte read beyond it. */
        uint8_t *copy = rs_heap_alloc(cut);
        assert_non_null(copy);
        memcpy(copy, bytes, cut);
        assert_int_not_equal(try_all(copy, cut), RS_OK);
        rs_heap_free(copy);
    }
    assert_int_equal(try_all(bytes, n), RS_OK);
}

static void prop_bent_anywhere(void **state)
{
    (void)state;
    uint8_t *bytes = NULL;
    uint64_t seed = 12345;
    const size_t n = encode(image(1), &bytes);
    print_message("seed %llu\n", (unsigned long long)seed);
    for (int round = 0; round < 4000; round++) {
        uint8_t *copy = rs_heap_alloc(n);
        assert_non_null(copy);
        memcpy(copy, bytes, n);
        for (int i = 0; i < 1 + round % 4; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            copy[128 + (seed >> 33) % (n - 128)] = (uint8_t)(seed >> 25);
        }
        (void)try_all(copy, n);
        rs_heap_free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),       cmocka_unit_test(test_strict_numbers),
        cmocka_unit_test(test_lying_attributes), cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_no_dicom),         cmocka_unit_test(prop_cut_anywhere),
        cmocka_unit_test(prop_bent_anywhere),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
