/* A file read by pieces is judged as the same bytes read whole: every truncation of a file with a long header, what
   stands behind the pixels, and the hostile files where they are at hand. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "dicom/dicom.h"
#include "restage/files.h"

enum { ROWS = 96, COLUMNS = 128, LONG_TEXT = 40000, N_BEHIND = 40 };

static rs_context *ctx;
static rs_arena *arena;
static char path[] = "source-XXXXXX";

static int set_up(void **state)
{
    (void)state;
    const int fd = mkstemp(path);
    arena = rs_arena_new();
    if (fd < 0 || !arena) return -1;
    close(fd);
    return rs_context_new(NULL, &ctx) == RS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path);
    rs_arena_free(arena);
    rs_context_free(ctx);
    return 0;
}

/* What a way of opening comes to: status and sentence, the image, the first and the last value. */
typedef struct outcome {
    rs_status status;
    char sentence[600];
    rs_dicom_image image;
    uint8_t first, last;
} outcome;

static outcome judge(rs_status status, rs_dicom_file *file)
{
    outcome o;
    rs_dicom_pixels pixels;
    memset(&o, 0, sizeof(o));
    if (status == RS_OK) status = rs_dicom_file_parse(ctx, file);
    if (status == RS_OK) status = rs_dicom_file_image(ctx, file, &o.image);
    if (status == RS_OK && o.image.has_pixels) {
        status = rs_dicom_file_pixels(ctx, file, 0, 1, &pixels);
        if (status == RS_OK) {
            o.first = pixels.data[0];
            o.last = pixels.data[pixels.n * pixels.bytes - 1];
        }
    }
    o.status = status;
    if (status != RS_OK) snprintf(o.sentence, sizeof(o.sentence), "%s", rs_context_message(ctx));
    return o;
}

static void assert_same(const char *name, const uint8_t *bytes, size_t n_bytes)
{
    rs_dicom_file *whole = NULL, *pieces = NULL;
    size_t n = 0;
    rs_arena *mine = rs_arena_new();
    rs_status status = rs_dicom_file_open(ctx, mine, bytes, n_bytes, &whole);
    const outcome a = judge(status, whole);
    status = rs_dicom_file_read(ctx, mine, name, true, &pieces, &n);
    const outcome b = judge(status, pieces);
    assert_int_equal(n, n_bytes);
    assert_int_equal(a.status, b.status);
    assert_string_equal(a.sentence, b.sentence);
    assert_memory_equal(&a.image, &b.image, sizeof(a.image));
    assert_int_equal(a.first, b.first);
    assert_int_equal(a.last, b.last);
    if (whole) rs_dicom_file_close(whole);
    if (pieces) rs_dicom_file_close(pieces);
    rs_arena_free(mine);
}

static size_t make(uint8_t **bytes, const char *text)
{
    static uint16_t words[ROWS * COLUMNS];
    static const struct {
        uint32_t tag;
        int32_t value;
    } numbers[] = {{0x00280002, 1},  {0x00280010, ROWS}, {0x00280011, COLUMNS}, {0x00280100, 16},
                   {0x00280101, 16}, {0x00280102, 15},   {0x00280103, 0}};
    rs_dicom_out *out = NULL;
    size_t n = 0;
    for (int i = 0; i < ROWS * COLUMNS; i++)
        words[i] = (uint16_t)(i * 7 + 1);
    assert_int_equal(rs_dicom_out_new(ctx, &out), RS_OK);
    assert_int_equal(rs_dicom_out_text(ctx, out, 0x00080016, "1.2.840.10008.5.1.4.1.1.2"), RS_OK);
    assert_int_equal(rs_dicom_out_text(ctx, out, 0x00080018, "2.25.7"), RS_OK);
    assert_int_equal(rs_dicom_out_text(ctx, out, 0x00204000, text), RS_OK);
    assert_int_equal(rs_dicom_out_text(ctx, out, 0x00280004, "MONOCHROME2"), RS_OK);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        assert_int_equal(rs_dicom_out_number(ctx, out, numbers[i].tag, numbers[i].value), RS_OK);
    assert_int_equal(rs_dicom_out_pixels(ctx, out, words, ROWS * COLUMNS), RS_OK);
    assert_int_equal(rs_dicom_out_encode(ctx, out, arena, bytes, &n), RS_OK);
    rs_dicom_out_free(out);
    return n;
}

static void write_file(const uint8_t *bytes, size_t n)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

static void test_truncations(void **state)
{
    (void)state;
    static char text[LONG_TEXT + 1];
    uint8_t *bytes = NULL;
    memset(text, 'x', LONG_TEXT);
    for (int is_long = 0; is_long < 2; is_long++) {
        const size_t n = make(&bytes, is_long ? text : "short");
        for (size_t cut = 0; cut <= n; cut += cut < 800 || n - cut < 20 ? 1 : n - cut < 5000 ? 97 : 1009) {
            write_file(bytes, cut);
            assert_same(path, bytes, cut);
        }
        write_file(bytes, n);
        assert_same(path, bytes, n);
    }
}

/* Zeros, junk, a stray delimiter, a second data set behind the pixels. */
static void test_behind(void **state)
{
    (void)state;
    static const uint8_t tails[][N_BEHIND] = {
        {0},
        {0xff, 0xee, 1, 2, 3, 4, 5, 6, 7, 8},
        {0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0},
        {0xfc, 0xff, 0xfc, 0xff, 'O', 'B', 0, 0, 4, 0, 0, 0, 1, 2, 3, 4},
        {0x08, 0x00, 0x16, 0x00, 'U', 'I', 4, 0, '1', '.', '2', 0, 0x10, 0, 0x20, 0, 'L', 'O', 2, 0, 'a', 'b'},
        {0xe0, 0x7f, 0x10, 0x00, 'O', 'W', 0, 0, 4, 0, 0, 0, 1, 2, 3, 4},
    };
    uint8_t *bytes = NULL;
    const size_t n = make(&bytes, "short");
    uint8_t *longer = RS_ARENA_NEW(arena, uint8_t, n + N_BEHIND + 5000);
    memcpy(longer, bytes, n);
    for (size_t t = 0; t < sizeof(tails) / sizeof(tails[0]); t++) {
        memcpy(longer + n, tails[t], N_BEHIND);
        for (size_t more = 0; more <= N_BEHIND + 5000; more += more < N_BEHIND ? 1 : 1250) {
            write_file(longer, n + more);
            assert_same(path, longer, n + more);
        }
    }
}

static void test_hostile(void **state)
{
    (void)state;
    char folder[512], name[1024];
    const char *shared = getenv("RESTAGE_SHARED");
    snprintf(folder, sizeof(folder), "%s/conformance/hostile", shared ? shared : "");
    DIR *dir = shared ? opendir(folder) : NULL;
    if (!dir) skip();
    for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        uint8_t *bytes = NULL;
        size_t n = 0;
        rs_arena *mine = rs_arena_new();
        snprintf(name, sizeof(name), "%s/%s", folder, e->d_name);
        if (rs_file_read(ctx, mine, name, (size_t)64 << 20, true, &bytes, &n) == RS_OK) assert_same(name, bytes, n);
        rs_arena_free(mine);
    }
    closedir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_truncations),
        cmocka_unit_test(test_behind),
        cmocka_unit_test(test_hostile),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
