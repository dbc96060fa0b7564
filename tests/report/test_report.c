/* The report from hand-made products: rounding once, classes from what is printed, nulls with reasons, ranks, places.
 */
#include "scene.h"

static void rounds_once_and_classifies_what_is_printed(void **state)
{
    rs_report report = build(*state);
    assert_int_equal(report.n_marks, 3);
    const rs_report_size *below = &report.marks[0].size, *near = &report.marks[1].size, *cut = &report.marks[2].size;
    assert_string_equal(below->text, "4.1 mm (3.6 to 4.7)");
    assert_string_equal(below->size_class, "below_5mm");
    assert_true(below->long_axis_mm == 4.4 && below->short_axis_mm == 3.9);
    assert_true(below->flagged);
    /* 4.95 and 5.04 are 5.0 and 5.0 in print: near, although 5.04 lies above the line and 4.95 below. */
    assert_string_equal(near->text, "5.0 mm (5.0 to 5.0)");
    assert_string_equal(near->size_class, "near_5mm");
    assert_string_equal(cut->text, "at least 12.0 mm");
    assert_string_equal(cut->size_class, "above_5mm");
    assert_false(cut->flagged);
    assert_true(isnan(cut->high_mm));
    assert_true(report.quality.noise_hu == 11.3);
    assert_true(report.organs[0].searched_ml == 1400.3 && report.organs[1].searched_ml == 1099.7);
    /* 2.5 l at 1 a litre */
    assert_true(report.distribution.expected_false_marks == 2.5);
}

static void gives_a_reason_for_every_null(void **state)
{
    rs_report report = build(*state);
    const rs_report_mark *left = &report.marks[0], *right = &report.marks[1], *cut = &report.marks[2];
    assert_string_equal(left->side, "left");
    assert_string_equal(left->side_basis, "orientation");
    assert_true(left->depth_to_pleura_mm == 12.3);
    assert_null(left->lobe);
    assert_string_equal(left->lobe_reason, "no lobes here");
    assert_string_equal(right->side, "right");
    assert_true(isnan(right->depth_to_pleura_mm));
    assert_string_equal(right->depth_reason, "too near to the edge");
    assert_non_null(cut->size.fit_reason);
    assert_non_null(cut->size.volume_reason);
    assert_non_null(cut->size.axes_reason);
    assert_null(cut->size.axes_source);
    assert_null(cut->attachment);
    assert_non_null(cut->attachment_reason);
    assert_non_null(cut->mean_hu_reason);
    assert_non_null(cut->visibility_reason);
    assert_string_equal(left->bed.relation, "unknown");
    assert_non_null(left->bed.reason);
    assert_true(isnan(report.organs[0].detection_limit.d50_mm));
    assert_non_null(report.organs[0].detection_limit.reason);
    assert_string_equal(report.organs[0].reason, "cut by the image");
    assert_non_null(report.context.reason);
}

static void names_marks_slices_and_places(void **state)
{
    rs_report report = build(*state);
    assert_string_equal(report.marks[0].id, "M01");
    assert_string_equal(report.marks[2].id, "M03");
    /* z = 110 is slice 8 of 1.25 mm from 100; numbers fall from 40. */
    assert_int_equal(report.marks[0].slice.k, 8);
    assert_int_equal(report.marks[0].slice.number, 32);
    assert_int_equal(report.marks[1].slice.k, 10);
    assert_true(strncmp(report.marks[0].tracking_uid, "2.25.", 5) == 0);
    assert_true(strlen(report.marks[0].tracking_uid) <= 44);
    /* Marks 1 and 3 lie at the same rounded place and must not share a UID. */
    assert_string_not_equal(report.marks[0].tracking_uid, report.marks[2].tracking_uid);
    rs_report again = build(*state);
    assert_string_equal(report.marks[2].tracking_uid, again.marks[2].tracking_uid);
    assert_int_equal(report.n_candidates, 4);
    assert_string_equal(report.candidates[1].mark, "M02");
    assert_null(report.candidates[3].mark);
    assert_non_null(strstr(report.marks[0].reasons[1], "raises P"));
    assert_non_null(strstr(report.marks[1].reasons[1], "lowers P"));
}

static void says_what_was_assessed(void **state)
{
    rs_report report = build(*state);
    assert_string_equal(report.assessed, "partly");
    assert_string_equal(report.assessed_text, "Assessed: left lung. Partly assessed: right lung (cut by the image)");
    assert_int_equal(report.distribution.n_rows, 2);
    assert_int_equal(report.distribution.rows[0].near_5mm, 1);
    assert_int_equal(report.distribution.rows[1].below_5mm, 1);
    assert_int_equal(report.distribution.rows[1].above_5mm, 1);
    assert_string_equal(report.limitations.items[0].sentence, "Read the scan first");
    assert_string_equal(report.software.created, "2000-02-29T12:34:56Z");
    assert_string_equal(report.series[0].description, "=CHEST ??");
    for (int i = 0; i < report.limitations.n; i++)
        assert_null(strstr(report.limitations.items[i].sentence, "secret"));
}

