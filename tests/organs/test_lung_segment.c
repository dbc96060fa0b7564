/* Lungs in chests of ellipsoids: volumes, sides, coverage, what is never lung. */
#include "chest.h"

static void assert_near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance)) fail_msg("%g is not within %g of %g", value, tolerance, expected);
}

/* Left lung on the left, right on the right, each of the volume drawn within 4 % (the closing adds what lies beside the
   heart). */
static void assert_both(const result *r, rs_side_basis basis)
{
    const rs_region *left = &r->regions.region[LEFT], *right = &r->regions.region[RIGHT];
    assert_int_equal(left->side, RS_SIDE_LEFT);
    assert_int_equal(right->side, RS_SIDE_RIGHT);
    assert_int_equal(left->side_basis, basis);
    assert_int_equal(right->side_basis, basis);
    assert_near(left->searched_ml, r->lung_ml[0], 0.04 * r->lung_ml[0]);
    assert_near(right->searched_ml, r->lung_ml[1], 0.04 * r->lung_ml[1]);
    assert_int_equal(region_at(r, lung_x, 40, 0), LEFT);
    assert_int_equal(region_at(r, -lung_x, 40, 0), RIGHT);
}

static void test_whole_chest(void **state)
{
    (void)state;
    result r;
    segment(&(chest){.mirror = 1, .spine_y = 1, .stomach = true, .table = true}, whole_chest(), &r);
    assert_int_equal(r.regions.n, 4);
    assert_string_equal(r.regions.region[BODY].name, "body");
    assert_string_equal(r.regions.region[TRACHEA].name, "trachea");
    assert_string_equal(r.regions.region[LEFT].name, "lung");
    assert_string_equal(r.regions.region[RIGHT].name, "lung");
    assert_int_equal(r.regions.region[LEFT].state, RS_ASSESSED);
    assert_int_equal(r.regions.region[RIGHT].state, RS_ASSESSED);
    assert_null(r.regions.region[LEFT].reason);
    assert_both(&r, RS_SIDE_BASIS_ANATOMY_AND_ORIENTATION);
    /* radius 8.5 mm and 2 mm of wall, from the branching to the top of the image */
    assert_true(r.regions.region[TRACHEA].volume_ml > 20);
    assert_true(r.regions.region[TRACHEA].volume_ml < 50);
    assert_int_equal(region_at(&r, 0, 10, 60), TRACHEA);
    assert_int_equal(region_at(&r, 60, -20, -150), BODY); /* gas of the stomach */
    assert_int_equal(region_at(&r, 24, -25, -40), BODY);  /* heart */
    assert_int_equal(region_at(&r, 100, 121, 0), -1);     /* table */
    assert_int_equal(region_at(&r, 0, -110, 0), BODY);
    assert_int_equal(region_at(&r, 155, -110, 0), -1);
    end(&r);
}

static void test_joined_lungs_are_cut_apart(void **state)
{
    (void)state;
    result r;
    segment(&(chest){.mirror = 1, .spine_y = 1, .bridge = true}, whole_chest(), &r);
    assert_both(&r, RS_SIDE_BASIS_ANATOMY_AND_ORIENTATION);
    assert_int_equal(region_at(&r, 10, 33, 40), LEFT);
    assert_int_equal(region_at(&r, -10, 33, 40), RIGHT);
    end(&r);
}

/* science C3.2: never a fixed plane. The lungs meet beside the middle, and are cut there. */
static void test_the_cut_follows_the_pleura(void **state)
{
    (void)state;
    for (int side = -1; side <= 1; side += 2) {
        result r;
        segment(&(chest){.mirror = 1, .spine_y = 1, .bridge = true, .bridge_x = side * 14}, whole_chest(), &r);
        assert_int_equal(region_at(&r, side * 9, 33, 40), side > 0 ? RIGHT : LEFT);
        assert_int_equal(region_at(&r, side * 19, 33, 40), side > 0 ? LEFT : RIGHT);
        end(&r);
    }
}

