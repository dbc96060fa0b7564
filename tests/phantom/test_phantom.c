/* The whole phantom, small: the same bytes on any number of threads, densities where they belong, lesions that weigh
   what the truth says, noise and blur as recorded. */
#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "model.h"
#include "restage/files.h"
#include "restage/phantom.h"
#include "series.h"

enum { SIZE = 128, SLICES = 40 };

static rs_phantom_options small_options(uint64_t seed, int lesions)
{
    return (rs_phantom_options){.seed = seed,
                                .columns = SIZE,
                                .rows = SIZE,
                                .slices = SLICES,
                                .slice_spacing_mm = 6.0,
                                .field_of_view_mm = 360.0,
                                .n_lesions = lesions};
}

/* A patient, rendered whole. */
typedef struct scene {
    rs_context *ctx;
    rs_arena *arena;
    rs_phantom_model *model;
    uint16_t *voxels;
} scene;

static scene make_scene(const rs_phantom_options *options, bool render)
{
    scene s = {.arena = rs_arena_new()};
    assert_int_equal(rs_context_new(&(rs_context_options){.threads = 1}, &s.ctx), RS_OK);
    assert_int_equal(rs_phantom_model_new(s.ctx, s.arena, options, true, &s.model), RS_OK);
    if (!render) return s;
    const rs_phantom_scan *scan = &s.model->scan;
    s.voxels =
        rs_arena_alloc(s.arena, (size_t)scan->columns * (size_t)scan->rows * (size_t)scan->slices, sizeof *s.voxels);
    assert_non_null(s.voxels);
    assert_int_equal(rs_phantom_render(s.ctx, s.model, 0, scan->slices, s.voxels), RS_OK);
    return s;
}

static void end_scene(scene *s)
{
    rs_arena_free(s->arena);
    rs_context_free(s->ctx);
}

static double hu_at(const scene *s, const double p[3])
{
    const rs_phantom_scan *scan = &s->model->scan;
    int32_t at[3];
    const double step[3] = {scan->pixel_mm, scan->pixel_mm, scan->spacing_mm};
    for (int c = 0; c < 3; c++)
        at[c] = (int32_t)floor((p[c] - scan->corner_mm[c]) / step[c] + 0.5);
    return s->voxels[((size_t)at[2] * (size_t)scan->rows + (size_t)at[1]) * (size_t)scan->columns + (size_t)at[0]] -
           1024.0;
}

/* Mean over a ball. */
static double mean_around(const scene *s, const double p[3], double radius_mm)
{
    double sum = 0.0;
    int n = 0;
    for (double z = -radius_mm; z <= radius_mm; z += 1.0)
        for (double y = -radius_mm; y <= radius_mm; y += 1.0)
            for (double x = -radius_mm; x <= radius_mm; x += 1.0) {
                if (x * x + y * y + z * z > radius_mm * radius_mm) continue;
                sum += hu_at(s, (const double[3]){p[0] + x, p[1] + y, p[2] + z});
                n++;
            }
    return sum / n;
}

static void densities_and_sides(void **state)
{
    (void)state;
    for (uint64_t seed = 11; seed < 14; seed++) {
        rs_phantom_options options = small_options(seed, 0);
        scene s = make_scene(&options, true);
        const rs_phantom_anatomy *a = &s.model->anatomy;
        double corner[3] = {-165, -165, 120}, liver[3] = {-65, 10, a->dome[0].top_mm - 25};
        assert_true(fabs(mean_around(&s, corner, 8.0) + 1000.0) < 12.0);
        assert_true(fabs(mean_around(&s, liver, 12.0) - a->organ_hu) < 12.0);
        double lumen[3] = {a->carina[0], a->carina[1] - 2.5, a->carina[2] + 30};
        assert_true(mean_around(&s, lumen, 2.0) < -850.0);
        /* The heart's apex lies on the left: at its height the left side of the front holds tissue, the right lung. */
        const rs_phantom_solid *heart = &a->solid[a->n_solids - 1];
        double apex[3] = {0}, mirror[3] = {0};
        for (int n = 0; n < a->n_solids; n++)
            if (!a->solid[n].abdominal && a->solid[n].radius[0] > 60.0) heart = &a->solid[n];
        for (int c = 0; c < 3; c++) {
            apex[c] = heart->centre[c] + 0.8 * heart->radius[0] * heart->axis[0][c];
            mirror[c] = c == 0 ? -apex[c] : apex[c];
        }
        assert_true(apex[0] > 50.0 && mean_around(&s, apex, 4.0) > -150.0);
        assert_true(mean_around(&s, mirror, 3.0) < mean_around(&s, apex, 4.0) + 250.0);
        /* Lungs: their share of voxels, their mean. */
        double sum = 0.0;
        int64_t n = 0, tissue = 0;
        for (double z = 10; z < 230; z += 3)
            for (double y = -90; y < 100; y += 3)
                for (double x = -130; x < 130; x += 3) {
                    double p[3] = {x, y, z};
                    if (rs_phantom_lung_distance(a, p, NULL) > -8.0) continue;
                    double hu = hu_at(&s, p);
                    n++;
                    tissue += hu > -500.0 ? 1 : 0;
                    sum += hu < -700.0 ? hu : 0.0;
                }
        assert_true(n * 27 > 1500000 && tissue < n / 2);
        end_scene(&s);
    }
}

