/* Frames from fragments, whatever the offset tables say; deflate with its cap; wide and floating values; codestreams
   whose own header lies. All files are made here, byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bytes.h"
#include "dicom/dicom.h"
#include "digest/inflate.h"
#include "restage/limits.h"

#define RLE "1.2.840.10008.1.2.5"
#define DEFLATED "1.2.840.10008.1.2.1.99"
#define EXPLICIT "1.2.840.10008.1.2.1"

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

enum { COLUMNS = 25, ROWS = 9, FRAMES = 4, WORDS = COLUMNS * ROWS };
static const picture four = {ROWS, COLUMNS, 16, 16, 0, FRAMES};

/* Frame f, word i. */
static uint16_t word(int f, int i)
{
    return (uint16_t)(f * 257 + i * 1021 + 3);
}

static void fill_frame(int f, uint16_t out[WORDS])
{
    for (int i = 0; i < WORDS; i++)
        out[i] = word(f, i);
}

static void expect_frames(const bytes *b, int first, int n)
{
    rs_dicom_file *file = NULL;
    rs_dicom_image image;
    rs_dicom_pixels pixels;
    if (rs_dicom_file_open(ctx, arena, b->data, b->n, &file) != RS_OK ||
        rs_dicom_file_image(ctx, file, &image) != RS_OK || rs_dicom_file_pixels(ctx, file, first, n, &pixels) != RS_OK)
        fail_msg("%s", rs_context_message(ctx));
    assert_int_equal(pixels.n, (int64_t)n * WORDS);
    for (int f = 0; f < n; f++)
        for (int i = 0; i < WORDS; i++) {
            const uint8_t *at = pixels.data + 2 * (f * WORDS + i);
            assert_int_equal(at[0] | at[1] << 8, word(first + f, i));
        }
    rs_dicom_file_close(file);
}

static void expect_refusal(const bytes *b, const char *sentence)
{
    rs_dicom_file *file = NULL;
    rs_dicom_image image = {0};
    rs_dicom_pixels pixels;
    rs_status status = rs_dicom_file_open(ctx, arena, b->data, b->n, &file);
    if (status == RS_OK) status = rs_dicom_file_image(ctx, file, &image);
    if (status == RS_OK) status = rs_dicom_file_pixels(ctx, file, 0, image.frames, &pixels);
    rs_dicom_file_close(file);
    assert_int_equal(status, RS_DATA);
    if (!strstr(rs_context_message(ctx), sentence)) fail_msg("%s", rs_context_message(ctx));
}

/* --- fragments ---------------------------------------------------------------------------------------------------- */

typedef struct layout {
    int pieces;              /* fragments a frame */
    const uint32_t *offsets; /* NULL: an empty table */
    int n_offsets;
    bool extended; /* an extended offset table, which lies too */
} layout;

static bytes rle_file(const picture *p, const layout *l)
{
    bytes b = {0};
    add_meta(&b, RLE);
    add_picture(&b, p);
    if (l->extended) {
        add_long(&b, 0x7fe00001, "OV", 16);
        for (int i = 0; i < 4; i++)
            add_u32(&b, 0x77777777);
        add_long(&b, 0x7fe00002, "OV", 16);
        for (int i = 0; i < 4; i++)
            add_u32(&b, 3);
    }
    begin_fragments(&b, l->offsets, l->n_offsets);
    for (int f = 0; f < p->frames; f++) {
        bytes frame = {0};
        uint16_t words[WORDS];
        fill_frame(f, words);
        add_rle(&frame, words, WORDS);
        const size_t step = frame.n / (size_t)l->pieces / 2 * 2;
        for (int i = 0; i < l->pieces; i++)
            add_fragment(&b, frame.data + step * (size_t)i, i + 1 < l->pieces ? step : frame.n - step * (size_t)i);
        free(frame.data);
    }
    end_fragments(&b);
    return b;
}

static void test_fragments(void **state)
{
    (void)state;
    static const uint32_t lies[] = {0xdeadbeef, 0xffffffff, 0, 4};
    static const layout layouts[] = {
        {1, NULL, 0, false}, {1, lies, 4, false}, {1, lies, 1, false}, {1, NULL, 0, true},
        {3, NULL, 0, false}, {3, lies, 4, false}, {2, NULL, 0, true},
    };
    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
        bytes b = rle_file(&four, &layouts[i]);
        expect_frames(&b, 0, FRAMES);
        expect_frames(&b, 2, 1);
        expect_frames(&b, 1, 3);
        free(b.data);
    }
}

