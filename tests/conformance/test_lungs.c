/* Lungs of real scans: states, sides of known marks, volumes of the collections' own masks. Figures stand in INDEX.md
   of the data; without RESTAGE_SHARED everything is skipped. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "organs/organs.h"
#include "restage/read.h"
#include "restage/run.h"

enum { BODY = 0, TRACHEA, LEFT, RIGHT };

typedef struct lung_case {
    const char *folder;
    rs_assessed left, right;
    double least_ml, most_ml; /* of both lungs searched */
    double mark[3];           /* LPS mm of a known mark; all 0: none */
    int mark_region;
} lung_case;

// clang-format off
static const lung_case cases[] = {
    {"clinical/r01-001", RS_ASSESSED, RS_ASSESSED, 3750, 4150, {-95.8, -145.1, -66.6}, RIGHT},
    {"clinical/qin-0014", RS_ASSESSED, RS_ASSESSED, 4200, 4800, {-21, -137, 238}, RIGHT},
    {"clinical/qin-0028", RS_ASSESSED, RS_ASSESSED, 5700, 6300, {0}, 0},
    {"clinical/cmd-normal001", RS_ASSESSED, RS_ASSESSED, 3200, 3700, {0}, 0},
    /* the tip of the right recess is cut by the first slice */
    {"clinical/cmb-crc-01068", RS_ASSESSED, RS_ASSESSED, 4200, 4700, {95.4, -2.1, -109.0}, LEFT},
    /* INDEX.md: the collection's mask has 3,147 ml; 5 % either way */
    {"clinical/lctsc-004", RS_ASSESSED, RS_ASSESSED, 2990, 3304, {0}, 0},
    /* INDEX.md: 2,276.66 + 2,966.32 ml; the tumour on the left is not searched wholly */
    {"clinical/lung1-001", RS_ASSESSED_PARTLY, RS_ASSESSED, 4981, 5505, {0}, 0},
    {"clinical/lungfcp-0001/CT", RS_ASSESSED_PARTLY, RS_ASSESSED_PARTLY, 850, 1050, {-51.0, -147.5, 58.3}, RIGHT},
    {"clinical/lidc-0001", RS_ASSESSED_PARTLY, RS_ASSESSED_PARTLY, 850, 1000, {56.4, 86.4, -115.8}, LEFT},
    {"clinical/lidc-0002", RS_ASSESSED_PARTLY, RS_ASSESSED_PARTLY, 230, 290, {-95.1, 33.9, -89.1}, RIGHT},
    {"clinical/crlm-1004/bases", RS_ASSESSED_PARTLY, RS_ASSESSED_PARTLY, 1150, 1450, {0}, 0},
    {"clinical/crlm-1004/abdomen", RS_NOT_ASSESSED, RS_NOT_ASSESSED, 0, 0, {0}, 0},
    /* cropped around a tumour of the right lung: it is cut in front, and nothing of the left one is shown */
    {"conformance/regions/rtstruct-ibsi-ct", RS_NOT_ASSESSED, RS_ASSESSED_PARTLY, 400, 900, {0}, 0},
    /* cropped around a tumour of the buttock: foam of the table at -880 HU reaches three edges of each slice */
    {"clinical/sts-002/CT", RS_NOT_ASSESSED, RS_NOT_ASSESSED, 0, 0, {0}, 0},
};
// clang-format on

static rs_context *ctx;
static rs_arena *arena;
static rs_params *params;

static int set_up(void **state)
{
    (void)state;
    arena = rs_arena_new();
    if (!arena || rs_context_new(NULL, &ctx) != RS_OK) return -1;
    return rs_params_new(ctx, &rs_organs_at(0)->params, 1, &params) == RS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    rs_params_free(params);
    rs_arena_free(arena);
    rs_context_free(ctx);
    return 0;
}

static rs_study *open_study(const char *folder)
{
    rs_study *study = NULL;
    const char *root = getenv("RESTAGE_SHARED");
    if (!root || !root[0]) skip();
    const char *path = rs_arena_printf(arena, "%s/%s", root, folder);
    if (rs_study_open(ctx, path, NULL, &study) != RS_OK) fail_msg("%s", rs_context_message(ctx));
    return study;
}

/* The series of the study that serves the lungs best. */
static const rs_series *best_series(const rs_study *study)
{
    const rs_series *best = NULL;
    double score = 0;
    for (int i = 0; i < rs_study_n_series(study); i++) {
        rs_suits suits;
        const rs_series *s = rs_study_series(study, i);
        if (strcmp(s->modality, "CT") != 0) continue;
        if (s->verdict != RS_VERDICT_GOOD && s->verdict != RS_VERDICT_MENDED) continue;
        assert_int_equal(rs_organs_at(0)->suits(ctx, s, arena, &suits), RS_OK);
        if (suits.score > score) score = suits.score, best = s;
    }
    return best;
}

static void check_mark(const lung_case *c, const rs_volume *volume, const rs_regions *regions)
{
    rs_place place;
    if (c->mark_region == 0) return;
    assert_int_equal(rs_organs_at(0)->place(ctx, volume, regions, c->mark, arena, &place), RS_OK);
    assert_int_equal(place.region, c->mark_region);
    assert_int_equal(regions->region[place.region].side, c->mark_region == LEFT ? RS_SIDE_LEFT : RS_SIDE_RIGHT);
}

static void check_case(const lung_case *c)
{
    rs_volume volume;
    rs_regions regions;
    rs_study *study = open_study(c->folder);
    const rs_series *series = best_series(study);
    assert_non_null(series);
    assert_int_equal(rs_read_volume(ctx, series, arena, &volume, NULL), RS_OK);
    assert_int_equal(rs_organs_at(0)->segment(ctx, &volume, params, arena, &regions), RS_OK);
    const rs_region *left = &regions.region[LEFT], *right = &regions.region[RIGHT];
    print_message("%s: left %s %.0f ml, right %s %.0f ml\n", c->folder, rs_assessed_name(left->state),
                  left->searched_ml, rs_assessed_name(right->state), right->searched_ml);
    assert_int_equal(left->state, c->left);
    assert_int_equal(right->state, c->right);
    assert_int_equal(left->side, RS_SIDE_LEFT);
    assert_int_equal(right->side, RS_SIDE_RIGHT);
    assert_true(left->searched_ml + right->searched_ml >= c->least_ml);
    assert_true(left->searched_ml + right->searched_ml <= c->most_ml);
    assert_true((left->state == RS_ASSESSED) == (left->reason == NULL));
    check_mark(c, &volume, &regions);
    if (c->right == RS_NOT_ASSESSED) assert_string_equal(left->reason, "no lung in the images");
    rs_regions_free(ctx, &regions);
    rs_volume_free(ctx, &volume);
    rs_study_close(study);
}

static void test_real_scans(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_case(&cases[i]);
}

static void test_mr_is_named(void **state)
{
    (void)state;
    rs_study *study = open_study("clinical/prostatex-0000");
    assert_null(best_series(study));
    for (int i = 0; i < rs_study_n_series(study); i++) {
        const rs_service *services = NULL;
        int n = 0;
        assert_int_equal(rs_run_services(ctx, rs_study_series(study, i), arena, &services, &n), RS_OK);
        assert_true(n > 0 && !services[0].suits);
        bool adc = rs_study_series(study, i)->columns < 200;
        assert_non_null(strstr(services[0].reason, adc ? "ADC map" : "T2-weighted"));
    }
    rs_study_close(study);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_real_scans),
        cmocka_unit_test(test_mr_is_named),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
