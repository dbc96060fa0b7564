/* The questions of the board from a report of three marks: evidence with its numbers, named blanks, no verdict. */
#include "scene.h"

static const rs_report_criterion *find(const rs_report *report, const char *id)
{
    for (int r = 0; r < report->n_criteria; r++)
        if (strcmp(report->criteria[r].id, id) == 0) return &report->criteria[r];
    fail_msg("no row %s", id);
    return NULL;
}

static const rs_report_blank *find_blank(const rs_report *report, const char *id)
{
    for (int b = 0; b < report->n_blanks; b++)
        if (strcmp(report->blanks[b].id, id) == 0) return &report->blanks[b];
    fail_msg("no blank %s", id);
    return NULL;
}

static double number(const rs_report_criterion *row, const char *name)
{
    for (int n = 0; n < row->n_numbers; n++)
        if (strcmp(row->numbers[n].name, name) == 0) return row->numbers[n].value;
    fail_msg("%s has no number %s", row->id, name);
    return 0;
}

static int words(const char *text)
{
    int n = 0;
    for (const char *at = text; *at; at += strcspn(at, " "), at += strspn(at, " "))
        n++;
    return n;
}

static void quotes_every_question_in_its_order(void **state)
{
    static const char *const asked[][2] = {
        {"number", "metastases limited in number?"},
        {"removable", "can all visible disease be completely removed?"},
        {"elsewhere", "no distant disease, or resectable only?"},
        {"primary", "primary controlled or controllable?"},
        {"local", "recurrence at the place treated before?"},
        {"margins", "clear margins possible?"},
        {"interval", "enough time since the first treatment?"},
        {"hidden", "could more be there than was seen?"},
        {"fitness", "fit for a complex operation?"},
        {"limb", "limb or function to be spared (bone, soft tissue)?"},
        {"new_or_residual", "residual, metastatic, or a new primary?"},
        {"recist", "measurable by RECIST 1.1?"},
        {"oligo", "which of the ESTRO/EORTC factors are known?"},
        {"nodule_guides", "malignancy known?"},
    };
    rs_report report = build(*state);
    assert_int_equal(report.n_criteria, 14);
    for (int r = 0; r < 14; r++) {
        const rs_report_criterion *row = &report.criteria[r];
        assert_string_equal(row->id, asked[r][0]);
        assert_string_equal(row->question, asked[r][1]);
        assert_int_equal(row->informative, r >= 11);
        assert_int_equal(row->evidence != NULL, row->brief != NULL);
        if (row->brief) assert_in_range(words(row->brief), 1, 12);
        if (row->blank) assert_non_null(find_blank(&report, row->blank));
        assert_true(row->evidence || row->blank);
    }
}

static void counts_marks_behind_what_was_assessed(void **state)
{
    rs_report report = build(*state);
    const rs_report_criterion *row = find(&report, "number");
    assert_string_equal(row->evidence,
                        "Assessed: left lung. Partly assessed: right lung. 3 marks at or above the "
                        "operating point: 1 above 5 mm, 1 near 5 mm, 1 below 5 mm, 0 indeterminate; left 2, right 1; "
                        "lobes not known (no lobes here). Expected false marks among these: 2.50. Trials took at most "
                        "3 to 5 lesions (ESTRO/EORTC 2020) or 1 to 5 (ESTRO-ASTRO 2020): quoted here, not compared");
    assert_string_equal(row->brief, "3 marks, 1 above 5 mm, 2 flagged; expected false marks 2.50");
    assert_int_equal(row->n_basis_organs, 2);
    assert_string_equal(row->basis_organs[0], "right lung");
    assert_true(number(row, "marks") == 3 && number(row, "below_5mm") == 1 &&
                number(row, "expected_false_marks") == 2.5);
    assert_true(number(row, "left") == 2 && isnan(number(row, "lobes")));
    assert_string_equal(row->blank, "nature_of_marks");
    assert_string_equal(find_blank(&report, "nature_of_marks")->who, "radiologist");
}

static void tells_depths_and_attachments(void **state)
{
    rs_report report = build(*state);
    const rs_report_criterion *row = find(&report, "removable");
    assert_non_null(strstr(row->evidence, "Depth to the pleura: M01 12.3 mm (costal), M02 not known, M03 12.3 mm"));
    assert_non_null(strstr(row->evidence, "Attachment: free 2, not known 1"));
    assert_string_equal(row->brief, "left and right; depth to pleura 12.3 to 12.3 mm");
    assert_true(number(row, "depth_not_known") == 1 && number(row, "free") == 2 && number(row, "sides") == 2);
}

static void names_what_was_not_assessed(void **state)
{
    scene *s = *state;
    s->regions.region[0].state = RS_NOT_ASSESSED;
    s->regions.region[0].reason = "not in the images";
    rs_report report = build(s);
    const rs_report_criterion *row = find(&report, "elsewhere");
    assert_string_equal(row->brief, "looked at: left lung; nothing else");
    assert_non_null(strstr(row->evidence, "Not assessed: right lung (not in the images)"));
    assert_true(number(row, "assessed") == 1 && number(row, "not_assessed") == 1);
    assert_int_equal(row->n_basis_organs, 1);
    const rs_report_blank *blank = find_blank(&report, row->blank);
    assert_true(strncmp(blank->label, "right lung, lymph nodes", 23) == 0);
    assert_non_null(strstr(blank->label, "liver"));
}

