/* Tables, lists and packets as they come: byte order marks, CR LF, gzip, quotes, numbers that are none; and whole
   evaluations of small folders. */
#define _GNU_SOURCE /* mkdtemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "digest/inflate.h"
#include "made.h"
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/restage-marks-XXXXXX";
static char place[8][256];

/* A path in the folder; up to eight at once. */
static const char *path_of(const char *name)
{
    static int next;
    char *to = place[next++ % 8];
    (void)snprintf(to, sizeof place[0], "%s/%s", folder, name);
    return to;
}

static const char *put_bytes(const char *name, const void *bytes, size_t n)
{
    const char *path = path_of(name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
    return path;
}

static const char *put(const char *name, const char *text)
{
    return put_bytes(name, text, strlen(text));
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"t",           "marks.csv", "truth.csv", "scans.csv", "candidates.csv",
                                        "report.json", "x.csv.gz",  ""};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)unlink(path_of(names[i]));
        char inner[64];
        (void)snprintf(inner, sizeof inner, "packet/%s", names[i]);
        (void)unlink(path_of(inner));
    }
    (void)rmdir(path_of("packet"));
    return rmdir(folder);
}

static rs_csv *open_csv(bench *b, const char *path)
{
    rs_csv *csv = NULL;
    assert_int_equal(rs_csv_open(b->ctx, path, b->ledger.arena, &csv), RS_OK);
    return csv;
}

static void csv_takes_what_spreadsheets_write(void **state)
{
    bench *b = *state;
    rs_csv *csv = open_csv(b, put("t", "\xEF\xBB\xBFSeriesUID, coordX ,note\r\n"
                                       "a,1.5,\"x, \"\"y\"\"\r\nz\"\r\n"
                                       "\r\n"
                                       ",,\r\n"
                                       " b ,-2e1\r\n"
                                       "c,nan,last"));
    double x;
    assert_int_equal(rs_csv_column(csv, "seriesuid"), 0);
    assert_int_equal(rs_csv_column(csv, "coordx"), 1);
    assert_int_equal(rs_csv_column(csv, "no such"), -1);
    assert_true(rs_csv_next(csv));
    assert_string_equal(rs_csv_cell(csv, 2), "x, \"y\"\r\nz");
    assert_true(rs_csv_number(csv, 1, &x) && x == 1.5);
    assert_int_equal(rs_csv_line(csv), 2);
    assert_true(rs_csv_next(csv));
    assert_string_equal(rs_csv_cell(csv, 0), "b");
    assert_int_equal(rs_csv_line(csv), 6); /* a quoted cell has a line end in it */
    assert_int_equal(rs_csv_cells(csv), 2);
    assert_string_equal(rs_csv_cell(csv, 2), "");
    assert_true(rs_csv_next(csv));
    assert_false(rs_csv_number(csv, 1, &x));
    assert_string_equal(rs_csv_cell(csv, 2), "last");
    assert_int_equal(rs_csv_need(b->ctx, csv, 1, &x), RS_DATA);
    assert_non_null(strstr(rs_context_message(b->ctx), "t, line 7, coordX: \"nan\""));
    assert_false(rs_csv_next(csv));
    assert_false(rs_csv_next(csv));
}

static void csv_without_heading_gives_its_first_row(void **state)
{
    bench *b = *state;
    rs_csv *csv = open_csv(b, put("t", "1.2.3\t5\n1.2.4\t6\n"));
    assert_null(rs_csv_heading(csv, 0));
    assert_true(rs_csv_next(csv));
    assert_string_equal(rs_csv_cell(csv, 0), "1.2.3");
    assert_string_equal(rs_csv_cell(csv, 1), "5");
    assert_true(rs_csv_next(csv));
    assert_false(rs_csv_next(csv));
    csv = open_csv(b, put("t", ""));
    assert_false(rs_csv_next(csv));
    csv = open_csv(b, put("t", "a,\"b"));
    assert_string_equal(rs_csv_heading(csv, 1), "b");
    csv = open_csv(b, put("t", "a\rb\r1\r"));
    assert_true(rs_csv_next(csv) && rs_csv_next(csv) && !rs_csv_next(csv));
}

