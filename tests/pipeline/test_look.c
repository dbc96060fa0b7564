/* What --dump and --stop-after plan, which case a place of --at belongs to, and how a dump prints, on hand-made lines.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dump.h"
#include "restage/context.h"
#include "stations.h"
#include <math.h>

enum { SERIES, READ, ORGANS, QUALITY, DETECT, MEASURE, REPORT, PACKET, N };

typedef struct scene {
    rs_context *ctx;
    rs_arena *arena;
    rs_run_options options;
    rs_line line;
    rs_volume volume[2];
    rs_case cases[3];
} scene;

static int setup(void **state)
{
    scene *s = calloc(1, sizeof *s);
    if (rs_context_new(&(rs_context_options){.threads = 1}, &s->ctx) || !(s->arena = rs_arena_new())) return -1;
    s->line = (rs_line){.out = "a/b.out//", .options = &s->options, .arena = s->arena};
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    scene *s = *state;
    rs_arena_free(s->arena);
    rs_context_free(s->ctx);
    free(s);
    return 0;
}

static void plan(scene *s, const char *dump, const char *stop_after)
{
    memset(s->line.dumps, 0, sizeof s->line.dumps);
    s->line.dump_out = NULL;
    s->options.dump = dump;
    s->options.stop_after = stop_after;
    assert_int_equal(rs_line_plan(s->ctx, &s->line), RS_OK);
}

static int n_dumps(const scene *s)
{
    int n = 0;
    for (int i = 0; i < N; i++)
        n += s->line.dumps[i];
    return n;
}

static void plans_nothing_unasked(void **state)
{
    scene *s = *state;
    plan(s, NULL, NULL);
    assert_int_equal(s->line.last, PACKET);
    assert_true(s->line.writes_packet);
    assert_int_equal(n_dumps(s), 0);
    assert_null(s->line.dump_out);
    assert_false(s->line.every_feature);
}

static void plans_dumps(void **state)
{
    scene *s = *state;
    plan(s, "organs,read", NULL);
    assert_int_equal(n_dumps(s), 2);
    assert_true(s->line.dumps[READ] && s->line.dumps[ORGANS]);
    assert_string_equal(s->line.dump_out, "a/b.out.dump");
    assert_false(s->line.every_feature);
    plan(s, "all", NULL);
    assert_int_equal(n_dumps(s), 7); /* the packet is no dump */
    assert_true(s->line.every_feature);
    plan(s, "all", "quality");
    assert_int_equal(n_dumps(s), 4);
    assert_false(s->line.every_feature);
}

/* "." and ".." have no place beside them for a dump; without one they are the packet's matter. */
static void refuses_a_dump_without_a_name(void **state)
{
    scene *s = *state;
    static const char *const outs[] = {".", "..", "./", "a/..", "a/.//", "/"};
    for (size_t i = 0; i < sizeof outs / sizeof outs[0]; i++) {
        s->line.out = outs[i];
        s->options.stop_after = "series";
        assert_int_equal(rs_line_plan(s->ctx, &s->line), RS_CANT_CREATE);
        plan(s, NULL, NULL);
    }
    s->line.out = "a/..b";
    plan(s, NULL, "series");
    assert_string_equal(s->line.dump_out, "a/..b.dump");
}

static void plans_stops(void **state)
{
    scene *s = *state;
    plan(s, NULL, "detect");
    assert_int_equal(s->line.last, DETECT);
    assert_false(s->line.writes_packet);
    assert_int_equal(n_dumps(s), 1);
    assert_true(s->line.dumps[DETECT] && s->line.every_feature);
    plan(s, "series", "detect");
    assert_int_equal(n_dumps(s), 1);
    assert_true(s->line.dumps[SERIES]);
    plan(s, NULL, "packet");
    assert_true(s->line.writes_packet);
    assert_null(s->line.dump_out);
}

static void refuses_stations(void **state)
{
    scene *s = *state;
    static const char *const wrong[][2] = {{"organ", NULL}, {"", NULL},       {"read,", NULL},
                                           {",read", NULL}, {"packet", NULL}, {"read,all", NULL},
                                           {NULL, ""},      {NULL, "all"},    {"measure", "organs"}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        s->options.dump = wrong[i][0];
        s->options.stop_after = wrong[i][1];
        assert_int_equal(rs_line_plan(s->ctx, &s->line), RS_USAGE);
    }
    s->options.dump = "Organs";
    s->options.stop_after = NULL;
    assert_int_equal(rs_line_plan(s->ctx, &s->line), RS_USAGE);
    assert_non_null(
        strstr(rs_context_message(s->ctx), "series, read, organs, quality, detect, measure, report, packet"));
}