/* Painted on a plane of 0 with lesions of 1000 HU, sub-slice by sub-slice, a lesion weighs its true volume. */
static void painted_lesions_weigh_what_the_truth_says(void **state)
{
    (void)state;
    rs_phantom_options options = {.seed = 5, .columns = 256, .rows = 256, .slices = 240, .n_lesions = 12};
    scene s = make_scene(&options, false);
    const rs_phantom_scan *scan = &s.model->scan;
    assert_true(s.model->lesions.n >= 8);
    double truth = 0.0, painted = 0.0;
    for (int n = 0; n < s.model->lesions.n; n++) {
        s.model->lesions.items[n].hu = 1000.0;
        truth += s.model->lesions.items[n].volume_mm3;
    }
    size_t plane_n = (size_t)scan->columns * (size_t)scan->rows;
    rs_phantom_plane plane = {.model = s.model, .hu = rs_arena_alloc(s.arena, plane_n, sizeof(float))};
    for (int64_t sub = -scan->reach; sub < (int64_t)scan->slices * scan->per_slice; sub++) {
        memset(plane.hu, 0, plane_n * sizeof(float));
        plane.z = scan->corner_mm[2] + (double)sub * scan->sub_mm;
        rs_phantom_paint_lesions(&plane);
        for (size_t p = 0; p < plane_n; p++)
            painted += (double)plane.hu[p] / 1000.0 * scan->pixel_mm * scan->pixel_mm * scan->sub_mm;
    }
    assert_true(fabs(painted / truth - 1.0) < 0.01);
    end_scene(&s);
}

static void large_lesions_show_their_density(void **state)
{
    (void)state;
    rs_phantom_options options = {
        .seed = 8, .columns = 256, .rows = 256, .slices = 120, .slice_spacing_mm = 2.0, .n_lesions = 40};
    scene s = make_scene(&options, true);
    int seen = 0;
    for (int n = 0; n < s.model->lesions.n; n++) {
        const rs_phantom_lesion *l = &s.model->lesions.items[n];
        if (l->equivalent_mm < 9.0 || l->attachment == RS_PHANTOM_ON_PLEURA) continue;
        /* 45 HU of correlated noise over the 2 mm ball: 25 HU is beyond 3 SD of its mean. */
        assert_true(fabs(mean_around(&s, l->centre, 2.0) - l->hu) < 60.0);
        seen++;
    }
    assert_true(seen >= 3);
    end_scene(&s);
}

