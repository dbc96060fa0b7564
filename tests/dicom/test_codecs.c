/* Round trips through every codec that can encode: values of 8, 12 and 16 bits, signed and not, in pictures of odd
   sizes, written by other programs (DCMTK's, OpenJPEG's, OpenJPH's) and decoded here. A program that is not installed
   leaves its rows out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bytes.h"
#include "dicom/dicom.h"
#include "restage/files.h"

static rs_context *ctx;
static rs_arena *arena;
static char folder[] = "/tmp/restage-codecs-XXXXXX";

static int set_up(void **state)
{
    (void)state;
    arena = rs_arena_new();
    return arena && mkdtemp(folder) && rs_context_new(NULL, &ctx) == RS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", folder);
    const int gone = system(command);
    rs_arena_free(arena);
    rs_context_free(ctx);
    return gone;
}

static const picture pictures[] = {
    {7, 5, 8, 8, 0, 0},     {64, 64, 16, 12, 0, 0}, {33, 17, 16, 12, 1, 0}, {61, 47, 16, 16, 0, 0},
    {61, 47, 16, 16, 1, 0}, {5, 130, 16, 16, 1, 3}, {31, 29, 16, 12, 0, 2}, {128, 128, 16, 16, 1, 0},
    {19, 23, 16, 8, 0, 0},  {19, 23, 16, 7, 1, 0},  {19, 23, 16, 10, 1, 0}, {6, 9, 8, 6, 1, 0},
};
enum { N_PICTURES = sizeof pictures / sizeof pictures[0] };

static int frames_of(const picture *p)
{
    return p->frames ? p->frames : 1;
}

static size_t values_of(const picture *p)
{
    return (size_t)p->rows * p->columns * (size_t)frames_of(p);
}

/* A value with all bits in use: a slope, noise, and the extremes. */
static int32_t value(const picture *p, size_t i)
{
    const uint32_t mask = (1u << p->stored) - 1, sign = 1u << (p->stored - 1);
    uint32_t v = (uint32_t)(i * 37 + (i * i * 2654435761u >> 27));
    if (i % 97 == 0) v = sign;
    if (i % 89 == 0) v = sign - 1;
    v &= mask;
    return p->is_signed && (v & sign) ? (int32_t)v - (int32_t)(sign << 1) : (int32_t)v;
}

/* Words as a file has them. Bits above the stored ones are those of the sign. */
static void add_values(bytes *b, const picture *p, size_t first, size_t n)
{
    for (size_t i = first; i < first + n; i++) {
        const uint32_t v = (uint32_t)value(p, i);
        add(b, (const uint8_t[]){(uint8_t)v, (uint8_t)(v >> 8)}, p->allocated / 8);
    }
}

static const char *path(const char *name)
{
    return rs_arena_printf(arena, "%s/%s", folder, name);
}

