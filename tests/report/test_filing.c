/* What files the DICOM objects: elements that are right, missing, wrong; UIDs of the same run and of another; nobody
   named. */
#include <stdio.h>

#include "filing.h"
#include "scene.h"

static const uint8_t latin[] = {0xc4, 'n', '^', 'R', ' '}; /* without a character set */

/* The report of the scene with a header of n elements. */
static rs_report filed(scene *s, const rs_report_element *elements, const char *const *texts, int n)
{
    static rs_report_filed header;
    header = (rs_report_filed){.series = &s->series, .elements = elements, .texts = texts, .n_elements = n};
    rs_report_input input = s->input;
    input.filed = &header;
    rs_report report;
    assert_int_equal(rs_report_build(s->ctx, &input, s->arena, &report), RS_OK);
    return report;
}

static const rs_report_element *element(const rs_report *report, uint32_t tag)
{
    for (int e = 0; e < report->filing.n_elements; e++)
        if (report->filing.elements[e].tag == tag) return &report->filing.elements[e];
    return NULL;
}

static bool is_limited(const rs_report *report, const char *code, const char *word)
{
    for (int i = 0; i < report->limitations.n; i++) {
        const rs_note *note = &report->limitations.items[i];
        if (strcmp(note->code, code) == 0 && strstr(note->sentence, word)) return true;
    }
    return false;
}

#define TEXT(tag, text)                                                                                                \
    {                                                                                                                  \
        tag, (const uint8_t *)(text), sizeof(text) - 1                                                                 \
    }

static void carries_bytes_and_mends_by_the_table(void **state)
{
    const rs_report_element elements[] = {
        TEXT(0x00080020, "20200230"), TEXT(0x00080050, "AAAAAAAAAAAAAAAAAAAA"),
        TEXT(0x00081030, "CHEST "),   {0x00100010, latin, sizeof latin},
        TEXT(0x00100030, "19600101"), TEXT(0x00100040, "X "),
        TEXT(0x00101010, "61"),       {0x00101020, NULL, 0},
        TEXT(0x0020000d, "1.2.03 "),
    };
    const char *const texts[] = {
        "20200230", "AAAAAAAAAAAAAAAAAAAA", "CHEST", "\xef\xbf\xbdn^R", "19600101", "X", "61", "", "1.2.03"};
    rs_report report = filed(*state, elements, texts, 9);
    /* filing keys: as they are, or empty */
    assert_int_equal(element(&report, 0x00100010)->n_bytes, 5);
    assert_memory_equal(element(&report, 0x00100010)->bytes, latin, 5);
    assert_memory_equal(element(&report, 0x0020000d)->bytes, "1.2.03 ", 7);
    assert_int_equal(element(&report, 0x00100020)->n_bytes, 0);
    assert_null(element(&report, 0x00100021));
    /* type 2: as they are, or empty */
    assert_memory_equal(element(&report, 0x00100030)->bytes, "19600101", 8);
    assert_int_equal(element(&report, 0x00080020)->n_bytes, 0); /* no 30th of February */
    assert_int_equal(element(&report, 0x00080030)->n_bytes, 0);
    assert_int_equal(element(&report, 0x00080050)->n_bytes, 0);
    assert_int_equal(element(&report, 0x00100040)->n_bytes, 0);
    /* type 3: as they are, or not at all; no character set is invented */
    assert_memory_equal(element(&report, 0x00081030)->bytes, "CHEST ", 6);
    assert_null(element(&report, 0x00101010));
    assert_int_equal(element(&report, 0x00101020)->n_bytes, 0); /* empty there, empty here */
    assert_null(element(&report, 0x00101030));
    assert_null(element(&report, 0x00080005));
    assert_true(is_limited(&report, "header_invalid", "carry it as it stands"));
    assert_true(is_limited(&report, "header_invalid", "AccessionNumber"));
    assert_true(is_limited(&report, "header_invalid", "PatientSex"));
    assert_true(is_limited(&report, "header_charset", "names no character set"));
    assert_true(is_limited(&report, "no_frame_of_reference", "a new one") == !report.filing.has_frame_of_reference);
}

