/* Rows of the structured report: their order, what is left out, and where outline and calipers lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sr_rows.h"
#include <math.h>
#include <stdio.h>

#define NONE ((double)NAN)

enum { N_IMAGES = 6, COLUMNS = 20, ROWS = 16 };

typedef struct scene {
    rs_context *ctx;
    rs_arena *arena;
    rs_report report;
    rs_sources sources;
    rs_report_image images[N_IMAGES];
    rs_report_mark marks[2];
    rs_report_organ organs[2];
    rs_report_criterion criteria[1];
    rs_report_blank blanks[1];
    char uids[N_IMAGES][16];
} scene;

static const char *const mark_reasons[] = {"round \u2265 0.5: raises P"};
static const char *const choices[] = {"controlled", "unknown"};
/* A plus of five pixels in slice 2, one pixel that touches it by a corner, and a pixel in slice 3. */
static const rs_report_run plus[] = {{5, 3, 2, 1}, {4, 4, 2, 3}, {5, 5, 2, 1}, {7, 3, 2, 1}, {5, 4, 3, 1}};

static rs_report_mark whole_mark(void)
{
    return (rs_report_mark){
        .id = "M01",
        .tracking_uid = "2.25.1",
        .rank = 1,
        .series_instance_uid = "1.2",
        .p = 0.8731,
        .p_text = "0.87",
        .shown = true,
        .position_lps_mm = {-7.5, -4, 4},
        .slice = {.number = 13, .sop_instance_uid = "1.2.2", .k = 2},
        .organ = "lung",
        .side = "left",
        .lobe = "LUL",
        .lobe_basis = "approximate",
        .depth_to_pleura_mm = 3.5,
        .depth_basis = "costal",
        .attachment = "free",
        .density = "solid",
        .mean_hu = -33.5,
        .size = {.text = "4.1 mm (3.6 to 4.7)",
                 .fit_mm = 4.1,
                 .fit_low_mm = 3.6,
                 .fit_high_mm = 4.7,
                 .volume_mm3 = 36.1,
                 .mask_volume_mm3 = 36.0,
                 .equivalent_mm = 4.1,
                 .long_axis_mm = 4.5,
                 .short_axis_mm = 3.0,
                 .long_axis_ends_lps_mm = {{-8.5, -4, 4}, {-4, -4, 4}},
                 .short_axis_ends_lps_mm = {{-6.5, -5.5, 4}, {-6.5, -2.5, 4}},
                 .axes_slice = {.number = 13, .sop_instance_uid = "1.2.2", .k = 2},
                 .low_mm = 3.6,
                 .high_mm = 4.7,
                 .size_class = "near_5mm"},
        .visibility_reason = "not measured",
        .bed = {"margin", 12.3, NULL, "a point was given"},
        .review = {.verdict = "not_real", .reader = "Dr M\u00fcller", .date = "2026-01-04", .text = "reader: not real"},
        .recist_text = "long axis 4.5 mm: does not reach 10 mm",
        .reasons = mark_reasons,
        .n_reasons = 1,
        .runs = plus,
        .n_runs = 5};
}

