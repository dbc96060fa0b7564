/* Refused files that still name their series: an end of the stack is no less missing than its middle (contract 8). */
#define _GNU_SOURCE /* memmem */
#include <sys/stat.h>

#include "made.h"

/* Ends a file before the n-th byte from its end (n > 0), or in the first element with this tag. */
static void tear(const char *name, long n, const char *tag)
{
    char path[512], bytes[4096];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    const size_t n_bytes = fread(bytes, 1, sizeof(bytes), file);
    assert_int_equal(fclose(file), 0);
    const char *at = tag ? memmem(bytes, n_bytes, tag, 4) : bytes + n_bytes - n;
    assert_non_null(at);
    assert_int_equal(truncate(path, (off_t)(at - bytes) + (tag ? 2 : 0)), 0);
}

/* Ends a file before the element with this tag: what is left is a DICOM file without a fault, and without pixels. */
static void end_before(const char *name, const char *tag)
{
    tear(name, 0, tag);
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    struct stat is;
    assert_int_equal(stat(path, &is), 0);
    assert_int_equal(truncate(path, is.st_size - 2), 0);
}

/* A slice at z that is cut within its pixels. */
static void write_torn(made like, const char *name, double z)
{
    static int n;
    char uid[32];
    snprintf(uid, sizeof(uid), "2.25.77%d", n++);
    like.name = name;
    if (!like.uid) like.uid = uid;
    like.position[2] = z;
    write_slice(&like);
    tear(name, 4, NULL);
}

static rs_study *open_partial(void)
{
    rs_study *study = NULL;
    if (rs_study_open(ctx, folder, &(rs_study_options){.allow_partial = true}, &study) != RS_OK)
        fail_msg("%s", rs_context_message(ctx));
    return study;
}

/* The verdict without and with --allow-partial, and which ends are open. */
static void expect_lacking(const char *words, bool low, bool high)
{
    rs_study *study = open_folder();
    expect(study, 0, RS_VERDICT_GAP, words);
    expect(study, 0, RS_VERDICT_GAP, "take it as it is with --allow-partial");
    assert_non_null(strstr(rs_study_series(study, 0)->refused_file, " is refused: it is truncated"));
    rs_study_close(study);
    study = open_partial();
    expect(study, 0, RS_VERDICT_MENDED, words);
    const rs_series *s = rs_study_series(study, 0);
    assert_int_equal(s->open_end[0], low);
    assert_int_equal(s->open_end[1], high);
    assert_int_equal(s->open_why != NULL, low || high);
    assert_null(strstr(s->notes.items[0].sentence, "torn")); /* no name of a file */
    rs_study_close(study);
}

static void test_ends(void **state)
{
    (void)state;
    write_stack((made){0}, 9, 2.5);
    write_torn((made){0}, "torn-high", 32.5);
    expect_lacking("1 slice is missing beyond z = 30.00 mm (its file is refused)", false, true);
    write_torn((made){0}, "torn-low", 7.5);
    expect_lacking("2 slices are missing beyond z = 10.00 mm and z = 30.00 mm (their files are refused)", true, true);
}

/* Cut just before its pixels, and just behind its series: no fault of the file tells of it. */
static void test_without_pixels(void **state)
{
    (void)state;
    write_stack((made){0}, 9, 2.5);
    write_torn((made){0}, "torn", 32.5);
    end_before("torn", "\xe0\x7f\x10\x00");
    rs_study *study = open_folder();
    expect(study, 0, RS_VERDICT_GAP, "1 slice is missing beyond z = 30.00 mm");
    assert_non_null(strstr(rs_study_series(study, 0)->refused_file, "torn is refused: an image without pixels"));
    rs_study_close(study);
    end_before("torn", "\x20\x00\x32\x00");
    study = open_partial();
    expect(study, 0, RS_VERDICT_MENDED, "1 slice is missing at a place that is not known");
    assert_true(rs_study_series(study, 0)->open_end[0] && rs_study_series(study, 0)->open_end[1]);
    rs_study_close(study);
}