/* The SD of air far from the body, and of the filtered field itself, is the recorded one. */
static void noise_is_as_recorded(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < 7; seed++) {
        rs_phantom_options options = {.seed = seed};
        rs_phantom_scan scan;
        rs_phantom_scan_draw(&options, 120.0, &scan);
        size_t n = (size_t)scan.columns * (size_t)scan.rows;
        float *memory = malloc(3 * n * sizeof *memory), *white = memory, *noise = memory + n;
        assert_non_null(memory);
        rs_phantom_white(&scan, 17, white);
        rs_phantom_filter_plane(&scan.noise, scan.columns, scan.rows, white, noise, memory + 2 * n);
        double sum = 0.0, square = 0.0, next = 0.0;
        for (size_t p = 0; p + 1 < n; p++) {
            sum += (double)noise[p];
            square += (double)noise[p] * (double)noise[p];
            next += (double)noise[p] * (double)noise[p + 1];
        }
        double sd = sqrt(square / (double)n) * (double)scan.noise_gain;
        assert_true(fabs(sd / scan.noise_hu - 1.0) < 0.02);
        assert_true(next / square > 0.2 && next / square < 0.9);
        assert_true(scan.noise_hu >= 15.0 && scan.noise_hu <= 45.0);
        assert_true(scan.psf_fwhm_mm > 0.68 && scan.psf_fwhm_mm < 1.65);
        free(memory);
    }
}

/* The image of a point through PSF, pixel and edge has the recorded FWHM: read off a finely sampled scan. */
static void psf_has_the_recorded_width(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < 9; seed++) {
        rs_phantom_options options = {.seed = seed, .columns = 2048, .rows = 64, .field_of_view_mm = 300.0};
        rs_phantom_scan scan;
        rs_phantom_scan_draw(&options, 120.0, &scan);
        size_t n = (size_t)scan.columns * (size_t)scan.rows;
        float *memory = calloc(3 * n, sizeof *memory), *out = memory + n;
        assert_non_null(memory);
        memory[32 * 2048 + 1024] = 1.0f;
        rs_phantom_filter_plane(&scan.psf, scan.columns, scan.rows, memory, out, memory + 2 * n);
        const float *line = out + 32 * 2048 + 1024;
        int i = 0;
        while (line[i + 1] > 0.5f * line[0])
            i++;
        double half = i + (double)((line[i] - 0.5f * line[0]) / (line[i] - line[i + 1]));
        assert_true(fabs(2.0 * half * scan.pixel_mm / scan.psf_fwhm_mm - 1.0) < 0.03);
        free(memory);
    }
}

/* FNV-1a over all files of a folder by name. */
static uint64_t folder_digest(const char *path, int *n_files)
{
    struct dirent **names = NULL;
    int n = scandir(path, &names, NULL, alphasort);
    uint64_t digest = UINT64_C(1469598103934665603);
    *n_files = 0;
    for (int f = 0; f < n; f++) {
        char file[2048];
        snprintf(file, sizeof file, "%s/%s", path, names[f]->d_name);
        if (names[f]->d_name[0] != '.') {
            FILE *in = fopen(file, "rb");
            assert_non_null(in);
            for (int c = fgetc(in); c != EOF; c = fgetc(in))
                digest = (digest ^ (uint64_t)c) * UINT64_C(1099511628211);
            fclose(in);
            unlink(file);
            ++*n_files;
        }
        free(names[f]);
    }
    free(names);
    rmdir(path);
    return digest;
}

static uint64_t write_digest(const rs_phantom_options *options, int threads, const char *root)
{
    char path[900];
    int files = 0;
    rs_context *ctx = NULL;
    snprintf(path, sizeof path, "%s/out", root);
    assert_int_equal(rs_context_new(&(rs_context_options){.threads = threads}, &ctx), RS_OK);
    assert_int_equal(rs_phantom_write(ctx, path, options), RS_OK);
    assert_int_equal(rs_phantom_write(ctx, path, options), RS_CANT_CREATE);
    rs_context_free(ctx);
    uint64_t digest = folder_digest(path, &files);
    assert_int_equal(files, options->slices + 1);
    return digest;
}

static void same_bytes_on_any_number_of_threads(void **state)
{
    (void)state;
    char root[] = "/tmp/restage-phantom-XXXXXX";
    assert_non_null(mkdtemp(root));
    rs_phantom_options options = small_options(21, 3);
    options.slices = 14;
    uint64_t one = write_digest(&options, 1, root);
    assert_true(write_digest(&options, 2, root) == one);
    assert_true(write_digest(&options, 7, root) == one);
    options.seed = 22;
    assert_true(write_digest(&options, 2, root) != one);
    rmdir(root);
}

