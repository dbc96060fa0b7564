/* Readers of truths: each form of file becomes the findings that it means. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lidc_area.h"
#include "restage/files.h"
#include "truth.h"

static rs_context *ctx;
static rs_ledger ledger;
static rs_truth_images images;

static bool is_near(double value, double wanted, double within)
{
    return fabs(value - wanted) <= within;
}

static int begin(void **state)
{
    (void)state;
    return rs_context_new(NULL, &ctx) == RS_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    rs_context_free(ctx);
    return 0;
}

static void renew(void)
{
    if (ledger.arena != NULL) rs_arena_free(ledger.arena);
    memset(&ledger, 0, sizeof ledger);
    ledger.arena = rs_arena_new();
    assert_non_null(ledger.arena);
}

/* Writes a text as a file of this name in the folder of the test, and reads it as a truth. */
static rs_status read_text(const char *name, const char *text, bool relevant)
{
    const void *part = text;
    const size_t bytes = strlen(text);
    assert_int_equal(rs_file_write(ctx, name, true, &part, &bytes, 1), RS_OK);
    renew();
    const rs_truth_args args = {.path = name, .relevant = relevant, .images = &images};
    return rs_truth_read(ctx, &args, &ledger);
}

static const char truth_2[] =
    "{\"schema\": \"restage-truth-2\", \"kind\": \"insertion\", \"series_uid\": \"1.2.3\", \"patient_id\": \"P\","
    "\"acquisition\": {\"slice_thickness_mm\": 2.5}, \"lesions\": [{\"id\": \"L1\", \"lps_mm\": [1, 2, 3],"
    "\"side\": \"left\", \"volume_mm3\": 65.449847, \"equivalent_mm\": 5.0, \"attachment\": \"vessel\","
    "\"density\": \"part_solid\", \"shape\": \"irregular\"}], \"irrelevant\": [{\"lps_mm\": [4, 5, 6],"
    "\"diameter_mm\": 4.5, \"what\": \"scar\"}]}";

static void test_truth_of_insertions(void **state)
{
    (void)state;
    assert_int_equal(read_text("t2.json", truth_2, true), RS_OK);
    assert_int_equal(ledger.n_scans, 1);
    assert_string_equal(ledger.scans[0].uid, "1.2.3");
    assert_string_equal(ledger.scans[0].kind, "insertion");
    assert_string_equal(ledger.scans[0].patient, "P");
    assert_true(ledger.scans[0].has_truth);
    assert_true(is_near(ledger.scans[0].thickness_mm, 2.5, 0));
    assert_int_equal(ledger.n_findings, 2);
    const rs_finding *f = ledger.findings;
    assert_true(f[0].relevant && !f[1].relevant);
    assert_true(is_near(f[0].lps_mm[2], 3, 0));
    assert_true(is_near(f[0].diameter_mm, 5, 0));
    assert_string_equal(f[0].attachment, "vessel");
    assert_string_equal(f[0].density, "part_solid");
    assert_true(is_near(f[1].diameter_mm, 4.5, 0));
    assert_int_equal(read_text("t2.json", truth_2, false), RS_OK);
    assert_false(ledger.findings[0].relevant || ledger.scans[0].has_truth);
}

static void test_truth_of_a_healthy_phantom(void **state)
{
    (void)state;
    assert_int_equal(read_text("t1.json",
                               "{\"schema\": \"restage-phantom-truth-1\", \"series_uid\": \"1.2\", \"lesions\": []}",
                               true),
                     RS_OK);
    assert_true(ledger.scans[0].has_truth);
    assert_string_equal(ledger.scans[0].kind, "phantom");
    assert_int_equal(ledger.n_findings, 0);
}

static void test_truth_refused(void **state)
{
    (void)state;
    assert_int_equal(read_text("t1.json", "{\"schema\": \"restage-truth-2\", \"lesions\": []}", true), RS_DATA);
    assert_non_null(strstr(rs_context_message(ctx), "t1.json"));
    assert_int_equal(read_text("t1.json", "{\"schema\": \"restage-truth-2\"", true), RS_DATA);
    assert_int_equal(read_text("t1.txt", "what is this", true), RS_DATA);
    assert_non_null(strstr(rs_context_message(ctx), "LIDC XML"));
    const rs_truth_args args = {.path = "no-such-file", .relevant = true, .images = &images};
    assert_int_equal(rs_truth_read(ctx, &args, &ledger), RS_NO_INPUT);
}

/* Three runs of one program on one lesion are one finding; what is only possible is irrelevant; a volume makes a
   diameter: 4/3 pi 2^3 = 33.510322. */