static void knows_what_is_valid(void **state)
{
    (void)state;
    static const struct {
        int form;
        const char *text;
        bool valid;
    } rows[] = {
        {RS_FORM_DATE, "20240229", true},
        {RS_FORM_DATE, "20230229", false},
        {RS_FORM_DATE, "1960-01-01", false},
        {RS_FORM_TIME, "0705", true},
        {RS_FORM_TIME, "070509.123456", true},
        {RS_FORM_TIME, "07:05:09", false},
        {RS_FORM_TIME, "070509.1234567", false},
        {RS_FORM_SHORT, "1234567890123456", true},
        {RS_FORM_SHORT, "12345678901234567", false},
        {RS_FORM_SHORT, "\xe5\xb1\xb1\xe5\xb1\xb1\xe5\xb1\xb1\xe5\xb1\xb1\xe5\xb1\xb1\xe5\xb1\xb1", true}, /* 6 */
        {RS_FORM_LONG, "one\\two", false},
        {RS_FORM_LONGS, "one\\two", true},
        {RS_FORM_LONG, "line\nfeed", false},
        {RS_FORM_NAME, "a^b^c^d^e=f=g", true},
        {RS_FORM_NAME, "a^b^c^d^e^f", false},
        {RS_FORM_NAME, "a=b=c=d", false},
        {RS_FORM_NAMES, "a^b\\c", true},
        {RS_FORM_NAMES, "a^b\\a^b^c^d^e^f", false},
        {RS_FORM_SEX, "O", true},
        {RS_FORM_SEX, "X", false},
        {RS_FORM_AGE, "061Y", true},
        {RS_FORM_AGE, "061X", false},
        {RS_FORM_DECIMAL, "1.74", true},
        {RS_FORM_DECIMAL, "1,74", false},
        {RS_FORM_UID, "1.2.0.3", true},
        {RS_FORM_UID, "1.2.03", false},
        {RS_FORM_UID, "1..2", false},
        {RS_FORM_UID, "1.2.", false},
        {RS_FORM_CHARSETS, "\\ISO 2022 IR 87", true},
        {RS_FORM_CHARSETS, "ISO_IR 999", false},
    };
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        const bool valid = rs_filing_is_valid(rows[r].form, rows[r].text, (int32_t)strlen(rows[r].text));
        if (valid != rows[r].valid) fail_msg("row %zu, %s: %d", r, rows[r].text, valid);
    }
}

static void lists_the_images_as_the_source_has_them(void **state)
{
    scene *s = *state;
    rs_report report = build(s); /* a source that is no DICOM */
    assert_non_null(strstr(report.filing.reason, "no DICOM"));
    assert_int_equal(report.filing.n_images, 0);
    report = filed(s, NULL, NULL, 0);
    const rs_report_filing *f = &report.filing;
    assert_int_equal(f->n_images, N_SLICES);
    assert_int_equal(f->images[3].number, s->slices[3].instance_number);
    assert_int_equal(f->images[3].frame, -1);
    double read[3];
    assert_int_equal(sscanf(f->images[3].position_text, "%lf\\%lf\\%lf", &read[0], &read[1], &read[2]), 3);
    for (int a = 0; a < 3; a++)
        assert_true(read[a] == s->slices[3].position_lps_mm[a]);
    assert_false(f->synthetic);
    s->slices[5].frame = 5; /* of one file */
    report = filed(s, NULL, NULL, 0);
    s->slices[5].frame = 0;
    assert_int_equal(report.filing.images[5].frame, 5);
    assert_int_equal(report.filing.images[0].frame, 0);
}

/* UIDs of two reports: none of four is shared, or all are. */
static int n_shared(const rs_report *a, const rs_report *b)
{
    const rs_report_filing *x = &a->filing, *y = &b->filing;
    return !strcmp(x->sr_uid, y->sr_uid) + !strcmp(x->seg_uid, y->seg_uid) +
           !strcmp(x->ko_series_uid, y->ko_series_uid) + !strcmp(x->pdf_series_uid, y->pdf_series_uid);
}

