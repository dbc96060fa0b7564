/* Names in every character set: files of the conformance data, and elements made here byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dicom/dicom.h"
#include "restage/files.h"

static rs_context *ctx;
static rs_arena *arena;

static int start(void **state)
{
    (void)state;
    arena = rs_arena_new();
    return arena && rs_context_new(NULL, &ctx) == RS_OK ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    rs_arena_free(arena);
    rs_context_free(ctx);
    return 0;
}

/* Text of an element of a data set of two elements. */
static const char *read_back(const char *sets, const char *vr, uint32_t tag, const char *text)
{
    static const char meta[] = "DICM\2\0\0\0UL\4\0\34\0\0\0\2\0\20\0UI\24\0"
                               "1.2.840.10008.1.2.1";
    static uint8_t bytes[640];
    memcpy(bytes + 128, meta, sizeof(meta));
    size_t n = 128 + sizeof(meta);
    const char *const values[] = {sets, text};
    const uint32_t tags[] = {0x00080005, tag};
    for (int i = 0; i < 2; i++) {
        const size_t length = strlen(values[i]), even = length + length % 2;
        const uint8_t head[] = {
            (uint8_t)(tags[i] >> 16),   (uint8_t)(tags[i] >> 24),   (uint8_t)tags[i], (uint8_t)(tags[i] >> 8),
            (uint8_t)(i ? vr[0] : 'C'), (uint8_t)(i ? vr[1] : 'S'), (uint8_t)even,    (uint8_t)(even >> 8)};
        memcpy(bytes + n, head, sizeof(head));
        memset(bytes + n + sizeof(head), ' ', even);
        memcpy(bytes + n + sizeof(head), values[i], length);
        n += sizeof(head) + even;
    }
    rs_dicom_file *file = NULL;
    if (rs_dicom_file_open(ctx, arena, bytes, n, &file) != RS_OK || rs_dicom_file_parse(ctx, file) != RS_OK)
        fail_msg("%s", rs_context_message(ctx));
    const char *out = rs_dicom_file_text(file, tag, arena);
    rs_dicom_file_close(file);
    return out;
}

static const char *name_of(const char *sets, const char *bytes)
{
    return read_back(sets, "PN", 0x00100010, bytes);
}

static void test_single_sets(void **state)
{
    (void)state;
    assert_string_equal(name_of("ISO_IR 100", "\xc4neas^R\xfc"
                                              "diger"),
                        "Äneas^Rüdiger");
    assert_string_equal(name_of("ISO_IR 101", "Wa\xb3\xea"
                                              "sa"),
                        "Wałęsa");
    assert_string_equal(name_of("ISO_IR 126", "\xc4\xe9\xef\xed\xf5\xf3\xe9\xef\xf2"), "Διονυσιος");
    assert_string_equal(name_of("ISO_IR 166", "\xbb\xc3"), "ปร");
    assert_string_equal(name_of("ISO_IR 192", "\xe7\x8e\x8b"), "王");
    assert_string_equal(name_of("GB18030", "\xcd\xf5^\xd0\xa1\xb6\xab"), "王^小东");
}

/* PS3.5 annexes H and I, and field report C01. */
static void test_escapes(void **state)
{
    (void)state;
    assert_string_equal(name_of("\\ISO 2022 IR 87", "Yamada^Tarou=\033$B;3ED\033(B^\033$BB@O:\033(B=\033$B$d$^$@\033(B^"
                                                    "\033$B$?$m$&\033(B"),
                        "Yamada^Tarou=山田^太郎=やまだ^たろう");
    assert_string_equal(name_of("ISO 2022 IR 13\\ISO 2022 IR 87", "\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\033$B;3ED\033(J^"
                                                                  "\033$BB@O:\033(J"),
                        "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎");
    assert_string_equal(name_of("\\ISO 2022 IR 149", "Hong^Gildong=\033$)C\xfb\xf3^\033$)C\xd1\xce\xd4\xd7=\033$)C\xc8"
                                                     "\xab^\033$)C\xb1\xe6\xb5\xbf"),
                        "Hong^Gildong=洪^吉洞=홍^길동");
    assert_string_equal(name_of("\\ISO 2022 IR 58", "Zhang^XiaoDong=\033$)A\xd5\xc5^\033$)A\xd0\xa1\xb6\xab="),
                        "Zhang^XiaoDong=张^小东=");
    assert_string_equal(name_of("ISO 2022 IR 100\\ISO 2022 IR 144", "\xc4\033-L\xbb"), "ÄЛ");
    /* A delimiter ends what an escape sequence called up. */
    assert_string_equal(name_of("\\ISO 2022 IR 149", "\033$)C\xc8\xab^\xc8"), "홍^\xef\xbf\xbd");
}

/* Second bytes that look like delimiters are none (field report C03); 5C of IR 13 parts values. */
static void test_second_bytes(void **state)
{
    (void)state;
    assert_string_equal(read_back("GB18030", "LO", 0x00100020, "\xd5\x5c\x81\x5e"), "誠乛");
    assert_string_equal(read_back("ISO_IR 13", "PN", 0x00101001, "\xd4\xcf\\\xc0"), "ﾔﾏ\\ﾀ");
    assert_string_equal(read_back("\\ISO 2022 IR 87", "LO", 0x00100020, "\033$B\x30\x5c\x3d\x5e\033(B"), "移殉");
}

static void test_bytes_that_stand_for_nothing(void **state)
{
    (void)state;
    assert_string_equal(name_of("", "M\xfc"
                                    "ller"),
                        "M\xef\xbf\xbdller");
    assert_string_equal(name_of("ISO_IR 192", "M\xfcller"), "M\xef\xbf\xbdller");
    assert_string_equal(name_of("ISO_IR 100", "\033%G\xc3"), "\xef\xbf\xbd%GÃ");
    assert_string_equal(name_of("GB18030", "\xd5"), "\xef\xbf\xbd");
}

static void test_files(void **state)
{
    (void)state;
    static const char *const names[][2] = {
        {"chrGerm", "Äneas^Rüdiger"},       {"chrH31", "Yamada^Tarou=山田^太郎=やまだ^たろう"},
        {"chrJapMulti", "やまだ^たろう"},   {"chrKoreanMulti", "김희중"},
        {"chrRuss", "Люкceмбypг"},          {"chrX1", "Wang^XiaoDong=王^小東="},
        {"chrX2", "Wang^XiaoDong=王^小东="}};
    const char *shared = getenv("RESTAGE_SHARED");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[600];
        uint8_t *bytes = NULL;
        size_t n = 0;
        rs_dicom_file *file = NULL;
        snprintf(path, sizeof(path), "%s/conformance/objects/charsets/%s.dcm", shared ? shared : "", names[i][0]);
        if (!shared || rs_file_read(ctx, arena, path, 1 << 24, true, &bytes, &n) == RS_NO_INPUT) skip();
        if (rs_dicom_file_open(ctx, arena, bytes, n, &file) != RS_OK || rs_dicom_file_parse(ctx, file) != RS_OK)
            fail_msg("%s", rs_context_message(ctx));
        assert_string_equal(rs_dicom_file_text(file, 0x00100010, arena), names[i][1]);
        rs_dicom_file_close(file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_single_sets),  cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_second_bytes), cmocka_unit_test(test_bytes_that_stand_for_nothing),
        cmocka_unit_test(test_files),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
