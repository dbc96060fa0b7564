/* Candidates from a file: what CSV may look like, what is refused, and the way there and back. */
#include <stdio.h>
#include <unistd.h>

#include "clutter.h"
#include "restage/files.h"

static const char header[] = "seriesuid,coordX,coordY,coordZ,probability\n";

typedef struct given_test {
    rs_context *ctx;
    char path[64];
} given_test;

static void put(const char *path, const void *data, size_t bytes)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, bytes, f), bytes);
    assert_int_equal(fclose(f), 0);
}

static int open_test(void **state)
{
    static given_test t;
    if (rs_context_new(NULL, &t.ctx) != RS_OK) return 1;
    snprintf(t.path, sizeof t.path, "/tmp/restage-given-%d.csv", (int)getpid());
    *state = &t;
    return 0;
}

static int close_test(void **state)
{
    given_test *t = *state;
    unlink(t->path);
    rs_context_free(t->ctx);
    return 0;
}

/* The rows of series "1.2" of a text, by the detector's own find. */
static rs_status take(given_test *t, const char *text, size_t bytes, rs_arena *arena, rs_candidates *out)
{
    rs_detector detector = {0};
    put(t->path, text, bytes);
    *out = (rs_candidates){0};
    RS_TRY(rs_detector_from_file(t->ctx, t->path, &detector));
    const rs_volume volume = {.geometry = {.n = {9, 9, 40},
                                           .spacing_mm = {1, 1, 1},
                                           .origin_lps_mm = {-4, -3, -2},
                                           .axis = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}};
    const rs_detector_input input = {.series_uid = "1.2", .volume = &volume};
    rs_status status = detector.find(t->ctx, &input, detector.user, arena, out);
    detector.free(detector.user);
    return status;
}

static void test_good(void **state)
{
    static const char *const texts[] = {
        "seriesuid,coordX,coordY,coordZ,probability\n1.2,1.5,-2,3e1,0.25\n1.3,9,9,9,0.5\n",
        "\xEF\xBB\xBFseriesuid,coordX,coordY,coordZ,probability\r\n1.2,1.5,-2,3e1,0.25\r\n\r\n",
        "\"seriesuid\",\"coordX\",\"coordY\",\"coordZ\",\"probability\"\r\n\"1.2\",\"1.5\",\"-2\",\"30\",\"0.25\"",
        "probability,radius_mm,COORDZ,coordy,coordX,note,SeriesUID\n0.25,,30,-2,1.5,\"a, \"\"b\"\"\nc\",1.2\n",
        "\n\n seriesuid ,coordX,coordY,coordZ,probability,\n 1.2 , 1.5 ,-2.0, +30 , .25 ,\n",
        "seriesuid,coordX,coordY,coordZ,probability\n\"1.\"2,1.5,-2,30,0.25,further,columns,,",
    };
    given_test *t = *state;
    for (size_t n = 0; n < sizeof texts / sizeof texts[0]; n++) {
        rs_arena *arena = rs_arena_new();
        rs_candidates c;
        assert_int_equal(take(t, texts[n], strlen(texts[n]), arena, &c), RS_OK);
        assert_int_equal(c.n, 1);
        assert_true(c.items[0].lps_mm[0] == 1.5 && c.items[0].lps_mm[1] == -2 && c.items[0].lps_mm[2] == 30);
        assert_true(c.items[0].p == 0.25 && c.items[0].radius_mm == 0);
        rs_arena_free(arena);
    }
    rs_arena *arena = rs_arena_new();
    rs_candidates c;
    /* A file of another series, or of places outside these images, must not read as a scan without marks. */
    static const char other[] = "seriesuid,coordX,coordY,coordZ,probability\n1.3,1.5,-2,30,0.25\n";
    static const char outside[] = "seriesuid,coordX,coordY,coordZ,probability\n1.2,1.5,-2,300,0.25\n";
    assert_int_equal(take(t, header, strlen(header), arena, &c), RS_DATA);
    assert_int_equal(take(t, other, strlen(other), arena, &c), RS_DATA);
    assert_non_null(strstr(rs_context_message(t->ctx), "no row of the series 1.2"));
    assert_int_equal(take(t, outside, strlen(outside), arena, &c), RS_DATA);
    assert_non_null(strstr(rs_context_message(t->ctx), "none of the 1 candidates"));
    static const char radius[] = "radius_mm,seriesuid,coordX,coordY,coordZ,probability\n4.5,1.2,0,0,0,1\n";
    assert_int_equal(take(t, radius, strlen(radius), arena, &c), RS_OK);
    assert_true(c.items[0].radius_mm == 4.5 && c.items[0].p == 1);
    assert_true(c.items[0].index[0] == 4 && c.items[0].index[1] == 3 && c.items[0].index[2] == 2); /* not the corner */
    rs_arena_free(arena);
}