/* Two volumes: one of 10 x 10 x 10 mm from the origin, one of 40 mm around it; a case before them has none. */
static void two_volumes(scene *s)
{
    for (int v = 0; v < 2; v++) {
        rs_geometry *g = &s->volume[v].geometry;
        *g = (rs_geometry){.n = {10, 10, 5}, .axis = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
        for (int a = 0; a < 3; a++) {
            double extent_mm = v == 0 ? 10 : 40;
            g->spacing_mm[a] = extent_mm / g->n[a];
            g->origin_lps_mm[a] = (v == 0 ? 0 : -15) + 0.5 * g->spacing_mm[a];
        }
        s->cases[v + 1].volume = &s->volume[v];
    }
    s->cases[0].pick.reason = "no CT";
    s->line.cases = s->cases;
    s->line.n_cases = 3;
}

static void gives_places_to_the_first_that_holds_them(void **state)
{
    scene *s = *state;
    static const double places[][3] = {{5, 5, 5}, {-14.99, 0, 0}, {0.01, 9.99, 9.99}, {24.9, 24.9, 24.9}};
    two_volumes(s);
    s->options.at_lps_mm = places;
    s->options.n_at = 4;
    assert_int_equal(rs_points_assign(s->ctx, &s->line), RS_OK);
    assert_int_equal(s->cases[0].n_at, 0);
    assert_int_equal(s->cases[1].n_at, 2);
    assert_int_equal(s->cases[2].n_at, 2);
    assert_true(s->cases[1].at_lps_mm[1][1] == 9.99); /* in the order in which they were given */
    assert_true(s->cases[2].at_lps_mm[0][0] == -14.99);
    assert_true(rs_case_has_work(&s->cases[1]));
    assert_false(rs_case_has_work(&s->cases[0]));
}

static void refuses_places_outside(void **state)
{
    scene *s = *state;
    const double places[3][3] = {{5, 5, 5}, {25.1, 0, 0}, {NAN, 0, 0}};
    two_volumes(s);
    s->options.n_at = 1;
    for (int p = 1; p < 3; p++) {
        s->options.at_lps_mm = &places[p];
        assert_int_equal(rs_points_assign(s->ctx, &s->line), RS_USAGE);
    }
    s->options.at_lps_mm = &places[1];
    assert_int_equal(rs_points_assign(s->ctx, &s->line), RS_USAGE);
    assert_non_null(strstr(rs_context_message(s->ctx), "25.1,0.0,0.0"));
    assert_non_null(strstr(rs_context_message(s->ctx), "x 0.0 to 10.0, y 0.0 to 10.0, z 0.0 to 10.0"));
    s->line.n_cases = 1; /* no volume at all: the reason of the choice */
    assert_int_equal(rs_points_assign(s->ctx, &s->line), RS_USAGE);
    assert_non_null(strstr(rs_context_message(s->ctx), "no CT"));
}

static void prints_cells(void **state)
{
    (void)state;
    rs_buffer buffer = {0};
    rs_csv_row row = {.to = &buffer};
    rs_csv_text(&row, "plain");
    rs_csv_text(&row, NULL);
    rs_csv_text(&row, "a \"b\", c");
    rs_dump_number(&row, -0.1);
    rs_dump_number(&row, 3);
    rs_dump_number(&row, NAN);
    rs_csv_whole(&row, -7);
    rs_csv_end(&row);
    rs_dump_number(&row, 1e-20);
    rs_csv_text(&row, "=cmd|' /C calc'!A0"); /* no formula for a spreadsheet */
    assert_string_equal(buffer.data, "plain,,\"a \"\"b\"\", c\",-0.1,3.0,,-7\n1e-20,\"'=cmd|' /C calc'!A0\"");
    rs_buffer_free(&buffer);
    char name[64];
    rs_dump_name(name, "03-organs", 0, ".nii");
    assert_string_equal(name, "03-organs.nii");
    rs_dump_name(name, "03-organs", 1, ".nii");
    assert_string_equal(name, "03-organs-2.nii");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(plans_nothing_unasked, setup, teardown),
        cmocka_unit_test_setup_teardown(plans_dumps, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_a_dump_without_a_name, setup, teardown),
        cmocka_unit_test_setup_teardown(plans_stops, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_stations, setup, teardown),
        cmocka_unit_test_setup_teardown(gives_places_to_the_first_that_holds_them, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_places_outside, setup, teardown),
        cmocka_unit_test(prints_cells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