static int setup(void **state)
{
    static scene s;
    memset(&s, 0, sizeof s);
    assert_int_equal(rs_context_new(NULL, &s.ctx), RS_OK);
    s.arena = rs_arena_new();
    for (int k = 0; k < N_IMAGES; k++) {
        (void)snprintf(s.uids[k], sizeof s.uids[k], "1.2.%d", k);
        s.images[k] = (rs_report_image){.sop_class_uid = "1.2.840.10008.5.1.4.1.1.2",
                                        .sop_instance_uid = s.uids[k],
                                        .frame = -1,
                                        .number = 11 + k,
                                        .position_lps_mm = {-12, -8, 2.0 * k}};
    }
    rs_report_filing *f = &s.report.filing;
    *f = (rs_report_filing){.images = s.images,
                            .n_images = N_IMAGES,
                            .rows = ROWS,
                            .columns = COLUMNS,
                            .pixel_mm = {1.0, 1.0},
                            .row = {1, 0, 0},
                            .column = {0, 1, 0},
                            .series_instance_uid = "1.2",
                            .device_uid = "2.25.7",
                            .seg_uid = "1.9.1",
                            .seg_series_uid = "1.9"};
    s.report.source = (rs_report_source){.study_instance_uid = "1",
                                         .series_instance_uid = "1.2",
                                         .modality = "CT",
                                         .geometry = {.n = {COLUMNS, ROWS, N_IMAGES},
                                                      .spacing_mm = {1, 1, 2},
                                                      .origin_lps_mm = {-12, -8, 0},
                                                      .axis = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}};
    s.report.software.version = "9.9";
    s.report.operating_point = (rs_report_point){.name = "default",
                                                 .p_text = "0.43",
                                                 .false_marks_per_litre = 1.01,
                                                 .false_marks_per_scan = 4.1,
                                                 .basis = "phantoms"};
    s.marks[0] = whole_mark();
    s.organs[0] =
        (rs_report_organ){.name = "lung", .side = "right", .state = "assessed", .volume_ml = 2, .searched_ml = 2};
    s.organs[1] = (rs_report_organ){.name = "lung",
                                    .side = "left",
                                    .state = "not_assessed",
                                    .reason = "cut",
                                    .volume_ml = NONE,
                                    .searched_ml = NONE};
    s.criteria[0] = (rs_report_criterion){.id = "number", .question = "a limited number?", .source = "S2"};
    s.blanks[0] =
        (rs_report_blank){.id = "primary", .label = "state", .who = "oncologist", .choices = choices, .n_choices = 2};
    s.report.marks = s.marks;
    s.report.n_marks = 1;
    s.report.organs = s.organs;
    s.report.n_organs = 2;
    s.report.criteria = s.criteria;
    s.report.n_criteria = 1;
    s.report.blanks = s.blanks;
    s.report.n_blanks = 1;
    s.report.assessed_text = "Assessed: right lung";
    s.report.marks_text = "No mark above the operating point";
    *state = &s;
    return 0;
}

static int teardown(void **state)
{
    scene *s = *state;
    rs_arena_free(s->arena);
    rs_context_free(s->ctx);
    return 0;
}

static rs_sr_rows rows_of(scene *s)
{
    rs_sr_rows rows;
    assert_int_equal(rs_sr_rows_of(s->ctx, &s->report, &s->sources, s->arena, &rows), RS_OK);
    return rows;
}

/* The first row of a name from a row on; -1: none. */
static int find(const rs_sr_rows *rows, const rs_dicom_code *name, int from)
{
    const rs_sr_item *items = rows->items;
    for (int r = from; r < rows->n; r++) {
        if (items[r].name && strcmp(items[r].name->value, name->value) == 0) return r;
    }
    return -1;
}

static const rs_sr_item *own_row(const rs_sr_rows *rows, rs_own name, int nth)
{
    int at = -1;
    for (int n = 0; n <= nth; n++) {
        at = find(rows, rs_own_code(name), at + 1);
        if (at < 0) return NULL;
    }
    return (const rs_sr_item *)rows->items + at;
}