static void test_low_end(void **state)
{
    (void)state;
    write_stack((made){0}, 9, 2.5);
    write_torn((made){0}, "torn", 7.5);
    expect_lacking("1 slice is missing beyond z = 10.00 mm", true, false);
}

/* Cut before its position: it may be of either end. A gap that it can fill explains it. */
static void test_unknown_place(void **state)
{
    (void)state;
    write_stack((made){0}, 9, 2.5);
    write_torn((made){0}, "torn", 32.5);
    tear("torn", 0, "\x20\x00\x32\x00");
    expect_lacking("1 slice is missing at a place that is not known", true, true);
    write_slice(&(made){.position = {0, 0, 35}});
    rs_study *study = open_partial();
    expect(study, 0, RS_VERDICT_MENDED, "1 slice is missing between z = 30.00 mm and z = 35.00 mm");
    assert_int_equal(rs_study_series(study, 0)->notes.n, 1);
    assert_null(rs_study_series(study, 0)->open_why);
    rs_study_close(study);
}

static void test_middle(void **state)
{
    (void)state;
    write_stack((made){0}, 9, 2.5);
    write_slice(&(made){.position = {0, 0, 35}});
    write_torn((made){0}, "torn", 32.5);
    rs_study *study = open_folder();
    expect(study, 0, RS_VERDICT_GAP, "1 slice is missing between z = 30.00 mm and z = 35.00 mm");
    rs_study_close(study);
    study = open_partial();
    expect(study, 0, RS_VERDICT_MENDED, "1 slice is missing between");
    assert_int_equal(rs_study_series(study, 0)->notes.n, 1);
    assert_int_equal(rs_study_series(study, 0)->n_gaps, 1);
    assert_null(rs_study_series(study, 0)->open_why);
    rs_study_close(study);
}

/* Every other slice refused leaves an even stack. */
static void test_every_other(void **state)
{
    (void)state;
    char name[16];
    write_stack((made){0}, 9, 5);
    for (int k = 0; k < 8; k++) {
        snprintf(name, sizeof(name), "torn%d", k);
        write_torn((made){0}, name, 12.5 + 5 * k);
    }
    expect_lacking("8 slices are missing between others (their files are refused)", false, false);
    write_torn((made){0}, "torn8", 52.5);
    write_torn((made){0}, "torn9", 55);
    rs_study *study = open_partial();
    expect(study, 0, RS_VERDICT_GAP, "10 slices are missing beyond z = 50.00 mm and between others");
    expect(study, 0, RS_VERDICT_GAP, "more than half of the series");
    rs_study_close(study);
}

/* Files of another series, copies of slices that are there, a localizer under the same number, a file that names
   nothing: the series lacks none of them. */
static void test_not_of_it(void **state)
{
    (void)state;
    write_stack((made){0}, 9, 2.5);
    write_torn((made){.series = "2.25.3"}, "torn-other", 32.5);
    write_torn((made){0}, "torn-place", 30);
    write_torn((made){.orientation = "1\\0\\0\\0\\0\\-1"}, "torn-scout", 60);
    write_torn((made){0}, "torn-head", 32.5);
    tear("torn-head", 0, "\x20\x00\x0e\x00");
    rs_study *study = open_folder();
    expect(study, 0, RS_VERDICT_GOOD, NULL);
    assert_int_equal(rs_study_counts(study).refused, 4);
    rs_study_close(study);
    write_torn((made){.uid = "2.25.9520000"}, "torn-uid", 20); /* cut before its position, known by its UID */
    tear("torn-uid", 0, "\x20\x00\x32\x00");
    study = open_folder();
    expect(study, 0, RS_VERDICT_GOOD, NULL);
    rs_study_close(study);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_ends),          IN_FOLDER(test_without_pixels), IN_FOLDER(test_low_end),
        IN_FOLDER(test_unknown_place), IN_FOLDER(test_middle),         IN_FOLDER(test_every_other),
        IN_FOLDER(test_not_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
