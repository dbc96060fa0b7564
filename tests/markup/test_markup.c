/* Escaping against hostile text, base64 against RFC 4648, PNG against its own signature and size, outlines of masks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "markup/markup.h"

static void escapes(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"plain \xC3\xA9 \xE2\x89\xA4 \xF0\x9D\x84\x9E", "plain \xC3\xA9 \xE2\x89\xA4 \xF0\x9D\x84\x9E"},
        {"<b onload='x'>\"&amp;", "&lt;b onload=&#39;x&#39;&gt;&quot;&amp;amp;"},
        {"a\tb\x7F\x1B[", "a?b??["},
        {"\xFFz\xC3", "?z?"},                          /* no lead byte; cut at the end */
        {"\xC0\xBCscript\xE0\x80\xBC", "??script???"}, /* overlong forms of '<' */
        {"\xED\xA0\x80", "???"},                       /* a surrogate */
        {"\xC2\x85", "?"},                             /* NEL, a control character */
        {"", ""},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        rs_buffer out = {0};
        rs_markup_text(&out, cases[c][0]);
        assert_string_equal(out.data, cases[c][1]);
        rs_buffer_free(&out);
    }
}

/* RFC 4648, section 10. */
static void encodes_base64(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"}};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        rs_buffer out = {0};
        rs_markup_base64(&out, cases[c][0], strlen(cases[c][0]));
        assert_string_equal(out.data, cases[c][1]);
        rs_buffer_free(&out);
    }
    rs_buffer out = {0};
    uint8_t many[4000];
    memset(many, 0xFF, sizeof many);
    rs_markup_base64(&out, many, sizeof many);
    assert_int_equal(out.bytes, 5336);
    assert_int_equal(strspn(out.data, "/"), 5333);
    assert_string_equal(out.data + 5333, "w==");
    rs_buffer_free(&out);
}

/* The signature, then IHDR with width 5, height 3, 8 bit, grey (PNG specification 5.2, 11.2.2). */
static void writes_png(void **state)
{
    (void)state;
    rs_context *ctx = NULL;
    static const uint8_t grey[15] = {0, 64, 128, 192, 255};
    assert_int_equal(rs_context_new(&(rs_context_options){.threads = 1}, &ctx), RS_OK);
    rs_buffer out = {0}, expected = {0};
    assert_int_equal(rs_markup_png(ctx, &out, grey, 5, 3), RS_OK);
    rs_buffer_text(&expected, "data:image/png;base64,");
    rs_markup_base64(&expected, "\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\0\x05\0\0\0\x03\x08\0\0\0\0", 30);
    expected.bytes -= 2;
    assert_memory_equal(out.data, expected.data, expected.bytes - 2);
    assert_true(out.bytes > 60);
    rs_buffer_free(&out);
    rs_buffer_free(&expected);
    assert_int_equal(rs_markup_png(ctx, &out, grey, 0, 3), RS_DEFECT);
    rs_context_free(ctx);
}

static void draws_outlines(void **state)
{
    (void)state;
    /* an L of three cells, drawn at (10, 20), cells 2 x 3 */
    static const uint8_t cells[] = {1, 0, 1, 1};
    rs_buffer out = {0};
    rs_svg_outline(&out, "o", &(rs_svg_mask){cells, 2, 2, {10, 20}, {2, 3}});
    assert_string_equal(out.data, "<path class=\"o\" d=\"M10 20H12M12 23H14M10 26H14M10 20V26M12 20V23M14 23V26\"/>");
    rs_buffer_free(&out);
    static const uint8_t none[4] = {0};
    rs_svg_outline(&out, "o", &(rs_svg_mask){none, 2, 2, {0, 0}, {1, 1}});
    assert_int_equal(out.bytes, 0);
    rs_svg_text(&out, "t", 0.125, -1.5, "<");
    assert_string_equal(out.data, "<text class=\"t\" x=\"0.13\" y=\"-1.5\">&lt;</text>");
    rs_buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes),
        cmocka_unit_test(encodes_base64),
        cmocka_unit_test(writes_png),
        cmocka_unit_test(draws_outlines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