static void test_rows_stand_in_the_order_of_the_template(void **state)
{
    static const char *const expected[] = {
        "1:Language of Content Item and Descendants",
        "1:Observer Type",
        "1:Device Observer UID",
        "1:Device Observer Name",
        "1:Device Observer Manufacturer",
        "1:Device Observer Model Name",
        "1:Procedure reported",
        "1:Image Library",
        "2:Image Library Group",
        "3:Modality",
        "3:",
        "1:Imaging Measurements",
        "2:Measurement Group",
        "3:Tracking Identifier",
        "3:Tracking Unique Identifier",
        "3:Finding",
        "3:Algorithm Name",
        "3:Algorithm Version",
        "3:Algorithm Parameters",
        "3:Image Region",
        "4:",
        "3:Finding Site",
        "4:Laterality",
        "3:Long Axis",
        "4:",
        "5:",
        "3:Short Axis",
        "4:",
        "5:",
        "3:Diameter",
        "4:Measurement Method",
        "4:+, range of upper measurement uncertainty",
        "4:-, range of lower measurement uncertainty",
        "3:Probability of a focal lesion",
        "3:Mean Attenuation Coefficient",
        "3:Distance to pleura",
        "4:Measurement Method",
        "3:Distance to treated bed",
        "3:Size class relative to 5 mm",
        "3:Attachment",
        "3:Density",
        "3:Basis of lobe",
        "3:Basis of depth",
        "3:Relation to treated bed",
        "4:Reason",
        "3:Review verdict",
        "4:Reader",
        "4:Date of review",
        "3:Comment",
        "3:Position (LPS, mm)",
        "3:Slice (InstanceNumber)",
        "3:Reason for rank",
        "3:Long axis by RECIST 1.1",
        "3:Reason",
        "2:Measurement Group",
        "3:Tracking Identifier",
        "3:Tracking Unique Identifier",
        "3:Finding",
        "3:Algorithm Name",
        "3:Algorithm Version",
        "3:Algorithm Parameters",
        "3:Referenced Segment",
        "3:Source series for segmentation",
        "3:Finding Site",
        "4:Laterality",
        "3:Volume",
        "3:Volume of the binary mask",
        "1:Qualitative Evaluations",
        "2:State of search",
        "3:Finding Site",
        "3:Laterality",
        "3:Volume searched",
        "2:State of search",
        "3:Finding Site",
        "3:Laterality",
        "3:Reason",
        "2:Notice to reader",
        "2:Notice to reader",
        "2:Operating point",
        "2:Question: limited in number?",
        "3:Question, as quoted",
        "2:To be filled by a person",
    };
    rs_sr_rows rows = rows_of(*state);
    const rs_sr_item *items = rows.items;
    assert_int_equal(rows.n, 1 + sizeof expected / sizeof expected[0]);
    for (int r = 1; r < rows.n; r++) {
        char row[96];
        (void)snprintf(row, sizeof row, "%d:%s", items[r].level, items[r].name ? items[r].name->meaning : "");
        assert_string_equal(row, expected[r - 1]);
    }
    rs_dicom_out *out = NULL; /* and PS3.3 A.35.3 allows them */
    rs_sr_document document = {.items = rows.items, .n_items = rows.n};
    assert_int_equal(rs_dicom_out_new(((scene *)*state)->ctx, &out), RS_OK);
    assert_int_equal(rs_dicom_out_document(((scene *)*state)->ctx, out, &document), RS_OK);
    rs_dicom_out_free(out);
}

static void test_values(void **state)
{
    ((scene *)*state)->sources.sr_tag = "Viewer:Caliper:";
    rs_sr_rows rows = rows_of(*state);
    const rs_sr_item *items = rows.items;
    assert_string_equal(items[find(&rows, rs_std_code(RS_STD_TRACKING_IDENTIFIER), 0)].text, "Viewer:Caliper:M01");
    assert_string_equal(items[find(&rows, rs_std_code(RS_STD_COMMENT), 0)].text,
                        "M01 4.1 mm (3.6 to 4.7), near 5 mm; reader: not real");
    assert_string_equal(items[find(&rows, rs_std_code(RS_STD_UPPER_UNCERTAINTY), 0)].text, "0.6");
    assert_string_equal(items[find(&rows, rs_std_code(RS_STD_LOWER_UNCERTAINTY), 0)].text, "0.5");
    assert_string_equal(own_row(&rows, RS_OWN_P_FOCAL, 0)->text, "0.87");
    assert_string_equal(own_row(&rows, RS_OWN_POSITION, 0)->text, "-7.50\\-4.00\\4.00");
    assert_string_equal(own_row(&rows, RS_OWN_READER, 0)->text, "Dr M?ller");
    assert_string_equal(own_row(&rows, RS_OWN_REVIEW_DATE, 0)->text, "20260104");
    assert_string_equal(own_row(&rows, RS_OWN_MARK_REASON, 0)->text, "round >= 0.5: raises P");
    assert_string_equal(own_row(&rows, RS_OWN_QUESTION, 0)->text, "a limited number? (S2)");
    assert_string_equal(own_row(&rows, RS_OWN_BLANK, 0)->text, "state (oncologist): [ ] controlled [ ] unknown");
    int segment = find(&rows, rs_std_code(RS_STD_REFERENCED_SEGMENT), 0);
    assert_int_equal(items[segment].segment, 1);
    assert_string_equal(items[segment].sop_instance_uid, "1.9.1");
}

