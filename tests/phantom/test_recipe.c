/* Recipes: what they set, what holds without a word, and what is refused with which sentence. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mode.h"
#include "recipe.h"

#define HEAD "{\"schema\":\"restage-recipe-1\",\"name\":\"x\""

static rs_status parse(rs_context *ctx, const char *text, rs_phantom_recipe *out)
{
    rs_arena *arena = rs_arena_new();
    rs_status status = rs_phantom_recipe_parse(ctx, arena, text, strlen(text), out);
    rs_arena_free(arena);
    return status;
}

static void without_a_recipe_every_mode_is_off(void **state)
{
    rs_phantom_recipe r;
    rs_arena *arena = rs_arena_new();
    assert_int_equal(rs_phantom_recipe_read(*state, arena, NULL, &r), RS_OK);
    assert_null(r.name);
    assert_string_equal(r.digest, "");
    for (int id = 0; id < RS_PHANTOM_MODES; id++)
        assert_false(r.mode[id].on);
    assert_int_equal(rs_phantom_recipe_read(*state, arena, "/nonesuch", &r), RS_NO_INPUT);
    assert_non_null(strstr(rs_context_message(*state), "--recipe /nonesuch: "));
    rs_arena_free(arena);
}

static void what_it_says_is_set_and_the_rest_is_the_table(void **state)
{
    rs_phantom_recipe r;
    const rs_phantom_mode *walls = rs_phantom_mode_at(RS_PHANTOM_MODE_wall_lesions);
    assert_int_equal(parse(*state,
                           HEAD ",\"lesions\":{\"empty_share\":0.25,\"mean\":7,\"smallest_mm\":1.5},"
                                "\"scan\":{\"thickness_mm\":[1,2.5],\"spacing_share\":0.5},"
                                "\"follow_up\":{\"growth\":[2,2],\"other_scanner\":false},"
                                "\"modes\":{\"scars\":false,\"crowding\":true,"
                                "\"wall_lesions\":{\"share\":0.5,\"blend_mm\":1,\"cut_radii\":[0.4,0.5]}}}",
                           &r),
                     RS_OK);
    assert_true(r.empty_share == 0.25 && r.mean_lesions == 7.0 && r.smallest_mm == 1.5 && r.largest_mm == 30.0);
    assert_true(r.thickness_mm.low == 1.0 && r.thickness_mm.high == 2.5 && r.spacing_share.low == 0.5 &&
                r.spacing_share.high == 0.5);
    assert_true(r.has_follow_up && r.follow_up.growth.low == 2.0 && !r.follow_up.other_scanner);
    assert_false(r.mode[RS_PHANTOM_MODE_scars].on);
    assert_false(r.mode[RS_PHANTOM_MODE_texture].on);
    assert_true(r.mode[RS_PHANTOM_MODE_crowding].on);
    assert_true(r.mode[RS_PHANTOM_MODE_crowding].share == rs_phantom_mode_at(RS_PHANTOM_MODE_crowding)->share);
    const rs_phantom_setting *s = &r.mode[RS_PHANTOM_MODE_wall_lesions];
    assert_true(s->on && s->share == 0.5);
    for (int k = 0; k < walls->n_knobs; k++) {
        if (strcmp(walls->knobs[k].name, "blend_mm") == 0) {
            assert_true(s->knob[k].low == 1.0 && s->knob[k].high == 1.0);
        } else if (strcmp(walls->knobs[k].name, "cut_radii") == 0) {
            assert_true(s->knob[k].low == 0.4 && s->knob[k].high == 0.5);
        } else {
            assert_memory_equal(&s->knob[k], &walls->knobs[k].range, sizeof s->knob[k]);
        }
    }
}

/* SHA-256 of its bytes: another blank is another recipe. */
static void the_digest_is_of_its_bytes(void **state)
{
    rs_phantom_recipe a, b;
    assert_int_equal(parse(*state, HEAD ",\"modes\":{},\"lesions\":{ }}", &a), RS_OK);
    assert_false(a.has_follow_up);
    assert_int_equal(parse(*state, HEAD "}", &a), RS_OK);
    assert_int_equal(parse(*state, HEAD "} ", &b), RS_OK);
    assert_int_equal(strlen(a.digest), 64);
    assert_string_not_equal(a.digest, b.digest);
}