/* Above the apex nothing is lung, though the image ends within the ball of the closing. */
static void test_closing_stays_below_the_last_slice(void **state)
{
    (void)state;
    result r;
    rs_geometry g = whole_chest();
    g.n[2] = (int32_t)((lung_axes[2] + 4 - g.origin_lps_mm[2]) / g.spacing_mm[2]) + 1;
    segment(&(chest)CHEST_DEFAULT, g, &r);
    assert_int_equal(r.regions.region[LEFT].state, RS_ASSESSED);
    assert_true(r.regions.region[LEFT].end[2] < g.n[2]);
    assert_int_equal(r.regions.notes.n, 0);
    end(&r);
}

static void test_gas_alone_is_no_lung(void **state)
{
    (void)state;
    result r;
    segment(&(chest){.mirror = 1, .spine_y = 1, .no_lungs = true, .stomach = true}, whole_chest(), &r);
    for (int side = LEFT; side <= RIGHT; side++) {
        assert_int_equal(r.regions.region[side].state, RS_NOT_ASSESSED);
        assert_string_equal(r.regions.region[side].reason, "no lung in the images");
        assert_true(r.regions.region[side].searched_ml == 0);
        assert_int_equal(r.regions.region[side].end[0], 0);
    }
    assert_true(r.regions.region[BODY].volume_ml > 5000);
    end(&r);
}

static void test_slab_is_partly_assessed(void **state)
{
    (void)state;
    result r;
    rs_geometry g = grid(hfs, (const int32_t[3]){170, 132, 14}, (const double[3]){2, 2, 2.5});
    g.origin_lps_mm[2] = -16;
    segment(&(chest)CHEST_DEFAULT, g, &r);
    for (int side = LEFT; side <= RIGHT; side++) {
        assert_int_equal(r.regions.region[side].state, RS_ASSESSED_PARTLY);
        assert_non_null(strstr(r.regions.region[side].reason, "above and below"));
    }
    assert_both(&r, RS_SIDE_BASIS_ANATOMY_AND_ORIENTATION);
    end(&r);
}

static void test_lower_third_is_partly_assessed(void **state)
{
    (void)state;
    result r;
    rs_geometry g = grid(hfs, (const int32_t[3]){170, 132, 30}, (const double[3]){2, 2, 2.5});
    g.origin_lps_mm[2] = -125;
    segment(&(chest){.mirror = 1, .spine_y = 1, .stomach = true}, g, &r);
    assert_int_equal(r.regions.region[LEFT].state, RS_ASSESSED_PARTLY);
    assert_non_null(strstr(r.regions.region[LEFT].reason, "inside the lung above ("));
    assert_near(r.regions.region[RIGHT].searched_ml, r.lung_ml[1], 0.04 * r.lung_ml[1]);
    end(&r);
}

static void test_field_of_view_cuts_the_lung(void **state)
{
    (void)state;
    result r;
    rs_geometry g = grid(hfs, (const int32_t[3]){95, 132, 116}, (const double[3]){2, 2, 2.5});
    segment(&(chest){.mirror = 1, .spine_y = 1, .no_heart = true}, g, &r);
    for (int side = LEFT; side <= RIGHT; side++) {
        assert_int_equal(r.regions.region[side].state, RS_ASSESSED_PARTLY);
        assert_non_null(strstr(r.regions.region[side].reason, "field of view"));
    }
    assert_both(&r, RS_SIDE_BASIS_ORIENTATION);
    end(&r);
}