static void test_refused(void **state)
{
    static const char *const rows[] = {
        "1.2,1,2,3",           "1.2,1,2,x,0.5",  "1.2,1,2,nan,0.5",  "1.2,inf,2,3,0.5",
        "1.2,1e400,2,3,0.5",   "1.2,1,2,3,1.01", "1.2,1,2,3,-0.1",   "1.2,1,2,3,nan",
        "1.2,\"1,5\",2,3,0.5", "1.2;1;2;3;0.5",  "1.2,0x10,2,3,0.5", "\"1.2,1,2,3,0.5",
    };
    given_test *t = *state;
    rs_arena *arena = rs_arena_new();
    rs_candidates c;
    for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
        char text[256];
        snprintf(text, sizeof text, "%s1.3,1,2,3,0.5\n%s\n", header, rows[n]);
        assert_int_equal(take(t, text, strlen(text), arena, &c), RS_DATA);
        assert_non_null(strstr(rs_context_message(t->ctx), "line 3"));
    }
    static const char *const texts[] = {"", "\n\n", "a,b\n1,2\n", "seriesuid,coordX,coordY,coordZ\n1.2,1,2,3\n"};
    for (size_t n = 0; n < sizeof texts / sizeof texts[0]; n++)
        assert_int_equal(take(t, texts[n], strlen(texts[n]), arena, &c), RS_DATA);
    assert_int_equal(take(t, "seriesuid\0,coordX", 17, arena, &c), RS_DATA);
    char wide[2048];
    memset(wide, ',', sizeof wide);
    assert_int_equal(take(t, wide, sizeof wide, arena, &c), RS_DATA);
    rs_detector detector;
    assert_int_equal(rs_detector_from_file(t->ctx, "/nowhere/at/all.csv", &detector), RS_NO_INPUT);
    assert_int_equal(rs_detector_from_file(t->ctx, "/tmp", &detector), RS_NO_INPUT);
    rs_arena_free(arena);
}

static void test_million_rows(void **state)
{
    enum { ROWS = 1000000 };
    given_test *t = *state;
    rs_buffer text = {0};
    rs_buffer_text(&text, header);
    for (int n = 0; n < ROWS; n++)
        rs_buffer_text(&text, n % 1000 ? "1.3,1,2,3,0.5\n" : "1.2,1,2,3,0.5\n");
    rs_arena *arena = rs_arena_new();
    rs_candidates c;
    assert_int_equal(take(t, text.data, text.bytes, arena, &c), RS_OK);
    assert_int_equal(c.n, ROWS / 1000);
    rs_arena_free(arena);
    rs_buffer_free(&text);
}

/* Any text gives an answer, and never more than an answer. */
static void test_noise(void **state)
{
    static const char letters[] = ",,,\"\"\n\n\r .-+e0123456789.1.2x";
    given_test *t = *state;
    uint64_t seed = 42;
    for (int n = 0; n < 400; n++) {
        char text[400];
        size_t length = (size_t)(uniform(&seed) * 300);
        memcpy(text, header, sizeof header);
        for (size_t m = 0; m < length; m++)
            text[sizeof header - 1 + m] = letters[(size_t)(uniform(&seed) * (sizeof letters - 1))];
        rs_arena *arena = rs_arena_new();
        rs_candidates c;
        rs_status status = take(t, text, sizeof header - 1 + length, arena, &c);
        assert_true(status == RS_OK || status == RS_DATA);
        rs_arena_free(arena);
    }
}

/* Our candidates, printed, ranked by somebody else, and handed back. */
static void test_there_and_back(void **state)
{
    given_test *t = *state;
    scene s;
    rs_marks marks;
    clutter_open(&s, 2, NULL, 1);
    rs_detect_wish wish = scene_wish_of(&s);
    rs_candidates own = scene_detect_as(&s, &wish, &marks);
    rs_buffer text = {0};
    rs_buffer_text(&text, header);
    rs_buffer_text(&text, "9.9,1,1,1,1\n");
    for (int n = 0; n < own.n; n++) {
        const double *mm = own.items[n].lps_mm;
        rs_buffer_printf(&text, "1.2,%.3f,%.3f,%.3f,%.6f\n", mm[0], mm[1], mm[2], (n + 1.0) / (own.n + 1));
    }
    put(t->path, text.data, text.bytes);
    rs_detector detector;
    assert_int_equal(rs_detector_from_file(s.ctx, t->path, &detector), RS_OK);
    wish.detector = &detector;
    wish.series_uid = "1.2";
    rs_candidates back = scene_detect_as(&s, &wish, &marks);
    assert_int_equal(back.n, own.n);
    int n_same = 0;
    for (int n = 0; n < own.n; n++) {
        const rs_candidate *before = &own.items[own.n - 1 - n], *after = &back.items[n];
        assert_true(fabs(after->p - (double)(own.n - n) / (own.n + 1)) < 1e-6);
        assert_true(fabs(before->lps_mm[1] - after->lps_mm[1]) < 0.001);
        assert_int_equal(after->origin, RS_ORIGIN_GIVEN);
        n_same += before->radius_mm == after->radius_mm; /* of two at nearly one place the nearest may be another */
    }
    assert_true(n_same > 0.97 * own.n);
    assert_true(back.items[0].p > 0.9 && marks.n > 0.6 * own.n); /* those from 0.3 on */
    detector.free(detector.user);
    rs_buffer_free(&text);
    scene_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_good, open_test, close_test),
        cmocka_unit_test_setup_teardown(test_refused, open_test, close_test),
        cmocka_unit_test_setup_teardown(test_million_rows, open_test, close_test),
        cmocka_unit_test_setup_teardown(test_noise, open_test, close_test),
        cmocka_unit_test_setup_teardown(test_there_and_back, open_test, close_test),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