static bool limited(const rs_report *report, const char *code)
{
    for (int i = 0; i < report->limitations.n; i++) {
        if (strcmp(report->limitations.items[i].code, code) == 0) return true;
    }
    return false;
}

static void names_what_befell_the_images(void **state)
{
    scene *s = *state;
    rs_report plain = build(s);
    assert_false(limited(&plain, "lossy") || limited(&plain, "secondary") || limited(&plain, "mended"));
    assert_true(limited(&plain, "files_passed_over") && limited(&plain, "files_refused"));
    rs_series kept = s->series;
    s->series.lossy_compression = "01";
    s->series.image_type = "DERIVED\\SECONDARY\\REFORMATTED";
    s->series.verdict = RS_VERDICT_MENDED;
    s->series.reason = "slices were put in order";
    rs_report report = build(s);
    assert_true(limited(&report, "lossy") && limited(&report, "secondary") && limited(&report, "mended"));
    s->series = kept;
}

static void cuts_no_long_reason(void **state)
{
    scene *s = *state;
    char reason[3000];
    memset(reason, 'x', sizeof reason);
    reason[sizeof reason - 1] = 0;
    const char *kept = s->regions.region[0].reason;
    s->regions.region[0].reason = reason;
    rs_report report = build(s);
    assert_non_null(strstr(report.assessed_text, reason));
    assert_string_equal(report.organs[0].reason, reason);
    assert_string_equal(report.limitations.items[2].sentence, report.assessed_text);
    s->regions.region[0].reason = kept;
}

static void stands_without_any_series(void **state)
{
    scene *s = *state;
    rs_regions absent = {.n = 1};
    absent.region[0] =
        (rs_region){.name = "lung", .role = RS_ROLE_SEARCH, .state = RS_NOT_ASSESSED, .reason = "no lung here"};
    rs_report_case none = {.organ = &s->organ, .reason = "no lung here", .regions = &absent};
    rs_report_input input = s->input;
    rs_report report;
    input.cases = &none;
    s->choice.used = false;
    assert_int_equal(rs_report_build(s->ctx, &input, s->arena, &report), RS_OK);
    assert_string_equal(report.assessed, "none");
    assert_string_equal(report.assessed_text, "Not assessed: lung (no lung here)");
    assert_string_equal(report.marks_text, "No organ was searched: this packet says nothing about lesions");
    assert_string_equal(report.source.reason, "no lung here");
    assert_null(report.source.series_instance_uid);
    assert_string_equal(report.source.study_instance_uid, "1.2");
    assert_non_null(report.quality.reason);
    assert_non_null(report.operating_point.reason);
    assert_int_equal(report.n_marks, 0);
    assert_int_equal(report.distribution.n_rows, 0);
    assert_true(isnan(report.organs[0].searched_ml));
    s->choice.used = true;
}

static void digest_follows_values_alone(void **state)
{
    scene *s = *state;
    rs_report before = build(s);
    assert_int_equal(rs_params_set(s->ctx, s->params, "toy-hu", "-400", RS_SET_BY_COMMAND_LINE), RS_OK);
    rs_report same = build(s);
    assert_string_equal(same.parameters_digest, before.parameters_digest);
    assert_string_equal(same.parameters[0].set_by, "command_line");
    assert_int_equal(rs_params_set(s->ctx, s->params, "toy-hu", "-401", RS_SET_BY_COMMAND_LINE), RS_OK);
    rs_report other = build(s);
    assert_string_not_equal(other.parameters_digest, before.parameters_digest);
}

static void prints_numbers_as_json_does(void **state)
{
    (void)state;
    char text[32];
    rs_report_number(4, text);
    assert_string_equal(text, "4.0");
    rs_report_number(-812.5, text);
    assert_string_equal(text, "-812.5");
    rs_report_number(-0.0, text);
    assert_string_equal(text, "0.0");
    rs_report_number(NAN, text);
    assert_string_equal(text, "");
    rs_report_number(1e-9, text);
    assert_string_equal(text, "1e-09");
}

static rs_report_identity named(scene *s, const char *name)
{
    rs_series series = s->series;
    series.patient_name = name;
    const rs_series *list[] = {&series};
    rs_report_case one = s->one;
    one.series = &series;
    rs_report_input input = s->input;
    input.series = list;
    input.cases = &one;
    rs_report report;
    assert_int_equal(rs_report_build(s->ctx, &input, s->arena, &report), RS_OK);
    return report.identity;
}