static void test_annotations(void **state)
{
    (void)state;
    const char *text =
        "{\"series_instance_uid\": \"1.9\", \"case\": \"c\", \"lesions\": ["
        "{\"segmentation\": \"a\", \"centre_lps_mm\": [0, 0, 0], \"eqdiam_mm\": 10, \"volume_mm3\": 500},"
        "{\"segmentation\": \"b\", \"centre_lps_mm\": [3, 0, 0], \"eqdiam_mm\": 14, \"volume_mm3\": 700},"
        "{\"centre_lps_mm\": [50, 0, 0], \"volume_mm3\": 33.510322, \"certainty\": \"probable\"},"
        "{\"centre_lps_mm\": [60, 0, 0], \"diameter_mm\": 6, \"certainty\": \"possible\"},"
        "{\"centre_lps_mm\": [70, 0, 0], \"readers\": [1, 2], \"kind\": \"nodule>=3mm\","
        " \"mean_equivalent_diameter_mm\": 20},"
        "{\"centre_lps_mm\": [80, 0, 0], \"note\": \"no size\"}]}";
    assert_int_equal(read_text("annotations.json", text, true), RS_OK);
    assert_int_equal(ledger.n_findings, 5);
    assert_int_equal(ledger.unusable, 1); /* without a size */
    assert_false(ledger.findings[4].relevant);
    const rs_finding *f = ledger.findings;
    assert_true(is_near(f[0].lps_mm[0], 1.5, 1e-12));
    assert_true(is_near(f[0].diameter_mm, 12, 1e-12));
    assert_true(is_near(f[0].volume_mm3, 600, 1e-12));
    assert_true(is_near(f[1].diameter_mm, 4, 1e-6));
    assert_true(f[1].relevant && !f[2].relevant && !f[3].relevant);
}

static void test_annotations_without_series(void **state)
{
    (void)state;
    assert_int_equal(read_text("annotations.json", "{\"lesions\": []}", true), RS_DATA);
    assert_non_null(strstr(rs_context_message(ctx), "--images"));
}

/* The readings of LIDC need their images, whatever else they hold. */
static void test_lidc_refused(void **state)
{
    (void)state;
    const struct {
        const char *text, *says;
    } cases[] = {
        {"<?xml version=\"1.0\"?><LidcReadMessage><ResponseHeader><SeriesInstanceUid>1.2</SeriesInstanceUid>"
         "</ResponseHeader></LidcReadMessage>",
         "--images"},
        {"<LidcReadMessage><ResponseHeader>", "line 1: it is no whole XML"},
        {"<?xml version=\"1.0\"?>\n<!DOCTYPE b [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]>\n"
         "<LidcReadMessage>&b;</LidcReadMessage>",
         "document type"},
        {"<?xml version=\"1.0\"?><html/>", "no reading of a CT"},
        {"<LidcReadMessage><nonNodule/></LidcReadMessage>", "outside of every readingSession"},
        {"<LidcReadMessage><readingSession><nonNodule><locus><xCoord>-1</xCoord></locus></nonNodule></readingSession>"
         "</LidcReadMessage>",
         "no pixel"},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        assert_int_equal(read_text("reading.xml", cases[c].text, true), RS_DATA);
        assert_non_null(strstr(rs_context_message(ctx), cases[c].says));
    }
}

/* A square of corners (0, 0) and (4, 4): 9 pixels inside, whether its border has every pixel or the corners alone. */
static void test_lidc_area(void **state)
{
    (void)state;
    int32_t corners[][2] = {{10, 20}, {14, 20}, {14, 24}, {10, 24}};
    int32_t whole[16][2], n = 0;
    for (int32_t s = 0; s < 4; s++)
        for (int32_t t = 0; t < 4; t++, n++) {
            const int32_t *a = corners[s], *b = corners[(s + 1) % 4];
            whole[n][0] = a[0] + (b[0] - a[0]) / 4 * t;
            whole[n][1] = a[1] + (b[1] - a[1]) / 4 * t;
        }
    int32_t diamond[][2] = {{5, 2}, {8, 5}, {5, 8}, {2, 5}}; /* |x - 5| + |y - 5| < 3: 13 pixels */
    int32_t line[][2] = {{0, 0}, {5, 5}, {0, 0}};
    const struct {
        rs_lidc_contour contour;
        int64_t pixels;
        double x;
    } cases[] = {{{.pixel = corners, .n = 4}, 9, 12},
                 {{.pixel = whole, .n = 16}, 9, 12},
                 {{.pixel = diamond, .n = 4}, 13, 5},
                 {{.pixel = line, .n = 3}, 0, 0}};
    int64_t work = 0;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        rs_lidc_area area;
        assert_int_equal(rs_lidc_area_of(ctx, &cases[c].contour, &work, &area), RS_OK);
        assert_int_equal(area.n, cases[c].pixels);
        if (area.n > 0) assert_true(is_near(area.sum[0] / (double)area.n, cases[c].x, 1e-12));
    }
    work = INT64_MAX / 2;
    rs_lidc_area area;
    assert_int_equal(rs_lidc_area_of(ctx, &cases[0].contour, &work, &area), RS_DATA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_truth_of_insertions),
        cmocka_unit_test(test_truth_of_a_healthy_phantom),
        cmocka_unit_test(test_truth_refused),
        cmocka_unit_test(test_annotations),
        cmocka_unit_test(test_annotations_without_series),
        cmocka_unit_test(test_lidc_refused),
        cmocka_unit_test(test_lidc_area),
    };
    int failed = cmocka_run_group_tests(tests, begin, end);
    if (ledger.arena != NULL) rs_arena_free(ledger.arena);
    return failed;
}