static void csv_refuses_what_is_no_text(void **state)
{
    bench *b = *state;
    rs_csv *csv;
    assert_int_equal(rs_csv_open(b->ctx,
                                 put_bytes("t",
                                           "\xFF\xFE"
                                           "a\0",
                                           4),
                                 b->ledger.arena, &csv),
                     RS_DATA);
    assert_non_null(strstr(rs_context_message(b->ctx), "UTF-16"));
    assert_int_equal(rs_csv_open(b->ctx, put_bytes("t", "a,b\n1\0,2\n", 9), b->ledger.arena, &csv), RS_DATA);
    assert_int_equal(rs_csv_open(b->ctx, put_bytes("t", "\x1F\x8B\x08\0\0\0", 6), b->ledger.arena, &csv), RS_DATA);
    assert_int_equal(rs_csv_open(b->ctx, path_of("no such"), b->ledger.arena, &csv), RS_NO_INPUT);
}

static void csv_unpacks_gzip(void **state)
{
    bench *b = *state;
    const char *text = "seriesuid,x\na,1\n";
    const void *parts[] = {text};
    const size_t part_bytes[] = {strlen(text)};
    uint8_t *packed;
    size_t n;
    assert_int_equal(rs_deflate(b->ctx, b->ledger.arena, RS_DEFLATE_GZIP, parts, part_bytes, 1, &packed, &n), RS_OK);
    rs_csv *csv = open_csv(b, put_bytes("x.csv.gz", packed, n));
    assert_true(rs_csv_next(csv));
    assert_string_equal(rs_csv_cell(csv, 0), "a");
    assert_false(rs_csv_next(csv));
}

static void scans_are_listed_with_or_without_heading(void **state)
{
    bench *b = *state;
    static const char *const texts[] = {"seriesuid\r\ns0\r\ns1\r\n", "s0\ns1", "no,SeriesUID\n1,s0\n2,s1\n",
                                        "SeriesInstanceUID\ns0\ns1\n"};
    for (int i = 0; i < 4; i++) {
        int unlisted = scan_of(b, "other");
        assert_int_equal(rs_scans_read(b->ctx, put("scans.csv", texts[i]), &b->ledger), RS_OK);
        assert_int_equal(b->ledger.n_scans, 3);
        assert_false(b->ledger.scans[unlisted].listed);
        assert_true(b->ledger.scans[scan_of(b, "s0")].listed && b->ledger.scans[scan_of(b, "s1")].listed);
    }
    assert_int_equal(rs_scans_read(b->ctx, put("scans.csv", "\n\n"), &b->ledger), RS_DATA);
}

typedef struct call {
    const char *marks, *truth, *irrelevant, *scans;
    double point, least_mm;
} call;

static rs_status evaluate(bench *b, const call *c, rs_evaluation **out)
{
    const rs_evaluate_options options = {.marks = &c->marks,
                                         .n_marks = 1,
                                         .truths = &c->truth,
                                         .n_truths = 1,
                                         .irrelevant = &c->irrelevant,
                                         .n_irrelevant = c->irrelevant != NULL,
                                         .scans = c->scans,
                                         .bootstraps = 50,
                                         .least_mm = c->least_mm,
                                         .point = c->point != 0 ? c->point : (double)NAN};
    return rs_evaluate(b->ctx, &options, out);
}

static const char *note(const rs_evaluation *e, const char *code)
{
    for (int n = 0; n < e->notes.n; n++) {
        if (strcmp(e->notes.items[n].code, code) == 0) return e->notes.items[n].sentence;
    }
    return "";
}

#define MARKS_HEAD "seriesuid,coordX,coordY,coordZ,probability\n"
#define TRUTH_HEAD "seriesuid,coordX,coordY,coordZ,diameter_mm\n"

