/* Codes: what words of the report become, and a word without a code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "codes.h"

static void test_words_have_codes(void **state)
{
    (void)state;
    rs_context *ctx = NULL;
    const rs_dicom_code *code = NULL;
    assert_int_equal(rs_context_new(NULL, &ctx), RS_OK);
    static const struct {
        rs_own of;
        const char *word, *code, *meaning;
    } rows[] = {
        {RS_OWN_SIZE_CLASS, "near_5mm", "SC_NEAR_5MM", "near 5 mm"},
        {RS_OWN_DEPTH_BASIS, "mediastinal", "DEPTH_MEDIAST", "to the mediastinal pleura"},
        {RS_OWN_ATTACHMENT, "fissure", "ATT_FISSURE", "fissure"},
        {RS_OWN_LOBE_BASIS, "fissure", "LB_FISSURE", "fissure"},
        {RS_OWN_REVIEW, "not_real", "REV_NOT_REAL", "reader: not real"},
        {RS_OWN_CRITERION, "new_or_residual", "CRIT_NEW_RESID", "Question: left over, spread, or a new primary?"},
    };
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        assert_int_equal(rs_own_value(ctx, rows[r].of, rows[r].word, &code), RS_OK);
        assert_string_equal(code->value, rows[r].code);
        assert_string_equal(code->meaning, rows[r].meaning);
        assert_string_equal(code->scheme, "99RESTAGE");
    }
    assert_int_equal(rs_own_value(ctx, RS_OWN_ATTACHMENT, "near_5mm", &code), RS_DEFECT);
    assert_non_null(strstr(rs_context_message(ctx), "no code for near_5mm of ATTACHMENT"));
    assert_int_equal(rs_own_value(ctx, RS_OWN_ATTACHMENT, NULL, &code), RS_DEFECT);
    rs_context_free(ctx);
}

static void test_places_have_codes(void **state)
{
    (void)state;
    rs_context *ctx = NULL;
    const rs_dicom_code *code = NULL;
    assert_int_equal(rs_context_new(NULL, &ctx), RS_OK);
    assert_int_equal(rs_site_code(ctx, "lung", "LLL", &code), RS_OK);
    assert_string_equal(code->value, "90572001");
    assert_int_equal(rs_site_code(ctx, "lung", NULL, &code), RS_OK);
    assert_string_equal(code->value, "39607008");
    assert_int_equal(rs_site_code(ctx, "lung", "XYZ", &code), RS_DEFECT);
    assert_int_equal(rs_site_code(ctx, "liver", NULL, &code), RS_DEFECT);
    assert_string_equal(rs_side_code("right")->value, "24028007");
    assert_null(rs_side_code("both"));
    assert_null(rs_side_code(NULL));
    /* The capitals that viewers look for. */
    assert_string_equal(rs_std_code(RS_STD_LONG_AXIS)->meaning, "Long Axis");
    assert_string_equal(rs_std_code(RS_STD_TRACKING_UID)->meaning, "Tracking Unique Identifier");
    rs_context_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_have_codes),
        cmocka_unit_test(test_places_have_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