static void write_file(const char *name, const bytes *b)
{
    FILE *f = fopen(path(name), "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(b->data, 1, b->n, f), b->n);
    assert_int_equal(fclose(f), 0);
}

static bool is_there(const char *program)
{
    return system(rs_arena_printf(arena, "command -v %s > %s 2>&1", program, path("which"))) == 0;
}

static void call(const char *line)
{
    const int end = system(rs_arena_printf(arena, "cd %s && %s > said 2>&1", folder, line));
    if (end != 0) fail_msg("%s: ended with %d", line, WIFEXITED(end) ? WEXITSTATUS(end) : end);
}

static bytes plain_file(const picture *p)
{
    bytes b = {0};
    add_meta(&b, "1.2.840.10008.1.2.1");
    add_picture(&b, p);
    const size_t n = values_of(p) * (p->allocated / 8);
    add_long(&b, 0x7fe00010, p->allocated == 8 ? "OB" : "OW", (uint32_t)(n + n % 2));
    add_values(&b, p, 0, values_of(p));
    if (n % 2) add(&b, "", 1);
    return b;
}

static void expect_values(const picture *p, const uint8_t *data, size_t n, const char *what)
{
    rs_dicom_file *file = NULL;
    rs_dicom_image image;
    rs_dicom_pixels x;
    if (rs_dicom_file_open(ctx, arena, data, n, &file) != RS_OK || rs_dicom_file_image(ctx, file, &image) != RS_OK ||
        rs_dicom_file_pixels(ctx, file, 0, frames_of(p), &x) != RS_OK)
        fail_msg("%s, %u x %u of %u bits: %s", what, p->columns, p->rows, p->stored, rs_context_message(ctx));
    assert_int_equal(x.n, values_of(p));
    assert_int_equal(x.bytes, p->allocated / 8);
    assert_int_equal(x.is_signed, p->is_signed);
    const uint32_t mask = (1u << x.bits_stored) - 1, sign = 1u << (x.bits_stored - 1);
    for (size_t i = 0; i < values_of(p); i++) {
        uint32_t v = x.data[i * (size_t)x.bytes];
        if (x.bytes == 2) v |= (uint32_t)x.data[2 * i + 1] << 8;
        v &= mask;
        const int32_t got = x.is_signed && (v & sign) ? (int32_t)v - (int32_t)(sign << 1) : (int32_t)v;
        if (got != value(p, i))
            fail_msg("%s, %u x %u of %u bits: value %zu is %d, not %d", what, p->columns, p->rows, p->stored, i, got,
                     value(p, i));
    }
    rs_dicom_file_close(file);
}

static void expect_file(const picture *p, const char *name, const char *what)
{
    uint8_t *data = NULL;
    size_t n = 0;
    assert_int_equal(rs_file_read(ctx, arena, path(name), 1 << 24, false, &data, &n), RS_OK);
    expect_values(p, data, n, what);
}

static void test_uncompressed(void **state)
{
    (void)state;
    for (int i = 0; i < N_PICTURES; i++) {
        bytes b = plain_file(&pictures[i]);
        expect_values(&pictures[i], b.data, b.n, "uncompressed");
        free(b.data);
    }
}

/* Compressed files as DCMTK's programs make them: JPEG lossless (two processes), JPEG-LS, RLE. */
static void test_dcmtk(void **state)
{
    (void)state;
    static const char *const calls[][2] = {
        {"dcmcjpeg", "+e1"},       {"dcmcjpeg", "+el +sv 5"}, {"dcmcjpeg", "+e1 +fs 1"}, {"dcmcjpls", "+el"},
        {"dcmcjpls", "+el +fs 1"}, {"dcmcrle", ""},           {"dcmcrle", "+fs 1"},
    };
    for (size_t c = 0; c < sizeof calls / sizeof calls[0]; c++) {
        if (!is_there(calls[c][0])) skip();
        for (int i = 0; i < N_PICTURES; i++) {
            bytes b = plain_file(&pictures[i]);
            write_file("plain.dcm", &b);
            free(b.data);
            const char *line = rs_arena_printf(arena, "%s %s plain.dcm packed.dcm", calls[c][0], calls[c][1]);
            call(line);
            expect_file(&pictures[i], "packed.dcm", line);
        }
    }
}

/* Values as the encoders read them: a byte each where the stored bits fit into one; masked: without bits above those.
 */
static void add_raw(bytes *b, const picture *p, size_t first, size_t n, bool masked)
{
    const uint32_t mask = masked ? (1u << p->stored) - 1 : UINT32_MAX;
    for (size_t i = first; i < first + n; i++) {
        const uint32_t v = (uint32_t)value(p, i) & mask;
        add(b, (const uint8_t[]){(uint8_t)v, (uint8_t)(v >> 8)}, p->stored > 8 ? 2 : 1);
    }
}

/* A bare codestream for every frame, put between fragments of the file. */
static void encode_frames(const picture *p, const char *syntax, const char *line, const char *product)
{
    const size_t frame = (size_t)p->rows * p->columns;
    bytes b = {0};
    add_meta(&b, syntax);
    add_picture(&b, p);
    begin_fragments(&b, NULL, 0);
    for (int f = 0; f < frames_of(p); f++) {
        bytes raw = {0};
        uint8_t *data = NULL;
        size_t n = 0;
        add_raw(&raw, p, frame * (size_t)f, frame, strstr(line, "-signed false") != NULL);
        write_file(strstr(line, "plain.yuv") ? "plain.yuv" : "plain.rawl", &raw);
        free(raw.data);
        call(line);
        assert_int_equal(rs_file_read(ctx, arena, path(product), 1 << 24, false, &data, &n), RS_OK);
        const size_t half = n / 4 * 2;
        if (f % 2) {
            add_fragment(&b, data, half);
            add_fragment(&b, data + half, n - half);
        } else {
            add_fragment(&b, data, n);
        }
    }
    end_fragments(&b);
    expect_values(p, b.data, b.n, line);
    free(b.data);
}

static void test_openjpeg(void **state)
{
    (void)state;
    static const char *const how[] = {"", "-n 1", "-t 16,24", "-p RPCL -b 32,32 -SOP -EPH", "-d 3,5"};
    if (!is_there("opj_compress")) skip();
    for (int i = 0; i < N_PICTURES; i++) {
        const picture *p = &pictures[i];
        if (p->is_signed && p->stored <= 8) continue; /* opj_compress does not read them */
        for (size_t h = 0; h < sizeof how / sizeof how[0]; h++)
            for (int wrapped = 0; wrapped < 2; wrapped++) {
                const char *product = wrapped ? "packed.jp2" : "packed.j2k";
                encode_frames(p, "1.2.840.10008.1.2.4.90",
                              rs_arena_printf(arena, "opj_compress -i plain.rawl -o %s -F %u,%u,1,%u,%c -n 3 %s",
                                              product, p->columns, p->rows, p->stored, p->is_signed ? 's' : 'u',
                                              how[h]),
                              product);
            }
    }
}

/* OpenJPH 0.9 damages signed raw values; as many encoders do, the words of a signed picture are packed as if unsigned,
   and PixelRepresentation says what they are. */
static void test_openjph(void **state)
{
    (void)state;
    static const char *const syntaxes[] = {"1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.202",
                                           "1.2.840.10008.1.2.4.203"};
    if (!is_there("ojph_compress")) skip();
    for (int i = 0; i < N_PICTURES; i++) {
        const picture *p = &pictures[i];
        encode_frames(p, syntaxes[i % 3],
                      rs_arena_printf(arena,
                                      "ojph_compress -i plain.yuv -o packed.j2c -reversible true -num_decomps 3 -dims "
                                      "'{%u,%u}' -num_comps 1 -signed false -bit_depth %u -downsamp '{1,1}'",
                                      p->columns, p->rows, p->stored),
                      "packed.j2c");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_uncompressed),
        cmocka_unit_test(test_dcmtk),
        cmocka_unit_test(test_openjpeg),
        cmocka_unit_test(test_openjph),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