static void test_wrong_number_of_frames(void **state)
{
    (void)state;
    bytes b = rle_file(&four, &(layout){.pieces = 3});
    uint8_t *frames = b.data;
    while (memcmp(frames, "IS\2\0", 4) != 0)
        frames++;
    frames[5] = '3';
    expect_refusal(&b, "promises 3 frames, but 4 begin");
    memcpy(frames + 4, "13", 2);
    expect_refusal(&b, "promises 13 frames, but there are 12 fragments");
    memcpy(frames + 4, "00", 2);
    expect_refusal(&b, "NumberOfFrames is 0");
    free(b.data);
}

/* Encapsulated Uncompressed: frames are full by their size. */
static void test_encapsulated_uncompressed(void **state)
{
    (void)state;
    for (int pieces = 1; pieces <= 3; pieces++) {
        bytes b = {0};
        add_meta(&b, "1.2.840.10008.1.2.1.98");
        add_picture(&b, &four);
        begin_fragments(&b, NULL, 0);
        for (int f = 0; f < FRAMES; f++) {
            uint16_t words[WORDS];
            fill_frame(f, words);
            const size_t step = sizeof words / (size_t)pieces / 2 * 2;
            for (int i = 0; i < pieces; i++)
                add_fragment(&b, (const uint8_t *)words + step * (size_t)i,
                             i + 1 < pieces ? step : sizeof words - step * (size_t)i);
        }
        end_fragments(&b);
        expect_frames(&b, 0, FRAMES);
        expect_frames(&b, 3, 1);
        free(b.data);
    }
}

/* --- deflate ------------------------------------------------------------------------------------------------------ */

static bytes deflated(const bytes *body)
{
    bytes b = {0};
    uint8_t *out = NULL;
    size_t n = 0;
    const void *part = body->data;
    assert_int_equal(rs_deflate(ctx, arena, RS_DEFLATE_RAW, &part, &body->n, 1, &out, &n), RS_OK);
    add_meta(&b, DEFLATED);
    add(&b, out, n);
    return b;
}

static bytes plain_body(size_t padding)
{
    bytes b = {0};
    add_picture(&b, &four);
    add_long(&b, 0x7fe00010, "OW", FRAMES * WORDS * 2);
    for (int f = 0; f < FRAMES; f++)
        for (int i = 0; i < WORDS; i++)
            add_u16(&b, word(f, i));
    if (padding) {
        uint8_t *zeros = calloc(padding, 1);
        add_long(&b, 0xfffcfffc, "OB", (uint32_t)padding);
        add(&b, zeros, padding);
        free(zeros);
    }
    return b;
}

static void test_deflate(void **state)
{
    (void)state;
    bytes body = plain_body(1 << 20), b = deflated(&body);
    expect_frames(&b, 0, FRAMES);
    b.n -= 100;
    expect_refusal(&b, "deflate stream is cut");
    memset(b.data + 132 + 30 + 20, 0xa5, 40);
    expect_refusal(&b, "deflate stream is damaged");
    free(b.data);
    free(body.data);
    body = plain_body((16 << 20) + 512);
    b = deflated(&body);
    expect_refusal(&b, "the limit inflated-bytes = 16777216");
    assert_int_equal(rs_limit_set(ctx, "inflated-bytes=17000000"), RS_OK);
    expect_frames(&b, 0, FRAMES);
    assert_int_equal(rs_limit_set(ctx, "inflated-bytes=16777216"), RS_OK);
    free(b.data);
    free(body.data);
}

/* --- what stands behind the pixels -------------------------------------------------------------------------------- */

static void test_behind_the_pixels(void **state)
{
    (void)state;
    bytes body = plain_body(0), b = {0};
    add_meta(&b, EXPLICIT);
    add(&b, body.data, body.n);
    const size_t end = b.n;
    add(&b, "\0\0\0\0\0\0\0\0\0\0\0\0", 12);
    expect_frames(&b, 0, FRAMES);
    b.n = end;
    add_text(&b, 0x7fe10010, "LO", "PRIVATE");
    expect_frames(&b, 0, FRAMES);
    b.n = end;
    add_long(&b, 0x7fe00010, "OW", 0);
    expect_refusal(&b, "pixels twice");
    b.n = end;
    add_word(&b, 0x00280010, ROWS + 1);
    expect_refusal(&b, "(0028,0010) stands twice");
    b.n = end;
    add_word(&b, 0x00280006, 0);
    expect_refusal(&b, "(0028,0006) stands behind its pixels");
    b.n = end;
    add_tag(&b, 0xfffee000);
    add_u32(&b, 0);
    expect_refusal(&b, "stray item");
    free(b.data);
    free(body.data);
}

/* --- wide values -------------------------------------------------------------------------------------------------- */

