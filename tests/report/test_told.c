/* What people say: the context echoed, verdicts on marks, tracking UIDs of the earlier packet. */
#include "scene.h"

static rs_previous_mark earlier[3];
static rs_given_previous previous;
static rs_given_verdict verdicts[3];
static rs_given_review review;

/* An earlier packet of the same study with marks at M02 (0.9 mm off), at M01 and far from all. */
static void give_previous(scene *s)
{
    earlier[0] = (rs_previous_mark){"M01", "2.25.11", {-20.9, 1, 112}, 5, "other", "Dr. A", "2024"};
    earlier[1] = (rs_previous_mark){"M02", "2.25.22", {20, 1, 110.5}, 0, "none", NULL, NULL};
    earlier[2] = (rs_previous_mark){"M03", "2.25.33", {20, 40, 110}, 6, "none", NULL, NULL};
    previous = (rs_given_previous){.study_uid = "1.2",
                                   .series_uid = "1.2.3",
                                   .frame_of_reference_uid = "1.9",
                                   .packet_digest = "aa",
                                   .created = "2024-01-01T00:00:00Z",
                                   .sr_uid = "2.25.5",
                                   .marks = earlier,
                                   .n_marks = 3};
    s->input.previous = &previous;
}

static void give_review(scene *s, int n)
{
    review = (rs_given_review){.digest = "bb", .items = verdicts, .n = n};
    s->input.review = &review;
}

static rs_status try_build(scene *s)
{
    rs_report report;
    return rs_report_build(s->ctx, &s->input, s->arena, &report);
}

static void hands_tracking_uids_over(void **state)
{
    scene *s = *state;
    rs_report fresh = build(s);
    give_previous(s);
    rs_report report = build(s);
    assert_string_equal(report.marks[1].tracking_uid, "2.25.11");
    assert_string_equal(report.marks[0].tracking_uid, "2.25.22");
    /* M03 lies 4 um from M01, which took the earlier mark: each is used once. */
    assert_string_not_equal(report.marks[2].tracking_uid, "2.25.22");
    assert_string_equal(report.marks[2].tracking_uid, fresh.marks[0].tracking_uid);
    assert_true(report.previous.given);
    assert_int_equal(report.previous.n_marks, 3);
    assert_int_equal(report.previous.n_kept, 2);
    assert_string_equal(report.previous.sr_uid, "2.25.5");
    /* 2 mm, or half the diameter of the earlier mark. */
    earlier[0].lps_mm[0] = -22.6;
    report = build(s);
    assert_string_not_equal(report.marks[1].tracking_uid, "2.25.11");
    earlier[0].diameter_mm = 5.3;
    report = build(s);
    assert_string_equal(report.marks[1].tracking_uid, "2.25.11");
}

static void shares_nothing_with_another_study_or_frame(void **state)
{
    scene *s = *state;
    give_previous(s);
    previous.frame_of_reference_uid = "1.8";
    rs_report report = build(s);
    assert_int_equal(report.previous.n_kept, 0);
    previous.study_uid = "1.3";
    assert_int_equal(try_build(s), RS_DATA);
    assert_non_null(strstr(rs_context_message(s->ctx), "another study"));
}

static void keeps_verdicts_until_another_is_given(void **state)
{
    scene *s = *state;
    give_previous(s);
    rs_report report = build(s);
    assert_string_equal(report.marks[1].review.verdict, "other");
    assert_string_equal(report.marks[1].review.text, "reader: other");
    assert_string_equal(report.marks[1].review.reader, "Dr. A");
    assert_string_equal(report.marks[0].review.verdict, "none");
    verdicts[0] = (rs_given_verdict){.id = "M01", .verdict = "not_real", .reader = "Dr. B"};
    give_review(s, 1);
    report = build(s); /* M01 of the earlier packet is M02 today, and stays in the list */
    assert_int_equal(report.n_marks, 3);
    assert_string_equal(report.marks[1].review.verdict, "not_real");
    assert_string_equal(report.marks[1].review.text, "reader: not real");
    assert_string_equal(report.marks[1].review.reader, "Dr. B");
    assert_null(report.marks[1].review.date);
    assert_string_equal(report.marks[1].review.reason, "the review does not give: date");
    assert_int_equal(report.previous.n_verdicts, 1);
    assert_string_equal(report.previous.review_digest, "bb");
    /* An earlier mark that is none today is explained. */
    verdicts[0].id = "M03";
    report = build(s);
    assert_int_equal(report.limitations.items[report.limitations.n - 1].sentence != NULL, 1);
    bool told = false;
    for (int l = 0; l < report.limitations.n; l++)
        told |= strcmp(report.limitations.items[l].code, "reviewed_mark_gone") == 0;
    assert_true(told);
}