/* The reconstruction circle cuts both lungs at their sides: what it shows is searched, and the cut is said. */
static void test_reconstruction_circle_cuts_the_lung(void **state)
{
    (void)state;
    result r;
    segment(&(chest){.mirror = 1, .spine_y = 1, .circle_mm = 110}, whole_chest(), &r);
    for (int side = LEFT; side <= RIGHT; side++) {
        assert_int_equal(r.regions.region[side].state, RS_ASSESSED_PARTLY);
        assert_non_null(strstr(r.regions.region[side].reason, "field of view"));
    }
    assert_both(&r, RS_SIDE_BASIS_ANATOMY_AND_ORIENTATION);
    assert_int_equal(region_at(&r, lung_x + 30, 0, 0), LEFT);
    assert_int_equal(region_at(&r, lung_x + 46, 0, 0), -1);
    end(&r);
}

/* Foam of lung density under a body without lung, in an image cropped to the back: the body does not lie around it. */
static void test_foam_under_the_body_is_no_lung(void **state)
{
    (void)state;
    result r;
    rs_geometry g = grid(hfs, (const int32_t[3]){80, 60, 40}, (const double[3]){2, 2, 2.5});
    for (int corner = 0; corner < 2; corner++) {
        g.origin_lps_mm[0] = corner ? 40 : -80; /* corner: foam at two edges, not three */
        g.origin_lps_mm[1] = 40;
        segment(&(chest){.mirror = 1, .spine_y = 1, .no_lungs = true, .foam_hu = -880}, g, &r);
        for (int side = LEFT; side <= RIGHT; side++) {
            assert_int_equal(r.regions.region[side].state, RS_NOT_ASSESSED);
            assert_string_equal(r.regions.region[side].reason, "no lung in the images");
        }
        assert_int_equal(region_at(&r, 60, 150, -50), -1);
        end(&r);
    }
}

/* Breathed out, lung is denser than lung density: it passes by what it hangs on, and stomach gas still does not. */
static void test_lung_breathed_out(void **state)
{
    (void)state;
    result r;
    segment(&(chest){.mirror = 1, .spine_y = 1, .lung_hu = -620, .stomach = true}, whole_chest(), &r);
    assert_both(&r, RS_SIDE_BASIS_ANATOMY_AND_ORIENTATION);
    assert_int_equal(r.regions.region[LEFT].state, RS_ASSESSED);
    assert_int_equal(region_at(&r, 60, -20, -150), BODY);
    end(&r);
}

/* A chest wall of 8 mm on pixels of 2.5 mm: the opening that takes the table off must not break it. */
static void test_thin_wall_on_coarse_pixels(void **state)
{
    (void)state;
    result r;
    segment(&(chest){.mirror = 1, .spine_y = 1, .body_x = 128},
            grid(hfs, (const int32_t[3]){136, 106, 116}, (const double[3]){2.5, 2.5, 2.5}), &r);
    assert_both(&r, RS_SIDE_BASIS_ANATOMY_AND_ORIENTATION);
    assert_int_equal(r.regions.region[LEFT].state, RS_ASSESSED);
    assert_int_equal(r.regions.region[RIGHT].state, RS_ASSESSED);
    end(&r);
}

/* However the grid lies, left is the patient's left. */
static void test_sides_in_every_orientation(void **state)
{
    (void)state;
    static const double turned[][3][3] = {
        {{-1, 0, 0}, {0, -1, 0}, {0, 0, 1}}, /* prone, head first */
        {{-1, 0, 0}, {0, 1, 0}, {0, 0, -1}}, /* feet first */
        {{1, 0, 0}, {0, 1, 0}, {0, 0, -1}},  /* left-handed: slices from head to feet */
        {{-1, 0, 0}, {0, 1, 0}, {0, 0, 1}},  /* left-handed: columns flipped */
    };
    for (size_t t = 0; t < sizeof turned / sizeof turned[0]; t++) {
        result r;
        segment(&(chest){.mirror = 1, .spine_y = 1, .stomach = true, .bridge = true},
                grid(turned[t], (const int32_t[3]){170, 132, 116}, (const double[3]){2, 2, 2.5}), &r);
        assert_both(&r, RS_SIDE_BASIS_ANATOMY_AND_ORIENTATION);
        assert_int_equal(r.regions.region[LEFT].state, RS_ASSESSED);
        end(&r);
    }
}