static void expect_wide(const picture *p, uint32_t tag, const char *vr, rs_dicom_number number, int n_bytes)
{
    static const double values[2] = {-1.5, 1e6};
    static const int32_t whole[2] = {-70000, 70000};
    bytes b = {0};
    rs_dicom_file *file = NULL;
    rs_dicom_image image;
    rs_dicom_pixels pixels;
    add_meta(&b, EXPLICIT);
    add_picture(&b, p);
    add_long(&b, tag, vr, (uint32_t)(2 * n_bytes));
    const float single[2] = {(float)values[0], (float)values[1]};
    const void *data = number == RS_DICOM_DOUBLE  ? (const void *)values
                       : number == RS_DICOM_FLOAT ? (const void *)single
                                                  : (const void *)whole;
    add(&b, data, (size_t)(2 * n_bytes));
    if (rs_dicom_file_open(ctx, arena, b.data, b.n, &file) != RS_OK ||
        rs_dicom_file_image(ctx, file, &image) != RS_OK || rs_dicom_file_pixels(ctx, file, 0, 1, &pixels) != RS_OK)
        fail_msg("%s", rs_context_message(ctx));
    assert_int_equal(pixels.number, number);
    assert_int_equal(pixels.bytes, n_bytes);
    assert_int_equal(pixels.n, 2);
    assert_true(pixels.is_signed);
    assert_memory_equal(pixels.data, data, (size_t)(2 * n_bytes));
    rs_dicom_file_close(file);
    free(b.data);
}

static void test_wide_values(void **state)
{
    (void)state;
    expect_wide(&(picture){1, 2, 32, 32, 1, 0}, 0x7fe00010, "OW", RS_DICOM_WHOLE, 4);
    expect_wide(&(picture){1, 2, 32, 32, 1, 0}, 0x7fe00008, "OF", RS_DICOM_FLOAT, 4);
    expect_wide(&(picture){1, 2, 64, 64, 1, 0}, 0x7fe00009, "OD", RS_DICOM_DOUBLE, 8);
}

/* Bytes in words, big endian: the second byte of a word is the first value (PS3.5 8.1.1); in OB they are in order. */
static void test_big_endian_bytes(void **state)
{
    (void)state;
    static const uint8_t in_words[] = {2, 1, 4, 3, 0, 5};
    for (int words = 0; words < 2; words++) {
        bytes b = {0};
        rs_dicom_file *file = NULL;
        rs_dicom_pixels x;
        add_meta(&b, "1.2.840.10008.1.2.2");
        const size_t body = b.n;
        add_picture(&b, &(picture){1, 5, 8, 8, 0, 0});
        /* The same elements in the other order of bytes. */
        for (size_t at = body; at < b.n;) {
            uint8_t *e = b.data + at;
            const size_t n = e[6];
            const bool is_word = memcmp(e + 4, "US", 2) == 0;
            for (int swap = 0; swap < 8; swap += swap == 2 ? 4 : 2) {
                const uint8_t first = e[swap];
                e[swap] = e[swap + 1];
                e[swap + 1] = first;
            }
            if (is_word) e[9] = e[8], e[8] = 0;
            at += 8 + n;
        }
        add(&b, "\x7f\xe0\0\x10", 4);
        add(&b, words ? "OW\0\0\0\0\0\6" : "OB\0\0\0\0\0\6", 8);
        add(&b, words ? in_words : (const uint8_t[]){1, 2, 3, 4, 5, 0}, 6);
        if (rs_dicom_file_open(ctx, arena, b.data, b.n, &file) != RS_OK ||
            rs_dicom_file_pixels(ctx, file, 0, 1, &x) != RS_OK)
            fail_msg("%s", rs_context_message(ctx));
        assert_int_equal(x.n, 5);
        for (int i = 0; i < 5; i++)
            assert_int_equal(x.data[i], i + 1);
        rs_dicom_file_close(file);
        free(b.data);
    }
}

/* --- codestreams that lie ----------------------------------------------------------------------------------------- */

static bytes codestream_file(const char *syntax, const void *stream, size_t n)
{
    bytes b = {0};
    add_meta(&b, syntax);
    add_picture(&b, &(picture){64, 64, 16, 12, 0, 0});
    begin_fragments(&b, NULL, 0);
    add_fragment(&b, stream, n);
    end_fragments(&b);
    return b;
}

