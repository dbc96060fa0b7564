/* The ranker: what a file may say, what is refused, and what the cascade makes of networks whose logits are known. */
#include <stdio.h>
#include <unistd.h>

#include "clutter.h"
#include "restage/files.h"

/* ---- files ---- */

typedef struct file_test {
    rs_context *ctx;
    rs_arena *arena;
    char path[64];
} file_test;

static int open_test(void **state)
{
    static file_test t;
    if (rs_context_new(NULL, &t.ctx) != RS_OK) return 1;
    t.arena = rs_arena_new();
    snprintf(t.path, sizeof t.path, "/tmp/restage-ranker-%d.json", (int)getpid());
    *state = &t;
    return t.arena ? 0 : 1;
}

static int close_test(void **state)
{
    file_test *t = *state;
    unlink(t->path);
    rs_arena_free(t->arena);
    rs_context_free(t->ctx);
    return 0;
}

/* One channel that is the sample at the centre, one hidden unit: 71 weights. The hidden unit is wa . [mean, max, s0,
   s1]
   + ba, the logit wc times that + bc. */
typedef struct tiny {
    double wa[4], ba, wc, bc;
} tiny;

static void add_weights(rs_buffer *b, const tiny *t)
{
    rs_buffer_text(b, "[1");
    for (int n = 1; n < 17; n++)
        rs_buffer_text(b, ", 0");
    for (int n = 0; n < 4; n++)
        rs_buffer_printf(b, ", %.9g", t->wa[n]);
    rs_buffer_printf(b, ", %.9g, 1", t->ba);
    for (int n = 1; n < 32; n++)
        rs_buffer_text(b, ", 0");
    rs_buffer_printf(b, ", %.9g", t->wc);
    for (int n = 1; n < 16; n++)
        rs_buffer_text(b, ", 0");
    rs_buffer_printf(b, ", %.9g]", t->bc);
}

static void add_network(rs_buffer *b, int rays, const tiny *t)
{
    rs_buffer_printf(b,
                     "{\"rays\": %d, \"channels\": 1, \"deep\": 0, \"degrees\": 0, \"hidden\": 1, \"weights\": ", rays);
    add_weights(b, t);
    rs_buffer_text(b, "}");
}

static const tiny by_mean = {
    {1, 0, 0, 0}, 0, 2, -3}; /* 2 (HU + 850) / 300 - 3, HU the mean of all rays at the centre */
static const tiny by_size = {{0, 0, 1, 0}, 3, -1, 4}; /* 4 - (ln R - 0.5 + 3) */

static const char head[] = "{\"schema\": \"restage-ranker-1\", \"name\": \"t-1\", \"provenance\": \"of a test\", ";
static const char map[] =
    ", \"calibration\": {\"score\": [-2, 0, 1.5], \"p\": [0, 0.5, 0.75], \"basis\": \"ten scans\"}";
static const char points[] =
    ", \"points\": [{\"name\": \"low\", \"p\": 0.7, \"false_marks_per_litre\": 0.25, \"false_marks_per_scan\": 1, "
    "\"basis\": \"ten scans\"}, {\"name\": \"default\", \"p\": 0.6, \"basis\": \"ten scans\"}, "
    "{\"name\": \"high\", \"p\": 0.1, \"basis\": \"ten scans\"}]";

static char *good_file(const char *more)
{
    rs_buffer b = {0};
    rs_buffer_text(&b, head);
    rs_buffer_text(&b, "\"networks\": [");
    add_network(&b, 42, &by_mean);
    rs_buffer_text(&b, ", ");
    add_network(&b, 162, &by_size);
    rs_buffer_text(&b, "], \"keep\": 2");
    rs_buffer_text(&b, more);
    rs_buffer_text(&b, "}");
    assert_false(b.failed);
    return b.data;
}