static void names_the_patient_readably(void **state)
{
    scene *s = *state;
    assert_string_equal(named(s, "Doe^Jane ").patient_name_text, "Doe, Jane");
    assert_string_equal(named(s, "Doe^Jane ").patient_name, "Doe^Jane");
    assert_string_equal(named(s, "Doe^Jane^Q^Dr.^MD").patient_name_text, "Doe, Dr. Jane Q, MD");
    assert_string_equal(named(s, "Doe").patient_name_text, "Doe");
    assert_string_equal(named(s, "^Jane").patient_name_text, "Jane");
    assert_string_equal(named(s, "Yamada^Tarou=\xE5\xB1\xB1\xE7\x94\xB0^\xE5\xA4\xAA=x").patient_name_text,
                        "Yamada, Tarou (\xE5\xB1\xB1\xE7\x94\xB0 \xE5\xA4\xAA)");
    assert_string_equal(named(s, "=\xE5\xB1\xB1^\xE5\xA4\xAA").patient_name_text, "\xE5\xB1\xB1 \xE5\xA4\xAA");
    assert_string_equal(named(s, "==Yama^Ta").patient_name_text, "Yama Ta");
    assert_string_equal(named(s, "<b>\x07^\xFF").patient_name_text, "<b>?, ?");
    assert_null(named(s, "^^^^").patient_name_text);
    assert_null(named(s, " ").patient_name);
    assert_non_null(strstr(named(s, " ").reason, "patient's name"));
}

static void leaves_out_what_is_no_date_and_no_sex(void **state)
{
    scene *s = *state;
    const char *birth = s->series.patient_birth_date, *sex = s->series.patient_sex, *study = s->series.study_date;
    s->series.patient_birth_date = "1960-01-01";
    s->series.patient_sex = "X";
    s->series.study_date = "1999.12.31";
    rs_report report = build(s);
    assert_null(report.identity.birth_date);
    assert_null(report.identity.sex);
    assert_string_equal(report.identity.study_date, "1999-12-31");
    assert_non_null(strstr(report.identity.reason, "birth date, sex"));
    int quoted = 0;
    for (int i = 0; i < report.limitations.n; i++)
        quoted += strcmp(report.limitations.items[i].code, "header_invalid") == 0;
    assert_int_equal(quoted, 2);
    s->series.patient_birth_date = birth, s->series.patient_sex = sex, s->series.study_date = study;
}

static void says_nobody_without_identity(void **state)
{
    scene *s = *state;
    rs_series series = s->series;
    series.patient_name = "Doe^Jane", series.patient_id = "4711", series.contrast_agent = "given to Doe";
    series.patient_birth_date = "19600101x", series.accession_number = "A1", series.study_date = "20010203";
    const rs_series *list[] = {&series};
    rs_report_case one = s->one;
    one.series = &series;
    rs_report_input input = s->input;
    input.series = list, input.cases = &one, input.identity = "none";
    rs_report report;
    assert_int_equal(rs_report_build(s->ctx, &input, s->arena, &report), RS_OK);
    const rs_report_identity *who = &report.identity;
    assert_string_equal(who->mode, "none");
    assert_true(!who->patient_name && !who->patient_name_text && !who->patient_id && !who->issuer_of_patient_id);
    assert_true(!who->birth_date && !who->sex && !who->study_date && !who->accession_number);
    assert_non_null(strstr(who->reason, "other UIDs stand for theirs"));
    assert_null(report.source.contrast_agent);
    assert_null(report.series[0].description);
    assert_memory_equal(report.source.study_instance_uid, "2.25.", 5); /* not the source's 1.2 */
    assert_int_equal(report.filing.n_images, 0);
    for (int i = 0; i < report.limitations.n; i++)
        assert_string_not_equal(report.limitations.items[i].code, "header_invalid");
}

static void says_p_in_the_same_words(void **state)
{
    scene *s = *state;
    const double p[] = {0.004, 0.875, 0.9961};
    const char *const words[] = {"< 0.01", "0.88", "> 0.99"};
    double before = s->candidate[0].p;
    for (int i = 0; i < 3; i++) {
        s->candidate[0].p = p[i];
        rs_report report = build(s);
        for (int m = 0; m < report.n_marks; m++) {
            if (report.marks[m].p == p[i]) assert_string_equal(report.marks[m].p_text, words[i]);
        }
    }
    s->candidate[0].p = before;
}

