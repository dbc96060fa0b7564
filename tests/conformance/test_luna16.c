/* The rules of LUNA16 against its own script: a published submission with the lists that LUNA16 ships, the figures of
   noduleCADEvaluationLUNA16.py (data/conformance/INDEX.md, section 7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "restage/evaluate.h"
#include "restage/json.h"
#include <math.h>
#include <time.h>

static char paths[4][4096];

/* cmocka compares floats. */
static void assert_near(double got, double expected, double within)
{
    assert_true(fabs(got - expected) <= within);
}

static bool find_files(void)
{
    static const char *const names[] = {"submission", "annotations", "annotations_excluded", "seriesuids"};
    const char *shared = getenv("RESTAGE_SHARED");
    for (int n = 0; shared != NULL && n < 4; n++) {
        (void)snprintf(paths[n], sizeof paths[n], "%s/conformance/luna16-eval/input/%s.csv.gz", shared, names[n]);
        FILE *file = fopen(paths[n], "rb");
        if (file == NULL) return false;
        (void)fclose(file);
    }
    return shared != NULL;
}

static rs_evaluation *evaluate(rs_context *ctx)
{
    const char *marks[] = {paths[0]}, *truths[] = {paths[1]}, *irrelevant[] = {paths[2]};
    const rs_evaluate_options options = {.marks = marks,
                                         .n_marks = 1,
                                         .truths = truths,
                                         .n_truths = 1,
                                         .irrelevant = irrelevant,
                                         .n_irrelevant = 1,
                                         .scans = paths[3],
                                         .point = (double)NAN};
    rs_evaluation *out = NULL;
    assert_int_equal(rs_evaluate(ctx, &options, &out), RS_OK);
    return out;
}

static void scores_as_the_script_of_luna16(void **state)
{
    (void)state;
    static const double expected[RS_FROC_AT] = {0.692242833, 0.768971332, 0.823777403, 0.865092749,
                                                0.892917369, 0.917369309, 0.933389545};
    rs_context *ctx = NULL;
    if (!find_files()) skip();
    assert_int_equal(rs_context_new(&(rs_context_options){.threads = 2}, &ctx), RS_OK);
    clock_t before = clock();
    rs_evaluation *e = evaluate(ctx);
    double cpu_s = (double)(clock() - before) / CLOCKS_PER_SEC; /* of all threads: at least the time it takes */
    const rs_froc *luna = &e->froc[0];
    assert_string_equal(luna->rule, "luna16");
    assert_string_equal(luna->scans, "all");
    for (int i = 0; i < RS_FROC_AT; i++) {
        assert_near(luna->sensitivity_at[i], expected[i], 1e-6);
        assert_true(luna->low_at[i] < expected[i] && expected[i] < luna->high_at[i]);
    }
    assert_near(luna->cpm, 0.841965791, 1e-9);
    assert_int_equal(luna->counts.scans, 888);
    assert_int_equal(luna->counts.found, 1136);
    assert_int_equal(luna->counts.false_marks, 46078);
    assert_int_equal(luna->counts.missed, 50);
    assert_int_equal(luna->counts.ignored, 5308);
    assert_int_equal(luna->counts.doubles, 186);
    assert_int_equal(luna->counts.marks, 52708);
    assert_near(luna->greatest_sensitivity, 0.957841484, 1e-9);
    assert_near(luna->greatest_false_marks, 51.889640, 1e-6);
    assert_true(cpu_s < 5);
    rs_evaluation_free(e);
    rs_context_free(ctx);
}

static void any_number_of_threads_gives_the_same_bytes(void **state)
{
    (void)state;
    char *first = NULL;
    size_t n_first = 0;
    if (!find_files()) skip();
    for (int threads = 1; threads <= 7; threads += 3) {
        rs_context *ctx = NULL;
        char *text = NULL;
        size_t bytes = 0;
        assert_int_equal(rs_context_new(&(rs_context_options){.threads = threads}, &ctx), RS_OK);
        rs_evaluation *e = evaluate(ctx);
        assert_int_equal(rs_evaluation_json(ctx, e, &text, &bytes), RS_OK);
        rs_evaluation_free(e);
        rs_context_free(ctx);
        if (first == NULL) {
            first = malloc(bytes);
            assert_non_null(first);
            memcpy(first, text, bytes);
            n_first = bytes;
        }
        assert_int_equal(bytes, n_first);
        assert_memory_equal(text, first, bytes);
        rs_json_text_free(text);
    }
    free(first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_as_the_script_of_luna16),
        cmocka_unit_test(any_number_of_threads_gives_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