static void test_coronal_and_sagittal_slices(void **state)
{
    (void)state;
    static const double coronal[3][3] = {{1, 0, 0}, {0, 0, -1}, {0, 1, 0}};
    static const double sagittal[3][3] = {{0, 1, 0}, {0, 0, -1}, {-1, 0, 0}};
    result r;
    segment(&(chest){.mirror = 1, .spine_y = 1, .bridge = true},
            grid(coronal, (const int32_t[3]){170, 116, 132}, (const double[3]){2, 2.5, 2}), &r);
    assert_both(&r, RS_SIDE_BASIS_ANATOMY_AND_ORIENTATION);
    end(&r);
    segment(&(chest){.mirror = 1, .spine_y = 1, .bridge = true},
            grid(sagittal, (const int32_t[3]){132, 116, 170}, (const double[3]){2, 2.5, 2}), &r);
    assert_both(&r, RS_SIDE_BASIS_ANATOMY_AND_ORIENTATION);
    end(&r);
}

static void assert_sides_unknown(const chest *c)
{
    result r;
    segment(c, whole_chest(), &r);
    for (int side = LEFT; side <= RIGHT; side++) {
        assert_int_equal(r.regions.region[side].side, RS_SIDE_UNKNOWN);
        assert_int_equal(r.regions.region[side].side_basis, RS_SIDE_BASIS_UNKNOWN);
        assert_int_equal(r.regions.region[side].state, RS_ASSESSED);
    }
    assert_int_equal(r.regions.notes.n, 1);
    assert_string_equal(r.regions.notes.items[0].code, "side_disagrees");
    end(&r);
}

/* Contract 4: where anatomy and orientation disagree there is no side. */
static void test_mirrored_patient_has_no_sides(void **state)
{
    (void)state;
    assert_sides_unknown(&(chest){.mirror = -1, .spine_y = 1});
    assert_sides_unknown(&(chest){.mirror = 1, .spine_y = -1});
}

static void test_silent_anatomy_leaves_orientation(void **state)
{
    (void)state;
    result r;
    segment(&(chest){.mirror = 1, .spine_y = 1, .no_heart = true}, whole_chest(), &r);
    assert_both(&r, RS_SIDE_BASIS_ORIENTATION);
    end(&r);
}

static void test_a_filled_lung_is_not_assessed(void **state)
{
    (void)state;
    result r;
    segment(&(chest){.mirror = 1, .spine_y = 1, .filled_left = true}, whole_chest(), &r);
    assert_int_equal(r.regions.region[LEFT].state, RS_NOT_ASSESSED);
    assert_non_null(strstr(r.regions.region[LEFT].reason, "on the left"));
    assert_int_equal(r.regions.region[RIGHT].state, RS_ASSESSED);
    assert_int_equal(r.regions.region[RIGHT].side, RS_SIDE_RIGHT);
    end(&r);
}

/* science C4.2: a mark on the wall up to about two radii is searched; one that the lung encloses wholly is, of any
 * size. */
static void test_marks_are_in_the_mask(void **state)
{
    (void)state;
    result r;
    segment(&(chest){.mirror = 1, .spine_y = 1, .mass_mm = 16, .mass = {lung_x + 45, 0, 0}}, whole_chest(), &r);
    assert_int_equal(region_at(&r, lung_x + 43, 0, 0), LEFT);
    end(&r);
    segment(&(chest){.mirror = 1, .spine_y = 1, .mass_mm = 40, .mass = {-lung_x, 10, 10}}, whole_chest(), &r);
    assert_int_equal(region_at(&r, -lung_x, 10, 10), RIGHT);
    assert_int_equal(r.regions.region[RIGHT].state, RS_ASSESSED);
    end(&r);
}