static rs_status read_text(file_test *t, const char *text, rs_ranker *out)
{
    FILE *f = fopen(t->path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
    return rs_ranker_from_file(t->ctx, t->path, t->arena, out);
}

static void read_good(file_test *t, const char *more, rs_ranker *out)
{
    char *text = good_file(more);
    assert_int_equal(read_text(t, text, out), RS_OK);
    rs_buffer b = {.data = text};
    rs_buffer_free(&b);
}

static void test_good_file(void **state)
{
    file_test *t = *state;
    rs_ranker r;
    char more[2000];
    snprintf(more, sizeof more, "%s%s", map, points);
    read_good(t, more, &r);
    assert_string_equal(r.name, "t-1");
    assert_string_equal(r.provenance, "of a test");
    assert_int_equal(strlen(r.sha256), 64);
    assert_true(r.given);
    assert_int_equal(r.n_networks, 2);
    assert_int_equal(r.keep, 2);
    assert_int_equal(r.shape[1].rays, 162);
    assert_true(r.weights[1][0] == 1 && r.weights[1][70] == 4);
    assert_int_equal(r.calibration.n, 3);
    assert_string_equal(r.calibration.basis, "ten scans");
    assert_int_equal(r.n_points, 3);
    assert_string_equal(r.points[2].name, "high");
    assert_true(r.points[0].false_marks_per_litre == 0.25 && isnan(r.points[1].false_marks_per_litre) &&
                isnan(r.points[2].false_marks_per_litre));
    read_good(t, "", &r);
    assert_int_equal(r.calibration.n + r.n_points, 0);
}

/* The good file with one place changed; what the refusal says. */
typedef struct lie {
    const char *from, *to, *says;
} lie;

static const lie lies[] = {
    {"{\"schema\"", "[\"schema\"", "line 1"},
    {"ranker-1", "ranker-2", "schema"},
    {"\"name\": \"t-1\"", "\"name\": 7", "no name"},
    {"\"name\": \"t-1\"", "\"name\": \"\"", "no name"},
    {"\"name\": \"t-1\"", "\"name\": \"a\\nb\"", "no name"},
    {"\"provenance\"", "\"origin\"", "does not know"},
    {", \"provenance\": \"of a test\"", "", "no provenance"},
    {"\"networks\": [{", "\"networks\": [7, {", "no list networks"},
    {"\"networks\": [{", "\"networks\": [7], \"more\": [{", "does not know"},
    {"\"rays\": 42", "\"rays\": 163", "rays 163: 12 to 162"},
    {"\"rays\": 42", "\"rays\": 11", "rays 11"},
    {"\"rays\": 42", "\"rays\": 42.5", "whole number rays"},
    {"\"channels\": 1", "\"channels\": 0", "channels 0: 1 to 64"},
    {"\"channels\": 1", "\"channels\": 2", "71 numbers in weights, its sizes ask for 90"},
    {"\"deep\": 0", "\"deep\": 5", "deep 5"},
    {"\"degrees\": 0", "\"degrees\": -1", "degrees -1"},
    {"\"hidden\": 1", "\"hidden\": 100000", "hidden 100000"},
    {"\"hidden\": 1, ", "", "whole number hidden"},
    {"[1, 0", "[1, NaN", "line 1"},
    {"[1, 0", "[1, 1e300", "number 2 of weights"},
    {"[1, 0", "[1, \"0\"", "number 2 of weights in the ranker file is none"},
    {"[1, 0", "[0", "70 numbers in weights, its sizes ask for 71"},
    {"\"weights\": [1", "\"weights\": {\"a\": 1}, \"others\": [1", "no list weights"},
    {"\"keep\": 2", "\"keep\": 0", "keep"},
    {"\"keep\": 2", "\"keep\": 1.5", "keep"},
    {"[-2, 0, 1.5]", "[-2, 0, 0]", "does not rise at number 3"},
    {"[-2, 0, 1.5]", "[-2]", "1 numbers in calibration.score"},
    {"[-2, 0, 1.5]", "[-2, 0]", "3 numbers in calibration.p"},
    {"[0, 0.5, 0.75]", "[0, 0.5, 0.4]", "falls at number 3"},
    {"[0, 0.5, 0.75]", "[0, 0.5, 1.5]", "outside 0 to 1"},
    {"\"name\": \"low\", \"p\": 0.7", "\"name\": \"low\", \"p\": 0.5", "rises from low to default"},
    {"\"name\": \"high\"", "\"name\": \"default\"", "not named high"},
    {"\"p\": 0.1", "\"p\": 0", "no p above 0"},
    {"{\"name\": \"default\", \"p\": 0.6, \"basis\": \"ten scans\"}, ", "", "list of three"},
    {"\"false_marks_per_scan\": 1", "\"false_marks_per_scan\": -1", "false_marks_per_scan"},
    {"\"false_marks_per_scan\": 1", "\"false_marks_per_scan\": null", "false_marks_per_scan"},
};

static void test_lies_are_refused(void **state)
{
    file_test *t = *state;
    char more[2000];
    snprintf(more, sizeof more, "%s%s", map, points);
    char *good = good_file(more);
    for (size_t n = 0; n < sizeof lies / sizeof lies[0]; n++) {
        rs_ranker r = {.name = "untouched"};
        char changed[16000];
        const char *at = strstr(good, lies[n].from);
        assert_non_null(at);
        snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - good), good, lies[n].to, at + strlen(lies[n].from));
        assert_int_equal(read_text(t, changed, &r), RS_DATA);
        if (!strstr(rs_context_message(t->ctx), lies[n].says))
            fail_msg("no \"%s\" in: %s", lies[n].says, rs_context_message(t->ctx));
        assert_string_equal(r.name, "untouched");
    }
    rs_buffer b = {.data = good};
    rs_buffer_free(&b);
    rs_ranker r;
    assert_int_equal(rs_ranker_from_file(t->ctx, "/tmp/restage-no-such-ranker.json", t->arena, &r), RS_NO_INPUT);
}

