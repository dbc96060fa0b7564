/* Cut-outs of real nodules: their size and density, what they leave of the scan, which of them are drawn. */
#include "insert_world.h"

static char folder[256];

/* A folder for cut-outs below the scratch folder. */
static void make_library(const char *name, char path[300])
{
    char image[320], mask[320];
    snprintf(path, 300, "%s/%s", folder, name);
    snprintf(image, sizeof image, "%s/image", path);
    snprintf(mask, sizeof mask, "%s/mask", path);
    assert_int_equal(mkdir(path, 0700) | mkdir(image, 0700) | mkdir(mask, 0700), 0);
}

/* A nodule as a scan shows it: a ball of 8 mm seen through 1.1 mm; the readers' mask holds its rim. */
static void write_cutout(world *w, const char *library, const char *file, double hu)
{
    const rs_geometry g = {.n = {44, 44, 11}, .spacing_mm = {0.7, 0.7, 1.0}, .axis = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    const double p = 1.1 / 2.3548200450309493, radius = 4.0;
    rs_volume image, mask;
    char path[320];
    assert_int_equal(rs_volume_new(w->ctx, &g, &image), RS_OK);
    assert_int_equal(rs_volume_new(w->ctx, &g, &mask), RS_OK);
    for (int32_t v = 0; v < 44 * 44 * 11; v++) {
        double x = (v % 44 - 22) * 0.7, y = (v / 44 % 44 - 22) * 0.7, z = v / 44 / 44 - 5.0;
        double r = sqrt(x * x + y * y + z * z) + 1e-9, a = radius - r, b = radius + r;
        double share = 0.5 * (erf(a / (sqrt(2.0) * p)) + erf(b / (sqrt(2.0) * p))) -
                       p / (r * sqrt(2.0 * M_PI)) * (exp(-a * a / (2.0 * p * p)) - exp(-b * b / (2.0 * p * p)));
        image.voxels[v] = (int16_t)floor(-880.0 + (hu + 880.0) * share + 15.0 * random_normal((uint64_t)v) + 0.5);
        if (x > 7.0) image.voxels[v] = 50; /* the wall of its own scan */
        mask.voxels[v] = share > 0.15;
    }
    const rs_format_options options = {.force = true};
    snprintf(path, sizeof path, "%s/image/%s", library, file);
    assert_int_equal(rs_format_write(w->ctx, &image, 1, path, &options), RS_OK);
    snprintf(path, sizeof path, "%s/mask/%s", library, file);
    assert_int_equal(rs_format_write(w->ctx, &mask, 1, path, &options), RS_OK);
    rs_volume_free(w->ctx, &image);
    rs_volume_free(w->ctx, &mask);
}

static void a_cutout_keeps_its_effective_size(void **state)
{
    (void)state;
    char name[300];
    make_library("library", name);
    static const double axial[] = {1.2, 2.8};
    for (int n = 0; n < 2; n++) {
        world *w = world_of(1, n == 0 ? fine_mm : thick_mm, 1.1, axial[n], 20.0, true);
        write_cutout(w, name, "ball.nii.gz", 40.0);
        const rs_library_row row = {.file = "ball.nii.gz", .patient = "A", .nominal_mm = 9.5};
        const rs_library library = {.folder = name};
        rs_insert_scene s;
        rs_cutout cutout;
        assert_int_equal(rs_insert_scene_new(w->ctx, w->arena, &w->in, &w->options, &s), RS_OK);
        assert_int_equal(rs_cutout_new(w->ctx, w->arena, &s, &library, &row, &cutout), RS_OK);
        assert_true(fabs(cutout.background_hu + 880.0) < 15.0 && fabs(cutout.inside_hu - 40.0) < 25.0);
        /* 15 HU of white noise, of which sampling and blur leave less than the scan has. */
        assert_true(cutout.noise_hu > 3.0 && cutout.noise_hu < 16.0 && cutout.left_hu == cutout.noise_hu);
        rs_insert_lesion l = {.diameter_mm = 9.5, .cutout = &cutout};
        l.shape = (rs_insert_shape){.name = "cutout", .reach_mm = 9.0};
        const double turn[3][3] = {{0.6, 0.8, 0.0}, {-0.8, 0.6, 0.0}, {0.0, 0.0, -1.0}};
        memcpy(l.turn, turn, sizeof turn);
        const double at[3] = {38.0, 35.0, 35.0 * w->volume.geometry.spacing_mm[2]};
        render(w, &s, &l, at);
        double effective_mm = cbrt(6.0 * l.volume_mm3 / M_PI);
        assert_true(fabs(l.mean_hu - 40.0) < 40.0 && fabs(l.mean_hu - l.background_hu - 890.0) < 50.0);
        assert_true(fabs(effective_mm / 8.0 - 1.0) < 0.05);
        for (int c = 0; c < 3; c++)
            assert_true(fabs(l.centre_mm[c] - at[c]) < 0.4);
        /* As dense inside as in its own scan; the wall of that stays behind. */
        double sum = 0.0;
        for (int32_t i = 52; i <= 56; i++)
            sum += (w->volume.voxels[((int64_t)35 * 100 + 50) * 110 + i] + delta_at(&l, i, 50, 35)) / 5.0;
        assert_true(fabs(sum - 40.0) < 40.0);
        for (int32_t m = 11; m < 16; m++)
            assert_true(fabs(delta_at(&l, 54 + m, 50, 35)) < 60.0 && fabs(delta_at(&l, 54, 50 - m, 35)) < 60.0);
        world_end(w);
    }
}

/* A faint nodule on a vessel: the vessel stays, the lung beside becomes brighter, and the sum is no loss. */
static void what_is_brighter_than_a_cutout_stays(void **state)
{
    (void)state;
    char name[300];
    make_library("faint", name);
    for (int noise = 0; noise < 2; noise++) {
        world *w = world_of(1, fine_mm, 1.1, 1.2, noise == 0 ? 0.0 : 15.0, true);
        write_cutout(w, name, "ball.nii.gz", -650.0);
        const rs_library_row row = {.file = "ball.nii.gz", .nominal_mm = 9.5, .texture = 1.0, .calcification = 6.0};
        const rs_library library = {.folder = name};
        rs_insert_scene s;
        rs_cutout cutout;
        assert_int_equal(rs_insert_scene_new(w->ctx, w->arena, &w->in, &w->options, &s), RS_OK);
        assert_int_equal(rs_cutout_new(w->ctx, w->arena, &s, &library, &row, &cutout), RS_OK);
        rs_insert_lesion l = {.diameter_mm = 9.5,
                              .cutout = &cutout,
                              .turn = {{1.0, 0.0, 0.0}, {0.0, 1.0, 0.0}, {0.0, 0.0, 1.0}},
                              .shape = {.name = "cutout", .reach_mm = 9.0}};
        const double at[3] = {33 * 0.7, 50 * 0.7, 35.0};
        render(w, &s, &l, at);
        assert_true(sum_mm3(w, &l) > 0.3 * (M_PI * 512.0 / 6.0) * 200.0);
        for (int32_t k = 32; k <= 38; k++)
            for (int32_t i = 32; i <= 34; i++)
                assert_true(delta_at(&l, i, 50, k) > -15.0);
        double beside = 0.0;
        for (int32_t k = 33; k <= 37; k++)
            beside += delta_at(&l, 33, 54, k) / 5.0;
        assert_true(beside > 100.0);
        world_end(w);
    }
}

/* By readers and by measurement. */
static void the_density_of_a_cutout_is_measured(void **state)
{
    (void)state;
    static const struct {
        double texture, calcification, structure, nominal_mm, core_hu;
        rs_insert_density is;
    } cases[] = {
        {5, 6, 1, 9, 20, RS_INSERT_SOLID},          {5, 6, 1, 4, -400, RS_INSERT_SOLID},
        {5, 6, 1, 9, -400, RS_INSERT_PART_SOLID},   {5, 3, 1, 6, 700, RS_INSERT_CALCIFIED},
        {5, 3, 1, 6, 20, RS_INSERT_SOLID},          {1, 6, 1, 9, -600, RS_INSERT_GROUND_GLASS},
        {1, 6, 1, 9, -200, RS_INSERT_PART_SOLID},   {3, 6, 1, 9, -300, RS_INSERT_PART_SOLID},
        {3, 6, 1, 9, -620, RS_INSERT_GROUND_GLASS}, {5, 6, 4, 9, -620, RS_INSERT_CAVITY},
    };
    for (size_t n = 0; n < sizeof cases / sizeof cases[0]; n++) {
        const rs_library_row row = {.nominal_mm = cases[n].nominal_mm,
                                    .texture = cases[n].texture,
                                    .calcification = cases[n].calcification,
                                    .structure = cases[n].structure};
        assert_int_equal(rs_library_density(&row, cases[n].core_hu), cases[n].is);
    }
}

/* One large nodule among small ones is drawn as often as each of them. */
static void each_nodule_is_drawn_once_before_one_is_again(void **state)
{
    (void)state;
    enum { N = 4 };
    char name[300], table[320], file[32];
    make_library("deck", name);
    snprintf(table, sizeof table, "%s/cutouts.csv", name);
    world *w = world_of(1, fine_mm, 1.1, 1.2, 20.0, true);
    FILE *f = fopen(table, "w");
    assert_non_null(f);
    fprintf(f, "file,patient,mask_eqdiam_mm,texture,calcification,internal_structure\n");
    for (int n = 0; n < N + 1; n++) {
        snprintf(file, sizeof file, "%d.nii.gz", n);
        write_cutout(w, name, file, 40.0);
        fprintf(f, "%s,A,%g,5,6,1\n", file, n == N ? 30.0 : n == 0 ? 10.0 : 4.0 + 0.1 * n); /* the last is too large */
    }
    fclose(f);
    rs_insert_scene s;
    rs_library library;
    const rs_library_args args = {name, NULL, 2.0, 10.0};
    assert_int_equal(rs_insert_scene_new(w->ctx, w->arena, &w->in, &w->options, &s), RS_OK);
    assert_int_equal(rs_library_read(w->ctx, w->arena, &args, &library), RS_OK);
    assert_int_equal(library.n, N);
    s.library = &library;
    for (int round = 0; round < 3; round++) {
        int seen = 0;
        for (int n = 0; n < N; n++) {
            rs_insert_lesion l = {.index = round * N + n, .diameter_mm = 2.0};
            assert_int_equal(rs_library_pick(w->ctx, w->arena, &s, &l), RS_OK);
            seen |= 1 << (l.cutout->row->file[0] - '0');
        }
        assert_int_equal(seen, (1 << N) - 1);
    }
    world_end(w);
}

int main(void)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/restage-library-XXXXXX", tmp != NULL ? tmp : "/tmp");
    if (mkdtemp(folder) == NULL) return 70;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cutout_keeps_its_effective_size),
        cmocka_unit_test(what_is_brighter_than_a_cutout_stays),
        cmocka_unit_test(the_density_of_a_cutout_is_measured),
        cmocka_unit_test(each_nodule_is_drawn_once_before_one_is_again),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    char command[320];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command) != 0 || failed != 0;
}