/* Field report E01: the truth of ten folds, the marks of one. */
static void marks_of_one_fold_are_read_both_ways(void **state)
{
    bench *b = *state;
    char truth[4096] = TRUTH_HEAD, marks[1024] = MARKS_HEAD;
    for (int s = 0; s < 10; s++) {
        for (int n = 0; n < 4; n++) {
            size_t at = strlen(truth);
            (void)snprintf(truth + at, sizeof truth - at, "s%d,%d,20,%d,%d\n", s, 10 * n, 30 + n, 6 + n);
        }
    }
    for (int n = 0; n < 4; n++) {
        size_t at = strlen(marks);
        (void)snprintf(marks + at, sizeof marks - at, "s0,%d,20,%d,0.%d\n", 10 * n + 1, 30 + n, 9 - n);
    }
    rs_evaluation *e;
    const call c = {.marks = put("marks.csv", marks), .truth = put("truth.csv", truth)};
    assert_int_equal(evaluate(b, &c, &e), RS_OK);
    assert_int_equal(e->n_froc, 4);
    assert_int_equal(e->froc[0].counts.scans_without_marks, 9);
    assert_near(e->froc[0].cpm, 0.1, 1e-12);
    assert_string_equal(e->froc[2].rule, "luna16");
    assert_string_equal(e->froc[2].scans, "marked");
    assert_int_equal(e->froc[2].counts.scans, 1);
    assert_near(e->froc[2].cpm, 1, 1e-12);
    assert_string_equal(e->froc[3].rule, "reach");
    assert_non_null(strstr(note(e, "scans_without_marks"), "9 of 10 scans have no row in the marks (s1, s2, s3, ...)"));
    assert_string_equal(e->point_basis, "every row of the marks");
    assert_int_equal(e->shown, 4);
    assert_int_equal(e->n_scans, 10);
    assert_string_equal(e->scans[9].series_uid, "s9");
    assert_false(e->scans[9].has_marks);
    rs_evaluation_free(e);
}

/* Field report E04: diameters 0, 0.4 and none; CR LF and a byte order mark. */
static void sizes_that_cannot_be_are_set_apart(void **state)
{
    bench *b = *state;
    rs_evaluation *e;
    call c = {.marks = put("marks.csv", MARKS_HEAD "s,90,0,0,0.5\ns,30,0,0,0.5\n"),
              .truth = put("truth.csv", "\xEF\xBB\xBF" TRUTH_HEAD "s,0,0,0,0\r\ns,30,0,0,0.4\r\ns,60,0,0,\r\n"
                                        "s,90,0,0,7\r\n")};
    assert_int_equal(evaluate(b, &c, &e), RS_OK);
    assert_int_equal(e->unusable, 3);
    assert_int_equal(e->froc[0].counts.findings, 1);
    assert_int_equal(e->froc[0].counts.ignored, 1);
    assert_near(e->froc[0].cpm, 1, 0);
    assert_non_null(strstr(note(e, "unusable_findings"), "3 findings"));
    rs_evaluation_free(e);
    c.truth = put("truth.csv", TRUTH_HEAD "s,0,0,0,5\ns,nan,0,0,5\n");
    assert_int_equal(evaluate(b, &c, &e), RS_DATA);
    assert_string_equal(rs_context_message(b->ctx), "truth.csv, line 3, coordX: \"nan\" is no finite number");
    c.truth = put("truth.csv", TRUTH_HEAD "s,0,0,0,large\n");
    assert_int_equal(evaluate(b, &c, &e), RS_DATA);
}

