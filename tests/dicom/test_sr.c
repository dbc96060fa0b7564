/* Content trees: rows into a data set, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dicom/dicom.h"

static const rs_dicom_code title = {"126000", "DCM", "Imaging Measurement Report"};
static const rs_dicom_code group = {"125007", "DCM", "Measurement Group"};
static const rs_dicom_code axis = {"103339001", "SCT", "Long Axis"};
static const rs_dicom_code mm = {"mm", "UCUM", "millimeter"};
static const rs_dicom_code comment = {"121106", "DCM", "Comment"};
static const double ends[2][2] = {{0.5, 1.25}, {10.5, 3}};

static const rs_sr_item rows[] = {
    {.level = 0, .relation = RS_SR_ROOT, .type = RS_SR_CONTAINER, .name = &title, .template_id = "1500"},
    {.level = 1, .relation = RS_SR_CONTAINS, .type = RS_SR_CONTAINER, .name = &group},
    {.level = 2, .relation = RS_SR_CONTAINS, .type = RS_SR_NUM, .name = &axis, .code = &mm, .text = "10.2"},
    {.level = 3, .relation = RS_SR_INFERRED_FROM, .type = RS_SR_SCOORD, .points = ends, .n_points = 2},
    {.level = 4,
     .relation = RS_SR_SELECTED_FROM,
     .type = RS_SR_IMAGE,
     .sop_class_uid = "1.2.840.10008.5.1.4.1.1.2.1",
     .sop_instance_uid = "1.2.03", /* as some sources have it */
     .frame = 7},
    {.level = 1, .relation = RS_SR_CONTAINS, .type = RS_SR_TEXT, .name = &comment, .text = "back on level 1"},
};

static const rs_sr_reference evidence[] = {{"1.2", "1.3", "1.2.840.10008.5.1.4.1.1.2.1", "1.2.03"}};
static const rs_sr_reference earlier[] = {{"1.2", "1.4", "1.2.840.10008.5.1.4.1.1.88.33", "1.5"}};

static int setup(void **state)
{
    return rs_context_new(NULL, (rs_context **)state) == RS_OK ? 0 : -1;
}

static int teardown(void **state)
{
    rs_context_free(*state);
    return 0;
}

/* Encodes a document; the length of the file, 0 where the document was refused. */
static size_t encode(rs_context *ctx, const rs_sr_document *document, rs_arena *arena, uint8_t **bytes)
{
    rs_dicom_out *out = NULL;
    size_t n = 0;
    assert_int_equal(rs_dicom_out_new(ctx, &out), RS_OK);
    if (rs_dicom_out_document(ctx, out, document) == RS_OK) {
        assert_int_equal(rs_dicom_out_text(ctx, out, RS_TAG(8, 0x16), "1.2.840.10008.5.1.4.1.1.88.33"), RS_OK);
        assert_int_equal(rs_dicom_out_text(ctx, out, RS_TAG(8, 0x18), "1.2.9"), RS_OK);
        assert_int_equal(rs_dicom_out_encode(ctx, out, arena, bytes, &n), RS_OK);
    }
    rs_dicom_out_free(out);
    return n;
}

static int count(const uint8_t *bytes, size_t n, const char *text)
{
    int found = 0;
    size_t length = strlen(text);
    for (size_t at = 0; at + length <= n; at++)
        found += memcmp(bytes + at, text, length) == 0;
    return found;
}

static void test_rows_become_a_tree(void **state)
{
    rs_context *ctx = *state;
    rs_arena *arena = rs_arena_new();
    uint8_t *bytes = NULL, *again = NULL;
    rs_sr_document document = {.items = rows,
                               .n_items = 6,
                               .evidence = evidence,
                               .n_evidence = 1,
                               .predecessors = earlier,
                               .n_predecessors = 1,
                               .scheme = {"99TEST", "codes of a test", "a test"}};
    size_t n = encode(ctx, &document, arena, &bytes);
    assert_true(n > 500);
    assert_int_equal(encode(ctx, &document, arena, &again), n);
    assert_memory_equal(bytes, again, n);
    assert_int_equal(count(bytes, n, "Measurement Group"), 1);
    assert_int_equal(count(bytes, n, "INFERRED FROM"), 1);
    assert_int_equal(count(bytes, n, "10.2"), 1);
    assert_int_equal(count(bytes, n, "1.2.03"), 2);
    assert_int_equal(count(bytes, n, "codes of a test"), 1);
    assert_int_equal(count(bytes, n, "PRELIMINARY"), 1);
    assert_int_equal(count(bytes, n, "UNVERIFIED"), 1);
    static const float graphic[4] = {0.5F, 1.25F, 10.5F, 3.0F};
    bool there = false;
    for (size_t at = 0; at + sizeof graphic <= n; at++)
        there |= memcmp(bytes + at, graphic, sizeof graphic) == 0;
    assert_true(there);
    rs_arena_free(arena);
}

/* What cannot stand where it is put is named with its row. */
static void refuse(rs_context *ctx, int row, rs_sr_item with, const char *why)
{
    rs_sr_item broken[6];
    uint8_t *bytes = NULL;
    rs_arena *arena = rs_arena_new();
    memcpy(broken, rows, sizeof broken);
    broken[row] = with;
    rs_sr_document document = {.items = broken, .n_items = 6};
    assert_int_equal(encode(ctx, &document, arena, &bytes), 0);
    assert_non_null(strstr(rs_context_message(ctx), why));
    rs_arena_free(arena);
}

static void test_what_is_refused(void **state)
{
    rs_context *ctx = *state;
    rs_sr_item item = rows[2];
    item.text = NULL;
    refuse(ctx, 2, item, "row 2 (Long Axis) of a structured report cannot be set: it has no value");
    item.text = "10,2";
    refuse(ctx, 2, item, "row 2 (Long Axis)");
    item = rows[3];
    item.level = 5;
    refuse(ctx, 3, item, "it has no parent");
    item = rows[5];
    item.level = 0;
    refuse(ctx, 5, item, "it has no parent");
    item = rows[3];
    item.relation = RS_SR_HAS_ACQ_CONTEXT;
    refuse(ctx, 3, item, "no such relation is allowed there");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_rows_become_a_tree, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