static void test_large_mass_is_said_to_be_unsearched(void **state)
{
    (void)state;
    result r;
    segment(&(chest){.mirror = 1, .spine_y = 1, .mass_mm = 57, .mass = {-lung_x + 28, 0, 10}}, whole_chest(), &r);
    const rs_region *right = &r.regions.region[RIGHT];
    assert_int_equal(right->state, RS_ASSESSED_PARTLY);
    assert_non_null(strstr(right->reason, "hold no air"));
    assert_true(right->volume_ml > right->searched_ml + 50);
    assert_int_equal(r.regions.region[LEFT].state, RS_ASSESSED);
    end(&r);
}

/* science C3.4: what the other lung shows to be missing. 6 cm of fluid behind the lung are 600 ml of its ellipsoid, 440
 * of them in the rear third; 8 cm of its lower end are 560 ml. */
static void test_what_the_mirror_image_lacks_is_said(void **state)
{
    (void)state;
    static const struct {
        chest c;
        const char *words;
        double least_ml, most_ml;
    } cases[] = {{{.mirror = 1, .spine_y = 1, .fluid_cm = 6}, "behind the lung", 300, 700},
                 {{.mirror = 1, .spine_y = 1, .solid_cm = 8}, "above the other one", 300, 700}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        result r;
        segment(&cases[i].c, whole_chest(), &r);
        const rs_region *right = &r.regions.region[RIGHT];
        assert_int_equal(right->state, RS_ASSESSED_PARTLY);
        assert_non_null(strstr(right->reason, cases[i].words));
        double ml = right->volume_ml - right->searched_ml;
        if (ml < cases[i].least_ml || ml > cases[i].most_ml) fail_msg("%g ml in \"%s\"", ml, right->reason);
        assert_int_equal(r.regions.region[LEFT].state, RS_ASSESSED);
        end(&r);
    }
}

/* The tip of a lung that the images cut off: 12 mm of an ellipsoid are 16 ml, which is no lung cut in two; 30 mm are
 * 100 ml. */
static void test_a_tip_that_is_cut_is_stated(void **state)
{
    (void)state;
    static const double cut_mm[] = {12, 30};
    for (int i = 0; i < 2; i++) {
        result r;
        rs_geometry g = whole_chest();
        g.n[2] -= (int32_t)((cut_mm[i] - lung_axes[2] - g.origin_lps_mm[2]) / g.spacing_mm[2]);
        g.origin_lps_mm[2] = cut_mm[i] - lung_axes[2];
        segment(&(chest)CHEST_DEFAULT, g, &r);
        for (int side = LEFT; side <= RIGHT; side++)
            assert_int_equal(r.regions.region[side].state, i == 0 ? RS_ASSESSED : RS_ASSESSED_PARTLY);
        if (i == 0) {
            assert_int_equal(r.regions.notes.n, 2);
            assert_string_equal(r.regions.notes.items[0].code, "lung_tip_cut");
            assert_non_null(strstr(r.regions.notes.items[0].sentence, "lowest image"));
        } else {
            assert_non_null(strstr(r.regions.region[LEFT].reason, "inside the lung below ("));
        }
        end(&r);
    }
}

/* science B2: numbers shifted as by a rescale that was applied twice or not at all. */
static void test_numbers_that_are_no_hu(void **state)
{
    (void)state;
    static const double shift[] = {1024, -1024};
    for (size_t s = 0; s < sizeof shift / sizeof shift[0]; s++) {
        result r;
        segment(&(chest){.mirror = 1, .spine_y = 1, .shift_hu = shift[s]}, whole_chest(), &r);
        assert_int_equal(r.regions.region[LEFT].state, RS_NOT_ASSESSED);
        assert_non_null(strstr(r.regions.region[LEFT].reason, "no HU"));
        assert_int_equal(r.regions.region[RIGHT].state, RS_NOT_ASSESSED);
        end(&r);
    }
}