static void marks_are_refused_with_their_line(void **state)
{
    bench *b = *state;
    rs_evaluation *e;
    call c = {.truth = put("truth.csv", TRUTH_HEAD "s,0,0,0,5\n")};
    c.marks = put("marks.csv", MARKS_HEAD "s,0,0,0,0.5\ns,0,0,0,inf\n");
    assert_int_equal(evaluate(b, &c, &e), RS_DATA);
    assert_string_equal(rs_context_message(b->ctx), "marks.csv, line 3, probability: \"inf\" is no finite number");
    c.marks = put("marks.csv", MARKS_HEAD ",0,0,0,0.5\n");
    assert_int_equal(evaluate(b, &c, &e), RS_DATA);
    c.marks = put("marks.csv", "seriesuid,coordX,coordY,coordZ\ns,0,0,0\n");
    assert_int_equal(evaluate(b, &c, &e), RS_DATA);
    c.marks = put("marks.csv", MARKS_HEAD "t,0,0,0,0.5\n");
    assert_int_equal(evaluate(b, &c, &e), RS_DATA); /* of another scan */
    c.marks = path_of("none.csv");
    assert_int_equal(evaluate(b, &c, &e), RS_NO_INPUT);
}

static void no_row_at_all_is_a_detector_that_finds_nothing(void **state)
{
    bench *b = *state;
    rs_evaluation *e;
    call c = {.marks = put("marks.csv", MARKS_HEAD), .truth = put("truth.csv", TRUTH_HEAD "s,0,0,0,5\n")};
    assert_int_equal(evaluate(b, &c, &e), RS_OK);
    assert_near(e->froc[0].cpm, 0, 0);
    assert_int_equal(e->froc[0].counts.missed, 1);
    assert_true(isnan(e->froc[2].cpm));
    rs_evaluation_free(e);
    c.marks = put("marks.csv", MARKS_HEAD "s,0,0,0,0.5\n");
    c.truth = put("truth.csv", TRUTH_HEAD);
    assert_int_equal(evaluate(b, &c, &e), RS_OK);
    assert_true(isnan(e->froc[0].cpm));
    assert_int_equal(e->shown_false, 1);
    assert_non_null(strstr(note(e, "no_findings"), "no finding"));
    rs_evaluation_free(e);
}

static void list_point_and_least_size_narrow_it(void **state)
{
    bench *b = *state;
    rs_evaluation *e;
    const call c = {.marks =
                        put("marks.csv", "seriesuid\tcoordX\tcoordY\tcoordZ\tprobability\n"
                                         "a\t0\t0\t0\t0.6\na\t50\t0\t0\t0.4\na\t100\t0\t0\t0.7\nb\t0\t0\t0\t0.9\n"),
                    .truth = put("truth.csv", TRUTH_HEAD "a,0,0,0,8\na,100,0,0,3\nb,0,0,0,8\n"),
                    .irrelevant = put("t", TRUTH_HEAD "a,54.9,0,0,-1\n"),
                    .scans = put("scans.csv", "a\nc\n"),
                    .point = 0.5,
                    .least_mm = 4};
    assert_int_equal(evaluate(b, &c, &e), RS_OK);
    assert_int_equal(e->n_scans, 2);
    assert_int_equal(e->froc[0].counts.findings, 1);
    assert_int_equal(e->froc[0].counts.ignored, 2); /* the small lesion and the excluded finding */
    assert_int_equal(e->froc[0].counts.false_marks, 0);
    assert_int_equal(e->unusable, 1);
    assert_int_equal(e->shown, 2);
    assert_string_equal(e->point_basis, "P >= 0.5000, as given");
    assert_non_null(strstr(note(e, "scans_not_listed"), "1 scans"));
    assert_int_equal(e->completeness.complete, 1);
    rs_evaluation_free(e);
}

