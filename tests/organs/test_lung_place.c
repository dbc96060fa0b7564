/* Where marks lie in the lungs: depths are closed forms of the ellipsoids of chest.h. */
#include "chest.h"

static result chest_result;

static int set_up(void **state)
{
    (void)state;
    segment(&(chest){.mirror = 1, .spine_y = 1, .no_heart = true}, whole_chest(), &chest_result);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    end(&chest_result);
    return 0;
}

static rs_place place(double x, double y, double z)
{
    rs_place out;
    memset(&out, 0x5a, sizeof out);
    const result *r = &chest_result;
    assert_int_equal(rs_organs_at(0)->place(r->ctx, &r->volume, &r->regions, (double[3]){x, y, z}, r->arena, &out),
                     RS_OK);
    return out;
}

static void assert_depth(const rs_place *p, int region, double mm, const char *basis)
{
    assert_int_equal(p->region, region);
    if (!(fabs(p->depth_to_pleura_mm - mm) <= 1.5)) fail_msg("depth %g instead of %g", p->depth_to_pleura_mm, mm);
    assert_string_equal(p->depth_basis, basis);
    assert_null(p->depth_reason);
    assert_null(p->lobe);
    assert_null(p->lobe_basis);
    assert_string_equal(p->lobe_reason, "no method has been measured yet");
}

/* From (d, 0, 0) inside the half axis a the nearest surface is the vertex as long as a - d is below the radius of
   curvature there, b^2 / a = 108 mm. */
static void test_costal_and_mediastinal_depth(void **state)
{
    (void)state;
    rs_place p = place(lung_x + 32, 0, 0);
    assert_depth(&p, LEFT, 20, "costal");
    p = place(-lung_x - 42, 0, 0);
    assert_depth(&p, RIGHT, 10, "costal");
    p = place(lung_x - 37, 0, 0);
    assert_depth(&p, LEFT, 15, "mediastinal");
    p = place(-lung_x + 47, 0, 0);
    assert_depth(&p, RIGHT, 5, "mediastinal");
}

/* The diaphragm is none of the surfaces that the contract names: the depth stands, the basis does not. */
static void test_diaphragm_has_no_basis(void **state)
{
    (void)state;
    rs_place p = place(lung_x, 0, -lung_axes[2] + 12);
    assert_int_equal(p.region, LEFT);
    assert_true(p.depth_to_pleura_mm > 8 && p.depth_to_pleura_mm < 13.5);
    assert_null(p.depth_basis);
    assert_non_null(p.depth_reason);
}

static void test_mark_on_the_wall_and_outside(void **state)
{
    (void)state;
    rs_place p = place(lung_x + lung_axes[0] + 5, 0, 0);
    assert_int_equal(p.region, LEFT);
    assert_true(p.depth_to_pleura_mm == 0);
    p = place(0, -100, 0);
    assert_int_equal(p.region, -1);
    assert_true(isnan(p.depth_to_pleura_mm));
    assert_string_equal(p.depth_reason, "the point lies outside the lungs");
}

static void test_images_end_before_the_pleura(void **state)
{
    (void)state;
    result r;
    rs_place p;
    rs_geometry g = grid(hfs, (const int32_t[3]){170, 132, 14}, (const double[3]){2, 2, 2.5});
    g.origin_lps_mm[2] = -16;
    segment(&(chest){.mirror = 1, .spine_y = 1, .no_heart = true}, g, &r);
    assert_int_equal(rs_organs_at(0)->place(r.ctx, &r.volume, &r.regions, (double[3]){lung_x, 0, 10}, r.arena, &p),
                     RS_OK);
    assert_int_equal(p.region, LEFT);
    assert_true(isnan(p.depth_to_pleura_mm));
    assert_non_null(strstr(p.depth_reason, "the images end"));
    end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_costal_and_mediastinal_depth),
        cmocka_unit_test(test_diaphragm_has_no_basis),
        cmocka_unit_test(test_mark_on_the_wall_and_outside),
        cmocka_unit_test(test_images_end_before_the_pleura),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