static void test_same_bits_on_any_number_of_threads(void **state)
{
    (void)state;
    chest c = {.mirror = 1, .spine_y = 1, .bridge = true, .stomach = true, .table = true};
    result one, other;
    segment_threads(&c, whole_chest(), 1, &one);
    size_t bytes = (size_t)rs_geometry_voxels(&one.volume.geometry);
    for (int threads = 2; threads <= 7; threads += 5) {
        segment_threads(&c, whole_chest(), threads, &other);
        assert_memory_equal(one.regions.labels, other.regions.labels, bytes);
        for (int region = 0; region < 4; region++)
            assert_true(one.regions.region[region].volume_ml == other.regions.region[region].volume_ml);
        end(&other);
    }
    end(&one);
}

static void test_slope_and_offset(void **state)
{
    (void)state;
    result r, half;
    segment(&(chest)CHEST_DEFAULT, whole_chest(), &r);
    rs_volume other;
    assert_int_equal(rs_volume_new(r.ctx, &r.volume.geometry, &other), RS_OK);
    for (int64_t v = 0; v < rs_geometry_voxels(&other.geometry); v++)
        other.voxels[v] = (int16_t)(2 * (r.volume.voxels[v] + 1024));
    other.slope = 0.5, other.offset = -1024;
    half = r;
    assert_int_equal(rs_organs_at(0)->segment(r.ctx, &other, r.params, r.arena, &half.regions), RS_OK);
    assert_near(half.regions.region[LEFT].volume_ml, r.regions.region[LEFT].volume_ml, 1);
    rs_regions_free(r.ctx, &half.regions);
    rs_volume_free(r.ctx, &other);
    end(&r);
}

static void test_cancelled(void **state)
{
    (void)state;
    result r;
    rs_regions regions = {.n = -7};
    segment(&(chest)CHEST_DEFAULT, whole_chest(), &r);
    rs_context_cancel(r.ctx);
    assert_int_equal(rs_organs_at(0)->segment(r.ctx, &r.volume, r.params, r.arena, &regions), RS_CANCELLED);
    assert_int_equal(regions.n, -7);
    end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_chest),
        cmocka_unit_test(test_joined_lungs_are_cut_apart),
        cmocka_unit_test(test_the_cut_follows_the_pleura),
        cmocka_unit_test(test_closing_stays_below_the_last_slice),
        cmocka_unit_test(test_gas_alone_is_no_lung),
        cmocka_unit_test(test_slab_is_partly_assessed),
        cmocka_unit_test(test_lower_third_is_partly_assessed),
        cmocka_unit_test(test_field_of_view_cuts_the_lung),
        cmocka_unit_test(test_reconstruction_circle_cuts_the_lung),
        cmocka_unit_test(test_foam_under_the_body_is_no_lung),
        cmocka_unit_test(test_lung_breathed_out),
        cmocka_unit_test(test_thin_wall_on_coarse_pixels),
        cmocka_unit_test(test_sides_in_every_orientation),
        cmocka_unit_test(test_coronal_and_sagittal_slices),
        cmocka_unit_test(test_mirrored_patient_has_no_sides),
        cmocka_unit_test(test_silent_anatomy_leaves_orientation),
        cmocka_unit_test(test_a_filled_lung_is_not_assessed),
        cmocka_unit_test(test_marks_are_in_the_mask),
        cmocka_unit_test(test_large_mass_is_said_to_be_unsearched),
        cmocka_unit_test(test_what_the_mirror_image_lacks_is_said),
        cmocka_unit_test(test_a_tip_that_is_cut_is_stated),
        cmocka_unit_test(test_numbers_that_are_no_hu),
        cmocka_unit_test(test_same_bits_on_any_number_of_threads),
        cmocka_unit_test(test_slope_and_offset),
        cmocka_unit_test(test_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