/* ---- the cascade ---- */

static void assert_near(double value, double wanted, double within)
{
    if (!(fabs(value - wanted) <= within)) fail_msg("%.9g, not %.9g", value, wanted);
}

static void check_logits(const rs_candidates *all)
{
    for (int n = 0; n < all->n; n++) {
        const rs_candidate *c = &all->items[n];
        double hu = (double)c->feature[RS_FEATURE_peak_hu], x = (fmin(fmax(hu, -1000), 200) + 850) / 300;
        double first = 2 * fmax(x, 0) - 3, second = 4 - (log(c->radius_mm) - 0.5 + 3);
        assert_near((double)c->feature[RS_FEATURE_ray_logit], first, 2e-3);
        if (n < 2) {
            assert_near((double)c->feature[RS_FEATURE_deep_logit], second, 1e-5);
            assert_near(c->score, (double)c->feature[RS_FEATURE_ray_logit] + second, 1e-5);
        } else {
            assert_true(isnan(c->feature[RS_FEATURE_deep_logit]));
            assert_true(c->score < all->items[1].score);
        }
        if (n > 2) assert_true(c->feature[RS_FEATURE_ray_logit] <= c[-1].feature[RS_FEATURE_ray_logit]);
    }
}

static void test_cascade(void **state)
{
    file_test *t = *state;
    rs_ranker r;
    scene s;
    rs_marks marks;
    read_good(t, "", &r);
    clutter_open(&s, 2, NULL, 1);
    rs_detect_wish wish = scene_wish_of(&s);
    wish.ranker = &r;
    rs_params *all_stay = scene_params(s.ctx, "detect_part_share", 0); /* as they come from the cascade */
    wish.params = all_stay;
    rs_candidates all = scene_detect_as(&s, &wish, &marks);
    assert_true(all.n > 4);
    check_logits(&all);
    for (int n = 0; n < all.n; n++)
        assert_near(all.items[n].p, 1 / (1 + exp(-all.items[n].score)), 1e-6);

    r.calibration = (rs_calibration){(double[]){-4, 4}, (double[]){0.2, 0.8}, 2, "two"};
    all = scene_detect_as(&s, &wish, &marks);
    for (int n = 0; n < all.n; n++)
        assert_near(all.items[n].p, 0.2 + 0.6 * fmin(fmax((all.items[n].score + 4) / 8, 0), 1), 1e-9);

    rs_params_free(all_stay);

    rs_params *params = scene_params(s.ctx, "detect_networks", 1);
    wish.params = params;
    all = scene_detect_as(&s, &wish, &marks); /* not what P was calibrated for */
    for (int n = 0; n < all.n; n++) {
        assert_true(isnan(all.items[n].feature[RS_FEATURE_deep_logit]));
        assert_true(all.items[n].score == (double)all.items[n].feature[RS_FEATURE_ray_logit]);
        assert_near(all.items[n].p, 1 / (1 + exp(-all.items[n].score)), 1e-6);
    }
    rs_params_free(params);

    params = scene_params(s.ctx, "detect_networks", 0);
    wish.params = params;
    all = scene_detect_as(&s, &wish, &marks);
    wish.ranker = &(rs_ranker){.n_networks = 0};
    rs_candidates plain = scene_detect_as(&s, &wish, &marks);
    assert_int_equal(all.n, plain.n);
    for (int n = 0; n < all.n; n++) {
        assert_true(isnan(all.items[n].feature[RS_FEATURE_ray_logit]));
        assert_true(all.items[n].score == plain.items[n].score && all.items[n].p == plain.items[n].p);
    }
    rs_params_free(params);
    scene_close(&s);
}