/* A mass is ranked by its shape, not by the filter: its reasons name the mass_* features alone. */
static void names_what_a_mass_is_ranked_by(void **state)
{
    scene *s = *state;
    const rs_candidate before = s->candidate[0];
    s->candidate[0].origin = RS_ORIGIN_MASS;
    s->candidate[0].feature[RS_FEATURE_mass_solidity] = 0.75F;
    s->candidate[0].feature[RS_FEATURE_mass_neck] = 0.42F;
    s->candidate[0].feature[RS_FEATURE_mass_contact] = 0.02F;
    s->candidate[0].feature[RS_FEATURE_mass_round] = 0.3F;
    rs_report report = build(s);
    const rs_report_mark *mark = &report.marks[0];
    assert_int_equal(mark->n_reasons, 4);
    assert_non_null(strstr(mark->reasons[0], "raises P (solidity 0.75"));
    assert_non_null(strstr(mark->reasons[1], "lowers P much (42 %"));
    assert_non_null(strstr(mark->reasons[2], "raises P (2 %"));
    assert_non_null(strstr(mark->reasons[3], "lowers P (shortest over longest axis 0.30)"));
    for (int r = 0; r < mark->n_reasons; r++)
        assert_true(!strstr(mark->reasons[r], "LoG") && !strstr(mark->reasons[r], "e3/e1"));
    s->candidate[0] = before;
}

static void says_where_a_person_pointed(void **state)
{
    scene *s = *state;
    const rs_candidate before = s->candidate[0];
    s->candidate[0].pointed = true;
    memcpy(s->candidate[0].pointed_at_lps_mm, (double[]){20, 1 + 1.8, 110}, sizeof(double[3]));
    rs_report report = build(s);
    const rs_report_mark *mark = &report.marks[0], *other = &report.marks[1];
    assert_true(mark->pointed_at_lps_mm[1] == 2.8 && mark->pointed_distance_mm == 1.8 && !mark->pointed_reason);
    assert_int_equal(mark->n_reasons, 3);
    assert_string_equal(mark->reasons[2], "a person pointed at 20.0, 2.8, 110.0 (LPS mm), 1.8 mm from here");
    assert_true(isnan(other->pointed_at_lps_mm[0]) && isnan(other->pointed_distance_mm) && other->pointed_reason);
    s->candidate[0] = before;
}

/* The organ's row puts the place into the right lung; the candidate's own voxel was not searched. */
static void gives_no_organ_where_p_has_no_meaning(void **state)
{
    scene *s = *state;
    const rs_candidate before = s->candidate[1];
    s->candidate[1].origin = RS_ORIGIN_POINT;
    s->candidate[1].pointed = true;
    s->candidate[1].region = -1;
    rs_report report = build(s);
    const rs_report_mark *mark = NULL;
    for (int m = 0; m < report.n_marks; m++)
        if (report.marks[m].position_lps_mm[0] < 0) mark = &report.marks[m];
    assert_non_null(mark);
    assert_true(isnan(mark->p) && mark->p_reason && !mark->organ && !mark->side && mark->organ_reason);
    s->candidate[1].region = 0;
    report = build(s);
    for (int m = 0; m < report.n_marks; m++)
        if (report.marks[m].position_lps_mm[0] < 0) mark = &report.marks[m];
    assert_true(!isnan(mark->p) && !mark->p_reason && mark->organ);
    assert_string_equal(mark->side, "right");
    s->candidate[1] = before;
}

static void names_the_basis_of_either_p(void **state)
{
    scene *s = *state;
    s->organ.detect.calibration.basis = "a toy";
    s->organ.detect.mass_calibration.basis = "another toy";
    assert_string_equal(build(s).operating_point.basis, "P of maxima of the filter: a toy. P of masses: another toy");
    s->organ.detect.calibration.basis = s->organ.detect.mass_calibration.basis = NULL;
    assert_string_equal(build(s).operating_point.basis, "a toy");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rounds_once_and_classifies_what_is_printed),
        cmocka_unit_test(gives_a_reason_for_every_null),
        cmocka_unit_test(names_marks_slices_and_places),
        cmocka_unit_test(says_what_was_assessed),
        cmocka_unit_test(names_what_befell_the_images),
        cmocka_unit_test(cuts_no_long_reason),
        cmocka_unit_test(stands_without_any_series),
        cmocka_unit_test(digest_follows_values_alone),
        cmocka_unit_test(prints_numbers_as_json_does),
        cmocka_unit_test(names_the_patient_readably),
        cmocka_unit_test(leaves_out_what_is_no_date_and_no_sex),
        cmocka_unit_test(says_nobody_without_identity),
        cmocka_unit_test(says_p_in_the_same_words),
        cmocka_unit_test(names_what_a_mass_is_ranked_by),
        cmocka_unit_test(says_where_a_person_pointed),
        cmocka_unit_test(gives_no_organ_where_p_has_no_meaning),
        cmocka_unit_test(names_the_basis_of_either_p),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