static void makes_other_uids_for_another_packet(void **state)
{
    scene *s = *state;
    rs_report first = filed(s, NULL, NULL, 0), again = filed(s, NULL, NULL, 0);
    assert_int_equal(n_shared(&first, &again), 4);
    assert_string_not_equal(first.filing.sr_uid, first.filing.seg_uid);
    assert_string_not_equal(first.filing.sr_uid, first.filing.sr_series_uid);
    rs_report_input before = s->input;
    s->input.created_s += 5; /* the clock alone changes nothing */
    again = filed(s, NULL, NULL, 0);
    assert_int_equal(n_shared(&first, &again), 4);
    s->input.created_given = true;
    again = filed(s, NULL, NULL, 0);
    assert_int_equal(n_shared(&first, &again), 0);
    s->input = before;
    s->input.sr_plain = true;
    again = filed(s, NULL, NULL, 0);
    assert_int_equal(n_shared(&first, &again), 0);
    s->input = before;
    s->input.sr_tag = "";
    again = filed(s, NULL, NULL, 0);
    assert_int_equal(n_shared(&first, &again), 0);
    s->input = before;
    s->input.identity = "none";
    again = filed(s, NULL, NULL, 0);
    assert_int_equal(n_shared(&first, &again), 0);
    s->input = before;
}

static void names_nobody_but_by_the_key(void **state)
{
    static const uint8_t key[] = "sixteen bytes or more";
    scene *s = *state;
    rs_report_input before = s->input;
    rs_series was = s->series;
    s->series.patient_id = "4711";
    s->series.issuer_of_patient_id = "H";
    s->series.study_date = "20200101";
    s->series.sop_class_uid = "1.2.840.10008.5.1.4.1.1.2";
    const rs_report_element elements[] = {TEXT(0x00100010, "Doe^Jane"), TEXT(0x00100020, "4711"),
                                          TEXT(0x0020000d, "1.2 ")};
    const char *const texts[] = {"Doe^Jane", "4711", "1.2"};
    s->input.identity = "pseudo", s->input.key = key, s->input.n_key = sizeof key - 1;
    rs_report one = filed(s, elements, texts, 3);
    assert_string_equal(one.identity.mode, "pseudo");
    /* HMAC-SHA-256 of "patient", issuer and ID, a line each: printf 'patient\nH\n4711' | openssl dgst -sha256 -hmac KEY
     */
    assert_int_equal(strlen(one.identity.patient_id), 32);
    assert_memory_equal(element(&one, 0x00100020)->bytes, one.identity.patient_id, 32);
    assert_int_equal(element(&one, 0x00100010)->n_bytes, 0);
    assert_null(one.identity.patient_name);
    assert_string_not_equal(one.identity.study_date, "2020-01-01");
    assert_int_equal(element(&one, 0x00080020)->n_bytes, 8);
    assert_string_not_equal(one.source.study_instance_uid, "1.2");
    assert_memory_equal(element(&one, 0x0020000d)->bytes, one.source.study_instance_uid,
                        strlen(one.source.study_instance_uid));
    assert_string_equal(one.filing.images[0].sop_class_uid, "1.2.840.10008.5.1.4.1.1.2"); /* a class names nobody */
    s->series.issuer_of_patient_id = "another";
    rs_report other = filed(s, elements, texts, 3);
    assert_string_not_equal(other.identity.patient_id, one.identity.patient_id);
    s->input.identity = "none", s->input.n_key = 0;
    rs_report none = filed(s, elements, texts, 3);
    assert_null(none.identity.patient_id);
    assert_null(none.identity.study_date);
    assert_int_equal(element(&none, 0x00100020)->n_bytes, 0);
    assert_string_not_equal(none.source.study_instance_uid, one.source.study_instance_uid);
    s->series = was;
    s->input = before;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(carries_bytes_and_mends_by_the_table),
        cmocka_unit_test(knows_what_is_valid),
        cmocka_unit_test(lists_the_images_as_the_source_has_them),
        cmocka_unit_test(makes_other_uids_for_another_packet),
        cmocka_unit_test(names_nobody_but_by_the_key),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