static void refuses_verdicts_on_nothing(void **state)
{
    scene *s = *state;
    verdicts[0] = (rs_given_verdict){.id = "M02", .verdict = "metastasis"};
    give_review(s, 1);
    rs_report report = build(s);
    assert_string_equal(report.marks[1].review.text, "reader: metastasis");
    verdicts[0].id = "M09";
    assert_int_equal(try_build(s), RS_DATA);
    assert_non_null(strstr(rs_context_message(s->ctx), "marks[0], \"M09\", is no mark of this packet"));
    verdicts[0] = (rs_given_verdict){.has_position = true, .lps_mm = {-20, 2.5, 112}, .verdict = "unsure"};
    report = build(s); /* half of 5.0 mm */
    assert_string_equal(report.marks[1].review.verdict, "unsure");
    verdicts[1] = (rs_given_verdict){.id = "M02", .verdict = "other"};
    review.n = 2;
    assert_int_equal(try_build(s), RS_DATA);
    assert_non_null(strstr(rs_context_message(s->ctx), "another verdict"));
    verdicts[0].lps_mm[1] = 3.6;
    review.n = 1;
    assert_int_equal(try_build(s), RS_DATA);
}

static const rs_report_criterion *row_of(const rs_report *report, const char *id)
{
    for (int r = 0; r < report->n_criteria; r++)
        if (strcmp(report->criteria[r].id, id) == 0) return &report->criteria[r];
    return NULL;
}

static void echoes_the_context_and_reckons_days(void **state)
{
    scene *s = *state;
    static const rs_report_treatment treatments[] = {
        {.kind = "surgery", .site = "colon", .date = "2023-01-31"},
        {.kind = "SBRT", .date = "2024-02", .has_point = true, .point_lps_mm = {20, 1, 116}}};
    static const rs_report_known_lesion known[] = {{.lps_mm = {20, 1, 111}, .label = "K1", .nature = "benign"},
                                                   {.lps_mm = {0, 0, 0}}};
    const rs_report_context told = {.given = true,
                                    .json = "{\n}",
                                    .digest = "cc",
                                    .primary_site = "colon",
                                    .primary_date = "2022-12-31",
                                    .primary_state = "not",
                                    .malignancy_known = 1,
                                    .disease_free_interval_days = 90,
                                    .treatments = treatments,
                                    .n_treatments = 2,
                                    .known_lesions = known,
                                    .n_known_lesions = 2};
    s->input.context = &told;
    s->series.study_date = "20240301";
    rs_report report = build(s);
    assert_true(report.context.given);
    assert_string_equal(report.context.json, "{ }");
    assert_string_equal(report.context.treatments[0].site, "colon");
    assert_string_equal(report.context.known_lesions[0].mark, "M01");
    assert_null(report.context.known_lesions[1].mark);
    assert_non_null(report.context.known_lesions[1].reason);
    assert_string_equal(row_of(&report, "primary")->brief, "stated in the context: not controlled");
    assert_string_equal(
        row_of(&report, "interval")->evidence,
        "From the dates of the context: 395 days from the first treatment to the scan; 426 days from "
        "the primary to the scan; disease-free interval of 90 days, as stated; 1 treatment is dated to a "
        "month or a year, not counted in days");
    assert_string_equal(row_of(&report, "interval")->brief, "395 days from the first treatment to the scan");
    assert_non_null(strstr(row_of(&report, "nodule_guides")->evidence, "Stated by a person in the context: yes."));
    /* The point lies 6 mm from M01 and M03, 40 mm from M02. */
    assert_string_equal(report.marks[0].bed.treatment, "SBRT, 2024-02");
    assert_string_equal(row_of(&report, "local")->brief, "nearest mark M01, 6.0 mm; in bed 2, margin 0");
    assert_string_equal(row_of(&report, "margins")->brief, "2 marks near the bed; least distance to pleura 12.3 mm");
    assert_non_null(strstr(report.marks[0].recist_text, "in a treated bed, where it counts only if growth was shown"));
}

