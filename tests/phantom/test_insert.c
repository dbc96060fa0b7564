/* Lesions blended into a scan made here: what they add, what they leave, where they lie, the same bytes. */
#include "insert_world.h"

/* The integral of what a sphere adds is its volume times its contrast, whatever the grid and the PSF. */
static void a_sphere_adds_its_volume_times_its_contrast(void **state)
{
    (void)state;
    const double *spacings[] = {fine_mm, thick_mm, cube_mm}, fwhm[] = {0.8, 1.4, 1.1}, axial[] = {1.0, 2.9, 1.1};
    for (int n = 0; n < 3; n++) {
        world *w = world_of(1, spacings[n], fwhm[n], axial[n], 0.0, false);
        for (double d = 1.5; d < 20.0; d *= 1.9) {
            const double at[3] = {38.33, 35.12, 34.91 * spacings[n][2]}, volume = M_PI * d * d * d / 6.0;
            rs_insert_scene s;
            rs_insert_lesion l = sphere(0.5 * d, 30.0);
            render(w, &s, &l, at);
            assert_true(fabs(l.volume_mm3 / volume - 1.0) < 0.015);
            assert_true(fabs(sum_mm3(w, &l) / (volume * (30.0 - LUNG)) - 1.0) < 0.02);
            assert_true(fabs(l.background_hu - LUNG) <= 5.0);
            for (int c = 0; c < 3; c++)
                assert_true(fabs(l.centre_mm[c] - at[c]) < 0.02);
        }
        world_end(w);
    }
}

/* The closed form of a sphere blurred by an isotropic Gaussian (science C9). */
static void a_blurred_sphere_has_its_profile(void **state)
{
    (void)state;
    world *w = world_of(1, cube_mm, 1.3, 1.3, 0.0, false);
    const double p = 1.3 / 2.3548200450309493, radius = 2.5, at[3] = {54 * 0.7, 50 * 0.7, 35 * 0.7};
    rs_insert_scene s;
    rs_insert_lesion l = sphere(radius, 50.0);
    render(w, &s, &l, at);
    for (int32_t n = 1; n < 8; n++) {
        double r = n * 0.7, a = radius - r, b = radius + r;
        double share = 0.5 * (erf(a / (sqrt(2.0) * p)) + erf(b / (sqrt(2.0) * p))) -
                       p / (r * sqrt(2.0 * M_PI)) * (exp(-a * a / (2.0 * p * p)) - exp(-b * b / (2.0 * p * p)));
        assert_true(fabs(delta_at(&l, 54 + n, 50, 35) / 900.0 - share) < 0.01);
        assert_true(fabs(delta_at(&l, 54, 50, 35 - n) / 900.0 - share) < 0.01);
        assert_true(fabs(delta_at(&l, 54, 50 + n, 35) - delta_at(&l, 54, 50 - n, 35)) < 1.0);
    }
    world_end(w);
}

static void what_lies_within_adds_its_own(void **state)
{
    (void)state;
    world *w = world_of(1, fine_mm, 1.1, 1.2, 0.0, false);
    const double at[3] = {38.0, 35.0, 35.0}, volume = M_PI * 1000.0 / 6.0;
    rs_insert_scene s;
    rs_insert_lesion l = sphere(5.0, -600.0);
    l.density = RS_INSERT_PART_SOLID;
    l.inner_hu = 30.0;
    l.shape.inner_scale = 0.5;
    l.shape.inner_offset_mm[0] = 1.5;
    render(w, &s, &l, at);
    assert_true(fabs(l.core_volume_mm3 / (volume / 8.0) - 1.0) < 0.02);
    double wanted = volume * 7.0 / 8.0 * (-600.0 - LUNG) + volume / 8.0 * (30.0 - LUNG);
    assert_true(fabs(sum_mm3(w, &l) / wanted - 1.0) < 0.02);
    assert_true(fabs(l.mean_hu - (7.0 * -600.0 + 30.0) / 8.0) < 5.0);
    world_end(w);
}

