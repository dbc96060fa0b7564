/* The interval that decides: the fit's, the segment's, or set, and the class that follows (contract 6, science E1). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "room.h"
#include "scene.h"

typedef struct facts_case {
    struct rs_measure_settings settings;
    rs_quality quality;
    rs_geometry geometry;
    rs_fit fit;
    rs_segment segment;
    rs_mark_facts facts;
    rs_size size;
} facts_case;

/* A mark of 5.8 mm by its segment whose sphere fit failed, in slices of 1 mm. */
static void make(facts_case *c, rs_attachment attachment)
{
    *c = (facts_case){.settings = {.set_low_factor = 0.6,
                                   .set_high_factor = 1.6,
                                   .attached_share = 0.3,
                                   .thick_slice_mm = 3.5,
                                   .segment_rim_hu = 35,
                                   .fit_rim_hu = 50},
                      .quality = {.thickness_mm = 1},
                      .geometry = {.n = {100, 100, 100}, .spacing_mm = {1, 1, 1}},
                      .fit = {.reason = "no sphere fits"},
                      .segment = {.equivalent_mm = 5.8, .sd = 0.05}};
    c->facts = (rs_mark_facts){.quality = &c->quality,
                               .geometry = &c->geometry,
                               .settings = &c->settings,
                               .largest_fit_mm = 20,
                               .fit = &c->fit,
                               .segment = &c->segment,
                               .seen = {0, 100},
                               .attachment = attachment};
    c->size.equivalent_mm = c->segment.equivalent_mm;
}

static void decide(facts_case *c)
{
    rs_size_decide(&c->facts, (double[3]){50, 50, 50}, &c->size);
}

static void test_segment_alone(void **state)
{
    (void)state;
    facts_case c;
    make(&c, RS_ATTACHMENT_FREE);
    decide(&c);
    assert_int_equal(c.size.source, RS_SIZE_SOURCE_SEGMENTATION);
    assert_true(fabs(c.size.low_mm - 5.3) < 1e-9 && fabs(c.size.high_mm - 6.4) < 1e-9); /* 5.8 exp(-+ 1.96 x 0.05) */
    assert_int_equal(c.size.size_class, RS_SIZE_ABOVE_5MM);
}

/* On a vessel a segment that no sphere confirms may hold a part of the vessel: never a definite class by its edge. */
static void test_segment_on_vessel(void **state)
{
    (void)state;
    facts_case c;
    make(&c, RS_ATTACHMENT_VESSEL);
    decide(&c);
    assert_true(fabs(c.size.low_mm - 3.5) < 1e-9 && fabs(c.size.high_mm - 9.3) < 1e-9); /* 0.6 and 1.6 of 5.8 */
    assert_int_equal(c.size.size_class, RS_SIZE_INDETERMINATE);
    assert_string_equal(c.size.class_reason, "attached to a vessel, and no sphere fits");
    /* What is too large for a fit has a segment by design, whatever enters it. */
    make(&c, RS_ATTACHMENT_VESSEL);
    c.segment.equivalent_mm = c.size.equivalent_mm = 24;
    decide(&c);
    assert_true(fabs(c.size.low_mm - 21.8) < 1e-9 && fabs(c.size.high_mm - 26.5) < 1e-9);
}

static void test_fit_on_vessel(void **state)
{
    (void)state;
    facts_case c;
    make(&c, RS_ATTACHMENT_VESSEL);
    c.fit.reason = NULL;
    c.size.fit_mm = 5.8, c.size.fit_low_mm = 5.2, c.size.fit_high_mm = 6.5;
    decide(&c);
    assert_int_equal(c.size.source, RS_SIZE_SOURCE_FIT);
    assert_true(fabs(c.size.low_mm - 5.2) < 1e-9 && fabs(c.size.high_mm - 6.5) < 1e-9);
    assert_int_equal(c.size.size_class, RS_SIZE_ABOVE_5MM);
}

static void make_fit(facts_case *c, rs_attachment attachment)
{
    make(c, attachment);
    c->fit.reason = NULL;
    c->size.fit_mm = 3.8, c->size.fit_low_mm = 3.6, c->size.fit_high_mm = 4.0;
    c->segment.equivalent_mm = c->size.equivalent_mm = 3.8;
    c->segment.rim_mm = 6.0;
}