static const char *report =
    "{\"source\": {\"series_instance_uid\": \"1.2\", \"thickness_mm\": 1.25},"
    " \"identity\": {\"patient_id\": \"7\", \"issuer_of_patient_id\": \"H\"},"
    " \"organs\": [{\"searched_ml\": 1500.5}, {\"searched_ml\": null}, {\"searched_ml\": 499.5}],"
    " \"operating_point\": {\"p\": 0.3},"
    " \"marks\": ["
    "{\"id\": \"M01\", \"shown\": true, \"attachment\": \"vessel\", \"side\": \"left\", \"size\":"
    " {\"fit_mm\": 6.5, \"fit_low_mm\": 6.1, \"fit_high_mm\": 6.9, \"low_mm\": 6.1,"
    " \"high_mm\": null, \"volume_mm3\": 140, \"truncated\": true, \"size_class\": \"above_5mm\"}},"
    "{\"id\": \"M02\", \"shown\": false, \"size\": {\"fit_mm\": null}},"
    "{\"id\": \"M03\", \"shown\": true, \"size\": {}}]}";

static void packet_joins_its_two_files(void **state)
{
    bench *b = *state;
    rs_evaluation *e;
    (void)mkdir(path_of("packet"), 0700);
    (void)put("packet/report.json", report);
    (void)put("packet/candidates.csv", "seriesuid,coordX,coordY,coordZ,probability,rank,mark\n"
                                       "1.2,1,0,0,0.8,1,M01\n1.2,200,0,0,0.4,2,M02\n1.2,300,0,0,0.2,3,\n");
    const call c = {.marks = path_of("packet"), .truth = put("truth.csv", TRUTH_HEAD "1.2,0,0,0,6\n1.2,300,0,0,5\n")};
    assert_int_equal(evaluate(b, &c, &e), RS_OK);
    assert_int_equal(e->froc[0].counts.found, 2);
    assert_int_equal(e->froc[0].counts.false_marks, 1);
    assert_int_equal(e->shown, 1);
    assert_int_equal(e->shown_false, 0);
    assert_near(e->searched_litres, 2, 1e-12);
    assert_near(e->false_a_litre, 0, 0);
    assert_string_equal(e->point_basis, "the packets' own operating point, P >= 0.3000");
    assert_string_equal(e->scans[0].patient, "7^H");
    assert_near(e->scans[0].thickness_mm, 1.25, 0);
    assert_int_equal(e->completeness.with_lesions, 1);
    assert_int_equal(e->completeness.complete, 0);
    assert_int_equal(e->measured[0].n, 1);
    assert_near(e->measured[0].bias_mm, 0.5, 1e-12);
    assert_int_equal(e->measured[0].n_decided, 0); /* truncated: it has no upper end */
    assert_non_null(strstr(note(e, "marks_not_found"), "1 of the 3 marks"));
    rs_evaluation_free(e);
    const char *twice[] = {c.marks, c.marks};
    const rs_evaluate_options o = {
        .marks = twice, .n_marks = 2, .truths = &c.truth, .n_truths = 1, .point = (double)NAN};
    assert_int_equal(rs_evaluate(b->ctx, &o, &e), RS_DATA); /* every mark of the second would be a double */
}

/* More than the 1 MiB that JSON of people may have. */
static void large_report_is_read(void **state)
{
    bench *b = *state;
    rs_evaluation *e;
    size_t blanks = (size_t)3 << 20, n = strlen(report);
    char *text = malloc(blanks + n);
    assert_non_null(text);
    memset(text, ' ', blanks);
    memcpy(text + blanks, report, n);
    (void)mkdir(path_of("packet"), 0700);
    (void)put_bytes("packet/report.json", text, blanks + n);
    (void)put("packet/candidates.csv", "seriesuid,coordX,coordY,coordZ,probability,rank,mark\n");
    free(text);
    const call c = {.marks = path_of("packet"), .truth = put("truth.csv", TRUTH_HEAD "1.2,0,0,0,6\n")};
    assert_int_equal(evaluate(b, &c, &e), RS_OK);
    assert_int_equal(e->n_froc, 2); /* a packet without marks is its scan's own */
    assert_int_equal(e->froc[0].counts.missed, 1);
    rs_evaluation_free(e);
}