/* SD of windows of 7 x 7 around (i, j) over slices k0 … k1, with the lesion or without. */
static double sd_around(const world *w, const rs_insert_lesion *l, int32_t i, int32_t j, int32_t k0, int32_t k1)
{
    const rs_geometry *g = &w->volume.geometry;
    double square = 0.0;
    for (int32_t k = k0; k <= k1; k++) {
        float window[49];
        for (int32_t n = 0; n < 49; n++) {
            int32_t ii = i + n % 7 - 3, jj = j + n / 7 - 3;
            double hu = w->volume.voxels[((int64_t)k * g->n[1] + jj) * g->n[0] + ii];
            window[n] = (float)(hu + (l != NULL ? delta_at(l, ii, jj, k) : 0.0));
        }
        double sd = rs_insert_window_sd(window + 24, 7);
        square += sd * sd;
    }
    return sqrt(square / (k1 - k0 + 1));
}

static void noise_inside_equals_noise_outside(void **state)
{
    (void)state;
    world *w = world_of(1, fine_mm, 1.1, 1.2, 25.0, false);
    double inside = 0.0, outside = 0.0;
    for (int n = 0; n < 6; n++) {
        w->options.seed = (uint64_t)n + 1;
        const double at[3] = {(30 + 9 * n) * 0.7, 50 * 0.7, 35.0};
        rs_insert_scene s;
        rs_insert_lesion l = sphere(9.0, 30.0);
        render(w, &s, &l, at);
        assert_true(s.kept_share > 0.3 && s.kept_share < 0.95);
        double a = sd_around(w, &l, 30 + 9 * n, 50, 30, 40), b = sd_around(w, NULL, 30 + 9 * n, 50, 30, 40);
        inside += a * a;
        outside += b * b;
    }
    assert_true(fabs(sqrt(inside / outside) - 1.0) < 0.06);
    world_end(w);
}

/* A vessel that runs through is gone inside but for what hides in the noise: replaced, not added to (science D2.1). */
static void a_vessel_inside_is_replaced(void **state)
{
    (void)state;
    world *w = world_of(1, fine_mm, 1.1, 1.2, 10.0, true);
    const double at[3] = {33 * 0.7, 50 * 0.7, 35.0};
    rs_insert_scene s;
    rs_insert_lesion l = sphere(6.0, -20.0);
    render(w, &s, &l, at);
    double sum = 0.0;
    for (int32_t k = 33; k <= 37; k++) {
        for (int32_t i = 30; i <= 36; i++) {
            double hu = w->volume.voxels[((int64_t)k * 100 + 50) * 110 + i] + delta_at(&l, i, 50, k);
            assert_true(fabs(hu + 20.0) < 35.0);
            sum += hu / 35.0;
        }
    }
    assert_true(fabs(sum + 20.0) < 12.0);
    world_end(w);
}

/* Cut by a flat wall: the volume of the segment that is left, and no dark line between lesion and wall. */
static void a_wall_cuts_without_a_seam(void **state)
{
    (void)state;
    world *w = world_of(1, fine_mm, 1.1, 1.2, 0.0, false);
    /* The scan shows the wall through its PSF. */
    rs_insert_scene s;
    assert_int_equal(rs_insert_scene_new(w->ctx, w->arena, &w->in, &w->options, &s), RS_OK);
    const double face_mm = (edge - 0.5) * 0.7, radius = 5.0, depth = 2.0;
    double p = s.psf_sigma_mm[0];
    for (int64_t v = 0; v < rs_geometry_voxels(&w->volume.geometry); v++) {
        double x = (double)(v % 110) * 0.7 - face_mm;
        if (x < 10.0) w->volume.voxels[v] = (int16_t)(WALL + (LUNG - WALL) * 0.5 * (1.0 + erf(x / (sqrt(2.0) * p))));
    }
    const double at[3] = {face_mm + depth, 50 * 0.7, 35.0};
    rs_insert_lesion l = sphere(radius, 40.0);
    render(w, &s, &l, at);
    double cap = radius - depth,
           left = 4.0 / 3.0 * M_PI * radius * radius * radius - M_PI * cap * cap * (radius - cap / 3.0);
    assert_true(fabs(l.volume_mm3 / left - 1.0) < 0.03);
    for (int32_t i = 0; i < edge + 5; i++) {
        double hu = w->volume.voxels[((int64_t)35 * 100 + 50) * 110 + i] + delta_at(&l, i, 50, 35);
        assert_true(fabs(hu - 40.0) < 20.0);
    }
    world_end(w);
}