static void test_outline_and_axes(void **state)
{
    /* Around the plus; neither the pixel at the corner nor the one of the next slice belongs to it. */
    static const double expected[13][2] = {{5, 3}, {6, 3}, {6, 4}, {7, 4}, {7, 5}, {6, 5}, {6, 6},
                                           {5, 6}, {5, 5}, {4, 5}, {4, 4}, {5, 4}, {5, 3}};
    rs_sr_rows rows = rows_of(*state);
    const rs_sr_item *items = rows.items;
    const rs_sr_item *outline = items + find(&rows, rs_std_code(RS_STD_IMAGE_REGION), 0);
    assert_int_equal(outline->n_points, 13);
    for (int p = 0; p < 13; p++) {
        assert_true(outline->points[p][0] == expected[p][0]);
        assert_true(outline->points[p][1] == expected[p][1]);
    }
    assert_string_equal(outline[1].sop_instance_uid, "1.2.2");
    assert_int_equal(outline[1].frame, 0);
    const rs_sr_item *axis = items + find(&rows, rs_std_code(RS_STD_LONG_AXIS), 0);
    assert_string_equal(axis->text, "4.5");
    assert_int_equal(axis[1].n_points, 2);
    assert_true(fabs(axis[1].points[0][0] - 4.0) < 1e-9 && fabs(axis[1].points[0][1] - 4.5) < 1e-9);
    assert_true(fabs(axis[1].points[1][0] - 8.5) < 1e-9 && fabs(axis[1].points[1][1] - 4.5) < 1e-9);
}

/* Images whose columns run backwards and whose slices are half as far apart as those of the grid that was searched. */
static void test_outline_on_the_source(void **state)
{
    scene *s = *state;
    s->report.filing.row[0] = -1;
    for (int k = 0; k < N_IMAGES; k++) {
        s->images[k].position_lps_mm[0] = -12 + 19;
        s->images[k].position_lps_mm[2] = 1.0 * k;
        s->images[k].frame = k;
        s->images[k].sop_instance_uid = "1.2.9";
    }
    s->marks[0].size.axes_slice = (rs_report_slice){.number = 5, .sop_instance_uid = "1.2.9", .frame = 4, .k = 2};
    rs_sr_rows rows = rows_of(s);
    const rs_sr_item *outline = (rs_sr_item *)rows.items + find(&rows, rs_std_code(RS_STD_IMAGE_REGION), 0);
    assert_int_equal(outline->n_points, 13);
    assert_true(outline->points[0][0] == 14 && outline->points[0][1] == 3); /* column 5 of 20 is column 14 from there */
    assert_int_equal(outline[1].frame, 5);
    const rs_sr_item *axis = (rs_sr_item *)rows.items + find(&rows, rs_std_code(RS_STD_LONG_AXIS), 0);
    assert_true(fabs(axis[1].points[0][0] - 16.0) < 1e-9 && fabs(axis[1].points[1][0] - 11.5) < 1e-9);
}

static void test_a_mark_at_the_border(void **state)
{
    scene *s = *state;
    static const rs_report_run corner[] = {{18, 15, 2, 2}};
    rs_report_mark *mark = &s->marks[0];
    rs_report_size *size = &mark->size;
    mark->runs = corner;
    mark->n_runs = 1;
    mark->depth_to_pleura_mm = NONE;
    mark->depth_basis = NULL;
    mark->depth_reason = "cut";
    size->text = "at least 12.0 mm";
    size->fit_mm = size->fit_low_mm = size->fit_high_mm = size->high_mm = NONE;
    size->fit_reason = "cut by the border";
    size->equivalent_mm = 12.0;
    size->low_mm = 12.0;
    size->truncated = true;
    size->size_class = "above_5mm";
    size->long_axis_ends_lps_mm[1][0] = 9; /* beyond the last column */
    rs_sr_rows rows = rows_of(s);
    const rs_sr_item *items = rows.items;
    int diameter = find(&rows, rs_std_code(RS_STD_DIAMETER), 0);
    assert_string_equal(items[diameter].text, "12.0");
    assert_string_equal(items[diameter + 1].code->value, "EQUIV_SPHERE");
    assert_int_equal(find(&rows, rs_std_code(RS_STD_UPPER_UNCERTAINTY), 0), -1); /* a NUM without value stops viewers */
    assert_string_equal(items[diameter + 2].text, "0.0");
    assert_int_equal(find(&rows, rs_own_code(RS_OWN_DEPTH_PLEURA), 0), -1);
    assert_string_equal(own_row(&rows, RS_OWN_SIZE_BOUND, 0)->code->value, "AT_LEAST");
    assert_string_equal(own_row(&rows, RS_OWN_REASON, 1)->text, "fitted diameter: cut by the border");
    const rs_sr_item *outline = items + find(&rows, rs_std_code(RS_STD_IMAGE_REGION), 0);
    assert_int_equal(outline->n_points, 5);
    assert_true(outline->points[1][0] == COLUMNS && outline->points[2][1] == ROWS);
    assert_true(items[find(&rows, rs_std_code(RS_STD_LONG_AXIS), 0) + 1].points[1][0] == COLUMNS);
}