static void packet_that_searched_nothing_is_noted(void **state)
{
    bench *b = *state;
    rs_evaluation *e;
    (void)mkdir(path_of("packet"), 0700);
    (void)put("packet/report.json", "{\"source\": {\"series_instance_uid\": null}, \"marks\": []}");
    (void)put("packet/candidates.csv", "seriesuid,coordX,coordY,coordZ,probability,rank,mark\n");
    const call c = {.marks = path_of("packet"), .truth = put("truth.csv", TRUTH_HEAD "1.2,0,0,0,6\n")};
    assert_int_equal(evaluate(b, &c, &e), RS_OK);
    assert_int_equal(e->froc[0].counts.scans_without_marks, 1);
    assert_non_null(strstr(note(e, "packet_without_series"), "left out"));
    rs_evaluation_free(e);
}

static void folder_that_is_no_packet_is_refused(void **state)
{
    bench *b = *state;
    rs_evaluation *e;
    const call c = {.marks = folder, .truth = put("truth.csv", TRUTH_HEAD "1.2,0,0,0,6\n")};
    assert_int_equal(evaluate(b, &c, &e), RS_NO_INPUT);
    assert_non_null(strstr(rs_context_message(b->ctx), "is no packet"));
}

static void columns_of_ours_are_read_from_a_table(void **state)
{
    bench *b = *state;
    rs_evaluation *e;
    const call c = {.marks =
                        put("marks.csv", "seriesuid,coordX,coordY,coordZ,probability,id,fit_mm,fit_low_mm,fit_high_mm,"
                                         "low_mm,high_mm,volume_mm3,size_class,truncated\n"
                                         "s,0,0,0,0.9,M01,6.2,5.8,6.6,5.8,6.6,120,above_5mm,false\n"
                                         "s,50,0,0,0.8,M02,,,,,,,,false\n"),
                    .truth = put("truth.csv", "seriesuid,coordX,coordY,coordZ,diameter_mm,attachment,kind,patient\n"
                                              "s,0,0,0,6,vessel,phantom,P\ns,50,0,0,7,free,phantom,P\n")};
    assert_int_equal(evaluate(b, &c, &e), RS_OK);
    assert_int_equal(e->measured[0].n, 1);
    assert_int_equal(e->measured[0].decided_covered, 1);
    assert_int_equal(e->measured[0].definite, 1);
    assert_int_equal(e->shown, 2);
    assert_string_equal(e->scans[0].kind, "phantom");
    assert_string_equal(e->scans[0].patient, "P");
    rs_evaluation_free(e);
}

static void wrong_calls_are_usage(void **state)
{
    bench *b = *state;
    rs_evaluation *e;
    const char *one = "x.csv";
    rs_evaluate_options o = {.truths = &one, .n_truths = 1, .point = (double)NAN};
    assert_int_equal(rs_evaluate(b->ctx, &o, &e), RS_USAGE);
    o = (rs_evaluate_options){.marks = &one, .n_marks = 1, .point = (double)NAN};
    assert_int_equal(rs_evaluate(b->ctx, &o, &e), RS_USAGE);
    o.truths = &one, o.n_truths = 1, o.cap = -2;
    assert_int_equal(rs_evaluate(b->ctx, &o, &e), RS_USAGE);
    rs_evaluation_free(NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(csv_takes_what_spreadsheets_write),
        TEST(csv_without_heading_gives_its_first_row),
        TEST(csv_refuses_what_is_no_text),
        TEST(csv_unpacks_gzip),
        TEST(scans_are_listed_with_or_without_heading),
        TEST(marks_of_one_fold_are_read_both_ways),
        TEST(sizes_that_cannot_be_are_set_apart),
        TEST(marks_are_refused_with_their_line),
        TEST(no_row_at_all_is_a_detector_that_finds_nothing),
        TEST(list_point_and_least_size_narrow_it),
        TEST(packet_joins_its_two_files),
        TEST(large_report_is_read),
        TEST(packet_that_searched_nothing_is_noted),
        TEST(folder_that_is_no_packet_is_refused),
        TEST(columns_of_ours_are_read_from_a_table),
        TEST(wrong_calls_are_usage),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