static char folder[256];

static rs_json *write_and_read(world *w, const char *name, char path[300])
{
    uint8_t *bytes = NULL;
    size_t n = 0;
    rs_json *root = NULL;
    char file[320];
    snprintf(path, 300, "%s/%s", folder, name);
    assert_int_equal(rs_insert_write(w->ctx, &w->in, path, &w->options), RS_OK);
    snprintf(file, sizeof file, "%s/truth.json", path);
    assert_int_equal(rs_file_read(w->ctx, w->arena, file, 1 << 24, false, &bytes, &n), RS_OK);
    assert_int_equal(rs_json_parse(w->ctx, (char *)bytes, n, &root), RS_OK);
    return root;
}

static void lps_of(const rs_json *o, double lps[3])
{
    for (int c = 0; c < 3; c++)
        assert_true(rs_json_real(rs_json_at(rs_json_get(o, "lps_mm"), c), &lps[c]));
}

static double distance(const double a[3], const double b[3])
{
    return sqrt((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]) + (a[2] - b[2]) * (a[2] - b[2]));
}

static void places_sides_and_listed_lesions_are_true(void **state)
{
    (void)state;
    world *w = world_of(2, fine_mm, 1.1, 1.2, 20.0, true);
    char ignore[300], path[300];
    snprintf(ignore, sizeof ignore, "%s/real.csv", folder);
    FILE *f = fopen(ignore, "w");
    assert_non_null(f);
    fprintf(f, "seriesuid,coordX,coordY,coordZ,diameter_mm\n9.9,0,0,0,3\n1.2.3,10.5,12.0,135.0,12.0\r\n");
    fclose(f);
    w->options.ignore = ignore;
    w->options.vessel_share = 0.3;
    w->options.wall_share = 0.4;
    w->options.largest_mm = 5.0;
    rs_insert_counts counts = {0, 0, 0};
    w->options.counts = &counts;
    rs_json *root = write_and_read(w, "places", path);
    assert_true(counts.asked == 60 && counts.lesions == rs_json_size(rs_json_get(root, "lesions")));
    const rs_json *lesions = rs_json_get(root, "lesions"), *real = rs_json_get(root, "irrelevant");
    const double listed[3] = {10.5, 12.0, 135.0};
    int n = rs_json_size(lesions), kinds[3] = {0};
    assert_true(n >= 4);
    assert_int_equal(rs_json_size(real), 1);
    for (int a = 0; a < n; a++) {
        const rs_json *l = rs_json_at(lesions, a);
        double p[3], q[3], da = 0.0, db = 0.0, vessel = 0.0, wall = 0.0;
        lps_of(l, p);
        assert_true(rs_json_real(rs_json_get(l, "equivalent_mm"), &da));
        assert_true(rs_json_real(rs_json_get(l, "vessel_share"), &vessel));
        assert_true(rs_json_real(rs_json_get(l, "wall_share"), &wall));
        const char *kind = rs_json_text(rs_json_get(l, "attachment")), *aimed = rs_json_text(rs_json_get(l, "aimed"));
        assert_string_equal(kind, rs_truth_attachment(vessel, wall));
        if (aimed != NULL) assert_string_equal(kind, aimed);
        kinds[kind[0] == 'v' ? 0 : (kind[0] == 'p' ? 1 : 2)]++;
        /* The halves of the box: i < 55. */
        assert_string_equal(rs_json_text(rs_json_get(l, "side")), p[0] < -30.0 + 54.5 * 0.7 ? "right" : "left");
        assert_true(distance(p, listed) > 14.0 + 6.0);
        for (int b = 0; b < a; b++) {
            lps_of(rs_json_at(lesions, b), q);
            assert_true(rs_json_real(rs_json_get(rs_json_at(lesions, b), "equivalent_mm"), &db));
            assert_true(distance(p, q) > 14.0 + 0.3 * (da + db));
        }
    }
    assert_true(kinds[0] > 0 && kinds[1] > 0);
    rs_json_free(root);
    world_end(w);
}