/* The ring around a fitted ball shows ground glass: its lower end stands, the upper one reaches over the rim. */
static void test_rim_of_fit(void **state)
{
    (void)state;
    facts_case c;
    make_fit(&c, RS_ATTACHMENT_FREE);
    c.segment.rim_hu = 49;
    decide(&c);
    assert_true(fabs(c.size.high_mm - 4.0) < 1e-9);
    assert_int_equal(c.size.size_class, RS_SIZE_BELOW_5MM);
    c.segment.rim_hu = 51;
    decide(&c);
    assert_true(fabs(c.size.low_mm - 3.6) < 1e-9 && fabs(c.size.high_mm - 6.6) < 1e-9); /* 1.1 x 6.0 */
    assert_true(fabs(c.size.fit_high_mm - 4.0) < 1e-9);                                 /* of the ball alone */
    assert_int_equal(c.size.size_class, RS_SIZE_INDETERMINATE);
    assert_string_equal(c.size.class_reason, "ground glass may lie around it");
    /* A fit with a core has found its shell; beside a vessel the ring is not the lesion's. */
    c.fit.has_core = true;
    decide(&c);
    assert_true(fabs(c.size.high_mm - 4.0) < 1e-9);
    make_fit(&c, RS_ATTACHMENT_VESSEL);
    c.segment.rim_hu = 51;
    decide(&c);
    assert_true(fabs(c.size.high_mm - 4.0) < 1e-9);
}

/* A shell that the fit could neither take nor exclude. */
static void test_doubt_of_fit(void **state)
{
    (void)state;
    facts_case c;
    make_fit(&c, RS_ATTACHMENT_VESSEL);
    c.fit.doubt_mm = 6.2;
    decide(&c);
    assert_true(fabs(c.size.low_mm - 3.6) < 1e-9 && fabs(c.size.high_mm - 6.2) < 1e-9);
    assert_string_equal(c.size.class_reason, "ground glass may lie around it");
    c.fit.doubt_mm = 3.9;
    decide(&c);
    assert_true(fabs(c.size.high_mm - 4.0) < 1e-9);
}

static void test_rim_of_segment(void **state)
{
    (void)state;
    facts_case c;
    make(&c, RS_ATTACHMENT_PLEURA);
    c.segment.rim_mm = 9.0, c.segment.rim_hu = 36;
    decide(&c);
    assert_true(fabs(c.size.low_mm - 3.5) < 1e-9 && fabs(c.size.high_mm - 9.9) < 1e-9); /* 0.6 x 5.8, 1.1 x 9 */
    assert_string_equal(c.size.class_reason, "lies on the wall of the lung");
    c.segment.rim_mm = 8.0;
    decide(&c);
    assert_true(fabs(c.size.high_mm - 9.3) < 1e-9); /* 1.6 x 5.8 reaches further */
    make(&c, RS_ATTACHMENT_FREE);
    c.segment.rim_mm = 9.0, c.segment.rim_hu = 36, c.segment.touches_image = true;
    decide(&c);
    assert_true(isnan(c.size.high_mm));
}

static void test_wall_and_border(void **state)
{
    (void)state;
    facts_case c;
    make(&c, RS_ATTACHMENT_PLEURA);
    decide(&c);
    assert_string_equal(c.size.class_reason, "lies on the wall of the lung");
    make(&c, RS_ATTACHMENT_FREE);
    c.segment.touches_image = true;
    decide(&c);
    assert_true(c.size.truncated && isnan(c.size.high_mm));
    make(&c, RS_ATTACHMENT_FREE);
    c.segment.reason = "nothing";
    decide(&c);
    assert_true(isnan(c.size.low_mm) && isnan(c.size.high_mm));
    assert_string_equal(c.size.class_reason, "no size could be measured");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_segment_alone),  cmocka_unit_test(test_segment_on_vessel),
                                       cmocka_unit_test(test_fit_on_vessel),  cmocka_unit_test(test_rim_of_fit),
                                       cmocka_unit_test(test_doubt_of_fit),   cmocka_unit_test(test_rim_of_segment),
                                       cmocka_unit_test(test_wall_and_border)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