static void test_a_mark_without_a_mask(void **state)
{
    scene *s = *state;
    s->marks[1] = s->marks[0];
    s->marks[1].id = "M02";
    s->marks[1].rank = 2;
    s->report.n_marks = 2;
    s->marks[0].n_runs = 0;
    s->marks[0].size.long_axis_mm = s->marks[0].size.short_axis_mm = NONE;
    s->marks[0].size.axes_reason = "no outline";
    s->marks[0].size.axes_slice.k = -1;
    rs_sr_rows rows = rows_of(s);
    const rs_sr_item *items = rows.items;
    const rs_sr_item *outline = items + find(&rows, rs_std_code(RS_STD_IMAGE_REGION), 0);
    assert_int_equal(outline->n_points, 5); /* of the pixel at (-7.5, -4): column 5, row 4 */
    assert_true(outline->points[0][0] == 5 && outline->points[0][1] == 4);
    assert_string_equal(items[find(&rows, rs_std_code(RS_STD_TRACKING_IDENTIFIER), 0)].text, "M01");
    int groups = 0;
    for (int at = find(&rows, rs_std_code(RS_STD_MEASUREMENT_GROUP), 0); at >= 0;
         at = find(&rows, rs_std_code(RS_STD_MEASUREMENT_GROUP), at + 1))
        groups++;
    assert_int_equal(groups, 3);
    assert_int_equal(items[find(&rows, rs_std_code(RS_STD_REFERENCED_SEGMENT), 0)].segment, 2);
}

static void test_options(void **state)
{
    scene *s = *state;
    s->sources.no_seg = true;
    s->sources.sr_plain = true;
    rs_sr_rows rows = rows_of(s);
    int volume = find(&rows, rs_std_code(RS_STD_VOLUME), 0);
    assert_true(volume > 0 && volume < find(&rows, rs_own_code(RS_OWN_SIZE_CLASS), 0));
    assert_int_equal(find(&rows, rs_std_code(RS_STD_REFERENCED_SEGMENT), 0), -1);
    assert_int_equal(find(&rows, rs_std_code(RS_STD_UPPER_UNCERTAINTY), 0), -1);
}

static void test_no_mark(void **state)
{
    scene *s = *state;
    s->report.n_marks = 0;
    rs_sr_rows rows = rows_of(s);
    const rs_sr_item *items = rows.items;
    int container = find(&rows, rs_std_code(RS_STD_IMAGING_MEASUREMENTS), 0);
    assert_string_equal(items[container + 1].text, "No mark above the operating point. Assessed: right lung.");
    assert_int_equal(items[container + 2].level, 1);
    static const char *const images[] = {"1.2.0", "1.2.2", "1.2.5"};
    for (int m = 0; m < 3; m++)
        assert_string_equal(items[container - 3 + m].sop_instance_uid, images[m]);
}

static void test_a_word_without_a_code(void **state)
{
    scene *s = *state;
    rs_sr_rows rows;
    s->marks[0].attachment = "glued";
    assert_int_equal(rs_sr_rows_of(s->ctx, &s->report, &s->sources, s->arena, &rows), RS_DEFECT);
    assert_non_null(strstr(rs_context_message(s->ctx), "no code for glued of ATTACHMENT"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_rows_stand_in_the_order_of_the_template),
        TEST(test_values),
        TEST(test_outline_and_axes),
        TEST(test_outline_on_the_source),
        TEST(test_a_mark_at_the_border),
        TEST(test_a_mark_without_a_mask),
        TEST(test_options),
        TEST(test_no_mark),
        TEST(test_a_word_without_a_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
