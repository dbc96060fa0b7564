/* Layout of report.pdf and report.html: wrapped lines, places in the bar, sheets, faces, the silhouette, contrast. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "page.h"
#include "pdf.h"
#include "restage/context.h"
#include "wrap.h"

/* As assert_float_equal, in double. */
static void assert_near(double found, double expected, double most)
{
    assert_true(fabs(found - expected) <= most);
}

static double letters(void *by, const char *text, size_t bytes)
{
    (void)by;
    (void)text;
    return (double)bytes;
}

/* Lines of a text, parted by '|'. */
static void check_wrap(const char *text, double width, const char *expected)
{
    char found[200] = "";
    while (*text) {
        const char *line;
        size_t bytes;
        text = rs_wrap_next(text, width, letters, NULL, &line, &bytes);
        assert_true(strlen(found) + bytes + 2 < sizeof found);
        (void)strncat(found, line, bytes);
        (void)strcat(found, "|");
    }
    assert_string_equal(found, expected);
}

static void wraps(void **state)
{
    (void)state;
    check_wrap("", 5, "");
    check_wrap("one two three", 7, "one two|three|");
    check_wrap("one two three", 6.5, "one|two|three|");
    check_wrap("  one  two ", 20, "one  two|");
    check_wrap("abcdefgh ij", 3, "abc|def|gh|ij|");
    check_wrap("\xC3\x97\xC3\x97\xC3\x97", 4, "\xC3\x97\xC3\x97|\xC3\x97|");
    check_wrap("\xC3\x97\xC3\x97", 1, "\xC3\x97|\xC3\x97|");
    unsigned code;
    assert_int_equal(rs_wrap_character("\xE2\x89\xA4", &code), 3);
    assert_int_equal(code, 0x2264);
    assert_int_equal(rs_wrap_character("\xE2(", &code), 1);
    assert_int_equal(code, 0xFFFD);
}

static void places_lengths_in_the_bar(void **state)
{
    (void)state;
    static const double pairs[][2] = {{-1, 0}, {0, 0}, {5, 40}, {10, 80}, {20, 120}, {35, 120}};
    for (size_t p = 0; p < sizeof pairs / sizeof pairs[0]; p++)
        assert_near(rs_bar_place(pairs[p][0]), pairs[p][1], 1e-9);
    assert_near(rs_bar_place(10 * sqrt(2.0)), 100, 1e-9); /* half way between 10 and 20 on a logarithmic scale */
    assert_near(rs_bar_place((double)NAN), 0, 0);
}

typedef struct fixture {
    rs_context *ctx;
    rs_paper *paper;
} fixture;

static int setup(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    const char *reason = NULL;
    if (!f || rs_context_new(&(rs_context_options){.threads = 1}, &f->ctx)) return -1;
    if (rs_paper_faces(f->ctx, NULL, &reason) || reason) return -1;
    *state = f;
    return rs_paper_new(f->ctx, NULL, &f->paper) ? -1 : 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    rs_paper_free(f->paper);
    rs_context_free(f->ctx);
    free(f);
    return 0;
}

static void measures_and_sets(void **state)
{
    fixture *f = *state;
    double one = rs_paper_width(f->paper, &rs_type_text, "M");
    assert_true(one > 1.5 && one < 3); /* 7.5 points are 2.6 mm */
    assert_near(rs_paper_width(f->paper, &rs_type_text, "MMM"), 3 * one, 1e-9);
    assert_near(rs_paper_width(f->paper, &rs_type_text, RS_SAY_SOURCE "M" RS_SAY_END), one, 1e-9);
    assert_near(rs_paper_width(f->paper, &rs_type_text, "\xD7\x90"), rs_paper_width(f->paper, &rs_type_text, "?"),
                1e-9);
    assert_near(rs_paper_width(f->paper, &rs_type_text, NULL), 0, 0);
    assert_true(rs_paper_can_set(f->paper, "\xC5\x81\xC3\xB3\xC5\xBC, \xD0\x96 \xE2\x89\xA4 \xCE\xBC"));
    assert_false(rs_paper_can_set(f->paper, "\xD8\xB9\xD9\x84\xD9\x8A")); /* Arabic asks for joining */
    assert_false(rs_paper_can_set(f->paper, "a\xFF"));
    double line = rs_paper_leading_mm(&rs_type_text);
    assert_near(rs_paper_paragraph_mm(f->paper, &rs_type_text, 2.5 * one, "MM MM MM"), 3 * line, 1e-9);
    assert_near(rs_paper_paragraph_mm(f->paper, &rs_type_text, 100, NULL), 0, 0);
}