static void what_is_wrong_is_refused(void **state)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {HEAD ",}", "line 1, column"},
        {HEAD ",\n\"modes\":{\"scars\":true,\"scars\":true}}", "line 2"},
        {"", "line 1"},
        {"[]", "restage-recipe-1"},
        {"{\"schema\":\"restage-recipe-2\",\"name\":\"x\"}", "restage-recipe-1"},
        {"{\"schema\":\"restage-recipe-1\"}", "name"},
        {HEAD ",\"lesion\":{}}", "lesion is not known: did you mean 'lesions'"},
        {HEAD ",\"modes\":{\"scar\":true}}", "modes.scar is not known: did you mean 'scars'"},
        {HEAD ",\"modes\":{\"scars\":{\"shear\":0.5}}}", "modes.scars.shear is not known: did you mean 'share'"},
        {HEAD ",\"modes\":{\"scars\":{\"share\":1.5}}}", "modes.scars.share must lie between 0 and 1"},
        {HEAD ",\"modes\":{\"scars\":{\"share\":[0,1]}}}", "modes.scars.share must be a number"},
        {HEAD ",\"modes\":{\"scars\":1}}", "modes.scars must be true, false or an object"},
        {HEAD ",\"modes\":{\"scars\":null}}", "modes.scars must be true, false or an object"},
        {HEAD ",\"modes\":{\"scars\":[1,2]}}", "modes.scars must be an object"},
        {HEAD ",\"modes\":[]}", "modes must be an object"},
        {HEAD ",\"modes\":null}", "modes must be an object"},
        {HEAD ",\"lesions\":null}", "lesions must be an object"},
        {HEAD ",\"follow_up\":null}", "follow_up must be an object"},
        {HEAD ",\"follow_up\":{\"new\":[0,1.5]}}", "follow_up.new must be whole numbers"},
        {HEAD ",\"modes\":true}", "modes must be an object"},
        {HEAD ",\"modes\":{\"crowding\":{\"lesions\":[8,3]}}}", "the lower end first"},
        {HEAD ",\"modes\":{\"crowding\":{\"lesions\":[1,2,3]}}}", "must be a number or [low, high] from 2 to 20"},
        {HEAD ",\"modes\":{\"crowding\":{\"lesions\":\"3\"}}}", "must be a number or [low, high] from 2 to 20"},
        {HEAD ",\"modes\":{\"crowding\":{\"lesions\":[3,99]}}}", "must lie between 2 and 20"},
        {HEAD ",\"lesions\":{\"mean\":-1}}", "lesions.mean must lie between 0 and 100"},
        {HEAD ",\"lesions\":{\"mean\":1e999}}", "line 1"},
        {HEAD ",\"lesions\":{\"smallest_mm\":9,\"largest_mm\":8}}", "largest lesion is smaller than its smallest"},
        {HEAD ",\"scan\":{\"thickness_mm\":[0.1,1]}}", "scan.thickness_mm must lie between 0.4 and 10"},
        {HEAD ",\"follow_up\":{\"other_scanner\":1}}", "true or false"},
        {HEAD ",\"follow_up\":{\"grown_share\":0.7,\"vanished_share\":0.7}}", "more than 1 together"},
    };
    for (size_t n = 0; n < sizeof cases / sizeof cases[0]; n++) {
        rs_phantom_recipe r;
        rs_status status = parse(*state, cases[n].text, &r);
        const char *sentence = rs_context_message(*state);
        if (status != RS_DATA || strstr(sentence, cases[n].says) == NULL) print_error("%s\n", sentence);
        assert_int_equal(status, RS_DATA);
        assert_non_null(strstr(sentence, cases[n].says));
    }
}

/* Keys of two modes never meet, defaults lie within bounds, every mode says what it is. */
static void the_table_is_sound(void **state)
{
    (void)state;
    rs_phantom_mode_row row;
    rs_phantom_knob_row knob;
    int modes = 0;
    for (; rs_phantom_mode_row_at(modes, &row); modes++) {
        assert_true(row.name[0] != '\0' && row.failure[0] != '\0' && row.what[0] != '\0');
        assert_true(row.share > 0.0 && row.share <= 1.0 && row.n_knobs <= RS_PHANTOM_KNOBS_MAX);
        for (int k = 0; k < row.n_knobs; k++) {
            assert_true(rs_phantom_knob_row_at(modes, k, &knob));
            assert_true(knob.name[0] != '\0' && knob.what[0] != '\0' && strcmp(knob.name, "share") != 0);
            if (!(knob.least <= knob.low && knob.low <= knob.high && knob.high <= knob.most))
                print_error("%s.%s\n", row.name, knob.name);
            assert_true(knob.least <= knob.low && knob.low <= knob.high && knob.high <= knob.most);
        }
        assert_false(rs_phantom_knob_row_at(modes, row.n_knobs, &knob));
    }
    assert_int_equal(modes, RS_PHANTOM_MODES);
    assert_false(rs_phantom_mode_row_at(-1, &row));
}

static int begin(void **state)
{
    rs_context *ctx = NULL;
    if (rs_context_new(NULL, &ctx) != RS_OK) return 1;
    *state = ctx;
    return 0;
}

static int end(void **state)
{
    rs_context_free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_recipe_every_mode_is_off),
        cmocka_unit_test(what_it_says_is_set_and_the_rest_is_the_table),
        cmocka_unit_test(the_digest_is_of_its_bytes),
        cmocka_unit_test(what_is_wrong_is_refused),
        cmocka_unit_test(the_table_is_sound),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
