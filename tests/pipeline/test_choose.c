/* Which series is searched, and what is said of the others (contract 8 and 9), on hand-made headers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "choose.h"
#include "restage/context.h"
#include <math.h>

typedef struct scene {
    rs_context *ctx;
    rs_arena *arena;
} scene;

static int setup(void **state)
{
    scene *s = calloc(1, sizeof *s);
    if (rs_context_new(&(rs_context_options){.threads = 1}, &s->ctx) || !(s->arena = rs_arena_new())) return -1;
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

/* A plain axial chest CT of a given thickness. */
static rs_series chest(const char *uid, int number, double thickness_mm, const char *kernel)
{
    rs_series series = {.series_instance_uid = uid,
                        .study_instance_uid = "1",
                        .frame_of_reference_uid = "1.1",
                        .sop_class_uid = "1.2.840.10008.5.1.4.1.1.2",
                        .patient_id = "",
                        .patient_name = "",
                        .patient_birth_date = "",
                        .patient_sex = "",
                        .issuer_of_patient_id = "",
                        .study_date = "",
                        .study_time = "",
                        .study_description = "",
                        .accession_number = "",
                        .modality = "CT",
                        .description = "CHEST",
                        .manufacturer = "",
                        .model = "",
                        .image_type = "ORIGINAL\\PRIMARY\\AXIAL",
                        .kernel = kernel,
                        .patient_position = "HFS",
                        .contrast_agent = "",
                        .body_part = "CHEST",
                        .protocol_name = "",
                        .scanning_sequence = "",
                        .sequence_variant = "",
                        .scan_options = "",
                        .sequence_name = "",
                        .transfer_syntax_uid = "",
                        .transfer_syntax_name = "",
                        .lossy_compression = "",
                        .series_number = number,
                        .kvp = 120,
                        .echo_time_ms = NAN,
                        .repetition_time_ms = NAN,
                        .inversion_time_ms = NAN,
                        .b_value = NAN,
                        .rows = 512,
                        .columns = 512,
                        .bits_allocated = 16,
                        .bits_stored = 12,
                        .high_bit = 11,
                        .samples_per_pixel = 1,
                        .photometric = "MONOCHROME2",
                        .verdict = RS_VERDICT_GOOD,
                        .orientation = "axial",
                        .thickness_mm = thickness_mm};
    series.n_slices = (int32_t)(300 / thickness_mm);
    series.geometry = (rs_geometry){
        {512, 512, series.n_slices}, {0.7, 0.7, thickness_mm}, {0, 0, 0}, {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    return series;
}

static rs_series mr(const char *uid, int number, const char *sequence, double te_ms, double tr_ms)
{
    rs_series series = chest(uid, number, 3, "");
    series.modality = "MR";
    series.scanning_sequence = sequence;
    series.echo_time_ms = te_ms;
    series.repetition_time_ms = tr_ms;
    series.sop_class_uid = "1.2.840.10008.5.1.4.1.1.4";
    return series;
}

static rs_status choose(scene *s, const rs_series *series, int n, const char *uid, rs_chosen *out)
{
    const rs_series *items[8];
    for (int i = 0; i < n; i++)
        items[i] = &series[i];
    return rs_choose(s->ctx, &(rs_series_list){items, n}, uid, s->arena, out);
}

static void thin_before_thick_soft_before_sharp(void **state)
{
    scene *s = *state;
    rs_series series[] = {chest("1.1", 1, 5, "B30f"), chest("1.2", 2, 1, "B70f"), chest("1.3", 3, 1, "B30f"),
                          chest("1.4", 4, 1, "B30f")};
    rs_chosen chosen;
    assert_int_equal(choose(s, series, 4, NULL, &chosen), RS_OK);
    assert_ptr_equal(chosen.picks[0].series, &series[2]);
    assert_true(chosen.choices[2].used);
    assert_false(chosen.choices[0].used || chosen.choices[1].used || chosen.choices[3].used);
    assert_non_null(strstr(chosen.choices[0].why, "series 3 has thinner slices"));
    assert_non_null(strstr(chosen.choices[1].why, "series 3 has a softer kernel"));
    assert_non_null(strstr(chosen.choices[3].why, "series 3 has a lower series number"));
    assert_int_equal(choose(s, series, 4, "1.1", &chosen), RS_OK);
    assert_ptr_equal(chosen.picks[0].series, &series[0]);
    assert_int_equal(choose(s, series, 4, "9.9", &chosen), RS_NO_INPUT);
}

/* Kernels of one class do not decide; volumes of one series are told apart by what split it. */
static void says_what_decided(void **state)
{
    scene *s = *state;
    rs_series series[] = {chest("1.1", 2, 1, "B30f"), chest("1.2", 1, 1, "B31f"), chest("1.1", 2, 1, "B30f")};
    rs_chosen chosen;
    series[0].split_by = series[2].split_by = "AcquisitionNumber";
    series[0].split_value = "4", series[2].split_value = "5";
    series[1].n_slices = series[2].n_slices = 200;
    assert_int_equal(choose(s, series, 3, NULL, &chosen), RS_OK);
    assert_true(chosen.choices[0].used);
    assert_non_null(strstr(chosen.choices[1].why, "series 2, AcquisitionNumber 4 has more slices"));
    assert_non_null(strstr(chosen.choices[2].why, "series 2, AcquisitionNumber 4 has more slices"));
    series[2].n_slices = 300;
    assert_int_equal(choose(s, series, 3, NULL, &chosen), RS_OK);
    assert_true(chosen.choices[0].used);
    assert_non_null(strstr(chosen.choices[2].why, "no less, but series 2, AcquisitionNumber 4 comes first"));
}

static void refuses_what_leaves_nothing(void **state)
{
    scene *s = *state;
    rs_series series[] = {chest("1.1", 1, 1, "B30f"), chest("1.2", 2, 1, "B30f")};
    rs_chosen chosen;
    series[0].verdict = series[1].verdict = RS_VERDICT_SET_ASIDE;
    series[0].reason = "a localizer";
    series[1].reason = "a structured report";
    assert_int_equal(choose(s, series, 2, NULL, &chosen), RS_NO_INPUT);
    assert_non_null(strstr(rs_context_message(s->ctx), "a localizer"));
    assert_non_null(strstr(rs_context_message(s->ctx), "a structured report"));
    series[1].verdict = RS_VERDICT_GAP;
    series[1].reason = "slices are missing";
    assert_int_equal(choose(s, series, 2, NULL, &chosen), RS_DATA);
    assert_non_null(strstr(rs_context_message(s->ctx), "slices are missing"));
    assert_null(strstr(rs_context_message(s->ctx), "a localizer"));
    assert_int_equal(choose(s, series, 0, NULL, &chosen), RS_NO_INPUT);
    series[0].verdict = RS_VERDICT_GOOD;
    assert_int_equal(choose(s, series, 2, "1.1", &chosen), RS_OK);
    assert_int_equal(choose(s, series, 2, "1.2", &chosen), RS_DATA);
    assert_non_null(strstr(rs_context_message(s->ctx), "slices are missing"));
    series[1].verdict = RS_VERDICT_SET_ASIDE;
    assert_int_equal(choose(s, series, 2, "1.2", &chosen), RS_NO_INPUT);
    assert_non_null(strstr(rs_context_message(s->ctx), "what --series names was set aside"));
}

static void says_why_no_organ_is_served(void **state)
{
    scene *s = *state;
    rs_series few = chest("1.1", 1, 1, "B30f");
    rs_chosen chosen;
    few.verdict = RS_VERDICT_FEW;
    few.n_slices = 3;
    assert_int_equal(choose(s, &few, 1, NULL, &chosen), RS_OK);
    assert_null(chosen.picks[0].series);
    assert_non_null(strstr(chosen.picks[0].reason, "too few slices"));
    rs_series images[] = {mr("1.1", 4, "SE", 101, 5660), mr("1.2", 7, "GR", 4, 8)};
    images[0].sequence_variant = "SK\\SP";
    assert_int_equal(choose(s, images, 2, NULL, &chosen), RS_OK);
    assert_null(chosen.picks[0].series);
    assert_non_null(strstr(chosen.picks[0].reason, "series 4"));
    assert_non_null(strstr(chosen.picks[0].reason, "T2-weighted turbo spin echo (TE 101 ms, TR 5660 ms)"));
    assert_non_null(strstr(chosen.choices[1].why, "gradient echo"));
    rs_series points[] = {mr("1.1", 4, "SE", 101, 5660), mr("1.1", 4, "SE", 101, 5660)};
    assert_int_equal(choose(s, points, 2, NULL, &chosen), RS_OK);
    assert_string_equal(chosen.picks[0].reason, "all 2 volumes: MR is not searched by this version; recognised as "
                                                "T2-weighted spin echo (TE 101 ms, TR 5660 ms)");
}

static void names_sequences_by_attributes(void **state)
{
    scene *s = *state;
    rs_series series = mr("1", 1, "SE", 12, 550);
    assert_string_equal(rs_sequence_name(&series, s->arena), "T1-weighted spin echo (TE 12 ms, TR 550 ms)");
    series.scan_options = "FS";
    series.echo_time_ms = 90, series.repetition_time_ms = 4000;
    assert_string_equal(rs_sequence_name(&series, s->arena),
                        "fat-suppressed T2-weighted spin echo (TE 90 ms, TR 4000 ms)");
    series.inversion_time_ms = 2500;
    assert_string_equal(rs_sequence_name(&series, s->arena), "FLAIR (TI 2500 ms, TE 90 ms, TR 4000 ms)");
    series.b_value = 800;
    assert_string_equal(rs_sequence_name(&series, s->arena), "diffusion-weighted (b 800 s/mm2, TE 90 ms, TR 4000 ms)");
    series.image_type = "DERIVED\\PRIMARY\\ADC";
    assert_string_equal(rs_sequence_name(&series, s->arena), "ADC map");
    series = mr("1", 1, "", NAN, NAN);
    series.description = "t2_blade";
    assert_string_equal(rs_sequence_name(&series, s->arena), "T2-weighted by its description");
    series = mr("1", 1, "SE", NAN, NAN);
    assert_string_equal(rs_sequence_name(&series, s->arena), "spin echo");
    series.description = "ax t1 fs";
    assert_string_equal(rs_sequence_name(&series, s->arena), "spin echo, T1-weighted by its description");
    series.echo_time_ms = series.repetition_time_ms = 0;
    assert_string_equal(rs_sequence_name(&series, s->arena), "spin echo, T1-weighted by its description");
    series = chest("1", 1, 1, "");
    assert_null(rs_sequence_name(&series, s->arena));
    assert_null(rs_sequence_protocol(&series, s->arena));
}

static void names_volumes_in_time_and_after_contrast(void **state)
{
    scene *s = *state;
    rs_series series = mr("1", 1, "SE", 12, 550);
    series.contrast_agent = "Gadovist";
    assert_string_equal(rs_sequence_name(&series, s->arena),
                        "post-contrast T1-weighted spin echo (TE 12 ms, TR 550 ms)");
    series.contrast_agent = "NO";
    assert_string_equal(rs_sequence_name(&series, s->arena), "T1-weighted spin echo (TE 12 ms, TR 550 ms)");
    series = mr("1", 1, "GR", 2, 5);
    series.split_by = "TemporalPositionIdentifier";
    series.n_volumes = 6;
    assert_string_equal(rs_sequence_name(&series, s->arena),
                        "dynamic (DCE by its times), T1-weighted gradient echo (TE 2 ms, TR 5 ms)");
    series.contrast_agent = "Gadovist";
    series.body_part = "PROSTATE";
    assert_string_equal(rs_sequence_name(&series, s->arena),
                        "dynamic contrast-enhanced (DCE), T1-weighted gradient echo (TE 2 ms, TR 5 ms)");
    assert_string_equal(rs_sequence_protocol(&series, s->arena), "prostate DCE");
    series = mr("1", 1, "EP", 80, 9000);
    series.split_by = "DiffusionBValue + DiffusionGradientOrientation";
    series.b_value = 0;
    assert_string_equal(rs_sequence_name(&series, s->arena), "diffusion-weighted (b 0 s/mm2, TE 80 ms, TR 9000 ms)");
    series = mr("1", 1, "SE", 60, 4000);
    series.inversion_time_ms = 160;
    assert_string_equal(rs_sequence_name(&series, s->arena), "STIR (TI 160 ms, TE 60 ms, TR 4000 ms)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thin_before_thick_soft_before_sharp),
        cmocka_unit_test(says_what_decided),
        cmocka_unit_test(refuses_what_leaves_nothing),
        cmocka_unit_test(says_why_no_organ_is_served),
        cmocka_unit_test(names_sequences_by_attributes),
        cmocka_unit_test(names_volumes_in_time_and_after_contrast),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