static void begins_new_sheets(void **state)
{
    fixture *f = *state;
    rs_pdf pdf = {.ctx = f->ctx, .paper = f->paper};
    rs_buffer out = {0};
    rs_paper_add(pdf.paper);
    pdf.y = RS_PDF_TOP_MM;
    for (int i = 0; i < 100; i++)
        rs_pdf_paragraph(&pdf, &rs_type_text, "one line");
    /* 0.6 mm between paragraphs of one line */
    double each = rs_paper_leading_mm(&rs_type_text) + 0.6;
    int a_sheet = (int)((RS_PDF_BOTTOM_MM - RS_PDF_TOP_MM + 0.6) / each);
    assert_int_equal(rs_paper_sheets(pdf.paper), (100 + a_sheet - 1) / a_sheet);
    assert_true(pdf.y <= RS_PDF_BOTTOM_MM + 0.6);
    pdf.y = RS_PDF_BOTTOM_MM - 10;
    int before = rs_paper_sheets(pdf.paper);
    rs_pdf_need(&pdf, 10);
    assert_int_equal(rs_paper_sheets(pdf.paper), before);
    rs_pdf_need(&pdf, 10.1);
    assert_int_equal(rs_paper_sheets(pdf.paper), before + 1);
    assert_near(pdf.y, RS_PDF_TOP_MM, 0);
    assert_int_equal(rs_paper_finish(f->ctx, f->paper, &out), RS_OK);
    assert_memory_equal(out.data, "%PDF-", 5);
    rs_buffer_free(&out);
    rs_buffer_free(&pdf.said);
}

static void knows_missing_faces(void **state)
{
    fixture *f = *state;
    const char *reason = NULL;
    rs_paper *paper = NULL;
    assert_int_equal(rs_paper_faces(f->ctx, "/nowhere", &reason), RS_OK);
    assert_non_null(reason);
    assert_non_null(strstr(reason, "fonts-dejavu-core"));
    assert_int_equal(rs_paper_new(f->ctx, "/nowhere", &paper), RS_IO);
}

static rs_silhouette silhouette_of(int sign, int32_t begin, int32_t end)
{
    static int16_t voxels[1];
    static uint8_t labels[1];
    rs_volume volume = {.geometry = {{10, 10, 100}, {1, 1, 5}, {0, 0, 0}, {{1, 0, 0}, {0, 1, 0}, {0, 0, sign}}},
                        .voxels = voxels};
    rs_regions regions = {.geometry = volume.geometry, .labels = labels, .n = 2};
    regions.region[0] = (rs_region){.role = RS_ROLE_SEARCH,
                                    .side = RS_SIDE_RIGHT,
                                    .state = RS_ASSESSED,
                                    .begin = {1, 1, begin},
                                    .end = {4, 4, end}};
    regions.region[1] = regions.region[0];
    regions.region[1].side = RS_SIDE_LEFT;
    regions.region[1].state = RS_ASSESSED_PARTLY;
    rs_silhouette out;
    rs_silhouette_make(&(rs_sources){.volume = &volume, .regions = &regions}, &out);
    return out;
}