static void test_threads_give_the_same_bits(void **state)
{
    file_test *t = *state;
    static const int threads[] = {1, 2, 7};
    rs_ranker r;
    rs_candidates first = {0};
    scene s[3];
    rs_marks marks;
    read_good(t, "", &r);
    for (int n = 0; n < 3; n++) {
        clutter_open(&s[n], threads[n], NULL, 1);
        rs_detect_wish wish = scene_wish_of(&s[n]);
        wish.ranker = &r;
        rs_candidates all = scene_detect_as(&s[n], &wish, &marks);
        if (n == 0) first = all;
        assert_int_equal(all.n, first.n);
        for (int c = 0; c < all.n; c++) {
            assert_true(all.items[c].score == first.items[c].score);
            assert_memory_equal(all.items[c].feature, first.items[c].feature, sizeof all.items[c].feature);
        }
    }
    for (int n = 0; n < 3; n++)
        scene_close(&s[n]);
}

static void test_points_of_the_ranker(void **state)
{
    file_test *t = *state;
    rs_ranker r;
    static const rs_operating_point own = {.name = "default", .p = 0.3};
    const rs_detect_profile profile = {.points = &own, .n_points = 1};
    rs_params *params = scene_params(t->ctx, "detect_networks", 1);
    read_good(t, points, &r);
    assert_true(rs_detect_point(&profile, &r, NULL, "default")->p == 0.6);
    assert_true(rs_detect_point(&profile, &r, NULL, "low")->p == 0.7);
    assert_true(rs_detect_point(&profile, &r, params, "default") == &own); /* they hold for all networks together */
    r.n_points = 0;
    assert_true(rs_detect_point(&profile, &r, NULL, "default") == &own);
    assert_null(rs_detect_point(&profile, &r, NULL, "low"));
    rs_params_free(params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_good_file, open_test, close_test),
        cmocka_unit_test_setup_teardown(test_lies_are_refused, open_test, close_test),
        cmocka_unit_test_setup_teardown(test_cascade, open_test, close_test),
        cmocka_unit_test_setup_teardown(test_threads_give_the_same_bits, open_test, close_test),
        cmocka_unit_test_setup_teardown(test_points_of_the_ranker, open_test, close_test),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