static void bytes_do_not_depend_on_threads(void **state)
{
    (void)state;
    static const int threads[] = {1, 2, 7};
    uint8_t *first[3] = {NULL};
    size_t first_n[3] = {0};
    world *keep = world_of(1, fine_mm, 1.1, 1.2, 20.0, true);
    static const char *const names[] = {"truth.json", "IM0030.dcm", "IM0045.dcm"};
    for (int t = 0; t < 3; t++) {
        world *w = world_of(threads[t], fine_mm, 1.1, 1.2, 20.0, true);
        char path[300], name[16];
        snprintf(name, sizeof name, "threads%d", threads[t]);
        rs_json_free(write_and_read(w, name, path));
        for (int n = 0; n < 3; n++) {
            uint8_t *bytes = NULL;
            size_t n_bytes = 0;
            char file[320];
            snprintf(file, sizeof file, "%s/%s", path, names[n]);
            assert_int_equal(rs_file_read(keep->ctx, keep->arena, file, 1 << 24, false, &bytes, &n_bytes), RS_OK);
            if (t == 0) {
                first[n] = bytes;
                first_n[n] = n_bytes;
            } else {
                assert_int_equal(n_bytes, first_n[n]);
                assert_memory_equal(bytes, first[n], n_bytes);
            }
        }
        world_end(w);
    }
    world_end(keep);
}

static void wrong_options_are_refused(void **state)
{
    (void)state;
    world *w = world_of(1, fine_mm, 1.1, 1.2, 0.0, false);
    const rs_insert_options good = w->options;
    rs_insert_options o = good;
    o.smallest_mm = 1.0;
    assert_int_equal(rs_insert_write(w->ctx, &w->in, "x", &o), RS_USAGE);
    o = good;
    o.smallest_mm = 9.0;
    o.largest_mm = 4.0;
    assert_int_equal(rs_insert_write(w->ctx, &w->in, "x", &o), RS_USAGE);
    o = good;
    o.vessel_share = 0.7;
    o.wall_share = 0.5;
    assert_int_equal(rs_insert_write(w->ctx, &w->in, "x", &o), RS_USAGE);
    o = good;
    o.library = "/no/such/folder";
    assert_int_equal(rs_insert_write(w->ctx, &w->in, "x", &o), RS_NO_INPUT);
    w->series.volume_file = "volume.mha";
    assert_int_equal(rs_insert_write(w->ctx, &w->in, "x", &good), RS_DATA);
    w->series.volume_file = NULL;
    w->series.description = "SYNTHETIC LESIONS seed 4";
    assert_int_equal(rs_insert_write(w->ctx, &w->in, "x", &good), RS_DATA);
    assert_non_null(strstr(rs_context_message(w->ctx), "already"));
    w->series.description = "SYNTHETIC CHEST 1 mm B";
    memset(w->regions.labels, 0, (size_t)rs_geometry_voxels(&w->regions.geometry));
    assert_int_equal(rs_insert_write(w->ctx, &w->in, "x", &good), RS_DATA);
    assert_int_not_equal(access("x", F_OK), 0);
    world_end(w);
}

int main(void)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/restage-insert-XXXXXX", tmp != NULL ? tmp : "/tmp");
    if (mkdtemp(folder) == NULL) return 70;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sphere_adds_its_volume_times_its_contrast),
        cmocka_unit_test(a_blurred_sphere_has_its_profile),
        cmocka_unit_test(what_lies_within_adds_its_own),
        cmocka_unit_test(noise_inside_equals_noise_outside),
        cmocka_unit_test(a_vessel_inside_is_replaced),
        cmocka_unit_test(a_wall_cuts_without_a_seam),
        cmocka_unit_test(places_sides_and_listed_lesions_are_true),
        cmocka_unit_test(bytes_do_not_depend_on_threads),
        cmocka_unit_test(wrong_options_are_refused),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    char command[320];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command) != 0 || failed != 0;
}