/* A treatment that is dated to the year alone may have been the first, or the last. */
static void coarse_dates_are_neither_first_nor_last_for_sure(void **state)
{
    scene *s = *state;
    rs_report_treatment treatments[] = {{.kind = "surgery", .date = "2015"}, {.kind = "SBRT", .date = "2024-02-28"}};
    const rs_report_context told = {.digest = "cc",
                                    .json = "{}",
                                    .malignancy_known = -1,
                                    .disease_free_interval_days = -1,
                                    .treatments = treatments,
                                    .n_treatments = 2};
    s->input.context = &told;
    s->series.study_date = "20240301";
    rs_report of_2015 = build(s);
    assert_string_equal(
        row_of(&of_2015, "interval")->evidence,
        "From the dates of the context: 2 days from the last treatment to the scan; 1 treatment is dated to "
        "a month or a year, not counted in days");
    treatments[0].date = "2024-02"; /* in the same month: neither is known */
    rs_report unknown = build(s);
    assert_string_equal(
        row_of(&unknown, "interval")->evidence,
        "From the dates of the context: 1 treatment is dated to a month or a year, not counted in days");
    treatments[0].date = "2024-03";
    rs_report later = build(s);
    assert_string_equal(row_of(&later, "interval")->brief, "2 days from the first treatment to the scan");
}

/* Without identity neither dates nor what a person wrote stay; days and kinds do. */
static void leaves_free_text_out_without_identity(void **state)
{
    scene *s = *state;
    static const rs_report_treatment treatments[] = {
        {.kind = "RT", .site = "Mr. X's lung", .date = "2024-02-28", .mask = "x.mha"}};
    const rs_report_context told = {.digest = "cc",
                                    .json = "{}",
                                    .primary_site = "colon of Mr. X",
                                    .malignancy_known = -1,
                                    .disease_free_interval_days = -1,
                                    .treatments = treatments,
                                    .n_treatments = 1};
    s->input.context = &told;
    s->input.identity = "none";
    s->series.study_date = "20240301";
    verdicts[0] = (rs_given_verdict){.id = "M01", .verdict = "other", .reader = "Dr. B", .date = "2024"};
    give_review(s, 1);
    rs_report report = build(s);
    assert_null(report.context.json);
    assert_null(report.context.primary_site);
    assert_null(report.context.treatments[0].site);
    assert_null(report.context.treatments[0].date);
    assert_null(report.context.treatments[0].mask);
    assert_string_equal(report.context.treatments[0].kind, "RT");
    assert_non_null(report.context.reason);
    assert_null(report.marks[0].review.reader);
    assert_null(report.marks[0].review.date);
    assert_string_equal(row_of(&report, "interval")->brief, "2 days from the first treatment to the scan");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(hands_tracking_uids_over, setup, teardown),
        cmocka_unit_test_setup_teardown(shares_nothing_with_another_study_or_frame, setup, teardown),
        cmocka_unit_test_setup_teardown(keeps_verdicts_until_another_is_given, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_verdicts_on_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(echoes_the_context_and_reckons_days, setup, teardown),
        cmocka_unit_test_setup_teardown(coarse_dates_are_neither_first_nor_last_for_sure, setup, teardown),
        cmocka_unit_test_setup_teardown(leaves_free_text_out_without_identity, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