static void fits_the_images_into_the_body(void **state)
{
    (void)state;
    /* Lungs of 235 mm as in the drawing: 47 slices of 5 mm, 20 slices above them towards the head. */
    rs_silhouette s = silhouette_of(-1, 20, 67);
    assert_true(s.there);
    assert_near(s.top, 310 - 100, 1e-9);
    assert_near(s.bottom, 310 - 100 + 500, 1e-9);
    assert_int_equal(s.state[0], RS_ASSESSED);
    assert_int_equal(s.state[1], RS_ASSESSED_PARTLY);
    s = silhouette_of(1, 33, 80); /* k rises to the head: the same 20 slices above */
    assert_near(s.top, 310 - 100, 1e-9);
    s = silhouette_of(1, 40, 60); /* 100 mm of lung: a slab, drawn amid the lung at its own size */
    assert_near(s.bottom - s.top, 500, 1e-9);
    rs_silhouette none;
    rs_silhouette_make(&(rs_sources){0}, &none);
    assert_false(none.there);
}

static double channel(uint32_t rgb, int shift)
{
    double c = (double)(rgb >> shift & 0xFF) / 255;
    return c <= 0.03928 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double luminance(uint32_t rgb)
{
    return 0.2126 * channel(rgb, 16) + 0.7152 * channel(rgb, 8) + 0.0722 * channel(rgb, 0);
}

/* WCAG 2: from 1 to 21. */
static double contrast(uint32_t a, uint32_t b)
{
    double x = luminance(a) + 0.05, y = luminance(b) + 0.05;
    return x > y ? x / y : y / x;
}

static uint32_t colour(const char *digits)
{
    char six[7] = {digits[0], digits[1], digits[2], 0};
    if (strspn(digits, "0123456789abcdef") < 6) {
        for (int i = 5; i >= 0; i--)
            six[i] = digits[i / 2];
    } else {
        memcpy(six, digits, 6);
    }
    return (uint32_t)strtoul(six, NULL, 16);
}

static void has_contrast(void **state)
{
    (void)state;
    assert_near(contrast(0x000000, 0xFFFFFF), 21, 1e-9);
    int n = 0;
    for (const char *at = rs_page_style; (at = strstr(at, "color:#")); at += 7) {
        if (at[-1] == '-') continue; /* background-color and the like */
        assert_true(contrast(colour(at + 7), 0xFFFFFF) >= 4.5);
        assert_true(contrast(colour(at + 7), 0xF3F3F3) >= 4.5);
        n++;
    }
    assert_true(n > 10);
    const rs_type *types[] = {&rs_type_title, &rs_type_head, &rs_type_lead, &rs_type_text,
                              &rs_type_small, &rs_type_bold, &rs_type_minor};
    for (size_t t = 0; t < sizeof types / sizeof types[0]; t++) {
        assert_true(contrast(types[t]->rgb, 0xFFFFFF) >= 4.5);
        assert_true(types[t]->pt >= 7);
    }
    for (int c = 0; rs_say_class_at(c); c++)
        assert_true(contrast(rs_pdf_class_rgb(rs_say_class_at(c)->style), 0xFFFFFF) >= 4.5);
    assert_true(contrast(0xFFD23F, 0x000000) >= 4.5); /* dots and calipers against their dark rims */
}

/* On a screen no type is smaller than 14 px, where a rem is 16 px; letters in pictures grow with them. */
static void has_type_that_can_be_read(void **state)
{
    (void)state;
    int n = 0;
    const char *print = strstr(rs_page_style, "@page");
    assert_non_null(print);
    for (const char *at = rs_page_style; (at = strstr(at, "font-size:")) && at < print; at += 10) {
        char *unit;
        double size = strtod(at + 10, &unit);
        assert_true(size > 0);
        if (strncmp(unit, "rem", 3) != 0) continue;
        assert_true(16 * size >= 14);
        n++;
    }
    assert_true(n >= 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wraps),
        cmocka_unit_test(places_lengths_in_the_bar),
        cmocka_unit_test_setup_teardown(measures_and_sets, setup, teardown),
        cmocka_unit_test_setup_teardown(begins_new_sheets, setup, teardown),
        cmocka_unit_test_setup_teardown(knows_missing_faces, setup, teardown),
        cmocka_unit_test(fits_the_images_into_the_body),
        cmocka_unit_test(has_contrast),
        cmocka_unit_test(has_type_that_can_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