/* No number of what was not seen, whatever is known. */
static void hidden_has_limits_and_no_estimate(void **state)
{
    rs_report report = build(*state);
    const rs_report_criterion *row = find(&report, "hidden");
    assert_string_equal(row->evidence,
                        "Detection limit: the detection limit is not measured by this version; slices 1.25 mm thick. "
                        "Not searched of what the images show of the organs: 100.0 ml; partly assessed: right lung "
                        "(organs give the reason). Marks below 5 mm: 1. What was not seen has no count here");
    assert_null(row->blank);
    assert_int_equal(row->n_numbers, 4);
    assert_true(number(row, "not_searched_ml") == 100 && number(row, "below_5mm") == 1);
    assert_true(number(row, "slice_thickness_mm") == 1.25 && isnan(number(row, "worst_d95_mm")));
}

/* What lies beyond the images has no volume: not 0. */
static void hidden_gives_no_volume_beyond_the_images(void **state)
{
    scene *s = *state;
    s->regions.region[0].searched_ml = s->regions.region[0].volume_ml;
    rs_report report = build(s);
    const rs_report_criterion *row = find(&report, "hidden");
    assert_true(isnan(number(row, "not_searched_ml")));
    assert_string_equal(row->brief, "limit not measured; slices 1.25 mm thick; unsearched volume unknown");
    assert_non_null(strstr(row->evidence, "how much lies beyond the images is not known"));
}

static void leaves_to_a_person_what_no_scan_tells(void **state)
{
    rs_report report = build(*state);
    static const char *const ids[] = {"primary", "interval", "fitness", "limb"};
    for (int i = 0; i < 4; i++) {
        assert_null(find(&report, ids[i])->evidence);
        assert_non_null(find(&report, ids[i])->blank);
    }
    assert_int_equal(find_blank(&report, "primary_state")->n_choices, 4);
    assert_string_equal(find_blank(&report, "primary_state")->choices[2], "no");
    assert_string_equal(find(&report, "local")->brief, "no place treated before was given");
    assert_string_equal(find(&report, "new_or_residual")->brief, "no earlier scan given");
}

static void holds_long_axes_against_recist(void **state)
{
    scene *s = *state;
    s->lesion[1].size.long_axis_mm = 10.04;
    rs_report report = build(s);
    assert_string_equal(report.marks[0].recist_text, "long axis 4.4 mm: does not reach 10 mm");
    assert_string_equal(report.marks[1].recist_text, "long axis 10.0 mm: reaches 10 mm");
    assert_string_equal(report.marks[2].recist_text, "long axis not measured, so nothing is told of it");
    assert_true(number(find(&report, "recist"), "reaching") == 1);
    s->series.thickness_mm = 7;
    s->lesion[1].size.truncated = true;
    report = build(s);
    assert_string_equal(report.marks[0].recist_text, "long axis 4.4 mm: does not reach 14 mm");
    assert_string_equal(report.marks[1].recist_text,
                        "long axis at least 10.0 mm: cut by the border, not known whether it reaches 14 mm");
    s->series.thickness_mm = 0;
    report = build(s);
    assert_string_equal(report.marks[0].recist_text,
                        "long axis 4.4 mm: slice thickness not known, so no length to reach");
}

static void no_mark_is_told_with_what_was_not_assessed(void **state)
{
    scene *s = *state;
    s->lesions.n = s->marks.n = 0;
    rs_report report = build(s);
    static const char *const ids[] = {"number", "removable", "recist"};
    for (int i = 0; i < 3; i++)
        assert_true(strncmp(find(&report, ids[i])->evidence,
                            "No mark above the operating point. Assessed: left lung. Partly assessed: right lung",
                            82) == 0);
    assert_string_equal(find(&report, "number")->brief, "no mark above the operating point; expected false marks 2.50");
}

static void nothing_assessed_leaves_the_blanks(void **state)
{
    scene *s = *state;
    s->one = (rs_report_case){.organ = &s->organ, .reason = "no lung in the images", .regions = &s->regions};
    s->input.n_cases = 1;
    for (int r = 0; r < 2; r++) {
        s->regions.region[r].state = RS_NOT_ASSESSED;
        s->regions.region[r].reason = "no lung in the images";
    }
    rs_report report = build(s);
    assert_null(find(&report, "number")->evidence);
    assert_null(find(&report, "removable")->evidence);
    assert_string_equal(find(&report, "elsewhere")->brief, "nothing was assessed");
    assert_string_equal(find(&report, "hidden")->brief, "nothing was searched");
    assert_int_equal(find(&report, "elsewhere")->n_basis_organs, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(quotes_every_question_in_its_order, setup, teardown),
        cmocka_unit_test_setup_teardown(counts_marks_behind_what_was_assessed, setup, teardown),
        cmocka_unit_test_setup_teardown(tells_depths_and_attachments, setup, teardown),
        cmocka_unit_test_setup_teardown(names_what_was_not_assessed, setup, teardown),
        cmocka_unit_test_setup_teardown(hidden_has_limits_and_no_estimate, setup, teardown),
        cmocka_unit_test_setup_teardown(hidden_gives_no_volume_beyond_the_images, setup, teardown),
        cmocka_unit_test_setup_teardown(leaves_to_a_person_what_no_scan_tells, setup, teardown),
        cmocka_unit_test_setup_teardown(holds_long_axes_against_recist, setup, teardown),
        cmocka_unit_test_setup_teardown(no_mark_is_told_with_what_was_not_assessed, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_assessed_leaves_the_blanks, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