/* Every mode on, in every patient. */
static void same_bytes_by_recipe(void **state)
{
    (void)state;
    char root[] = "/tmp/restage-phantom-XXXXXX", path[64], text[4096] = "";
    assert_non_null(mkdtemp(root));
    int n = snprintf(text, sizeof text, "{\"schema\":\"restage-recipe-1\",\"name\":\"all\",\"modes\":{");
    rs_phantom_mode_row row;
    for (int mode = 0; rs_phantom_mode_row_at(mode, &row); mode++)
        n += snprintf(text + n, sizeof text - (size_t)n, "%s\"%s\":{\"share\":1}", mode > 0 ? "," : "", row.name);
    n += snprintf(text + n, sizeof text - (size_t)n, "},\"follow_up\":{}}\n");
    assert_true(n < (int)sizeof text);
    snprintf(path, sizeof path, "%s/recipe.json", root);
    int file = open(path, O_CREAT | O_WRONLY, 0600);
    assert_int_equal(write(file, text, (size_t)n), n);
    close(file);
    rs_phantom_options options = small_options(23, -1);
    options.slices = 14;
    options.recipe = path;
    uint64_t one = write_digest(&options, 1, root);
    assert_true(write_digest(&options, 2, root) == one);
    assert_true(write_digest(&options, 7, root) == one);
    options.time_point = 1;
    uint64_t later = write_digest(&options, 1, root);
    assert_true(later != one && write_digest(&options, 7, root) == later);
    unlink(path);
    rmdir(root);
}

static void uids_tell_phantoms_apart(void **state)
{
    (void)state;
    rs_phantom_options a = small_options(1, 0), b = small_options(2, 0), c = small_options(1, 1);
    rs_phantom_options again = small_options(1, 0), scan = small_options(1, 0), later = small_options(1, 0);
    again.lesion_seed = again.scan_seed = 1; /* what holds without them */
    scan.scan_seed = 2;
    later.time_point = 1;
    char first[65], other[65];
    rs_phantom_uid(&(rs_phantom_identity){&a, ""}, RS_PHANTOM_UID_SERIES, 0, first);
    assert_true(strlen(first) < 45 && strncmp(first, "2.25.", 5) == 0 && strspn(first, "0123456789.") == strlen(first));
    const rs_phantom_identity others[] = {{&b, ""}, {&c, ""}, {&scan, ""}, {&later, ""}, {&a, "00ff"}, {&a, "00fe"}};
    for (size_t n = 0; n < sizeof others / sizeof others[0]; n++) {
        rs_phantom_uid(&others[n], RS_PHANTOM_UID_SERIES, 0, other);
        assert_string_not_equal(first, other);
    }
    rs_phantom_uid(&(rs_phantom_identity){&again, ""}, RS_PHANTOM_UID_SERIES, 0, other);
    assert_string_equal(first, other);
    rs_phantom_uid(&(rs_phantom_identity){&a, ""}, RS_PHANTOM_UID_IMAGE, 0, other);
    assert_string_not_equal(first, other);
}

static void wrong_sizes_are_refused(void **state)
{
    (void)state;
    rs_context *ctx = NULL;
    assert_int_equal(rs_context_new(NULL, &ctx), RS_OK);
    rs_phantom_options options[] = {
        {.columns = 8},    {.slices = -1},     {.slice_spacing_mm = 100}, {.field_of_view_mm = NAN},
        {.n_lesions = -2}, {.smallest_mm = 1}, {.largest_mm = 81},        {.smallest_mm = 40}};
    for (size_t n = 0; n < sizeof options / sizeof options[0]; n++)
        assert_int_equal(rs_phantom_write(ctx, "/tmp/restage-phantom-never", &options[n]), RS_USAGE);
    struct stat there;
    assert_int_not_equal(stat("/tmp/restage-phantom-never", &there), 0);
    rs_context_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(densities_and_sides),
        cmocka_unit_test(painted_lesions_weigh_what_the_truth_says),
        cmocka_unit_test(large_lesions_show_their_density),
        cmocka_unit_test(noise_is_as_recorded),
        cmocka_unit_test(psf_has_the_recorded_width),
        cmocka_unit_test(same_bytes_on_any_number_of_threads),
        cmocka_unit_test(same_bytes_by_recipe),
        cmocka_unit_test(uids_tell_phantoms_apart),
        cmocka_unit_test(wrong_sizes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
