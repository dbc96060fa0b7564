/* Contour and calipers on sections drawn from formulas, and the outline of masks, edge to edge. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "room.h"
#include "scene.h"

#define SIDE 48

typedef double (*drawing)(double x, double y); /* positive inside */

static double ellipse(double x, double y)
{
    double u = 0.8 * x + 0.6 * y, v = -0.6 * x + 0.8 * y;
    return 1.0 - sqrt(u * u / 100.0 + v * v / 36.0);
}

/* A ring that is open to the right: chords may not cross the opening. */
static double horseshoe(double x, double y)
{
    double r = sqrt(x * x + y * y);
    if (x > 0.0 && fabs(y) < 6.0) return -1.0;
    return 3.0 - fabs(r - 9.0);
}

/* A disc with a hole: the hole is closed, chords cross it. */
static double ring(double x, double y)
{
    return 2.0 - fabs(sqrt(x * x + y * y) - 8.0);
}

static double rectangle(double x, double y)
{
    return fabs(x) < 2.2 && fabs(y) < 4.2 ? 1.0 : -1.0;
}

typedef struct drawn {
    rs_context *ctx;
    rs_crop crop;
    rs_segment segment;
    rs_section section;
} drawn;

static void draw(drawn *d, drawing shape)
{
    memset(d, 0, sizeof *d);
    assert_int_equal(rs_context_new(NULL, &d->ctx), RS_OK);
    rs_arena *scratch = rs_scratch(d->ctx);
    d->crop = (rs_crop){.n = {SIDE, SIDE, 1}, .spacing_mm = {1, 1, 1}, .count = SIDE * SIDE};
    d->crop.hu = RS_ARENA_NEW(scratch, float, SIDE *SIDE);
    d->segment.mask = RS_ARENA_NEW(scratch, uint8_t, SIDE * SIDE);
    d->segment.contrast_hu = 2.0;
    for (int p = 0; p < SIDE * SIDE; p++) {
        double value = shape(p % SIDE - 0.5 * (SIDE - 1) + 0.5, p / SIDE - 0.5 * (SIDE - 1) + 0.5);
        d->crop.hu[p] = (float)value;
        d->segment.mask[p] = value >= 0.0;
    }
    assert_int_equal(rs_section_take(d->ctx, &d->crop, &d->segment, scratch, &d->section), RS_OK);
}

static void measure(drawing shape, bool outline, rs_calipers *out)
{
    drawn d;
    draw(&d, shape);
    if (outline)
        rs_section_outline(&d.section);
    else
        rs_section_contour(&d.section);
    assert_true(rs_calipers_measure(&d.section, out));
    rs_context_free(d.ctx);
}

static void test_ellipse(void **state)
{
    (void)state;
    rs_calipers c;
    measure(ellipse, false, &c);
    /* A contour of straight pieces, a pixel long, cuts the tip of this ellipse (radius 3.6 pixels) by a tenth of one.
     */
    assert_true(fabs(c.long_mm - 20.0) < 0.3);
    assert_true(fabs(c.short_mm - 12.0) < 0.1);
    double x = c.long_ends[1][0] - c.long_ends[0][0], y = c.long_ends[1][1] - c.long_ends[0][1];
    double u = c.short_ends[1][0] - c.short_ends[0][0], v = c.short_ends[1][1] - c.short_ends[0][1];
    assert_true(fabs(sqrt(x * x + y * y) - c.long_mm) < 1e-9);
    assert_true(fabs(sqrt(u * u + v * v) - c.short_mm) < 1e-9);
    assert_true(fabs(x * u + y * v) < 1e-6);
    assert_true(fabs(fabs(x / y) - 0.8 / 0.6) < 0.25);
}

static void test_chord_stays_inside(void **state)
{
    (void)state;
    rs_calipers c;
    measure(horseshoe, false, &c);
    /* In a ring of radii 6 and 12 the longest chord that keeps out of the middle touches the inner circle:
       2 sqrt(12^2 - 6^2) = 20.8; the closing gives way by a pixel. */
    assert_true(c.long_mm < 21.9);
    assert_true(c.long_mm > 19.5);
}

static void test_hole_is_closed(void **state)
{
    (void)state;
    rs_calipers c;
    measure(ring, false, &c);
    assert_true(fabs(c.long_mm - 20.0) < 0.1);
    assert_true(fabs(c.short_mm - 20.0) < 0.1);
}

/* 5 x 9 pixels: the diagonal from corner to corner is sqrt(106) = 10.296; the longest chord perpendicular to it runs
   through the middle, 5 * sqrt(106) / 9 = 5.720. */
static void test_outline_is_edge_to_edge(void **state)
{
    (void)state;
    rs_calipers c;
    measure(rectangle, true, &c);
    assert_true(fabs(c.long_mm - sqrt(106.0)) < 1e-9);
    assert_true(fabs(c.short_mm - 5.0 * sqrt(106.0) / 9.0) < 0.02);
}

static void test_quantile(void **state)
{
    (void)state;
    float v[101];
    for (int m = 0; m < 101; m++)
        v[m] = (float)(m * 37 % 101);
    assert_true(rs_quantile(v, 101, 0.5) == 50.0);
    assert_true(rs_quantile(v, 101, 0.2) == 20.0);
    assert_true(rs_quantile(v, 101, 1.0) == 100.0);
    assert_true(isnan(rs_quantile(v, 0, 0.5)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ellipse),        cmocka_unit_test(test_chord_stays_inside),
        cmocka_unit_test(test_hole_is_closed), cmocka_unit_test(test_outline_is_edge_to_edge),
        cmocka_unit_test(test_quantile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