/* SIZ of a picture of 64 x 64 in one tile, 12 bits; then patched. */
static void test_j2k_headers(void **state)
{
    (void)state;
    static const uint8_t good[] = {0xff, 0x4f, 0xff, 0x51, 0, 41, 0, 0, 0, 0, 0,  64, 0, 0,    0,    64,
                                   0,    0,    0,    0,    0, 0,  0, 0, 0, 0, 0,  64, 0, 0,    0,    64,
                                   0,    0,    0,    0,    0, 0,  0, 0, 0, 1, 11, 1,  1, 0xff, 0xd9, 0};
    static const struct {
        int at;
        uint8_t value;
        const char *sentence;
    } lies[] = {
        {1, 0, "no codestream begins"},
        {5, 44, "another length than its components"},
        {6, 0x80, "part 2"},
        {8, 0x80, "pixels, its header says 64 x 64"},
        {15, 65, "64 x 65 pixels"},
        {41, 3, "another length"},
        {27, 0, "tiles do not cover"},
        {39, 1, "tiles do not cover"},
        {42, 16, "have 17 bits"},
        {43, 2, "subsampled"},
        {10, 0, "damaged or cut short"}, /* as it is: nothing behind the header */
    };
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        uint8_t stream[sizeof good];
        memcpy(stream, good, sizeof good);
        stream[lies[i].at] = lies[i].value;
        bytes b = codestream_file("1.2.840.10008.1.2.4.90", stream, sizeof stream);
        expect_refusal(&b, lies[i].sentence);
        free(b.data);
    }
    uint8_t stream[sizeof good];
    memcpy(stream, good, sizeof good);
    stream[27] = stream[31] = 1; /* tiles of 1 x 1: 4,096, which the limit just bears */
    bytes b = codestream_file("1.2.840.10008.1.2.4.91", stream, sizeof stream);
    assert_int_equal(rs_limit_set(ctx, "tiles=4095"), RS_OK);
    expect_refusal(&b, "4096 tiles, more than the limit tiles = 4095");
    assert_int_equal(rs_limit_set(ctx, "tiles=4096"), RS_OK);
    expect_refusal(&b, "damaged or cut short");
    free(b.data);
}

/* What is known by name and not decoded. */
static void test_foreign(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"1.2.840.10008.1.2.4.92", "JPEG 2000 Part 2 Lossless (1.2.840.10008.1.2.4.92) is not decoded"},
        {"1.2.840.10008.1.2.4.93", "JPEG 2000 Part 2 (1.2.840.10008.1.2.4.93) is not decoded"},
        {"1.2.840.10008.1.2.4.102", "MPEG-4 AVC/H.264 (1.2.840.10008.1.2.4.102) is not decoded"},
        {"1.2.840.10008.1.2.4.110", "JPEG XL Lossless (1.2.840.10008.1.2.4.110) is not decoded"},
        {"1.2.3.4", "its transfer syntax 1.2.3.4 is not known"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bytes b = codestream_file(cases[i][0], "1234", 4);
        expect_refusal(&b, cases[i][1]);
        free(b.data);
    }
}

static void test_jpeg_ls_headers(void **state)
{
    (void)state;
    static const uint8_t good[] = {0xff, 0xd8, 0xff, 0xf7, 0, 11, 12, 0, 64, 0, 64, 1, 1,    0x11, 0,
                                   0xff, 0xda, 0,    8,    1, 1,  0,  0, 0,  0, 0,  0, 0xff, 0xd9, 0};
    static const struct {
        int at;
        uint8_t value;
        const char *syntax, *sentence;
    } lies[] = {
        {8, 65, "80", "64 x 65 pixels"},
        {6, 17, "80", "have 17 bits"},
        {11, 3, "80", "of 3 components"},
        {22, 255, "80", "NEAR = 255, but its transfer syntax says"},
        {22, 3, "80", "NEAR = 3, but its transfer syntax says"},
        {20, 2, "80", "cannot be decoded"},
        {19, 3, "81", "no usable scan header"},
        {3, 0xc0, "81", "another process (marker C0)"},
    };
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        uint8_t stream[sizeof good];
        char syntax[32];
        memcpy(stream, good, sizeof good);
        stream[lies[i].at] = lies[i].value;
        snprintf(syntax, sizeof syntax, "1.2.840.10008.1.2.4.%s", lies[i].syntax);
        bytes b = codestream_file(syntax, stream, sizeof stream);
        expect_refusal(&b, lies[i].sentence);
        free(b.data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fragments),
        cmocka_unit_test(test_wrong_number_of_frames),
        cmocka_unit_test(test_encapsulated_uncompressed),
        cmocka_unit_test(test_deflate),
        cmocka_unit_test(test_behind_the_pixels),
        cmocka_unit_test(test_wide_values),
        cmocka_unit_test(test_big_endian_bytes),
        cmocka_unit_test(test_j2k_headers),
        cmocka_unit_test(test_foreign),
        cmocka_unit_test(test_jpeg_ls_headers),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
